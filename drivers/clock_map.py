"""From a camera's clock to the host's, out of nothing but the arrival of its frames."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

WINDOW: Final = 512
"""Frames that are remembered; 17 s at 30 frames per second."""
RATE_TOLERANCE: Final = 200e-6
"""How far the ratio of two crystal clocks may be from its nominal value: crystals keep 100 ppm."""
RATE_SIGMA: Final = RATE_TOLERANCE / math.sqrt(6)
"""Standard deviation of that ratio, both crystals being off by anything up to 100 ppm."""
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
            How uncertain that is; the shortest delay is not in it.

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
        line = _line_below(ticks, arrivals)
        nominal_ns = (tick - base_tick) * self._ns_per_tick
        t_ns = base_ns + round(line.at(nominal_ns))
        if len(ticks) < _FEW:
            return t_ns, FIRST_SIGMA_NS
        excess_ns = float(np.median(arrivals - line.at(ticks)))
        sigma_ns = line.sigma_at(nominal_ns, excess_ns, len(ticks))
        return t_ns, max(LEAST_SIGMA_NS, round(sigma_ns))


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


_Value = TypeVar("_Value", float, NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that touches the points from below."""

    rate: float
    offset: float
    touches: tuple[float, ...]
    """The x of the points that it was laid through: two, or one where the rate was given."""

    def at(self, x: _Value) -> _Value:
        return self.rate * x + self.offset

    def sigma_at(self, x: float, excess: float, count: int) -> float:
        """Return how far the line may lie above the shortest delay.

        The least of n delays exceeds the shortest possible one by an exponentially distributed
        amount, 1/(n·f) in the mean and √2 times that in the RMS, f being the density of the
        delays at the shortest; where no longer delay is likelier than a shorter one, f is
        1/(2·median) at least. It shrinks as 1/n, where a mean would shrink as 1/√n. A given rate
        adds its own uncertainty. Each of two points is the least of about half of them, and the
        line carries the scatter of both to x.

        Parameters
        ----------
        x : float
        excess : float
            The median of what the delays exceed the line by.
        count : int
            Of the points.
        """
        least = 2 * excess / (count / len(self.touches))
        first, *others = self.touches
        if not others:
            return math.hypot(math.sqrt(2) * least, RATE_SIGMA * (x - first))
        share = (x - first) / (others[0] - first)
        return least * math.hypot(1 - share, share)


def _line_below(x: NDArray[np.float64], y: NDArray[np.float64]) -> _Line:
    """Return the line under all points, closest in the mean; x ascends."""
    if x[-1] - x[0] >= _LONG_ENOUGH_NS:
        (x0, y0), (x1, y1) = _hull_edge(x, y)
        rate = (y1 - y0) / (x1 - x0)
        if abs(rate - 1) <= RATE_TOLERANCE:
            return _Line(rate, y0 - rate * x0, (x0, x1))
    touch = int(np.argmin(y - x))
    return _Line(1.0, float(y[touch] - x[touch]), (float(x[touch]),))


def _hull_edge(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the ends of the lower hull's edge under the mean of x."""
    hull: list[tuple[float, float]] = []
    for point in zip(x.tolist(), y.tolist(), strict=True):
        while len(hull) >= 2 and not _turns_left(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    middle = float(np.mean(x))
    right = next(n for n, (place, _) in enumerate(hull) if n > 0 and place >= middle)
    return hull[right - 1], hull[right]


def _turns_left(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return (b[1] - a[1]) * (c[0] - a[0]) < (c[1] - a[1]) * (b[0] - a[0])
