"""Small stacks in every format that can be opened, written the way other programs write them.

Leica's and Nikon's programs are the only ones that write LIF and ND2; what is written here follows
the structure that the libraries liffile and nd2 read, and is no more than that.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

Frames = Sequence[NDArray[Any]]
"""(H, W) or (H, W, 3) RGB each, uint8 or uint16."""

STEP_UM, PIXEL_UM, EXPOSURE_MS = 1.5, 0.25, 12.5
FIRST_UM = -3.0


def write_images(folder: Path, frames: Frames, suffix: str = ".png") -> Path:
    """Write a folder of images by OpenCV."""
    folder.mkdir()
    for index, frame in enumerate(frames):
        done, data = cv2.imencode(suffix, _bgr(frame))
        if not done:
            raise ValueError(f"OpenCV writes no {suffix} of such frames")
        (folder / f"frame_{index}{suffix}").write_bytes(data.tobytes())
    return folder


def write_tiff(path: Path, frames: Frames) -> Path:
    """Write a TIFF with plain pages."""
    with tifffile.TiffWriter(path) as tiff:
        for frame in frames:
            tiff.write(frame, photometric=_photometric(frame), compression="zlib", metadata=None)
    return path


def write_ome_tiff(path: Path, frames: Frames) -> Path:
    """Write an OME-TIFF with the z and the exposure of every plane."""
    planes = {
        "PositionZ": [FIRST_UM + STEP_UM * index for index in range(len(frames))],
        "PositionZUnit": ["µm"] * len(frames),
        "ExposureTime": [EXPOSURE_MS] * len(frames),
        "ExposureTimeUnit": ["ms"] * len(frames),
    }
    metadata = {
        "axes": "ZYXS" if frames[0].ndim == 3 else "ZYX",
        "PhysicalSizeX": PIXEL_UM,
        "PhysicalSizeXUnit": "µm",
        "Plane": planes,
    }
    stack = np.stack(frames)
    tifffile.imwrite(path, stack, photometric=_photometric(frames[0]), ome=True, metadata=metadata)
    return path


def write_imagej(path: Path, frames: Frames, axes: str = "ZYX") -> Path:
    """Write an ImageJ hyperstack; frames of ``axes`` ``TZCYX`` and the like are (T, Z, C, H, W)."""
    tifffile.imwrite(
        path,
        np.asarray(frames),
        imagej=True,
        resolution=(1 / PIXEL_UM, 1 / PIXEL_UM),
        metadata={"spacing": STEP_UM, "unit": "um", "axes": axes},
    )
    return path


def write_micromanager(
    path: Path, frames: Mapping[tuple[int, int, int, int], NDArray[Any]]
) -> Path:
    """Write an image stack file as Micro-Manager's TaggedImageStorageMultipageTiff does.

    A classic TIFF whose header is followed by the offset of the index map, of display settings and
    comments (absent here), and the summary metadata; each page carries its frame's metadata as JSON
    in the tag 51123. The index map has (channel, slice, frame, position, offset of the page) for
    every frame (micro-manager.org/Micro-Manager_File_Formats).

    Parameters
    ----------
    path : Path
        Its name should end in ``_MMStack_Pos0.ome.tif``.
    frames : mapping
        From (channel, slice, time, position) to (H, W) grey frames.
    """
    top = np.max(list(frames), axis=0) + 1
    summary = {
        "MicroManagerVersion": "2.0.3",
        "Prefix": path.name.split("_MMStack")[0],
        "Channels": int(top[0]),
        "ChNames": [f"Channel {index}" for index in range(top[0])],
        "Slices": int(top[1]),
        "Frames": int(top[2]),
        "Positions": int(top[3]),
        "z-step_um": STEP_UM,
        "PixelSizeUm": PIXEL_UM,
    }
    about = json.dumps(summary).encode()
    header_end = 40 + len(about)
    data, entries, pointer_at = bytearray(header_end), [], 4
    for key, frame in frames.items():
        data += bytes(-len(data) % 2)
        entries.append((*key, len(data)))
        struct.pack_into("<I", data, pointer_at, len(data))
        pointer_at = len(data) + 2 + 12 * 12
        data += _micromanager_page(len(data), frame, key[1])
    index_at = len(data)
    data += struct.pack("<II", 3453623, len(entries))
    data += b"".join(struct.pack("<5I", *entry) for entry in entries)
    struct.pack_into("<4sI", data, 0, b"II*\0", entries[0][4])
    struct.pack_into("<8I", data, 8, 54773648, index_at, 0, 0, 0, 0, 2355492, len(about))
    data[40:header_end] = about
    path.write_bytes(data)
    return path


def _micromanager_page(at: int, frame: NDArray[Any], z: int) -> bytes:
    known = {
        "ZPositionUm": FIRST_UM + STEP_UM * z,
        "Exposure-ms": EXPOSURE_MS,
        "PixelSizeUm": PIXEL_UM,
    }
    text, pixels = json.dumps(known).encode() + b"\0", frame.astype(frame.dtype).tobytes()
    after = at + 2 + 12 * 12 + 4
    text_at = after + len(pixels) + len(pixels) % 2
    height, width = frame.shape
    tags = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, frame.dtype.itemsize * 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, after),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, len(pixels)),
        (296, 3, 1, 3),
        (339, 3, 1, 1),
        (51123, 2, len(text), text_at),
    ]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return directory + bytes(4) + pixels + bytes(len(pixels) % 2) + text


def write_zarr(folder: Path, frames: Frames, version: str = "0.5") -> Path:
    """Write an OME-Zarr image by zarr, its attributes as OME-NGFF 0.4 or 0.5 has them."""
    import zarr

    stack = np.stack(frames)
    colours = stack.ndim == 4
    stack = np.moveaxis(stack, -1, 0) if colours else stack
    axes: list[dict[str, str]] = [
        {"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"
    ]
    scale = [STEP_UM, PIXEL_UM, PIXEL_UM]
    about: dict[str, Any] = {}
    if colours:
        axes, scale = [{"name": "c", "type": "channel"}, *axes], [1.0, *scale]
        about["omero"] = {"channels": [{"color": c} for c in ("FF0000", "00FF00", "0000FF")]}
    step = {"type": "scale", "scale": scale}
    about["multiscales"] = [
        {
            "version": version,
            "axes": axes,
            "datasets": [{"path": "0", "coordinateTransformations": [step]}],
        }
    ]
    group = zarr.open_group(str(folder), mode="w", zarr_format=2 if version == "0.4" else 3)
    group.attrs.update(about if version == "0.4" else {"ome": {"version": version, **about}})
    chunks = (1,) * (stack.ndim - 2) + stack.shape[-2:]
    group.create_array("0", shape=stack.shape, dtype=stack.dtype, chunks=chunks)[:] = stack
    return folder


def write_czi(path: Path, frames: Mapping[tuple[int, int, int], NDArray[Any]]) -> Path:
    """Write a CZI by Zeiss's library; frames by (scene, channel, slice)."""
    from pylibCZIrw import czi

    with czi.create_czi(str(path)) as document:
        for (scene, channel, z), frame in frames.items():
            plane = {"T": 0, "C": channel, "Z": z}
            pixels = _bgr(frame).reshape(*frame.shape[:2], -1)
            document.write(data=pixels, plane=plane, scene=scene, location=(scene * 1000, 0))
        document.write_metadata(
            scale_x=PIXEL_UM * 1e-6, scale_y=PIXEL_UM * 1e-6, scale_z=STEP_UM * 1e-6
        )
    return path


