"""Grbl 1.1's and grblHAL's language: lines in, events out, and back.

Nothing here does I/O. The format is that of the Grbl 1.1 documentation, "Interface".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from drivers.stage import AxisName

ASK_STATUS: Final = b"?"
FEED_HOLD: Final = b"!"
RESUME: Final = b"~"
JOG_CANCEL: Final = b"\x85"
SOFT_RESET: Final = b"\x18"
HOME: Final = "$H"
UNLOCK: Final = "$X"
ASK_SETTINGS: Final = "$$"
ASK_BUILD: Final = "$I"
RESET_TO_CONTINUE: Final = "Reset to continue"
"""The message after which, and not before, a critical alarm can be ended by a reset."""

_STATES = frozenset(
    ("Idle", "Run", "Hold", "Jog", "Alarm", "Door", "Check", "Home", "Sleep", "Tool")
)
_MOVING_STATES = frozenset(("Run", "Jog", "Home"))

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Ok:
    """``ok``: the oldest unanswered line was taken."""


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """``error:n``: the oldest unanswered line was refused."""

    code: int


@dataclass(frozen=True, slots=True)
class StatusReport:
    """``<...>``: the answer to `ASK_STATUS`; positions in firmware units (nominally mm)."""

    state: str
    """One of Idle, Run, Hold, Jog, Alarm, Door, Check, Home, Sleep, Tool."""
    substate: int | None = None
    machine: Triple | None = None
    work: Triple | None = None
    """Either this or ``machine`` is there; machine = work + work offset."""
    work_offset: Triple | None = None
    """Comes only now and then."""
    feed: float | None = None
    """Units per minute, as the controller rounds it."""
    pins: str = ""
    """Letters of the inputs that are active: X, Y, Z limit switches, P probe, D door, ..."""
    homed: bool | None = None
    """grblHAL only, and only now and then."""

    @property
    def moving(self) -> bool:
        """Whether an axis may be in motion; ``Hold:1`` and ``Door:2`` still slow down."""
        slowing = (self.state, self.substate) in (("Hold", 1), ("Door", 2), ("Door", 3))
        return slowing or self.state in _MOVING_STATES


@dataclass(frozen=True, slots=True)
class AlarmReport:
    """``ALARM:n``: the controller stopped itself."""

    code: int


@dataclass(frozen=True, slots=True)
class Banner:
    """The greeting after power-up and after every reset."""

    firmware: str
    """``"Grbl"`` or ``"grblHAL"``."""
    version: str


@dataclass(frozen=True, slots=True)
class Message:
    """``[MSG:...]``: a remark for the operator."""

    text: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """``[KEY:...]``: a line of an answer, such as the build information."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Setting:
    """``$n=v``: one line of the settings."""

    number: int
    value: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything else, damaged lines included."""

    text: str


Event = (
    Ok | ErrorReply | StatusReport | AlarmReport | Banner | Message | Feedback | Setting | Unknown
)

_STATUS = re.compile(r"<([A-Z][a-z]+)(?::([0-9]{1,4}))?\|([^<>]*)>")
# The firmware prints millimetres with three decimals, always; anything else has lost a byte.
_COORDINATE = re.compile(r"-?[0-9]{1,7}\.[0-9]{3}")
_FEED = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,3})?)(?:,.*)?")

# A brown-out puts noise in front of alarms and banners, and to miss one of them is dangerous:
# these two are looked for anywhere in a line that is nothing else.
_SHAPES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Event]], ...] = (
    (re.compile(r"^ok\Z"), lambda _: Ok()),
    (re.compile(r"^error:([0-9]{1,4})\Z"), lambda found: ErrorReply(int(found[1]))),
    (re.compile(r"^\[MSG:(.*)\]\Z"), lambda found: Message(found[1])),
    (
        re.compile(r"^\[([A-Za-z0-9 ]{1,20}):(.*)\]\Z"),
        lambda found: Feedback(found[1], found[2]),
    ),
    (re.compile(r"^\$([0-9]{1,5})=(.*)\Z"), lambda found: Setting(int(found[1]), found[2])),
    (re.compile(r"ALARM:([0-9]{1,4})\Z"), lambda found: AlarmReport(int(found[1]))),
    (
        re.compile(r"grblHAL ([0-9.]{1,6}[a-z]?) \[", re.IGNORECASE),
        lambda found: Banner("grblHAL", found[1]),
    ),
    (
        re.compile(r"grbl ([0-9.]{1,6}[a-z]?) \[", re.IGNORECASE),
        lambda found: Banner("Grbl", found[1]),
    ),
)


def parse(line: str) -> Event:
    """Say what a line is, by its shape alone; never raises."""
    if line.startswith("<"):
        return _parse_status(line) or Unknown(line)
    for shape, event in _SHAPES:
        if found := shape.search(line):
            return event(found)
    return Unknown(line)


def _parse_status(line: str) -> StatusReport | None:
    """Read a status report; None if any part that matters is damaged."""
    found = _STATUS.fullmatch(line)
    if found is None or found[1] not in _STATES:
        return None
    pairs = [field.partition(":")[::2] for field in found[3].split("|")]
    fields = dict(pairs)
    if len(fields) != len(pairs) or ("MPos" in fields) == ("WPos" in fields):
        return None
    places = {key: _parse_triple(fields[key]) for key in ("MPos", "WPos", "WCO") if key in fields}
    speed = fields.get("FS", fields.get("F"))
    feed = None if speed is None else _FEED.fullmatch(speed)
    if None in places.values() or (speed is not None and feed is None):
        return None
    return StatusReport(
        state=found[1],
        substate=None if found[2] is None else int(found[2]),
        machine=places.get("MPos"),
        work=places.get("WPos"),
        work_offset=places.get("WCO"),
        feed=None if feed is None else float(feed[1]),
        pins=fields.get("Pn", ""),
        homed={"0": False, "1": True}.get(fields.get("H", "")[:1]),
    )


def _parse_triple(text: str) -> Triple | None:
    """Read the coordinates of the first three axes; None if any is damaged."""
    parts = text.split(",")
    if len(parts) < 3 or not all(_COORDINATE.fullmatch(part) for part in parts):
        return None
    return float(parts[0]), float(parts[1]), float(parts[2])


def jog(targets: Mapping[AxisName, float], feed: float) -> str:
    """Return the line that jogs to an absolute machine position.

    Parameters
    ----------
    targets : mapping of axis name to float
        Where to go in firmware units; at least one axis, because Grbl 1.1h takes a jog without
        any as a move of all axes to zero.
    feed : float
        Firmware units per minute along the path.

    Raises
    ------
    ValueError
        No axis, or a number that is not finite or a feed that is not positive.
    """
    if not targets:
        raise ValueError("a jog needs at least one axis")
    if not (math.isfinite(feed) and feed > 0) or not all(map(math.isfinite, targets.values())):
        raise ValueError(f"a jog needs finite targets and a positive feed: {targets}, F{feed}")
    words = " ".join(f"{axis.upper()}{target:.4f}" for axis, target in sorted(targets.items()))
    return f"$J=G53 G21 G90 {words} F{feed:.3f}"
