"""Grbl 1.1h as a state machine: bytes and times in, bytes and times out; no threads, no sockets.

Behaves as the Grbl 1.1 documentation says, its known quirks included: realtime bytes bypass the
line buffer, reports are rare while homing, and nothing is answered after a critical alarm.
"""

from __future__ import annotations

from collections import deque

from drivers.simulated import grbl_language as grbl
from drivers.simulated.faults import FaultScript
from drivers.simulated.grbl_language import GrblError, SettingsTable
from drivers.simulated.grbl_planner import GrblPlanner
from drivers.simulated.motion import StageMotion
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.wire import NS_PER_S, SAMPLED_AT, Wire

STATUS, HOLD, RESUME, RESET, JOG_CANCEL = 0x3F, 0x21, 0x7E, 0x18, 0x85

_HELP = "[HLP:$$ $# $G $I $N $x=val $Nx=line $J=line $SLP $C $X $H ~ ! ? ctrl-x]"
_OFFSETS = ("G54", "G55", "G56", "G57", "G58", "G59", "G28", "G30", "G92")
_HARMLESS_WORDS = frozenset(
    {("G", 17), ("G", 21), ("G", 54), ("G", 90), ("G", 94), ("M", 5), ("M", 9)}
)
_LINE_BUFFER = 80
_CRITICAL_ALARMS = frozenset({1, 2})
_HARD_LIMIT, _ABORTED, _HOMING_RESET, _NO_SWITCH = 1, 3, 6, 9
_RESET_MESSAGE_NS = 50_000_000
# Homing blocks the firmware but for a moment after each of its moves.
_HOMING_REPORTS_NS = 25_000_000


