"""A stack made ready for fusion: its frames laid on one another, its light evened out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.captures.alignment import Alignment, align_stack
from app.captures.stack import Stack
from models.wearif.brightness_drift import BrightnessDrift


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be fused."""

    stack: Stack
    """Its frames are warped as they are read, where they did not lie well; nothing is changed on
    disk."""
    alignment: Alignment | None = None
    """How the frames lay; None where nobody asked."""
    brightness: tuple[float, ...] | None = None
    """Of each frame, for the fusion to divide by; None where the light was steady."""


def prepare(
    stack: Stack,
    *,
    align: bool = True,
    equalise: bool = True,
    on_progress: Callable[[int, int], None] | None = None,
) -> Prepared:
    """Measure how frames lie and how bright they are; change what is off by enough to matter.

    Parameters
    ----------
    stack : Stack
        Read once, frame by frame, unless there is nothing to measure.
    align : bool
        Whether to move frames that lie off the one in their midst.
    equalise : bool
        Whether to find out how bright frames are.
    on_progress : callable, optional
        Called with the frames read and the frames in all.

    Raises
    ------
    StackError
        A frame cannot be read.
    """
    drift = BrightnessDrift()
    if align:
        laid, alignment = align_stack(stack, on_progress, drift.add if equalise else None)
        return Prepared(laid, alignment, drift.levels())
    if equalise:
        for index, frame in enumerate(stack):
            drift.add(frame)
            if on_progress is not None:
                on_progress(index + 1, len(stack))
    return Prepared(stack, None, drift.levels())
