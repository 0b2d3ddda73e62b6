"""The language of Prior's ProScan controllers, without any I/O.

Sources: Prior ProScan III manual, version 1.12, section 4 ("Software commands"); the Prior
adapter of Micro-Manager for the resolution and for error 8. Lines end with a carriage return
both ways. Positions are whole numbers of the controller's unit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

SLOWEST_PERCENT: Final = 1
FASTEST_PERCENT: Final = 100

X_MOVES: Final = 1
Y_MOVES: Final = 2
Z_MOVES: Final = 4
"""Bits of the answer to ``$``."""

_REFUSAL: Final = re.compile(r"E,?\s*(\d{1,3})")
_WHOLE: Final = re.compile(r"-?\d{1,10}")
_DECIMAL: Final = re.compile(r"-?\d{1,10}(?:\.\d{1,9})?")
_HEX: Final = re.compile(r"[0-9A-Fa-f]{1,4}")

_ERRORS: Final = {
    1: "no stage is connected",
    2: "it is not idle",
    3: "no drive is fitted",
    4: "it cannot parse this",
    5: "it does not know this command",
    7: "no focus drive is fitted",
    8: "a value is out of range",
    16: "it is in the wrong state",
    18: "its queue is full",
    19: "this is not available in compatibility mode",
}


def refusal(line: str) -> str | None:
    """Return what an error line (``E,n``) says; None for any other line.

    Codes 4, 8 and 18 are confirmed by the sources above; the other texts are best knowledge.
    """
    match = _REFUSAL.fullmatch(line)
    if match is None:
        return None
    number = int(match[1])
    return f"error {number}: {_ERRORS.get(number, 'see the manual')}"


def acknowledged(line: str) -> bool | None:
    """Read the ``0`` that acknowledges a setting."""
    return True if line == "0" else None


def whole(line: str) -> int | None:
    """Read one whole number."""
    return int(line) if _WHOLE.fullmatch(line) else None


def decimal(line: str) -> float | None:
    """Read one number, such as the resolution in µm."""
    return float(line) if _DECIMAL.fullmatch(line) else None


def motion(line: str) -> int | None:
    """Read the answer to ``$``: bit mask of what moves, never negative."""
    number = whole(line)
    return number if number is not None and number >= 0 else None


def positions(line: str) -> tuple[int, int, int] | None:
    """Read the answer to ``P``: x, y and z in units."""
    parts = line.split(",")
    if len(parts) != 3 or not all(_WHOLE.fullmatch(part) for part in parts):
        return None
    x, y, z = (int(part) for part in parts)
    return x, y, z


def limit_switches(line: str) -> int | None:
    """Read the answer to ``=`` or ``LMT``: a hexadecimal bit mask."""
    return int(line, 16) if _HEX.fullmatch(line) else None


def limit_texts(mask: int) -> list[str]:
    """Name the limit switches of a mask.

    Bits from the lowest: +X, -X, +Y, -Y, +Z, -Z (ProScan manual, ``LMT``).
    """
    names = ("+X", "-X", "+Y", "-Y", "+Z", "-Z")
    return [name for bit, name in enumerate(names) if mask >> bit & 1]


def until_end() -> Callable[[str], list[str] | None]:
    """Return a shape that gathers the lines of the answer to ``?``, which ``END`` closes."""
    lines: list[str] = []

    def gather(line: str) -> list[str] | None:
        if line == "END":
            return lines
        if line:
            lines.append(line)
        return None

    return gather


def percent_of(speed_um_per_s: float, full_um_per_s: float) -> int:
    """Return the percentage that comes closest to a speed from below; at least one percent."""
    percent = int(100.0 * speed_um_per_s / full_um_per_s + 1e-6)
    return min(max(percent, SLOWEST_PERCENT), FASTEST_PERCENT)


def go_xy(x: int, y: int) -> str:
    """Return the command for an absolute run of x and y."""
    return f"G,{x},{y}"


def go_z(z: int) -> str:
    """Return the command for an absolute run of z."""
    return f"V,{z}"


def go_xyz(x: int, y: int, z: int) -> str:
    """Return the command for an absolute run of all three axes."""
    return f"G,{x},{y},{z}"
