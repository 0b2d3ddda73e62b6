"""Grbl 1.1h as a state machine: bytes and times in, bytes and times out; no threads, no sockets.

Behaves as the Grbl 1.1 documentation says, its known quirks included: realtime bytes bypass the
line buffer, reports are rare while homing, and nothing is answered after a critical alarm.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from functools import partial
from itertools import count

import numpy as np

from drivers.simulated import grbl_language as grbl
from drivers.simulated.faults import FaultScript
from drivers.simulated.grbl_language import GrblError, SettingsTable
from drivers.simulated.grbl_planner import GrblPlanner
from drivers.simulated.motion import StageMotion
from drivers.simulated.settings import SimulationSettings

STATUS, HOLD, RESUME, RESET, JOG_CANCEL = 0x3F, 0x21, 0x7E, 0x18, 0x85

_HELP = "[HLP:$$ $# $G $I $N $x=val $Nx=line $J=line $SLP $C $X $H ~ ! ? ctrl-x]"
_OFFSETS = ("G54", "G55", "G56", "G57", "G58", "G59", "G28", "G30", "G92")
_HARMLESS_WORDS = frozenset(
    {("G", 17), ("G", 21), ("G", 54), ("G", 90), ("G", 94), ("M", 5), ("M", 9)}
)
_LINE_BUFFER = 80
_CRITICAL_ALARMS = frozenset({1, 2})
_HARD_LIMIT, _ABORTED, _HOMING_RESET, _NO_SWITCH = 1, 3, 6, 9
_NS_PER_S = 1_000_000_000
_RESET_MESSAGE_S = 0.05
# Homing blocks the firmware but for a moment after each of its moves.
_HOMING_REPORTS_NS = 25_000_000
# A reply is much longer than its request, so that the position is read before half-time.
_SAMPLED_AT = 0.3

_Action = Callable[[int], None]


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
        self.line_broken = False
        """Whether the fault script has cut the connection."""
        self._table = SettingsTable(simulation.grbl_axis_settings())
        self._planner = GrblPlanner(motion, self._table, simulation)
        self._latency_s = simulation.latency_ms / 1000
        self._jitter_s = simulation.jitter_ms / 1000
        self._random = np.random.default_rng(simulation.seed)
        self._order = count()
        self._actions: list[tuple[int, int, _Action]] = []
        self._faults_due: list[tuple[int, int, _Action]] = []
        self._outbox: deque[tuple[int, bytes]] = deque()
        self._lines: deque[str | None] = deque()
        self._locked = bool(self._table[22])
        self.inject(FaultScript(), 0)
        self._clear()

    def plug_in(self, faults: FaultScript, t_ns: int) -> None:
        """Begin a conversation: the board powers up and the fault script starts to run."""
        self._outbox.clear()
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
        self._faults = faults
        self._statuses = self._jog_cancels = 0
        self._silent = self.line_broken = False
        self._faults_due = []
        plan: list[tuple[float, _Action]] = []
        plan += [(at, partial(self._put, text)) for at, text in faults.lines_at_s]
        plan += [(at, partial(self._alarm, code)) for at, code in faults.alarm_at_s]
        plan += [(at, self.power_up) for at in faults.reset_at_s]
        if faults.silent_at_s is not None:
            plan.append((faults.silent_at_s, self._fall_silent))
        if faults.close_at_s is not None:
            plan.append((faults.close_at_s, self._break_line))
        for delay_s, action in plan:
            due_ns = t_ns + round(delay_s * _NS_PER_S)
            heapq.heappush(self._faults_due, (due_ns, next(self._order), action))

    def next_event_ns(self) -> int | None:
        """Return when something will be due, if anything will."""
        heads = [heap[0][0] for heap in (self._actions, self._faults_due, self._outbox) if heap]
        return min(heads, default=None)

    def take(self, t_ns: int) -> bytes:
        """Let time pass, and return what leaves by ``t_ns``."""
        for heap in (self._faults_due, self._actions):
            while heap and heap[0][0] <= t_ns:
                due_ns, _, action = heapq.heappop(heap)
                action(due_ns)
        sent = b""
        while self._outbox and self._outbox[0][0] <= t_ns:
            sent += self._outbox.popleft()[1]
        return b"" if self._silent else sent

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
        self._actions.clear()
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
            self._jog_cancels += 1
            if self._jog_cancels not in self._faults.drop_jog_cancels:
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
        self._statuses += 1
        every = self._faults.drop_status_every
        # Grbl keeps one flag: a second question before the first answer is the same question.
        if self._status_pending or self._critical or (every and self._statuses % every == 0):
            return
        if self._homing and not any(0 <= t_ns - t <= _HOMING_REPORTS_NS for t in self._homing):
            return
        self._status_pending = True
        round_trip_s = self._round_trip_s()

        def report(sampled_ns: int) -> None:
            self._status_pending = False
            due_ns = sampled_ns + round((1 - _SAMPLED_AT) * round_trip_s * _NS_PER_S)
            self._put(f"<{self._status(sampled_ns)}>\r\n".encode(), due_ns)

        self._later(t_ns, _SAMPLED_AT * round_trip_s, report)

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
            self._put(f"ALARM:{code}\r\n".encode(), t_ns)
        self._clear()
        self._greet(t_ns)

    def _greet(self, t_ns: int) -> None:
        self._say(t_ns, "", "Grbl 1.1h ['$' for help]")
        if self._locked:
            self._say(t_ns, "[MSG:'$H'|'$X' to unlock]")

    def _alarm(self, code: int, t_ns: int) -> None:
        self._planner.lose_steps(t_ns)
        self._homing = []
        self._locked = True
        self._critical = code in _CRITICAL_ALARMS
        self._put(f"ALARM:{code}\r\n".encode(), t_ns)
        if self._critical:
            self._later(t_ns, _RESET_MESSAGE_S, self._ask_for_reset)

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
            self._later(hit_ns, 0.0, self._hard_limit)

    def _hard_limit(self, t_ns: int) -> None:
        if not self._planner.rests_at(t_ns):
            self._alarm(_HARD_LIMIT, t_ns)

    def _home(self, t_ns: int) -> None:
        if not self._table[22]:
            raise GrblError(grbl.SETTING_DISABLED)
        if self._held or not self._planner.rests_at(t_ns):
            raise GrblError(grbl.IDLE_ERROR)
        moves = self._planner.home(t_ns)
        self._homing = [move.t_end_ns for move in moves]
        finish = self._fail_homing if self._faults.homing_fails else self._finish_homing
        self._later(moves[-1].t_end_ns, 0.0, finish)

    def _finish_homing(self, t_ns: int) -> None:
        self._homing = []
        self._locked = False
        self._say(t_ns, "ok")
        self._work_off(t_ns)

    def _fail_homing(self, t_ns: int) -> None:
        self._alarm(_NO_SWITCH, t_ns)
        self._clear()
        self._greet(t_ns)

    # Sending ----------------------------------------------------------------------------------

    def _say(self, t_ns: int, *lines: str) -> None:
        text = "".join(f"{line}\r\n" for line in lines)
        self._put(text.encode(), t_ns + round(self._round_trip_s() * _NS_PER_S))

    def _put(self, data: bytes, due_ns: int) -> None:
        """Queue bytes; nothing overtakes anything on a line."""
        if self._outbox:
            due_ns = max(due_ns, self._outbox[-1][0])
        self._outbox.append((due_ns, data))

    def _later(self, t_ns: int, delay_s: float, action: _Action) -> None:
        due_ns = t_ns + round(delay_s * _NS_PER_S)
        heapq.heappush(self._actions, (due_ns, next(self._order), action))

    def _round_trip_s(self) -> float:
        return self._latency_s + abs(float(self._random.normal(0.0, self._jitter_s)))

    def _fall_silent(self, _t_ns: int) -> None:
        self._silent = True

    def _break_line(self, _t_ns: int) -> None:
        self.line_broken = True
