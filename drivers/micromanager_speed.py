"""The property that sets the speed of a Micro-Manager stage.

Micro-Manager has no common way to set a stage's speed: each adapter has a property of its own,
most of them with the unit in its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_UM_PER_S: Final = {"mm": 1000.0, "um": 1.0, "µm": 1.0}
_IS_SPEED: Final = re.compile(r"speed|velocity", re.IGNORECASE)
_UNIT: Final = re.compile(r"\b(mm|um|µm)/s(?:ec)?[)\]]?$", re.IGNORECASE)
_NOT_THIS: Final = re.compile(r"joystick|max|home|start|vector|scan|encoder", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SpeedProperty:
    """How a speed is written into a property."""

    name: str
    um_per_s: float = 1.0
    """Speed that the value 1 stands for."""
    is_pace: bool = False
    """True where the value is a time for a step: twice the value is half the speed."""

    def value(self, speed_um_per_s: float) -> float:
        """Return the property's value for a speed."""
        if self.is_pace:
            return self.um_per_s / speed_um_per_s
        return speed_um_per_s / self.um_per_s

    def speed_um_per_s(self, value: float) -> float:
        """Return the speed for a value of the property; 0 for one that makes no sense."""
        if value <= 0:
            return 0.0
        return self.um_per_s / value if self.is_pace else value * self.um_per_s


def find_speed_property(names: Iterable[str]) -> SpeedProperty | None:
    """Return the property that says by its name that it is the speed, and in which unit.

    ``"MotorSpeed-S(mm/s)"`` (ASI Tiger) and ``"SpeedZ [mm/s]"`` (Märzhäuser) do; ``"Speed"``
    alone does not: it may be a percentage.

    Parameters
    ----------
    names : iterable of str
        Those that can be written.

    Returns
    -------
    SpeedProperty or None
        None also where several qualify.
    """
    found = [
        SpeedProperty(name, _UM_PER_S[unit[1].lower()])
        for name in names
        if _IS_SPEED.search(name) and not _NOT_THIS.search(name) and (unit := _UNIT.search(name))
    ]
    return found[0] if len(found) == 1 else None
