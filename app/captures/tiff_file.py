"""TIFF files: 16 bit for picture editors and ImageJ, OME-TIFF for everything in the life sciences.

ImageJ reads a pixel's side from the resolution, in pixels per the ``unit`` of a description that
starts with ``ImageJ=``, and shows the text in its own tag under Image > Show Info
(ij.io.TiffDecoder and TiffEncoder).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import tifffile
from numpy.typing import NDArray

from app.captures.ome_xml import ome_xml, recipe_text
from app.captures.recipe import RECIPE_NAME, Recipe
from app.captures.stack import FrameFormat
from app.captures.tiff_resolution import fits_tiff, resolution

CLASSIC_TIFF_LIMIT: Final = 2**32 - 2**26
"""Offsets are 32 bit (TIFF 6.0, section 2); the rest is room for directories and metadata."""
_IMAGEJ: Final = "1.54f"
"""The release whose conventions are followed."""


def sixteen_bit(image: NDArray[Any]) -> NDArray[np.uint16]:
    """Return a picture in 16 bits: 8 bits are spread so that white stays white, others kept."""
    if image.dtype == np.uint8:
        return image.astype(np.uint16) * 257
    return image.astype(np.uint16, copy=False)


def write_imagej_tiff(
    part: Path,
    image: NDArray[Any],
    recipe: Recipe,
    *,
    description: str,
) -> None:
    """Write a picture or map that ImageJ opens with its scale.

    Maps of floats are not compressed: Gwyddion 2.62 reads them so, and no deflated ones.

    Parameters
    ----------
    part : Path
        Where to.
    image : ndarray
        (H, W) uint8, uint16 or float32, or (H, W, 3) RGB.
    recipe : Recipe
        Goes where ImageJ keeps its infos.
    description : str
        Shown by programs other than ImageJ too.
    """
    pixel_um = recipe.fusion.pixel_um
    if pixel_um is not None and not fits_tiff(pixel_um):
        pixel_um = None
    lines = [f"ImageJ={_IMAGEJ}", "images=1"]
    if pixel_um is not None:
        # ImageJ shows um as µm; description tags are ASCII.
        lines.append("unit=um")
    info = f"{description}\n{RECIPE_NAME}: {recipe.model_dump_json()}\n"
    tags = tifffile.imagej_metadata_tag({"Info": info}, "<")
    with tifffile.TiffWriter(part, byteorder="<") as tiff:
        tiff.write(
            image,
            photometric="rgb" if image.ndim == 3 else "minisblack",
            compression=None if image.dtype.kind == "f" else "zlib",
            description="\n".join((*lines, "")),
            software=f"WearIF {recipe.fusion.versions.get('wearif', '')}".strip(),
            resolution=None if pixel_um is None else (1 / pixel_um, 1 / pixel_um),
            resolutionunit=None if pixel_um is None else "NONE",
            extratags=tags,
            metadata=None,
        )


def write_ome_tiff(part: Path, image: NDArray[Any], recipe: Recipe, *, description: str) -> None:
    """Write a picture or map as OME-TIFF with the side of its pixels."""
    frame_format = FrameFormat.of(image)
    xml = ome_xml(recipe.fusion.input, frame_format, recipe, description=description)
    _write_pages(part, [image], frame_format, xml, 1, recipe.fusion.pixel_um)


def write_weights(
    part: Path, weights: Iterable[NDArray[np.uint16]], shape: tuple[int, int], recipe: Recipe
) -> None:
    """Write focus weight maps as OME-TIFF, a deflated page for each frame, with its z.

    Parameters
    ----------
    weights : iterable of ndarray
        (H, W), 65535 is weight 1; one for each frame of the recipe.
    """
    numbers = ", ".join(str(index) for index in recipe.frames)
    xml = ome_xml(
        recipe.fusion.input,
        FrameFormat(*shape, colour=False, dtype=np.dtype(np.uint16)),
        recipe,
        description=(
            "Focus weight maps: the share of each frame in every fused pixel. 65535 is 1; over "
            f"all pages they add up to 1. Frames of the input, page by page: {numbers}"
        ),
        z_um=tuple(frame.z_um for frame in recipe.fusion.frames),
    )
    page = FrameFormat(*shape, colour=False, dtype=np.dtype(np.uint16))
    _write_pages(part, weights, page, xml, len(recipe.frames), recipe.fusion.pixel_um)


def tiff_recipe(path: Path) -> str | None:
    """Return the recipe in a TIFF file; None if it holds none.

    Raises
    ------
    OSError, tifffile.TiffFileError
        The file cannot be read.
    """
    with tifffile.TiffFile(path) as tiff:
        if tiff.ome_metadata is not None:
            return recipe_text(tiff.ome_metadata)
        infos: Mapping[str, Any] = tiff.imagej_metadata or {}
    for line in str(infos.get("Info", "")).splitlines():
        name, _, text = line.partition(": ")
        if name == RECIPE_NAME:
            return text
    return None


def _write_pages(
    part: Path,
    pages: Iterable[NDArray[Any]],
    page: FrameFormat,
    xml: str,
    count: int,
    pixel_um: float | None,
) -> None:
    size = int(np.prod(page.shape)) * page.dtype.itemsize * count
    # An XML declaration says UTF-8; TIFF's own texts are ASCII.
    first: bytes | None = xml.encode("utf-8")
    with tifffile.TiffWriter(part, byteorder="<", bigtiff=size > CLASSIC_TIFF_LIMIT) as tiff:
        for image in pages:
            tiff.write(
                image,
                photometric="rgb" if page.colour else "minisblack",
                compression="zlib",
                # Level 1 takes half the time of level 6 and 7 % more space, on 5 MP weight maps.
                compressionargs={"level": 1},
                description=first,
                metadata=None,
                contiguous=False,
                **resolution(pixel_um),
            )
            first = None
