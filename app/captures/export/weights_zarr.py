"""Focus weight maps as OME-Zarr: large stacks, a piece at a time, over a network too.

OME-Zarr 0.4 on Zarr 2, which every reader knows (Fiji, napari, QuPath, neuroglancer); many do not
know 0.5 on Zarr 3 yet. Zarr 2 is a folder of JSON and deflated pieces (Zarr storage specification
2), written here file by file: zarr-python goes on writing in threads of its own after the disk has
refused a piece, so that nothing can be cleared away.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.captures.recipe import RECIPE_NAME, Recipe
from app.captures.scale import mean_step_um

VERSION: Final = "0.4"
_CHUNK_PX: Final = 1024
_SMALLEST_PX: Final = 256
"""Levels are halved until the longer side has no more than that."""


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
    OSError
        A file cannot be written.
    """
    sizes = _levels(shape)
    folder.mkdir()
    _write_json(folder / ".zgroup", {"zarr_format": 2})
    _write_json(folder / ".zattrs", _attributes(recipe, shape, sizes))
    for level, size in enumerate(sizes):
        (folder / str(level)).mkdir()
        _write_json(folder / str(level) / ".zarray", _array(len(recipe.frames), size))
    for index, page in enumerate(weights):
        for level, size in enumerate(sizes):
            whole = size == shape
            small = page if whole else cv2.resize(page, size[::-1], interpolation=cv2.INTER_AREA)
            _write_pieces(folder / str(level) / str(index), np.asarray(small, np.uint16))


def _array(count: int, size: tuple[int, int]) -> dict[str, Any]:
    return {
        "zarr_format": 2,
        "shape": [count, *size],
        "chunks": [1, *_piece(size)],
        "dtype": "<u2",
        "compressor": {"id": "zlib", "level": 1},
        "fill_value": 0,
        "order": "C",
        "filters": None,
        # Folders, not thousands of files in one.
        "dimension_separator": "/",
    }


def _piece(size: tuple[int, int]) -> tuple[int, int]:
    return min(_CHUNK_PX, size[0]), min(_CHUNK_PX, size[1])


def _write_pieces(folder: Path, page: NDArray[np.uint16]) -> None:
    """Write ``row/column`` files; pieces at the edges are as large as the others."""
    rows, columns = _piece((page.shape[0], page.shape[1]))
    for row, top in enumerate(range(0, page.shape[0], rows)):
        (folder / str(row)).mkdir(parents=True)
        for column, left in enumerate(range(0, page.shape[1], columns)):
            cut = page[top : top + rows, left : left + columns]
            piece = np.zeros((rows, columns), "<u2")
            piece[: cut.shape[0], : cut.shape[1]] = cut
            (folder / str(row) / str(column)).write_bytes(zlib.compress(piece.tobytes(), 1))


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


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
    pixel_um, step_um = recipe.fusion.pixel_um, mean_step_um(recipe.z_um or ())
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
