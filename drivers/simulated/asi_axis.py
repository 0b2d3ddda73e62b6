"""One axis of an ASI controller: closed loop, soft limits, and a motor that can be switched off."""

from __future__ import annotations

import math
from typing import Final

from drivers.simulated.asi_language import OPERATION_FAILED, AsiError
from drivers.simulated.separate_axes import NEGATIVE, POSITIVE, SingleAxis

UM_PER_UNIT: Final = 0.1
"""Positions are tenths of a micrometre."""
UM_PER_MM: Final = 1000.0
_TAKE_UP_NS: Final = 20_000_000
"""Between a move and the taking-up of its backlash the busy flag drops for a moment."""
_FASTEST_SPIN: Final = 128


class AsiAxis:
    """The controller's idea of one axis.

    Parameters
    ----------
    drive : SingleAxis
        What it moves.
    """

    def __init__(self, drive: SingleAxis) -> None:
        self._drive = drive
        self.max_speed_mm_per_s = drive.max_speed / UM_PER_MM
        self.forget(0)

    def forget(self, t_ns: int) -> None:
        """Start anew: halt, all settings as they were made, and zero where the axis stands."""
        self.settings: dict[str, float] = {
            "S": self.max_speed_mm_per_s * 0.67,
            "SU": 110.0,
            "SL": -110.0,
            "AC": self._drive.max_speed / self._drive.acceleration * 1000,
            "B": 0.04 if self._drive.ends_um[1] > 10_000 else 0.01,
            "E": 0.0004,
            "PC": 0.000024,
            "OS": 0.0,
            "MA": 0.0,
            "WT": 0.0,
            "J": 1.0,
            "UM": 10_000.0,
        }
        """By the command that sets them: mm/s, mm, ms."""
        self.enabled = True
        self._velocity_mm_per_s = 0.0
        self._busy: list[tuple[int, int]] = []
        self._searching = False
        rest_ns = self._drive.halt(t_ns)
        self._origin_um = self._drive.commanded_um(rest_ns)

    # Where it is ----------------------------------------------------------------------------

    def units_at(self, t_ns: int) -> float:
        """Return the position in tenths of a micrometre."""
        return (self._drive.commanded_um(t_ns) - self._origin_um) / UM_PER_UNIT

    def call_it(self, units: float, t_ns: int) -> None:
        """Take where the axis is for a position."""
        self._origin_um = self._drive.commanded_um(t_ns) - units * UM_PER_UNIT

    def busy_at(self, t_ns: int) -> bool:
        """Whether a commanded move is under way; velocities are none."""
        return self._searching or any(start <= t_ns < end for start, end in self._busy)

    def moves_at(self, t_ns: int) -> bool:
        """Whether the axis moves for whatever reason."""
        return not self._drive.rests_at(t_ns)

    def limit_at(self, t_ns: int) -> int:
        """Return which limit the axis stands at, soft ones included: -1, 1, or 0 for none."""
        if pressed := self._drive.switch_at(t_ns):
            return pressed
        place_mm = self.units_at(t_ns) * UM_PER_UNIT / UM_PER_MM
        if place_mm >= self.settings["SU"]:
            return POSITIVE
        return NEGATIVE if place_mm <= self.settings["SL"] else 0

    def status_at(self, t_ns: int) -> int:
        """Return the status byte.

        From bit 0 on: commanded, enabled, motor on, joystick, ramping, ramping down, upper limit,
        lower limit.
        """
        ramping, slowing = self._drive.ramps_at(t_ns)
        limit = self.limit_at(t_ns)
        flags = (
            self.busy_at(t_ns) or self.moves_at(t_ns),
            self.enabled,
            self.moves_at(t_ns),
            self.settings["J"] > 0,
            ramping,
            slowing,
            limit == POSITIVE,
            limit == NEGATIVE,
        )
        return sum(flag << bit for bit, flag in enumerate(flags))

    @property
    def velocity_mm_per_s(self) -> float:
        """The velocity that was set last."""
        return self._velocity_mm_per_s

    # Moving ---------------------------------------------------------------------------------

    def move(self, units: float, t_ns: int) -> None:
        """Move to a position, at most as far as the soft limit.

        With a backlash to take up the axis goes past it first, always to the same side.

        Raises
        ------
        AsiError
            5 when the motor is switched off.
        """
        target_um = self._within_limits(self._origin_um + units * UM_PER_UNIT)
        detour_um = self._within_limits(target_um - self.settings["B"] * UM_PER_MM)
        start_ns = self._make_ready(t_ns)
        end_ns = self._go(start_ns, detour_um)
        self._busy = [(t_ns, end_ns)]
        if detour_um != target_um:
            self._busy.append((end_ns + _TAKE_UP_NS, self._go(end_ns + _TAKE_UP_NS, target_um)))

    def move_by(self, units: float, t_ns: int) -> None:
        """Move by a way; see `move`."""
        self.move(self.units_at(t_ns) + units, t_ns)

    def run(self, mm_per_s: float, t_ns: int) -> None:
        """Run at a velocity until told otherwise, at most as far as the soft limit.

        Raises
        ------
        AsiError
            5 when the motor is switched off.
        """
        start_ns = self._make_ready(t_ns)
        limit = self.max_speed_mm_per_s
        self._velocity_mm_per_s = min(max(mm_per_s, -limit), limit)
        if self._velocity_mm_per_s:
            end_um = self._within_limits(math.copysign(math.inf, self._velocity_mm_per_s))
            speed = abs(self._velocity_mm_per_s) * UM_PER_MM
            self._drive.go(start_ns, end_um, speed, self._acceleration)

    def spin(self, rate: float, t_ns: int) -> None:
        """Drive the motor at a share of its full speed, -128 to 128; see `run`."""
        self.run(rate / _FASTEST_SPIN * self.max_speed_mm_per_s, t_ns)

    def home(self, t_ns: int, *, in_vain: bool) -> None:
        """Go to the upper limit switch, which is where the home position is until it is set.

        Parameters
        ----------
        in_vain : bool
            The switch is never found, and the controller searches on until it is halted.

        Raises
        ------
        AsiError
            5 when the motor is switched off.
        """
        start_ns = self._make_ready(t_ns)
        self._busy = [(t_ns, self._go(start_ns, self._drive.ends_um[1]))]
        self._searching = in_vain

    def halt(self, t_ns: int) -> bool:
        """Brake; return whether a commanded move was cut short."""
        was_busy = self.busy_at(t_ns)
        self._busy = []
        self._searching = False
        self._velocity_mm_per_s = 0.0
        self._drive.halt(t_ns)
        return was_busy

    def switch_off(self, t_ns: int) -> None:
        """Halt, and refuse to move until the motor is switched on again."""
        self.halt(t_ns)
        self.enabled = False

    def hit_limit(self, t_ns: int) -> None:
        """Find the limit switch pressed."""
        self.halt(t_ns)
        self._drive.press_switch(t_ns)

    def _make_ready(self, t_ns: int) -> int:
        if not self.enabled:
            raise AsiError(OPERATION_FAILED)
        self.halt(t_ns)
        return self._drive.halt(t_ns)

    def _go(self, t_ns: int, target_um: float) -> int:
        return self._drive.go(t_ns, target_um, self.settings["S"] * UM_PER_MM, self._acceleration)

    @property
    def _acceleration(self) -> float:
        """The ramp time is that to full speed."""
        return self._drive.max_speed / (self.settings["AC"] / 1000)

    def _within_limits(self, place_um: float) -> float:
        lower = self._origin_um + self.settings["SL"] * UM_PER_MM
        upper = self._origin_um + self.settings["SU"] * UM_PER_MM
        return min(max(place_um, lower), upper)