def write_lif(path: Path, images: Mapping[str, Frames]) -> Path:
    """Write the structure of a LIF file: a header in XML, then the memory of each image."""
    elements = [
        _lif_element(name, np.stack(frames), index)
        for index, (name, frames) in enumerate(images.items())
    ]
    xml = (
        '<LMSDataContainerHeader Version="2"><Element Name="test" UniqueID="0"><Children>'
        + "".join(elements)
        + "</Children></Element></LMSDataContainerHeader>"
    ).encode("utf-16-le")
    data = struct.pack("<IIBI", 0x70, len(xml) + 5, 0x2A, len(xml) // 2) + xml
    for index, frames in enumerate(images.values()):
        block, pixels = f"MemBlock_{index}".encode("utf-16-le"), np.stack(frames).tobytes()
        data += struct.pack("<IIBQBI", 0x70, 0, 0x2A, len(pixels), 0x2A, len(block) // 2)
        data += block + pixels
    path.write_bytes(data)
    return path


def _lif_element(name: str, stack: NDArray[Any], index: int) -> str:
    count, height, width = stack.shape[:3]
    samples = stack.shape[3] if stack.ndim == 4 else 1
    itemsize = stack.dtype.itemsize
    step = itemsize * samples
    described = [
        (1, width, PIXEL_UM, step),
        (2, height, PIXEL_UM, step * width),
        (3, count, STEP_UM, step * width * height),
    ]
    dimensions = "".join(
        f'<DimensionDescription DimID="{axis}" NumberOfElements="{size}" Origin="0" '
        f'Length="{side * 1e-6 * (size - 1)}" Unit="m" BitInc="0" BytesInc="{increment}"/>'
        for axis, size, side, increment in described
    )
    channels = "".join(
        f'<ChannelDescription DataType="0" ChannelTag="{sample + (samples > 1)}" '
        f'Resolution="{8 * itemsize}" NameOfMeasuredQuantity="" Min="0" Max="255" Unit="" '
        f'LUTName="Gray" IsLUTInverted="0" BytesInc="{sample * itemsize}" BitInc="0"/>'
        for sample in range(samples)
    )
    return (
        f'<Element Name={quoteattr(name)} UniqueID="{index + 1}"><Data><Image><ImageDescription>'
        f"<Channels>{channels}</Channels><Dimensions>{dimensions}</Dimensions>"
        f"</ImageDescription></Image></Data>"
        f'<Memory Size="{stack.nbytes}" MemoryBlockID="MemBlock_{index}"/></Element>'
    )


def write_video(path: Path, frames: Frames) -> Path:
    """Write a video by OpenCV, lossy."""
    code = {".avi": "MJPG", ".mp4": "mp4v", ".mkv": "FFV1"}[path.suffix]
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), 25.0, (width, height))
    for frame in frames:
        bgr = _bgr(frame)
        writer.write(bgr if bgr.ndim == 3 else cv2.cvtColor(bgr, cv2.COLOR_GRAY2BGR))
    writer.release()
    return path


