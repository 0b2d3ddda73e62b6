"""The TANGO controller's language: requests out, answers in.

Nothing here does I/O. Requests begin with ``!`` (set; no answer) or ``?`` (ask); answers are bare
numbers and letters, so that nothing but their shape tells them apart. Sources: Märzhäuser's own
adapter for Micro-Manager, and for the error numbers and ``calst`` the COMET project's driver.
"""

from __future__ import annotations

import math
import re
from typing import Final

from drivers.stage import AxisName

MOVING: Final = "M"
ABSENT: Final = "-"

ALARMS: Final = {
    "S": "stands on a limit switch",
    "E": "could not be calibrated",
    "T": "has taken too long",
}
"""Letters of ``?statusaxis`` that wait for a person. The others: ``@`` stands, ``J`` stands and
follows the joystick, ``C`` stands under closed-loop control, ``A`` and ``D`` have been calibrated
and measured, ``U`` is being set up."""

ERRORS: Final = {
    1: "no valid axis name",
    2: "no executable instruction",
    3: "too many characters in the line",
    4: "unknown instruction",
    5: "number out of range",
    6: "wrong number of parameters",
    7: "! or ? is missing or not allowed",
    8: "not while an axis is active",
    9: "not while clock pulses drive the axis",
    10: "not configured",
    11: "no moves while the joystick is on",
    12: "a limit switch is actuated",
    13: "not with an encoder",
    14: "calibration: the limit switch was not released",
    15: "calibration: the opposite limit switch is actuated",
    21: "no moves of several axes now",
    22: "no moves now: a door is open, or the controller is starting",
    27: "the emergency stop is active",
    29: "the amplifiers are switched off",
    30: "the safety circuit is out of order",
    32: "the target lies beyond the limits",
    89: "not in standby",
    90: "too hot",
    91: "the encoder fails",
}
"""What ``?err`` means."""
WAITING: Final = frozenset({12, 14, 15, 22, 27, 29, 30, 90, 91})
"""The errors that wait for a person; the others say that a request was wrong."""

_NUMBER = r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,9})?"
_NUMBERS = re.compile(rf"{_NUMBER}(?: +{_NUMBER})*")
_LETTERS = re.compile(r"[-@A-Z]{1,6}\.?")


def set_value(word: str, axis: AxisName, value: float, digits: int) -> str:
    """Return the request that sets one value of one axis.

    Raises
    ------
    ValueError
        The value is not finite.
    """
    if not math.isfinite(value):
        raise ValueError(f"!{word} {axis}: {value} is not a finite number")
    return f"!{word} {axis} {value:.{digits}f}"


def parse_numbers(line: str, count: int) -> tuple[float, ...] | None:
    """Read at least ``count`` numbers with blanks between them; None for any other line."""
    line = line.strip()
    if _NUMBERS.fullmatch(line) is None:
        return None
    values = tuple(float(word) for word in line.split())
    return values if len(values) >= count else None


def parse_whole(line: str) -> int | None:
    """Read one whole number and nothing else, such as the answer to ``?err``."""
    return int(line) if re.fullmatch(r" *-?[0-9]{1,9} *", line) else None


def parse_wholes(line: str, count: int) -> tuple[int, ...] | None:
    """Read at least ``count`` whole numbers and nothing else; None for any other line."""
    words = line.split()
    if len(words) < count or not all(re.fullmatch(r"[0-9]{1,9}", word) for word in words):
        return None
    return tuple(int(word) for word in words)


def parse_letters(line: str, count: int) -> str | None:
    """Read one letter per axis, as in ``@@M-.``; None for any other line."""
    line = line.strip()
    if _LETTERS.fullmatch(line) is None:
        return None
    letters = line.removesuffix(".")
    return letters if len(letters) >= count else None


def decimals(line: str) -> int:
    """Return how many decimals the first number of a line is printed with."""
    words = line.split()
    return len(words[0].partition(".")[2]) if words else 0
