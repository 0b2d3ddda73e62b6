"""Find out whether a compressed page unpacks to what it announces, before it takes the memory."""

from __future__ import annotations

import lzma
import zlib
from pathlib import Path

import numpy as np
from tifffile import COMPRESSION, TiffPage

from app.captures.stack import LARGEST_FRAME_BYTES, StackError

_DEFLATE = (COMPRESSION.ADOBE_DEFLATE, COMPRESSION.DEFLATE)
_DEFLATE_RATIO = 1032
"""No deflated byte becomes more (zlib's technical details, "Maximum compression factor")."""
_SPARE_BYTES = 2**16
"""Writers may pad the last segment of a page."""


def check_unpacked(page: TiffPage, path: Path) -> None:
    """Make sure that no segment of a page unpacks to much more than its share of the page.

    Segments that cannot become too large at all are not unpacked here.

    Raises
    ------
    StackError
        One does: a decompression bomb, or damaged.
    """
    if page.compression not in (*_DEFLATE, COMPRESSION.LZMA) or page.dtype is None:
        return
    deflated = page.compression in _DEFLATE
    most = int(np.prod(page.chunks)) * page.dtype.itemsize + _SPARE_BYTES
    handle = page.parent.filehandle
    for offset, count in zip(page.dataoffsets, page.databytecounts, strict=False):
        if deflated and count * _DEFLATE_RATIO < LARGEST_FRAME_BYTES:
            continue
        handle.seek(offset)
        data = handle.read(count)
        unpacker = zlib.decompressobj() if deflated else lzma.LZMADecompressor()
        if len(unpacker.decompress(data, most + 1)) > most:
            raise StackError(f"{path}: page {page.index} unpacks to more than it announces")