def write_uncompressed_avi(path: Path, frames: Frames) -> Path:
    """Write a video as ImageJ and Video for Windows do: BGR rows from the lowest to the topmost.

    As "AVI RIFF File Reference" and BITMAPINFOHEADER of Microsoft describe it; rows are filled up
    to four bytes.
    """
    height, width = frames[0].shape[:2]
    row_bytes = (3 * width + 3) // 4 * 4
    size = row_bytes * height
    main = struct.pack("<14I", 40_000, size, 0, 0, len(frames), 0, 1, size, width, height, *[0] * 4)
    counts = (0, 0, 0, 1, 25, 0, len(frames), size, 0, 0)
    stream = struct.pack("<4s4s10I4H", b"vids", b"DIB ", *counts, 0, 0, width, height)
    picture = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, size, 0, 0, 0, 0)
    pages = np.zeros((len(frames), height, row_bytes), np.uint8)
    for page, frame in zip(pages, frames, strict=True):
        rgb = frame if frame.ndim == 3 else np.stack([frame] * 3, axis=-1)
        page[:, : 3 * width] = rgb[::-1, :, ::-1].reshape(height, -1)
    tracks = _riff(b"LIST", b"strl" + _riff(b"strh", stream) + _riff(b"strf", picture))
    headers = _riff(b"LIST", b"hdrl" + _riff(b"avih", main) + tracks)
    movie = _riff(b"LIST", b"movi" + b"".join(_riff(b"00db", page.tobytes()) for page in pages))
    path.write_bytes(_riff(b"RIFF", b"AVI " + headers + movie))
    return path


