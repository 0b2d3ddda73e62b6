"""What the arrival times of frames tell, where a camera numbers and stamps nothing."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from drivers.clock_map import FIRST_SIGMA_NS, ArrivalJitter

_FEW: Final = 8
_WINDOW: Final = 32
_LATE: Final = 1.5
"""Periods after which a frame counts as late; together with the next one they are two."""
_EARLY: Final = 0.5
_LONGEST_BURST: Final = 16
"""More than any driver keeps for a slow program (V4L2: 4 by default)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One frame that came, and what is known of it."""

    t_ns: int
    """When it came, or would have come had the computer not been busy."""
    sigma_ns: int
    lost_before: int


class Arrivals:
    """Tells frames that were lost from frames that were late.

    A gap of several periods means either. If the driver had kept the frames while the computer
    was busy, they come in a quick burst right after the gap: so judgement is put off until the
    frames are a period apart again. Then as many were lost as periods are left over, and the
    burst's true times are a period apart, counted back from its last.
    """

    def __init__(self) -> None:
        self._intervals_ns: deque[int] = deque(maxlen=_WINDOW)
        self._jitter = ArrivalJitter()
        self._last_ns: int | None = None
        self._before_gap_ns = 0
        self._held_ns: list[int] = []

    @property
    def period_ns(self) -> float | None:
        """The usual time from frame to frame; None while too few are known."""
        if len(self._intervals_ns) < _FEW:
            return None
        return float(np.median(self._intervals_ns))

    def add(self, t_ns: int) -> tuple[Arrival, ...]:
        """Take in the next arrival.

        Returns
        -------
        tuple of Arrival
            Those that can be judged now, in order; every arrival is returned once in the end.
        """
        last_ns, self._last_ns = self._last_ns, t_ns
        period_ns = self.period_ns
        if last_ns is None:
            self._jitter.add(t_ns)
            return (Arrival(t_ns, FIRST_SIGMA_NS, 0),)
        interval_ns = t_ns - last_ns
        if period_ns is None:
            self._intervals_ns.append(interval_ns)
            self._jitter.add(t_ns)
            return (Arrival(t_ns, FIRST_SIGMA_NS, 0),)
        is_burst = interval_ns < _EARLY * period_ns and len(self._held_ns) < _LONGEST_BURST
        if self._held_ns and is_burst:
            self._held_ns.append(t_ns)
            return ()
        judged = self.flush()
        if interval_ns >= _EARLY * period_ns:
            self._intervals_ns.append(interval_ns)
        if interval_ns > _LATE * period_ns:
            self._before_gap_ns, self._held_ns = last_ns, [t_ns]
            return judged
        self._jitter.add(t_ns)
        return (*judged, Arrival(t_ns, self._jitter.sigma_ns(), 0))

    def flush(self) -> tuple[Arrival, ...]:
        """Judge what is held back; to be called when no more frames will come."""
        held_ns, self._held_ns = self._held_ns, []
        period_ns = self.period_ns
        if not held_ns or period_ns is None:
            return ()
        passed = round((held_ns[-1] - self._before_gap_ns) / period_ns)
        lost = max(0, passed - len(held_ns))
        judged = []
        for place, came_ns in enumerate(held_ns):
            due_ns = held_ns[-1] - round((len(held_ns) - 1 - place) * period_ns)
            t_ns = min(came_ns, due_ns)
            # Which of the frames of the gap were lost nobody knows.
            doubt_ns = max(came_ns - t_ns, lost * period_ns)
            sigma_ns = round(math.hypot(self._jitter.sigma_ns(), doubt_ns))
            judged.append(Arrival(t_ns, sigma_ns, lost if place == 0 else 0))
        return tuple(judged)
