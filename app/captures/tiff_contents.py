"""Which frames a TIFF file holds and where they lie: plain pages, ImageJ, OME, Micro-Manager."""

from __future__ import annotations

import glob
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray
from tifffile import COMPRESSION, PHOTOMETRIC, TiffFile, TiffPage

from app.captures.part import Names, PlaneIndex, check_count
from app.captures.stack import StackError
from app.captures.tiff_page import PageAt, frame_pages, open_tiff
from app.captures.tiff_scale import ome_pixels


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a frame lies."""

    path: Path
    page: PageAt
    """Its page, or the page that describes it."""
    offset: int | None = None
    """Where its bare pixels start, if it has no page of its own."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The frames of a TIFF file, and of those that belong with it."""

    spots: Mapping[PlaneIndex, Spot]
    names: Names = field(default_factory=Names)


def contents_of(tiff: TiffFile, path: Path) -> Contents:
    """Find all frames.

    Raises
    ------
    StackError
        The file holds none, is truncated, or holds others than it says.
    """
    pages = frame_pages(tiff, path)
    if tiff.is_micromanager and not tiff.is_ndtiff:
        found = _micromanager(tiff, path)
        if found is not None:
            return found
    if tiff.is_ome and tiff.ome_metadata:
        return _ome(tiff, pages, path)
    if tiff.is_imagej and tiff.imagej_metadata:
        return _imagej(tiff, pages, path)
    return Contents(_in_order(pages, path))


def _in_order(pages: tuple[PageAt, ...], path: Path) -> dict[PlaneIndex, Spot]:
    return {PlaneIndex(slice=index): Spot(path, page) for index, page in enumerate(pages)}


def _imagej(tiff: TiffFile, pages: tuple[PageAt, ...], path: Path) -> Contents:
    """Frames lie channel by channel, then slice by slice, then time by time (ImageJ's XYCZT)."""
    metadata = tiff.imagej_metadata or {}
    channels, slices, times = (
        int(metadata.get(key, 1)) for key in ("channels", "slices", "frames")
    )
    bare = _bare_offsets(tiff, len(pages))
    count = len(bare) or len(pages)
    announced = channels * slices * times
    if announced == 1:
        slices = count
    elif announced != count:
        raise StackError(f"{path}: announces {announced} frames but holds {count}")
    spots = {}
    for index in range(count):
        plane, channel = divmod(index, max(channels, 1))
        time, z = divmod(plane, max(slices, 1))
        spot = Spot(path, pages[0], bare[index]) if bare else Spot(path, pages[index])
        spots[PlaneIndex(0, time, channel, z)] = spot
    return Contents(spots)


def _bare_offsets(tiff: TiffFile, page_count: int) -> tuple[int, ...]:
    """Return where frames start if ImageJ wrote one page and then bare pixels; else nothing.

    ImageJ does so for stacks larger than 4 GB, whose later pages classic TIFF cannot address.
    """
    images = int((tiff.imagej_metadata or {}).get("images", 1))
    if page_count != 1 or images < 2:
        return ()
    path = Path(tiff.filehandle.path)
    check_count(images, path)
    page = tiff.pages.first
    plain = page.photometric in (PHOTOMETRIC.MINISBLACK, PHOTOMETRIC.RGB)
    if page.compression != COMPRESSION.NONE or not page.is_contiguous or not plain:
        raise StackError(f"{path}: announces {images} frames but holds one page")
    offset = page.dataoffsets[0]
    if offset + images * page.nbytes > tiff.filehandle.size:
        raise StackError(f"{path}: the file is truncated ({images} frames expected)")
    return tuple(offset + index * page.nbytes for index in range(images))


def _ome(tiff: TiffFile, pages: tuple[PageAt, ...], path: Path) -> Contents:
    images = ome_pixels(tiff.ome_metadata or "")
    if not images:
        return Contents(_in_order(pages, path))
    sizes = [_ome_sizes(image, path) for image in images]
    check_count(sum(c * z * t for c, z, t in sizes), path)
    channels, slices, times = sizes[0]
    alone = not any(image.find(".//{*}UUID[@FileName]") is not None for image in images)
    if alone and len(images) == 1 and channels == 1 and (slices == 1 or times == 1):
        # No need for the order that the XML gives, which some programs get wrong.
        if slices * times not in (1, len(pages)):
            raise StackError(f"{path}: announces {slices * times} frames but holds {len(pages)}")
        return Contents(_in_order(pages, path))
    spots = {
        plane: spot
        for scene in range(len(images))
        for plane, spot in _ome_series(tiff, scene, sizes[scene], path).items()
    }
    return Contents(spots, _ome_names(images))


