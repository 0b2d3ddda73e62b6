"""How far a capture is, folded from its events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.acquisition.events import (
    CaptureEvent,
    Finished,
    Focused,
    FrameRecorded,
    FusionGrew,
    Phase,
    PhaseEntered,
    Planned,
)

if TYPE_CHECKING:
    from app.acquisition.autofocus import AutofocusResult
    from app.acquisition.sweep_plan import SweepPlan


@dataclass(frozen=True, slots=True)
class CaptureProgress:
    """A snapshot of a capture run."""

    phase: Phase | None = None
    phase_since_s: float = 0.0
    """On the clock of `after`."""
    plan: SweepPlan | None = None
    focus: AutofocusResult | None = None
    recorded: int = 0
    expected: int = 0
    lost: int = 0
    fused: int = 0
    fusing_since_s: float | None = None

    def after(self, event: CaptureEvent, now_s: float) -> CaptureProgress:
        """Return the progress once an event has happened.

        Parameters
        ----------
        event : CaptureEvent
        now_s : float
            On any clock that only goes forward.
        """
        match event:
            case PhaseEntered(phase) | Finished(phase):
                return replace(self, phase=phase, phase_since_s=now_s)
            case Focused(result):
                return replace(self, focus=result)
            case Planned(plan):
                return replace(self, plan=plan)
            case FrameRecorded():
                return replace(self, recorded=event.count, expected=event.expected, lost=event.lost)
            case FusionGrew():
                since_s = now_s if self.fusing_since_s is None else self.fusing_since_s
                return replace(self, fused=event.fused_count, fusing_since_s=since_s)
            case _:
                return self

    @property
    def fraction(self) -> float | None:
        """Share of the present phase that is done, 0..1; None where nobody can tell."""
        if self.phase is Phase.SWEEP and self.expected:
            return min(self.recorded / self.expected, 1.0)
        if self.phase is Phase.CATCH_UP and self._to_fuse:
            return min(self.fused / self._to_fuse, 1.0)
        if self.phase is not None and self.phase.is_final:
            return 1.0
        return None

    @property
    def waiting(self) -> int:
        """Frames that lie on disk and may still have to be fused: how far the fusion lags."""
        return max(self._to_fuse - self.fused, 0) if self.fused else 0

    def seconds_left(self, now_s: float) -> float | None:
        """Return how long sweep and fusion will still take; None where nobody can tell."""
        sweep_s = fusion_s = None
        if self.phase is Phase.SWEEP and self.plan is not None:
            sweep_s = max(self.plan.duration_s - (now_s - self.phase_since_s), 0.0)
        sweeps = self.phase in (Phase.SWEEP, Phase.CATCH_UP)
        if sweeps and self.fused > 1 and self.fusing_since_s is not None:
            each_s = (now_s - self.fusing_since_s) / self.fused
            in_all = self._to_fuse if self.phase is Phase.CATCH_UP else self._planned
            fusion_s = max(in_all - self.fused, 0) * each_s
        # Both go on at once: the slower one counts.
        return max((each for each in (sweep_s, fusion_s) if each is not None), default=None)

    @property
    def _to_fuse(self) -> int:
        """Frames that the fusion will have seen; those of run-up and run-down are left out."""
        return max(min(self._planned, self.recorded), self.fused)

    @property
    def _planned(self) -> int:
        return self.plan.expected_frames if self.plan is not None else self.recorded
