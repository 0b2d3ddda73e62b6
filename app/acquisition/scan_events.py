"""What a slide scan announces while it works.

A listener gets these from the scan's own threads; it must return quickly.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.acquisition.events import CaptureEvent, Phase
from app.captures.scan_record import ScanField, ScanRecord


@dataclass(frozen=True, slots=True)
class FieldEntered:
    """The scan goes to a field."""

    number: int
    field: ScanField


@dataclass(frozen=True, slots=True)
class FieldEvent:
    """The capture of a field announces something."""

    number: int
    event: CaptureEvent


@dataclass(frozen=True, slots=True)
class FieldFinished:
    """A field is over."""

    number: int
    field: ScanField
    finished: int
    """How many fields are."""
    total: int
    left_s: float
    """About how long the others will take, as long as those before on average."""


@dataclass(frozen=True, slots=True)
class ScanFinished:
    """The scan is over; always the last event."""

    phase: Phase
    """DONE, CANCELLED or FAILED; after the latter two it can be taken up again."""
    record: ScanRecord
    overview: Path | None
    error: Exception | None = None


ScanEvent = FieldEntered | FieldEvent | FieldFinished | ScanFinished
