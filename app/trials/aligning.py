"""`python -m app.trials.aligning`: what aligning gains where frames drift and breathe.

Every stack is moved by known amounts and fused as it lies, aligned, and as it was before it was
moved; the fused images are compared with the truth. The frames are cut from larger ones, so that
what moves into them is real.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from app.captures.alignment import align_stack
from app.captures.similarity import Similarity
from app.captures.stack import FrameFormat, Stack
from models.evaluation.metrics import psnr
from models.evaluation.stack_folder import read_stack
from models.training.synthetic import StackShape, draw_stack
from models.wearif.fusion import fuse
from models.wearif.weights import load_model

MARGIN_PX = 12
DRIFTS_PX = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0)
BREATHING = (0.0, 0.005)
_SEED = 61_803
"""Stands before the number of a stack: none that is trained on is drawn here."""


@dataclass(frozen=True, slots=True)
class Material:
    """One stack with truth, larger than what is fused by `MARGIN_PX` on each side."""

    name: str
    frames: tuple[NDArray[np.uint8], ...]
    truth: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Row:
    """One stack, moved in one way."""

    name: str
    drift_px: float
    """Along a line, from the first frame to the last."""
    breathing: float
    """Change of size from the first frame to the last."""
    as_it_lies: float
    """PSNR in dB, over all pixels."""
    aligned: float
    still: float
    """Of the same frames before they were moved: no aligning can do better."""
    miss_px: float
    """How far the corner of any frame was left off the middle one's."""


class Moved:
    """A stack in memory whose frames are moved by known amounts."""

    pixel_um, z_um, exposure_ms = None, None, None

    def __init__(self, material: Material, motions: Sequence[Similarity]) -> None:
        self.name = material.name
        self._frames = [
            _cut(_moved(frame, motion))
            for frame, motion in zip(material.frames, motions, strict=True)
        ]

    @property
    def format(self) -> FrameFormat:
        """What all frames have in common."""
        return FrameFormat.of(self._frames[0])

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> NDArray[Any]:
        return self._frames[index]

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return iter(self._frames)


def drawn(count: int, frames: int, width: int, height: int) -> Iterator[Material]:
    """Draw stacks, the way `wearif draw` does."""
    shape = StackShape(height + 2 * MARGIN_PX, width + 2 * MARGIN_PX, (frames, frames))
    for number in range(count):
        stack = draw_stack((_SEED, number), shape)
        yield Material(
            f"{number:04d}_{stack.light}",
            tuple(_levels(luma) for luma in stack.luma),
            _cut(_levels(stack.truth)),
        )


def read(folders: Sequence[Path]) -> Iterator[Material]:
    """Read stacks with truth, such as `wearif draw` writes."""
    for folder in folders:
        stack = read_stack(folder)
        if stack.truth is None:
            raise typer.BadParameter(f"{folder}: has no truth to compare with")
        frames = tuple(np.asarray(frame, np.uint8) for frame in stack.frames)
        yield Material(folder.name, frames, _cut(stack.truth))


def try_aligning(material: Material, drift_px: float, breathing: float, seed: int) -> Row:
    """Move a stack, and fuse it without and with aligning.

    Parameters
    ----------
    material : Material
    drift_px, breathing : float
        From the first frame to the last; the middle one stays where it is.
    seed : int
        Of the direction of the drift.
    """
    count = len(material.frames)
    direction = np.exp(2j * np.pi * np.random.default_rng(seed).random())
    way = (np.arange(count) - count // 2) / max(count - 1, 1)
    motions = [Similarity(1 + breathing * at, drift_px * direction * at) for at in way]
    moved = Moved(material, motions)
    aligned, alignment = align_stack(moved)
    model = load_model()

    def score(stack: Stack | Moved) -> float:
        return psnr(fuse(stack, model).fused, material.truth)

    size = moved.format.height, moved.format.width
    left = alignment.warps if alignment.needed else [Similarity()] * count
    misses = [
        warp.after(motion.inverse()).reach(*size)
        for warp, motion in zip(left, motions, strict=True)
    ]
    still = Moved(material, [Similarity()] * count)
    return Row(
        material.name,
        drift_px,
        breathing,
        score(moved),
        score(aligned),
        score(still),
        max(misses),
    )


def table(rows: Sequence[Row]) -> str:
    """Return means over the stacks as a Markdown table."""
    lines = [
        "| drift | breathing | as it lies | aligned | gain | not moved | left |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for drift, breathing in sorted({(row.drift_px, row.breathing) for row in rows}):
        some = [row for row in rows if (row.drift_px, row.breathing) == (drift, breathing)]
        lies, aligned, still = (
            float(np.mean([getattr(row, which) for row in some]))
            for which in ("as_it_lies", "aligned", "still")
        )
        left = float(np.max([row.miss_px for row in some]))
        lines.append(
            f"| {drift:g} px | {100 * breathing:g} % | {lies:.2f} dB | {aligned:.2f} dB "
            f"| {aligned - lies:+.2f} dB | {still:.2f} dB | {left:.2f} px |"
        )
    return "\n".join(lines)


def main(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Stacks with truth; by default some are drawn.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many to draw.")] = 6,
    frames: Annotated[int, typer.Option(min=3, help="Frames in each.")] = 24,
    size: Annotated[tuple[int, int], typer.Option(help="WIDTH HEIGHT")] = (455, 256),
) -> None:
    """Move stacks by known amounts; print what aligning gains, as a table."""
    materials = read(folders) if folders else drawn(count, frames, *size)
    rows = [
        try_aligning(material, drift_px, breathing, seed)
        for seed, material in enumerate(materials)
        for breathing in BREATHING
        for drift_px in DRIFTS_PX
    ]
    typer.echo(table(rows))


def _moved(frame: NDArray[np.uint8], motion: Similarity) -> NDArray[Any]:
    if motion == Similarity():
        return frame
    height, width = frame.shape[:2]
    return cv2.warpAffine(
        frame,
        motion.matrix(height, width),
        (width, height),
        flags=cv2.INTER_LANCZOS4,
        borderMode=cv2.BORDER_REFLECT_101,
    )


def _cut(picture: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(picture[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX])


def _levels(luma: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(np.rint(luma * 255), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    typer.run(main)
