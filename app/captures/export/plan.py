"""Which files an export would write, and which of them are there already."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from app.captures.layout import (
    CONFIDENCE,
    FUSED,
    FUSION,
    HEIGHT,
    MEASUREMENTS,
    WEIGHTS,
    recipe_file,
)
from app.captures.result_error import ResultError
from app.captures.stack import FrameFormat

Content = Literal[
    "results",
    "png",
    "jpeg",
    "tiff",
    "ome",
    "marked",
    "marked_jpeg",
    "weights",
    "zarr",
    "height",
    "grey_height",
    "surface",
    "profiles",
    "measurements",
    "video",
    "report",
]
"""``results``: the files of a fusion, untouched; ``marked``: the fused image with what was drawn
on it and a scale bar, in a file of its own; ``measurements``: as a table and as drawn."""
KINDS: Final[tuple[Content, ...]] = tuple(each for each in get_args(Content) if each != "results")
"""What can be made of results that lie on disk."""
Preset = Literal["report", "programs", "everything"]
PRESETS: Final[dict[Preset, tuple[Content, ...]]] = {
    "report": ("jpeg", "marked", "marked_jpeg", "measurements", "report"),
    "programs": ("png", "tiff", "ome", "weights", "zarr", "height", "grey_height", "surface"),
    "everything": KINDS,
}
"""For a report or a talk; for other programs; and all that there is."""
JPEG: Final = "fused.jpg"
TIFF: Final = "fused.tif"
OME_TIFF: Final = "fused.ome.tif"
MARKED: Final = "fused_marked.png"
MARKED_JPEG: Final = "fused_marked.jpg"
WEIGHTS_ZARR: Final = "weights.ome.zarr"
GREY_HEIGHT: Final = "height_16bit.png"
SURFACE_GLB: Final = "surface.glb"
SURFACE_PLY: Final = "surface.ply"
PROFILE: Final = "profile_{}.csv"
TABLE: Final = "measurements.csv"
VIDEO: Final = "sweep.mp4"
REPORT: Final = "report.html"
_FORBIDDEN: Final = frozenset('<>:"/\\|?*')
"""In names, on Windows."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file that an export writes."""

    path: Path
    most_bytes: int
    """How large it may be; 0 for a few kilobytes."""
    exists: bool


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What an export to a folder would do."""

    folder: Path
    files: tuple[ExportFile, ...]

    @property
    def taken(self) -> tuple[ExportFile, ...]:
        """Files that would be replaced."""
        return tuple(file for file in self.files if file.exists)

    @property
    def most_bytes(self) -> int:
        """How much space it may take."""
        return sum(file.most_bytes for file in self.files)


def plan_export(
    folder: Path,
    contents: Collection[Content],
    frame_format: FrameFormat,
    count: int,
    profiles: int = 0,
) -> ExportPlan:
    """Find out what an export would write.

    Parameters
    ----------
    folder : Path
        Where to; need not exist.
    contents : collection of str
        What is wanted.
    frame_format : FrameFormat
        Of the frames.
    count : int
        How many frames were fused.
    profiles : int
        How many lines were drawn to follow the height along.
    """
    sizes: dict[str, int] = {}
    for content in get_args(Content):
        if content in contents:
            sizes |= _most_bytes(content, frame_format, count, profiles)
    files = (
        ExportFile(folder / name, size, os.path.lexists(folder / name))
        for name, size in sizes.items()
    )
    return ExportPlan(folder, tuple(files))


def _most_bytes(
    content: Content, frame_format: FrameFormat, count: int, profiles: int
) -> dict[str, int]:
    """Return how large the files of a content may become, in the order in which they are written.

    What is a kilobyte or so counts as nothing.
    """
    pixels = frame_format.height * frame_format.width
    colours = 3 if frame_format.colour else 1
    image, weights = pixels * colours * frame_format.dtype.itemsize, 2 * pixels * count
    sizes: dict[Content, dict[str, int]] = {
        "results": {FUSED: image, WEIGHTS: weights, HEIGHT: 4 * pixels, CONFIDENCE: pixels}
        | {FUSION: 0},
        "png": {FUSED: image},
        "jpeg": {JPEG: 3 * pixels},
        "tiff": {TIFF: 2 * colours * pixels},
        "ome": {OME_TIFF: image},
        "marked": {MARKED: 3 * pixels},
        "marked_jpeg": {MARKED_JPEG: 3 * pixels},
        "weights": {WEIGHTS: weights},
        # Half the size, a quarter, … take another third.
        "zarr": {WEIGHTS_ZARR: weights * 4 // 3},
        "height": {HEIGHT: 4 * pixels},
        "grey_height": {GREY_HEIGHT: 2 * pixels},
        # Points, triangles and at most 4 megapixels of picture.
        "surface": _with_recipes({SURFACE_GLB: 30_000_000, SURFACE_PLY: 12_000_000}),
        "profiles": _with_recipes({PROFILE.format(number): 0 for number in range(1, profiles + 1)}),
        "measurements": {TABLE: 0, MEASUREMENTS: 0},
        "video": _with_recipes({VIDEO: pixels * count // 4}),
        "report": {REPORT: 3_000_000},
    }
    return sizes[content]


def _with_recipes(sizes: dict[str, int]) -> dict[str, int]:
    return sizes | {recipe_file(name): 0 for name in sizes}


def check_export(folder: Path, names: Collection[str], *, replace: bool) -> None:
    """Make sure, right before it is written, that an export replaces nothing it may not.

    Raises
    ------
    ResultError
        One of the files is there and may not be replaced.
    """
    taken = sorted(name for name in names if os.path.lexists(folder / name))
    if taken and not replace:
        raise ResultError(
            f"{folder / taken[0]}: is there already; choose another folder or allow replacing"
        )


def check_not_stack(folder: Path, stack: Path | None) -> None:
    """Make sure that an export does not go where the stack lies.

    Pictures among the frames would be taken for frames, and in a capture for its results.

    Parameters
    ----------
    folder : Path
        Where the export shall go.
    stack : Path, optional
        Where the stack lies, if anybody knows.

    Raises
    ------
    ResultError
        They are the same folder.
    """
    # Not Path.resolve, which fails on links that lead in circles.
    if stack is not None and os.path.realpath(folder) == os.path.realpath(stack):
        raise ResultError(f"{folder}: holds the stack; choose another folder")


def free_folder(parent: Path, name: str) -> Path:
    """Return a folder in another one, ``NAME[_n]``, that does not exist or is empty."""
    clean = clean_name(name)
    folder = parent / clean
    number = 2
    while _holds_something(folder):
        folder = parent / f"{clean}_{number}"
        number += 1
    return folder


def clean_name(name: str) -> str:
    """Return a folder's name that all systems allow."""
    kept = "".join("_" if each in _FORBIDDEN or ord(each) < 32 else each for each in name)
    return kept.strip(" .") or "export"


def _holds_something(folder: Path) -> bool:
    try:
        return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError:
        # One that cannot be looked into is not free.
        return True
