"""An XYZ stage on a controller that answers requests, whatever its words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

from drivers.errors import (
    Alarm,
    BadReply,
    ConnectionLost,
    DeviceError,
    MoveStopped,
    Rejected,
    ReplyTimeout,
)
from drivers.position_listeners import PositionListeners
from drivers.rest import await_rest
from drivers.serial_stage.conversation import TURN_S, Conversation
from drivers.serial_stage.dialect import Dialect, T, Talk
from drivers.serial_stage.greet import identify, read_back_hz
from drivers.serial_stage.path import plan_path
from drivers.serial_stage.poll import Poller
from drivers.serial_stage.settings import StageSettings
from drivers.serial_stage.watch import StageWatch
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
from drivers.watched_move import WatchedMove, braking_s

RESEND_S: Final = 0.15
"""A stop that took effect shows in the status well before this, once the braking is over."""
ESCALATE_S: Final = 0.3
"""How long each kind of stop is tried before the next, harder one."""
LOOK_S: Final = 0.3
SETTLE_S: Final = 0.25
"""Busy flags rise late, and drop and rise again: Micro-Manager waits 0.1 s (issue 1577)."""
SPEED_TOLERANCE: Final = 0.02
"""How far a sweep's read-back speed may be from the one asked for, as a share of it."""
ARRIVAL_STEPS: Final = 3
ARRIVAL_UM: Final = 0.5
"""Closed loops end a move within their own tolerance; sweeps and autofocus read the position."""
_IN_MOTION: Final = (StagePhase.MOVING, StagePhase.HOMING, StagePhase.STOPPING)


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
        self._watch = StageWatch(self.name, self._listeners.put)
        self._conversation: Conversation | None = None
        self._poller: Poller | None = None
        self._caps: StageCaps | None = None
        self._lifecycle = threading.Lock()
        # The latch has a lock of its own, so that STOP waits for nothing.
        self._latch = threading.Lock()
        self._stops_running = 0
        self._stops_called = 0

    @property
    def name(self) -> str:
        """The device as errors and the window name it."""
        return f"stage {self._identity} on {self._settings.url}"

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
            settings, dialect = self._settings, self._dialect
            self._identity = dialect.kind
            watch = self._watch = StageWatch(self.name, self._listeners.put)
            conversation = Conversation(
                self.name,
                settings.url,
                settings.baud or dialect.framing.baud,
                dialect.framing,
                dtr=settings.dtr,
                refusal=dialect.refusal,
                on_unasked=self._on_unasked,
                on_lost=watch.on_lost,
            )
            conversation.open()
            self._conversation = conversation
            try:
                self._identity = identify(conversation, dialect, settings.connect_timeout_s)
                conversation.device = watch.device = self.name
                with conversation.turn() as talk:
                    caps = dialect.read_caps(talk)
                watch.can_home = caps.can_home
                self._caps = caps
                if self._look().moving:
                    self.stop()
                poll_hz = read_back_hz(self._look, caps.poll_hz)
                self._caps = replace(caps, poll_hz=poll_hz)
            except BaseException:
                self._release()
                raise
            self._poller = Poller(
                self.name,
                look=self._look,
                moves=lambda: watch.phase() in _IN_MOTION,
                give_up=self._give_up,
                listeners=self._listeners,
                moving_hz=poll_hz,
            )
            self._poller.start()

    def close(self) -> None:
        """Stop any motion and release the port; harmless when not connected."""
        with self._lifecycle:
            conversation, phase = self._conversation, self.state().phase
            # The port goes away whether or not the stop could be seen to work.
            with suppress(DeviceError):
                if phase in _IN_MOTION or (conversation is not None and self._stops_running):
                    # Not even a stop that runs already may be cut short.
                    self.stop()
                elif conversation is not None and phase is StagePhase.DISCONNECTED:
                    # Given up on because it fell silent; it may still move, and listen.
                    conversation.send_now(self._dialect.stop_bytes[0])
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

        Raises
        ------
        Rejected
            The controller has no homing, or the stage is in motion.
        """
        called = self._stops_called
        self._require_standing("home")
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
            self._watch.begin_homing(move)

        self._begin(move, called, claim, self._dialect.begin_home)
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
        wishes: dict[AxisName, float | None] = {"x": x_um, "y": y_um, "z": z_um}
        targets = {axis: wish for axis, wish in wishes.items() if wish is not None}
        if not targets:
            raise ValueError("move_to needs at least one axis")
        return self._run(targets, speed_um_per_s, exactly=False)

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
        conversation, watch = self._conversation, self._watch
        if conversation is None:
            raise self._not_connected("stop")
        with self._latch:
            self._stops_called += 1
            self._stops_running += 1
        try:
            on_wire_ns = conversation.send_now(self._dialect.stop_bytes[0])
            with watch.changed:
                move = watch.move
            rest = await_rest(
                self.name,
                lambda: self._look_after(on_wire_ns),
                self._press_again,
                again_after_s=RESEND_S,
                attempts=1,
                braking_s=braking_s(move, self._caps),
            )
            if move is not None:
                move.end_stopped()
        finally:
            with self._latch:
                self._stops_running -= 1
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
        self._require_conversation("read the position")
        return self._look()

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
        conversation = self._require_standing("unlock")
        with conversation.turn() as talk:
            self._dialect.clear_alarm(talk)
        self._watch.forgive()
        self._look()

    def _run(
        self, targets: Mapping[AxisName, float], speed_um_per_s: float | None, *, exactly: bool
    ) -> Move:
        called = self._stops_called
        attempted = "move " + ", ".join(f"{axis} to {um:g} µm" for axis, um in targets.items())
        self._require_ready(attempted)
        path = plan_path(self.name, self.caps, self._look(), targets, speed_um_per_s)
        wanted = path.speed_um_per_s
        move = self._watched(attempted, targets, path.braking_s(wanted))
        watch = self._watch

        def claim() -> None:
            with watch.changed:
                self._require_ready(attempted, since=called)
                watch.move = move

        kept = self._begin(
            move, called, claim, lambda talk: self._dialect.begin_move(talk, targets, wanted)
        )
        move.braking_s = path.braking_s(kept)
        if exactly and abs(kept - wanted) > SPEED_TOLERANCE * wanted:
            self.stop()
            raise Rejected(
                self.name,
                f"{attempted} at {wanted:g} µm/s",
                f"the controller reads back {kept:.4g} µm/s; the stage has been stopped",
                f"Sweep at {kept:.4g} µm/s, or with another distance between the frames.",
            )
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
        move: WatchedMove,
        called: int,
        claim: Callable[[], None],
        send: Callable[[Talk], T],
    ) -> T:
        """Send the requests of a motion, none of which passes a STOP on its way to the wire."""
        conversation = self._require_conversation(move.attempted)
        claimed = False

        def guard() -> None:
            nonlocal claimed
            if not claimed:
                claim()
                claimed = True
            elif self._stops_called != called:
                raise self._stopped_before(move.attempted)

        try:
            with conversation.turn(guard=guard) as talk:
                result = send(talk)
        except DeviceError as error:
            move.end(error)
            if claimed and not isinstance(error, ConnectionLost | MoveStopped):
                # Perhaps only an answer got lost, or one axis of several was refused.
                self.stop()
            obstacle = self._watch.obstacle(move.attempted)
            if claimed and isinstance(obstacle, Alarm):
                raise obstacle from error
            raise
        move.accepted_ns = time.monotonic_ns()
        self._look_again()
        if self._stops_called != called:
            # That stop may have been executed before the request that it followed on the wire.
            conversation.send_now(self._dialect.stop_bytes[0])
        return result

    def _look(self, longest_s: float | None = None, within_s: float = TURN_S) -> PositionSample:
        """Ask for the status and take it in."""
        conversation, watch = self._conversation, self._watch
        if conversation is None:
            raise self._not_connected("read the position")
        with conversation.turn(longest_s=longest_s, within_s=within_s) as talk:
            # An answer may be that to an earlier question: only its time bounds the answer's age.
            asked_ns = conversation.owed_since_ns or time.monotonic_ns()
            status = self._dialect.read_status(talk)
            before = watch.trouble
            sample = watch.on_status(status, asked_ns, conversation.answered_ns)
        if before is None and watch.trouble is not None and sample.moving:
            conversation.send_now(self._dialect.stop_bytes[0])
        return sample

    def _look_after(self, t_ns: int) -> PositionSample | None:
        try:
            sample = self._look(LOOK_S, LOOK_S)
        except (ReplyTimeout, BadReply, Rejected):
            return None
        return sample if sample.t_asked_ns > t_ns else None

    def _press_again(self, overdue_s: float) -> float:
        if self._conversation is None:
            raise self._not_connected("stop")
        stops = self._dialect.stop_bytes
        level = min(max(0, int(overdue_s / ESCALATE_S)), len(stops) - 1)
        self._conversation.send_now(stops[level])
        return RESEND_S

    def _on_unasked(self, text: str) -> None:
        notice, conversation = self._dialect.notice(text), self._conversation
        if notice is None or not self._watch.on_notice(notice):
            return
        if conversation is not None:
            # A lost port is reported by the reader.
            with suppress(ConnectionLost):
                conversation.send_now(self._dialect.stop_bytes[0])
        self._look_again()

    def _give_up(self, error: Exception) -> None:
        # It may still listen: whatever moves unwatched shall stop.
        with suppress(ConnectionLost):
            self._press_again(0.0)
        attempted = error.attempted if isinstance(error, DeviceError) else "read the position"
        answer = error.answer if isinstance(error, DeviceError) else repr(error)
        self._watch.on_lost(
            ConnectionLost(
                self.name,
                attempted,
                f"no position three times in a row: {answer}",
                "Check the cable and the power, then connect again.",
            )
        )

    def _look_again(self) -> None:
        """Ask for the status at once: something has begun or ended."""
        poller = self._poller
        if poller is not None:
            poller.wake()

    def _phase(self) -> StagePhase:
        if self._conversation is None:
            return StagePhase.DISCONNECTED
        phase = self._watch.phase()
        return StagePhase.STOPPING if self._stops_running and not self._watch.lost else phase

    def _not_connected(self, attempted: str) -> ConnectionLost:
        return ConnectionLost(self.name, attempted, "not connected", "Connect the stage first.")

    def _stopped_before(self, attempted: str) -> MoveStopped:
        return MoveStopped(self.name, attempted, "STOP was called before it began")

    def _require_conversation(self, attempted: str) -> Conversation:
        if self._watch.lost is not None:
            raise self._watch.lost
        if self._conversation is None:
            raise self._not_connected(attempted)
        return self._conversation

    def _require_standing(self, attempted: str, since: int | None = None) -> Conversation:
        """Return the conversation if a motion may begin and no STOP was called after ``since``."""
        conversation = self._require_conversation(attempted)
        if since is not None and self._stops_called != since:
            raise self._stopped_before(attempted)
        phase = self._phase()
        if phase in _IN_MOTION:
            raise Rejected(
                self.name, attempted, f"the stage is {phase.value}", "Wait for it, or press STOP."
            )
        return conversation

    def _require_ready(self, attempted: str, since: int | None = None) -> None:
        """Raise unless the stage may be sent to an absolute position."""
        self._require_standing(attempted, since)
        obstacle = self._watch.obstacle(attempted)
        if obstacle is not None:
            raise obstacle

    def _release(self) -> None:
        conversation, self._conversation = self._conversation, None
        poller, self._poller = self._poller, None
        if conversation is not None:
            conversation.close()
        if poller is not None:
            poller.close()


def _tolerance_um(axis: AxisCaps) -> float:
    """How far from its target an axis may come to rest and still have arrived."""
    return max(ARRIVAL_STEPS * axis.resolution_um, ARRIVAL_UM)
