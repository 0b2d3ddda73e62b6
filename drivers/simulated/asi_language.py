"""What an ASI MS-2000 or Tiger understands: commands, their short forms, axis arguments, errors.

Written from the MS-2000 and Tiger manuals, "Serial commands" and "Error codes".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

UNKNOWN_COMMAND = 1
UNKNOWN_AXIS = 2
MISSING_PARAMETER = 3
OUT_OF_RANGE = 4
OPERATION_FAILED = 5
UNDEFINED = 6
HALTED = 21

AXES: Final = "XYZ"

_SHORT: Final = {
    "ACCEL": "AC",
    "BACKLASH": "B",
    "BUILD": "BU",
    "CDATE": "CD",
    "DUMP": "DU",
    "ERROR": "E",
    "HALT": "\\",
    "HERE": "H",
    "HOME": "!",
    "INFO": "I",
    "JOYSTICK": "J",
    "MAINTAIN": "MA",
    "MOTCTRL": "MC",
    "MOVE": "M",
    "MOVREL": "R",
    "OVERSHOOT": "OS",
    "PCROS": "PC",
    "RDSTAT": "RS",
    "RESET": "~",
    "SETLOW": "SL",
    "SETUP": "SU",
    "SPEED": "S",
    "SPIN": "@",
    "STATUS": "/",
    "UM": "UM",
    "VECTOR": "VE",
    "VERSION": "V",
    "WAIT": "WT",
    "WHERE": "W",
    "WHO": "N",
    "ZERO": "Z",
}
"""Each command's full name and its short form."""

_WORD = re.compile(r"[A-Z]+|[/\\!@~]")
_ARGUMENT = re.compile(
    r"([A-Z])\s*(?:=\s*(?P<value>[+-]?(?:[0-9]{1,10}(?:\.[0-9]*)?|\.[0-9]+))|(?P<mark>[?+-]))?"
    r"(?=\s|[A-Z]|$)"
)


class AsiError(Exception):
    """The controller refuses a command.

    Parameters
    ----------
    code : int
        The number after ``:N-``.
    """

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f":N-{code}")


@dataclass(frozen=True, slots=True)
class Argument:
    """One axis and what is said of it."""

    axis: int
    value: float | None
    """What follows ``=``; None where nothing does."""
    mark: str
    """``?`` to ask, ``+`` or ``-`` to switch on or off; else empty."""


@dataclass(frozen=True, slots=True)
class Command:
    """One line."""

    word: str
    """The short form."""
    arguments: tuple[Argument, ...]

    def values(self) -> dict[int, float]:
        """Return the values by axis; an axis without one means 0.

        Raises
        ------
        AsiError
            3 where no axis is named.
        """
        if not self.arguments:
            raise AsiError(MISSING_PARAMETER)
        return {each.axis: each.value or 0.0 for each in self.arguments}

    def axes(self) -> list[int]:
        """Return the axes named, in the controller's own order, as its answers have them.

        Raises
        ------
        AsiError
            3 where no axis is named.
        """
        if not self.arguments:
            raise AsiError(MISSING_PARAMETER)
        return sorted({each.axis for each in self.arguments})

    @property
    def asks(self) -> bool:
        """Whether it asks rather than sets."""
        return any(each.mark == "?" for each in self.arguments)


def parse(line: str, *, tiger: bool) -> Command:
    """Read one line.

    Parameters
    ----------
    line : str
        Without its end.
    tiger : bool
        Whether a card's address may stand in front.

    Raises
    ------
    AsiError
        1 for unknown commands (6 on a Tiger, which never says 1), 2 for unknown axes, 6 for
        whatever else cannot be read.
    """
    text = line.strip().upper()
    if tiger:
        text = text.lstrip("0123456789")
    found = _WORD.match(text)
    word = found[0] if found is not None else ""
    short = _SHORT.get(word, word)
    if short not in _SHORT.values():
        raise AsiError(UNDEFINED if tiger else UNKNOWN_COMMAND)
    return Command(short, tuple(_parse_arguments(text[len(word) :].strip())))


def _parse_arguments(text: str) -> list[Argument]:
    arguments = []
    while text:
        found = _ARGUMENT.match(text)
        if found is None:
            raise AsiError(UNDEFINED)
        if found[1] not in AXES:
            raise AsiError(UNKNOWN_AXIS)
        value = found["value"]
        arguments.append(
            Argument(
                AXES.index(found[1]), None if value is None else float(value), found["mark"] or ""
            )
        )
        text = text[found.end() :].lstrip()
    return arguments
