"""One page of a TIFF file as a frame.

tifffile reads what it can decode by itself (uncompressed, deflate, PackBits, LZMA). For the rest,
LZW and JPEG above all, OpenCV decodes the page from the memory-mapped file.
"""

from __future__ import annotations

import logging
import lzma
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from tifffile import COMPRESSION, PHOTOMETRIC, TiffFile, TiffFileError, TiffPage

from app.captures.part import check_count
from app.captures.quiet_opencv import quiet_opencv
from app.captures.reason import reason
from app.captures.stack import FrameFormat, StackError, check_file, check_size
from app.captures.unpacking import check_unpacked

# Without any handler Python prints tifffile's remarks on stderr, beside our own line.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_PLAIN_COMPRESSIONS = frozenset(
    {
        COMPRESSION.NONE,
        COMPRESSION.ADOBE_DEFLATE,
        COMPRESSION.DEFLATE,
        COMPRESSION.PACKBITS,
        COMPRESSION.LZMA,
    }
)
_GREY = frozenset({PHOTOMETRIC.MINISWHITE, PHOTOMETRIC.MINISBLACK})
_PLAIN_COLOURS = _GREY | {PHOTOMETRIC.RGB, PHOTOMETRIC.PALETTE}
_REDUCED_IMAGE = 1
"""Bit 0 of NewSubfileType: a preview of another page (TIFF 6.0, section 8)."""

BROKEN_TIFF = (
    TiffFileError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
)
"""What tifffile raises on files that are not what they claim to be."""


@contextmanager
def open_tiff(path: Path) -> Iterator[TiffFile]:
    """Open a TIFF file for the block; whatever fails in it becomes one line.

    Raises
    ------
    StackError
        The file cannot be read or is no sound TIFF.
    """
    check_file(path)
    try:
        with TiffFile(path) as tiff:
            yield tiff
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    except BROKEN_TIFF as error:
        raise StackError(f"{path}: not a sound TIFF file: {reason(error)}") from error


class PageAt(NamedTuple):
    """Which page of a file is meant, and where its directory starts.

    To find the page by its number alone all those before it would have to be walked through.
    """

    number: int
    offset: int


def frame_pages(tiff: TiffFile, path: Path) -> tuple[PageAt, ...]:
    """Find the pages that hold frames, previews left out.

    Raises
    ------
    StackError
        There is no page, or the file ends before its last one.
    """
    found: list[PageAt] = []
    check_count(len(tiff.pages), path)
    for number in range(len(tiff.pages)):
        page = tiff.pages[number]
        if not isinstance(page, TiffPage):
            raise TiffFileError(f"page {number} has no tags of its own")
        if int(page.subfiletype) & _REDUCED_IMAGE:
            continue
        _check_whole(tiff, page, path)
        found.append(PageAt(number, page.offset))
    if _points_further(tiff):
        raise StackError(f"{path}: the file is truncated (a page lies behind its end)")
    if not found:
        raise StackError(f"{path}: the file holds no image")
    return tuple(found)


def page_format(tiff: TiffFile, at: PageAt, path: Path) -> FrameFormat:
    """Return the format of the frame that a page holds, without decoding it.

    Raises
    ------
    StackError
        The page holds something else than 1, 8 or 16 bit images.
    """
    return _format_of(page_at(tiff, at), path)


def _format_of(page: TiffPage, path: Path) -> FrameFormat:
    dtype = page.dtype
    if dtype is None or dtype not in (np.bool_, np.uint8, np.uint16):
        what = "values of an unknown type" if dtype is None else f"{dtype} values"
        raise StackError(f"{path}: holds {what}; save the frames as 8 or 16 bit")
    if page.imagedepth > 1:
        raise StackError(f"{path}: a page holds a volume; save one frame per page")
    samples = max(int(page.samplesperpixel), 1)
    check_size(path, page.imagelength, page.imagewidth, samples, dtype.itemsize)
    narrow = dtype == np.bool_ or page.photometric == PHOTOMETRIC.PALETTE
    colour = page.photometric not in _GREY
    return FrameFormat(
        page.imagelength, page.imagewidth, colour, np.dtype(np.uint8) if narrow else dtype
    )


