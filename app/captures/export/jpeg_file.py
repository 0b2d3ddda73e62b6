"""JPEG files with their scale and their recipe in them (ITU-T T.81, JFIF 1.02)."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

QUALITY = 95
_START = b"\xff\xd8"
_COMMENT = 0xFE
_SCAN = 0xDA
_PIECE = 60_000
"""A segment holds 65533 bytes at most."""
_LARGEST_TEXT = 1 << 28


def jpeg_bytes(
    image: NDArray[np.uint8],
    *,
    keyword: str = "",
    text: str = "",
    pixel_um: float | None = None,
    quality: int = QUALITY,
) -> bytes:
    """Encode a picture, colours at full resolution.

    Parameters
    ----------
    image : ndarray
        (H, W) or (H, W, 3) RGB.
    keyword, text : str
        A text that travels in comments, packed, and how it is found there.
    pixel_um : float, optional
        The side of a pixel at the object, kept as pixels per cm where these are less than 65536.
    quality : int
        0 to 100, as libjpeg counts.
    """
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    sampling = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    _done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality, *sampling])
    plain = data.tobytes()
    (length,) = struct.unpack_from(">H", plain, 4)
    header, rest = plain[: 4 + length], plain[4 + length :]
    per_cm = 0 if pixel_um is None else round(1e4 / pixel_um)
    if 0 < per_cm < 2**16 and plain[6:11] == b"JFIF\0":
        header = header[:13] + struct.pack(">BHH", 2, per_cm, per_cm) + header[18:]
    return header + (_comments(keyword, text) if keyword else b"") + rest


def jpeg_text(data: bytes, keyword: str) -> str | None:
    """Return the text under a keyword in a JPEG file's comments; None if it is not there, whole."""
    pieces: dict[int, str] = {}
    count = 0
    for content in _comment_segments(data):
        words = content.decode("latin-1").rsplit(" ", 2)
        if len(words) != 3 or words[0] != keyword:
            continue
        place, _, total = words[1].partition("/")
        if place.isdecimal() and total.isdecimal():
            pieces[int(place)], count = words[2], int(total)
    # Counted first: a file may announce any number of them.
    if not count or len(pieces) != count or set(pieces) != set(range(1, count + 1)):
        return None
    try:
        packed = base64.b64decode("".join(pieces[place] for place in sorted(pieces)))
        return zlib.decompressobj().decompress(packed, _LARGEST_TEXT).decode("utf-8")
    except (binascii.Error, zlib.error, UnicodeDecodeError):
        return None


def _comments(keyword: str, text: str) -> bytes:
    packed = base64.b64encode(zlib.compress(text.encode("utf-8"))).decode("ascii")
    pieces = [packed[start : start + _PIECE] for start in range(0, len(packed), _PIECE)]
    contents = (
        f"{keyword} {number}/{len(pieces)} {piece}".encode("latin-1")
        for number, piece in enumerate(pieces, 1)
    )
    return b"".join(
        struct.pack(">BBH", 0xFF, _COMMENT, len(content) + 2) + content for content in contents
    )


def _comment_segments(data: bytes) -> Iterator[bytes]:
    position = len(_START) if data.startswith(_START) else len(data)
    while position + 4 <= len(data):
        sign, marker, length = struct.unpack_from(">BBH", data, position)
        if sign != 0xFF or marker == _SCAN:
            return
        if marker == _COMMENT:
            yield data[position + 4 : position + 2 + length]
        position += 2 + length
