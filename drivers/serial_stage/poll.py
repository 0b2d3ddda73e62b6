"""The thread that keeps asking a stage where it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from drivers.errors import BadReply, ConnectionLost, Rejected, ReplyTimeout
from drivers.position_listeners import PositionListeners

IDLE_HZ: Final = 4.0
PATIENCE_S: Final = (0.3, 0.5, 1.0)
"""How long to wait for an answer, try after try: single ones get lost on a noisy line."""

AGAIN_S: Final = 0.05
"""Between two tries, for a controller that refuses for a moment."""


class Poller:
    """Asks often while the stage moves, now and then while it stands.

    Parameters
    ----------
    name : str
        The device, for the thread's name.
    look : callable
        Asks for the status, waiting no longer than the seconds given for each answer; raises
        what `Dialect.read_status` raises.
    moves : callable
        Whether the stage moves, as far as is known.
    give_up : callable
        Called with the last error when all tries in a row have failed, and with any error that
        nobody expected.
    listeners : PositionListeners
    moving_hz : float
    """

    def __init__(
        self,
        name: str,
        *,
        look: Callable[[float], object],
        moves: Callable[[], bool],
        give_up: Callable[[Exception], None],
        listeners: PositionListeners,
        moving_hz: float,
    ) -> None:
        self._look = look
        self._moves = moves
        self._give_up = give_up
        self._listeners = listeners
        self._moving_hz = moving_hz
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"poll {name}", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def wake(self) -> None:
        """Ask again at once: something has begun or ended."""
        self._wake.set()

    def close(self) -> None:
        """Ask no more."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        misses = 0
        while not self._closing.is_set():
            started_s = time.monotonic()
            self._wake.clear()
            try:
                self._look(PATIENCE_S[misses])
            except (ReplyTimeout, BadReply, Rejected) as error:
                misses += 1
                if misses == len(PATIENCE_S):
                    self._give_up(error)
                    return
                self._wake.wait(AGAIN_S)
                continue
            except ConnectionLost:
                return
            except Exception as error:
                # A stage that is no longer watched is a danger, whoever is to blame.
                self._give_up(error)
                raise
            misses = 0
            self._listeners.tell()
            period_s = 1 / (self._moving_hz if self._moves() else IDLE_HZ)
            self._wake.wait(max(0.0, started_s + period_s - time.monotonic()))
