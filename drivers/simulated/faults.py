"""What goes wrong on purpose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaultScript:
    """Faults of a stage controller and its line; times count from when the script is injected."""

    drop_status_every: int = 0
    """Every n-th ``?`` gets no reply; 0 answers all. Real firmware loses about 1 in 900."""
    drop_jog_cancels: frozenset[int] = frozenset()
    """Which jog cancels (0x85) are lost on the line, counted from 1."""
    lines_at_s: tuple[tuple[float, bytes], ...] = ()
    """Bytes that appear on the line, such as a garbled report."""
    alarm_at_s: tuple[tuple[float, int], ...] = ()
    """Alarms; 1 and 2 lock the controller until it is reset."""
    reset_at_s: tuple[float, ...] = ()
    """Brown-outs: the controller starts anew and its position is lost."""
    silent_at_s: float | None = None
    """From then on the controller answers nothing, as if its cable were loose."""
    close_at_s: float | None = None
    """The connection breaks."""
    homing_fails: bool = False
    """The homing switches are never found (ALARM:9)."""


@dataclass(frozen=True, slots=True)
class CameraFaults:
    """Faults of a camera, by the index of the exposure."""

    incomplete: frozenset[int] = frozenset()
    """Images that arrive damaged and are lost."""
    unplugged_at: int | None = None
    """The camera is gone from this image on."""