def read_page(tiff: TiffFile, at: PageAt, path: Path) -> NDArray[Any]:
    """Decode one page.

    Returns
    -------
    ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16. Alpha is dropped, palettes are applied, white
        is the largest value, bilevel images become 0 and 255.

    Raises
    ------
    StackError
        The page cannot be decoded.
    """
    page = page_at(tiff, at)
    expected = _format_of(page, path)
    plain = page.compression in _PLAIN_COMPRESSIONS and page.photometric in _PLAIN_COLOURS
    if plain:
        check_unpacked(page, path)
    image = _plain_image(page) if plain else _decoded_by_opencv(path, at.number)
    if image.shape != expected.shape or image.dtype != expected.dtype:
        raise StackError(f"{path}: page {at.number} decodes to {image.shape}, not to {expected}")
    return image


def read_single_page(path: Path) -> NDArray[Any]:
    """Read a TIFF file that holds one frame.

    Raises
    ------
    StackError
        The file cannot be read, or holds several frames.
    """
    with open_tiff(path) as tiff:
        pages = frame_pages(tiff, path)
        if len(pages) > 1:
            raise StackError(
                f"{path}: holds {len(pages)} frames; open the file itself, not its folder"
            )
        return read_page(tiff, pages[0], path)


def page_at(tiff: TiffFile, at: PageAt) -> TiffPage:
    """Read the directory of one page, without those before it."""
    tiff.filehandle.seek(at.offset)
    return TiffPage(tiff, index=at.number)


def _points_further(tiff: TiffFile) -> bool:
    """Whether the last readable page points to one more."""
    pointer = tiff.pages.next_page_offset
    if pointer is None:
        return False
    tiff.filehandle.seek(pointer)
    return any(tiff.filehandle.read(tiff.tiff.offsetsize))


def _check_whole(tiff: TiffFile, page: TiffPage, path: Path) -> None:
    """Make sure that a page's directory (TIFF 6.0, section 2) and pixels lie within the file."""
    layout, file = tiff.tiff, tiff.filehandle
    file.seek(page.offset)
    (tags,) = struct.unpack(layout.tagnoformat, file.read(layout.tagnosize))
    directory_end = page.offset + layout.tagnosize + tags * layout.tagsize + layout.offsetsize
    segments = zip(page.dataoffsets, page.databytecounts, strict=False)
    end = max((start + length for start, length in segments), default=0)
    if max(end, directory_end) > file.size:
        raise StackError(f"{path}: the file is truncated (page {page.index} is not complete)")


def _plain_image(page: TiffPage) -> NDArray[Any]:
    # (S, H, W, s): separate and contiguous samples.
    image = page.asarray(squeeze=False, maxworkers=1)[:, 0]
    samples = np.moveaxis(image, 0, -2).reshape(*image.shape[1:3], -1)
    match page.photometric:
        case PHOTOMETRIC.RGB:
            return np.ascontiguousarray(samples[..., :3])
        case PHOTOMETRIC.PALETTE:
            # Colour maps are 16 bit per channel (TIFF 6.0, section 5).
            colours = (np.asarray(page.colormap).T >> 8).astype(np.uint8)
            return np.ascontiguousarray(colours[samples[..., 0]])
    grey = np.ascontiguousarray(samples[..., 0])
    if grey.dtype == np.bool_:
        grey = grey.astype(np.uint8) * np.uint8(255)
    if page.photometric == PHOTOMETRIC.MINISWHITE:
        grey = np.iinfo(grey.dtype).max - grey
    return grey


def _decoded_by_opencv(path: Path, number: int) -> NDArray[Any]:
    mapped = np.memmap(path, dtype=np.uint8, mode="r")
    with quiet_opencv():
        try:
            done, images = cv2.imdecodemulti(
                mapped, cv2.IMREAD_UNCHANGED, range=(number, number + 1)
            )
        except cv2.error as error:
            raise StackError(f"{path}: page {number} cannot be decoded") from error
    if not done or len(images) != 1:
        raise StackError(f"{path}: page {number} is damaged or in a compression nobody here knows")
    image = images[0]
    if image.ndim == 2:
        return image
    code = cv2.COLOR_BGR2RGB if image.shape[2] == 3 else cv2.COLOR_BGRA2RGB
    return cv2.cvtColor(image, code)