class GrblController:
    """A Grbl 1.1 board that drives a stage.

    Parameters
    ----------
    motion : StageMotion
        What it moves.
    simulation : SimulationSettings
        Travel, speeds, scale, latency and seed.
    """

    def __init__(self, motion: StageMotion, simulation: SimulationSettings) -> None:
        self.received_realtime: list[tuple[int, int]] = []
        self._table = SettingsTable(simulation.grbl_axis_settings())
        self._planner = GrblPlanner(motion, self._table, simulation)
        self._wire = Wire(simulation.latency_ms, simulation.jitter_ms, simulation.seed)
        self._lines: deque[str | None] = deque()
        self._locked = bool(self._table[22])
        self._clear()

    @property
    def line_broken(self) -> bool:
        """Whether the fault script has cut the connection."""
        return self._wire.broken

    def plug_in(self, faults: FaultScript, t_ns: int) -> None:
        """Begin a conversation: the board powers up and the fault script starts to run."""
        self._wire.forget_sent()
        self.power_up(t_ns)
        self.inject(faults, t_ns)

    def power_up(self, t_ns: int) -> None:
        """Start anew: the position is lost, and locked where homing is enabled."""
        self._planner.forget(t_ns)
        self._locked = bool(self._table[22])
        self._clear()
        self._greet(t_ns)

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
            if byte >= 0x80 or byte in (STATUS, HOLD, RESUME, RESET):
                self.received_realtime.append((byte, t_ns))
                self._realtime(byte, t_ns)
            elif byte in b"\r\n":
                self._lines.append(None if self._overflow else self._line)
                self._begin_line()
            else:
                self._collect(chr(byte))
        self._work_off(t_ns)

    def _clear(self) -> None:
        """Forget everything but the settings, the lock and where the stage is."""
        self._wire.forget_actions()
        self._lines.clear()
        self._begin_line()
        self._critical = self._may_reset = self._held = False
        self._status_pending = False
        self._homing: list[int] = []
        self._braking_until_ns = 0
        self._reports = 0

    # Realtime bytes ---------------------------------------------------------------------------

    def _realtime(self, byte: int, t_ns: int) -> None:
        if byte == STATUS:
            self._status_asked(t_ns)
        elif byte == RESET:
            self._reset(t_ns)
        elif byte == JOG_CANCEL:
            if not self._wire.loses_stop():
                self._cancel_jog(t_ns)
        elif byte == HOLD and not self._homing:
            # On a jog a feed hold acts as a cancel.
            if self._planner.rests_at(t_ns):
                self._held = not self._locked
            self._cancel_jog(t_ns)
        elif byte == RESUME:
            self._held = False

    def _cancel_jog(self, t_ns: int) -> None:
        if not self._homing and not self._planner.rests_at(t_ns):
            self._braking_until_ns = self._planner.brake(t_ns)

    def _status_asked(self, t_ns: int) -> None:
        # Grbl keeps one flag: a second question before the first answer is the same question.
        if self._status_pending or self._critical:
            return
        if self._homing and not any(0 <= t_ns - t <= _HOMING_REPORTS_NS for t in self._homing):
            return
        self._status_pending = True
        round_trip_s = self._wire.round_trip_s()

        def report(sampled_ns: int) -> None:
            self._status_pending = False
            due_ns = sampled_ns + round((1 - SAMPLED_AT) * round_trip_s * NS_PER_S)
            self._wire.reply(f"<{self._status(sampled_ns)}>\r\n".encode(), due_ns)

        self._wire.later(t_ns + round(SAMPLED_AT * round_trip_s * NS_PER_S), report)

    def _status(self, t_ns: int) -> str:
        inches = bool(self._table[13])
        scale, digits = (1 / grbl.MM_PER_INCH, 4) if inches else (1.0, 3)
        position = ",".join(
            f"{value * scale:.{digits}f}" for value in self._planner.machine_at(t_ns)
        )
        kind = "MPos" if int(self._table[10]) & 1 else "WPos"
        text = f"{self._state(t_ns)}|{kind}:{position}|FS:{self._planner.feed_at(t_ns):.0f},0"
        cycle = 10 if self._planner.rests_at(t_ns) else 30
        if self._reports % cycle == 0:
            text += f"|WCO:{','.join([f'{0:.{digits}f}'] * 3)}"
        elif self._reports % cycle == 1:
            text += "|Ov:100,100,100"
        self._reports += 1
        return text

    def _state(self, t_ns: int) -> str:
        if self._homing:
            return "Home"
        if self._locked:
            return "Alarm"
        if not self._planner.rests_at(t_ns):
            return "Jog"
        return "Hold:0" if self._held else "Idle"

    def _reset(self, t_ns: int) -> None:
        if self._critical and not self._may_reset:
            return  # Grbl forgets a reset that arrives before it asks for one.
        if self._homing or not self._planner.rests_at(t_ns):
            code = _HOMING_RESET if self._homing else _ABORTED
            self._planner.lose_steps(t_ns)
            self._locked = True
            self._wire.put(f"ALARM:{code}\r\n".encode(), t_ns)
        self._clear()
        self._greet(t_ns)

    def _greet(self, t_ns: int) -> None:
        self._say(t_ns, "", "Grbl 1.1h ['$' for help]")
        if self._locked:
            self._say(t_ns, "[MSG:'$H'|'$X' to unlock]")

    def alarm(self, code: int | str, t_ns: int) -> None:
        """Stop at once and lock; the critical ones until a reset that is asked for."""
        self._planner.lose_steps(t_ns)
        self._homing = []
        self._locked = True
        self._critical = code in _CRITICAL_ALARMS
        self._wire.put(f"ALARM:{code}\r\n".encode(), t_ns)
        if self._critical:
            self._wire.later(t_ns + _RESET_MESSAGE_NS, self._ask_for_reset)

    def _ask_for_reset(self, t_ns: int) -> None:
        self._may_reset = True
        self._say(t_ns, "[MSG:Reset to continue]")

    # Lines ------------------------------------------------------------------------------------

    def _begin_line(self) -> None:
        self._line = self._comment = ""
        self._overflow = False

    def _collect(self, character: str) -> None:
        """Add to the line as Grbl does: upper case, no blanks, no comments."""
        if self._comment:
            self._comment = "" if self._comment + character == "()" else self._comment
        elif character in "(;":
            self._comment = character
        elif character > " " and character != "/":
            self._overflow = self._overflow or len(self._line) >= _LINE_BUFFER - 1
            self._line += character.upper()

    def _work_off(self, t_ns: int) -> None:
        while self._lines and not self._homing and not self._critical:
            line = self._lines.popleft()
            try:
                if line is None:
                    raise GrblError(grbl.OVERFLOW)
                self._execute(line, t_ns)
            except GrblError as error:
                self._say(t_ns, f"error:{error.code}")

    def _execute(self, line: str, t_ns: int) -> None:
        if line == "$H":
            self._home(t_ns)
            return
        if line.startswith("$J"):
            self._jog(line, t_ns)
        elif line.startswith("$"):
            self._system(line, t_ns)
        elif line and (self._locked or not self._planner.rests_at(t_ns)):
            raise GrblError(grbl.SYSTEM_GC_LOCK)
        elif any(word not in _HARMLESS_WORDS for word in grbl.parse_words(line)):
            raise GrblError(grbl.UNSUPPORTED_COMMAND)
        self._say(t_ns, "ok")

    def _system(self, line: str, t_ns: int) -> None:
        if line == "$":
            self._say(t_ns, _HELP)
        elif line == "$$":
            self._say(t_ns, *self._table.lines())
        elif line == "$G":
            self._say(t_ns, "[GC:G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0]")
        elif line == "$X":
            if self._locked:
                self._locked = False
                self._say(t_ns, "[MSG:Caution: Unlocked]")
        elif not self._locked and not self._planner.rests_at(t_ns):
            raise GrblError(grbl.IDLE_ERROR)
        elif line == "$I":
            self._say(t_ns, "[VER:1.1h.20190830:]", "[OPT:V,15,128]")
        elif line == "$#":
            self._say(t_ns, *(f"[{name}:0.000,0.000,0.000]" for name in _OFFSETS))
            self._say(t_ns, "[TLO:0.000]", "[PRB:0.000,0.000,0.000:0]")
        elif line == "$N":
            self._say(t_ns, "$N0=", "$N1=")
        else:
            self._table.store(line[1:])

    def _jog(self, line: str, t_ns: int) -> None:
        if self._locked or self._held:
            raise GrblError(grbl.IDLE_ERROR)
        if not line.startswith("$J="):
            raise GrblError(grbl.INVALID_STATEMENT)
        jog = grbl.parse_jog(line[3:])
        if t_ns < self._braking_until_ns:
            return  # A cancel flushes all jogs until the stage rests.
        motion = self._planner.jog(jog, t_ns)
        if self._table[21] and (hit_ns := self._planner.hits_switch_ns(motion)) is not None:
            self._wire.later(hit_ns, self.hit_limit)

    def hit_limit(self, t_ns: int) -> None:
        """Find a limit switch hit, if anything moves."""
        if not self._planner.rests_at(t_ns):
            self.alarm(_HARD_LIMIT, t_ns)

    def stall(self, t_ns: int) -> None:
        """Have the stage get stuck; nothing tells the firmware."""
        self._planner.stick(t_ns)

    def _home(self, t_ns: int) -> None:
        if not self._table[22]:
            raise GrblError(grbl.SETTING_DISABLED)
        if self._held or not self._planner.rests_at(t_ns):
            raise GrblError(grbl.IDLE_ERROR)
        moves = self._planner.home(t_ns)
        self._homing = [move.t_end_ns for move in moves]
        finish = self._fail_homing if self._wire.script.homing_fails else self._finish_homing
        self._wire.later(moves[-1].t_end_ns, finish)

    def _finish_homing(self, t_ns: int) -> None:
        self._homing = []
        self._locked = False
        self._say(t_ns, "ok")
        self._work_off(t_ns)

    def _fail_homing(self, t_ns: int) -> None:
        self.alarm(_NO_SWITCH, t_ns)
        self._clear()
        self._greet(t_ns)

    # Sending ----------------------------------------------------------------------------------

    def _say(self, t_ns: int, *lines: str) -> None:
        text = "".join(f"{line}\r\n" for line in lines)
        self._wire.put(text.encode(), t_ns + round(self._wire.round_trip_s() * NS_PER_S))
