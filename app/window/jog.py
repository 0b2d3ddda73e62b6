"""Where a step of the operator leads, within the limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from drivers.stage import AxisName, PositionSample, StageCaps

COARSE: Final = 10.0
FINE: Final = 0.1
"""What Shift and Ctrl make of a step."""
AXES: Final[tuple[AxisName, ...]] = ("x", "y", "z")


@dataclass(frozen=True, slots=True)
class Point:
    """A position or a displacement, µm."""

    x_um: float = 0.0
    y_um: float = 0.0
    z_um: float = 0.0

    @classmethod
    def of(cls, sample: PositionSample) -> Point:
        """Return where the stage was."""
        return cls(sample.x_um, sample.y_um, sample.z_um)

    def __getitem__(self, axis: AxisName) -> float:
        return {"x": self.x_um, "y": self.y_um, "z": self.z_um}[axis]

    def __add__(self, other: Point) -> Point:
        return Point(self.x_um + other.x_um, self.y_um + other.y_um, self.z_um + other.z_um)

    def __mul__(self, factor: float) -> Point:
        return Point(self.x_um * factor, self.y_um * factor, self.z_um * factor)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to go, and which axes had to be held back."""

    point: Point
    held: tuple[str, ...] = ()
    """One sentence for each axis that meets its limit."""


def target(start: Point, step: Point, caps: StageCaps) -> Target:
    """Return where a step leads: the limit itself where the step would cross one."""
    wanted = start + step
    values: dict[AxisName, float] = {}
    held: list[str] = []
    for axis in AXES:
        limits = caps.axis(axis)
        values[axis] = min(max(wanted[axis], limits.lower_um), limits.upper_um)
        if values[axis] != wanted[axis] and step[axis] != 0:
            end = "upper" if wanted[axis] > limits.upper_um else "lower"
            held.append(f"{axis} stops at its {end} limit, {values[axis]:.1f} µm.")
    return Target(Point(values["x"], values["y"], values["z"]), tuple(held))


def duration_s(start: Point, end: Point, caps: StageCaps) -> float:
    """Return how long the slowest axis needs, speeding up and slowing down included."""
    return max(
        abs(end[axis] - start[axis]) / caps.axis(axis).max_speed_um_per_s
        + 2 * caps.axis(axis).max_speed_um_per_s / caps.axis(axis).acceleration_um_per_s2
        for axis in AXES
    )