def _ome_sizes(image: ET.Element, path: Path) -> tuple[int, int, int]:
    """Return how many channels, slices and times there are; colours of one frame are one."""
    first = image.find("{*}Channel")
    samples = int(first.get("SamplesPerPixel", "1")) if first is not None else 1
    channels, slices, times = (int(image.get(f"Size{axis}", "1")) for axis in "CZT")
    channels //= max(samples, 1)
    if min(channels, slices, times) < 1:
        raise StackError(f"{path}: the OME-XML announces no frames")
    for data in image.findall("{*}TiffData"):
        for name in ("IFD", "PlaneCount"):
            check_count(int(data.get(name, "0")), path)
    return channels, slices, times


def _ome_series(
    tiff: TiffFile, scene: int, sizes: tuple[int, int, int], path: Path
) -> dict[PlaneIndex, Spot]:
    """Let tifffile find the pages, in this file and in those that the XML names."""
    channels, slices, times = sizes
    series = tiff.series[scene]
    length = {"C": channels, "Z": slices, "T": times}
    order = [axis for axis in series.get_axes(squeeze=False) if axis in length]
    if len(series.pages) != channels * slices * times or len(order) != len(length):
        raise StackError(
            f"{path}: announces {channels * slices * times} frames but holds {len(series.pages)}"
        )
    spots = {}
    for index, page in enumerate(series.pages):
        numbers = np.unravel_index(index, [length[axis] for axis in order])
        at = {axis: int(number) for axis, number in zip(order, numbers, strict=True)}
        if page is None:
            raise StackError(f"{path}: frame {index} is missing, or lies in a file that is")
        file = Path(page.parent.filehandle.path)
        spots[PlaneIndex(scene, at["T"], at["C"], at["Z"])] = Spot(
            file, PageAt(page.index, page.offset)
        )
    return spots


def _ome_names(images: list[ET.Element]) -> Names:
    channels = {
        index: channel.get("Name", "")
        for image in images[:1]
        for index, channel in enumerate(image.findall("{*}Channel"))
    }
    return Names(channel=channels)


def _micromanager(tiff: TiffFile, path: Path) -> Contents | None:
    """Follow Micro-Manager's map of its frames, through all files of the acquisition.

    Positions are files of their own in most acquisitions, and files of 4 GB follow one another
    under the names ``*_MMStack*_1.ome.tif``, ``_2`` and so on (Micro-Manager's file formats).
    """
    settings = tiff.micromanager_metadata or {}
    summary, index = settings.get("Summary", {}), settings.get("IndexMap")
    if index is None or len(index) == 0:
        return None
    spots = _mapped(tiff, index, path)
    stem = re.sub(r"(\.ome)?\.tiff?$", "", path.name, flags=re.IGNORECASE)
    with ExitStack() as files:
        for other in sorted(path.parent.glob(f"{glob.escape(stem)}_[0-9]*.tif")):
            more = files.enter_context(open_tiff(other))
            frame_pages(more, other)
            found = (more.micromanager_metadata or {}).get("IndexMap")
            if found is not None:
                spots.update(_mapped(more, found, other))
    channels = summary.get("ChNames", ())
    names = {i: str(name) for i, name in enumerate(channels)} if isinstance(channels, list) else {}
    return Contents(spots, Names(channel=names))


def _mapped(tiff: TiffFile, index: NDArray[np.uint32], path: Path) -> dict[PlaneIndex, Spot]:
    numbers = {
        page.offset: number for number, page in enumerate(tiff.pages) if isinstance(page, TiffPage)
    }
    spots = {}
    for channel, z, time, position, offset in index.tolist():
        if offset not in numbers:
            raise StackError(f"{path}: the map of its frames names one that is not there")
        spots[PlaneIndex(position, time, channel, z)] = Spot(path, PageAt(numbers[offset], offset))
    return spots
