"""The clock of a Basler camera, and where it stands beside the host's.

Basler's manuals ("Timestamp chunk", ace USB 3.0 and ace GigE) say that an image is stamped when its
acquisition is triggered, which on a camera that runs freely is the start of its exposure. They also
say that a latch of the clock takes effect after "an unspecified and variable delay": the shortest
of a few is taken, and half its length goes into the uncertainty.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from drivers.basler_nodes import first_node
from drivers.clock_map import ClockMap

_TRIES: Final = 8
_LATCHES: Final = (
    ("TimestampLatch", "TimestampLatchValue"),
    ("GevTimestampControlLatch", "GevTimestampValue"),
)
LONGEST_TRANSFER_NS: Final = 1_000_000_000
"""An image that seems to have been under way for longer belongs to another clock than the latch."""


@dataclass(frozen=True, slots=True)
class ClockLatch:
    """What the camera's clock read at one moment of the host's."""

    tick: int
    t_ns: int
    sigma_ns: int


def latch_clock(
    camera: Any,  # noqa: ANN401 - untyped library
    now_ns: Callable[[], int] = time.monotonic_ns,
) -> ClockLatch | None:
    """Read the camera's clock; None for cameras that cannot be asked for it.

    Parameters
    ----------
    camera : pylon.InstantCamera
        Open.
    now_ns : callable
        The host's clock.
    """
    for latch_name, value_name in _LATCHES:
        value = first_node(camera, (value_name,))
        if value is None:
            continue
        latch = getattr(camera, latch_name)
        best: ClockLatch | None = None
        for _ in range(_TRIES):
            before_ns = now_ns()
            latch.Execute()
            after_ns = now_ns()
            half_ns = (after_ns - before_ns) // 2
            if best is None or half_ns < best.sigma_ns:
                best = ClockLatch(int(value.Value), before_ns + half_ns, half_ns)
        return best
    return None


class FrameClock:
    """Says when a stamped image was in the middle of its exposure.

    The arrivals of the images tell how fast the camera's clock runs (`ClockMap`), and when it
    showed what but for the time that the fastest image was under way. A latch tells the latter.
    Without one the fastest image is taken to have arrived as soon as it was read out.

    Parameters
    ----------
    ns_per_tick : float
        Nominal length of a tick.
    readout_ns : int
        Between the end of the exposure and that of the read-out.
    latch : ClockLatch, optional
        Taken shortly before the run.
    """

    def __init__(self, ns_per_tick: float, readout_ns: int, latch: ClockLatch | None) -> None:
        self._map = ClockMap(ns_per_tick)
        self._readout_ns = readout_ns
        self._latch = latch

    def mid_exposure(self, tick: int, arrived_ns: int, exposure_ns: int) -> tuple[int, int]:
        """Return time and standard deviation, in ns of `time.monotonic_ns`.

        Parameters
        ----------
        tick : int
            The image's stamp.
        arrived_ns : int
            When it was in the computer.
        exposure_ns : int
        """
        self._map.add(tick, arrived_ns)
        ready_ns, sigma_ns = self._map.at(tick)
        without_latch = ready_ns - self._readout_ns - exposure_ns // 2, sigma_ns
        latch = self._latch
        if latch is None:
            return without_latch
        under_way_ns = self._map.at(latch.tick)[0] - latch.t_ns
        if not exposure_ns <= under_way_ns + latch.sigma_ns <= LONGEST_TRANSFER_NS:
            # It cannot arrive before its exposure ends: this camera stamps another moment.
            return without_latch
        began_ns = ready_ns - under_way_ns
        return began_ns + exposure_ns // 2, round((sigma_ns**2 + latch.sigma_ns**2) ** 0.5)
