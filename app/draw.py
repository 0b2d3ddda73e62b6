"""`wearif draw`: synthetic stacks with truth, as folders that anything can open."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

from app.captures.reason import reason
from app.captures.results import ResultError
from app.captures.whole_file import whole_file
from models.training.synthetic import StackShape, SyntheticStack, draw_stack

_TEST = 20_250_916
"""Stands before the seed, so that no stack drawn here is one that training or validation draws."""

OnProgress = Callable[[str, int, int], None]
"""Called with what is done, the steps done and the steps in all."""


@dataclass(frozen=True, slots=True)
class DrawReport:
    """What `draw` has made."""

    folders: tuple[Path, ...]


def draw(
    out_dir: Path, shape: StackShape, count: int, first_seed: int, on_progress: OnProgress
) -> DrawReport:
    """Draw stacks and write each to a folder of its own, as `wearif evaluate` reads them.

    Parameters
    ----------
    out_dir : Path
        Gets ``0000_reflected`` and the like: seed and light.
    shape : StackShape
        Size and number of the frames.
    count : int
        How many.
    first_seed : int
        The others follow. The same seed and shape give the same stack.
    on_progress : callable
        Called before each stack and at the end.

    Raises
    ------
    ResultError
        Something cannot be written.
    """
    folders = []
    for done, seed in enumerate(range(first_seed, first_seed + count)):
        on_progress(f"stack {seed}", done, count)
        stack = draw_stack((_TEST, seed), shape)
        folder = out_dir / f"{seed:04d}_{stack.light}"
        try:
            _write(stack, folder)
        except OSError as error:
            raise ResultError(f"{folder}: cannot be written: {reason(error)}") from error
        folders.append(folder)
    on_progress("done", count, count)
    return DrawReport(tuple(folders))


def _write(stack: SyntheticStack, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for index, frame in enumerate(stack.luma):
        _write_png(folder / f"{index:03d}.png", frame)
    _write_png(folder / "truth_na.png", stack.truth)
    _write_tiff(folder / "height.tif", stack.height_um)
    _write_tiff(folder / "labels.tif", stack.on_particles.astype(np.uint8))
    about = {
        "z_um": [round(float(z), 4) for z in stack.z_um],
        "pixel_um": stack.optics.pixel_um,
        "na": stack.optics.na,
        "dof_um": stack.optics.dof_um,
        "light": stack.light,
    }
    with whole_file(folder / "meta.json") as part:
        part.write_text(json.dumps(about, indent=1), encoding="utf-8")


def _write_png(path: Path, luma: NDArray[np.float32]) -> None:
    levels = np.clip(np.rint(luma * 255), 0, 255).astype(np.uint8)
    _encoded, data = cv2.imencode(".png", levels)
    with whole_file(path) as part:
        part.write_bytes(data.tobytes())


def _write_tiff(path: Path, values: NDArray[Any]) -> None:
    with whole_file(path) as part:
        tifffile.imwrite(part, values, compression="zlib")
