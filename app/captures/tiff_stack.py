"""A stack in one TIFF file: plain multi-page, OME-TIFF, or ImageJ hyperstack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import COMPRESSION, PHOTOMETRIC, TiffFile

from app.captures.stack import FrameFormat, StackError, check_index, check_same
from app.captures.tiff_page import frame_pages, open_tiff, page_format, read_page
from app.captures.tiff_scale import Scale, imagej_scale, ome_scale


class TiffStack:
    """The pages of one TIFF file; each access opens the file and reads one page."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with open_tiff(path) as tiff:
            self._pages = frame_pages(tiff, path)
            self._format = page_format(tiff, self._pages[0], path)
            for index, number in enumerate(self._pages[1:], 1):
                check_same(page_format(tiff, number, path), f"frame {index}", self._format)
            self._bare_offset, bare_count = _bare_frames(tiff, len(self._pages))
            self._count = bare_count or len(self._pages)
            self._scale = _scale(tiff, self._count, path)

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    @property
    def format(self) -> FrameFormat:
        """What all frames have in common."""
        return self._format

    @property
    def z_um(self) -> tuple[float, ...] | None:
        """From the OME-XML or ImageJ's spacing, else None."""
        return self._scale.z_um

    @property
    def pixel_um(self) -> float | None:
        """From the OME-XML or ImageJ's resolution, else None."""
        return self._scale.pixel_um

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> NDArray[Any]:
        """Read one frame; see `Stack`."""
        check_index(index, self._count)
        with open_tiff(self._path) as tiff:
            if self._bare_offset is None:
                image = read_page(tiff, self._pages[index], self._path)
            else:
                image = self._read_bare(tiff, self._bare_offset, index)
        check_same(FrameFormat.of(image), f"frame {index}", self._format)
        return image

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[index] for index in range(self._count))

    def _read_bare(self, tiff: TiffFile, offset: int, index: int) -> NDArray[Any]:
        dtype = self._format.dtype.newbyteorder(tiff.byteorder)
        count = int(np.prod(self._format.shape))
        start = offset + index * count * dtype.itemsize
        image = np.fromfile(self._path, dtype, count, offset=start)
        return image.reshape(self._format.shape).astype(self._format.dtype, copy=False)


def _bare_frames(tiff: TiffFile, page_count: int) -> tuple[int | None, int]:
    """Return offset and number of frames where ImageJ wrote one page and then bare pixels.

    ImageJ does so for stacks larger than 4 GB, whose later pages classic TIFF cannot address.
    """
    if not tiff.is_imagej or page_count != 1:
        return None, 0
    images = int((tiff.imagej_metadata or {}).get("images", 1))
    if images < 2:
        return None, 0
    path = tiff.filehandle.path
    page = tiff.pages.first
    plain = page.photometric in (PHOTOMETRIC.MINISBLACK, PHOTOMETRIC.RGB)
    if page.compression != COMPRESSION.NONE or not page.is_contiguous or not plain:
        raise StackError(f"{path}: announces {images} frames but holds one page")
    offset = page.dataoffsets[0]
    if offset + images * page.nbytes > tiff.filehandle.size:
        raise StackError(
            f"{tiff.filehandle.path}: the file is truncated ({images} frames expected)"
        )
    return offset, images


def _scale(tiff: TiffFile, count: int, path: Path) -> Scale:
    if tiff.is_ome and tiff.ome_metadata:
        return ome_scale(tiff.ome_metadata, count, path)
    if tiff.is_imagej and tiff.imagej_metadata:
        resolution = tiff.pages.first.tags.get("XResolution")
        return imagej_scale(
            tiff.imagej_metadata, resolution.value if resolution else None, count, path
        )
    return Scale(None, None)
