"""Captures one field, or does another run that needs the microscope for itself; knows no Qt."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.acquisition.events import CaptureEvent, Finished, FusionGrew
from app.window.camera_work import CameraWork
from app.window.capture_progress import CaptureProgress
from app.window.control_state import ControlEvent, Link
from app.window.fusion_pictures import FusionPictures, pictures_of
from app.window.label_work import LabelWork
from app.window.latest import Latest
from app.window.shared_control import SharedControl
from app.window.sweep_work import SweepWork
from drivers.stage import StageState

if TYPE_CHECKING:
    from app.acquisition.microscope import Microscope
    from app.acquisition.slide_scan import ScanFinished
    from models.wearif.model import StreamingWearIF


class Run(Protocol):
    """Has the microscope to itself until it ends or is cancelled."""

    def cancel(self) -> None:
        """Stop the stage at once, from any thread; what was captured is kept."""
        ...

    def run(self) -> Finished | ScanFinished:
        """Do it all, on the caller's thread; a failure is in what is returned."""
        ...


MakeRun = Callable[["Microscope", "StreamingWearIF"], Run]
Over = Callable[["Finished | ScanFinished | None"], None]


class CaptureWork:
    """Starts runs, one at a time, and knows how far they are.

    Parameters
    ----------
    shared : SharedControl
    camera : CameraWork
        Shows the live picture again when a run is over.
    sweep : SweepWork
        Knows what is to be swept.
    labels : LabelWork
        Knows what the capture is of.
    captures : Path
        The captures folder.
    tell : callable
        Gets what a run has come to.
    stops : callable
        Returns how often STOP has been pressed: a run that has not begun then does not begin.
    """

    def __init__(
        self,
        shared: SharedControl,
        camera: CameraWork,
        sweep: SweepWork,
        labels: LabelWork,
        captures: Path,
        tell: Callable[[ControlEvent], None],
        stops: Callable[[], int],
    ) -> None:
        self.growth: Latest[FusionPictures] = Latest()
        self.newest: FusionPictures | None = None
        """What `growth` held last, for a second reader."""
        self.progress = CaptureProgress()
        self.run: Run | None = None
        """What is under way; whoever stops the stage cancels it."""
        self._shared = shared
        self._camera = camera
        self._sweep = sweep
        self._labels = labels
        self._captures = captures
        self._tell = tell
        self._stops = stops

    def capture(self, stage: StageState | None) -> None:
        """Focus, sweep and fuse; returns at once."""
        state = self._shared.state()
        if state.link is not Link.READY or state.capturing:
            return
        preview = self._sweep.preview(stage)
        if preview.plan is None and not preview.estimated:
            self._shared.notice(preview.reason)
            return
        self.begin(
            self._one_field,
            self._captured,
            lambda error: self._shared.report(error, "Capture"),
        )

    def begin(
        self,
        make: MakeRun,
        over: Over,
        report: Callable[[Exception], None],
    ) -> None:
        """Begin a run on the thread that may ask the hardware; returns at once.

        Parameters
        ----------
        make : callable
            Makes the run, on that thread.
        over : callable
            Gets what it has come to, on that thread; None where it was never begun.
        report : callable
            Gets what went wrong, on that thread.
        """
        self.forget_progress()
        self._shared.change(capturing=True)
        asked = self._stops()
        self._shared.submit(lambda: self._perform(make, over, report, asked))

    def on_event(self, event: CaptureEvent) -> None:
        """Take down how far a capture is; from the run's own threads."""
        self.progress = self.progress.after(event, time.monotonic())
        plan = self.progress.plan
        if isinstance(event, FusionGrew) and plan is not None:
            self.newest = pictures_of(event.growth, plan, self._camera.bits)
            self.growth.put(self.newest)

    def forget_progress(self) -> None:
        """Start to count anew."""
        self.progress, self.newest = CaptureProgress(), None
        self.growth.take()

    def _perform(
        self,
        make: MakeRun,
        over: Over,
        report: Callable[[Exception], None],
        stops: int,
    ) -> None:
        from models.wearif.weights import load_model

        microscope, finished = self._shared.microscope(), None
        if microscope is None or self._shared.state().link is not Link.READY:
            self._shared.change(capturing=False)
            over(None)
            return
        try:
            microscope.camera.stop()
            self.run = make(microscope, load_model())
            if self._stops() == stops:
                finished = self.run.run()
        except Exception as error:  # noqa: BLE001 - shown in the error bar
            report(error)
        finally:
            self.run = None
            self._shared.change(capturing=False)
        if finished is not None and finished.error is not None:
            report(finished.error)
        over(finished)
        if self._shared.state().link is Link.READY:
            self._camera.show()
            self._sweep.look_at_disk()
            self._camera.restart()

    def _one_field(self, microscope: Microscope, model: StreamingWearIF) -> Run:
        from app.acquisition.capture_run import CaptureRun

        z_um = microscope.stage.position().z_um
        return CaptureRun(
            microscope,
            self._captures,
            self.on_event,
            model=model,
            z_range_um=self._shared.state().z_range.span_um(z_um),
            labels=self._labels.labels,
        )

    def _captured(self, finished: Finished | ScanFinished | None) -> None:
        if not isinstance(finished, Finished):
            return
        if finished.folder is not None:
            self._labels.used()
        self._tell(finished)
