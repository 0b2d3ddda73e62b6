"""The stages of a Micro-Manager configuration as one XYZ stage."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from drivers.errors import ConnectionLost, DeviceError, MoveStopped, Rejected, ReplyTimeout
from drivers.micromanager_axes import MicroManagerAxes, MicroManagerSettings
from drivers.micromanager_core import MicroManagerCore
from drivers.position_listeners import PositionListeners
from drivers.rest import await_rest
from drivers.serial_stage.kept_speed import another_speed, same_speed
from drivers.serial_stage.path import plan_path
from drivers.serial_stage.poll import Poller
from drivers.serial_stage.watch import StageWatch
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

ARRIVED: Final = 5.0
"""How many resolutions from its target a device counts as there; Micro-Manager does not tell."""
SETTLE_S: Final = 0.25
RESEND_S: Final = 0.2
MOVE_CALL_S: Final = 60.0
"""Some adapters return from a move when it has ended."""
_IN_MOTION: Final = (StagePhase.MOVING, StagePhase.STOPPING)


class MicroManagerStage:
    """A `drivers.stage.Stage` made of Micro-Manager's default focus and XY devices.

    A sweep needs a z device with a property for its speed. Without one this stage moves, and
    refuses to sweep: the frames' places could not be told from one another. Micro-Manager's
    demonstration stage ``DStage`` is one of these; it is at its target at once.

    Parameters
    ----------
    core : MicroManagerCore
    settings : MicroManagerSettings
    """

    def __init__(self, core: MicroManagerCore, settings: MicroManagerSettings) -> None:
        self._core = core
        self._settings = settings
        self._axes: MicroManagerAxes | None = None
        self._listeners = PositionListeners()
        self._watch = StageWatch(self.name, self._listeners.put)
        self._poller: Poller | None = None
        self._caps: StageCaps | None = None
        self._lifecycle = threading.Lock()
        self._stops = StopLatch()

    @property
    def name(self) -> str:
        """The device as errors and the window name it."""
        if self._axes is None:
            return f"stage in {self._core.name}"
        devices = " and ".join(filter(None, (self._axes.z, self._axes.xy)))
        return f"stage {devices} in {self._core.name}"

    @property
    def caps(self) -> StageCaps:
        """What the stage can do; valid after `connect`."""
        if self._caps is None:
            raise self._not_connected("read the capabilities")
        return self._caps

    def connect(self) -> None:
        """Load the configuration and look at its stages; nothing moves.

        Raises
        ------
        ConnectionLost
            The configuration cannot be loaded.
        Rejected
            It has no focus device, or the profile names no limits.
        """
        with self._lifecycle:
            self._release()
            self._core.open()
            try:
                axes = self._core.call(
                    self.name,
                    "look at the stages",
                    lambda core: MicroManagerAxes(core, self.name, self._settings),
                )
                self._axes = axes
                self._caps = self._core.call(self.name, "read the limits", axes.read_caps)
                self._watch = StageWatch(self.name, self._listeners.put)
                self._look()
            except BaseException:
                self._axes = self._caps = None
                self._core.close()
                raise
            self._poller = Poller(
                self.name,
                look=lambda _patience_s: self._look(),
                moves=lambda: self._phase() in _IN_MOTION,
                give_up=self._give_up,
                listeners=self._listeners,
                moving_hz=self._settings.poll_hz,
            )
            self._poller.start()

    def close(self) -> None:
        """Stop any motion and unload the configuration; harmless when not connected."""
        with self._lifecycle:
            # The devices are let go of whether or not the stop could be seen to work.
            with suppress(DeviceError):
                if self._poller is not None and self._phase() in _IN_MOTION:
                    self.stop()
            self._release()

    def state(self) -> StageState:
        """Return the latest known state without asking the device."""
        watch = self._watch
        with watch.changed:
            phase = StagePhase.DISCONNECTED if self._axes is None else self._phase()
            return StageState(phase, watch.referenced, watch.sample)

    def home(self) -> Move:
        """Refuse: homing is left to Micro-Manager, which knows the device."""
        raise Rejected(
            self.name,
            "home",
            "stages behind Micro-Manager are not homed by this program",
            "Home the stage in Micro-Manager, then connect again.",
        )

    def move_to(
        self,
        *,
        x_um: float | None = None,
        y_um: float | None = None,
        z_um: float | None = None,
        speed_um_per_s: float | None = None,
    ) -> Move:
        """Move to an absolute position; see `drivers.stage.Stage.move_to`.

        Z and XY are different devices: where both move the way is no straight line. Only z keeps
        a given speed.
        """
        return self._run(targets_um(x_um, y_um, z_um), speed_um_per_s, exactly=False)

    def sweep_z(self, to_um: float, speed_um_per_s: float) -> Move:
        """Run along z at constant speed; see `drivers.stage.Stage.sweep_z`.

        Raises
        ------
        Rejected
            The speed of the z device cannot be set, or it takes another one.
        """
        axes = self._require_axes("sweep")
        if axes.speed is None:
            raise Rejected(
                self.name,
                f"sweep z to {to_um:g} µm",
                f"{axes.z} has no property that is known to set its speed, so that it cannot run"
                " at a constant one",
                "Name the property in the profile, or drive the stage without Micro-Manager.",
            )
        return self._run({"z": to_um}, speed_um_per_s, exactly=True)

    def stop(self) -> StopReport:
        """Halt all motion at once; see `drivers.stage.Stage.stop`.

        It goes past whatever waits for Micro-Manager, and past a call that hangs.
        """
        called_ns = time.monotonic_ns()
        self._require_axes("stop")
        with self._stops.stopping():
            self._halt()
            on_wire_ns = time.monotonic_ns()
            with self._watch.changed:
                move = self._watch.move
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
        return StopReport(called_ns, on_wire_ns, rest.t_halted_ns, rest.position, rest.attempts)

    def position(self) -> PositionSample:
        """Ask where the stage is now.

        Raises
        ------
        ReplyTimeout, Rejected
            The device does not say.
        """
        return self._look()

    def subscribe(self, listener: Callable[[PositionSample], None]) -> Callable[[], None]:
        """Call ``listener`` with each position; see `drivers.stage.Stage.subscribe`."""
        return self._listeners.add(listener)

    def _run(
        self, targets: Mapping[AxisName, float], speed_um_per_s: float | None, *, exactly: bool
    ) -> Move:
        called = self._stops.called
        attempted = in_words(targets)
        axes = self._require_axes(attempted)
        here = self._look()
        path = plan_path(self.name, self.caps, here, targets, speed_um_per_s)
        wanted = path.speed_um_per_s
        move = self._claim(attempted, targets, path.braking_s(wanted))

        def begin(core: Any) -> float:  # noqa: ANN401
            if self._stops.called != called:
                raise MoveStopped(self.name, attempted, "STOP was called before it began")
            return axes.begin(core, here, targets, wanted)

        try:
            kept = self._core.call(self.name, attempted, begin, timeout_s=MOVE_CALL_S)
        except DeviceError as error:
            move.end(error)
            if not isinstance(error, MoveStopped):
                # One device of two may be on its way.
                self.stop()
            raise
        move.accepted_ns = time.monotonic_ns()
        if self._poller is not None:
            self._poller.wake()
        if self._stops.called != called:
            # That stop may have come while the devices were being set in motion.
            self._halt()
        if exactly and not same_speed(kept, wanted):
            self.stop()
            raise another_speed(self.name, attempted, wanted, kept, axes.z)
        return move

    def _claim(
        self, attempted: str, targets: Mapping[AxisName, float], braking_s: float
    ) -> WatchedMove:
        """Make a move the one under way, unless there is one."""
        move = WatchedMove(
            self.name,
            attempted,
            target_um=dict(targets),
            tolerance_um={name: ARRIVED * self.caps.axis(name).resolution_um for name in targets},
            braking_s=braking_s,
            stop=self.stop,
            settle_s=SETTLE_S,
        )
        watch = self._watch
        with watch.changed:
            if watch.lost is not None:
                raise watch.lost.again()
            if self._phase() is not StagePhase.IDLE:
                raise Rejected(
                    self.name, attempted, "the stage is in motion", "Wait for its end, or stop it."
                )
            watch.move = move
        return move

    def _phase(self) -> StagePhase:
        phase = self._watch.phase()
        return StagePhase.STOPPING if self._stops.running and not self._watch.lost else phase

    def _look(self) -> PositionSample:
        axes, watch = self._require_axes("read the position"), self._watch
        status, asked_ns, answered_ns = self._core.call(self.name, "read the position", axes.read)
        return watch.on_status(status, asked_ns, answered_ns)

    def _look_after(self, t_ns: int) -> PositionSample | None:
        try:
            sample = self._look()
        except (ReplyTimeout, Rejected):
            return None
        return sample if sample.t_asked_ns > t_ns else None

    def _halt(self) -> None:
        axes = self._require_axes("stop")
        # Whether it worked is seen from the positions; it is said once more until it has.
        with suppress(Rejected, ReplyTimeout):
            self._core.call_now(self.name, "stop", axes.halt)

    def _press_again(self, overdue_s: float, attempts: int) -> float:  # noqa: ARG002
        self._halt()
        return RESEND_S

    def _give_up(self, error: Exception) -> None:
        with suppress(DeviceError):
            self._halt()
        answer = error.answer if isinstance(error, DeviceError) else repr(error)
        self._watch.on_lost(
            ConnectionLost(
                self.name,
                "read the position",
                f"no position three times in a row: {answer}",
                "Check the cable and the power, then connect again.",
            )
        )

    def _release(self) -> None:
        poller, self._poller = self._poller, None
        if poller is None:
            return
        poller.close()
        self._watch.on_lost(self._not_connected("move"))
        self._axes = self._caps = None
        self._core.close()

    def _require_axes(self, attempted: str) -> MicroManagerAxes:
        if self._axes is None:
            raise self._not_connected(attempted)
        return self._axes

    def _not_connected(self, attempted: str) -> ConnectionLost:
        return ConnectionLost(self.name, attempted, "the stage is not connected", "Connect it.")
