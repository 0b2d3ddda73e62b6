"""A stack in TIFF files: multi-page, OME-TIFF, ImageJ hyperstack, Micro-Manager's image stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffFile

from app.captures.part import WHOLE, Part, Place, select
from app.captures.scale import Scale
from app.captures.stack import FrameFormat, StackError, check_index, check_same
from app.captures.tiff_contents import Spot, contents_of
from app.captures.tiff_page import open_tiff, page_at, page_format, read_page
from app.captures.tiff_scale import imagej_scale, micromanager_scale, ome_scale


class TiffStack:
    """The frames of one stack in a TIFF file; each access opens the file and reads one page.

    Parameters
    ----------
    path : Path
        The file; others that belong with it are found.
    part : Part, optional
        Which stack, in a file of several.
    """

    def __init__(self, path: Path, part: Part = WHOLE) -> None:
        self._path = path
        with open_tiff(path) as tiff:
            contents = contents_of(tiff, path)
            places = select(contents.spots, part, path, contents.names)
            self._spots = tuple(contents.spots[place] for place in places)
            self._scale = _scale(tiff, places, self._spots)
        self._format = _common_format(self._spots)

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
        """From the OME-XML, ImageJ's spacing, or Micro-Manager's metadata; else None."""
        return self._scale.z_um

    @property
    def pixel_um(self) -> float | None:
        """From the OME-XML, ImageJ's resolution, or Micro-Manager's metadata; else None."""
        return self._scale.pixel_um

    @property
    def exposure_ms(self) -> tuple[float, ...] | None:
        """From the OME-XML or Micro-Manager's metadata, else None."""
        return self._scale.exposure_ms

    def __len__(self) -> int:
        return len(self._spots)

    def __getitem__(self, index: int) -> NDArray[Any]:
        """Read one frame; see `Stack`."""
        check_index(index, len(self._spots))
        spot = self._spots[index]
        with open_tiff(spot.path) as tiff:
            return self._read(tiff, index)

    def __iter__(self) -> Iterator[NDArray[Any]]:
        """Read the frames in order; each file is opened once."""
        for path, indices in groupby(range(len(self)), key=lambda i: self._spots[i].path):
            with open_tiff(path) as tiff:
                for index in indices:
                    yield self._read(tiff, index)

    def _read(self, tiff: TiffFile, index: int) -> NDArray[Any]:
        spot = self._spots[index]
        if spot.offset is None:
            image = read_page(tiff, spot.page, spot.path)
        else:
            image = self._read_bare(tiff, spot.offset)
        check_same(FrameFormat.of(image), f"{spot.path}: frame {index}", self._format)
        return image

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


def _scale(tiff: TiffFile, places: tuple[Place, ...], spots: tuple[Spot, ...]) -> Scale:
    if tiff.is_micromanager and not tiff.is_ndtiff:
        summary = (tiff.micromanager_metadata or {}).get("Summary", {})
        return micromanager_scale(_micromanager_frames(spots), summary)
    if tiff.is_ome and tiff.ome_metadata:
        return ome_scale(tiff.ome_metadata, places)
    if tiff.is_imagej and tiff.imagej_metadata:
        resolution = tiff.pages.first.tags.get("XResolution")
        return imagej_scale(
            tiff.imagej_metadata, resolution.value if resolution else None, len(places)
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
