"""What is known of a stage, learnt from every status and every unasked line.

Nothing here waits for the controller.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from drivers.errors import Alarm, ConnectionLost, DeviceError, NotReferenced, Rejected
from drivers.serial_stage.dialect import Notice, Status
from drivers.stage import PositionSample, StagePhase
from drivers.stage_phase import Trouble, phase_of
from drivers.watched_move import WatchedMove

HOMED_AFTER_S: Final = 0.3
"""A homing has ended when the stage has stood this long: it turns round at the switches."""
NOT_HOMED_AFTER_S: Final = 1.0


class StageWatch:
    """What is known of the controller since it was connected.

    Parameters
    ----------
    device : str
        The device as errors name it.
    on_sample : callable
        Gets every position.
    """

    def __init__(self, device: str, on_sample: Callable[[PositionSample], None]) -> None:
        self.device = device
        self._on_sample = on_sample
        self.changed = threading.RLock()
        """Guards all of this; held for moments only."""
        self.can_home = False
        self.lost: ConnectionLost | None = None
        self.sample: PositionSample | None = None
        self.referenced = False
        self.trouble: Trouble | None = None
        self.move: WatchedMove | None = None
        self.homing: WatchedMove | None = None
        self._position_lost = False
        self._standing_since_ns: int | None = None

    def phase(self) -> StagePhase:
        """Return what the stage does, as far as the controller tells."""
        with self.changed:
            return phase_of(
                lost=self.lost,
                homing=self.homing,
                trouble=self.trouble,
                move=self.move,
                moving=self.sample is not None and self.sample.moving,
            )

    def obstacle(self, attempted: str) -> DeviceError | None:
        """Return what forbids absolute moves, if anything."""
        with self.changed:
            trouble, referenced = self.trouble, self.referenced
        if trouble is not None and trouble.is_alarm:
            return self._alarm(attempted, trouble)
        if trouble is None and referenced:
            return None
        answer = "the stage does not know its position" if trouble is None else trouble.text
        return NotReferenced(self.device, attempted, answer, self._find_position_again())

    def on_status(self, status: Status, t_asked_ns: int, t_answered_ns: int) -> PositionSample:
        """Take in a status; return its position."""
        sample = PositionSample(
            t_asked_ns, t_answered_ns, status.x_um, status.y_um, status.z_um, status.moving
        )
        with self.changed:
            self.sample = sample
            homing = None if self.homing is None or self.homing.done() else self.homing
            if status.alarm is not None:
                self._take(Trouble(status.alarm, is_alarm=True))
            elif self.referenced and not status.referenced:
                self._take(Trouble("the controller has lost its position", is_alarm=False))
            if homing is not None:
                self._judge_homing(homing, status, sample)
            homed = self.homing is None or self.homing.done()
            self.referenced = status.referenced and not self._position_lost and homed
            move = self.move
        if move is not None and move is not homing:
            move.judge(sample)
        self._on_sample(sample)
        return sample

    def on_notice(self, notice: Notice) -> bool:
        """Take in an unasked line; return whether whatever moves shall be stopped."""
        if not (notice.position_lost or notice.alarm):
            return False
        with self.changed:
            if notice.position_lost:
                self._position_lost = True
                self.referenced = False
            self._take(Trouble(notice.text, is_alarm=notice.alarm))
        return True

    def on_lost(self, error: ConnectionLost) -> None:
        """Note that the controller is gone."""
        with self.changed:
            self.lost = self.lost or error
            self.referenced = False
            move = self.move
        if move is not None:
            move.end(error)

    def begin_homing(self, move: WatchedMove) -> None:
        """Note that the position is lost until this homing has ended well."""
        with self.changed:
            self.referenced = False
            self._position_lost = True
            self._standing_since_ns = None
            self.move = self.homing = move

    def forgive(self) -> None:
        """Forget an alarm that has been cleared; a lost position stays lost."""
        with self.changed:
            self.trouble = None

    def _take(self, trouble: Trouble) -> None:
        if self.trouble is None or (trouble.is_alarm and not self.trouble.is_alarm):
            self.trouble = trouble
        if self.move is not None:
            self.move.end(self._alarm(self.move.attempted, trouble))

    def _judge_homing(self, homing: WatchedMove, status: Status, sample: PositionSample) -> None:
        if homing.accepted_ns is None or sample.t_asked_ns <= homing.accepted_ns:
            return
        if sample.moving:
            self._standing_since_ns = None
            return
        if self._standing_since_ns is None:
            self._standing_since_ns = sample.t_asked_ns
        stood_s = (sample.t_asked_ns - self._standing_since_ns) / 1e9
        if status.referenced and status.alarm is None and stood_s >= HOMED_AFTER_S:
            self._position_lost = False
            self.trouble = None
            homing.end()
        elif not status.referenced and stood_s >= NOT_HOMED_AFTER_S:
            homing.end(
                Rejected(
                    self.device,
                    homing.attempted,
                    "the stage stands, but the controller has found no reference",
                    "Check the limit switches, then home again.",
                )
            )

    def _alarm(self, attempted: str, trouble: Trouble) -> Alarm:
        remedy = "Look at the stage, then unlock it" if trouble.is_alarm else "Look at the stage"
        return Alarm(
            self.device, attempted, trouble.text, f"{remedy}. {self._find_position_again()}"
        )

    def _find_position_again(self) -> str:
        if self.can_home:
            return "Home the stage."
        return "Bring the stage to where it counts from, then connect again."
