"""What goes wrong on purpose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaultScript:
    """Faults of a stage controller and its line; times count from when the script is injected."""

    drop_reply_every: int = 0
    """Every n-th reply gets lost (a Grbl's: every n-th report); 0 loses none.

    Real Grbl loses about 1 in 900.
    """
    cut_reply_every: int = 0
    """Every n-th reply loses its second half, the line end included; 0 cuts none."""
    drop_stops: frozenset[int] = frozenset()
    """Which requests to stop are lost on the way to the controller, counted from 1."""
    lines_at_s: tuple[tuple[float, bytes], ...] = ()
    """Bytes that appear on the line, such as a garbled report or an unasked one."""
    flood_at_s: tuple[tuple[float, float], ...] = ()
    """From when and for how long random bytes pour in, as many as 115200 baud can carry."""
    alarm_at_s: tuple[tuple[float, int | str], ...] = ()
    """Alarms by the controller's own code: Grbl's or TANGO's number, Zaber's two letters.

    Grbl's 1 and 2 lock it until it is reset.
    """
    limit_at_s: tuple[float, ...] = ()
    """The limit switch of an axis that moves then is hit."""
    stall_at_s: tuple[float, ...] = ()
    """What moves then gets stuck; a controller without encoders does not notice."""
    reset_at_s: tuple[float, ...] = ()
    """Brown-outs: the controller starts anew and its position is lost."""
    silent_at_s: float | None = None
    """From then on the controller answers nothing, as if its cable were loose."""
    close_at_s: float | None = None
    """The connection breaks."""
    homing_fails: bool = False
    """The homing switches are never found."""


@dataclass(frozen=True, slots=True)
class CameraFaults:
    """Faults of a camera, by the index of the exposure."""

    incomplete: frozenset[int] = frozenset()
    """Images that arrive damaged and are lost."""
    unplugged_at: int | None = None
    """The camera is gone from this image on."""
    stalls_at: int | None = None
    """From this image on nothing arrives, and the camera does not say why."""
