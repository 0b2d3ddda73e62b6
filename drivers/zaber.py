"""A stage on Zaber controllers that speak the ASCII protocol, one device or a chain of them.

Written from the Zaber ASCII protocol manual. Zaber's own library, zaber-motion, is not used: see
"Decisions" in docs/design.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

from drivers.errors import BadReply, DeviceError, Rejected
from drivers.serial_stage.dialect import Framing, Notice, Status, Talk
from drivers.serial_stage.settings import AXES, StageSettings, left_slow
from drivers.stage import AxisCaps, AxisName, StageCaps
from drivers.zaber_codec import (
    ACCELERATION_FACTOR,
    FINE,
    FLAGS,
    MOTOR_OFF,
    UNREFERENCED,
    VELOCITY_FACTOR,
    Alert,
    Reply,
    alarm_of,
    encode,
    parse,
    parse_decimal,
    parse_flags,
    parse_integers,
    parse_version,
)

T = TypeVar("T")

Axis = tuple[int, int]
"""Device and axis number."""

_USUAL_AXES: Final[dict[AxisName, Axis]] = {"x": (1, 1), "y": (1, 2), "z": (1, 3)}
_SPEED_WITH_MOVE: Final = (7, 25)
"""The first firmware whose moves carry their own speed (zaber-motion, ``Axis.move_absolute``)."""
_LONGEST_TRAVEL_UM: Final = 3e6
"""Beyond any Zaber axis: the microstep's size must be wrong."""
_SETTLED_POLLS: Final = 3
_REPLY_S: Final = 0.5
"""Devices answer at once; the rest is for a chain, for USB adapters and for a busy computer."""


