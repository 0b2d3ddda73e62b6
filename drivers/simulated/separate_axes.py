"""A stage whose axes have motors of their own, each moved and stopped for itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from drivers.simulated.motion import Profile, StageMotion, Tremor, Vector
from drivers.simulated.settings import SimulationSettings

X, Y, Z = 0, 1, 2
NEGATIVE, POSITIVE = -1, 1
_ENDLESS: Final = (-math.inf, math.inf)
_AT_THE_END_UM: Final = 1e-3


class SingleAxis:
    """One axis with limit switches at both ends.

    Parameters
    ----------
    number : int
        Which one: `X`, `Y` or `Z`.
    simulation : SimulationSettings
        Its travel, backlash, step and speeds.
    """

    def __init__(self, number: int, simulation: SimulationSettings) -> None:
        self._number = number
        self.max_speed = simulation.max_speed_um_per_s[number]
        """µm/s."""
        self.acceleration = simulation.acceleration_um_per_s2[number]
        """µm/s²."""
        self.step_um = simulation.step_um[number]
        self.ends_um = (0.0, simulation.travel_um[number])
        """Where the limit switches are."""
        self._pressed: tuple[int, float] | None = None
        self._direction = POSITIVE
        self._motion = StageMotion(
            self._vector(simulation.start_um[number]),
            self._vector(simulation.backlash_um[number]),
            (
                self.ends_um if number == X else _ENDLESS,
                self.ends_um if number == Y else _ENDLESS,
                self.ends_um if number == Z else _ENDLESS,
            ),
            Tremor(simulation.tremor_um if number == Z else 0.0, simulation.seed),
        )

    def go(self, t_ns: int, target_um: float, speed: float, acceleration: float) -> int:
        """Move to a place, or to the switch before it, and return when the axis rests.

        A move under way ends first.

        Parameters
        ----------
        t_ns : int
            From when on.
        target_um : float
            In the microscope's frame; rounded to whole motor steps.
        speed, acceleration : float
            µm/s and µm/s².
        """
        lower, upper = self.ends_um
        target = min(max(round(target_um / self.step_um) * self.step_um, lower), upper)
        start = self.commanded_um(self._motion.t_rest_ns)
        if target != start:
            self._direction = POSITIVE if target > start else NEGATIVE
            self._pressed = None
        profile = Profile.trapezoid(abs(target - start), speed, acceleration)
        return self._motion.move(t_ns, self._vector(target), profile, acceleration).t_end_ns

    def run(self, t_ns: int, velocity: float, acceleration: float) -> int:
        """Run at a velocity until halted or at the switch; return when it would get there."""
        self.halt(t_ns)
        if not velocity:
            return self._motion.t_rest_ns
        end_um = self.ends_um[velocity > 0]
        return self.go(t_ns, end_um, abs(velocity), acceleration)

    def halt(self, t_ns: int) -> int:
        """Brake, forget what was planned, and return when the axis rests."""
        return self._motion.halt(t_ns)

    def stick(self, t_ns: int) -> None:
        """Get stuck until the move under way is over; the motor turns on."""
        self._motion.stick(t_ns)

    def press_switch(self, t_ns: int) -> None:
        """Halt as at a limit switch, wherever the axis is; it stays pressed until the next move."""
        rests_ns = self.halt(t_ns)
        self._pressed = self._direction, self.commanded_um(rests_ns)

    def commanded_um(self, t_ns: int) -> float:
        """Return where the motor was, is or will be."""
        return self._motion.commanded_at(t_ns)[self._number]

    def position_um(self, t_ns: int) -> float:
        """Return where the axis truly was, is or will be."""
        return self._motion.position_at(t_ns)[self._number]

    def rests_at(self, t_ns: int) -> bool:
        """Whether no move is under way."""
        return self._motion.rests_at(t_ns)

    def ramps_at(self, t_ns: int) -> tuple[bool, bool]:
        """Return whether the axis changes its speed, and whether it slows down."""
        earlier, later = (self._motion.speed_at(t_ns + shift) for shift in (0, 1_000_000))
        return abs(later - earlier) > 1e-6, later < earlier - 1e-6

    def switch_at(self, t_ns: int) -> int:
        """Return which limit switch is pressed: `NEGATIVE`, `POSITIVE`, or 0 for none."""
        if self._pressed is not None:
            return self._pressed[0]
        lower, upper = self.ends_um
        place = self.commanded_um(t_ns)
        if place <= lower + _AT_THE_END_UM:
            return NEGATIVE
        return POSITIVE if place >= upper - _AT_THE_END_UM else 0

    def _vector(self, value: float) -> Vector:
        return (
            value if self._number == X else 0.0,
            value if self._number == Y else 0.0,
            value if self._number == Z else 0.0,
        )


class SeparateAxes:
    """The three axes of a stage.

    Parameters
    ----------
    simulation : SimulationSettings
    """

    def __init__(self, simulation: SimulationSettings) -> None:
        self.axes = tuple(SingleAxis(number, simulation) for number in (X, Y, Z))

    def go_straight(
        self, t_ns: int, targets_um: Mapping[int, float], speed: float, acceleration: float
    ) -> int:
        """Move axes so that all arrive together; return when they do.

        Parameters
        ----------
        targets_um : mapping of axis number to µm
        speed, acceleration : float
            Along the path, µm/s and µm/s².
        """
        start_ns = max([t_ns, *(self.axes[axis].halt(t_ns) for axis in targets_um)])
        ways = {
            axis: abs(target - self.axes[axis].commanded_um(start_ns))
            for axis, target in targets_um.items()
        }
        length = math.hypot(*ways.values())
        ends_ns = [start_ns]
        for axis, target in targets_um.items():
            share = ways[axis] / length if length else 1.0
            if share > 0:
                ends_ns.append(
                    self.axes[axis].go(start_ns, target, speed * share, acceleration * share)
                )
        return max(ends_ns)

    def halt(self, t_ns: int) -> int:
        """Brake all axes, and return when the last one rests."""
        return max(axis.halt(t_ns) for axis in self.axes)

    def moving_at(self, t_ns: int) -> list[int]:
        """Return the numbers of the axes that move."""
        return [number for number, axis in enumerate(self.axes) if not axis.rests_at(t_ns)]

    def rests_at(self, t_ns: int) -> bool:
        """Whether nothing moves."""
        return not self.moving_at(t_ns)

    def commanded_at(self, t_ns: int) -> Vector:
        """Return where the motors were, are or will be, in µm."""
        x, y, z = (axis.commanded_um(t_ns) for axis in self.axes)
        return x, y, z

    def position_at(self, t_ns: int) -> Vector:
        """Return where the stage truly was, is or will be, in µm."""
        x, y, z = (axis.position_um(t_ns) for axis in self.axes)
        return x, y, z
