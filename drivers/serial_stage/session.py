"""One connection to a controller, from the greeting to the good-bye."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Final

from drivers.errors import BadReply, ConnectionLost, DeviceError, Rejected, ReplyTimeout
from drivers.position_listeners import PositionListeners
from drivers.serial_stage.conversation import TURN_S, Conversation
from drivers.serial_stage.dialect import Dialect
from drivers.serial_stage.greet import identify
from drivers.serial_stage.poll import Poller
from drivers.serial_stage.settings import StageSettings, device_name
from drivers.serial_stage.watch import StageWatch
from drivers.stage import PositionSample, StagePhase

RESEND_S: Final = 0.15
"""A stop that took effect shows in the status well before this, once the braking is over."""
ESCALATE_S: Final = 0.3
"""How long each kind of stop is tried before the next, harder one."""
LOOK_S: Final = 0.3
IN_MOTION: Final = (StagePhase.MOVING, StagePhase.HOMING, StagePhase.STOPPING)


class Session:
    """What is said and known from connecting to closing.

    Parameters
    ----------
    settings : StageSettings
    dialect : Dialect
    listeners : PositionListeners
        Get every position that is read.
    """

    def __init__(
        self, settings: StageSettings, dialect: Dialect, listeners: PositionListeners
    ) -> None:
        self._settings = settings
        self._dialect = dialect
        self._listeners = listeners
        self._poller: Poller | None = None
        self.identity = dialect.kind
        self.watch = StageWatch(self.device, listeners.put)
        self.conversation = Conversation(
            self.device,
            settings.url,
            settings.baud or dialect.framing.baud,
            dialect.framing,
            dtr=settings.dtr,
            refusal=dialect.refusal,
            on_unasked=self._on_unasked,
            on_lost=self.watch.on_lost,
        )

    @property
    def device(self) -> str:
        """The device as errors name it."""
        return device_name(self.identity, self._settings)

    def open(self) -> None:
        """Open the port and find out what answers; see `SerialStage.connect`."""
        self.conversation.open()
        self.identity = identify(self.conversation, self._dialect, self._settings.connect_timeout_s)
        self.conversation.device = self.watch.device = self.device

    def start_polling(self, moving_hz: float) -> None:
        """Begin to ask for the position, again and again."""
        self._poller = Poller(
            self.device,
            look=self.look,
            moves=lambda: self.watch.phase() in IN_MOTION,
            give_up=self._give_up,
            listeners=self._listeners,
            moving_hz=moving_hz,
        )
        self._poller.start()

    def close(self) -> None:
        """Release the port; harmless when not open."""
        self.conversation.close()
        if self._poller is not None:
            self._poller.close()

    def look(self, longest_s: float | None = None, within_s: float = TURN_S) -> PositionSample:
        """Ask for the status and take it in.

        Parameters
        ----------
        longest_s : float, optional
            Waits no longer for each answer.
        within_s : float
            How long to wait for the end of somebody else's turn.

        Raises
        ------
        ReplyTimeout, BadReply, Rejected
            There was no answer of use.
        ConnectionLost
            The port is gone.
        """
        conversation, watch = self.conversation, self.watch
        with conversation.turn(longest_s=longest_s, within_s=within_s) as talk:
            # An answer may be that to an earlier question: only its time bounds the answer's age.
            asked_ns = conversation.owed_since_ns or time.monotonic_ns()
            status = self._dialect.read_status(talk)
            untroubled = watch.trouble is None
            sample = watch.on_status(status, asked_ns, conversation.answered_ns)
        if untroubled and watch.trouble is not None and sample.moving:
            self.press(0)
        return sample

    def look_after(self, t_ns: int) -> PositionSample | None:
        """Return a position that was asked for after a moment; None where it could not be read."""
        try:
            sample = self.look(LOOK_S, LOOK_S)
        except (ReplyTimeout, BadReply, Rejected):
            return None
        return sample if sample.t_asked_ns > t_ns else None

    def look_again(self) -> None:
        """Let the poller ask at once: something has begun or ended."""
        if self._poller is not None:
            self._poller.wake()

    def press(self, level: int) -> int:
        """Send one of the dialect's stops past all queues; return when it had been handed over.

        Raises
        ------
        ConnectionLost
            The port is gone.
        """
        stops = self._dialect.stop_bytes
        return self.conversation.send_now(stops[min(level, len(stops) - 1)])

    def press_again(self, overdue_s: float, attempts: int) -> float:
        """Send the stop that is due, for `drivers.rest.await_rest`."""
        self.press(min(attempts, max(0, int(overdue_s / ESCALATE_S))))
        return RESEND_S

    def _on_unasked(self, text: str) -> None:
        notice = self._dialect.notice(text)
        if notice is None or not self.watch.on_notice(notice):
            return
        # A lost port is reported by the reader.
        with suppress(ConnectionLost):
            self.press(0)
        self.look_again()

    def _give_up(self, error: Exception) -> None:
        # It may still listen: whatever moves unwatched shall stop.
        with suppress(ConnectionLost):
            self.press(0)
        attempted = error.attempted if isinstance(error, DeviceError) else "read the position"
        answer = error.answer if isinstance(error, DeviceError) else repr(error)
        self.watch.on_lost(
            ConnectionLost(
                self.device,
                attempted,
                f"no position three times in a row: {answer}",
                "Check the cable and the power, then connect again.",
            )
        )
