"""Grbl's idea of where it is, and how it turns jogs and homing into moves."""

from __future__ import annotations

import math

from drivers.simulated.grbl_language import TRAVEL_EXCEEDED, GrblError, Jog, SettingsTable
from drivers.simulated.motion import Motion, Profile, StageMotion, Vector
from drivers.simulated.settings import SimulationSettings

MINIMUM_FEED_MM_PER_MIN = 1.0
"""MINIMUM_FEED_RATE of Grbl 1.1; slower jogs are silently sped up to it."""

_AXES = "XYZ"
_ROUNDING_MM = 1e-6


class GrblPlanner:
    """Moves a stage in machine coordinates: mm, 0 at the homing switches, negative elsewhere.

    Parameters
    ----------
    motion : StageMotion
        The stage.
    table : SettingsTable
        Speeds, accelerations and travel; read anew for every move.
    simulation : SimulationSettings
        The size of a motor step, and where the switches are.
    """

    def __init__(
        self, motion: StageMotion, table: SettingsTable, simulation: SimulationSettings
    ) -> None:
        self._motion = motion
        self._table = table
        self._step_um = simulation.step_um
        self._switch_um = simulation.travel_um
        self._origin_um: Vector = (0.0, 0.0, 0.0)

    def forget(self, t_ns: int) -> None:
        """Stop at once and take where the stage then stands for 0, as on power-up."""
        self._origin_um = self._motion.commanded_at(self._motion.halt(t_ns))

    def rests_at(self, t_ns: int) -> bool:
        """Whether no move is under way."""
        return self._motion.rests_at(t_ns)

    def machine_at(self, t_ns: int) -> Vector:
        """Return the position in mm that the firmware believes in."""
        return self._to_mm(self._motion.commanded_at(t_ns))

    def feed_at(self, t_ns: int) -> float:
        """Return the speed along the path in mm/min."""
        return self._motion.speed_at(t_ns) * 60

    def jog(self, jog: Jog, t_ns: int) -> Motion:
        """Plan a jog behind the moves already planned.

        A jog without an axis goes to 0,0,0, as it does on Grbl 1.1h.

        Raises
        ------
        GrblError
            15 where soft limits are on and the target lies beyond.
        """
        start = self._to_mm(self._motion.commanded_at(self._motion.t_rest_ns))
        here = start if jog.axes else (0.0, 0.0, 0.0)
        values = [
            (value if jog.relative else 0.0) + jog.axes[axis] if axis in jog.axes else value
            for axis, value in zip(_AXES, here, strict=True)
        ]
        target = values[0], values[1], values[2]
        if self._table[20] and not self._reachable(target):
            raise GrblError(TRAVEL_EXCEEDED)
        return self._go(start, target, jog.feed_mm_per_min, t_ns)

    def brake(self, t_ns: int) -> int:
        """Decelerate, forget what was planned, and return when the stage rests."""
        return self._motion.halt(t_ns)

    def lose_steps(self, t_ns: int) -> None:
        """Cut the pulses in motion: the stage runs on a little and the firmware does not count."""
        believed_um = self._motion.commanded_at(t_ns)
        stopped_um = self._motion.commanded_at(self._motion.halt(t_ns))
        x, y, z = (
            origin + stopped - believed
            for origin, stopped, believed in zip(
                self._origin_um, stopped_um, believed_um, strict=True
            )
        )
        self._origin_um = x, y, z

    def stick(self, t_ns: int) -> None:
        """Let the stage get stuck until the move under way is over; the motors turn on."""
        self._motion.stick(t_ns)

    def hits_switch_ns(self, motion: Motion) -> int | None:
        """Return when a move runs into a limit switch, if it does."""
        return self._motion.crossing_ns(motion)

    def home(self, t_ns: int) -> list[Motion]:
        """Plan the search for the switches, z first; the last move ends with the position known.

        Each switch is approached at the seek rate ($25), left by the pull-off ($27), and touched
        once more at the locate rate ($24).
        """
        seek, locate, pull_off = self._table[25], self._table[24], self._table[27]
        moves: list[Motion] = []
        self._origin_um = self._switch_um
        for axes in ((2,), (0, 1)):
            for place, rate in ((0.0, seek), (-pull_off, seek), (0.0, locate), (-pull_off, locate)):
                start = self._to_mm(self._motion.commanded_at(self._motion.t_rest_ns))
                target = list(start)
                for axis in axes:
                    target[axis] = place
                moves.append(self._go(start, (target[0], target[1], target[2]), rate, t_ns))
        return moves

    def _go(self, start: Vector, target: Vector, feed: float, t_ns: int) -> Motion:
        """Append a straight move; the slowest axis decides over speed and acceleration."""
        length = math.dist(start, target)
        shares = [
            abs(b - a) / length if length else 0.0 for a, b in zip(start, target, strict=True)
        ]
        rates, accelerations = self._table.axis(110), self._table.axis(120)
        moving = [axis for axis, share in enumerate(shares) if share > 0]
        rate = min([feed, *(rates[axis] / shares[axis] for axis in moving)])
        acceleration = min([accelerations[axis] / shares[axis] for axis in moving], default=1.0)
        speed = max(rate, MINIMUM_FEED_MM_PER_MIN) / 60
        profile = Profile.trapezoid(length, speed, acceleration)
        return self._motion.move(t_ns, self._to_um(target), profile, acceleration)

    def _reachable(self, target: Vector) -> bool:
        travel = self._table.axis(130)
        return all(
            -limit - _ROUNDING_MM <= value <= _ROUNDING_MM
            for value, limit in zip(target, travel, strict=True)
        )

    def _um_per_mm(self) -> Vector:
        """Return what a firmware millimetre is: steps per mm times the size of a step."""
        x, y, z = (
            steps * step for steps, step in zip(self._table.axis(100), self._step_um, strict=True)
        )
        return x, y, z

    def _to_mm(self, position_um: Vector) -> Vector:
        x, y, z = (
            (value - origin) / unit
            for value, origin, unit in zip(
                position_um, self._origin_um, self._um_per_mm(), strict=True
            )
        )
        return x, y, z

    def _to_um(self, position_mm: Vector) -> Vector:
        x, y, z = (
            value * unit + origin
            for value, origin, unit in zip(
                position_mm, self._origin_um, self._um_per_mm(), strict=True
            )
        )
        return x, y, z
