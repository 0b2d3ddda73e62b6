"""What a capture run announces while it works.

A listener gets these from the run's own threads, one at a time and in order; it must return
quickly and must not call back into the run except for `CaptureRun.cancel`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from drivers.camera import Frame

if TYPE_CHECKING:
    from app.acquisition.autofocus import AutofocusResult
    from app.acquisition.field_range import FieldRange
    from app.acquisition.live_fusion import Growth
    from app.acquisition.sweep_plan import SweepPlan
    from models.wearif.fusion import Fusion


class Phase(Enum):
    """Where a capture run stands."""

    AUTOFOCUS = "autofocus"
    APPROACH = "approach"
    SWEEP = "sweep"
    CATCH_UP = "catch up"
    """The sweep is over; the fusion works off the frames that wait."""
    EXPORT = "export"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing follows."""
        return self in (Phase.DONE, Phase.CANCELLED, Phase.FAILED)


@dataclass(frozen=True, slots=True)
class PhaseEntered:
    """The run has entered a new phase."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class Focused:
    """The autofocus has found where the field is sharpest."""

    result: AutofocusResult


@dataclass(frozen=True, slots=True)
class Ranged:
    """It is known where the glass and the top of the thickest particle are."""

    field: FieldRange


@dataclass(frozen=True, slots=True)
class Planned:
    """The sweep has been planned and will now run."""

    plan: SweepPlan


@dataclass(frozen=True, slots=True)
class FrameRecorded:
    """A frame lies on disk, whatever happens to the program from now on."""

    frame: Frame
    count: int
    """How many frames lie on disk."""
    expected: int
    lost: int
    """How many the camera has lost so far."""


@dataclass(frozen=True, slots=True)
class FusionGrew:
    """The fused image contains one more frame."""

    growth: Growth

    @property
    def fused(self) -> NDArray[Any]:
        """(H, W) or (H, W, 3) RGB like the frames: the fused image of the frames so far."""
        return self.growth.fused

    @property
    def fused_count(self) -> int:
        """How many frames are in it."""
        return self.growth.count


@dataclass(frozen=True, slots=True)
class Finished:
    """The run is over; always the last event."""

    phase: Phase
    """DONE, CANCELLED or FAILED."""
    folder: Path | None
    """The capture on disk; None if nothing was recorded."""
    fusion: Fusion | None
    """The result; also for a cancelled run that had frames."""
    error: Exception | None = None


CaptureEvent = PhaseEntered | Focused | Ranged | Planned | FrameRecorded | FusionGrew | Finished
