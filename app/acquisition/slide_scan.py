"""Captures many fields of a slide by itself, one after the other."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

from app.acquisition.autofocus import AutofocusError
from app.acquisition.capture_run import CaptureRun
from app.acquisition.events import CaptureEvent, Finished, Focused, Phase, Planned
from app.acquisition.fields import Field, check_reachable
from app.acquisition.focus_plane import FocusedField, predict_focus
from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion
from app.acquisition.recorded_sweep import UnfusedError
from app.acquisition.recovery import recover_all
from app.acquisition.scan_events import (
    FieldEntered,
    FieldEvent,
    FieldFinished,
    ScanEvent,
    ScanFinished,
)
from app.acquisition.sweep_plan import PlanError
from app.captures.capture_record import CaptureLabels
from app.captures.layout import SCAN
from app.captures.overview import write_overview
from app.captures.reason import reason
from app.captures.recorder_error import RecorderError
from app.captures.scan_record import FieldState, ScanField, ScanRecord, read_scan, write_scan
from app.captures.stack import StackError
from drivers.errors import MoveStopped
from models.wearif.model import StreamingWearIF

_log = logging.getLogger(__name__)

_FIELD_ERRORS = (AutofocusError, PlanError, UnfusedError)
"""What may be wrong with one field alone; anything else ends the scan."""


def new_scan(
    folder: Path,
    microscope: Microscope,
    fields: Sequence[Field],
    labels: CaptureLabels | None = None,
) -> ScanRecord:
    """Make a scan's folder, with all fields still to be captured.

    Each capture gets the labels, and its field's name as that of the field.

    Raises
    ------
    RecorderError
        The folder exists or cannot be made.
    """
    record = ScanRecord(
        microscope=microscope.profile.name,
        objective=microscope.objective.name,
        pixel_um=microscope.pixel_um,
        rotation_deg=microscope.profile.camera.rotation_deg,
        mirrored=microscope.profile.camera.mirrored,
        fields=tuple(ScanField(name=f.name, x_um=f.x_um, y_um=f.y_um) for f in fields),
        labels=labels or CaptureLabels(),
    )
    try:
        folder.mkdir(parents=True)
        write_scan(folder, record)
    except OSError as error:
        raise RecorderError(f"{folder}: cannot be made: {reason(error)}") from error
    return record


class SlideScan:
    """Goes from field to field; at each it focuses, sweeps, records and fuses.

    What is done is written down after every field, so that a scan that was stopped, or whose
    program died, is taken up where it was by running it once more.

    Parameters
    ----------
    microscope : Microscope
        Connected, with a referenced stage; nobody else moves it meanwhile.
    folder : Path
        Of a scan made by `new_scan`.
    listener : callable
        Gets the events, from the scan's own threads; it must return quickly.
    model : StreamingWearIF
        What fuses.

    Raises
    ------
    StackError
        The folder holds no scan.
    """

    def __init__(
        self,
        microscope: Microscope,
        folder: Path,
        listener: Callable[[ScanEvent], None],
        *,
        model: StreamingWearIF,
    ) -> None:
        self._microscope = microscope
        self._folder = folder
        self._listener = listener
        self._model = model
        self._motion = Motion(microscope.stage)
        self._record = read_scan(folder)
        self._run: CaptureRun | None = None
        self._starting = threading.Lock()

    def cancel(self) -> None:
        """Stop the stage at once; from any thread. Finished fields are kept.

        Raises
        ------
        ConnectionLost
            The stage could not be seen standing still.
        """
        try:
            self._motion.cancel()
        finally:
            with self._starting:
                run = self._run
            if run is not None:
                run.cancel()

    def run(self) -> ScanFinished:
        """Do all fields that are not done yet, on the caller's thread.

        Returns
        -------
        ScanFinished
            Also announced as the last event; a failure is in it, not raised.
        """
        error: Exception | None = None
        try:
            places = [Field(f.name, f.x_um, f.y_um) for f in self._record.fields]
            check_reachable(places, self._microscope.stage.caps)
            recover_all(self._folder.parent)
            for number in self._record.pending:
                self._motion.check()
                self._do(number)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the last event carries it
            error = failure
        finished = self._finished(error)
        self._announce(finished)
        return finished

    def _do(self, number: int) -> None:
        """Capture one field and write down what became of it."""
        field = self._record.fields[number]
        self._announce(FieldEntered(number, field))
        began_s = time.monotonic()
        prediction = predict_focus(
            self._focused(),
            field.x_um,
            field.y_um,
            depth_of_field_um=self._microscope.depth_of_field_um,
            widest_um=self._microscope.profile.autofocus_range_um,
        )
        self._go_to(field, None if prediction is None else prediction.z_um)
        found: dict[str, float] = {}

        def listen(event: CaptureEvent) -> None:
            if isinstance(event, Focused):
                found["best_z_um"] = event.result.best_z_um
            elif isinstance(event, Planned):
                found.update(bottom_um=event.plan.z_from_um, top_um=event.plan.z_to_um)
            self._announce(FieldEvent(number, event))

        run = CaptureRun(
            self._microscope,
            self._folder,
            listen,
            model=self._model,
            search_um=None if prediction is None else prediction.search_um,
            name=field.name,
            labels=self._record.labels.model_copy(update={"field": field.name}),
        )
        with self._starting:
            self._motion.check()
            self._run = run
        try:
            finished = run.run()
        finally:
            self._run = None
        self._write_down(number, finished, found, time.monotonic() - began_s)

    def _go_to(self, field: ScanField, z_um: float | None) -> None:
        """Go across the slide and then to z, never lower over the slide than focus will be."""
        if z_um is not None and self._microscope.stage.position().z_um < z_um:
            self._motion.go_to_z(z_um)
        self._motion.go_to_xy(field.x_um, field.y_um)
        if z_um is not None:
            self._motion.go_to_z(z_um)

    def _write_down(
        self, number: int, finished: Finished, found: dict[str, float], duration_s: float
    ) -> None:
        update = {
            "state": _state(finished),
            "folder": finished.folder.name if finished.folder else None,
            "duration_s": duration_s,
            "message": "" if finished.error is None else str(finished.error),
            **found,
        }
        field = self._record.fields[number].model_copy(update=update)
        self._record = self._record.with_field(number, field)
        try:
            write_scan(self._folder, self._record)
        except OSError as error:
            raise RecorderError(
                f"{self._folder / SCAN}: cannot be written: {reason(error)}. Free some space, "
                "then run the scan once more."
            ) from error
        total = len(self._record.fields)
        left = len(self._record.pending)
        durations_s = [f.duration_s for f in self._record.fields if f.duration_s is not None]
        self._announce(FieldFinished(number, field, total - left, total, left * fmean(durations_s)))

    def _focused(self) -> list[FocusedField]:
        return [
            FocusedField(field.x_um, field.y_um, field.best_z_um)
            for field in self._record.fields
            if field.best_z_um is not None
        ]

    def _finished(self, error: Exception | None) -> ScanFinished:
        overview: Path | None = None
        try:
            overview = write_overview(self._folder, self._record)
        except (OSError, StackError) as unwritten:
            error = error or unwritten
        if isinstance(error, MoveStopped):
            told = None if self._motion.cancelled else error
            return ScanFinished(Phase.CANCELLED, self._record, overview, told)
        return ScanFinished(Phase.FAILED if error else Phase.DONE, self._record, overview, error)

    def _announce(self, event: ScanEvent) -> None:
        try:
            self._listener(event)
        except Exception:  # noqa: BLE001 - logged with its trace
            # Whoever watches must not bring down what is watched: a sweep is under way.
            _log.exception("a listener of the scan failed on %s", type(event).__name__)


def _state(finished: Finished) -> FieldState:
    """Say what a capture makes of its field.

    Raises
    ------
    MoveStopped
        The capture was cancelled.
    Exception
        Whatever no other field would be spared.
    """
    error = finished.error
    if finished.phase is Phase.DONE:
        return "done"
    if finished.phase is Phase.CANCELLED:
        raise error or MoveStopped("stage", "capturing a field", "it was cancelled")
    if isinstance(error, AutofocusError):
        return "empty"
    if isinstance(error, _FIELD_ERRORS):
        return "failed"
    raise error or RuntimeError("a capture failed without saying why")
