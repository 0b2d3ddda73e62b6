"""Where a step of the operator leads, within the limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.orientation import Orientation
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
class Aim:
    """Where to go, µm; None where an axis stays."""

    x_um: float | None = None
    y_um: float | None = None
    z_um: float | None = None

    def __getitem__(self, axis: AxisName) -> float | None:
        return {"x": self.x_um, "y": self.y_um, "z": self.z_um}[axis]

    def refusal(self, caps: StageCaps) -> str:
        """Say what lies outside the limits; empty where nothing does."""
        outside = []
        for axis in AXES:
            limits, value = caps.axis(axis), self[axis]
            if value is not None and not limits.contains(value):
                outside.append(
                    f"{axis} {value:.1f} µm is outside its limits, {limits.lower_um:.1f} to "
                    f"{limits.upper_um:.1f} µm."
                )
        return " ".join(outside)

    def legs(self, start: Point) -> tuple[Aim, ...]:
        """Return the moves one after the other: up before across, across before down.

        So the objective is never lower on the way than at both ends.
        """
        across = Aim(self.x_um, self.y_um) if (self.x_um, self.y_um) != (None, None) else None
        along = None if self.z_um is None else Aim(z_um=self.z_um)
        up = self.z_um is not None and self.z_um > start.z_um
        order = (along, across) if up else (across, along)
        return tuple(leg for leg in order if leg is not None)


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


def duration_s(start: Point, aim: Aim, caps: StageCaps) -> float:
    """Return how long the slowest axis needs, speeding up and slowing down included."""
    times_s = []
    for axis in AXES:
        limits, end_um = caps.axis(axis), aim[axis]
        way_um = 0.0 if end_um is None else abs(end_um - start[axis])
        ramps_s = 2 * limits.max_speed_um_per_s / limits.acceleration_um_per_s2
        times_s.append(way_um / limits.max_speed_um_per_s + ramps_s)
    return max(times_s)


def to_centre(
    pixel: tuple[float, float],
    shape: tuple[int, int],
    pixel_um: float,
    orientation: Orientation,
) -> Point:
    """Return the step that brings a point of the picture to its middle.

    Parameters
    ----------
    pixel : tuple of float
        Column and row.
    shape : tuple of int
        (H, W) of the picture.
    pixel_um : float
        Side of a pixel at the object.
    orientation : Orientation
        Of the picture on the stage's axes.
    """
    column, row = pixel
    height, width = shape
    way = (column + 0.5 - width / 2) * pixel_um, (row + 0.5 - height / 2) * pixel_um
    return Point(*orientation.to_stage(*way))
