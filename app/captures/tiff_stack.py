"""A stack in TIFF files: multi-page, OME-TIFF, ImageJ hyperstack, Micro-Manager's image stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffFile

from app.captures.part import WHOLE, Part, PlaneIndex, select
from app.captures.scale import Scale
from app.captures.scaled_stack import ScaledStack
from app.captures.stack import FrameFormat, StackError, check_same
from app.captures.tiff_contents import Spot, contents_of
from app.captures.tiff_page import open_tiff, page_at, page_format, read_page
from app.captures.tiff_scale import imagej_scale, micromanager_scale, ome_scale


class TiffStack(ScaledStack):
    """The frames of one stack in a TIFF file; each access opens the file and reads one page.

    Parameters
    ----------
    path : Path
        The file; others that belong with it are found.
    part : Part, optional
        Which stack, in a file of several.
    """

    def __init__(self, path: Path, part: Part = WHOLE) -> None:
        with open_tiff(path) as tiff:
            contents = contents_of(tiff, path)
            planes = select(contents.spots, part, path, contents.names)
            self._spots = tuple(contents.spots[plane] for plane in planes)
            scale = _scale(tiff, planes, self._spots)
        super().__init__(path, len(self._spots), _common_format(self._spots), scale)

    @property
    def name(self) -> str:
        """The file's name, as the operator gave it where it is a link."""
        return self._path.name

    def __iter__(self) -> Iterator[NDArray[Any]]:
        """Read the frames in order; each file is opened once."""
        for path, indices in groupby(range(len(self)), key=lambda i: self._spots[i].path):
            with open_tiff(path) as tiff:
                for index in indices:
                    yield self._checked(index, self._read_in(tiff, index))

    def _read(self, index: int) -> NDArray[Any]:
        with open_tiff(self._spots[index].path) as tiff:
            return self._read_in(tiff, index)

    def _called(self, index: int) -> str:
        return f"{self._spots[index].path}: frame {index}"

    def _read_in(self, tiff: TiffFile, index: int) -> NDArray[Any]:
        spot = self._spots[index]
        if spot.offset is None:
            return read_page(tiff, spot.page, spot.path)
        return self._read_bare(tiff, spot.offset)

    def _read_bare(self, tiff: TiffFile, offset: int) -> NDArray[Any]:
        dtype = self._format.dtype.newbyteorder(tiff.byteorder)
        count = int(np.prod(self._format.shape))
        image = np.fromfile(self._path, dtype, count, offset=offset)
        if image.size != count:
            raise StackError(f"{self._path}: the file is truncated (a frame is not complete)")
        return image.reshape(self._format.shape).astype(self._format.dtype, copy=False)


def _common_format(spots: tuple[Spot, ...]) -> FrameFormat:
    common: FrameFormat | None = None
    for path, group in groupby(spots, key=lambda spot: spot.path):
        with open_tiff(path) as tiff:
            for spot in group:
                found = page_format(tiff, spot.page, path)
                common = common or found
                check_same(found, f"{path}: page {spot.page.number}", common)
    if common is None:
        raise StackError("a stack without frames has no format")
    return common


def _scale(tiff: TiffFile, planes: tuple[PlaneIndex, ...], spots: tuple[Spot, ...]) -> Scale:
    if tiff.is_micromanager and not tiff.is_ndtiff:
        summary = (tiff.micromanager_metadata or {}).get("Summary", {})
        return micromanager_scale(_micromanager_frames(spots), summary)
    if tiff.is_ome and tiff.ome_metadata:
        return ome_scale(tiff.ome_metadata, planes)
    if tiff.is_imagej and tiff.imagej_metadata:
        resolution = tiff.pages.first.tags.get("XResolution")
        return imagej_scale(
            tiff.imagej_metadata, resolution.value if resolution else None, len(planes)
        )
    return Scale()


def _micromanager_frames(spots: tuple[Spot, ...]) -> list[Mapping[str, Any]]:
    """Read what Micro-Manager keeps with each frame, in a tag of its page."""
    found: list[Mapping[str, Any]] = []
    for path, group in groupby(spots, key=lambda spot: spot.path):
        with open_tiff(path) as tiff:
            for spot in group:
                tag = page_at(tiff, spot.page).tags.get("MicroManagerMetadata")
                known = tag.value if tag is not None else {}
                found.append(known if isinstance(known, dict) else {})
    return found
