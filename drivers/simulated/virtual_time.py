"""A clock that jumps from one event to the next, so that seconds pass in no time."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count

_NS_PER_S = 1_000_000_000


class VirtualTime:
    """Time that passes only while somebody waits for something.

    Single-threaded: events run on the thread that waits, one after the other in the order of
    their times. The same events give the same course, however busy the computer is.
    """

    def __init__(self) -> None:
        self._now_ns = _NS_PER_S
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()
        self._working = False

    @property
    def now_ns(self) -> int:
        """The present time."""
        return self._now_ns

    @property
    def is_working(self) -> bool:
        """Whether an event is being worked on; nobody may wait meanwhile."""
        return self._working

    def at(self, t_ns: int, action: Callable[[], None]) -> None:
        """Let something happen at a time, or now if that has passed."""
        heapq.heappush(self._events, (max(t_ns, self._now_ns), next(self._order), action))

    def wait(self, until: Callable[[], bool], timeout_s: float) -> bool:
        """Let time pass until a condition holds.

        Returns
        -------
        bool
            False if it did not hold within the time-out.

        Raises
        ------
        RuntimeError
            An event waits for another, which can only come after it.
        """
        if self._working:
            raise RuntimeError("an event of the virtual time cannot wait for another")
        deadline_ns = self._now_ns + round(timeout_s * _NS_PER_S)
        while not until():
            if not self._events or self._events[0][0] > deadline_ns:
                self._now_ns = deadline_ns
                return False
            self._now_ns, _, action = heapq.heappop(self._events)
            self._working = True
            try:
                action()
            finally:
                self._working = False
        return True

    def sleep(self, seconds: float) -> None:
        """Let a span of time pass."""
        self.wait(lambda: False, seconds)
