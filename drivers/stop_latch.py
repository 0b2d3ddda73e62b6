"""Which STOPs of a stage were called, and which still run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class StopLatch:
    """Counts STOPs, so that none is overtaken by a motion that was being prepared."""

    def __init__(self) -> None:
        self.counting = threading.Lock()
        """Guards the counts. It guards nothing else, so that STOP waits for nothing."""
        self._called = 0
        self._running = 0

    @property
    def called(self) -> int:
        """How many so far: a motion that was wished for at another count must not begin."""
        return self._called

    @property
    def running(self) -> bool:
        """Whether the stage is being brought to rest."""
        return self._running > 0

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """Count a STOP that begins here and ends with the block."""
        with self.counting:
            self._called += 1
            self._running += 1
        try:
            yield
        finally:
            with self.counting:
                self._running -= 1
