"""Those who want to know each position of a stage."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from drivers.stage import PositionSample

PositionListener = Callable[[PositionSample], None]

_logger = logging.getLogger(__name__)


class PositionListeners:
    """Those who want each position; survives a reconnection."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[object, PositionListener] = {}
        self._waiting: SimpleQueue[PositionSample] = SimpleQueue()

    def add(self, listener: PositionListener) -> Callable[[], None]:
        """Add a listener; return what removes it."""
        key = object()
        with self._lock:
            self._listeners[key] = listener

        def remove() -> None:
            with self._lock:
                self._listeners.pop(key, None)

        return remove

    def put(self, sample: PositionSample) -> None:
        """Take a position to be told with the next `tell`; from any thread."""
        self._waiting.put(sample)

    def tell(self) -> None:
        """Call the listeners with all positions that wait."""
        while True:
            try:
                sample = self._waiting.get_nowait()
            except Empty:
                return
            with self._lock:
                listeners = tuple(self._listeners.values())
            for listener in listeners:
                try:
                    listener(sample)
                except Exception:
                    # A stage that is no longer watched is a danger; a deaf listener is not.
                    _logger.exception("a listener failed on a position")
