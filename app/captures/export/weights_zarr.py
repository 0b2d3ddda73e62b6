"""Focus weight maps as OME-Zarr: large stacks, a piece at a time, over a network too.

OME-Zarr 0.4 on Zarr 2, which every reader knows (Fiji, napari, QuPath, neuroglancer); many do not
know 0.5 on Zarr 3 yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.captures.export.recipe import RECIPE_NAME, Recipe

VERSION: Final = "0.4"
_CHUNK_PX: Final = 1024
_SMALLEST_PX: Final = 256
"""Levels are halved until the longer side has no more than that."""


class ZarrError(Exception):
    """An OME-Zarr cannot be written; the message is one line that says what is missing."""


def write_weights_zarr(
    folder: Path, weights: Iterator[NDArray[np.uint16]], shape: tuple[int, int], recipe: Recipe
) -> None:
    """Write focus weight maps, frame by frame, with pictures of half the size, a quarter, ….

    Parameters
    ----------
    folder : Path
        Where to; must not exist.
    weights : iterator of ndarray
        (H, W), 65535 is weight 1; one for each frame of the recipe.
    shape : tuple of int
        (H, W).
    recipe : Recipe
        Goes into the attributes.

    Raises
    ------
    ZarrError
        The library for Zarr is not installed.
    OSError
        A file cannot be written.
    """
    try:
        import zarr
    except ImportError as error:
        raise ZarrError("an OME-Zarr needs zarr: pip install 'wearif[exports]'") from error
    sizes = _levels(shape)
    group = zarr.open_group(str(folder), mode="w-", zarr_format=2)
    levels: list[Any] = [
        group.create_array(
            str(level),
            shape=(len(recipe.frames), *size),
            chunks=(1, min(_CHUNK_PX, size[0]), min(_CHUNK_PX, size[1])),
            dtype="uint16",
            # Folders, not thousands of files in one.
            chunk_key_encoding={"name": "v2", "separator": "/"},
        )
        for level, size in enumerate(sizes)
    ]
    for index, page in enumerate(weights):
        for level, size in zip(levels, sizes, strict=True):
            level[index] = (
                page
                if size == shape
                else cv2.resize(page, size[::-1], interpolation=cv2.INTER_AREA)
            )
    # Last: a folder without it is no image.
    group.attrs.update(_attributes(recipe, shape, sizes))


def _levels(shape: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    sizes = [shape]
    while max(sizes[-1]) > _SMALLEST_PX:
        rows, columns = sizes[-1]
        sizes.append((max(1, rows // 2), max(1, columns // 2)))
    return tuple(sizes)


def _attributes(
    recipe: Recipe, shape: tuple[int, int], sizes: tuple[tuple[int, int], ...]
) -> dict[str, Any]:
    """Return the metadata (OME-Zarr 0.4, sections "multiscales" and "omero")."""
    pixel_um, step_um = recipe.fusion.pixel_um, _even_step_um(recipe)
    known = "micrometer"
    axes: list[dict[str, str]] = [
        {"name": "z", "type": "space"} | ({"unit": known} if step_um else {}),
        *({"name": n, "type": "space"} | ({"unit": known} if pixel_um else {}) for n in "yx"),
    ]
    datasets = [
        {
            "path": str(level),
            "coordinateTransformations": [
                {
                    "type": "scale",
                    "scale": [
                        step_um or 1.0,
                        (pixel_um or 1.0) * shape[0] / size[0],
                        (pixel_um or 1.0) * shape[1] / size[1],
                    ],
                }
            ],
        }
        for level, size in enumerate(sizes)
    ]
    name = f"{recipe.fusion.input}: focus weight maps"
    return {
        "multiscales": [
            {"version": VERSION, "name": name, "axes": axes, "datasets": datasets, "type": "area"}
        ],
        RECIPE_NAME: recipe.model_dump(mode="json"),
    }


def _even_step_um(recipe: Recipe) -> float | None:
    """Return the mean distance of two frames; OME-Zarr knows even steps only."""
    z_um = recipe.z_um
    if z_um is None or len(z_um) < 2:
        return None
    step_um = abs(z_um[-1] - z_um[0]) / (len(z_um) - 1)
    return step_um or None
