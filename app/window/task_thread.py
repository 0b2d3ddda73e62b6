"""One plain thread that does tasks in order."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

Task = Callable[[], None]


class TaskThread:
    """Does tasks one at a time, in order, away from the window's thread.

    Parameters
    ----------
    name : str
        Of the thread.
    on_error : callable
        Gets what a task raised, on the thread; the next task is done all the same.
    """

    def __init__(self, name: str, on_error: Callable[[Exception], None]) -> None:
        self._on_error = on_error
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, task: Task) -> None:
        """Queue a task and return at once."""
        self._tasks.put(task)

    def close(self, timeout_s: float) -> bool:
        """Do what is queued, then end; False if that took longer than allowed."""
        self._tasks.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            except Exception as error:  # noqa: BLE001 - told to the owner, who shows it
                self._on_error(error)
