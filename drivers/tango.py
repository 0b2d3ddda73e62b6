"""A stage on a Märzhäuser TANGO controller.

Written from Märzhäuser's own adapter for Micro-Manager and from COMET's driver. Setting something
earns no answer, so every set is followed by ``?err`` and a read-back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from drivers.errors import BadReply, Rejected, ReplyTimeout
from drivers.serial_stage.dialect import Framing, Notice, Status, Talk
from drivers.serial_stage.settings import AXES, StageSettings, left_slow
from drivers.stage import AxisCaps, AxisName, StageCaps
from drivers.tango_codec import (
    ABSENT,
    ALARMS,
    ERRORS,
    MOVING,
    WAITING,
    decimals,
    parse_letters,
    parse_numbers,
    parse_whole,
    parse_wholes,
    set_value,
)

_UM_PER_MM: Final = 1000.0
_MM: Final = 9
"""The dimension in which positions are mm and speeds mm/s (Micro-Manager, ``Marzhauser.cpp``)."""
_SLOWEST_MM_PER_S: Final = 0.001
"""The least speed that Märzhäuser's adapter lets be set (Micro-Manager, ``Marzhauser.cpp``)."""
_LONGEST_TRAVEL_UM: Final = 1e6
"""Beyond any TANGO stage: the range has not been measured."""
_CALIBRATED: Final = 1
"""Bit of ``?calst``: the zero point has been found."""
_SPEED_DIGITS: Final = 6
_PLACE_DIGITS: Final = 5
_SETTLED_POLLS: Final = 3
_UNKNOWN_INSTRUCTION: Final = 4


