"""The dialect of a controller that is declared in a file: see `drivers.declaration`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

from drivers.declaration import Axis, Controller, Request
from drivers.errors import Rejected
from drivers.serial_stage.dialect import Framing, Notice, Shape, Status, Talk
from drivers.serial_stage.settings import AXES, StageSettings, device_name
from drivers.stage import AxisCaps, AxisName, StageCaps

_DATA_SHEET: Final = (
    "Look into its manual, then write it into the profile or the controller's file."
)


class DeclaredDialect:
    """A `drivers.serial_stage.dialect.Dialect` that follows a declaration.

    Parameters
    ----------
    settings : StageSettings
        Its scales, addresses and limits go before those of the declaration.
    controller : Controller
    """

    def __init__(self, settings: StageSettings, controller: Controller) -> None:
        self._settings = settings
        self._controller = controller

    @property
    def kind(self) -> str:
        """The controller's name in messages."""
        return self._controller.name

    @property
    def _device(self) -> str:
        return device_name(self.kind, self._settings)

    @property
    def framing(self) -> Framing:
        """How its lines are told apart."""
        framing = self._controller.framing
        return Framing(
            framing.baud, framing.send_end.encode("latin-1"), framing.receive_end.encode("latin-1")
        )

    @property
    def stop_bytes(self) -> tuple[bytes, ...]:
        """What halts all axes, gentle first."""
        end = self._controller.framing.send_end
        return tuple(
            (stop.send + end if stop.line_end else stop.send).encode("latin-1")
            for stop in self._controller.stop
        )

    def refusal(self, line: str) -> str | None:
        """Return what a line refuses, in the controller's words."""
        pattern = self._controller.refusal
        found = None if pattern is None else pattern.fullmatch(line)
        if found is None:
            return None
        return found.groupdict().get("text") or "refused"

    def notice(self, line: str) -> Notice | None:
        """Return what an unasked line means; None for noise and late answers."""
        for pattern in self._controller.notices:
            if pattern.line.fullmatch(line):
                lost = pattern.means == "position lost"
                return Notice(f"the controller says {line!r}", position_lost=lost, alarm=not lost)
        return None

    def identify(self, talk: Talk) -> str:
        """Ask for the name and bring the controller into its known mode; nothing moves."""
        controller = self._controller
        found = _ask(talk, controller.identify, {})
        for request in controller.setup:
            self._send(talk, request)
        version = found.get("version")
        return f"{self.kind} {version}" if version else self.kind

    def read_caps(self, talk: Talk) -> StageCaps:
        """Read the limits, or take them from the declaration, narrowed by the profile."""
        x, y, z = (self._axis_caps(talk, name) for name in AXES)
        can_home = self._controller.home is not None
        return StageCaps(x, y, z, can_home=can_home, poll_hz=self._settings.poll_hz)

    def read_status(self, talk: Talk) -> Status:
        """Ask where the stage is and whether it moves."""
        units, states = self._read_positions(talk)
        status = self._controller.status
        if status.request is not None:
            states = [
                _ask(talk, status.request, {"axis": letter})["state"]
                for letter in self._letters(status.request)
            ]
        place = {name: self._to_um(name, units[name]) for name in AXES}
        alarms = [each for each in states if status.alarm and status.alarm.fullmatch(each)]
        return Status(
            place["x"],
            place["y"],
            place["z"],
            moving=any(status.moving.fullmatch(each) for each in states),
            referenced=not any(
                status.unreferenced.fullmatch(each) for each in states if status.unreferenced
            ),
            alarm=f"the controller's state is {alarms[0]!r}" if alarms else None,
        )

    def begin_move(
        self, talk: Talk, targets_um: Mapping[AxisName, float], speed_um_per_s: float
    ) -> float:
        """Set the speeds, read them back, then begin."""
        units, _ = self._read_positions(talk)
        start = {name: self._to_um(name, units[name]) for name in targets_um}
        ways = {name: targets_um[name] - start[name] for name in targets_um}
        kept = self._set_speeds(talk, ways, speed_um_per_s)
        goal = units | {name: self._to_units(name, um) for name, um in targets_um.items()}
        move = self._controller.move
        if "target" in move.placeholders:
            for name in targets_um:
                target = _number(goal[name], move.decimals)
                self._send(talk, move, axis=self._letter(name), target=target)
        else:
            self._send(talk, move, **{name: _number(goal[name], move.decimals) for name in AXES})
        return kept

    def begin_home(self, talk: Talk) -> None:
        """Start to look for the reference switches."""
        home = self._controller.home
        if home is None:
            raise self._cannot("home", "home")
        if "axis" not in home.placeholders:
            self._send(talk, home)
            return
        for name in home.axes:
            self._send(talk, home, axis=self._letter(name))

    def clear_alarm(self, talk: Talk) -> None:
        """End an alarm as the declaration says."""
        if self._controller.clear_alarm is None:
            raise self._cannot("clear the alarm", "clear_alarm")
        self._send(talk, self._controller.clear_alarm)

    def _read_positions(self, talk: Talk) -> tuple[dict[AxisName, float], list[str]]:
        """Return the positions in the controller's units, and the states in the same answers."""
        position = self._controller.position
        if "axis" not in position.placeholders:
            found = _ask(talk, position, {})
            answers = {name: (found[name], found) for name in AXES}
        else:
            answers = {}
            for name in AXES:
                found = _ask(talk, position, {"axis": self._letter(name)})
                answers[name] = (found["value"], found)
        states = [found["state"] for _, found in answers.values() if "state" in found]
        return {name: float(text) for name, (text, _) in answers.items()}, states

    def _set_speeds(
        self, talk: Talk, ways_um: Mapping[AxisName, float], speed_um_per_s: float
    ) -> float:
        """Share a speed among the axes of a way; return what is kept along it."""
        speed = self._controller.speed
        length = math.hypot(*ways_um.values())
        going: dict[AxisName, float] = {
            name: abs(way) / length for name, way in ways_um.items() if way and length
        } or dict.fromkeys(ways_um, 1.0)
        by_axis = "axis" in speed.placeholders
        kept = []
        for name, share in going.items() if by_axis else [*going.items()][:1]:
            unit = self._axis(name).speed_unit_um_per_s
            wanted = speed_um_per_s * (share if by_axis else 1.0)
            # Nought may mean anything to a controller; the smallest step is refused if too fast.
            text = _number(max(wanted / unit, 10.0**-speed.decimals), speed.decimals)
            self._send(talk, speed, axis=self._letter(name), speed=text)
            if speed.read_back is not None:
                text = _ask(talk, speed.read_back, {"axis": self._letter(name)})["value"]
            kept.append(abs(float(text)) * unit / (share if by_axis else 1.0))
        # The axis that is farthest from its share decides what the sweep would miss.
        return max(kept, key=lambda each: abs(each - speed_um_per_s))

    def _axis_caps(self, talk: Talk, name: AxisName) -> AxisCaps:
        axis, settings = self._axis(name), self._settings.axis(name)
        lower, upper = axis.lower_um, axis.upper_um
        limits = self._controller.limits
        if limits is not None:
            found = _ask(talk, limits, {"axis": self._letter(name)})
            lower, upper = (float(found[each]) * self._unit_um(name) for each in ("lower", "upper"))
        if lower is not None and upper is not None:
            ends = sorted(settings.direction * um + settings.offset_um for um in (lower, upper))
        elif settings.lower_um is not None and settings.upper_um is not None:
            ends = [settings.lower_um, settings.upper_um]
        else:
            raise Rejected(
                self._device,
                f"find the limits of {name}",
                "neither the profile nor the controller's file says them",
                _DATA_SHEET,
            )
        lower_um, upper_um = settings.narrow(self._device, name, ends[0], ends[1])
        return AxisCaps(
            lower_um=lower_um,
            upper_um=upper_um,
            min_speed_um_per_s=axis.slowest_um_per_s,
            max_speed_um_per_s=axis.fastest_um_per_s,
            acceleration_um_per_s2=axis.acceleration_um_per_s2,
            resolution_um=axis.resolution_um,
        )

    def _send(self, talk: Talk, request: Request, **fields: str) -> None:
        """Make a request and see that it was taken, as far as the controller tells."""
        if request.reply is not None:
            _ask(talk, request, fields)
            return
        talk.tell(_filled(request, fields))
        if self._controller.check is not None:
            _ask(talk, self._controller.check, {})

    def _letters(self, request: Request) -> Iterator[str]:
        if "axis" not in request.placeholders:
            yield ""
            return
        for name in AXES:
            yield self._letter(name)

    def _letter(self, name: AxisName) -> str:
        return self._settings.axis(name).address or self._axis(name).letter

    def _axis(self, name: AxisName) -> Axis:
        return self._controller.axes.axis(name)

    def _unit_um(self, name: AxisName) -> float:
        return self._settings.axis(name).um_per_unit or self._axis(name).um_per_unit

    def _to_um(self, name: AxisName, units: float) -> float:
        return self._settings.axis(name).to_um(units, self._unit_um(name))

    def _to_units(self, name: AxisName, position_um: float) -> float:
        return self._settings.axis(name).to_units(position_um, self._unit_um(name))

    def _cannot(self, attempted: str, table: str) -> Rejected:
        return Rejected(
            self._device,
            attempted,
            f"its file has no table [{table}]",
            "Do it at the controller, or add the table.",
        )


def _ask(talk: Talk, request: Request, fields: Mapping[str, str]) -> Mapping[str, str]:
    """Make a request; return the named groups of its answer."""
    return talk.ask(_filled(request, fields), _shape(request), timeout_s=request.timeout_s)


def _shape(request: Request) -> Shape[Mapping[str, str]]:
    def read(line: str) -> Mapping[str, str] | None:
        found = None if request.reply is None else request.reply.fullmatch(line)
        return None if found is None else found.groupdict()

    return read


def _filled(request: Request, fields: Mapping[str, str]) -> str:
    text = request.send
    for name, value in fields.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _number(value: float, decimals: int) -> str:
    """Write a number; a rounded nought without its sign."""
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text
