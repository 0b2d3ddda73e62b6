"""Zaber's ASCII language: requests out, replies and alerts in.

Nothing here does I/O. The format is that of the Zaber ASCII protocol manual, "Message format":
``/1 2 07 get pos:CC`` is answered by ``@01 2 07 OK IDLE -- 1234:CC``, where 07 is the request's
own number and CC the check sum.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

FINE: Final = "--"
"""The flag of a device that has nothing to say."""

VELOCITY_FACTOR: Final = 1.6384
"""Speeds are microsteps/s times this (Zaber ASCII protocol manual, "maxspeed")."""
ACCELERATION_FACTOR: Final = VELOCITY_FACTOR / 10_000
"""Accelerations are microsteps/s² times this (Zaber ASCII protocol manual, "accel")."""

FLAGS: Final = {
    "FF": "critical system error",
    "FN": "the attached axis is not supported",
    "FZ": "the attached axis is inactive",
    "FH": "the emergency stop has switched the motor off",
    "FV": "supply voltage out of range, the motor is off",
    "FO": "the motor is switched off",
    "FC": "too high a current when switched on",
    "FM": "the motor is too hot",
    "FD": "the motor is switched off",
    "FQ": "the encoder fails",
    "FI": "the encoder's index mark is not where it was",
    "FA": "the analogue encoder is out of step",
    "FR": "overdriven for too long",
    "FS": "stalled and stopped",
    "FB": "a sequence of moves has left its bounds",
    "FP": "off the planned path",
    "FE": "a limit sensor is where none should be",
    "FT": "twisted too far",
    "WL": "ran into a limit unexpectedly, steps may be lost",
    "WS": "stalled and recovered",
    "WV": "supply voltage out of range",
    "WT": "the controller is hot",
    "WM": "was pushed while it stood still",
    "WP": "the calibration is of a wrong kind",
    "WR": "has no reference position",
    "WH": "has not been homed",
}
"""What the warning flags mean (Zaber ASCII protocol manual, "Warning flags"); those that begin
with N are notes on the normal course of things."""

UNREFERENCED: Final = frozenset({"WR", "WH"})
_ALARMING_WARNINGS = frozenset({"WL", "WS"})
MOTOR_OFF: Final = frozenset({"FH", "FV", "FO", "FC", "FM", "FD"})
"""Faults after which the motor has to be switched on again."""

_LINE = re.compile(r"([@!])([0-9]{2}) ([0-9]) (?:([0-9]{2}) )?(.*)")
_REPLY = re.compile(r"(OK|RJ) (IDLE|BUSY) ([A-Z]{2}|--)(?: (.*))?")
_ALERT = re.compile(r"(IDLE|BUSY) ([A-Z]{2}|--)(?: .*)?")
_CHECK = re.compile(r"(.*):([0-9A-F]{2})")


@dataclass(frozen=True, slots=True)
class Reply:
    """``@…``: the answer to the request of the same number."""

    device: int
    axis: int
    number: int | None
    """The request's; None where it had none."""
    accepted: bool
    moving: bool
    """Whether the axis moves; for axis 0, whether any axis of the device does."""
    flag: str
    """The most pressing warning, or `FINE`."""
    data: str
    checked: bool
    """Whether it came with a check sum, which was right."""


@dataclass(frozen=True, slots=True)
class Alert:
    """``!…``: said without being asked, when a move ends or something goes wrong."""

    device: int
    axis: int
    moving: bool
    flag: str


def check_sum(text: str) -> str:
    """Return what makes the sum of the bytes zero in its last eight bits, in hexadecimal.

    Parameters
    ----------
    text : str
        What lies between the message's first character and the colon.
    """
    return f"{-sum(text.encode('ascii')) & 0xFF:02X}"


def encode(device: int, axis: int, number: int, command: str) -> str:
    """Return a request without its line end.

    Parameters
    ----------
    device : int
        Place in the chain, 1 to 99; 0 for all.
    axis : int
        1 to 9; 0 for all axes of the device.
    number : int
        Comes back with the reply, 0 to 99.
    command : str
        ASCII text.

    Raises
    ------
    ValueError
        A number is out of its range, or the command holds what would end or extend the message.
    """
    if not (0 <= device <= 99 and 0 <= axis <= 9 and 0 <= number <= 99):
        raise ValueError(f"device {device}, axis {axis}, message {number}: out of range")
    if not command.isascii() or not command.isprintable() or set(command) & set(":/\\"):
        raise ValueError(f"not a command: {command!r}")
    text = f"{device} {axis} {number:02d} {command}".rstrip()
    return f"/{text}:{check_sum(text)}"


def parse(line: str) -> Reply | Alert | None:
    """Say what a line is, by its shape alone; None for damaged and other lines; never raises."""
    # What stands before the mark is the rest of a line that has lost its end.
    line = line[max(line.rfind("@"), line.rfind("!"), 0) :]
    checked = _CHECK.fullmatch(line)
    if checked is not None:
        body = checked[1]
        if not body.isascii() or check_sum(body[1:]) != checked[2]:
            return None
        line = body
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    device, axis = int(found[2]), int(found[3])
    if found[1] == "@":
        reply = _REPLY.fullmatch(found[5])
        if reply is None:
            return None
        return Reply(
            device,
            axis,
            None if found[4] is None else int(found[4]),
            accepted=reply[1] == "OK",
            moving=reply[2] == "BUSY",
            flag=reply[3],
            data=(reply[4] or "").strip(),
            checked=checked is not None,
        )
    alert = _ALERT.fullmatch(found[5])
    if alert is None:
        return None
    return Alert(device, axis, moving=alert[1] == "BUSY", flag=alert[2])


def parse_integers(text: str) -> tuple[int, ...] | None:
    """Read whole numbers with blanks between them; None if any is damaged, or there is none."""
    words = text.split()
    if not words or not all(re.fullmatch(r"-?[0-9]{1,18}", word) for word in words):
        return None
    return tuple(int(word) for word in words)


def parse_decimal(text: str) -> float | None:
    """Read a number that may have decimals; None if it is damaged."""
    return float(text) if re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", text) else None


def parse_version(text: str) -> tuple[int, int] | None:
    """Read a firmware version such as ``7.34``; None if it is damaged."""
    found = re.fullmatch(r"([0-9]{1,4})\.([0-9]{1,4})(\..*)?", text)
    return None if found is None else (int(found[1]), int(found[2]))


def parse_flags(text: str) -> tuple[str, ...] | None:
    """Read the answer to ``warnings``, such as ``02 WL WR``; None if it is damaged."""
    words = text.split()
    if not words or not re.fullmatch(r"[0-9]{1,2}", words[0]) or int(words[0]) != len(words) - 1:
        return None
    flags = tuple(words[1:])
    return flags if all(re.fullmatch(r"[A-Z]{2}", flag) for flag in flags) else None


def alarm_of(flag: str) -> str | None:
    """Return in words what a flag complains of, where the stage waits for a person; else None."""
    if not flag.startswith("F") and flag not in _ALARMING_WARNINGS:
        return None
    return f"{flag}: {FLAGS.get(flag, 'a fault that this program does not know')}"
