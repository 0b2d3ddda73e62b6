"""A Prior ProScan II or III as a state machine: bytes and times in, bytes and times out.

Behaves as the ProScan III manual, section 4, says, with two things the manual leaves open: moves
are acknowledged with ``R`` when they have been accepted or, as the manual has it, when they end;
and there is no way to home the focus.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from drivers.simulated import prior_language as prior
from drivers.simulated.faults import FaultScript
from drivers.simulated.prior_language import PriorError, decimal, whole
from drivers.simulated.prior_motors import DRIVES, Drive, PriorMotors, QueuedMove, microsteps_per_um
from drivers.simulated.separate_axes import SeparateAxes, X, Y, Z
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.wire import Wire

_LONGEST_LINE: Final = 128
_AXES: Final = {"X": X, "Y": Y, "Z": Z}
_BAUDS: Final = {"96": 9600, "19": 19_200, "38": 38_400, "57": 57_600, "115": 115_200}
_ACKNOWLEDGED: Final = "R"
_DONE: Final = "0"

_Arguments = list[str]
_Command = Callable[[_Arguments, int], list[str]]


class PriorController:
    """A ProScan that drives a stage and a focus.

    Parameters
    ----------
    axes : SeparateAxes
        What it moves.
    simulation : SimulationSettings
        Travel, speeds, latency and seed.
    acknowledges_at_end : bool
        Whether ``R`` comes when a move ends rather than when it is accepted. In compatibility
        mode it always does.
    """

    def __init__(
        self,
        axes: SeparateAxes,
        simulation: SimulationSettings,
        *,
        acknowledges_at_end: bool = False,
    ) -> None:
        self._simulation = simulation
        self._axes = axes
        self._motors = PriorMotors(axes)
        self._wire = Wire(simulation.latency_ms, simulation.jitter_ms, simulation.seed)
        self._acknowledges_at_end = acknowledges_at_end
        self._moves_given_up = 0
        self._commands = self._list_commands()
        self.received: list[tuple[str, int]] = []
        """Each line received so far, with its time in ns."""
        self.power_up(0)

    @property
    def line_broken(self) -> bool:
        """Whether the fault script has cut the connection."""
        return self._wire.broken

    def plug_in(self, faults: FaultScript, t_ns: int) -> None:
        """Begin a conversation: the port is opened, which does not disturb the controller."""
        self._wire.forget_sent()
        self._line = b""
        self.inject(faults, t_ns)

    def inject(self, faults: FaultScript, t_ns: int) -> None:
        """Let things go wrong, counted from ``t_ns``; replaces an earlier script.

        Raises
        ------
        ValueError
            The script has alarms; a ProScan knows none.
        """
        if faults.alarm_at_s:
            raise ValueError("a ProScan has no alarms; use limits, stalls or resets")
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
            if byte != ord("\r"):
                self._line += bytes([byte])
                continue
            line, self._line = self._line.decode("latin-1").strip("\n "), b""
            if line:
                self._hear(line, t_ns)

    # What can happen to it ------------------------------------------------------------------

    def power_up(self, t_ns: int) -> None:
        """Start anew and in silence; zero is where the stage stands."""
        self._wire.forget_actions()
        self._motors.forget(t_ns)
        self._line = b""
        self._compatible = self._in_words = False
        self._flags: dict[str, int] = dict.fromkeys(("BLSH", "BLSJ", "BLZH", "BLZJ"), 0)
        self._steps: list[int] = [100, 100, 100]

    def alarm(self, code: int | str, t_ns: int) -> None:
        """Never called: `inject` refuses alarms."""
        raise AssertionError(f"alarm {code} at {t_ns} ns")

    def hit_limit(self, t_ns: int) -> None:
        """Find a limit switch pressed on whatever moves."""
        self._moves_given_up += 1
        self._motors.hit_limit(t_ns)
        if self._late:
            self._wire.reply(_line(_ACKNOWLEDGED), t_ns)

    def stall(self, t_ns: int) -> None:
        """Have what moves get stuck; there are no encoders to notice."""
        self._motors.stick(t_ns)

    # Commands -------------------------------------------------------------------------------

    def _hear(self, line: str, t_ns: int) -> None:
        self.received.append((line, t_ns))
        if line.upper() in ("I", "K") and self._wire.loses_stop():
            return
        self._wire.answer(t_ns, lambda now_ns: [_line(text) for text in self._obey(line, now_ns)])

    def _obey(self, line: str, t_ns: int) -> list[str]:
        try:
            if len(line) > _LONGEST_LINE:
                raise PriorError(prior.STRING_PARSE)
            word, arguments = prior.split(line)
            if word not in self._commands:
                raise PriorError(prior.COMMAND_NOT_FOUND)
            return self._commands[word](arguments, t_ns)
        except PriorError as error:
            return [error.text(in_words=self._in_words)]

    def _list_commands(self) -> Mapping[str, _Command]:
        commands: dict[str, _Command] = {
            "?": lambda _a, _t: prior.describe_controller(),
            "VERSION": lambda _a, _t: ["270"],
            "SERIAL": lambda _a, _t: ["45123"],
            "DATE": lambda _a, _t: [
                "Prior Scientific Instruments ProScan III Version 2.70 compiled Jun 14 2017",
                "END",
            ],
            "STAGE": lambda _a, _t: self._describe_stage(),
            "FOCUS": lambda _a, _t: prior.describe_focus(microsteps_per_um(self._simulation, Z)),
            "FILTER": self._describe_filter,
            "COMP": self._set_compatibility,
            "ERROR": self._set_wording,
            "BAUD": self._set_baud,
            "$": self._tell_moving,
            "LMT": lambda _a, t: [f"{self._motors.switches(t):02X}"],
            "=": lambda _a, t: [f"{self._motors.read_latched(t):02X}"],
            "I": self._halt,
            "K": self._halt,
            "H": lambda _a, _t: [_DONE],
            "J": lambda _a, _t: [_DONE],
            "P": lambda a, t: self._place((X, Y, Z), a, t),
            "PS": lambda a, t: self._place((X, Y), a, t),
            "PX": lambda a, t: self._place((X,), a, t),
            "PY": lambda a, t: self._place((Y,), a, t),
            "PZ": lambda a, t: self._place((Z,), a, t),
            "Z": lambda _a, t: self._place((X, Y, Z), ["0", "0", "0"], t),
            "M": lambda _a, t: self._move((X, Y, Z), ["0", "0", "0"], t),
            "G": lambda a, t: self._move((X, Y, Z)[: max(2, len(a))], a, t),
            "GR": lambda a, t: self._move((X, Y, Z)[: max(2, len(a))], a, t, relative=True),
            "GX": lambda a, t: self._move((X,), a, t),
            "GY": lambda a, t: self._move((Y,), a, t),
            "GZ": lambda a, t: self._move((Z,), a, t),
            "V": lambda a, t: self._move((Z,), a, t),
            "VS": lambda a, t: self._run((X, Y), a, t),
            "VZ": lambda a, t: self._run((Z,), a, t),
            "SIS": self._find_switches,
            "RES": self._resolution,
            "X": lambda a, _t: self._step_sizes((X, Y), a),
            "C": lambda a, _t: self._step_sizes((Z,), a),
        }
        for word, axis, sign in (
            ("R", X, 1), ("L", X, -1), ("F", Y, 1), ("B", Y, -1), ("U", Z, 1), ("D", Z, -1),
        ):  # fmt: skip
            commands[word] = self._stepper(axis, sign)
        for kind in ("SM", "SA", "SC"):
            for drive in DRIVES:
                commands[kind + drive] = self._percentage(kind, drive)
        for word in ("BLSH", "BLSJ", "BLZH", "BLZJ"):
            commands[word] = self._flag(word)
        return commands

    def _describe_stage(self) -> list[str]:
        size_x, size_y, _ = self._simulation.travel_um
        return prior.describe_stage(size_x, size_y, microsteps_per_um(self._simulation, X))

    def _describe_filter(self, arguments: _Arguments, _t_ns: int) -> list[str]:
        if len(arguments) != 1 or not 1 <= whole(arguments[0]) <= 3:
            raise PriorError(prior.ARGUMENT_1)
        return [f"FILTER_{arguments[0]} = NONE", "END"]

    def _set_compatibility(self, arguments: _Arguments, _t_ns: int) -> list[str]:
        if not arguments:
            return [str(int(self._compatible))]
        self._compatible = _choose(arguments[0], 2) == 1
        return [_DONE]

    def _set_wording(self, arguments: _Arguments, _t_ns: int) -> list[str]:
        if not arguments:
            return [str(int(self._in_words))]
        self._in_words = _choose(arguments[0], 2) == 1
        return [_DONE]

    def _set_baud(self, arguments: _Arguments, _t_ns: int) -> list[str]:
        # No rate can be wrong on a socket or a pty.
        if not arguments or arguments[0] not in _BAUDS:
            raise PriorError(prior.VALUE_OUT_OF_RANGE)
        return [_DONE]

    def _tell_moving(self, arguments: _Arguments, t_ns: int) -> list[str]:
        bits = self._motors.moving(t_ns)
        if not arguments:
            return [str(bits)]
        masks = {"S": 0b011, "X": 0b001, "Y": 0b010, "Z": 0b100}
        if arguments[0] not in masks:
            raise PriorError(prior.ARGUMENT_1)
        return [str(bits & masks[arguments[0]])]

    def _halt(self, _arguments: _Arguments, t_ns: int) -> list[str]:
        self._moves_given_up += 1
        self._motors.halt(t_ns)
        return [_ACKNOWLEDGED]

    def _place(self, axes: tuple[int, ...], arguments: _Arguments, t_ns: int) -> list[str]:
        if not arguments:
            places = self._motors.places(t_ns)
            return [",".join(str(places[axis]) for axis in axes)]
        for axis, value in self._values(axes, arguments).items():
            self._motors.call_it(axis, value, t_ns)
        return [_DONE]

    def _move(
        self, axes: tuple[int, ...], arguments: _Arguments, t_ns: int, *, relative: bool = False
    ) -> list[str]:
        if self._compatible and self._motors.moving(t_ns):
            raise PriorError(prior.NOT_IDLE)
        move = QueuedMove(self._values(axes, arguments), relative)
        self._watch(self._motors.begin(move, t_ns))
        return [] if self._late else [_ACKNOWLEDGED]

    @property
    def _late(self) -> bool:
        return self._acknowledges_at_end or self._compatible

    def _watch(self, end_ns: int | None) -> None:
        """Begin the next move when this one has ended, and say so where that is the way."""
        if end_ns is None:
            return
        given_up = self._moves_given_up

        def finish(t_ns: int) -> None:
            if given_up != self._moves_given_up:
                return
            self._motors.latch_switches(t_ns)
            if self._late:
                self._wire.reply(_line(_ACKNOWLEDGED), t_ns)
            self._watch(self._motors.begin_next(t_ns))

        self._wire.later(end_ns, finish)

    def _run(self, axes: tuple[int, ...], arguments: _Arguments, t_ns: int) -> list[str]:
        if len(arguments) != len(axes):
            raise PriorError(prior.ARGUMENT_1 + min(len(arguments), len(axes) - 1))
        velocities = [decimal(word, place) for place, word in enumerate(arguments)]
        for axis, velocity in zip(axes, velocities, strict=True):
            self._wire.later(self._motors.run(axis, velocity, t_ns), self._motors.latch_switches)
        return [_ACKNOWLEDGED]

    def _find_switches(self, _arguments: _Arguments, t_ns: int) -> list[str]:
        in_vain = self._wire.script.homing_fails
        end_ns = self._motors.find_stage_switches(t_ns, in_vain=in_vain)
        if in_vain:
            return [] if self._late else [_ACKNOWLEDGED]
        self._wire.later(end_ns, self._motors.end_search)
        self._watch(end_ns)
        return [] if self._late else [_ACKNOWLEDGED]

    def _resolution(self, arguments: _Arguments, _t_ns: int) -> list[str]:
        names = {**{name: (axis,) for name, axis in _AXES.items()}, "S": (X, Y)}
        if not arguments or arguments[0] not in names:
            raise PriorError(prior.ARGUMENT_1)
        axes = names[arguments[0]]
        if len(arguments) == 1:
            return [f"{self._motors.unit_um[axes[0]]:g}"]
        unit = decimal(arguments[1], 1)
        if not 0.001 <= unit <= 100:
            raise PriorError(prior.VALUE_OUT_OF_RANGE)
        for axis in axes:
            self._motors.unit_um[axis] = unit
        return [_DONE]

    def _step_sizes(self, axes: tuple[int, ...], arguments: _Arguments) -> list[str]:
        if not arguments:
            return [",".join(str(self._steps[axis]) for axis in axes)]
        for axis, value in self._values(axes, arguments).items():
            self._steps[axis] = value
        return [_DONE]

    def _stepper(self, axis: int, sign: int) -> _Command:
        def step(arguments: _Arguments, t_ns: int) -> list[str]:
            size = whole(arguments[0]) if arguments else self._steps[axis]
            return self._move((axis,), [str(sign * size)], t_ns, relative=True)

        return step

    def _percentage(self, kind: str, drive: Drive) -> _Command:
        def percentage(arguments: _Arguments, _t_ns: int) -> list[str]:
            if not arguments:
                return [str(self._motors.percent[kind, drive])]
            value = whole(arguments[0])
            if not 1 <= value <= 100:
                raise PriorError(prior.VALUE_OUT_OF_RANGE)
            self._motors.percent[kind, drive] = value
            return [_DONE]

        return percentage

    def _flag(self, word: str) -> _Command:
        def flag(arguments: _Arguments, _t_ns: int) -> list[str]:
            if not arguments:
                return [str(self._flags[word])]
            self._flags[word] = _choose(arguments[0], 2)
            return [_DONE]

        return flag

    def _values(self, axes: tuple[int, ...], arguments: _Arguments) -> dict[int, int]:
        if len(arguments) != len(axes):
            raise PriorError(prior.ARGUMENT_1 + min(len(arguments), len(axes) - 1))
        values = [whole(word, place) for place, word in enumerate(arguments)]
        return dict(zip(axes, values, strict=True))


def _choose(word: str, count: int) -> int:
    value = whole(word)
    if not 0 <= value < count:
        raise PriorError(prior.VALUE_OUT_OF_RANGE)
    return value


def _line(text: str) -> bytes:
    return f"{text}\r".encode("latin-1")
