"""An XYZ stage driven by Grbl 1.1 or grblHAL."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from drivers.errors import (
    BadReply,
    ConnectionLost,
    DeviceError,
    MoveStopped,
    Rejected,
    ReplyTimeout,
)
from drivers.grbl_axes import GrblSettings, arrival_tolerance_um, plan_jog, read_caps
from drivers.grbl_codec import HOME, JOG_CANCEL, UNLOCK
from drivers.grbl_identify import GrblController, identify
from drivers.grbl_link import Exchange, GrblLink
from drivers.grbl_poll import Poller
from drivers.grbl_reset import end_critical_alarm, reset
from drivers.grbl_stop import bring_to_rest
from drivers.grbl_watch import GrblWatch
from drivers.position_listeners import PositionListeners
from drivers.stage import (
    AxisName,
    Move,
    PositionSample,
    StageCaps,
    StagePhase,
    StageState,
    StopReport,
)
from drivers.stop_latch import StopLatch
from drivers.targets import in_words, targets_um
from drivers.watched_move import WatchedMove, braking_s

_IN_MOTION: Final = (StagePhase.MOVING, StagePhase.HOMING, StagePhase.STOPPING)
OFFSET_TRIES: Final = 40
"""Grbl tells its work offset with every 30th report at the latest (Grbl 1.1 config.h)."""


class GrblStage:
    """A `drivers.stage.Stage` on Grbl 1.1 or grblHAL.

    The controller's own settings are read and respected, never written.

    Parameters
    ----------
    settings : GrblSettings
    """

    def __init__(self, settings: GrblSettings) -> None:
        self._settings = settings
        self._listeners = PositionListeners()
        self._watch = GrblWatch(settings, self._listeners.put)
        self._link: GrblLink | None = None
        self._poller: Poller | None = None
        self._controller: GrblController | None = None
        self._caps: StageCaps | None = None
        self._lifecycle = threading.Lock()
        self._stops = StopLatch()

    @property
    def name(self) -> str:
        """The device as errors and the window name it."""
        firmware = "GRBL" if self._controller is None else self._controller.name
        return f"stage {firmware} on {self._settings.url}"

    @property
    def caps(self) -> StageCaps:
        """What the stage can do; valid after `connect`."""
        if self._caps is None:
            raise self._not_connected("read the capabilities")
        return self._caps

    @property
    def controller(self) -> GrblController:
        """What answered on the port, with its settings; valid after `connect`."""
        if self._controller is None:
            raise self._not_connected("read the settings")
        return self._controller

    def connect(self) -> None:
        """Open the port, identify the controller, read its limits; nothing moves.

        A jog that a crashed program left behind is stopped.

        Raises
        ------
        ConnectionLost
            The port cannot be opened or nothing answers on it.
        BadReply
            Something else than Grbl 1.1 or grblHAL answers; the error quotes it.
        Rejected
            The controller's settings and the profile's limits do not fit each other.
        """
        with self._lifecycle:
            self._release()
            settings = self._settings
            watch = self._watch = GrblWatch(settings, self._listeners.put)
            link = GrblLink(
                watch.device,
                settings.url,
                settings.baud,
                dtr=settings.dtr,
                on_event=watch.on_event,
                on_report=watch.on_report,
                on_lost=watch.on_lost,
            )
            link.open()
            self._link = link
            try:
                self._controller = identify(link, settings.connect_timeout_s, watch.heard)
                self._caps = read_caps(link.device, settings, self._controller.numbers)
                for _ in range(OFFSET_TRIES):
                    if watch.sample is not None:
                        break
                    link.ask()
            except BaseException:
                self._release()
                raise
            link.device = self.name
            watch.begin_session(self.name)
            self._poller = Poller(link, watch, self._listeners, settings.poll_hz)
            self._poller.start()

    def close(self) -> None:
        """Stop any motion and release the port; harmless when not connected."""
        with self._lifecycle:
            link, phase = self._link, self.state().phase
            # The port goes away whether or not the stop could be seen to work.
            with suppress(DeviceError):
                if phase in _IN_MOTION or (link is not None and self._stops.running):
                    # Not even a stop that runs already may be cut short.
                    self.stop()
                elif link is not None and phase is StagePhase.DISCONNECTED:
                    # Given up on because it fell silent; it may still move, and listen.
                    link.send_now(JOG_CANCEL)
            self._release()

    def state(self) -> StageState:
        """Return the latest known state without asking the device."""
        watch = self._watch
        with watch.changed:
            trouble = watch.trouble
            return StageState(
                self._phase(),
                watch.referenced,
                watch.sample,
                None if trouble is None else trouble.text,
            )

    def home(self) -> Move:
        """Find the reference switches; the caller has asked the operator first.

        After a critical alarm the controller is reset first, as it demands.

        Raises
        ------
        Rejected
            The controller has no homing, or the stage is in motion.
        """
        called = self._stops.called
        link = self._require_standing("home")
        if not self.caps.can_home:
            raise Rejected(
                self.name,
                "home",
                "homing is switched off in the controller ($22)",
                "Fit limit switches and switch homing on.",
            )
        end_critical_alarm(link, self._watch)
        watch = self._watch
        move = WatchedMove(
            self.name, "home", target_um={}, tolerance_um={}, braking_s=0.0, stop=self.stop
        )
        move.may_yet_begin = True

        def claim() -> None:
            with watch.changed:
                self._require_standing("home", since=called)
                watch.referenced = False
                watch.move = watch.homing = move

        def answered(exchange: Exchange) -> None:
            watch.on_homing_answered(exchange)
            self._look_again()

        try:
            link.begin(HOME, guard=claim, on_verdict=answered)
        except DeviceError as error:
            move.end(error)
            raise
        else:
            with self._stops.counting:
                move.may_yet_begin = self._stops.called != called
            if move.may_yet_begin:
                # The reset of that stop may have overtaken the line: then the homing begins now.
                self.stop()
                move.end_stopped()
        finally:
            move.may_yet_begin = False
        return move

    def move_to(
        self,
        *,
        x_um: float | None = None,
        y_um: float | None = None,
        z_um: float | None = None,
        speed_um_per_s: float | None = None,
    ) -> Move:
        """Move to an absolute position, in a straight line; see `drivers.stage.Stage.move_to`."""
        return self._jog(targets_um(x_um, y_um, z_um), speed_um_per_s)

    def sweep_z(self, to_um: float, speed_um_per_s: float) -> Move:
        """Run along z at constant speed; see `drivers.stage.Stage.sweep_z`."""
        return self._jog({"z": to_um}, speed_um_per_s)

    def stop(self) -> StopReport:
        """Halt all motion at once; see `drivers.stage.Stage.stop`.

        Escalates from a jog cancel over a feed hold to a reset; a homing can only be reset. After
        a reset the position is lost: `state` says so, and the stage has to be homed.
        """
        called_ns = time.monotonic_ns()
        link, watch = self._link, self._watch
        if link is None:
            raise self._not_connected("stop")
        with self._stops.stopping():
            on_wire_ns = link.send_now(JOG_CANCEL)
            with watch.changed:
                move = watch.move
                homing = watch.phase() is StagePhase.HOMING
            rest = bring_to_rest(
                link,
                watch.sample_of,
                lambda: reset(link, watch),
                homing=homing,
                braking_s=braking_s(move, self._caps),
            )
            if move is not None and not move.may_yet_begin:
                move.end_stopped()
        return StopReport(called_ns, on_wire_ns, rest.t_halted_ns, rest.position, rest.attempts)

    def position(self) -> PositionSample:
        """Ask the controller where the stage is now.

        Raises
        ------
        ReplyTimeout
            It does not say; it never does while it homes.
        ConnectionLost
            The port is gone.
        """
        link = self._require_link("read the position")
        sample = self._watch.sample_of(link.ask())
        if sample is None:
            raise BadReply(
                self.name,
                "read the position",
                "work coordinates without their offset",
                "Try again.",
            )
        return sample

    def subscribe(self, listener: Callable[[PositionSample], None]) -> Callable[[], None]:
        """Call ``listener`` with each position; see `drivers.stage.Stage.subscribe`."""
        return self._listeners.add(listener)

    def unlock(self) -> None:
        """End an alarm without homing (``$X``), on the operator's explicit wish only.

        The operator has looked at the stage. The position stays unknown, so that the next thing
        to do is still `home`.

        Raises
        ------
        Rejected
            The controller insists on homing, or the stage is in motion.
        """
        link = self._require_standing("unlock")
        end_critical_alarm(link, self._watch)
        link.command(UNLOCK)
        with self._watch.changed:
            self._watch.trouble = None
        self.position()

    def _jog(self, targets: Mapping[AxisName, float], speed_um_per_s: float | None) -> Move:
        called = self._stops.called
        attempted = in_words(targets)
        link = self._require_ready(attempted)
        watch = self._watch
        here = self.position()
        jog = plan_jog(
            self.name,
            self._settings,
            self.caps,
            (here.x_um, here.y_um, here.z_um),
            targets,
            speed_um_per_s,
        )
        move = WatchedMove(
            self.name,
            attempted,
            target_um=jog.target_um,
            tolerance_um=arrival_tolerance_um(self._settings, self.controller.numbers),
            braking_s=jog.braking_s,
            stop=self.stop,
        )

        def claim() -> None:
            with watch.changed:
                self._require_ready(attempted, since=called)
                watch.move = move

        try:
            link.command(jog.line, guard=claim)
        except ReplyTimeout as error:
            # Perhaps only the answer got lost and the stage moves.
            self.stop()
            move.end(error)
            raise
        except DeviceError as error:
            move.end(error)
            obstacle = watch.obstacle(attempted)
            if obstacle is not None:
                raise obstacle from error
            raise
        move.accepted_ns = time.monotonic_ns()
        self._look_again()
        if self._stops.called != called:
            # That stop may have overtaken the line: a jog cancel does nothing before the jog runs.
            link.send_now(JOG_CANCEL)
        return move

    def _look_again(self) -> None:
        """Ask for the status at once: something has begun or ended."""
        poller = self._poller
        if poller is not None:
            poller.wake()

    def _phase(self) -> StagePhase:
        if self._link is None:
            return StagePhase.DISCONNECTED
        phase = self._watch.phase()
        return StagePhase.STOPPING if self._stops.running and not self._watch.lost else phase

    def _not_connected(self, attempted: str) -> ConnectionLost:
        return ConnectionLost(self.name, attempted, "not connected", "Connect the stage first.")

    def _require_link(self, attempted: str) -> GrblLink:
        if self._watch.lost is not None:
            raise self._watch.lost.again()
        if self._link is None:
            raise self._not_connected(attempted)
        return self._link

    def _require_standing(self, attempted: str, since: int | None = None) -> GrblLink:
        """Return the link if a motion may begin and no STOP was called after ``since``."""
        link = self._require_link(attempted)
        if since is not None and self._stops.called != since:
            raise MoveStopped(self.name, attempted, "STOP was called before it began")
        phase = self._phase()
        if phase in _IN_MOTION:
            raise Rejected(
                self.name, attempted, f"the stage is {phase.value}", "Wait for it, or press STOP."
            )
        return link

    def _require_ready(self, attempted: str, since: int | None = None) -> GrblLink:
        """Return the link if the stage may be sent to an absolute position."""
        link = self._require_standing(attempted, since)
        obstacle = self._watch.obstacle(attempted)
        if obstacle is not None:
            raise obstacle
        return link

    def _release(self) -> None:
        link, self._link = self._link, None
        poller, self._poller = self._poller, None
        if link is not None:
            link.close()
        if poller is not None:
            poller.close()
