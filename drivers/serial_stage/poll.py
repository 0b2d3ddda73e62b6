"""The thread that keeps asking a stage where it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from drivers.errors import BadReply, ConnectionLost, Rejected, ReplyTimeout
from drivers.poll_thread import IDLE_HZ, PollThread
from drivers.position_listeners import PositionListeners

PATIENCE_S: Final = (0.3, 0.5, 1.0)
"""How long to wait for an answer, try after try: single ones get lost on a noisy line."""

AGAIN_S: Final = 0.05
"""Between two tries, for a controller that refuses for a moment."""


class Poller(PollThread):
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
        super().__init__(name)
        self._look = look
        self._moves = moves
        self._give_up = give_up
        self._listeners = listeners
        self._moving_hz = moving_hz
        self._misses = 0

    def _look_once(self) -> float | None:
        started_s = time.monotonic()
        try:
            self._look(PATIENCE_S[self._misses])
        except (ReplyTimeout, BadReply, Rejected) as error:
            self._misses += 1
            if self._misses == len(PATIENCE_S):
                self._give_up(error)
                return None
            return time.monotonic() + AGAIN_S
        except ConnectionLost:
            return None
        except Exception as error:
            # A stage that is no longer watched is a danger, whoever is to blame.
            self._give_up(error)
            raise
        self._misses = 0
        self._listeners.tell()
        return started_s + 1 / (self._moving_hz if self._moves() else IDLE_HZ)