def _riff(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def write_nd2(path: Path, frames: Frames) -> Path:
    """Write the structure of an ND2 file of version 3: named chunks, and their map at the end."""
    height, width = frames[0].shape[:2]
    samples = frames[0].shape[2] if frames[0].ndim == 3 else 1
    itemsize = frames[0].dtype.itemsize
    chunks = {
        "ImageAttributesLV!": _lite(
            "SLxImageAttributes",
            {
                "uiWidth": width,
                "uiWidthBytes": width * samples * itemsize,
                "uiHeight": height,
                "uiComp": samples,
                "uiBpcInMemory": 8 * itemsize,
                "uiBpcSignificant": 8 * itemsize,
                "uiSequenceCount": len(frames),
                "eCompression": 2,
            },
        ),
        "ImageMetadataSeqLV|0!": _lite(
            "SLxPictureMetadata",
            {
                "bCalibrated": True,
                "dCalibration": PIXEL_UM,
                "sPicturePlanes": {
                    "uiCount": 1,
                    "sPlaneNew": {"a0": _plane(samples)},
                },
            },
        ),
        "ImageMetadataLV!": _lite(
            "SLxExperiment",
            {"eType": 4, "uLoopPars": {"uiCount": len(frames), "dZStep": STEP_UM}},
        ),
        "CustomData|AcqTimesCache!": np.arange(len(frames), dtype=np.float64).tobytes(),
    }
    data = _nd2_chunk("ND2 FILE SIGNATURE CHUNK NAME01!", b"Ver3.0".ljust(64, b"\0"))
    offsets: dict[str, tuple[int, int]] = {}
    for name, body in chunks.items():
        offsets[name] = (len(data), len(body))
        data += _nd2_chunk(name, body)
    for index, frame in enumerate(frames):
        body = bytes(8) + frame.tobytes()
        offsets[f"ImageDataSeq|{index}!"] = (len(data), len(body))
        data += _nd2_chunk(f"ImageDataSeq|{index}!", body, header=4072 + 16)
    mapped = b"".join(name.encode() + struct.pack("<QQ", *at) for name, at in offsets.items())
    mapped += b"ND2 CHUNK MAP SIGNATURE 0000001!" + struct.pack("<Q", len(data))
    path.write_bytes(data + _nd2_chunk("ND2 FILEMAP SIGNATURE NAME 0001!", mapped))
    return path


def _plane(samples: int) -> dict[str, object]:
    # The library asks a probe for its spectrum even where there is none.
    probe = {"m_ExcitationSpectrum": {"uiCount": 0}, "m_EmissionSpectrum": {"uiCount": 0}}
    return {"sDescription": "grey", "uiCompCount": samples, "pFluorescentProbe": probe}


def _nd2_chunk(name: str, body: bytes, header: int = 0) -> bytes:
    padded = name.encode().ljust(max(len(name), header - 16), b"\0")
    return struct.pack("<IIQ", 0x0ABECEDA, len(padded), len(body)) + padded + body


def _lite(name: str, value: object) -> bytes:
    """Encode a value as Nikon's "lite variant": type, length of the name, name, value."""
    title = name.encode("utf-16-le") + b"\0\0"
    length = len(title) // 2
    match value:
        case bool():
            return struct.pack("<BB", 1, length) + title + bytes([value])
        case int():
            return struct.pack("<BB", 3, length) + title + struct.pack("<I", value)
        case float():
            return struct.pack("<BB", 6, length) + title + struct.pack("<d", value)
        case str():
            text = value.encode("utf-16-le") + b"\0\0"
            return struct.pack("<BB", 8, length) + title + text
        case dict():
            inner = b"".join(_lite(key, each) for key, each in value.items())
            start = struct.pack("<BB", 11, length) + title
            size = len(start) + 12 + len(inner)
            return start + struct.pack("<IQ", len(value), size) + inner + bytes(8 * len(value))
    raise TypeError(f"no such value: {value!r}")


def _bgr(frame: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(frame[..., ::-1]) if frame.ndim == 3 else frame


def _photometric(frame: NDArray[Any]) -> str:
    return "rgb" if frame.ndim == 3 else "minisblack"