class TangoDialect:
    """The words of a TANGO.

    ``um_per_unit`` defaults to 1000: positions are spoken in mm. The speed of a move is the
    setting ``vel``; it is put back when the stage stands still again, and on connecting, in case
    a session died meanwhile, where the profile gives ``full_speed_um_per_s``.

    Parameters
    ----------
    settings : StageSettings
    """

    def __init__(self, settings: StageSettings) -> None:
        self._settings = settings
        self._device = f"stage {self.kind} on {settings.url}"
        self._knows_calibration = True
        self._referenced = False
        self._error = 0
        """Of the stage itself, not of a request: waits for a person."""
        self._usual_speeds: dict[AxisName, float] = {}
        self._slowed: set[AxisName] = set()
        self._polls_at_rest = 0

    @property
    def kind(self) -> str:
        """The controller's name in messages."""
        return "Märzhäuser TANGO"

    @property
    def framing(self) -> Framing:
        """57600 baud; lines end in CR both ways."""
        return Framing(57_600, b"\r", b"\r")

    @property
    def stop_bytes(self) -> tuple[bytes, ...]:
        """Abort all axes, then the same by the byte that the controller looks for at once."""
        return b"a\r", b"\x03"

    def refusal(self, _line: str) -> str | None:
        """Return None: the controller refuses in silence, and `?err` says so."""
        return None

    def notice(self, _line: str) -> Notice | None:
        """Return None: the controller is told to say nothing unasked."""
        return None

    def identify(self, talk: Talk) -> str:
        """Ask for the version; fall silent when unasked; speak in mm; see `Dialect`."""
        talk.tell("!autostatus 0")
        version = talk.ask("?version", lambda line: line if "TANGO" in line.upper() else None)
        # What went wrong before this conversation is none of its business.
        talk.ask("?err", parse_whole)
        talk.tell("!err")
        self._error = 0
        letters = self._letters(talk)
        if missing := [
            name for name, letter in zip(AXES, letters, strict=False) if letter == ABSENT
        ]:
            raise BadReply(
                self._device,
                "look for the axes",
                f"{', '.join(missing)} missing or switched off (?statusaxis: {letters})",
                "Check the stage's cables and that all axes are enabled.",
            )
        self._speak_mm(talk)
        self._referenced = False
        self._knows_calibration = self._look_for_calibration(talk)
        self._slowed.clear()
        return version.strip()

    def _speak_mm(self, talk: Talk) -> None:
        """Choose the units, and say nothing unasked; a restart undoes both."""
        talk.tell("!autostatus 0")
        for name in AXES:
            self._set(talk, f"!dim {name} {_MM}")
            unit = talk.ask(f"?dim {name}", parse_whole)
            if unit != _MM:
                raise self._refused(f"!dim {name} {_MM}", f"?dim {name} says {unit}")

    def _look_for_calibration(self, talk: Talk) -> bool:
        """Return whether the firmware tells if its zero point has been found."""
        try:
            talk.ask("?calst", lambda line: parse_wholes(line, len(AXES)))
        except ReplyTimeout:
            if talk.ask("?err", parse_whole) != _UNKNOWN_INSTRUCTION:
                raise
            talk.tell("!err")
            return False
        return True

    def read_caps(self, talk: Talk) -> StageCaps:
        """Read limits, speeds and accelerations; see `Dialect`.

        Raises
        ------
        Rejected
            The controller has not measured its range, and the profile gives none.
        """
        x, y, z = (self._read_axis_caps(talk, name) for name in AXES)
        unsure = [name for name in AXES if self._settings.axis(name).full_speed_um_per_s is None]
        notes = (left_slow(unsure),) if unsure else ()
        return StageCaps(x=x, y=y, z=z, can_home=True, poll_hz=self._settings.poll_hz, notes=notes)

    def _read_axis_caps(self, talk: Talk, name: AxisName) -> AxisCaps:
        settings, unit = self._settings.axis(name), self._unit_um(name)
        low, high = talk.ask(f"?lim {name}", lambda line: parse_numbers(line, 2))[:2]
        if settings.full_speed_um_per_s is not None:
            full = settings.full_speed_um_per_s / unit
            self._set(talk, set_value("vel", name, full, _SPEED_DIGITS))
        (speed,) = talk.ask(f"?vel {name}", lambda line: parse_numbers(line, 1))[:1]
        (acceleration,) = talk.ask(f"?accel {name}", lambda line: parse_numbers(line, 1))[:1]
        place = talk.ask(f"?pos {name}", lambda line: line if parse_numbers(line, 1) else None)
        if not (low < high and speed > 0 and acceleration > 0):
            raise BadReply(
                self._device,
                f"read the limits of {name}",
                f"{low:g} to {high:g} mm, {speed:g} mm/s, {acceleration:g} m/s²",
                "Set them with Märzhäuser's own program.",
            )
        lower, upper = settings.narrow(
            self._device, name, settings.to_um(low, unit), settings.to_um(high, unit)
        )
        if upper - lower > _LONGEST_TRAVEL_UM:
            raise Rejected(
                self._device,
                f"read the limits of {name}",
                f"{low:g} to {high:g} mm: the range has not been measured",
                f"Give lower_um and upper_um of {name} in the profile.",
            )
        self._usual_speeds[name] = speed
        return AxisCaps(
            lower_um=lower,
            upper_um=upper,
            min_speed_um_per_s=_SLOWEST_MM_PER_S * unit,
            max_speed_um_per_s=speed * unit,
            # ?accel is in m/s² whatever the dimension.
            acceleration_um_per_s2=acceleration * _UM_PER_MM * unit,
            resolution_um=unit * 10.0 ** -decimals(place),
        )

    def read_status(self, talk: Talk) -> Status:
        """Ask for the place, then for a letter per axis; see `Dialect`.

        An emergency stop shows in no letter: at rest, the error number is asked for as well.
        """
        places = self._places(talk)
        letters = self._letters(talk)[: len(AXES)]
        moving = MOVING in letters
        if not moving and self._lost_its_zero(talk):
            self._speak_mm(talk)
            places = self._places(talk)
        if not moving and (error := talk.ask("?err", parse_whole)) in WAITING:
            self._error = error
        self._restore_speeds(talk, moving)
        x, y, z = (
            self._settings.axis(name).to_um(place, self._unit_um(name))
            for name, place in zip(AXES, places, strict=True)
        )
        return Status(x, y, z, moving, self._referenced, self._alarm(letters))

    def _lost_its_zero(self, talk: Talk) -> bool:
        """Look whether the zero point is known; return whether it was and is no more."""
        if not self._knows_calibration:
            return False
        states = talk.ask("?calst", lambda line: parse_wholes(line, len(AXES)))[: len(AXES)]
        before, self._referenced = self._referenced, all(state & _CALIBRATED for state in states)
        return before and not self._referenced

    def _alarm(self, letters: str) -> str | None:
        complaints = [_words(self._error)] if self._error else []
        complaints += [
            f"{name} {ALARMS[letter]}"
            for name, letter in zip(AXES, letters, strict=True)
            if letter in ALARMS
        ]
        return "; ".join(complaints) or None

    def begin_move(
        self, talk: Talk, targets_um: Mapping[AxisName, float], speed_um_per_s: float
    ) -> float:
        """Set each axis's share of the speed, then send all off; see `Dialect`."""
        status = self.read_status(talk)
        here = {"x": status.x_um, "y": status.y_um, "z": status.z_um}
        way = {name: abs(target - here[name]) for name, target in targets_um.items()}
        length = math.hypot(*way.values())
        speeds: dict[AxisName, float] = {}
        for name in targets_um:
            share = way[name] / length if length else 1.0
            wish = max(speed_um_per_s * share / self._unit_um(name), _SLOWEST_MM_PER_S)
            speeds[name] = self._set_speed(talk, name, wish)
        for name, target in targets_um.items():
            place = self._settings.axis(name).to_units(target, self._unit_um(name))
            self._set(talk, set_value("moa", name, place, _PLACE_DIGITS))
        self._polls_at_rest = 0
        # The slowest axis is the last to arrive and so decides over the whole path.
        leads = [
            speeds[name] * self._unit_um(name) * length / way[name]
            for name in targets_um
            if way[name] > 0
        ]
        return min(leads, default=speed_um_per_s)

    def _set_speed(self, talk: Talk, name: AxisName, mm_per_s: float) -> float:
        """Set the speed of one axis and return what the controller has made of it, mm/s."""
        self._slowed.add(name)
        self._set(talk, set_value("vel", name, mm_per_s, _SPEED_DIGITS))
        return talk.ask(f"?vel {name}", lambda line: parse_numbers(line, 1))[0]

    def _restore_speeds(self, talk: Talk, moving: bool) -> None:
        """Put the setting back that a move needed, once the stage has come to rest for good."""
        self._polls_at_rest = 0 if moving else self._polls_at_rest + 1
        if self._slowed and self._polls_at_rest >= _SETTLED_POLLS:
            for name in sorted(self._slowed):
                usual = self._usual_speeds[name]
                self._set(talk, set_value("vel", name, usual, _SPEED_DIGITS))
            self._slowed.clear()

    def begin_home(self, talk: Talk) -> None:
        """Send all axes to their zero points; see `Dialect`."""
        self._speak_mm(talk)
        self._error = 0
        self._set(talk, "!cal")
        # Firmware that does not tell is believed once it has been asked to calibrate.
        self._referenced = not self._knows_calibration

    def clear_alarm(self, talk: Talk) -> None:
        """Clear the error; see `Dialect`.

        Raises
        ------
        Rejected
            Its cause is still there, such as a pressed emergency stop.
        """
        talk.tell("!err")
        if error := talk.ask("?err", parse_whole):
            raise self._refused("!err", _words(error))
        self._error = 0

    def _set(self, talk: Talk, request: str) -> None:
        """Send what earns no answer, and ask whether it was taken."""
        talk.tell(request)
        if error := talk.ask("?err", parse_whole):
            if error in WAITING:
                self._error = error
            else:
                talk.tell("!err")
            raise self._refused(request, _words(error))

    def _refused(self, request: str, answer: str) -> Rejected:
        return Rejected(self._device, request, answer, "Look at the stage, then try again.")

    def _places(self, talk: Talk) -> tuple[float, ...]:
        return talk.ask("?pos", lambda line: parse_numbers(line, len(AXES)))[: len(AXES)]

    def _letters(self, talk: Talk) -> str:
        return talk.ask("?statusaxis", lambda line: parse_letters(line, len(AXES)))

    def _unit_um(self, name: AxisName) -> float:
        return self._settings.axis(name).um_per_unit or _UM_PER_MM


def _words(error: int) -> str:
    return f"error {error}: {ERRORS.get(error, 'unknown to this program')}"
