"""Prior ProScan II and III, spoken over RS-232 or the controller's virtual port.

Facts: Prior ProScan III manual, version 1.12; the Prior adapters of Micro-Manager and of Squid.

A run along z is ``SMZ,p`` and ``V,target``. The endless velocity moves (``VS``, and ``VZ`` where
the firmware knows it) are not used: nothing would bound them if this program died. ``SMZ`` and
``SMS`` are percentages of a speed that depends on the motor and its screw, and that the
controller does not tell. The profile's ``full_speed_um_per_s`` says it; where that is missing,
the first run that is long enough is measured.

A move is answered by ``R``, at its end or at once, depending on the firmware. Nothing waits for
it: the query that follows the move tells whether it was refused.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Mapping
from typing import Final

from drivers import prior_codec as codec
from drivers.errors import BadReply, Rejected
from drivers.serial_stage.busy_flag import BusyFlag
from drivers.serial_stage.dialect import Framing, Notice, Status, Talk
from drivers.serial_stage.settings import AXES, StageSettings
from drivers.serial_stage.zero_watch import RESTARTED, ZeroWatch
from drivers.stage import AxisCaps, AxisName, StageCaps

USUAL_BAUD: Final = 9600
USUAL_UNIT_UM: Final = 0.1
"""Some stages report a resolution of 0 for it (Micro-Manager, Prior adapter)."""
ASSUMED_FULL_UM_PER_S: Final[Mapping[AxisName, float]] = {"x": 10000.0, "y": 10000.0, "z": 1000.0}
"""Speed at 100 % until the profile or a measurement says better; common leadscrews are faster."""
ASSUMED_RAMP_S: Final = 0.1
"""Time to full speed; the controller tells its acceleration as a percentage only."""

_MEASURE_FOR_S: Final = 0.5
_MEASURE_AFTER_S: Final = 0.15
"""Later than `ASSUMED_RAMP_S`: only steady motion is measured."""
_ENOUGH_READINGS: Final = 8
_PROMPT: Final = 3.0
"""So many times later than usual, an answer is left out."""
_FEWEST_READINGS: Final = 4
_FAR_OFF: Final = 50.0
"""A measurement so far below expectation saw a stop, not a slow motor."""


class PriorDialect:
    """What a ProScan controller understands.

    Parameters
    ----------
    settings : StageSettings
        Every axis needs both soft limits: the controller knows of none but its switches. Its
        zero is where it was switched on, unless somebody has set it since.
    """

    def __init__(self, settings: StageSettings) -> None:
        self._settings = settings
        self._device = f"stage Prior ProScan on {settings.url}"
        self._unit_um: dict[AxisName, float] = dict.fromkeys(AXES, USUAL_UNIT_UM)
        self._full_um_per_s = dict(ASSUMED_FULL_UM_PER_S)
        self._speed_known = dict.fromkeys(AXES, False)
        self._busy = BusyFlag()
        self._zero = ZeroWatch()
        self._reach_um_per_s = 0.0
        self._look_at_switches = False
        self._homing = False
        self._rested = True
        self._zero_is_the_target = False
        self._restarted = False
        self._alarm: str | None = None

    @property
    def kind(self) -> str:
        """The controller's name in messages."""
        return "Prior ProScan"

    @property
    def framing(self) -> Framing:
        """How its lines are told apart."""
        return Framing(USUAL_BAUD, b"\r", b"\r")

    @property
    def stop_bytes(self) -> tuple[bytes, ...]:
        """``I`` slows down and empties the queue, ``K`` stops at once."""
        return (b"I\r", b"K\r")

    def refusal(self, line: str) -> str | None:
        """Return what an error line says."""
        return codec.refusal(line)

    def notice(self, line: str) -> Notice | None:  # noqa: ARG002
        """Return None: what comes unasked is the end of a move, or late."""
        return None

    def identify(self, talk: Talk) -> str:
        """Return name and version, and switch to standard mode."""
        talk.ask("COMP,0", codec.acknowledged)
        about = talk.ask("?", codec.until_end())
        title = about[0] if about else ""
        if "SCAN" not in title.upper():
            raise BadReply(
                self._device,
                "connect",
                f"not {self.kind}; it said: {' | '.join(about)!r}",
                "Check the port and the profile's driver.",
            )
        version = talk.ask("VERSION", codec.whole)
        talk.ask("=", codec.limit_switches)  # forget what was hit before
        self._restarted, self._alarm = False, None
        self._zero = ZeroWatch()
        return f"{self.kind} {version / 100:.2f}"

    def read_caps(self, talk: Talk) -> StageCaps:
        """Read the resolutions; limits and full speeds come from the profile."""
        xy_um = abs(talk.ask("RES,s", codec.decimal)) or USUAL_UNIT_UM
        z_um = abs(talk.ask("RES,Z", codec.decimal)) or USUAL_UNIT_UM
        for name in AXES:
            read_um = z_um if name == "z" else xy_um
            axis = self._settings.axis(name)
            self._unit_um[name] = axis.um_per_unit or read_um
            if axis.full_speed_um_per_s is not None:
                self._full_um_per_s[name] = axis.full_speed_um_per_s
                self._speed_known[name] = True
        x, y, z = (self._axis_caps(name) for name in AXES)
        poll_hz = self._settings.poll_hz
        return StageCaps(x=x, y=y, z=z, can_home=True, poll_hz=poll_hz, notes=self._notes())

    def read_status(self, talk: Talk) -> Status:
        """Ask for the position, and whether anything moves."""
        units = talk.ask("P", codec.positions)
        now_s = time.monotonic()
        flags = talk.ask("$", codec.motion) & (codec.X_MOVES | codec.Y_MOVES | codec.Z_MOVES)
        moving = self._busy.moving(busy=bool(flags), now_s=time.monotonic())
        if self._look_at_switches and not moving:
            self._read_switches(talk)
        x, y, z = (unit * self._unit_um[name] for name, unit in zip(AXES, units, strict=True))
        fell = self._zero.fell((x, y, z), now_s, self._reach_um_per_s)
        if fell and not (self._homing or self._zero_is_the_target):
            self._restarted = True
            self._alarm = RESTARTED
        # The position is older than the flag: this one may still be from the way.
        if not moving and self._rested:
            self._reach_um_per_s, self._homing = 0.0, False
        self._rested = not moving
        x_um, y_um, z_um = (
            self._settings.axis(name).to_um(unit, self._unit_um[name])
            for name, unit in zip(AXES, units, strict=True)
        )
        return Status(x_um, y_um, z_um, moving, not self._restarted, self._alarm)

    def begin_move(
        self, talk: Talk, targets_um: Mapping[AxisName, float], speed_um_per_s: float
    ) -> float:
        """Set the speeds, go, and return the speed: by the percentage, or measured."""
        here = dict(zip(AXES, talk.ask("P", codec.positions), strict=True))
        there = here | {name: self._to_unit(name, at) for name, at in targets_um.items()}
        path_um = {name: (there[name] - here[name]) * self._unit_um[name] for name in AXES}
        xy_um, z_um = math.hypot(path_um["x"], path_um["y"]), abs(path_um["z"])
        length_um = math.hypot(xy_um, z_um)
        if length_um == 0:
            return speed_um_per_s
        kept = []
        if xy_um > 0:
            share = xy_um / length_um
            kept.append(self._set_speed(talk, "SMS", "x", speed_um_per_s * share) / share)
        if z_um > 0:
            share = z_um / length_um
            kept.append(self._set_speed(talk, "SMZ", "z", speed_um_per_s * share) / share)
        self._reach_um_per_s = 2.0 * min(kept)
        self._zero_is_the_target = not any(there.values())
        self._go(talk, _command(there, xy=xy_um > 0, z=z_um > 0))
        if xy_um > 0 or self._speed_known["z"]:
            return min(kept)
        return self._measure_z(talk, kept[0])

    def begin_home(self, talk: Talk) -> None:
        """Look for the switches of x and y (``SIS``); z is left where it is.

        Prior's own examples leave z out "to avoid objective crashes".
        """
        self._homing = True
        self._go(talk, "SIS")

    def clear_alarm(self, talk: Talk) -> None:
        """Forget the switch that was hit; the operator has seen to it."""
        talk.ask("=", codec.limit_switches)
        self._alarm = None

    def _notes(self) -> tuple[str, ...]:
        step_um_per_s = self._full_um_per_s["z"] / 100
        notes = (
            f"z runs at whole percentages of full speed only: multiples of {step_um_per_s:g} µm/s.",
            "Homing finds the switches of x and y; z is left where it is.",
        )
        if self._speed_known["z"]:
            return notes
        guess = (
            f"The full speed of z is not known, {self._full_um_per_s['z']:g} µm/s are assumed: the"
            " first run measures it; put it into the profile as full_speed_um_per_s."
        )
        return (*notes, guess)

    def _axis_caps(self, name: AxisName) -> AxisCaps:
        axis = self._settings.axis(name)
        if axis.lower_um is None or axis.upper_um is None:
            raise Rejected(
                self._device,
                f"set the limits of {name}",
                "the controller has no soft limits, and the profile names none",
                f"Give lower_um and upper_um of {name} in the profile.",
            )
        lower_um, upper_um = axis.narrow(self._device, name, axis.lower_um, axis.upper_um)
        full_um_per_s = self._full_um_per_s[name]
        return AxisCaps(
            lower_um=lower_um,
            upper_um=upper_um,
            min_speed_um_per_s=full_um_per_s * codec.SLOWEST_PERCENT / 100,
            max_speed_um_per_s=full_um_per_s,
            acceleration_um_per_s2=full_um_per_s / ASSUMED_RAMP_S,
            resolution_um=self._unit_um[name],
            speed_step_um_per_s=full_um_per_s / 100,
        )

    def _to_unit(self, name: AxisName, position_um: float) -> int:
        return round(self._settings.axis(name).to_units(position_um, self._unit_um[name]))

    def _set_speed(self, talk: Talk, command: str, name: AxisName, speed_um_per_s: float) -> float:
        full_um_per_s = self._full_um_per_s[name]
        percent = codec.percent_of(speed_um_per_s, full_um_per_s)
        talk.ask(f"{command},{percent}", codec.acknowledged)
        return talk.ask(command, codec.whole) / 100 * full_um_per_s

    def _go(self, talk: Talk, command: str) -> None:
        """Set the axes in motion; a refusal comes before the answer to the next query."""
        talk.tell(command)
        self._rested = False
        self._busy.rise(time.monotonic())
        self._look_at_switches = True
        try:
            talk.ask("$", codec.motion)
        except Rejected as error:
            # The answer to $ is still on its way: the next query lets it pass.
            talk.ask("P", codec.positions)
            raise Rejected(
                self._device,
                command,
                error.answer,
                "Wait until the stage stands still, and check its limits.",
            ) from error

    def _measure_z(self, talk: Talk, nominal_um_per_s: float) -> float:
        """Watch the beginning of a run and learn what full speed is; nominal if it is short."""
        began_s = time.monotonic()
        track: list[tuple[float, float]] = []
        delays_s: list[float] = []
        while (now_s := time.monotonic()) - began_s < _MEASURE_FOR_S or len(
            track
        ) < _ENOUGH_READINGS:
            z_um = talk.ask("P", codec.positions)[2] * self._unit_um["z"]
            heard_s = time.monotonic()
            if not talk.ask("$", codec.motion) & codec.Z_MOVES:
                return nominal_um_per_s
            if now_s - began_s > _MEASURE_AFTER_S:
                track.append(((now_s + heard_s) / 2, z_um))
                delays_s.append(heard_s - now_s)
        speed_um_per_s = _slope(_prompt(track, delays_s))
        if speed_um_per_s is None or speed_um_per_s < nominal_um_per_s / _FAR_OFF:
            return nominal_um_per_s
        self._full_um_per_s["z"] *= speed_um_per_s / nominal_um_per_s
        self._speed_known["z"] = True
        return speed_um_per_s

    def _read_switches(self, talk: Talk) -> None:
        hit = codec.limit_texts(talk.ask("=", codec.limit_switches))
        self._look_at_switches = False
        if hit and not self._homing:
            self._alarm = f"limit switch {' and '.join(hit)} was hit"


def _command(there: Mapping[AxisName, int], *, xy: bool, z: bool) -> str:
    if xy and z:
        return codec.go_xyz(there["x"], there["y"], there["z"])
    if xy:
        return codec.go_xy(there["x"], there["y"])
    return codec.go_z(there["z"])


def _prompt(track: list[tuple[float, float]], delays_s: list[float]) -> list[tuple[float, float]]:
    """Leave out what a computer that was held up heard late: nobody knows when it was so."""
    usual_s = statistics.median(delays_s) if delays_s else 0.0
    return [
        place
        for place, delay_s in zip(track, delays_s, strict=True)
        if delay_s <= _PROMPT * usual_s
    ]


def _slope(track: list[tuple[float, float]]) -> float | None:
    """Return how fast z changes, µm/s; None with too few readings."""
    if len(track) < _FEWEST_READINGS:
        return None
    (slope, _offset) = statistics.linear_regression(*zip(*track, strict=True))
    return abs(slope)
