"""A stack made ready for fusion: its frames laid on one another, its light evened out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.captures.alignment import AlignedStack, Alignment, align_stack
from app.captures.fusion_record import Matrix
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

    @property
    def source(self) -> Stack:
        """The frames as they lie on disk."""
        return self.stack.whole if isinstance(self.stack, AlignedStack) else self.stack

    @property
    def warps(self) -> tuple[Matrix, ...] | None:
        """How each frame lies, as it is recorded; None where none is moved."""
        return self.stack.warps if isinstance(self.stack, AlignedStack) else None

    @property
    def moved_px(self) -> float | None:
        """How far the frames were found to lie off one another; None where nobody knows."""
        if self.alignment is not None:
            return self.alignment.moved_px
        return self.stack.moved_px if isinstance(self.stack, AlignedStack) else None

    def same_frames(self, other: Prepared) -> bool:
        """Whether fusing either comes to the same."""
        return (self.warps, self.brightness) == (other.warps, other.brightness)

    def brightness_of(self, frames: Sequence[int]) -> tuple[float, ...] | None:
        """Return the brightness of some of the frames, by their numbers."""
        levels = self.brightness
        return None if levels is None else tuple(levels[index] for index in frames)


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
