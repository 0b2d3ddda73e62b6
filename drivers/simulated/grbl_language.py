"""What Grbl 1.1 understands: jog lines and numbered settings, with its own error codes.

Written from the Grbl 1.1 documentation: interface, jogging, settings, and the tables of error and
alarm codes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

EXPECTED_COMMAND_LETTER = 1
BAD_NUMBER_FORMAT = 2
INVALID_STATEMENT = 3
NEGATIVE_VALUE = 4
SETTING_DISABLED = 5
SETTING_STEP_PULSE_MIN = 6
IDLE_ERROR = 8
SYSTEM_GC_LOCK = 9
SOFT_LIMIT_ERROR = 10
OVERFLOW = 11
TRAVEL_EXCEEDED = 15
INVALID_JOG_COMMAND = 16
UNSUPPORTED_COMMAND = 20
MODAL_GROUP_VIOLATION = 21
UNDEFINED_FEED_RATE = 22
WORD_REPEATED = 25

MM_PER_INCH = 25.4

_WORD = re.compile(r"([A-Z])([+-]?(?:\d+\.?\d*|\.\d+))")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")


class GrblError(Exception):
    """The firmware refuses a line.

    Parameters
    ----------
    code : int
        The number after ``error:``.
    """

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"error:{code}")


@dataclass(frozen=True, slots=True)
class Jog:
    """One ``$J=`` line."""

    axes: dict[str, float]
    """mm by axis letter."""
    relative: bool
    machine: bool
    """Whether absolute values are in machine coordinates (G53)."""
    feed_mm_per_min: float


def parse_words(text: str) -> Iterator[tuple[str, float]]:
    """Yield the letters and numbers of a G-code line without spaces.

    Raises
    ------
    GrblError
        1 where a letter is missing, 2 where a number is.
    """
    at = 0
    while at < len(text):
        if not ("A" <= text[at] <= "Z"):
            raise GrblError(EXPECTED_COMMAND_LETTER)
        match = _WORD.match(text, at)
        if match is None:
            raise GrblError(BAD_NUMBER_FORMAT)
        yield match[1], float(match[2])
        at = match.end()


def parse_jog(text: str) -> Jog:
    """Read what follows ``$J=``.

    Raises
    ------
    GrblError
        16 for any word but G20, G21, G53, G90, G91, the axes, F and N; 22 without a feed rate;
        4 for a negative one; 21 and 25 for contradictions; 1 and 2 for what is no word.
    """
    axes: dict[str, float] = {}
    groups: dict[str, float] = {}
    feed: float | None = None
    for letter, value in parse_words(text):
        if letter == "G":
            group = {20: "unit", 21: "unit", 53: "machine", 90: "distance", 91: "distance"}.get(
                int(value)
            )
            if group is None or value != int(value):
                raise GrblError(INVALID_JOG_COMMAND)
            if group in groups:
                raise GrblError(MODAL_GROUP_VIOLATION)
            groups[group] = value
        elif letter in "XYZ":
            if letter in axes:
                raise GrblError(WORD_REPEATED)
            axes[letter] = value
        elif letter == "F":
            if feed is not None:
                raise GrblError(WORD_REPEATED)
            feed = value
        elif letter != "N":
            raise GrblError(INVALID_JOG_COMMAND)
    if feed is not None and feed < 0:
        raise GrblError(NEGATIVE_VALUE)
    if not feed:
        raise GrblError(UNDEFINED_FEED_RATE)
    unit = MM_PER_INCH if groups.get("unit") == 20 else 1.0
    return Jog(
        {axis: value * unit for axis, value in axes.items()},
        relative=groups.get("distance") == 91,
        machine="machine" in groups,
        feed_mm_per_min=feed * unit,
    )


_INTEGER_SETTINGS = frozenset({0, 1, 2, 3, 4, 5, 6, 10, 13, 20, 21, 22, 23, 26, 30, 31, 32})

_DEFAULTS: dict[int, float] = (
    {0: 10, 1: 255, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 10: 1, 11: 0.010, 12: 0.002, 13: 0}
    | {20: 1, 21: 0, 22: 1, 23: 0, 24: 300.0, 25: 1200.0, 26: 25, 27: 1.0}
    | {30: 1000, 31: 0, 32: 0}
)


class SettingsTable:
    """The numbered settings, as ``$$`` prints them.

    Parameters
    ----------
    axes : dict
        The values of $100 to $132: steps per mm, mm/min, mm/s², mm.
    """

    def __init__(self, axes: dict[int, float]) -> None:
        self._values = {**_DEFAULTS, **axes}

    def __getitem__(self, number: int) -> float:
        return self._values[number]

    def axis(self, first: int) -> tuple[float, float, float]:
        """Return the x, y, z values of one kind, such as 110 for the maximum rates."""
        return self._values[first], self._values[first + 1], self._values[first + 2]

    def lines(self) -> list[str]:
        """Return one ``$n=value`` line per setting."""
        return [f"${number}={self._text(number)}" for number in sorted(self._values)]

    def store(self, assignment: str) -> None:
        """Store ``n=value``.

        Raises
        ------
        GrblError
            2 for bad numbers, 3 for unknown settings and trailing text, 4 for negative values,
            6 for a step pulse below 3 µs, 10 for soft limits without homing.
        """
        number, value = self._parse(assignment)
        if number not in self._values:
            raise GrblError(INVALID_STATEMENT)
        if value < 0:
            raise GrblError(NEGATIVE_VALUE)
        if number == 0 and value < 3:
            raise GrblError(SETTING_STEP_PULSE_MIN)
        if number == 20 and value and not self._values[22]:
            raise GrblError(SOFT_LIMIT_ERROR)
        self._values[number] = math.floor(value) if number in _INTEGER_SETTINGS else value
        if number == 22 and not value:
            self._values[20] = 0

    @staticmethod
    def _parse(assignment: str) -> tuple[int, float]:
        match = _NUMBER.match(assignment)
        if match is None:
            raise GrblError(BAD_NUMBER_FORMAT)
        if assignment[match.end() : match.end() + 1] != "=":
            raise GrblError(INVALID_STATEMENT)
        value = _NUMBER.match(assignment, match.end() + 1)
        if value is None:
            raise GrblError(BAD_NUMBER_FORMAT)
        if value.end() != len(assignment) or not 0 <= float(match[0]) <= 255:
            raise GrblError(INVALID_STATEMENT)
        return int(float(match[0])), float(value[0])

    def _text(self, number: int) -> str:
        value = self._values[number]
        return f"{value:.0f}" if number in _INTEGER_SETTINGS else f"{value:.3f}"
