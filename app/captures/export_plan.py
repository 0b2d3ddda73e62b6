"""Which files an export would write, and which of them are there already."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from app.captures.layout import CONFIDENCE, FUSED, FUSION, HEIGHT, MEASUREMENTS, WEIGHTS
from app.captures.results import ResultError
from app.captures.stack import FrameFormat

Content = Literal["results", "marked", "measurements"]
"""``results``: the files of a fusion, untouched; ``marked``: the fused image with what was drawn
on it and a scale bar, in a file of its own; ``measurements``: as a table and as drawn."""
MARKED: Final = "fused_marked.png"
TABLE: Final = "measurements.csv"
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
    folder: Path, contents: Collection[Content], frame_format: FrameFormat, count: int
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
    """
    pixels = frame_format.height * frame_format.width
    colours = 3 if frame_format.colour else 1
    sizes: dict[str, int] = {}
    if "results" in contents:
        sizes |= {
            FUSED: pixels * colours * frame_format.dtype.itemsize,
            WEIGHTS: 2 * pixels * count,
            HEIGHT: 4 * pixels,
            CONFIDENCE: pixels,
            FUSION: 0,
        }
    if "marked" in contents:
        sizes[MARKED] = 3 * pixels
    if "measurements" in contents:
        sizes |= {TABLE: 0, MEASUREMENTS: 0}
    files = (
        ExportFile(folder / name, size, os.path.lexists(folder / name))
        for name, size in sizes.items()
    )
    return ExportPlan(folder, tuple(files))


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
