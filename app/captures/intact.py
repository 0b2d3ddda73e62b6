"""Find out whether an image file is whole before it is decoded.

Decoders show the upper half of a truncated picture over grey without complaint, or complain on
stderr. Only what the formats promise about their own length is checked here.
"""

from __future__ import annotations

import struct
import zlib

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_BMP = b"BM"
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def is_tiff(data: bytes) -> bool:
    """Whether the first bytes are those of a TIFF or BigTIFF file."""
    return data[:4] in _TIFF


def flaw(data: bytes) -> str | None:
    """Say what is wrong with the bytes of a PNG, JPEG or BMP file, or None.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    str or None
        Completes the sentence "the file ...".
    """
    if not data:
        return "is empty"
    if data.startswith(_PNG):
        return _png_flaw(data)
    if data.startswith(_JPEG):
        return _jpeg_flaw(data)
    if data.startswith(_BMP):
        return _bmp_flaw(data)
    return "is not a PNG, TIFF, JPEG or BMP image"


def announced_size(data: bytes) -> tuple[int, int] | None:
    """Return height and width of a PNG, JPEG or BMP as its header has them; None if it has none.

    Parameters
    ----------
    data : bytes
        A file without `flaw`.
    """
    if data.startswith(_PNG):
        width, height = struct.unpack_from(">II", data, 16)
        return height, width
    if data.startswith(_JPEG):
        return _jpeg_size(data)
    (header,) = struct.unpack_from("<I", data, 14)
    if header < 40:
        width, height = struct.unpack_from("<HH", data, 18)
        return height, width
    width, height = struct.unpack_from("<ii", data, 18)
    return abs(height), width


def is_png_with_grey_and_alpha(data: bytes) -> bool:
    """Whether the IHDR chunk announces colour type 4 (PNG specification, 11.2.2)."""
    return data.startswith(_PNG) and data[25:26] == b"\x04"


def _png_flaw(data: bytes) -> str | None:
    """Walk the chunks: length, type, data, CRC (PNG specification, 5.3)."""
    position = len(_PNG)
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        end = position + 12 + length
        if end > len(data):
            break
        (stated,) = struct.unpack_from(">I", data, end - 4)
        if zlib.crc32(memoryview(data)[position + 4 : end - 4]) != stated:
            return "is damaged (a checksum does not match)"
        if data[position + 4 : position + 8] == b"IEND":
            return None
        position = end
    return "is truncated"


def _jpeg_flaw(data: bytes) -> str | None:
    """Walk the segments to the first scan, then look for the end marker (ITU-T T.81, B.1).

    A preview inside an APPn segment has an end marker of its own, so that searching the whole
    file would not do. Within a scan the byte FF is always stuffed.
    """
    position = 2
    while position + 4 <= len(data):
        marker, length = struct.unpack_from(">HH", data, position)
        if marker >> 8 != 0xFF:
            return "is damaged (a segment does not start where it should)"
        if marker == 0xFFFF:
            position += 1
            continue
        if marker == 0xFFDA:
            return None if data.find(b"\xff\xd9", position) >= 0 else "is truncated"
        position += 2 + length
    return "is truncated"


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Find the frame header: SOF0 to SOF15 but DHT, JPG and DAC (ITU-T T.81, B.2.2)."""
    position = 2
    while position + 9 <= len(data):
        marker, length = struct.unpack_from(">HH", data, position)
        if marker == 0xFFFF:
            position += 1
            continue
        if 0xFFC0 <= marker <= 0xFFCF and marker not in (0xFFC4, 0xFFC8, 0xFFCC):
            height, width = struct.unpack_from(">HH", data, position + 5)
            return height, width
        position += 2 + length
    return None


def _bmp_flaw(data: bytes) -> str | None:
    """Compare the length with what the BITMAPINFOHEADER says, where pixels are uncompressed."""
    if len(data) < 34:
        return "is truncated"
    (offset,) = struct.unpack_from("<I", data, 10)
    (header,) = struct.unpack_from("<I", data, 14)
    if header < 40:
        return None
    width, height, _planes, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    uncompressed = compression in (0, 3)
    row = (width * bits + 31) // 32 * 4
    if uncompressed and offset + row * abs(height) > len(data):
        return "is truncated"
    return None
