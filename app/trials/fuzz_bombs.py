"""Small files that announce, or unpack to, more than any memory holds."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tifffile

from app.trials import sample_files


def _png_bomb(folder: Path) -> Path:
    """One bit per pixel: 16 GB of frames from 60 KB."""
    path = folder / "images"
    path.mkdir()
    side = 65000
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 2) * 500))
    data = b"\x89PNG\r\n\x1a\n"
    for name, body in ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")):
        checked = struct.pack(">I", zlib.crc32(name + body))
        data += struct.pack(">I", len(body)) + name + body + checked
    for index in range(2):
        (path / f"{index}.png").write_bytes(data)
    return path


def _tiff_bomb(folder: Path) -> Path:
    """Write a small page whose only strip unpacks to a gigabyte."""
    path = folder / "a.tif"
    tifffile.imwrite(path, np.zeros((64, 64), np.uint8), compression="zlib", metadata=None)
    data = bytearray(path.read_bytes())
    packer = zlib.compressobj()
    strip = b"".join(packer.compress(bytes(2**24)) for _ in range(64)) + packer.flush()
    with tifffile.TiffFile(path) as tiff:
        tags = tiff.pages.first.tags
        places = [tags[name].valueoffset for name in ("StripOffsets", "StripByteCounts")]
        kinds = [tags[name].dtype for name in ("StripOffsets", "StripByteCounts")]
    for place, kind, value in zip(places, kinds, (len(data), len(strip)), strict=True):
        entry = place - 8
        struct.pack_into("<HII", data, entry + 2, 4, 1, value)
        del kind
    path.write_bytes(bytes(data) + strip)
    return path


def _tiff_giant(folder: Path) -> Path:
    path = folder / "a.tif"
    tifffile.imwrite(path, np.zeros((64, 64), np.uint8), metadata=None)
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        for name in ("ImageWidth", "ImageLength", "RowsPerStrip"):
            entry = tiff.pages.first.tags[name].valueoffset - 8
            struct.pack_into("<HII", data, entry + 2, 4, 1, 200_000)
    path.write_bytes(data)
    return path


def _jpeg_giant(folder: Path) -> Path:
    path = sample_files.write_images(folder / "images", [np.zeros((16, 16), np.uint8)] * 2, ".jpg")
    for file in path.iterdir():
        data = bytearray(file.read_bytes())
        at = data.find(b"\xff\xc0")
        data[at + 5 : at + 9] = b"\xff\xff\xff\xff"
        file.write_bytes(data)
    return path


def _bmp_giant(folder: Path) -> Path:
    path = sample_files.write_images(folder / "images", [np.zeros((16, 16), np.uint8)] * 2, ".bmp")
    for file in path.iterdir():
        data = bytearray(file.read_bytes())
        struct.pack_into("<iiHHI", data, 18, 2**16, 2**16, 1, 8, 1)
        file.write_bytes(data)
    return path


def _ome_giant(folder: Path) -> Path:
    path = sample_files.write_ome_tiff(folder / "a.ome.tif", [np.zeros((8, 8), np.uint8)] * 3)
    path.write_bytes(path.read_bytes().replace(b'SizeC="1"', b'SizeC="9"'))
    return path


def _imagej_giant(folder: Path) -> Path:
    path = folder / "a.tif"
    text = "ImageJ=1.53k\nimages=2000000000\nslices=2000000000\n"
    zeros = np.zeros((8, 8), np.uint8)
    tifffile.imwrite(path, zeros, description=text, metadata=None, photometric="minisblack")
    return path


def _zarr_giant(folder: Path) -> Path:
    path = sample_files.write_zarr(folder / "a.zarr", [np.zeros((8, 8), np.uint8)] * 2)
    about = path / "0" / "zarr.json"
    about.write_text(about.read_text().replace("8", "800000"))
    return path


BOMBS: dict[str, Callable[[Path], Path]] = {
    "png": _png_bomb,
    "tiff": _tiff_bomb,
    "giant tiff": _tiff_giant,
    "giant jpeg": _jpeg_giant,
    "giant bmp": _bmp_giant,
    "ome-tiff of many channels": _ome_giant,
    "imagej of many frames": _imagej_giant,
    "giant zarr": _zarr_giant,
}
