"""The positions read during one sweep, as they come in."""

from __future__ import annotations

import threading
import time

from drivers.stage import PositionSample


class PositionLog:
    """Collects position samples from the stage's thread; any thread may read or wait."""

    def __init__(self) -> None:
        self._samples: list[PositionSample] = []
        self._changed = threading.Condition()
        self._closed = False

    def append(self, sample: PositionSample) -> None:
        """Add one sample; give this to `Stage.subscribe`."""
        with self._changed:
            self._samples.append(sample)
            self._changed.notify_all()

    def close(self) -> None:
        """Say that no more samples will come; nobody waits any longer."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def samples(self) -> tuple[PositionSample, ...]:
        """Return all samples so far, oldest first."""
        with self._changed:
            return tuple(self._samples)

    def around(self, t_ns: int, timeout_s: float) -> tuple[PositionSample, PositionSample] | None:
        """Return the last sample before and the first one after a time.

        Waits for the later one until the log is closed or the time is out.

        Returns
        -------
        tuple of PositionSample, or None
            None where one of the two is missing.
        """
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not (self._samples and self._samples[-1].t_ns >= t_ns):
                remaining_s = deadline - time.monotonic()
                if self._closed or remaining_s <= 0:
                    return None
                self._changed.wait(remaining_s)
            later = next(i for i, sample in enumerate(self._samples) if sample.t_ns >= t_ns)
            return (self._samples[later - 1], self._samples[later]) if later else None
