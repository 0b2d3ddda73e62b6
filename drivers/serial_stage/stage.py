"""An XYZ stage on a controller that answers requests, whatever its words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

from drivers.errors import Alarm, ConnectionLost, DeviceError, MoveStopped, Rejected
from drivers.position_listeners import PositionListeners
from drivers.rest import await_rest
from drivers.serial_stage.dialect import Dialect, T, Talk
from drivers.serial_stage.greet import read_back_hz
from drivers.serial_stage.kept_speed import another_speed, same_speed
from drivers.serial_stage.path import plan_path
from drivers.serial_stage.session import IN_MOTION, RESEND_S, Session
from drivers.serial_stage.settings import StageSettings, device_name
from drivers.stage import (
    AxisCaps,
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

SETTLE_S: Final = 0.25
"""Busy flags rise late, and drop and rise again: Micro-Manager waits 0.1 s (issue 1577)."""
ARRIVAL_STEPS: Final = 3
ARRIVAL_UM: Final = 0.5
"""Closed loops end a move within their own tolerance; sweeps and autofocus read the position."""


class SerialStage:
    """A `drivers.stage.Stage` that speaks any `Dialect`.

    Parameters
    ----------
    settings : StageSettings
    dialect : Dialect
    """

    def __init__(self, settings: StageSettings, dialect: Dialect) -> None:
        self._settings = settings
        self._dialect = dialect
        self._listeners = PositionListeners()
        self._identity = dialect.kind
        self._session: Session | None = None
        self._caps: StageCaps | None = None
        self._lifecycle = threading.Lock()
        self._stops = StopLatch()

    @property
    def name(self) -> str:
        """The device as errors and the window name it."""
        return device_name(self._identity, self._settings)

    @property
    def caps(self) -> StageCaps:
        """What the stage can do; valid after `connect`."""
        if self._caps is None:
            raise self._not_connected("read the capabilities")
        return self._caps

    def connect(self) -> None:
        """Open the port, identify the controller, read its limits; nothing moves.

        A motion that a crashed program left behind is stopped.

        Raises
        ------
        ConnectionLost
            The port cannot be opened or nothing answers on it.
        BadReply
            Something else than the expected controller answers; the error quotes it.
        Rejected
            The controller's limits and the profile's do not fit each other.
        """
        with self._lifecycle:
            self._release()
            session = Session(self._settings, self._dialect, self._listeners)
            self._session = session
            try:
                session.open()
                self._identity = session.identity
                with session.conversation.turn() as talk:
                    caps = self._dialect.read_caps(talk)
                self._caps = caps
                session.watch.can_home = caps.can_home
                if session.look().moving:
                    self.stop()
                poll_hz = read_back_hz(session.look, caps.poll_hz)
                self._caps = replace(caps, poll_hz=poll_hz)
            except BaseException:
                self._release()
                raise
            session.start_polling(poll_hz)

    def close(self) -> None:
        """Stop any motion and release the port; harmless when not connected."""
        with self._lifecycle:
            session, phase = self._session, self.state().phase
            # The port goes away whether or not the stop could be seen to work.
            with suppress(DeviceError):
                if phase in IN_MOTION or (session is not None and self._stops.running):
                    # Not even a stop that runs already may be cut short.
                    self.stop()
                elif session is not None and phase is StagePhase.DISCONNECTED:
                    # Given up on because it fell silent; it may still move, and listen.
                    session.press(0)
            self._release()

    def state(self) -> StageState:
        """Return the latest known state without asking the device."""
        session = self._session
        if session is None:
            return StageState(StagePhase.DISCONNECTED, referenced=False, position=None)
        watch = session.watch
        with watch.changed:
            trouble = watch.trouble
            return StageState(
                self._phase(session),
                watch.referenced,
                watch.sample,
                None if trouble is None else trouble.text,
            )

    def home(self) -> Move:
        """Find the reference switches; the caller has asked the operator first.

        Raises
        ------
        Rejected
            The controller has no homing, or the stage is in motion.
        """
        called = self._stops.called
        session = self._require_standing("home")
        if not self.caps.can_home:
            raise Rejected(
                self.name,
                "home",
                "this controller finds no reference by itself",
                "Bring the stage to where it counts from by hand.",
            )
        move = self._watched("home", {}, braking_s(None, self._caps))

        def claim() -> None:
            self._require_standing("home", since=called)
            session.watch.begin_homing(move)

        self._begin(session, move, called, claim, self._dialect.begin_home)
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
        return self._run(targets_um(x_um, y_um, z_um), speed_um_per_s, exactly=False)

    def sweep_z(self, to_um: float, speed_um_per_s: float) -> Move:
        """Run along z at constant speed; see `drivers.stage.Stage.sweep_z`.

        Raises
        ------
        Rejected
            The controller has read back another speed; the stage has been stopped.
        """
        return self._run({"z": to_um}, speed_um_per_s, exactly=True)

    def stop(self) -> StopReport:
        """Halt all motion at once; see `drivers.stage.Stage.stop`.

        Goes from the first of the dialect's stops to the last, as long as the stage moves.
        """
        called_ns = time.monotonic_ns()
        session = self._session
        if session is None:
            raise self._not_connected("stop")
        with self._stops.stopping():
            on_wire_ns = session.press(0)
            move = session.watch.move
            rest = await_rest(
                self.name,
                lambda: session.look_after(on_wire_ns),
                session.press_again,
                again_after_s=RESEND_S,
                attempts=1,
                braking_s=braking_s(move, self._caps),
            )
            if move is not None:
                move.end_stopped()
        return StopReport(called_ns, on_wire_ns, rest.t_halted_ns, rest.position, rest.attempts)

    def position(self) -> PositionSample:
        """Ask the controller where the stage is now.

        Raises
        ------
        ReplyTimeout
            It does not say.
        ConnectionLost
            The port is gone.
        """
        return self._require_session("read the position").look()

    def subscribe(self, listener: Callable[[PositionSample], None]) -> Callable[[], None]:
        """Call ``listener`` with each position; see `drivers.stage.Stage.subscribe`."""
        return self._listeners.add(listener)

    def unlock(self) -> None:
        """End an alarm, on the operator's explicit wish only.

        The operator has looked at the stage. A position that was lost stays so.

        Raises
        ------
        Rejected
            The controller insists on the alarm, or the stage is in motion.
        """
        session = self._require_standing("unlock")
        with session.conversation.turn() as talk:
            self._dialect.clear_alarm(talk)
        session.watch.forgive()
        session.look()

    def _run(
        self, targets: Mapping[AxisName, float], speed_um_per_s: float | None, *, exactly: bool
    ) -> Move:
        called = self._stops.called
        attempted = in_words(targets)
        session = self._require_ready(attempted)
        path = plan_path(self.name, self.caps, session.look(), targets, speed_um_per_s)
        wanted = path.speed_um_per_s
        move = self._watched(attempted, targets, path.braking_s(wanted))

        def claim() -> None:
            with session.watch.changed:
                self._require_ready(attempted, since=called)
                session.watch.move = move

        def send(talk: Talk) -> float:
            return self._dialect.begin_move(talk, targets, wanted)

        kept = self._begin(session, move, called, claim, send)
        move.braking_s = path.braking_s(kept)
        if exactly and not same_speed(kept, wanted):
            self.stop()
            raise another_speed(self.name, attempted, wanted, kept, "the controller")
        return move

    def _watched(
        self, attempted: str, targets: Mapping[AxisName, float], braking_s: float
    ) -> WatchedMove:
        return WatchedMove(
            self.name,
            attempted,
            target_um=dict(targets),
            tolerance_um={axis: _tolerance_um(self.caps.axis(axis)) for axis in targets},
            braking_s=braking_s,
            stop=self.stop,
            settle_s=SETTLE_S,
        )

    def _begin(
        self,
        session: Session,
        move: WatchedMove,
        called: int,
        claim: Callable[[], None],
        send: Callable[[Talk], T],
    ) -> T:
        """Send the requests of a motion, none of which passes a STOP on its way to the wire."""
        claimed = False

        def guard() -> None:
            nonlocal claimed
            if not claimed:
                claim()
                claimed = True
            elif self._stops.called != called:
                raise self._stopped_before(move.attempted)

        try:
            with session.conversation.turn(guard=guard) as talk:
                result = send(talk)
        except DeviceError as error:
            move.end(error)
            if claimed and not isinstance(error, ConnectionLost | MoveStopped):
                # Perhaps only an answer got lost, or one axis of several was refused.
                self.stop()
            obstacle = session.watch.obstacle(move.attempted)
            if claimed and isinstance(obstacle, Alarm):
                raise obstacle from error
            raise
        move.accepted_ns = time.monotonic_ns()
        session.look_again()
        if self._stops.called != called:
            # That stop may have been executed before the request that it followed on the wire.
            session.press(0)
        return result

    def _phase(self, session: Session) -> StagePhase:
        phase = session.watch.phase()
        return StagePhase.STOPPING if self._stops.running and not session.watch.lost else phase

    def _not_connected(self, attempted: str) -> ConnectionLost:
        return ConnectionLost(self.name, attempted, "not connected", "Connect the stage first.")

    def _stopped_before(self, attempted: str) -> MoveStopped:
        return MoveStopped(self.name, attempted, "STOP was called before it began")

    def _require_session(self, attempted: str) -> Session:
        session = self._session
        if session is None:
            raise self._not_connected(attempted)
        if session.watch.lost is not None:
            raise session.watch.lost.again()
        return session

    def _require_standing(self, attempted: str, since: int | None = None) -> Session:
        """Return the session if a motion may begin and no STOP was called after ``since``."""
        session = self._require_session(attempted)
        if since is not None and self._stops.called != since:
            raise self._stopped_before(attempted)
        phase = self._phase(session)
        if phase in IN_MOTION:
            raise Rejected(
                self.name, attempted, f"the stage is {phase.value}", "Wait for it, or press STOP."
            )
        return session

    def _require_ready(self, attempted: str, since: int | None = None) -> Session:
        """Return the session if the stage may be sent to an absolute position."""
        session = self._require_standing(attempted, since)
        obstacle = session.watch.obstacle(attempted)
        if obstacle is not None:
            raise obstacle
        return session

    def _release(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


def _tolerance_um(axis: AxisCaps) -> float:
    """How far from its target an axis may come to rest and still have arrived."""
    return max(ARRIVAL_STEPS * axis.resolution_um, ARRIVAL_UM)
