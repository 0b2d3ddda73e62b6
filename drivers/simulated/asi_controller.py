"""An ASI MS-2000 or Tiger as a state machine: bytes and times in, bytes and times out.

Behaves as the MS-2000 manual, "Serial commands", says; a Tiger speaks the same syntax, but for
its card addresses and for what it says of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from drivers.simulated.asi_axis import UM_PER_MM, UM_PER_UNIT, AsiAxis
from drivers.simulated.asi_language import (
    AXES,
    HALTED,
    MISSING_PARAMETER,
    OUT_OF_RANGE,
    AsiError,
    Command,
    parse,
)
from drivers.simulated.faults import FaultScript
from drivers.simulated.separate_axes import NEGATIVE, POSITIVE, SeparateAxes
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.wire import Wire

_LONGEST_LINE: Final = 128
_ESCAPE: Final = 0xFF
_BACKSPACES: Final = b"\x08\x7f"
_FINE: Final = ":A "
_AXIS_DEAD: Final = 20
_LEAST: Final = {"S": 0.0, "AC": 1.0, "B": 0.0, "E": 0.0, "PC": 0.0, "OS": 0.0, "J": 0.0}
_WHOLE: Final = frozenset({"AC", "MA", "WT", "J"})
# Some answers have the :A in front, others behind.
_LATE_A: Final = frozenset({"AC", "B", "E", "WT"})

_TIGER_CARDS: Final = (
    "At 30: Comm v3.35 TIGER_COMM Jun 14 2017:10:15:03",
    "At 31: X:XYMotor,Y:XYMotor v3.35 STD_XY Jun 14 2017:10:15:03",
    "At 32: Z:ZMotor v3.35 STD_Z Jun 14 2017:10:15:03",
)

_Command = Callable[[Command, int], str]


class AsiController:
    """An MS-2000 or Tiger that drives x, y and z.

    Parameters
    ----------
    axes : SeparateAxes
        What it moves.
    simulation : SimulationSettings
        Speeds, latency and seed.
    tiger : bool
        A Tiger instead of an MS-2000.
    """

    def __init__(
        self, axes: SeparateAxes, simulation: SimulationSettings, *, tiger: bool = False
    ) -> None:
        self._axes = [AsiAxis(axis) for axis in axes.axes]
        self._wire = Wire(simulation.latency_ms, simulation.jitter_ms, simulation.seed)
        self._tiger = tiger
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
        self._escaped = False
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
            if self._escaped:
                self._escaped = False
                self._set_up(byte, t_ns)
            elif byte == _ESCAPE:
                self._escaped = True
            elif byte in _BACKSPACES:
                self._line = b""
            elif byte == ord("\\"):
                # Halts without waiting for the end of its line.
                self._line = b""
                self._hear("\\", t_ns)
            elif byte == ord("\r"):
                line, self._line = self._line.decode("latin-1").strip(), b""
                if line:
                    self._hear(line, t_ns)
            else:
                self._line = (self._line + bytes([byte]))[: _LONGEST_LINE + 1]

    # What can happen to it ------------------------------------------------------------------

    def power_up(self, t_ns: int) -> None:
        """Start anew and in silence; zero is where the stage stands."""
        self._wire.forget_actions()
        for axis in self._axes:
            axis.forget(t_ns)
        self._line = b""
        self._escaped = False
        self._digits = 0
        self._errors: list[int | str] = []

    def alarm(self, code: int | str, t_ns: int) -> None:
        """Halt for an error of that code; motors stay off until switched on by ``MC``."""
        self._errors.insert(0, code)
        for axis in self._axes:
            axis.switch_off(t_ns)

    def hit_limit(self, t_ns: int) -> None:
        """Find a limit switch pressed on whatever moves."""
        for axis in self._moving(t_ns):
            axis.hit_limit(t_ns)

    def stall(self, t_ns: int) -> None:
        """Have what moves get stuck: the encoders notice, and the axis is halted."""
        for axis in self._moving(t_ns):
            self._errors.insert(0, _AXIS_DEAD)
            axis.halt(t_ns)

    def _moving(self, t_ns: int) -> list[AsiAxis]:
        return [axis for axis in self._axes if axis.moves_at(t_ns)]

    # Commands -------------------------------------------------------------------------------

    def _set_up(self, byte: int, t_ns: int) -> None:
        """Obey a control command of two bytes, which earns no reply."""
        if byte == ord("H"):
            self._digits = 1
        elif byte == ord("T"):
            self._digits = 0
        elif byte == ord("R"):
            self.power_up(t_ns)

    def _hear(self, line: str, t_ns: int) -> None:
        self.received.append((line, t_ns))
        if line.upper() in ("\\", "HALT") and self._wire.loses_stop():
            return
        self._wire.answer(
            t_ns, lambda now_ns: [f"{self._obey(line, now_ns)}\r\n".encode("latin-1")]
        )

    def _obey(self, line: str, t_ns: int) -> str:
        try:
            command = parse(line, tiger=self._tiger)
            return self._commands[command.word](command, t_ns)
        except AsiError as error:
            return str(error)

    def _list_commands(self) -> Mapping[str, _Command]:
        commands: dict[str, _Command] = {
            "M": lambda c, t: self._each(c, lambda axis, value: axis.move(value, t)),
            "R": lambda c, t: self._each(c, lambda axis, value: axis.move_by(value, t)),
            "H": lambda c, t: self._each(c, lambda axis, value: axis.call_it(value, t)),
            "@": lambda c, t: self._each(c, lambda axis, value: axis.spin(value, t)),
            "VE": self._velocity,
            "Z": self._zero,
            "!": self._home,
            "\\": self._halt,
            "W": self._where,
            "/": lambda _c, t: "B" if any(axis.busy_at(t) for axis in self._axes) else "N",
            "RS": self._status,
            "MC": self._motor,
            "I": self._inform,
            "N": lambda _c, _t: self._who(),
            "V": lambda _c, _t: ":A v3.35 " if self._tiger else ":A Version: USB-9.2m ",
            "CD": lambda _c, _t: ":A Jun 14 2017:10:15:03",
            "BU": lambda _c, _t: "\r".join(self._build()),
            "DU": self._dump,
            "~": self._reset,
        }
        for word in ("S", "SU", "SL", "AC", "B", "E", "PC", "OS", "MA", "WT", "J", "UM"):
            commands[word] = self._setting
        return commands

    def _each(self, command: Command, do: Callable[[AsiAxis, float], None]) -> str:
        for number, value in command.values().items():
            do(self._axes[number], value)
        return _FINE

    def _velocity(self, command: Command, t_ns: int) -> str:
        if command.asks:
            return _tell("VE", ((n, self._axes[n].velocity_mm_per_s) for n in command.axes()))
        return self._each(command, lambda axis, value: axis.run(value, t_ns))

    def _zero(self, _command: Command, t_ns: int) -> str:
        for axis in self._axes:
            axis.call_it(0.0, t_ns)
        return _FINE

    def _home(self, command: Command, t_ns: int) -> str:
        in_vain = self._wire.script.homing_fails
        return self._each(command, lambda axis, _value: axis.home(t_ns, in_vain=in_vain))

    def _halt(self, _command: Command, t_ns: int) -> str:
        cut_short = [axis.halt(t_ns) for axis in self._axes]
        if any(cut_short):
            raise AsiError(HALTED)
        return _FINE

    def _where(self, command: Command, t_ns: int) -> str:
        places = (
            f"{self._axes[number].units_at(t_ns):.{self._digits}f}" for number in command.axes()
        )
        return f":A {' '.join(places)} "

    def _status(self, command: Command, t_ns: int) -> str:
        return f":A {' '.join(str(self._axes[n].status_at(t_ns)) for n in command.axes())}"

    def _motor(self, command: Command, t_ns: int) -> str:
        if command.asks:
            return f":A {' '.join(str(int(self._axes[n].enabled)) for n in command.axes())}"
        for argument in command.arguments:
            axis = self._axes[argument.axis]
            if argument.mark == "-":
                axis.switch_off(t_ns)
            axis.enabled = argument.mark != "-"
        return _FINE

    def _setting(self, command: Command, _t_ns: int) -> str:
        word = command.word
        if command.asks:
            return _tell(word, ((n, self._axes[n].settings[word]) for n in command.axes()))
        if any(each.value is None and not each.mark for each in command.arguments):
            raise AsiError(MISSING_PARAMETER)
        for number, value in command.values().items():
            axis = self._axes[number]
            if value < _LEAST.get(word, value):
                raise AsiError(OUT_OF_RANGE)
            # Too high a speed is cut to the highest there is, and nothing is said of it.
            axis.settings[word] = min(value, axis.max_speed_mm_per_s) if word == "S" else value
        return _FINE

    def _dump(self, _command: Command, _t_ns: int) -> str:
        return "\r".join(map(str, self._errors)) or "0"

    def _reset(self, _command: Command, t_ns: int) -> str:
        self.power_up(t_ns)
        return ":RESET"

    # What it says of itself -------------------------------------------------------------------

    def _who(self) -> str:
        if not self._tiger:
            return ":A ASI-MS2000-XYBR-Z-USB"
        return "\r".join(_TIGER_CARDS)

    def _build(self) -> list[str]:
        if not self._tiger:
            return ["STD_XYZ", "Motor Axes: X Y Z", "Axis Types: x x z", "CMDS: XYZ"]
        return [
            "TIGER_COMM",
            "Motor Axes: X Y Z",
            "Axis Types: x x z",
            "Axis Addr: 1 1 2",
            "Hex Addr: 31 31 32",
        ]

    def _inform(self, command: Command, t_ns: int) -> str:
        """Return the screen of one axis: two columns, each line ended by a carriage return."""
        number = command.axes()[0]
        axis = self._axes[number]
        limit = {POSITIVE: "U", NEGATIVE: "L"}.get(axis.limit_at(t_ns), "f")
        has = axis.settings
        place_mm = axis.units_at(t_ns) * UM_PER_UNIT / UM_PER_MM
        rows = (
            (f"Axis Name Ch{AXES[number]}: {AXES[number]}", f"Limits Status: {limit}"),
            (f"Input Device : JS_{AXES[number]} [J]", "Axis Profile : STD_CP_ROT"),
            (f"Max Lim      : {has['SU']:.3f} [SU] mm", f"Min Lim      : {has['SL']:.3f} [SL] mm"),
            (f"Ramp Time    : {has['AC']:.0f} [AC] ms", f"Wait Time    : {has['WT']:.0f} [WT] ms"),
            (f"Run Speed    : {has['S']:.5f} [S] mm/s", f"Motor Enable : {axis.enabled:d} [MC]"),
            (f"Backlash     : {has['B']:.6f} [B] mm", f"Overshoot    : {has['OS']:.6f} [OS] mm"),
            (f"Drift Error  : {has['E']:.6f} [E] mm", f"Finish Error : {has['PC']:.6f} [PC] mm"),
            (f"Current pos  : {place_mm:.4f} mm", f"Maintain code: {has['MA']:.0f} [MA]"),
        )
        return "\r".join(f"{left:<33}{right}" for left, right in rows)


def _tell(word: str, values: Iterable[tuple[int, float]]) -> str:
    """Return settings as the controller prints them."""
    digits = 0 if word in _WHOLE else 6
    text = " ".join(f"{AXES[number]}={value:.{digits}f}" for number, value in values)
    return f":{text} A" if word in _LATE_A else f":A {text}"
