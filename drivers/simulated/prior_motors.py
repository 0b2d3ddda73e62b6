"""How a ProScan moves its stage and focus: a queue of moves, speeds in per cent, limit switches."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from drivers.simulated.prior_language import (
    NOT_IDLE,
    QUEUE_FULL,
    VALUE_OUT_OF_RANGE,
    PriorError,
)
from drivers.simulated.separate_axes import POSITIVE, SeparateAxes, X, Y, Z
from drivers.simulated.settings import SimulationSettings

LONGEST_QUEUE: Final = 100
"""Moves (ProScan III manual, 4.1)."""
Drive = Literal["S", "Z"]
"""The stage, which is x and y, or the focus."""
DRIVES: Final[tuple[Drive, ...]] = ("S", "Z")


@dataclass(frozen=True, slots=True)
class QueuedMove:
    """A move that waits for its turn."""

    targets: Mapping[int, float]
    """Axis number to user units, or to the way from where the axis then is."""
    relative: bool


class PriorMotors:
    """The drives of a ProScan; positions in user units, from where they were set to zero.

    Parameters
    ----------
    axes : SeparateAxes
        What they move.
    """

    def __init__(self, axes: SeparateAxes) -> None:
        self._axes = axes
        self.forget(0)

    def forget(self, t_ns: int) -> None:
        """Start anew: halt, full speed, and zero where everything stands."""
        rest_ns = self._axes.halt(t_ns)
        self._queue: deque[QueuedMove] = deque()
        self._latched = 0
        self._searching = False
        self.unit_um = [1.0, 1.0, 0.1]
        """Size of a user unit per axis (RES)."""
        self.percent: dict[tuple[str, Drive], int] = {
            (kind, drive): 100 for kind in ("SM", "SA", "SC") for drive in DRIVES
        }
        self._origin_um = list(self._axes.commanded_at(rest_ns))

    # Where it is ----------------------------------------------------------------------------

    def places(self, t_ns: int) -> list[int]:
        """Return the positions of x, y, z in user units."""
        return [
            round((place - origin) / unit)
            for place, origin, unit in zip(
                self._axes.commanded_at(t_ns), self._origin_um, self.unit_um, strict=True
            )
        ]

    def call_it(self, axis: int, units: float, t_ns: int) -> None:
        """Take where an axis stands for a position.

        Raises
        ------
        PriorError
            2 while the axis moves.
        """
        if not self._axes.axes[axis].rests_at(t_ns):
            raise PriorError(NOT_IDLE)
        here_um = self._axes.axes[axis].commanded_um(t_ns)
        self._origin_um[axis] = here_um - units * self.unit_um[axis]

    def moving(self, t_ns: int) -> int:
        """Return the axes that move as the bits x 1, y 2, z 4."""
        bits = sum(1 << number for number in self._axes.moving_at(t_ns))
        return bits | (0b011 if self._searching else 0)

    def switches(self, t_ns: int) -> int:
        """Return the limit switches that are pressed as the bits +x 1, -x 2, +y 4 to -z 32."""
        bits = 0
        for number, axis in enumerate(self._axes.axes):
            if pressed := axis.switch_at(t_ns):
                bits |= (1 if pressed == POSITIVE else 2) << 2 * number
        return bits

    def latch_switches(self, t_ns: int) -> None:
        """Remember what is pressed now."""
        self._latched |= self.switches(t_ns)

    def read_latched(self, t_ns: int) -> int:
        """Return which switches have been pressed since the last call."""
        bits, self._latched = self._latched | self.switches(t_ns), 0
        return bits

    # Moving ---------------------------------------------------------------------------------

    def begin(self, move: QueuedMove, t_ns: int) -> int | None:
        """Begin a move and return when it ends; None if it waits behind others.

        Raises
        ------
        PriorError
            18 when too many wait.
        """
        if self._axes.rests_at(t_ns) and not self._queue:
            return self._go(move, t_ns)
        if len(self._queue) >= LONGEST_QUEUE:
            raise PriorError(QUEUE_FULL)
        self._queue.append(move)
        return None

    def begin_next(self, t_ns: int) -> int | None:
        """Begin the move that waits longest, if the stage rests; return when it ends."""
        if not self._queue or not self._axes.rests_at(t_ns):
            return None
        return self._go(self._queue.popleft(), t_ns)

    def run(self, axis: int, um_per_s: float, t_ns: int) -> int:
        """Run at a velocity until told otherwise, at most as far as the limit switch.

        The velocity is rounded down to whole motor steps per second.

        Raises
        ------
        PriorError
            8 when it is faster than the drive.
        """
        drive = self._axes.axes[axis]
        if abs(um_per_s) > drive.max_speed:
            raise PriorError(VALUE_OUT_OF_RANGE)
        steps = math.floor(abs(um_per_s) / drive.step_um)
        velocity = math.copysign(steps * drive.step_um, um_per_s)
        return drive.run(t_ns, velocity if steps else 0.0, self._acceleration(axis))

    def halt(self, t_ns: int) -> None:
        """Brake everything and empty the queue."""
        self._queue.clear()
        self._searching = False
        self._axes.halt(t_ns)

    def find_stage_switches(self, t_ns: int, *, in_vain: bool) -> int:
        """Run x and y to their lower switches; return when they are there.

        Parameters
        ----------
        in_vain : bool
            The switches are never found, and the controller searches on until it is halted.
        """
        self._queue.clear()
        self._searching = in_vain
        ends_ns = []
        for axis in (X, Y):
            drive = self._axes.axes[axis]
            speed = drive.max_speed * self.percent["SM", "S"] / 100
            ends_ns.append(drive.run(t_ns, -speed, self._acceleration(axis)))
        return max(ends_ns)

    def end_search(self, t_ns: int) -> None:
        """Take the lower switches for zero."""
        for axis in (X, Y):
            self._origin_um[axis] = self._axes.axes[axis].commanded_um(t_ns)

    def hit_limit(self, t_ns: int) -> None:
        """Find a limit switch pressed on whatever moves."""
        for number in self._axes.moving_at(t_ns):
            self._axes.axes[number].press_switch(t_ns)
        self._queue.clear()
        self.latch_switches(t_ns)

    def stick(self, t_ns: int) -> None:
        """Let what moves get stuck."""
        for number in self._axes.moving_at(t_ns):
            self._axes.axes[number].stick(t_ns)

    def _go(self, move: QueuedMove, t_ns: int) -> int:
        targets_um: dict[int, float] = {}
        for axis, value in move.targets.items():
            zero = self._axes.axes[axis].commanded_um(t_ns) if move.relative else None
            origin = self._origin_um[axis] if zero is None else zero
            targets_um[axis] = origin + value * self.unit_um[axis]
        stage = {axis: target for axis, target in targets_um.items() if axis != Z}
        focus = {axis: target for axis, target in targets_um.items() if axis == Z}
        ends_ns = [t_ns]
        for drive_targets in filter(None, (stage, focus)):
            axis = next(iter(drive_targets))
            speed = self._axes.axes[axis].max_speed * self.percent["SM", _drive(axis)] / 100
            ends_ns.append(
                self._axes.go_straight(t_ns, drive_targets, speed, self._acceleration(axis))
            )
        return max(ends_ns)

    def _acceleration(self, axis: int) -> float:
        return self._axes.axes[axis].acceleration * self.percent["SA", _drive(axis)] / 100


def _drive(axis: int) -> Drive:
    return "Z" if axis == Z else "S"


def microsteps_per_um(simulation: SimulationSettings, axis: int) -> float:
    """Return how finely a drive divides a micrometre."""
    return 1 / simulation.step_um[axis]
