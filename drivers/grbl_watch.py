"""What is known of a Grbl stage, learnt from every line that it says.

The reader thread brings the news; every other thread reads. Nothing here waits for the
controller.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from drivers.errors import Alarm, ConnectionLost, DeviceError, NotReferenced
from drivers.grbl_axes import GrblSettings
from drivers.grbl_codec import (
    RESET_TO_CONTINUE,
    AlarmReport,
    Banner,
    ErrorReply,
    Event,
    Message,
    Ok,
    StatusReport,
    Triple,
    Unknown,
)
from drivers.grbl_link import Exchange, TimedReport, refusal
from drivers.grbl_texts import alarm_text
from drivers.stage import PositionSample, StagePhase
from drivers.stage_phase import Trouble, phase_of
from drivers.watched_move import WatchedMove

_HOME_FIRST: Final = "Home the stage first."
_STUCK_STATES: Final = frozenset(("Hold", "Door", "Sleep"))
"""States that only a reset, or a person at the controller, can end."""


class GrblWatch:
    """What is known of the controller since it was connected.

    Parameters
    ----------
    settings : GrblSettings
    on_sample : callable
        Gets every position, from the reader thread.
    """

    def __init__(self, settings: GrblSettings, on_sample: Callable[[PositionSample], None]) -> None:
        self.device = f"stage GRBL on {settings.url}"
        self._settings = settings
        self._on_sample = on_sample
        self.changed = threading.Condition(threading.RLock())
        """Guards all of this; held for moments only, and notified of every event."""
        self.heard: deque[str] = deque(maxlen=5)
        self.lost: ConnectionLost | None = None
        self.report: StatusReport | None = None
        self.sample: PositionSample | None = None
        self.referenced = False
        self.trouble: Trouble | None = None
        self.reset_wanted = False
        """The controller has asked for a reset, and will only now take one."""
        self.banners = 0
        self.move: WatchedMove | None = None
        self.homing: WatchedMove | None = None
        self._work_offset: Triple | None = None
        self._session = False
        self._alarm_stands = False
        self._resetting = False

    def begin_session(self, device: str) -> None:
        """From now on a restart is news; a controller that says it is homed is believed."""
        with self.changed:
            self.device = device
            self._session = True
            self.referenced = self.report is not None and self.report.homed is True

    def expect_reset(self) -> None:
        """Note that the next restart is our own doing."""
        with self.changed:
            self._resetting = True

    def phase(self) -> StagePhase:
        """Return what the stage does, as far as the controller tells."""
        with self.changed:
            return phase_of(
                lost=self.lost,
                homing=self.homing,
                trouble=self.trouble,
                move=self.move,
                moving=self.report is not None and self.report.moving,
            )

    def needs_reset(self) -> bool:
        """Whether the controller takes no command before a reset."""
        with self.changed:
            stuck = self.report is not None and self.report.state in _STUCK_STATES
            return stuck or self.reset_wanted or self._alarm_stands

    def may_be_silent(self) -> bool:
        """Whether the controller has a reason not to answer status questions."""
        return self.phase() in (StagePhase.HOMING, StagePhase.ALARM)

    def obstacle(self, attempted: str) -> DeviceError | None:
        """Return what forbids absolute moves, if anything."""
        with self.changed:
            if self.trouble is not None and self.trouble.is_alarm:
                return self._alarm(attempted, self.trouble)
            if self.trouble is not None:
                return NotReferenced(self.device, attempted, self.trouble.text, _HOME_FIRST)
            if not self.referenced:
                return NotReferenced(
                    self.device, attempted, "the stage does not know its position", _HOME_FIRST
                )
            return None

    def sample_of(self, timed: TimedReport) -> PositionSample | None:
        """Return the position in a report; None before the work offset is known."""
        report, offset = timed.report, timed.report.work_offset or self._work_offset
        place = report.machine
        if place is None and report.work is not None and offset is not None:
            work = report.work
            place = (work[0] + offset[0], work[1] + offset[1], work[2] + offset[2])
        if place is None:
            return None
        return PositionSample(
            timed.t_asked_ns,
            timed.t_answered_ns,
            x_um=self._settings.x.to_um(place[0]),
            y_um=self._settings.y.to_um(place[1]),
            z_um=self._settings.z.to_um(place[2]),
            moving=report.moving,
        )

    def on_report(self, timed: TimedReport) -> None:
        """Take in a status report."""
        report = timed.report
        with self.changed:
            self.report = report
            self._work_offset = report.work_offset or self._work_offset
            if report.homed is False and self.phase() is not StagePhase.HOMING:
                self.referenced = False
            if report.state == "Alarm":
                self._take_silent_alarm(report)
            sample = self.sample_of(timed)
            move = self.move
            if sample is not None:
                self.sample = sample
        if sample is None:
            return
        if move is not None:
            move.judge(sample)
        self._on_sample(sample)

    def on_event(self, event: Event) -> None:
        """Take in a line that answers nothing."""
        with self.changed:
            match event:
                case AlarmReport(code):
                    self.report = None  # whatever it was doing, it does no longer
                    self._take_alarm(f"ALARM:{code} ({alarm_text(code)})")
                case Banner():
                    self.report = None
                    self._take_banner()
                    self.heard.append(f"{event.firmware} {event.version}")
                case Message(text):
                    self.reset_wanted = self.reset_wanted or RESET_TO_CONTINUE in text
                case Unknown(text):
                    self.heard.append(text)
            self.changed.notify_all()

    def on_lost(self, error: ConnectionLost) -> None:
        """Note that the controller is gone."""
        with self.changed:
            self.lost = self.lost or error
            self.referenced = False
            self.changed.notify_all()
        if self.move is not None:
            self.move.end(error)

    def on_homing_answered(self, exchange: Exchange) -> None:
        """Take in the end of a homing; alarms and restarts come as events as well."""
        with self.changed:
            homing = self.homing
            if homing is None:
                return
            match exchange.verdict:
                case Ok():
                    self.referenced = True
                    self.trouble = None
                    self._alarm_stands = False
                    homing.accepted_ns = time.monotonic_ns()
                case ErrorReply() as verdict:
                    homing.end(refusal(self.device, exchange.line, verdict))

    def _take_silent_alarm(self, report: StatusReport) -> None:
        """Notice an alarm whose own line got lost.

        A stage that was never homed is in this state by itself, and stays so until its homing has
        really begun.
        """
        if (
            self.trouble is None
            and self.phase() is not StagePhase.HOMING
            and (self.referenced or (self.move is not None and not self.move.done()))
        ):
            number = "" if report.substate is None else f" {report.substate}"
            words = "" if report.substate is None else f" ({alarm_text(report.substate)})"
            self._take_alarm(f"the controller reports alarm{number}{words}")

    def _take_alarm(self, text: str) -> None:
        self.referenced = False
        self._alarm_stands = True
        if self._resetting:
            return  # the alarm says no more than that the reset came during a motion
        self.trouble = Trouble(text, is_alarm=True)
        if self.move is not None:
            self.move.end(self._alarm(self.move.attempted, self.trouble))

    def _take_banner(self) -> None:
        self.banners += 1
        self.referenced = False
        self.reset_wanted = self._alarm_stands = False
        self._work_offset = None
        own, self._resetting = self._resetting, False
        if not self._session:
            return
        if self.trouble is None:
            cause = "was reset to stop it" if own else "restarted (power dip or reset button)"
            self.trouble = Trouble(f"the controller {cause}; the position is lost", is_alarm=False)
        if self.move is not None and not own:
            self.move.end(self._alarm(self.move.attempted, self.trouble))

    def _alarm(self, attempted: str, trouble: Trouble) -> Alarm:
        return Alarm(self.device, attempted, trouble.text, "Look at the stage, then home it.")
