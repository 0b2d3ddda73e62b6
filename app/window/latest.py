"""A box for one item: who puts replaces, who takes empties it."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Latest(Generic[Item]):
    """Hands the newest item from one thread to another and forgets the ones before.

    A queue of frames grows without bound when its reader is slow; this never holds more than one.
    """

    def __init__(self) -> None:
        self._item: Item | None = None
        self._filled = threading.Condition()

    def put(self, item: Item) -> None:
        """Replace whatever is in the box."""
        with self._filled:
            self._item = item
            self._filled.notify()

    def take(self) -> Item | None:
        """Empty the box; None if there is nothing new."""
        with self._filled:
            item, self._item = self._item, None
            return item

    def wait(self, timeout_s: float) -> Item | None:
        """Empty the box as soon as there is something in it; None if the time is over."""
        with self._filled:
            self._filled.wait_for(lambda: self._item is not None, timeout_s)
            item, self._item = self._item, None
            return item
