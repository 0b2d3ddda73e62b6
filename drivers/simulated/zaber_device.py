"""One device of a Zaber daisy chain: its commands, its settings, its replies.

Source: Zaber ASCII Protocol Manual, firmware 7.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.wire import Wire
from drivers.simulated.zaber_axis import RejectedError, ZaberAxis
from drivers.simulated.zaber_message import Command, Reply, alert_line, gravest, reply_line
from drivers.stage import AxisName

_SPEED_WITH_MOVE: Final = (7, 25)
LONGEST_LINE: Final = 80
"""What a device takes in one line, in bytes."""
_NUMBER_OF: Final = {"x": 0, "y": 1, "z": 2}
_READ_ONLY: Final = frozenset(
    {"deviceid", "version", "version.build", "system.serial", "system.axiscount"}
    | {"comm.packet.size.max", "comm.word.size.max", "comm.command.packets.max"}
    | {"system.voltage"}
)
_INTEGER: Final = re.compile(r"-?\d{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ZaberDevice:
    """What one device of the chain is.

    Parameters
    ----------
    axes : tuple of str
        The stage axes that it drives, in the order of its own numbers.
    device_id : int
        The model, as Zaber numbers them; 50105 is an X-LSM050A.
    serial : int
        Its serial number.
    firmware : str
        Its version; before 7.25 a move carries no speed of its own.
    """

    axes: tuple[AxisName, ...]
    device_id: int = 50105
    serial: int = 30_211
    firmware: str = "7.34"


class DeviceFirmware:
    """What runs in one device of the chain.

    Parameters
    ----------
    address : int
        From 1.
    kind : ZaberDevice
        What it is.
    stage : SeparateAxes
        What it moves some axes of.
    wire : Wire
        What it shares with the other devices.
    """

    def __init__(self, address: int, kind: ZaberDevice, stage: SeparateAxes, wire: Wire) -> None:
        self.address = address
        self._wire = wire
        self.axes = [_axis(stage, name) for name in kind.axes]
        self._settings: dict[str, str] = {
            "deviceid": str(kind.device_id),
            "version": kind.firmware,
            "version.build": "15892",
            "system.serial": str(kind.serial),
            "system.access": "1",
            "system.axiscount": str(len(kind.axes)),
            "system.voltage": "24.0",
            "comm.address": str(address),
            "comm.alert": "0",
            "comm.checksum": "0",
            "comm.protocol": "2",
            "comm.rs232.baud": "115200",
            "comm.packet.size.max": str(LONGEST_LINE),
            "comm.word.size.max": "50",
            "comm.command.packets.max": "1",
        }  # fmt: skip
        self._commands: dict[str, Callable[[Command, int], str]] = {
            "": lambda _command, _t_ns: "0",
            "get": self._get,
            "set": self._set,
            "move": self._move,
            "home": self._home,
            "stop": self._stop,
            "estop": self._stop,
            "warnings": self._warnings,
            "driver": self._driver,
            "renumber": self._renumber,
            "system": self._system,
        }

    def power_up(self, t_ns: int) -> None:
        """Start anew: no axis knows where it is."""
        for axis in self.axes:
            axis.power_up(t_ns)

    def obey(self, command: Command, t_ns: int) -> bytes:
        """Do what a command says, and return the reply."""
        name = command.words[0] if command.words else ""
        try:
            if command.axis > len(self.axes):
                raise RejectedError("BADAXIS")
            if name not in self._commands:
                raise RejectedError("BADCOMMAND")
            reply = Reply(self._commands[name](command, t_ns))
        except RejectedError as error:
            reply = Reply(error.reason, ok=False)
        return reply_line(command, self.address, reply, self._state(command, t_ns), self._sums)

    @property
    def _version(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self._settings["version"].split("."))

    @property
    def _sums(self) -> bool:
        return self._settings["comm.checksum"] == "1"

    def _state(self, command: Command, t_ns: int) -> str:
        axes = self._addressed(command)
        busy = any(axis.busy(t_ns) for axis in axes)
        flags = {flag for axis in axes for flag in axis.flags}
        return f"{'BUSY' if busy else 'IDLE'} {gravest(flags)}"

    def _addressed(self, command: Command) -> list[ZaberAxis]:
        if not command.axis or command.axis > len(self.axes):
            return self.axes
        return [self.axes[command.axis - 1]]

    def _get(self, command: Command, t_ns: int) -> str:
        (name,) = _arguments(command, 1)
        axes = self._addressed(command)
        if axes[0].knows(name):
            return " ".join(axis.get(name, t_ns) for axis in axes)
        if name not in self._settings:
            raise RejectedError("BADCOMMAND")
        if command.axis:
            raise RejectedError("DEVICEONLY")
        return self._settings[name]

    def _set(self, command: Command, t_ns: int) -> str:
        name, value = _arguments(command, 2)
        axes = self._addressed(command)
        if axes[0].knows(name):
            for axis in axes:
                axis.set(name, _integer(value), t_ns)
        elif name not in self._settings or name in _READ_ONLY:
            raise RejectedError("BADCOMMAND")
        elif command.axis:
            raise RejectedError("DEVICEONLY")
        else:
            self._settings[name] = str(_integer(value))
        return "0"

    def _move(self, command: Command, t_ns: int) -> str:
        if len(command.words) < 2:
            raise RejectedError("BADCOMMAND")
        kind, values = command.words[1], [_integer(word) for word in command.words[2:]]
        wanted = {"abs": (1, 3), "rel": (1, 3), "vel": (1, 2), "min": (0, 2), "max": (0, 2)}
        if kind not in wanted:
            raise RejectedError("BADCOMMAND")
        fewest, most = wanted[kind]
        if self._version < _SPEED_WITH_MOVE:
            most = min(most, 1)
        if not fewest <= len(values) <= most:
            raise RejectedError("BADDATA")
        for axis in self._addressed(command):
            self._await(axis, _begin(axis, kind, values, t_ns))
        return "0"

    def _home(self, command: Command, t_ns: int) -> str:
        for axis in self._addressed(command):
            self._await(axis, axis.home(t_ns))
        return "0"

    def _stop(self, command: Command, t_ns: int) -> str:
        for axis in self._addressed(command):
            self._await(axis, axis.stop(t_ns))
        return "0"

    def _warnings(self, command: Command, _t_ns: int) -> str:
        axes = self._addressed(command)
        flags = sorted({flag for axis in axes for flag in axis.flags})
        if command.words[1:] == ("clear",):
            for axis in axes:
                axis.clear_warnings()
        elif len(command.words) > 1:
            raise RejectedError("BADCOMMAND")
        return " ".join([f"{len(flags):02d}", *flags])

    def _driver(self, command: Command, t_ns: int) -> str:
        if command.words[1:] == ("enable",):
            for axis in self._addressed(command):
                axis.enable_driver()
        elif command.words[1:] == ("disable",):
            for axis in self._addressed(command):
                axis.fault("FO", t_ns)
        else:
            raise RejectedError("BADCOMMAND")
        return "0"

    def _renumber(self, command: Command, _t_ns: int) -> str:
        # The wiring gives the addresses here: what a new chain gets when it is numbered.
        if len(command.words) > 1 or command.device:
            raise RejectedError("BADCOMMAND")
        return "0"

    def _system(self, command: Command, t_ns: int) -> str:
        if command.words[1:] != ("reset",):
            raise RejectedError("BADCOMMAND")
        self.power_up(t_ns)
        return "0"

    def _await(self, axis: ZaberAxis, t_end_ns: int) -> None:
        number = self.axes.index(axis) + 1
        self._wire.later(t_end_ns, partial(self._arrive, axis, number))

    def _arrive(self, axis: ZaberAxis, number: int, t_ns: int) -> None:
        ended = axis.come_to_rest(t_ns, homing_fails=self._wire.script.homing_fails)
        if ended and self._settings["comm.alert"] == "1":
            self._wire.put(alert_line(self.address, number, axis.state(t_ns), self._sums), t_ns)


def _axis(stage: SeparateAxes, name: AxisName) -> ZaberAxis:
    motor = stage.axes[_NUMBER_OF[name]]
    lower, upper = motor.ends_um
    return ZaberAxis(motor, upper, -1) if name == "z" else ZaberAxis(motor, lower, 1)


def _begin(axis: ZaberAxis, kind: str, values: list[int], t_ns: int) -> int:
    if kind == "vel":
        return axis.run(values[0], _nth(values, 1), t_ns)
    first = 0 if kind in ("min", "max") else 1
    speed, accel = _nth(values, first), _nth(values, first + 1)
    if kind in ("min", "max"):
        return axis.move_to(int(axis.get(f"limit.{kind}", t_ns)), speed, accel, t_ns)
    start = axis.position(t_ns) if kind == "rel" else 0
    return axis.move_to(start + values[0], speed, accel, t_ns)


def _nth(values: list[int], n: int) -> int | None:
    return values[n] if n < len(values) else None


def _arguments(command: Command, count: int) -> tuple[str, ...]:
    arguments = command.words[1:]
    if not arguments:
        raise RejectedError("BADCOMMAND")
    if len(arguments) != count:
        raise RejectedError("BADDATA")
    return arguments


def _integer(word: str) -> int:
    if not _INTEGER.fullmatch(word):
        raise RejectedError("BADDATA")
    return int(word)
