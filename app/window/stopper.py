"""The thread that does nothing but stop."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Stopper:
    """Calls ``halt`` at once, on a thread that waits for nothing else.

    Asking again while a stop is under way makes it stop once more afterwards: STOP is never
    swallowed.
    """

    def __init__(self, halt: Callable[[], None]) -> None:
        self._halt = halt
        self._asked = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="stop", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask for a stop and return at once; any thread."""
        self._asked.set()

    def close(self, timeout_s: float) -> bool:
        """End the thread; False if that took longer than allowed."""
        self._ended = True
        self._asked.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            if self._ended:
                return
            self._halt()
