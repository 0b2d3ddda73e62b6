"""The thread that keeps asking a Grbl stage where it is."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Final

from drivers.errors import ConnectionLost, ReplyTimeout
from drivers.grbl_codec import JOG_CANCEL
from drivers.grbl_link import PATIENCE_S, GrblLink
from drivers.grbl_watch import GrblWatch
from drivers.poll_thread import IDLE_HZ, PollThread
from drivers.position_listeners import PositionListeners
from drivers.stage import StagePhase

_SILENT_PATIENCE_S: Final = (0.25,)


class Poller(PollThread):
    """Asks for the status: often while the stage moves, now and then while it stands.

    Parameters
    ----------
    link : GrblLink
    watch : GrblWatch
    listeners : PositionListeners
    moving_hz : float
    """

    def __init__(
        self, link: GrblLink, watch: GrblWatch, listeners: PositionListeners, moving_hz: float
    ) -> None:
        super().__init__(link.device)
        self._link = link
        self._watch = watch
        self._listeners = listeners
        self._moving_hz = moving_hz

    def _look_once(self) -> float | None:
        started_s = time.monotonic()
        may_be_silent = self._watch.may_be_silent()
        try:
            self._link.ask(_SILENT_PATIENCE_S if may_be_silent else PATIENCE_S)
        except ReplyTimeout as error:
            # An alarm may also have struck it dumb while it was being asked.
            if not may_be_silent and not self._watch.may_be_silent():
                self._give_up(error)
                return None
        except ConnectionLost:
            return None
        self._listeners.tell()
        moves = self._watch.phase() is StagePhase.MOVING
        return started_s + 1 / (self._moving_hz if moves else IDLE_HZ)

    def _give_up(self, error: ReplyTimeout) -> None:
        # It may still listen: whatever moves unwatched shall stop.
        with suppress(ConnectionLost):
            self._link.send_now(JOG_CANCEL)
        self._watch.on_lost(
            ConnectionLost(
                error.device,
                error.attempted,
                error.answer,
                "Check the cable and the power, then connect again.",
            )
        )
