"""A thread that makes something of the newest item, and forgets the items it had no time for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from app.acquisition.thread_priority import stand_back
from app.window.latest import Latest

Item = TypeVar("Item")
Made = TypeVar("Made")

PATIENCE_S: Final = 0.2
"""How long the end of the thread may go unnoticed."""


class LatestWork(Generic[Item, Made]):
    """Works on a thread of its own; of several items waiting only on the newest.

    Parameters
    ----------
    name : str
        Of the thread.
    make : callable
        Makes something of an item, on that thread.
    stands_back : bool
        Whether the program's other threads go before; see `stand_back`.
    """

    def __init__(
        self, name: str, make: Callable[[Item], Made], *, stands_back: bool = False
    ) -> None:
        self._make = make
        self._stands_back = stands_back
        self._items: Latest[Item] = Latest()
        self._made: Latest[Made] = Latest()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, item: Item) -> None:
        """Leave an item and return at once; from any thread."""
        self._items.put(item)

    def take(self) -> Made | None:
        """Return the newest thing made, once."""
        return self._made.take()

    def forget(self) -> None:
        """Let go of an item that waits."""
        self._items.take()

    def end(self) -> None:
        """Begin no more work; returns at once."""
        self._ended.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end; False if that took longer than allowed."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        if self._stands_back:
            stand_back()
        while not self._ended.is_set():
            item = self._items.wait(PATIENCE_S)
            if item is not None:
                self._made.put(self._make(item))
