"""The language of ASI's MS-2000 and Tiger controllers, without any I/O.

Sources: ASI's serial command directory (asiimaging.com/docs/products/serial_commands) with its
pages on STATUS, RDSTAT, RDSBYTE, SETLOW, BACKLASH, OS, ACCEL; Micro-Manager's ASIStage adapter;
navigate's Tiger driver for error -21. Requests end with CR, answers with CR LF. An answer is
``:A`` with or without values, ``:X=0.04 A`` from some queries, or ``:N-n``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

UNIT_UM: Final = 0.1
"""Positions are tenths of a micrometre."""
UM_PER_MM: Final = 1000.0

ENABLED: Final = 0b10
UPPER_SWITCH: Final = 0b0100_0000
LOWER_SWITCH: Final = 0b1000_0000
"""Bits of the status byte (RDSBYTE)."""

_NUMBER: Final = r"-?\d{1,12}(?:\.\d{0,9})?"
_NUMBERS: Final = re.compile(rf":A((?:\s+{_NUMBER})+)\s*")
_ASSIGNED: Final = re.compile(rf"([A-Z])\s*=\s*({_NUMBER})")
_VALUES: Final = re.compile(rf":(?:A\s+)?([A-Z]\s*=\s*{_NUMBER}\s*)+A?\s*")
_REFUSAL: Final = re.compile(r":N\s*-(\d{1,3})\s*")
_HALTED: Final = 21

_ERRORS: Final = {
    1: "unknown command",
    2: "no such axis",
    3: "a parameter is missing",
    4: "a parameter is out of range",
    5: "the operation failed",
    6: "the command is incorrect",
    7: "no such card",
}


def refusal(line: str) -> str | None:
    """Return what an error line (``:N-n``) says; None for any other line.

    ``:N-21`` is no refusal: it is what a command answers that HALT has cut short.
    """
    match = _REFUSAL.fullmatch(line)
    if match is None or int(match[1]) == _HALTED:
        return None
    number = int(match[1])
    return f"error -{number}: {_ERRORS.get(number, 'see the manual')}"


def acknowledged(line: str) -> bool | None:
    """Read the bare ``:A`` that acknowledges a command."""
    return True if line.strip() == ":A" else None


def busy(line: str) -> bool | None:
    """Read the answer to ``/``: whether a commanded move is under way."""
    return {"B": True, "N": False}.get(line.strip())


def version(line: str) -> str | None:
    """Read the answer to ``V``: ``:A Version: USB-9.2p``, or ``:A v3.35`` from a Tiger."""
    match = re.fullmatch(r":A\s+(?:Version:\s*|(?=v\d))(\S.*)", line.strip())
    return match[1].strip() if match else None


def numbers(count: int) -> Callable[[str], tuple[float, ...] | None]:
    """Return the shape of as many bare numbers, such as ``:A 1234 -50.5 0``."""

    def read(line: str) -> tuple[float, ...] | None:
        match = _NUMBERS.fullmatch(line)
        if match is None:
            return None
        values = tuple(float(each) for each in match[1].split())
        return values if len(values) == count else None

    return read


def values(letters: Iterable[str]) -> Callable[[str], Mapping[str, float] | None]:
    """Return the shape of one value for each axis, ``:A X=1.5 Z=2`` or ``:X=1.5 Z=2 A``."""
    wanted = frozenset(letters)

    def read(line: str) -> Mapping[str, float] | None:
        if not _VALUES.fullmatch(line):
            return None
        found = {letter: float(number) for letter, number in _ASSIGNED.findall(line)}
        return found if frozenset(found) == wanted else None

    return read


def ask_for(command: str, letters: Iterable[str]) -> str:
    """Return the query for a setting of some axes, such as ``SL X? Y?``."""
    return " ".join([command, *(f"{letter}?" for letter in letters)])


def assign(command: str, wanted: Mapping[str, float], decimals: int) -> str:
    """Return the command that sets a value for each axis, such as ``S Z=0.0142``."""
    return " ".join(
        [command, *(f"{letter}={number:.{decimals}f}" for letter, number in wanted.items())]
    )


def switch_text(letter: str, status_byte: int) -> str | None:
    """Name the limit switches of an axis that are closed."""
    closed = [
        side
        for side, bit in (("upper", UPPER_SWITCH), ("lower", LOWER_SWITCH))
        if status_byte & bit
    ]
    return f"{' and '.join(closed)} limit switch of {letter}" if closed else None
