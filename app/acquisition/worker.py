"""A thread that works off a queue, so that whoever fills it never waits."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from app.acquisition.thread_priority import stand_back

Item = TypeVar("Item")
TakenItem = TypeVar("TakenItem", contravariant=True)


class QueueFullError(Exception):
    """More items wait than were allowed for."""


class Work(Protocol[TakenItem]):
    """Takes items and works them off in order."""

    @property
    def failure(self) -> Exception | None:
        """What ended the work early, if anything did."""
        ...

    def put(self, item: TakenItem) -> None:
        """Take one item."""
        ...

    def finish(self) -> None:
        """Return once all items are done."""
        ...


class WorkAtOnce(Generic[Item]):
    """Does each item on the caller's thread before `put` returns.

    For callers whose time stands still meanwhile. Parameters are those of `Worker`.
    """

    def __init__(self, name: str, work: Callable[[Item], None]) -> None:
        self._name = name
        self._work = work
        self.failure: Exception | None = None

    def put(self, item: Item) -> None:
        """Do one item; nothing after a failure."""
        if self.failure is None:
            try:
                self._work(item)
            except Exception as error:  # noqa: BLE001 - kept for the owner
                self.failure = error

    def finish(self) -> None:
        """Return: everything is done already."""


class Worker(Generic[Item]):
    """Hands items, one at a time and in order, to a function on a thread of its own.

    After a failure the remaining items are passed over.

    Parameters
    ----------
    name : str
        Of the thread.
    work : callable
        Gets each item.
    capacity : int
        How many items may wait; 0 means any number.
    on_failure : callable, optional
        Told at once, on the failing thread, when ``work`` raises or the queue overflows.
    stands_back : bool
        Whether the program's other threads go before; see `stand_back`.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Item], None],
        *,
        capacity: int = 0,
        on_failure: Callable[[Exception], None] | None = None,
        stands_back: bool = False,
    ) -> None:
        self._name = name
        self._work = work
        self._on_failure = on_failure
        self._capacity = capacity
        self._stands_back = stands_back
        self._items: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many items wait."""
        return self._items.qsize()

    @property
    def failure(self) -> Exception | None:
        """What ended the work early, if anything did."""
        return self._failure

    def put(self, item: Item) -> None:
        """Queue one item and return at once."""
        if self._failure is not None:
            return
        if self._capacity and self.waiting >= self._capacity:
            self._fail(QueueFullError(f"The {self._name} fell {self.waiting} frames behind."))
            return
        self._items.put(item)

    def finish(self) -> None:
        """Wait until all items are done, and end the thread.

        There is no time-out: the work itself has them.
        """
        self._items.put(None)
        self._thread.join()

    def _run(self) -> None:
        if self._stands_back:
            stand_back()
        while (item := self._items.get()) is not None:
            if self._failure is not None:
                continue
            try:
                self._work(item)
            except Exception as error:  # noqa: BLE001 - kept for, and told to, the owner
                self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._failure = error
        if self._on_failure is not None:
            self._on_failure(error)