class ZaberDialect:
    """The words of Zaber controllers.

    ``um_per_unit`` of each axis is the size of its microstep, which the stage's data sheet gives
    for the resolution that it is shipped with. ``address`` is device and axis, ``"2 1"``; without
    one, x, y and z are axes 1, 2 and 3 of device 1.

    From firmware 7.25 on a move carries its speed. Before that, the speed of a move is the
    setting ``maxspeed``, which outlives the power; it is put back when the stage stands still
    again, and on connecting, in case a session died meanwhile, where the profile gives
    ``full_speed_um_per_s``.

    Parameters
    ----------
    settings : StageSettings

    Raises
    ------
    ValueError
        An address is not two numbers, or two axes share one.
    """

    def __init__(self, settings: StageSettings) -> None:
        self._settings = settings
        self._axes = {name: _axis(name, settings.axis(name).address) for name in AXES}
        if len(set(self._axes.values())) < len(AXES):
            raise ValueError(f"two axes of the stage share one address: {self._axes}")
        self._device = f"stage {self.kind} on {settings.url}"
        self._number = 0
        self._checking: set[int] = set()
        self._versions: dict[int, tuple[int, int]] = {}
        self._usual_speeds: dict[Axis, int] = {}
        self._slowed: set[Axis] = set()
        self._polls_at_rest = 0

    @property
    def kind(self) -> str:
        """The controller's name in messages."""
        return "Zaber"

    @property
    def framing(self) -> Framing:
        """115200 baud; replies end in CR LF."""
        return Framing(115_200, b"\n", b"\r\n")

    @property
    def stop_bytes(self) -> tuple[bytes, ...]:
        """To all devices: decelerate, then stop at once."""
        return b"/stop\n", b"/estop\n"

    def refusal(self, line: str) -> str | None:
        """Return the reason, where the line refuses the request that waits for its answer."""
        reply = parse(line)
        if not isinstance(reply, Reply) or reply.accepted or reply.number != self._number:
            return None
        return f"{reply.data or 'refused'} from device {reply.device}, axis {reply.axis}"

    def notice(self, line: str) -> Notice | None:
        """Return what an alert complains of."""
        alert = parse(line)
        if not isinstance(alert, Alert):
            return None
        where = f"device {alert.device}, axis {alert.axis}"
        if words := alarm_of(alert.flag):
            return Notice(f"{where}: {words}", alarm=True)
        if alert.flag in UNREFERENCED:
            return Notice(f"{where}: {alert.flag}: {FLAGS[alert.flag]}", position_lost=True)
        return None

    def identify(self, talk: Talk) -> str:
        """Ask every device for its kind and firmware, and whether it has the axes; see `Dialect`.

        Raises
        ------
        BadReply
            A device has fewer axes than the profile names.
        """
        self._checking.clear()
        self._slowed.clear()
        names = []
        for device in self._devices():
            self._versions[device] = self._ask(
                talk, device, 0, "get version", lambda reply: parse_version(reply.data)
            )
            count = self._ask(talk, device, 0, "get system.axiscount", _whole)
            last = max(axis for d, axis in self._axes.values() if d == device)
            if last > count:
                raise BadReply(
                    self._device,
                    f"look for axis {last} of device {device}",
                    f"it has {count}",
                    "Check the addresses of the axes in the profile.",
                )
            major, minor = self._versions[device]
            kind = self._read_kind(talk, device)
            names.append(f"device {device} of kind {kind}, firmware {major}.{minor:02d}")
        return "Zaber " + "; ".join(names)

    def _read_kind(self, talk: Talk, device: int) -> int:
        """Return the model's number, which firmware 6 keeps under another name."""
        try:
            return self._ask(talk, device, 0, "get device.id", _whole)
        except Rejected:
            return self._ask(talk, device, 0, "get deviceid", _whole)

    def read_caps(self, talk: Talk) -> StageCaps:
        """Read limits, speeds and accelerations; see `Dialect`."""
        x, y, z = (self._read_axis_caps(talk, name) for name in AXES)
        unsure = [
            name
            for name, axis in self._axes.items()
            if not self._carries_speed(axis)
            and self._settings.axis(name).full_speed_um_per_s is None
        ]
        notes = (left_slow(unsure),) if unsure else ()
        return StageCaps(x=x, y=y, z=z, can_home=True, poll_hz=self._settings.poll_hz, notes=notes)

    def _read_axis_caps(self, talk: Talk, name: AxisName) -> AxisCaps:
        settings, axis = self._settings.axis(name), self._axes[name]
        unit = self._unit_um(name)
        low, high = (self._ask(talk, *axis, f"get limit.{end}", _whole) for end in ("min", "max"))
        self._set_full_speed(talk, axis, settings.full_speed_um_per_s, unit)
        speed = self._ask(talk, *axis, "get maxspeed", _decimal)
        acceleration = self._ask(talk, *axis, "get accel", _decimal)
        if not (low < high and (high - low) * unit <= _LONGEST_TRAVEL_UM and speed >= 1):
            raise BadReply(
                self._device,
                f"read the limits of {name}",
                f"{low} to {high} microsteps of {unit:g} µm at maxspeed {speed:g}",
                f"Check the microstep's size (um_per_unit) of {name} in the profile.",
            )
        self._usual_speeds[axis] = int(speed)
        lower, upper = settings.narrow(
            self._device, name, settings.to_um(low, unit), settings.to_um(high, unit)
        )
        return AxisCaps(
            lower_um=lower,
            upper_um=upper,
            min_speed_um_per_s=unit / VELOCITY_FACTOR,
            max_speed_um_per_s=int(speed) * unit / VELOCITY_FACTOR,
            # The manual gives 0 the meaning of no limit.
            acceleration_um_per_s2=acceleration * unit / ACCELERATION_FACTOR or math.inf,
            resolution_um=unit,
        )

    def read_status(self, talk: Talk) -> Status:
        """Ask each device for all its positions at once; see `Dialect`."""
        places: dict[Axis, int] = {}
        moving = False
        flags: set[str] = set()
        for device in self._devices():
            last = max(axis for d, axis in self._axes.values() if d == device)
            reply, values = self._ask(talk, device, 0, "get pos", _positions(last))
            moving |= reply.moving
            places |= {(device, number): value for number, value in enumerate(values, 1)}
            if reply.flag != FINE and not reply.flag.startswith("N"):
                flags |= self._read_flags(talk, device, reply.flag)
        x, y, z = (
            self._settings.axis(name).to_um(places[self._axes[name]], self._unit_um(name))
            for name in AXES
        )
        self._restore_speeds(talk, moving)
        alarms = sorted(filter(None, map(alarm_of, flags)))
        return Status(x, y, z, moving, not flags & UNREFERENCED, "; ".join(alarms) or None)

    def _read_flags(self, talk: Talk, device: int, flag: str) -> set[str]:
        """Return all warnings of a device: a reply shows the most pressing one alone."""
        flags = {flag}
        for axis in (axis for axis in self._axes.values() if axis[0] == device):
            flags.update(self._ask(talk, *axis, "warnings", lambda reply: parse_flags(reply.data)))
        return flags

    def begin_move(
        self, talk: Talk, targets_um: Mapping[AxisName, float], speed_um_per_s: float
    ) -> float:
        """Send each axis off with its share of the speed; see `Dialect`."""
        status = self.read_status(talk)
        here = {"x": status.x_um, "y": status.y_um, "z": status.z_um}
        length = math.dist([here[name] for name in targets_um], list(targets_um.values()))
        way = {name: abs(target - here[name]) for name, target in targets_um.items()}
        speeds: dict[AxisName, int] = {}
        for name in targets_um:
            share = way[name] / length if length else 1.0
            wish = speed_um_per_s * share * VELOCITY_FACTOR / self._unit_um(name)
            speeds[name] = self._choose_speed(talk, self._axes[name], max(1, round(wish)))
        for name, target in targets_um.items():
            axis = self._axes[name]
            place = round(self._settings.axis(name).to_units(target, self._unit_um(name)))
            speed = f" {speeds[name]}" if self._carries_speed(axis) else ""
            self._ask(talk, *axis, f"move abs {place}{speed}", _accepted)
        self._polls_at_rest = 0
        real = [speeds[name] * self._unit_um(name) / VELOCITY_FACTOR for name in targets_um]
        # The slowest axis is the last to arrive and so decides over the whole path.
        leads = [real[i] * length / way[name] for i, name in enumerate(targets_um) if way[name] > 0]
        return min(leads, default=speed_um_per_s)

    def _set_full_speed(self, talk: Talk, axis: Axis, um_per_s: float | None, unit: float) -> None:
        if um_per_s is None or self._carries_speed(axis):
            return
        speed = max(1, round(um_per_s * VELOCITY_FACTOR / unit))
        self._ask(talk, *axis, f"set maxspeed {speed}", _accepted)

    def _choose_speed(self, talk: Talk, axis: Axis, speed: int) -> int:
        """Return the speed that the controller will keep; set it where the move cannot carry it."""
        if self._carries_speed(axis):
            return min(speed, self._usual_speeds[axis])
        self._slowed.add(axis)
        self._ask(talk, *axis, f"set maxspeed {speed}", _accepted)
        return int(self._ask(talk, *axis, "get maxspeed", _decimal))

    def _restore_speeds(self, talk: Talk, moving: bool) -> None:
        """Put the setting back that a move needed, once the stage has come to rest for good."""
        self._polls_at_rest = 0 if moving else self._polls_at_rest + 1
        if self._slowed and self._polls_at_rest >= _SETTLED_POLLS:
            for axis in sorted(self._slowed):
                self._ask(talk, *axis, f"set maxspeed {self._usual_speeds[axis]}", _accepted)
            self._slowed.clear()

    def begin_home(self, talk: Talk) -> None:
        """Send all axes to their references, z first; see `Dialect`."""
        for name in reversed(AXES):
            self._ask(talk, *self._axes[name], "home", _accepted)

    def clear_alarm(self, talk: Talk) -> None:
        """Switch motors on that a fault has switched off, then clear the warnings."""
        for axis in self._axes.values():
            flags = self._ask(talk, *axis, "warnings", lambda reply: parse_flags(reply.data))
            if MOTOR_OFF & set(flags):
                self._ask(talk, *axis, "driver enable", _accepted)
            self._ask(talk, *axis, "warnings clear", _accepted)

    def _ask(
        self, talk: Talk, device: int, axis: int, command: str, read: Callable[[Reply], T | None]
    ) -> T:
        """Send a numbered request and wait for the reply with its number and address."""
        self._number = (self._number + 1) % 100
        number = self._number

        def shape(line: str) -> T | None:
            reply = parse(line)
            if not isinstance(reply, Reply) or not reply.accepted:
                return None
            if (reply.device, reply.axis, reply.number) != (device, axis, number):
                return None
            # Where a device sends check sums, a reply without one has lost its end on the line.
            if reply.checked:
                self._checking.add(device)
            return read(reply) if reply.checked or device not in self._checking else None

        return talk.ask(encode(device, axis, number, command), shape, timeout_s=_REPLY_S)

    def _devices(self) -> Iterable[int]:
        return sorted({device for device, _ in self._axes.values()})

    def _carries_speed(self, axis: Axis) -> bool:
        return self._versions[axis[0]] >= _SPEED_WITH_MOVE

    def _unit_um(self, name: AxisName) -> float:
        unit = self._settings.axis(name).um_per_unit
        if unit is None:
            raise self._no_unit(name)
        return unit

    def _no_unit(self, name: AxisName) -> DeviceError:
        return Rejected(
            self._device,
            f"work out the positions of {name}",
            "the profile does not say how large a microstep is",
            f"Give um_per_unit of {name}: the microstep size in the stage's data sheet.",
        )


def _axis(name: AxisName, address: str) -> Axis:
    if not address:
        return _USUAL_AXES[name]
    words = address.split()
    if len(words) != 2 or not all(re.fullmatch("[1-9][0-9]?", word) for word in words):
        raise ValueError(f"address of {name}: want device and axis, such as '2 1', got {address!r}")
    return int(words[0]), int(words[1])


def _accepted(_reply: Reply) -> bool:
    return True


def _whole(reply: Reply) -> int | None:
    values = parse_integers(reply.data)
    return values[0] if values is not None and len(values) == 1 else None


def _decimal(reply: Reply) -> float | None:
    return parse_decimal(reply.data)


def _positions(count: int) -> Callable[[Reply], tuple[Reply, tuple[int, ...]] | None]:
    def read(reply: Reply) -> tuple[Reply, tuple[int, ...]] | None:
        values = parse_integers(reply.data)
        return None if values is None or len(values) < count else (reply, values)

    return read
