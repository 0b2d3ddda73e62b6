"""One capture, from focusing to the fused image on disk."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from shutil import disk_usage, rmtree

import psutil

from app.acquisition.autofocus import autofocus
from app.acquisition.events import (
    CaptureEvent,
    Finished,
    Focused,
    FrameRecorded,
    FusionGrew,
    Phase,
    PhaseEntered,
    Planned,
    Ranged,
)
from app.acquisition.field_range import find_range
from app.acquisition.live_fusion import Growth
from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion
from app.acquisition.recorded_sweep import RecordedSweep
from app.acquisition.spare_core import spare_core
from app.acquisition.sweep import approach
from app.acquisition.sweep_plan import SweepPlan
from app.captures.capture import Capture
from app.captures.capture_record import CaptureLabels
from app.captures.layout import capture_name, new_capture_folder
from app.captures.reason import reason
from app.captures.recorder import RESERVE_BYTES
from app.captures.recorder_error import RecorderError
from app.captures.results import write_results
from drivers.camera import Frame
from drivers.errors import DeviceError, MoveStopped
from models.wearif.fusion import Fusion
from models.wearif.model import StreamingWearIF

_log = logging.getLogger(__name__)

Listener = Callable[[CaptureEvent], None]


class CaptureRun:
    """Focuses, plans, sweeps, records, fuses while sweeping, tags and exports.

    AUTOFOCUS (without a given range) → APPROACH → SWEEP → CATCH_UP → EXPORT → DONE, and from each
    of them CANCELLED or FAILED. What was recorded until then is kept, fused and exported.

    Parameters
    ----------
    microscope : Microscope
        Connected, with a referenced stage; nobody else moves it meanwhile.
    captures_root : Path
        The captures folder; the capture becomes a folder in it.
    listener : callable
        Gets the events; see `app.acquisition.events`.
    model : StreamingWearIF
        What fuses.
    z_range_um : tuple of float, optional
        What to sweep; by default from the glass to the top of the thickest particle, as
        `field_range.find_range` finds them.
    search_um : tuple of float, optional
        Where the autofocus looks first; see `autofocus`.
    name : str, optional
        Of the capture's folder; by default the date and time at which it starts.
    labels : CaptureLabels, optional
        What the laboratory says about the capture.
    """

    def __init__(
        self,
        microscope: Microscope,
        captures_root: Path,
        listener: Listener,
        *,
        model: StreamingWearIF,
        z_range_um: tuple[float, float] | None = None,
        search_um: tuple[float, float] | None = None,
        name: str | None = None,
        labels: CaptureLabels | None = None,
    ) -> None:
        self._microscope = microscope
        self._captures_root = captures_root
        self._listener = listener
        self._model = model
        self._z_range_um = z_range_um
        self._search_um = search_um
        self._name = name
        self._labels = labels or CaptureLabels()
        self._motion = Motion(microscope.stage)
        self._announcing = threading.Lock()
        self._phase: Phase | None = None
        self._sweep: RecordedSweep | None = None

    def cancel(self) -> None:
        """Stop the stage at once; from any thread, in any phase.

        What was captured is kept. While frames wait to be fused nothing moves any more, and
        cancelling gives up the fusion.

        Raises
        ------
        ConnectionLost
            The stage could not be seen standing still.
        """
        sweep, phase = self._sweep, self._phase
        if sweep is not None:
            sweep.end_steady()
            if phase is Phase.CATCH_UP:
                sweep.abandon_fusion()
        self._motion.cancel()

    def run(self) -> Finished:
        """Do it all, on the caller's thread.

        Returns
        -------
        Finished
            Also announced as the last event; a failure is in it, not raised.
        """
        settings = self._microscope.camera.settings
        try:
            with spare_core():
                finished = self._capture(self._plan())
        except Exception as error:  # noqa: BLE001 - whatever it is, the last event carries it
            finished = self._finished(None, None, error)
        try:
            self._microscope.camera.configure(settings)
        except DeviceError as error:
            finished = self._finished(finished.folder, finished.fusion, finished.error or error)
        self._enter(finished.phase)
        self._announce(finished)
        return finished

    def _plan(self) -> SweepPlan:
        free_bytes = self._free_bytes()
        z_range_um = self._z_range_um
        if z_range_um is None:
            self._enter(Phase.AUTOFOCUS)
            focus = autofocus(self._microscope, self._motion, self._search_um)
            self._announce(Focused(focus))
            field = find_range(self._microscope, self._motion, focus.best_z_um)
            self._announce(Ranged(field))
            z_range_um = field.bottom_um, field.top_um
        plan = self._microscope.plan_sweep(
            *z_range_um,
            free_bytes=free_bytes,
            free_memory_bytes=psutil.virtual_memory().available,
        )
        self._announce(Planned(plan))
        return plan

    def _free_bytes(self) -> int:
        """Find out that there is nowhere to record to before anything moves."""
        root = self._captures_root
        try:
            root.mkdir(parents=True, exist_ok=True)
            return max(0, disk_usage(root).free - RESERVE_BYTES)
        except OSError as error:
            raise RecorderError(
                f"{root}: cannot be written: {reason(error)}. Choose another folder."
            ) from error

    def _capture(self, plan: SweepPlan) -> Finished:
        self._enter(Phase.APPROACH)
        approach(self._microscope, plan, self._motion)
        folder = new_capture_folder(
            self._captures_root, self._name or capture_name(datetime.now().astimezone())
        )
        sweep = RecordedSweep(
            self._microscope,
            plan,
            folder,
            self._motion,
            self._model,
            labels=self._labels,
            on_recorded=lambda frame, count, lost: self._recorded(plan, frame, count, lost),
            on_grown=self._grew,
        )
        self._sweep = sweep
        self._enter(Phase.SWEEP)
        try:
            error = sweep.run()
        except BaseException as interruption:
            sweep.abandon_fusion()
            sweep.finish(interruption)
            raise
        self._enter(Phase.CATCH_UP)
        try:
            fusion = sweep.finish(error)
        except Exception as second:  # noqa: BLE001 - the frames are kept, the last event tells
            return self._finished(folder, None, error or second)
        if sweep.recorded == 0:
            rmtree(folder)
            return self._finished(None, None, error)
        if fusion is not None:
            self._enter(Phase.EXPORT)
            unwritten = self._export(folder, fusion)
            error = error or unwritten
        return self._finished(folder, fusion, error)

    def _export(self, folder: Path, fusion: Fusion) -> Exception | None:
        try:
            write_results(folder, fusion, Capture(folder))
        except Exception as error:  # noqa: BLE001 - frames and fusion are kept, the last event tells
            return error
        return None

    def _finished(
        self, folder: Path | None, fusion: Fusion | None, error: Exception | None
    ) -> Finished:
        if isinstance(error, MoveStopped) or (error is None and self._motion.cancelled):
            # Asking for it is no error; a stage that stopped on its own account is.
            told = None if self._motion.cancelled else error
            return Finished(Phase.CANCELLED, folder, fusion, told)
        return Finished(Phase.FAILED if error else Phase.DONE, folder, fusion, error)

    def _recorded(self, plan: SweepPlan, frame: Frame, count: int, lost: int) -> None:
        self._announce(FrameRecorded(frame, count, plan.total_frames, lost))

    def _grew(self, growth: Growth) -> None:
        self._announce(FusionGrew(growth))

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self._announce(PhaseEntered(phase))

    def _announce(self, event: CaptureEvent) -> None:
        try:
            with self._announcing:
                self._listener(event)
        except Exception:  # noqa: BLE001 - logged with its trace
            # Whoever watches must not bring down what is watched: a sweep is under way.
            _log.exception("a listener of the capture failed on %s", type(event).__name__)
