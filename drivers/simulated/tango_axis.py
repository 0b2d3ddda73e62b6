"""One axis of a TANGO controller: its units, its limits, its calibration.

Sources: Märzhäuser's own adapter for Micro-Manager, and the COMET project's driver for the error
numbers and the bits of `calst`.
"""

from __future__ import annotations

import math
from typing import Final

from drivers.simulated.separate_axes import SingleAxis

OUT_OF_RANGE, LIMIT_SWITCH, NOT_RELEASED, OUTSIDE_LIMITS = 5, 12, 14, 32
"""Error numbers."""

_STEPS, _MICROMETRES, _MILLIMETRES, _ALL_MILLIMETRES = 0, 1, 2, 9
_UM: Final = {_MICROMETRES: 1.0, _MILLIMETRES: 1000.0, _ALL_MILLIMETRES: 1000.0}
_STEPS_PER_TURN: Final = 819_200
_FAR_UM: Final = 1e7
_RELEASE_UM: Final = 10.0
_SLOW: Final = 0.1
_ROUNDING_UM: Final = 0.06
_CALIBRATED, _MEASURED = 1, 2


class TangoError(Exception):
    """The controller notes an error.

    Parameters
    ----------
    number : int
        What ``?err`` will say.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"error {number}")


class TangoAxis:
    """Positions count from where the controller was switched on, or from the `cal` switch.

    Parameters
    ----------
    motor : SingleAxis
        What it moves.
    outwards : int
        1 where the `cal` switch is at the lower end and positions grow with µm; -1 the other way.
    pitch_mm : float
        What one turn of the spindle moves.
    """

    def __init__(self, motor: SingleAxis, outwards: int, pitch_mm: float = 1.0) -> None:
        self._motor = motor
        self._outwards = outwards
        self._pitch_mm = pitch_mm
        self._fastest = motor.max_speed
        self.power_up(0)

    def power_up(self, t_ns: int) -> None:
        """Stop, count from here, and believe in no limits."""
        self._origin_um = self._motor.commanded_um(self._motor.halt(t_ns))
        self._lower_um, self._upper_um = -_FAR_UM, _FAR_UM
        self._speed, self._acceleration = self._fastest, self._motor.acceleration
        self._search: int | None = None
        self._running = False
        self._letter = "@"
        self.dim = _MILLIMETRES
        self.calst = 0
        """Bit 1 after `cal`, bit 2 after `rm`."""

    def moving(self, t_ns: int) -> bool:
        """Whether it moves."""
        return not self._motor.rests_at(t_ns)

    def letter(self, t_ns: int) -> str:
        """Return what ``?statusaxis`` shows."""
        return "M" if self.moving(t_ns) else self._letter

    def set_dim(self, value: float) -> None:
        """Choose the unit of lengths, and with 9 of speeds as well."""
        if value != _STEPS and value not in _UM:
            raise TangoError(OUT_OF_RANGE)
        self.dim = int(value)

    def pitch(self) -> str:
        """Return mm per turn."""
        return f"{self._pitch_mm:.4f}"

    def position(self, t_ns: int) -> str:
        """Return where the controller believes to be, in the unit of `dim`."""
        return self._length(self._believed_um(t_ns))

    def set_position(self, value: float, t_ns: int) -> None:
        """Call the place where it stands by another number; the limits stay where they are."""
        shift_um = value * self._um_per_unit - self._believed_um(t_ns)
        self._origin_um -= shift_um * self._outwards
        self._lower_um += shift_um
        self._upper_um += shift_um

    def limits(self) -> str:
        """Return both limits in the unit of `dim`."""
        return f"{self._length(self._lower_um)} {self._length(self._upper_um)}"

    def set_limits(self, lower: float, upper: float) -> None:
        """Set both limits."""
        if lower >= upper:
            raise TangoError(OUT_OF_RANGE)
        self._lower_um, self._upper_um = lower * self._um_per_unit, upper * self._um_per_unit

    def velocity(self) -> str:
        """Return the speed of moves: turns/s, or mm/s with `dim` 9."""
        return f"{self._speed / self._um_per_s:.6f}"

    def set_velocity(self, value: float) -> None:
        """Set the speed of moves."""
        speed = value * self._um_per_s
        if not 0 < speed <= self._fastest * (1 + 1e-9):
            raise TangoError(OUT_OF_RANGE)
        self._speed = speed

    def acceleration(self) -> str:
        """Return m/s²."""
        return f"{self._acceleration / 1e6:.6f}"

    def set_acceleration(self, value: float) -> None:
        """Set m/s²."""
        if not 0 < value <= 20:
            raise TangoError(OUT_OF_RANGE)
        self._acceleration = value * 1e6

    def move_to(self, value: float, t_ns: int) -> int:
        """Move to a position in the unit of `dim`; return when it will rest."""
        return self._go(value * self._um_per_unit, t_ns)

    def move_by(self, value: float, t_ns: int) -> int:
        """Move by a distance in the unit of `dim`; return when it will rest."""
        return self._go(self._believed_um(t_ns) + value * self._um_per_unit, t_ns)

    def run(self, value: float, t_ns: int) -> int:
        """Run at a velocity until stopped, at a limit or at a switch; return when it will rest."""
        speed = abs(value) * self._um_per_s
        if speed > self._fastest * (1 + 1e-9):
            raise TangoError(OUT_OF_RANGE)
        if not speed:
            return self.halt(t_ns)
        self._leave(t_ns)
        target_um = self._truly_um(self._upper_um if value > 0 else self._lower_um)
        return self._motor.go(t_ns, target_um, speed, self._acceleration)

    def seek(self, direction: int, t_ns: int) -> int:
        """Run to the switch that lies in a direction, and off it; return when it will rest."""
        self._leave(t_ns)
        self._search = direction
        ends = self._motor.ends_um
        switch_um = ends[direction * self._outwards > 0]
        released_um = switch_um - direction * self._outwards * _RELEASE_UM
        self._motor.go(t_ns, switch_um, self._fastest / 2, self._acceleration)
        return self._motor.go(t_ns, released_um, self._fastest * _SLOW, self._acceleration)

    def halt(self, t_ns: int) -> int:
        """Brake, and return when it will rest."""
        self._search = None
        return self._motor.halt(t_ns)

    def come_to_rest(self, t_ns: int, *, seeking_fails: bool) -> bool:
        """Note the end of a movement; False if the axis moves again, or never did.

        Raises
        ------
        TangoError
            12 where it ended on a switch, 14 where the search for one failed.
        """
        if self.moving(t_ns) or not self._running:
            return False
        self._running = False
        search, self._search = self._search, None
        if search is not None and seeking_fails:
            self._letter = "E"
            raise TangoError(NOT_RELEASED)
        if search is not None:
            self._learn(search, t_ns)
        elif self._motor.switch_at(t_ns):
            self._letter = "S"
            raise TangoError(LIMIT_SWITCH)
        return True

    def press_limit(self, t_ns: int) -> None:
        """Meet a limit switch."""
        self._motor.press_switch(t_ns)
        self._search = None
        self._running = False
        self._letter = "S"

    def stick(self, t_ns: int) -> None:
        """Get stuck; an open-loop controller does not notice."""
        self._motor.stick(t_ns)

    def _learn(self, direction: int, t_ns: int) -> None:
        if direction < 0:
            span_um = self._upper_um - self._believed_um(t_ns)
            self._origin_um = self._motor.commanded_um(t_ns)
            self._lower_um = 0.0
            self._upper_um = span_um if self.calst & _MEASURED else _FAR_UM
            self.calst |= _CALIBRATED
            self._letter = "A"
        else:
            self._upper_um = self._believed_um(t_ns)
            self.calst |= _MEASURED
            self._letter = "D"

    def _go(self, target_um: float, t_ns: int) -> int:
        if not self._lower_um - _ROUNDING_UM <= target_um <= self._upper_um + _ROUNDING_UM:
            raise TangoError(OUTSIDE_LIMITS)
        self._leave(t_ns)
        return self._motor.go(t_ns, self._truly_um(target_um), self._speed, self._acceleration)

    def _leave(self, t_ns: int) -> None:
        self._motor.halt(t_ns)
        self._search = None
        self._running = True
        self._letter = "@"

    def _believed_um(self, t_ns: int) -> float:
        return (self._motor.commanded_um(t_ns) - self._origin_um) * self._outwards

    def _truly_um(self, believed_um: float) -> float:
        return self._origin_um + believed_um * self._outwards

    @property
    def _um_per_unit(self) -> float:
        return _UM.get(self.dim, self._pitch_mm * 1000 / _STEPS_PER_TURN)

    @property
    def _um_per_s(self) -> float:
        return 1000.0 if self.dim == _ALL_MILLIMETRES else self._pitch_mm * 1000

    def _length(self, um: float) -> str:
        value = um / self._um_per_unit
        if self.dim == _STEPS:
            return f"{math.floor(value + 0.5)}"
        # A tenth of a µm in either unit; + 0.0 turns -0.0 into 0.0.
        digits = 1 if self.dim == _MICROMETRES else 4
        return f"{round(value, digits) + 0.0:.{digits}f}"
