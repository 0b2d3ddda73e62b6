"""From a camera's clock to the host's, out of nothing but the arrival of its frames."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW: Final = 512
"""Frames that are remembered; 17 s at 30 frames per second."""
RATE_TOLERANCE: Final = 200e-6
"""How far the ratio of two crystal clocks may be from its nominal value: crystals keep 100 ppm."""
FIRST_SIGMA_NS: Final = 5_000_000
"""Uncertainty while there are too few frames to tell."""
LEAST_SIGMA_NS: Final = 50_000
"""Nothing is known better: the time of day at which Linux or Windows wakes a thread."""
_FEW: Final = 8
_LONG_ENOUGH_NS: Final = 5e9


class ClockMap:
    """Maps camera ticks to `time.monotonic_ns` by the fastest arrivals.

    A frame arrives when the camera says that it was taken plus a delay that is never shorter than
    some minimum and often longer. The line under all points (tick, arrival) that lies closest to
    them in the mean is therefore the clock plus the shortest delay: an edge of the lower convex
    hull (Moon, Skelly, Towsley, "Estimation and removal of clock skew from network delay
    measurements", INFOCOM 1999). Until the points span enough time to tell the rates of the two
    clocks apart, the nominal rate is used.

    Parameters
    ----------
    ns_per_tick : float
        Nominal length of a tick.
    """

    def __init__(self, ns_per_tick: float) -> None:
        if not (math.isfinite(ns_per_tick) and ns_per_tick > 0):
            raise ValueError(f"a tick lasts a positive time, not {ns_per_tick} ns")
        self._ns_per_tick = ns_per_tick
        self._points: deque[tuple[int, int]] = deque(maxlen=WINDOW)

    def add(self, tick: int, arrived_ns: int) -> None:
        """Take in one frame; a tick that runs backwards means a new clock and forgets the old."""
        if self._points and tick <= self._points[-1][0]:
            self._points.clear()
        self._points.append((tick, arrived_ns))

    def at(self, tick: int) -> tuple[int, int]:
        """Say when a tick was, as far as the fastest frames tell.

        Parameters
        ----------
        tick : int

        Returns
        -------
        t_ns : int
            On the `time.monotonic_ns` scale; late by the shortest delay of a frame.
        sigma_ns : int
            Its scatter; that shortest delay is not in it.

        Raises
        ------
        ValueError
            No frame has been added yet.
        """
        if not self._points:
            raise ValueError("no frame has been added yet")
        base_tick, base_ns = self._points[0]
        # Differences first: a tick count in float64 would be rounded to hundreds of ns.
        ticks = np.array([t - base_tick for t, _ in self._points], np.float64) * self._ns_per_tick
        arrivals = np.array([a - base_ns for _, a in self._points], np.float64)
        rate, offset = _line_below(ticks, arrivals)
        nominal_ns = (tick - base_tick) * self._ns_per_tick
        t_ns = base_ns + round(rate * nominal_ns + offset)
        if len(ticks) < _FEW:
            return t_ns, FIRST_SIGMA_NS
        excess_ns = float(np.median(arrivals - rate * ticks - offset))
        return t_ns, max(LEAST_SIGMA_NS, round(excess_ns / math.sqrt(len(ticks))))


class ArrivalJitter:
    """How irregularly frames of a free-running camera arrive at the host."""

    def __init__(self) -> None:
        self._arrivals_ns: deque[int] = deque(maxlen=64)

    def add(self, arrived_ns: int) -> None:
        """Take in one arrival."""
        self._arrivals_ns.append(arrived_ns)

    def sigma_ns(self) -> int:
        """Return the standard deviation of one arrival.

        From the median absolute deviation of the intervals, of which each contains the scatter of
        two arrivals; a few late frames do not spoil it.
        """
        if len(self._arrivals_ns) < _FEW:
            return FIRST_SIGMA_NS
        intervals = np.diff(np.array(self._arrivals_ns, np.int64)).astype(np.float64)
        deviation = float(np.median(np.abs(intervals - np.median(intervals))))
        return max(LEAST_SIGMA_NS, round(1.4826 * deviation / math.sqrt(2)))


def _line_below(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and intercept of the line under all points, closest in the mean; x ascends."""
    rate = 1.0
    if x[-1] - x[0] >= _LONG_ENOUGH_NS:
        rate = min(max(_hull_slope(x, y), 1 - RATE_TOLERANCE), 1 + RATE_TOLERANCE)
    return rate, float(np.min(y - rate * x))


def _hull_slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the slope of the lower hull's edge under the mean of x."""
    hull: list[tuple[float, float]] = []
    for point in zip(x.tolist(), y.tolist(), strict=True):
        while len(hull) >= 2 and not _turns_left(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    middle = float(np.mean(x))
    right = next(n for n, (place, _) in enumerate(hull) if n > 0 and place >= middle)
    (x0, y0), (x1, y1) = hull[right - 1], hull[right]
    return (y1 - y0) / (x1 - x0)


def _turns_left(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return (b[1] - a[1]) * (c[0] - a[0]) < (c[1] - a[1]) * (b[0] - a[0])
