"""One axis of a Zaber device: its position, its speed settings, its warning flags.

Source: Zaber ASCII Protocol Manual, firmware 7. Speeds in messages are microsteps/s · 1.6384,
accelerations microsteps/s² · 1.6384 / 10000.
"""

from __future__ import annotations

from typing import Final

from drivers.simulated.separate_axes import SingleAxis
from drivers.simulated.zaber_message import gravest

SPEED_DATA: Final = 1.6384
"""Data of a speed, for 1 microstep/s."""
ACCELERATION_DATA: Final = 1.6384e-4
"""Data of an acceleration, for 1 microstep/s²."""

_DRIVER_OFF: Final = frozenset({"FH", "FV", "FO", "FC", "FM", "FD"})
_UNREFERENCED: Final = frozenset({"WR", "WH"})
_PERSISTENT: Final = _DRIVER_OFF | _UNREFERENCED
_BACK_OFF_UM: Final = 20.0
_SLOW: Final = 0.2


class RejectedError(Exception):
    """The device refuses a command.

    Parameters
    ----------
    reason : str
        Such as ``"BADDATA"``.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class ZaberAxis:
    """Positions are microsteps away from the home sensor.

    Parameters
    ----------
    motor : SingleAxis
        What it moves.
    home_um : float
        Where the home sensor is.
    outwards : int
        1 where positions grow with µm, -1 where they fall.
    """

    def __init__(self, motor: SingleAxis, home_um: float, outwards: int) -> None:
        self._motor = motor
        self._home_um = home_um
        self._outwards = outwards
        self._origin_um = 0.0
        self._homing = self._overrun = self._running = False
        self.flags: set[str] = set()
        """The warning flags that are set."""
        lower, upper = motor.ends_um
        self._fastest = round(motor.max_speed / motor.step_um * SPEED_DATA)
        self._settings = {
            "maxspeed": self._fastest,
            "accel": round(motor.acceleration / motor.step_um * ACCELERATION_DATA),
            "limit.min": 0,
            "limit.max": round((upper - lower) / motor.step_um),
            "limit.approach.maxspeed": round(self._fastest / 4),
            "resolution": 64,
        }

    def power_up(self, t_ns: int) -> None:
        """Stop, and know nothing of where the axis is."""
        self._origin_um = self._motor.commanded_um(self._motor.halt(t_ns))
        self._homing = self._overrun = self._running = False
        self.flags = {"WR"}

    def busy(self, t_ns: int) -> bool:
        """Whether it moves."""
        return not self._motor.rests_at(t_ns)

    def position(self, t_ns: int) -> int:
        """Return where the firmware believes to be."""
        way_um = self._motor.commanded_um(t_ns) - self._origin_um
        return round(way_um / self._motor.step_um) * self._outwards

    def state(self, t_ns: int) -> str:
        """Return what a reply says of it, such as ``"IDLE --"``."""
        return f"{'BUSY' if self.busy(t_ns) else 'IDLE'} {gravest(self.flags)}"

    def knows(self, name: str) -> bool:
        """Whether it has a setting of that name."""
        return name in ("pos", "limit.home.triggered") or name in self._settings

    def get(self, name: str, t_ns: int) -> str:
        """Return the value of a setting."""
        if name == "limit.home.triggered":
            return str(int(not self.flags & _UNREFERENCED))
        return str(self.position(t_ns) if name == "pos" else self._settings[name])

    def set(self, name: str, value: int, t_ns: int) -> None:
        """Change a setting.

        Raises
        ------
        RejectedError
            BADDATA outside the range; STATUSBUSY for a position while moving; BADCOMMAND for
            what cannot be set.
        """
        if name in ("resolution", "limit.home.triggered"):
            raise RejectedError("BADCOMMAND")
        if name == "pos":
            if self.busy(t_ns):
                raise RejectedError("STATUSBUSY")
            here_um = self._motor.commanded_um(t_ns)
            self._origin_um = here_um - value * self._outwards * self._motor.step_um
            self.flags = (self.flags - {"WR"}) | {"WH"}
            return
        if "speed" in name and not 1 <= value <= self._fastest:
            raise RejectedError("BADDATA")
        if name == "accel" and value < 1:
            raise RejectedError("BADDATA")
        self._settings[name] = value

    def move_to(self, target: int, speed: int | None, accel: int | None, t_ns: int) -> int:
        """Move to a position, and return when it will rest.

        Raises
        ------
        RejectedError
            BADDATA beyond the limits or the fastest speed; DRIVERDISABLED without power.
        """
        if not self._settings["limit.min"] <= target <= self._settings["limit.max"]:
            raise RejectedError("BADDATA")
        return self._go(self._um(target), speed, accel, t_ns)

    def run(self, velocity: int, accel: int | None, t_ns: int) -> int:
        """Run until stopped or at a limit, and return when it will rest."""
        if not velocity:
            return self.stop(t_ns)
        limit = self._settings["limit.max" if velocity > 0 else "limit.min"]
        # Without a reference the limits mean nothing, and the axis runs until a sensor stops it.
        ends = sorted(self._motor.ends_um, key=lambda um: (um - self._origin_um) * self._outwards)
        target_um = ends[velocity > 0] if "WR" in self.flags else self._um(limit)
        return self._go(target_um, abs(velocity), accel, t_ns)

    def home(self, t_ns: int) -> int:
        """Run to the home sensor, back off, touch it once more; return when it will rest."""
        approach = self._settings["limit.approach.maxspeed"]
        self._go(self._home_um, approach, None, t_ns)
        self._homing = True
        slow, acceleration = _SLOW * self._um_per_s(approach), self._acceleration(None)
        off_um = self._home_um + self._outwards * _BACK_OFF_UM
        self._motor.go(t_ns, off_um, slow, acceleration)
        return self._motor.go(t_ns, self._home_um, slow, acceleration)

    def stop(self, t_ns: int) -> int:
        """Decelerate, and return when it will rest."""
        self._interrupt(t_ns)
        return self._motor.halt(t_ns)

    def come_to_rest(self, t_ns: int, *, homing_fails: bool) -> bool:
        """Note the end of a movement; False if the axis moves again, or never did."""
        if self.busy(t_ns) or not self._running:
            return False
        self._running = False
        if self._overrun:
            self.flags.add("WL")
        if self._homing and homing_fails:
            self.flags.add("FS")
        elif self._homing:
            self._origin_um = self._home_um
            self.flags -= {"WR", "WH", "WL", "FS"}
        self._homing = self._overrun = False
        return True

    def clear_warnings(self) -> None:
        """Forget the flags that do not describe a lasting state."""
        self.flags &= _PERSISTENT

    def enable_driver(self) -> None:
        """Give the motor its current back."""
        self.flags -= _DRIVER_OFF

    def fault(self, flag: str, t_ns: int) -> None:
        """Stop for a reason of its own: a stall, a limit sensor, an overvoltage."""
        self._motor.halt(t_ns)
        self._homing = self._overrun = self._running = False
        self.flags.add(flag)

    def press_limit(self, t_ns: int) -> None:
        """Meet a limit sensor where none should be."""
        self._motor.press_switch(t_ns)
        self.fault("WL", t_ns)

    def stall(self, t_ns: int) -> None:
        """Get stuck, which the motor's encoder tells at once."""
        self._motor.stick(t_ns)
        self.fault("FS", t_ns)

    def _go(self, target_um: float, speed: int | None, accel: int | None, t_ns: int) -> int:
        if self.flags & _DRIVER_OFF:
            raise RejectedError("DRIVERDISABLED")
        speed = self._settings["maxspeed"] if speed is None else speed
        if not 1 <= speed <= self._fastest or (accel is not None and accel < 1):
            raise RejectedError("BADDATA")
        self.flags -= {"NI", "WL"}
        self._interrupt(t_ns)
        self._motor.halt(t_ns)
        self._running = True
        lower, upper = self._motor.ends_um
        self._overrun = not lower <= target_um <= upper
        return self._motor.go(t_ns, target_um, self._um_per_s(speed), self._acceleration(accel))

    def _interrupt(self, t_ns: int) -> None:
        if self.busy(t_ns):
            self.flags.add("NI")
        self._homing = self._overrun = False

    def _um(self, position: int) -> float:
        return self._origin_um + position * self._outwards * self._motor.step_um

    def _um_per_s(self, data: int) -> float:
        return data / SPEED_DATA * self._motor.step_um

    def _acceleration(self, data: int | None) -> float:
        accel = self._settings["accel"] if data is None else data
        return accel / ACCELERATION_DATA * self._motor.step_um
