"""How far a slide scan is, folded from its events; knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from statistics import fmean
from typing import Final

from app.acquisition.events import Phase, PhaseEntered
from app.acquisition.scan_events import (
    FieldEntered,
    FieldEvent,
    FieldFinished,
    ScanEvent,
    ScanFinished,
)
from app.captures.scan_record import ScanRecord


class FieldStage(Enum):
    """Where one field of a scan stands."""

    WAITING = "waiting"
    GOING = "going there"
    FOCUSING = "focusing"
    SWEEPING = "sweeping"
    FUSING = "fusing"
    FUSED = "fused"
    EMPTY = "empty"
    FAILED = "failed"

    @property
    def is_busy(self) -> bool:
        """Whether the microscope works at the field."""
        return self in _BUSY


_BUSY: Final = (
    FieldStage.GOING,
    FieldStage.FOCUSING,
    FieldStage.SWEEPING,
    FieldStage.FUSING,
)
_OVER: Final = {
    "pending": FieldStage.WAITING,
    "done": FieldStage.FUSED,
    "empty": FieldStage.EMPTY,
    "failed": FieldStage.FAILED,
}
_AT_WORK: Final = {
    None: FieldStage.GOING,
    Phase.AUTOFOCUS: FieldStage.FOCUSING,
    Phase.APPROACH: FieldStage.FOCUSING,
    Phase.SWEEP: FieldStage.SWEEPING,
}
"""All later phases are called fusing."""


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field as the window lists it."""

    name: str
    x_um: float
    y_um: float
    stage: FieldStage = FieldStage.WAITING
    best_z_um: float | None = None
    duration_s: float | None = None
    message: str = ""
    """Why it failed."""
    folder: Path | None = None
    """Of its capture."""


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """A snapshot of a scan, under way or over."""

    folder: Path
    record: ScanRecord
    began_s: float
    """On the clock of `after`."""
    expected_s: float = 0.0
    """What a field was expected to take, as long as none is over."""
    running: bool = True
    current: int | None = None
    """The number of the field that the microscope works at."""
    phase: Phase | None = None
    """Of that field's capture."""
    field_since_s: float = 0.0
    ended: Phase | None = None
    """What the scan has come to: DONE, CANCELLED or FAILED."""

    def after(self, event: ScanEvent, now_s: float) -> ScanProgress:
        """Return the progress once an event has happened.

        Parameters
        ----------
        event : ScanEvent
        now_s : float
            On any clock that only goes forward.
        """
        match event:
            case FieldEntered(number):
                return replace(self, current=number, phase=None, field_since_s=now_s)
            case FieldEvent(_, PhaseEntered(phase)):
                return replace(self, phase=phase)
            case FieldFinished(number, field):
                record = self.record.with_field(number, field)
                return replace(self, record=record, current=None, phase=None)
            case ScanFinished(phase, record):
                ended = replace(self, record=record, ended=phase)
                return replace(ended, running=False, current=None, phase=None)
            case _:
                return self

    def given_up(self) -> ScanProgress:
        """Return the progress of a scan that was stopped before it began."""
        return replace(self, running=False, current=None, ended=Phase.CANCELLED)

    @property
    def total(self) -> int:
        """How many fields there are."""
        return len(self.record.fields)

    @property
    def finished(self) -> int:
        """How many fields are over, whatever has become of them."""
        return self.total - len(self.record.pending)

    @property
    def fused(self) -> int:
        """How many fields have a fused image."""
        return sum(field.state == "done" for field in self.record.fields)

    @property
    def can_resume(self) -> bool:
        """Whether there are fields left over."""
        return not self.running and bool(self.record.pending)

    @property
    def field_s(self) -> float:
        """How long a field takes on average."""
        durations_s = [f.duration_s for f in self.record.fields if f.duration_s is not None]
        return fmean(durations_s) if durations_s else self.expected_s

    def seconds_left(self, now_s: float) -> float | None:
        """Return how long the scan will still take; None where it does not run."""
        if not self.running:
            return None
        left_s = len(self.record.pending) * self.field_s
        if self.current is not None:
            # A field that takes longer than the others must not eat the time of those to come.
            left_s -= min(now_s - self.field_since_s, self.field_s)
        return max(left_s, 0.0)

    @property
    def rows(self) -> tuple[FieldRow, ...]:
        """The fields in the order in which they are captured."""
        return tuple(self._row(number) for number in range(self.total))

    def _row(self, number: int) -> FieldRow:
        field = self.record.fields[number]
        at_work = number == self.current
        return FieldRow(
            field.name,
            field.x_um,
            field.y_um,
            _AT_WORK.get(self.phase, FieldStage.FUSING) if at_work else _OVER[field.state],
            field.best_z_um,
            field.duration_s,
            field.message,
            self.folder / field.folder if field.folder is not None else None,
        )
