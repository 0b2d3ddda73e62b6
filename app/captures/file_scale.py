"""What one image file says of its own z, pixel size and exposure: EXIF, OME, Micro-Manager."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tifffile import TiffFile

from app.captures.frame_names import z_of
from app.captures.intact import is_tiff
from app.captures.part import PlaneIndex
from app.captures.scale import Scale, time_ms
from app.captures.stack import StackError
from app.captures.tiff_page import BROKEN_TIFF
from app.captures.tiff_scale import imagej_scale, micromanager_scale, ome_scale

_START_BYTES = 2**18
"""EXIF lies within the first segments; those are 64 KiB at most."""
_PNG_START = 8


def file_scale(path: Path) -> Scale:
    """Read what a file says of the frame in it; nothing where it is damaged or says nothing.

    Raises
    ------
    StackError
        The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_START_BYTES)
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        if is_tiff(start[:4]):
            with TiffFile(path) as tiff:
                return _tiff_scale(tiff)
        block = _exif_block(start)
        if block is None:
            return Scale()
        with TiffFile(io.BytesIO(block)) as tiff:
            return _exif_scale(tiff)
    except (*BROKEN_TIFF, OSError):
        return Scale()


def _tiff_scale(tiff: TiffFile) -> Scale:
    tag = tiff.pages.first.tags.get("MicroManagerMetadata")
    if tag is not None and isinstance(tag.value, Mapping):
        return micromanager_scale([tag.value], {})
    if tiff.is_ome and tiff.ome_metadata:
        return ome_scale(tiff.ome_metadata, [PlaneIndex()])
    if tiff.is_imagej and (info := (tiff.imagej_metadata or {}).get("Info")):
        # Micro-Manager 1.4 lets ImageJ save separate files, with its own metadata as their info.
        known = _json(str(info))
        if known:
            return micromanager_scale([known], {})
    told = _exif_scale(tiff)
    if not tiff.is_imagej:
        return told
    resolution = tiff.pages.first.tags.get("XResolution")
    imagej = imagej_scale(tiff.imagej_metadata or {}, resolution.value if resolution else None, 1)
    return replace(told, pixel_um=imagej.pixel_um)


def _exif_scale(tiff: TiffFile) -> Scale:
    """Read ExposureTime in s, and a z that the comment tells (CIPA DC-008, 4.6)."""
    tags = tiff.pages.first.tags
    texts = [tags[name].value for name in ("ImageDescription",) if name in tags]
    exif = tags["ExifTag"].value if "ExifTag" in tags else {}
    exposure: Any = tags["ExposureTime"].value if "ExposureTime" in tags else None
    if isinstance(exif, Mapping):
        texts.append(exif.get("UserComment", ""))
        exposure = exif.get("ExposureTime", exposure)
    found = [z for z in (z_of(_text(each)) for each in texts) if z is not None]
    exposure_ms = None
    if isinstance(exposure, tuple) and len(exposure) == 2 and exposure[1]:
        exposure_ms = time_ms(exposure[0] / exposure[1], "s")
    return Scale(
        (found[0],) if found else None, None, None if exposure_ms is None else (exposure_ms,)
    )


def _exif_block(start: bytes) -> bytes | None:
    """Return the TIFF structure in a JPEG's APP1 or a PNG's eXIf chunk."""
    if start.startswith(b"\xff\xd8\xff"):
        return _jpeg_exif(start)
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png_exif(start)
    return None


def _jpeg_exif(start: bytes) -> bytes | None:
    position = 2
    while position + 4 <= len(start):
        marker, length = struct.unpack_from(">HH", start, position)
        if marker >> 8 != 0xFF or marker == 0xFFDA:
            return None
        body = start[position + 4 : position + 2 + length]
        if marker == 0xFFE1 and body.startswith(b"Exif\0\0"):
            return body[6:]
        position += 2 + length
    return None


def _png_exif(start: bytes) -> bytes | None:
    position = _PNG_START
    while position + 8 <= len(start):
        length, kind = struct.unpack_from(">I4s", start, position)
        if kind == b"eXIf":
            return start[position + 8 : position + 8 + length]
        position += 12 + length
    return None


def _json(text: str) -> Mapping[str, Any]:
    try:
        known = json.loads(text)
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _text(value: object) -> str:
    """Return a comment without the eight bytes that name its character code."""
    if isinstance(value, bytes):
        return value[8:].decode("utf-8", "replace")
    return str(value)
