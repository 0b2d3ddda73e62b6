"""What a Prior ProScan understands and says: its separators, its error codes, its long answers.

Written from the ProScan III manual, "ASCII commands for RS232", and a public emulator's summary
of the ProScan II command set.
"""

from __future__ import annotations

import re

NO_STAGE = 1
NOT_IDLE = 2
NO_DRIVE = 3
STRING_PARSE = 4
COMMAND_NOT_FOUND = 5
NO_FOCUS = 7
VALUE_OUT_OF_RANGE = 8
ARGUMENT_1 = 10
QUEUE_FULL = 18

_IN_WORDS = {
    NO_STAGE: "NO STAGE",
    NOT_IDLE: "NOT IDLE",
    NO_DRIVE: "NO DRIVE",
    STRING_PARSE: "STRING PARSE",
    COMMAND_NOT_FOUND: "COMMAND NOT FOUND",
    NO_FOCUS: "NO FOCUS",
    VALUE_OUT_OF_RANGE: "VALUE OUT OF RANGE",
    QUEUE_FULL: "QUEUE FULL",
}

_SEPARATORS = re.compile(r"[,\s;:=]+")


class PriorError(Exception):
    """The controller refuses a command.

    Parameters
    ----------
    code : int
        The number after ``E,``.
    """

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"E,{code}")

    def text(self, *, in_words: bool) -> str:
        """Return what is sent."""
        return _IN_WORDS.get(self.code, f"ERROR {self.code}") if in_words else str(self)


def split(line: str) -> tuple[str, list[str]]:
    """Return the command, in capitals, and its arguments.

    Raises
    ------
    PriorError
        4 where there is no command.
    """
    # "=" alone is a command, and elsewhere a separator.
    if line.strip() == "=":
        return "=", []
    words = [word.upper() for word in _SEPARATORS.split(line) if word]
    if not words:
        raise PriorError(STRING_PARSE)
    return words[0], words[1:]


def whole(word: str, place: int = 0) -> int:
    """Return a whole number.

    Raises
    ------
    PriorError
        10 plus the argument's place where it is none.
    """
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", word):
        raise PriorError(ARGUMENT_1 + place)
    return int(word)


def decimal(word: str, place: int = 0) -> float:
    """Return a number that may have decimals.

    Raises
    ------
    PriorError
        10 plus the argument's place where it is none.
    """
    if not re.fullmatch(r"[+-]?[0-9]{1,9}(\.[0-9]{0,6})?", word):
        raise PriorError(ARGUMENT_1 + place)
    return float(word)


def describe_controller() -> list[str]:
    """Return the answer to ``?``."""
    return [
        "PROSCAN INFORMATION",
        "DSP_1 IS 4-AXIS STEPPER VERSION 2.7",
        "DSP_2 IS 2-AXIS STEPPER VERSION 2.7",
        "DRIVE CHIPS 000111 (F2 F1 A Z Y X) 0 = Not Fitted",
        "JOYSTICK ACTIVE",
        "STAGE = H101/2",
        "FOCUS = NORMAL",
        "FILTER_1 = NONE",
        "FILTER_2 = NONE",
        "SHUTTERS = 000 (S3 S2 S1) 0 = Not Fitted",
        "AUTOFOCUS = NONE",
        "VIDEO = NONE",
        "END",
    ]


def describe_stage(size_x_um: float, size_y_um: float, microsteps_per_um: float) -> list[str]:
    """Return the answer to ``STAGE``."""
    return [
        "STAGE = H101/2",
        "TYPE = 1",
        f"SIZE_X = {size_x_um / 1000:.0f} MM",
        f"SIZE_Y = {size_y_um / 1000:.0f} MM",
        f"MICROSTEPS/MICRON = {microsteps_per_um:g}",
        "LIMITS = NORMALLY CLOSED",
        "END",
    ]


def describe_focus(microsteps_per_um: float) -> list[str]:
    """Return the answer to ``FOCUS``."""
    return [
        "FOCUS = NORMAL",
        "TYPE = 0",
        f"MICROSTEPS/MICRON = {microsteps_per_um:g}",
        "LIMITS = NORMALLY CLOSED",
        "END",
    ]
