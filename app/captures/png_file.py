"""PNG files with their scale and their recipe in them.

Chunks after the PNG specification (third edition) and its extensions: pHYs (pixels per metre of
the object), sCAL (the side of a pixel at the object), pCAL (what grey values mean), tEXt and iTXt.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_END = len(_SIGNATURE) + 4 + 4 + 13 + 4
"""IHDR comes first and holds 13 bytes."""
_LARGEST_TEXT = 1 << 28
"""Bytes that a text may take unpacked: a small file could claim to hold any number."""


@dataclass(frozen=True, slots=True)
class GreyScale:
    """What the greys of a 16-bit picture mean: ``low`` is black, ``high`` is white."""

    low: float
    high: float
    unit: str


def png_bytes(
    image: NDArray[Any],
    *,
    texts: Mapping[str, str] | None = None,
    pixel_um: float | None = None,
    greys: GreyScale | None = None,
) -> bytes:
    """Encode a picture without loss.

    Parameters
    ----------
    image : ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16.
    texts : mapping, optional
        By keyword (1 to 79 Latin letters).
    pixel_um : float, optional
        The side of a pixel at the object.
    greys : GreyScale, optional
        What a uint16 picture's greys mean.
    """
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    _done, data = cv2.imencode(".png", bgr)
    plain = data.tobytes()
    extra = b""
    if pixel_um is not None:
        extra += _scale_chunks(pixel_um)
    if greys is not None:
        extra += _grey_chunk(greys)
    for keyword, text in (texts or {}).items():
        extra += _text_chunk(keyword, text)
    return plain[:_HEADER_END] + extra + plain[_HEADER_END:]


def png_texts(data: bytes) -> dict[str, str]:
    """Return the texts in a PNG file, by keyword; those that cannot be read are left out."""
    texts: dict[str, str] = {}
    for kind, content in png_chunks(data):
        keyword, _, rest = content.partition(b"\0")
        try:
            if kind == b"tEXt":
                texts[keyword.decode("latin-1")] = rest.decode("latin-1")
            elif kind == b"iTXt":
                texts[keyword.decode("latin-1")] = _international_text(rest)
        except (ValueError, zlib.error):
            continue
    return texts


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Walk the chunks of a PNG file: type and content; ends where the file does."""
    position = len(_SIGNATURE) if data.startswith(_SIGNATURE) else len(data)
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        yield data[position + 4 : position + 8], data[position + 8 : position + 8 + length]
        position += 12 + length


def _scale_chunks(pixel_um: float) -> bytes:
    metres = f"{pixel_um * 1e-6:.9g}".encode()
    scale = _chunk(b"sCAL", b"\x01" + metres + b"\0" + metres)
    per_metre = round(1e6 / pixel_um)
    if not 0 < per_metre < 2**31:
        return scale
    return _chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)) + scale


def _grey_chunk(greys: GreyScale) -> bytes:
    """Linear mapping (equation type 0): value = low + (high - low) * sample / 65535."""
    words = (greys.unit.encode("latin-1"), repr(greys.low).encode())
    slope = repr(greys.high - greys.low).encode()
    white = int(np.iinfo(np.uint16).max)
    head = b"value\0" + struct.pack(">iiBB", 0, white, 0, 2)
    return _chunk(b"pCAL", head + b"\0".join((*words, slope)))


def _text_chunk(keyword: str, text: str) -> bytes:
    if text.isascii() and len(text) < 512:
        return _chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + text.encode("ascii"))
    packed = zlib.compress(text.encode("utf-8"))
    # Packed, by deflate; neither a language nor a translated keyword.
    return _chunk(b"iTXt", keyword.encode("latin-1") + b"\0\x01\x00\0\0" + packed)


def _international_text(rest: bytes) -> str:
    packed = rest[:1] == b"\x01"
    _language, _translated, text = rest[2:].split(b"\0", 2)
    if not packed:
        return text.decode("utf-8")
    unpacker = zlib.decompressobj()
    return unpacker.decompress(text, _LARGEST_TEXT).decode("utf-8")


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
