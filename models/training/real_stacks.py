"""Real stacks to learn from: random crops and parts of sweeps, for which nobody knows the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.evaluation.metrics import grey
from models.training.stack_source import Sample, Seed
from models.training.synthetic import StackShape
from models.wearif.frame_tensor import CAMERA_BITS
from models.wearif.fusion import Frames

FEWEST_FRAMES = 3
SHORTEST_SIDE = 32
_LARGEST_STRIDE = 3
_HELD_OUT_EVERY = 5


class UnfitStackError(Exception):
    """A stack that nothing can be learned from; the message names it and the reason."""


@dataclass(frozen=True, slots=True)
class RealStack:
    """A stack on disk.

    Parameters
    ----------
    name : str
        For messages and records.
    open : callable
        Gives access to the frames; can be pickled, and is called for every crop anew.
    """

    name: str
    open: Callable[[], Frames]

    def check(self) -> None:
        """Make sure that the stack can be learned from.

        Raises
        ------
        UnfitStackError
            It has too few frames, or too small ones.
        """
        frames = self.open()
        if len(frames) < FEWEST_FRAMES:
            raise UnfitStackError(
                f"{self.name}: has {len(frames)} frames; learning needs {FEWEST_FRAMES} or more"
            )
        height, width = frames[0].shape[:2]
        if min(height, width) < SHORTEST_SIDE:
            raise UnfitStackError(
                f"{self.name}: frames of {width}x{height}; learning needs {SHORTEST_SIDE} pixels "
                "or more on either side"
            )


@dataclass(frozen=True, slots=True)
class RealDraw:
    """Draws a stack, some of its frames, evenly spaced, and a crop of them, flipped or not.

    Parameters
    ----------
    stacks : sequence of RealStack
        At least one.
    shape : StackShape
        Size of the crop and number of frames; a stack that has less gives all it has.
    """

    stacks: Sequence[RealStack]
    shape: StackShape

    def __call__(self, seed: Seed) -> Sample:
        """Return the sample of a seed: luma in 0..1, no truth."""
        rng = np.random.default_rng(seed)
        frames = self.stacks[int(rng.integers(len(self.stacks)))].open()
        chosen = [frames[index] for index in _part(rng, len(frames), self.shape.frames)]
        height, width = chosen[0].shape[:2]
        rows, columns = _span(rng, height, self.shape.height), _span(rng, width, self.shape.width)
        white = _white(chosen[0])
        luma = np.stack([grey(frame[rows, columns]) / white for frame in chosen])
        flips = tuple(axis for axis in (1, 2) if rng.random() < 0.5)
        return Sample(np.flip(luma, flips).astype(np.float32), truth=None)


def held_out(stacks: Sequence[RealStack]) -> tuple[list[RealStack], list[RealStack]]:
    """Part the stacks to learn from and those to validate on: every fifth.

    With fewer than five stacks all of them serve for both.
    """
    if len(stacks) < _HELD_OUT_EVERY:
        return list(stacks), list(stacks)
    kept = set(range(_HELD_OUT_EVERY - 1, len(stacks), _HELD_OUT_EVERY))
    return (
        [stack for index, stack in enumerate(stacks) if index not in kept],
        [stacks[index] for index in sorted(kept)],
    )


def _part(rng: np.random.Generator, count: int, wanted: tuple[int, int]) -> range:
    """Choose frames that follow each other, or every second or third of them."""
    number = min(int(rng.integers(wanted[0], wanted[1] + 1)), count)
    largest = min(_LARGEST_STRIDE, (count - 1) // max(1, number - 1))
    stride = int(rng.integers(1, largest + 1))
    start = int(rng.integers(count - (number - 1) * stride))
    return range(start, start + number * stride, stride)


def _span(rng: np.random.Generator, side: int, wanted: int) -> slice:
    length = min(side, wanted)
    start = int(rng.integers(side - length + 1))
    return slice(start, start + length)


def _white(frame: NDArray[Any]) -> float:
    """Return what counts as 1: 16-bit frames are often 10 or 12 bits wide in truth."""
    if frame.dtype == np.uint8:
        return 255.0
    bits = max(8, int(frame.max()).bit_length())
    return float(2 ** next(depth for depth in CAMERA_BITS if depth >= bits) - 1)
