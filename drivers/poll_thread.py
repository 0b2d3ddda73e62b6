"""A thread that looks at a stage again and again."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from typing import Final

IDLE_HZ: Final = 4.0
"""How often a stage is looked at that stands."""


class PollThread(ABC):
    """Looks, waits until it is time again or somebody calls, and looks again.

    Parameters
    ----------
    device : str
        For the thread's name.
    """

    def __init__(self, device: str) -> None:
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"poll {device}", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def wake(self) -> None:
        """Look again at once: something has begun or ended."""
        self._wake.set()

    def close(self) -> None:
        """Look no more."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join()

    @abstractmethod
    def _look_once(self) -> float | None:
        """Look at the stage; return when to look again (`time.monotonic`, s), None for never."""

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.clear()
            again_s = self._look_once()
            if again_s is None:
                return
            self._wake.wait(max(0.0, again_s - time.monotonic()))
