"""What the operator can do with a microscope; knows no Qt and never makes the window wait."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.captures.companion import load_writer
from app.window.camera_tap import CameraTap
from app.window.camera_work import CameraWork
from app.window.capture_progress import CaptureProgress
from app.window.capture_work import CaptureWork, Run
from app.window.control_state import (
    Closed,
    ControlEvent,
    ControlState,
    Link,
    Notice,
    StopDone,
)
from app.window.fusion_pictures import FusionPictures
from app.window.garbage import set_aside
from app.window.jog import Point
from app.window.jogger import Jogger
from app.window.label_work import LabelWork
from app.window.latest import Latest
from app.window.live_feed import LiveFeed
from app.window.scan_control import ScanControl
from app.window.shared_control import SharedControl
from app.window.snapshot_picture import png_with_scale
from app.window.stage_work import StageWork
from app.window.stopper import Stopper
from app.window.sweep_work import SweepWork
from app.window.task_thread import TaskThread
from app.window.trouble import describe, stage_trouble
from drivers.camera import Frame
from drivers.errors import DeviceError, MoveStopped
from drivers.stage import StagePhase, StageState

if TYPE_CHECKING:
    from app.acquisition.microscope import Microscope

log = logging.getLogger(__name__)

HOMING_TIMEOUT_S: Final = 120.0


class MicroscopeControl:
    """One microscope in the operator's hands.

    Commands return at once; what comes of them is told from whatever thread it happens on.

    Parameters
    ----------
    make : callable
        Makes the microscope; called on a worker thread, for every attempt to connect.
    captures : Path
        The captures folder.
    tell : callable
        Gets every `ControlEvent`; must return at once.
    settings : Path, optional
        Where stored positions and presets are kept; None: they hold for this run.
    """

    def __init__(
        self,
        make: Callable[[], Microscope],
        captures: Path,
        tell: Callable[[ControlEvent], None],
        settings: Path | None = None,
    ) -> None:
        self.live = LiveFeed()
        self._make = make
        self._captures = captures
        self._tell = tell
        self._state = ControlState()
        self._changing = threading.Lock()
        self._microscope: Microscope | None = None
        self._stage_was_well = False
        self._stops = 0
        self._tasks = TaskThread("microscope", lambda error: self._report(error, "The program"))
        self._stopper = Stopper(self._halt)
        self._jogger = Jogger(self._tasks, lambda text: tell(Notice(text)), self._report)
        shared = SharedControl(
            submit=self._tasks.submit,
            microscope=lambda: self._microscope,
            state=lambda: self._state,
            change=self._change,
            notice=lambda text: tell(Notice(text)),
            report=self._report,
        )
        self.camera = CameraWork(shared, self.live, captures, png_with_scale, self._start_live)
        self.stage = StageWork(shared, self._jogger, settings)
        self.sweep = SweepWork(shared, self.camera, self.stage, captures)
        self.labels = LabelWork(shared, self.stage)
        self.runs = CaptureWork(
            shared, self.camera, self.sweep, self.labels, captures, tell, lambda: self._stops
        )
        self.scan = ScanControl(shared, self.runs, self.stage, self.labels, captures, tell)

    @property
    def state(self) -> ControlState:
        """The present state."""
        return self._state

    def stage_state(self) -> StageState | None:
        """Return what is known about the stage, without asking it."""
        return self._microscope.stage.state() if self._microscope is not None else None

    def connect(self) -> None:
        """Connect, once more if need be; a simulated stage is homed too."""
        self._change(link=Link.CONNECTING)
        asked = self._stops
        self._tasks.submit(lambda: self._connect(asked))
        threading.Thread(target=_load_network, name="load network", daemon=True).start()
        threading.Thread(target=self._recover, name="recover", daemon=True).start()

    def use(self, make: Callable[[], Microscope]) -> None:
        """Work with another microscope from now on."""
        self._make = make
        self.connect()

    def let_go(self, timeout_s: float) -> None:
        """Give the microscope back, so that others can have its ports; not for the window's thread.

        Raises
        ------
        TimeoutError
            It was still in use after the time-out.
        """
        released = threading.Event()

        def release() -> None:
            self._release()
            self._change(link=Link.LOST)
            released.set()

        self._tasks.submit(release)
        if not released.wait(timeout_s):
            raise TimeoutError("the microscope is in use: end the capture first")

    def home(self) -> None:
        """Home the stage; the operator has been asked."""
        asked = self._stops

        def home() -> None:
            self._change(link=Link.HOMING)
            self._home(asked)
            self._change(link=Link.READY)

        self._tasks.submit(home)

    def move_by(self, step: Point, *, repeated: bool = False) -> None:
        """Move a step.

        Parameters
        ----------
        step : Point
        repeated : bool
            Whether a held key or button asks: then steps do not pile up.
        """
        microscope = self._microscope
        if microscope is None or self._state.link is not Link.READY or self._state.capturing:
            return
        self._jogger.move_by(microscope.stage, step, repeated=repeated)

    def stop(self) -> None:
        """Halt all motion now, whatever else is going on."""
        self._stops += 1
        self._jogger.forget()
        self._stopper.stop()

    @property
    def growth(self) -> Latest[FusionPictures]:
        """The newest pictures of the fusion under way."""
        return self.runs.growth

    @property
    def progress(self) -> CaptureProgress:
        """How far the capture is, or in a scan that of the present field."""
        return self.runs.progress

    def capture(self) -> None:
        """Focus, sweep and fuse."""
        self.runs.capture(self.stage_state())

    def check_stage(self) -> None:
        """Notice that the stage went away or stopped itself while nobody asked it anything."""
        stage = self.stage_state()
        if stage is None or self._state.link not in (Link.READY, Link.LOST):
            return
        well = stage.phase not in (StagePhase.DISCONNECTED, StagePhase.ALARM)
        if self._stage_was_well and not well and not self._state.capturing:
            self._tell(stage_trouble(stage))
        self._stage_was_well = well

    def close(self, timeout_s: float) -> None:
        """Stop the stage, keep what was captured, and shut everything down; returns at once.

        `Closed` is told when it is done, at the latest after the time-out.
        """
        self._change(link=Link.CLOSING)
        self._stops += 1
        self._jogger.forget()
        threading.Thread(
            target=self._close, args=(timeout_s,), name="shut down", daemon=True
        ).start()

    def _close(self, timeout_s: float) -> None:
        self._halt()
        self._tasks.submit(self._release)
        self._tasks.close(timeout_s)
        self._stopper.close(1.0)
        self.live.close(1.0)
        self._tell(Closed())

    def _connect(self, stops: int) -> None:
        self._release()
        try:
            microscope = self._make()
            self._change(
                microscope=microscope.profile.name,
                objective=microscope.objective.name,
            )
            microscope.connect()
        except Exception as error:  # noqa: BLE001 - shown; the window stays and can try again
            self._change(link=Link.LOST)
            self._report(error, "Connecting")
            return
        microscope.camera = CameraTap(microscope.camera, self.live.put)
        self.live.bits = microscope.camera.caps.bits
        self._microscope = microscope
        self._change(
            profile=microscope.profile,
            pixel_um=microscope.pixel_um,
            depth_of_field_um=microscope.depth_of_field_um,
            caps=microscope.stage.caps,
        )
        self.camera.show()
        self.stage.read_settings()
        self.sweep.look_at_disk()
        self.scan.look_for_unfinished()
        self._start_live()
        if microscope.profile.is_simulated:
            self._change(link=Link.HOMING)
            self._home(stops)
            self._go_to_middle(microscope, stops)
        load_writer()
        set_aside()
        self._change(link=Link.READY)
        self._stage_was_well = True

    def _recover(self) -> None:
        """Make whole what an earlier run of the program left when it died."""
        from app.acquisition.recovery import recover_all

        for recovery in recover_all(self._captures):
            self._tell(Notice(f"An interrupted capture was recovered: {recovery}"))

    def _home(self, stops: int) -> None:
        """Home, unless STOP was pressed since it was asked for."""
        microscope = self._microscope
        if microscope is None or self._stops != stops:
            return
        try:
            move = microscope.stage.home()
            if self._stops != stops:
                # That STOP may have been over before the homing began.
                microscope.stage.stop()
            move.wait(HOMING_TIMEOUT_S)
        except MoveStopped:
            self._tell(Notice("Homing was stopped: home again before moving."))
        except DeviceError as error:
            self._report(error, "Homing")

    def _go_to_middle(self, microscope: Microscope, stops: int) -> None:
        """Leave the corner where the switches are: the simulated slide lies in the middle."""
        stage = microscope.stage
        if self._stops != stops or not stage.state().referenced:
            return
        middles = [(axis.lower_um + axis.upper_um) / 2 for axis in (stage.caps.x, stage.caps.y)]
        z_um = (stage.caps.z.lower_um + stage.caps.z.upper_um) / 2
        try:
            move = stage.move_to(x_um=middles[0], y_um=middles[1], z_um=z_um)
            if self._stops != stops:
                stage.stop()
            move.wait(HOMING_TIMEOUT_S)
        except MoveStopped:
            self._tell(Notice("Stopped on the way to the middle of the slide."))
        except DeviceError as error:
            self._report(error, "Moving to the middle of the slide")

    def _start_live(self) -> None:
        if self._microscope is None:
            return
        try:
            self._microscope.camera.start(_unseen, every_frame=False)
        except DeviceError as error:
            self._report(error, "The live picture")

    def _halt(self) -> None:
        microscope, run = self._microscope, self.runs.run
        if microscope is None:
            return
        if run is not None:
            # Beside the stop, not before it: the stage must not wait for anything.
            threading.Thread(target=self._cancel, args=(run,), name="cancel", daemon=True).start()
        try:
            report = microscope.stage.stop()
        except DeviceError as error:
            self._report(error, "STOP")
            return
        self._tell(StopDone(report))

    def _cancel(self, run: Run) -> None:
        try:
            run.cancel()
        except DeviceError as error:
            self._report(error, "Cancelling the capture")

    def _release(self) -> None:
        microscope = self._microscope
        if microscope is None:
            return
        try:
            microscope.close()
        except DeviceError as error:
            self._report(error, "Disconnecting")
        finally:
            # Not before: until it is released, STOP has to reach it.
            self._microscope = None

    def _change(self, **changes: Any) -> None:  # noqa: ANN401 - fields of ControlState
        with self._changing:
            if self._state.link is Link.CLOSING:
                changes.pop("link", None)
            self._state = replace(self._state, **changes)
            state = self._state
        if "link" in changes:
            log.info("microscope %s: %s", state.microscope or "not known yet", state.link.value)
        if "capturing" in changes:
            log.info("capture: %s", "under way" if state.capturing else "over")
        self._tell(state)

    def _report(self, error: Exception, attempted: str) -> None:
        self._tell(describe(error, attempted, self.stage_state()))


def _load_network() -> None:
    """Import what takes seconds, so that the first capture does not have to wait for it."""
    import app.acquisition.capture_run  # noqa: F401


def _unseen(_frame: Frame) -> None:
    """Nobody but the live picture wants the frame."""
