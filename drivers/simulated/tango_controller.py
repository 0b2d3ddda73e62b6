"""A Märzhäuser TANGO controller as a state machine; no threads, no sockets.

Lines end with a carriage return both ways. ``?`` asks and is answered; ``!`` sets and is not, so
that only ``?err`` tells whether it was understood. Unless ``!autostatus 0`` says otherwise, the
letters of all axes are sent unasked at the end of each move.

Sources: Märzhäuser's own adapter for Micro-Manager, and the COMET project's driver for the error
numbers, `calst`, `autostatus` and the abort by Ctrl-C. That an error stays until it has been read
or cleared by ``!err``, and the number of digits, are assumptions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from drivers.simulated.faults import FaultScript
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.tango_axis import LIMIT_SWITCH, OUT_OF_RANGE, TangoAxis, TangoError
from drivers.simulated.wire import Wire

VERSION: Final = "TANGO-MINI3-EHR, Version 1.73, Aug 10 2021, 13:24:33"

_NO_AXIS, _TOO_LONG, _UNKNOWN, _WRONG_COUNT, _NO_MARK = 1, 3, 4, 6, 7
_LONGEST_LINE: Final = 255
_CTRL_C: Final = 0x03
_NAMES: Final = "xyz"
# Three axes in bits 4 to 7, no encoders in bits 0 to 2.
_CONFIGURATION: Final = 3 << 4
_INSTRUCTIONS: Final = frozenset({"a", "moa", "mor", "cal", "rm", "speed"})
"""Words that need no mark."""


class TangoController:
    """A controller of three axes with limit switches and without encoders.

    Parameters
    ----------
    axes : SeparateAxes
        What it moves.
    simulation : SimulationSettings
        Latency and seed.
    """

    def __init__(self, axes: SeparateAxes, simulation: SimulationSettings) -> None:
        self._wire = Wire(simulation.latency_ms, simulation.jitter_ms, simulation.seed)
        x, y, z = axes.axes
        # The cal switch of z is at the upper end, away from the slide.
        self._axes = {"x": TangoAxis(x, 1), "y": TangoAxis(y, 1), "z": TangoAxis(z, -1)}
        self._pending = bytearray()
        self._orders: dict[str, Callable[[list[str], int], None]] = {
            "a": self._abort,
            "moa": partial(self._each, TangoAxis.move_to),
            "mor": partial(self._each, TangoAxis.move_by),
            "speed": partial(self._each, TangoAxis.run),
            "cal": partial(self._seek, -1),
            "rm": partial(self._seek, 1),
            "dim": partial(self._set, lambda axis, value, _t: axis.set_dim(value)),
            "pos": partial(self._set, TangoAxis.set_position),
            "vel": partial(self._set, lambda axis, value, _t: axis.set_velocity(value)),
            "accel": partial(self._set, lambda axis, value, _t: axis.set_acceleration(value)),
            "lim": self._set_limits,
            "autostatus": self._set_autostatus,
            "err": self._clear_error,
        }
        self._questions: dict[str, Callable[[TangoAxis, int], str]] = {
            "pos": TangoAxis.position,
            "statusaxis": TangoAxis.letter,
            "dim": lambda axis, _t: str(axis.dim),
            "vel": lambda axis, _t: axis.velocity(),
            "accel": lambda axis, _t: axis.acceleration(),
            "pitch": lambda axis, _t: axis.pitch(),
            "lim": lambda axis, _t: axis.limits(),
            "calst": lambda axis, _t: str(axis.calst),
        }
        self.power_up(0)

    @property
    def line_broken(self) -> bool:
        """Whether the fault script has cut the connection."""
        return self._wire.broken

    def plug_in(self, faults: FaultScript, t_ns: int) -> None:
        """Begin a conversation; the controller keeps its power and goes on with what it does."""
        self._pending.clear()
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
        for byte in data:
            if byte == _CTRL_C:
                self._pending.clear()
                if not self._wire.loses_stop():
                    self._halt(t_ns)
            elif byte in b"\r\n":
                line = bytes(self._pending).decode("latin-1").strip().lower()
                self._pending.clear()
                if line and not (_is_abort(line) and self._wire.loses_stop()):
                    self._wire.answer(t_ns, partial(self._obey, line))
            else:
                self._pending.append(byte)

    def power_up(self, t_ns: int) -> None:
        """Start anew: positions count from where the axes stand."""
        self._wire.forget_actions()
        self._error = self._emergency = 0
        self._autostatus = 1
        for axis in self._axes.values():
            axis.power_up(t_ns)

    def alarm(self, code: int | str, t_ns: int) -> None:
        """Stop all axes, and refuse moves with an error number until ``!err``."""
        self._halt(t_ns)
        self._error = self._emergency = int(code)

    def hit_limit(self, t_ns: int) -> None:
        """Find a limit switch actuated, if anything moves."""
        for axis in self._moving(t_ns):
            axis.press_limit(t_ns)
            self._error = LIMIT_SWITCH

    def stall(self, t_ns: int) -> None:
        """Have what moves get stuck; without encoders the controller does not notice."""
        for axis in self._moving(t_ns):
            axis.stick(t_ns)

    def _obey(self, line: str, t_ns: int) -> Iterable[bytes]:
        try:
            if len(line) > _LONGEST_LINE:
                raise TangoError(_TOO_LONG)
            mark = line[0] if line[0] in "!?" else ""
            word, *arguments = line[len(mark) :].split() or [""]
            if mark == "?":
                return [f"{self._say(word, arguments, t_ns)}\r".encode("latin-1")]
            if word not in self._orders:
                raise TangoError(_UNKNOWN)
            if not mark and word not in _INSTRUCTIONS:
                raise TangoError(_NO_MARK)
            self._orders[word](arguments, t_ns)
        except TangoError as error:
            self._error = error.number
        return []

    # Questions --------------------------------------------------------------------------------

    def _say(self, word: str, arguments: list[str], t_ns: int) -> str:
        if word in self._questions:
            ask = self._questions[word]
            if arguments:
                return ask(self._axis(arguments[0]), t_ns)
            answers = [ask(axis, t_ns) for axis in self._axes.values()]
            return self._letters(t_ns) if word == "statusaxis" else " ".join(answers)
        if arguments:
            raise TangoError(_WRONG_COUNT)
        if word == "err":
            number, self._error = self._error, self._emergency
            return str(number)
        plain = {
            "version": VERSION,
            "ver": "Vers:LS",
            "det": str(_CONFIGURATION),
            "autostatus": str(self._autostatus),
            "status": f"ERR {self._error}" if self._error else "OK...",
        }
        if word not in plain:
            raise TangoError(_UNKNOWN)
        return plain[word]

    def _letters(self, t_ns: int) -> str:
        return "".join(axis.letter(t_ns) for axis in self._axes.values()) + "-."

    # Orders -----------------------------------------------------------------------------------

    def _each(
        self, order: Callable[[TangoAxis, float, int], int], arguments: list[str], t_ns: int
    ) -> None:
        self._check_emergency()
        for axis, value in self._values(arguments):
            self._await(axis, order(axis, value, t_ns))

    def _seek(self, direction: int, arguments: list[str], t_ns: int) -> None:
        self._check_emergency()
        axes = [self._axis(name) for name in arguments] or list(self._axes.values())
        for axis in axes:
            self._await(axis, axis.seek(direction, t_ns))

    def _abort(self, arguments: list[str], t_ns: int) -> None:
        for axis in [self._axis(name) for name in arguments] or self._axes.values():
            self._await(axis, axis.halt(t_ns))

    def _halt(self, t_ns: int) -> None:
        self._abort([], t_ns)

    def _set(
        self, order: Callable[[TangoAxis, float, int], None], arguments: list[str], t_ns: int
    ) -> None:
        for axis, value in self._values(arguments):
            order(axis, value, t_ns)

    def _set_limits(self, arguments: list[str], _t_ns: int) -> None:
        if len(arguments) != 3:
            raise TangoError(_WRONG_COUNT)
        self._axis(arguments[0]).set_limits(_number(arguments[1]), _number(arguments[2]))

    def _set_autostatus(self, arguments: list[str], _t_ns: int) -> None:
        if arguments not in (["0"], ["1"]):
            raise TangoError(OUT_OF_RANGE)
        self._autostatus = int(arguments[0])

    def _clear_error(self, _arguments: list[str], _t_ns: int) -> None:
        self._error = self._emergency = 0

    # Motion -----------------------------------------------------------------------------------

    def _await(self, axis: TangoAxis, t_end_ns: int) -> None:
        self._wire.later(t_end_ns, partial(self._arrive, axis))

    def _arrive(self, axis: TangoAxis, t_ns: int) -> None:
        try:
            ended = axis.come_to_rest(t_ns, seeking_fails=self._wire.script.homing_fails)
        except TangoError as error:
            self._error = error.number
            ended = True
        if ended and self._autostatus and not self._moving(t_ns):
            self._wire.put(f"{self._letters(t_ns)}\r".encode("latin-1"), t_ns)

    def _moving(self, t_ns: int) -> list[TangoAxis]:
        return [axis for axis in self._axes.values() if axis.moving(t_ns)]

    def _check_emergency(self) -> None:
        if self._emergency:
            raise TangoError(self._emergency)

    def _axis(self, name: str) -> TangoAxis:
        if name not in self._axes:
            raise TangoError(_NO_AXIS)
        return self._axes[name]

    def _values(self, arguments: list[str]) -> Iterator[tuple[TangoAxis, float]]:
        """Read ``z 1.5``, or one number for each axis in turn."""
        if arguments and arguments[0] in self._axes:
            if len(arguments) != 2:
                raise TangoError(_WRONG_COUNT)
            return iter([(self._axes[arguments[0]], _number(arguments[1]))])
        if not 1 <= len(arguments) <= len(_NAMES):
            raise TangoError(_WRONG_COUNT)
        values = [_number(argument) for argument in arguments]
        return zip(self._axes.values(), values, strict=False)


def _is_abort(line: str) -> bool:
    return line.lstrip("!").split()[:1] == ["a"]


def _number(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        raise TangoError(OUT_OF_RANGE) from None
    if not math.isfinite(value) or abs(value) > 1e9:
        raise TangoError(OUT_OF_RANGE)
    return value
