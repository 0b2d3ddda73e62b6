"""A daisy chain of Zaber devices as a state machine; no threads, no sockets.

Written from the Zaber ASCII Protocol Manual, firmware 7. A device answers every command that is
addressed to it, at once and also while it moves; it says nothing when it powers up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from drivers.simulated.faults import FaultScript
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.wire import Wire
from drivers.simulated.zaber_axis import ZaberAxis
from drivers.simulated.zaber_device import LONGEST_LINE, DeviceFirmware, ZaberDevice
from drivers.simulated.zaber_message import Command, parse

CHAIN: Final = (
    ZaberDevice(("x",), serial=30_211),
    ZaberDevice(("y",), serial=30_212),
    ZaberDevice(("z",), serial=30_213),
)
"""One device for each axis."""


class ZaberController:
    """The devices on one line.

    The home sensors of x and y are at the lower end, and that of z at the upper one, away from
    the slide, so that z positions grow downwards.

    Parameters
    ----------
    axes : SeparateAxes
        What they move.
    simulation : SimulationSettings
        Latency and seed.
    chain : sequence of ZaberDevice
        In the order of their addresses, which count from 1.
    """

    def __init__(
        self,
        axes: SeparateAxes,
        simulation: SimulationSettings,
        chain: Sequence[ZaberDevice] = CHAIN,
    ) -> None:
        self._wire = Wire(simulation.latency_ms, simulation.jitter_ms, simulation.seed)
        self._pending = b""
        self._devices = [
            DeviceFirmware(address, device, axes, self._wire)
            for address, device in enumerate(chain, start=1)
        ]
        self.power_up(0)

    @property
    def line_broken(self) -> bool:
        """Whether the fault script has cut the connection."""
        return self._wire.broken

    def plug_in(self, faults: FaultScript, t_ns: int) -> None:
        """Begin a conversation; the devices keep their power and go on with what they do."""
        self._pending = b""
        self._wire.forget_sent()
        self.inject(faults, t_ns)

    def inject(self, faults: FaultScript, t_ns: int) -> None:
        """Let things go wrong, counted from ``t_ns``; replaces an earlier script."""
        self._wire.inject(faults, self, t_ns)

    def next_event_ns(self) -> int | None:
        """Return when something will be due, if anything will."""
        return self._wire.next_event_ns()

    def take(self, t_ns: int) -> bytes:
        """Let time pass, and return what leaves by ``t_ns``."""
        return self._wire.take(t_ns)

    def receive(self, data: bytes, t_ns: int) -> None:
        """Take bytes from the line."""
        *lines, rest = re.split(rb"[\r\n]", self._pending + data)
        self._pending = rest[:LONGEST_LINE]
        for line in lines:
            command = parse(line.decode("latin-1")) if len(line) <= LONGEST_LINE else None
            if command is not None and not self._lost(command):
                self._wire.answer(t_ns, partial(self._answer, command))

    def power_up(self, t_ns: int) -> None:
        """Start anew: no axis knows where it is."""
        self._wire.forget_actions()
        for device in self._devices:
            device.power_up(t_ns)

    def alarm(self, code: int | str, t_ns: int) -> None:
        """Set a warning flag on every axis that moves, or on all, and stop them."""
        self._afflict(lambda axis: axis.fault(str(code), t_ns), t_ns, else_all=True)

    def hit_limit(self, t_ns: int) -> None:
        """Find a limit sensor triggered, if anything moves."""
        self._afflict(lambda axis: axis.press_limit(t_ns), t_ns)

    def stall(self, t_ns: int) -> None:
        """Have what moves get stuck."""
        self._afflict(lambda axis: axis.stall(t_ns), t_ns)

    def _afflict(
        self, what: Callable[[ZaberAxis], None], t_ns: int, *, else_all: bool = False
    ) -> None:
        axes = [axis for device in self._devices for axis in device.axes]
        moving = [axis for axis in axes if axis.busy(t_ns)]
        for axis in moving or (axes if else_all else []):
            what(axis)

    def _lost(self, command: Command) -> bool:
        return command.words in (("stop",), ("estop",)) and self._wire.loses_stop()

    def _answer(self, command: Command, t_ns: int) -> Iterable[bytes]:
        for device in self._devices:
            if command.device in (0, device.address):
                line = device.obey(command, t_ns)
                if command.message_id != "--":
                    yield line
