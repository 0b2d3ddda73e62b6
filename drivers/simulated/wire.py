"""A controller's end of its line: when its replies leave, and what goes wrong with them.

Pure: bytes and times in, bytes and times out; no threads, no sockets.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from itertools import count
from typing import Final, Protocol

import numpy as np

from drivers.simulated.faults import FaultScript

NS_PER_S: Final = 1_000_000_000

Action = Callable[[int], None]
"""Something that happens at a time in ns."""

# A reply is much longer than its request, so that the controller looks before half-time.
SAMPLED_AT: Final = 0.3
_FLOOD_EVERY_S: Final = 0.01
# 115200 baud, ten bits a byte.
_FLOOD_BYTES: Final = 115


class Victim(Protocol):
    """What a fault script does to the controller itself, rather than to its line."""

    def power_up(self, t_ns: int) -> None:
        """Start anew, as after a brown-out."""
        ...

    def alarm(self, code: int | str, t_ns: int) -> None:
        """Go into the alarm of that code."""
        ...

    def hit_limit(self, t_ns: int) -> None:
        """Find a limit switch hit, if anything moves."""
        ...

    def stall(self, t_ns: int) -> None:
        """Have what moves get stuck."""
        ...


class Wire:
    """Plans what a controller will do and send.

    Parameters
    ----------
    latency_ms : float
        Round trip of a request and its reply.
    jitter_ms : float
        Standard deviation of what comes on top; the half of a normal distribution.
    seed : int
        Of the jitter and of garbage.
    """

    def __init__(self, latency_ms: float, jitter_ms: float, seed: int) -> None:
        self._latency_s = latency_ms / 1000
        self._jitter_s = jitter_ms / 1000
        self._random = np.random.default_rng(seed)
        self._order = count()
        self._actions: list[tuple[int, int, Action]] = []
        self._faults_due: list[tuple[int, int, Action]] = []
        self._outbox: deque[tuple[int, bytes]] = deque()
        self._heard_ns = 0
        self._script = FaultScript()
        self._replies = self._stops = 0
        self._silent = False
        self.broken = False
        """Whether the fault script has cut the connection."""

    @property
    def script(self) -> FaultScript:
        """The faults in force."""
        return self._script

    def inject(self, script: FaultScript, victim: Victim, t_ns: int) -> None:
        """Let things go wrong, counted from ``t_ns``; replaces an earlier script."""
        self._script = script
        self._replies = self._stops = 0
        self._silent = self.broken = False
        self._faults_due = []
        for delay_s, action in self._plan(script, victim):
            due_ns = t_ns + round(delay_s * NS_PER_S)
            heapq.heappush(self._faults_due, (due_ns, next(self._order), action))

    def forget_actions(self) -> None:
        """Drop what the controller had planned; faults and what was sent already stay."""
        self._actions.clear()

    def forget_sent(self) -> None:
        """Drop what was sent and has not arrived, as when the port is opened anew."""
        self._outbox.clear()

    def next_event_ns(self) -> int | None:
        """Return when something will be due, if anything will."""
        heads = [heap[0][0] for heap in (self._actions, self._faults_due, self._outbox) if heap]
        return min(heads, default=None)

    def take(self, t_ns: int) -> bytes:
        """Let time pass, and return what leaves by ``t_ns``."""
        while due := [heap for heap in (self._faults_due, self._actions) if heap]:
            heap = min(due, key=lambda heap: heap[0][:2])
            if heap[0][0] > t_ns:
                break
            due_ns, _, action = heapq.heappop(heap)
            action(due_ns)
        sent = b""
        while self._outbox and self._outbox[0][0] <= t_ns:
            sent += self._outbox.popleft()[1]
        return b"" if self._silent else sent

    def later(self, due_ns: int, action: Action) -> None:
        """Plan something that the controller does."""
        heapq.heappush(self._actions, (due_ns, next(self._order), action))

    def answer(self, t_ns: int, handle: Callable[[int], Iterable[bytes]]) -> None:
        """Have a request that arrives at ``t_ns`` handled and its replies sent, in its turn.

        Parameters
        ----------
        handle : callable
            Called with the time at which the controller looks; returns what it replies.
        """
        round_trip_s = self.round_trip_s()
        # No request overtakes another on a line.
        heard_ns = max(t_ns + round(SAMPLED_AT * round_trip_s * NS_PER_S), self._heard_ns)
        self._heard_ns = heard_ns

        def respond(now_ns: int) -> None:
            for data in handle(now_ns):
                self.reply(data, now_ns + round((1 - SAMPLED_AT) * round_trip_s * NS_PER_S))

        self.later(heard_ns, respond)

    def reply(self, data: bytes, due_ns: int) -> None:
        """Queue a reply, unless the script loses it, or as much of it as the script leaves."""
        self._replies += 1
        script = self._script
        if script.drop_reply_every and self._replies % script.drop_reply_every == 0:
            return
        if script.cut_reply_every and self._replies % script.cut_reply_every == 0:
            data = data[: len(data) // 2]
        self.put(data, due_ns)

    def put(self, data: bytes, due_ns: int) -> None:
        """Queue bytes; nothing overtakes anything on a line."""
        if self._outbox:
            due_ns = max(due_ns, self._outbox[-1][0])
        self._outbox.append((due_ns, data))

    def loses_stop(self) -> bool:
        """Count one more request to stop, and return whether the script loses it."""
        self._stops += 1
        return self._stops in self._script.drop_stops

    def round_trip_s(self) -> float:
        """Return the time of one more request and its reply."""
        return self._latency_s + abs(float(self._random.normal(0.0, self._jitter_s)))

    def _plan(self, script: FaultScript, victim: Victim) -> Iterable[tuple[float, Action]]:
        yield from ((at, partial(self.put, text)) for at, text in script.lines_at_s)
        yield from ((at, partial(victim.alarm, code)) for at, code in script.alarm_at_s)
        yield from ((at, victim.hit_limit) for at in script.limit_at_s)
        yield from ((at, victim.stall) for at in script.stall_at_s)
        yield from ((at, victim.power_up) for at in script.reset_at_s)
        for start_s, length_s in script.flood_at_s:
            for turn in range(round(length_s / _FLOOD_EVERY_S)):
                yield start_s + turn * _FLOOD_EVERY_S, self._spill
        if script.silent_at_s is not None:
            yield script.silent_at_s, self._fall_silent
        if script.close_at_s is not None:
            yield script.close_at_s, self._break

    def _spill(self, t_ns: int) -> None:
        self.put(self._random.bytes(_FLOOD_BYTES), t_ns)

    def _fall_silent(self, _t_ns: int) -> None:
        self._silent = True

    def _break(self, _t_ns: int) -> None:
        self.broken = True
