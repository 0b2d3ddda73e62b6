"""What the operator can do with slide scans; knows no Qt and never makes the window wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.acquisition.events import Finished, Phase
from app.acquisition.fields import FieldsError, read_fields
from app.acquisition.scan_events import FieldEntered, FieldEvent, ScanEvent, ScanFinished
from app.acquisition.scan_setup import FieldSource, ScanPreview, ScanSetup, preview_scan
from app.acquisition.sweep_setup import SweepRange, preview_sweep
from app.captures.eight_bit import eight_bit_rgb
from app.captures.layout import capture_name, new_capture_folder
from app.captures.scan_record import read_scan
from app.captures.scans import UnfinishedScan, unfinished_scans
from app.captures.stack import StackError
from app.captures.thumbnail import shrunk, thumbnail
from app.orientation import Orientation
from app.window.capture_work import CaptureWork, Run
from app.window.control_state import ControlEvent, ControlState, Link, ScanOver
from app.window.jog import Aim
from app.window.label_work import LabelWork
from app.window.picture import Pixels, to_screen
from app.window.scan_progress import FieldRow, ScanProgress
from app.window.shared_control import SharedControl
from app.window.stage_work import StageWork
from drivers.stage import StageState

if TYPE_CHECKING:
    from app.acquisition.microscope import Microscope
    from models.wearif.fusion import Fusion
    from models.wearif.model import StreamingWearIF

TILE_PX: Final = 480
"""Of the longer side of a field's picture; a window shows few fields so large."""


class ScanControl:
    """Plans scans, runs them, and finds those that can be taken up.

    Parameters
    ----------
    shared : SharedControl
    runs : CaptureWork
        Has the microscope.
    stage : StageWork
        Goes to fields.
    labels : LabelWork
        Knows what the captures are of.
    captures : Path
        The captures folder.
    tell : callable
        Gets what a scan has come to.
    """

    def __init__(
        self,
        shared: SharedControl,
        runs: CaptureWork,
        stage: StageWork,
        labels: LabelWork,
        captures: Path,
        tell: Callable[[ControlEvent], None],
    ) -> None:
        self.setup = ScanSetup()
        self.progress: ScanProgress | None = None
        """Of the scan that is shown; None while the next one is being planned."""
        self.tiles: Mapping[int, Pixels] = {}
        """Small fused images by the number of their field; another one for every change."""
        self.unfinished: tuple[UnfinishedScan, ...] = ()
        self._shared = shared
        self._runs = runs
        self._stage = stage
        self._labels = labels
        self._captures = captures
        self._tell = tell
        self._field_s: dict[str, float] = {}
        self._seen: tuple[object, ...] = ()
        self._preview = ScanPreview()

    def change(self, **changes: Any) -> None:  # noqa: ANN401 - fields of ScanSetup
        """Choose other fields for the next scan."""
        self.setup = replace(self.setup, **changes)

    def hold_here(self, stage: StageState | None) -> None:
        """Let the grid's middle, or the ferrogram's entry, be where the stage is now."""
        here_um = _here(stage)
        if here_um is None:
            self._shared.notice("The stage has to be homed before fields can be set out from here.")
            return
        self.change(anchor_um=here_um)

    def read_list(self, path: Path) -> None:
        """Read fields from a file, on a worker thread."""

        def read() -> None:
            try:
                fields = read_fields(path)
            except FieldsError as error:
                self._shared.report(error, "Reading the list of fields")
                return
            self.change(source=FieldSource.LIST, listed=fields)

        self._shared.submit(read)

    def preview(self, stage: StageState | None) -> ScanPreview:
        """Return what the next scan would be; planned anew only where something has changed."""
        state, here_um = self._shared.state(), _here(stage)
        seen = (
            *(self.setup, state.profile, state.camera, state.caps, state.free_bytes),
            *(state.settings.places, here_um, self._field_s.get(state.objective)),
        )
        if seen != self._seen:
            self._seen = seen
            self._preview = self._plan(state, here_um)
        return self._preview

    def rows(self, stage: StageState | None) -> tuple[FieldRow, ...]:
        """Return the fields of the scan that is shown, or of the next one."""
        if self.progress is not None:
            return self.progress.rows
        return tuple(FieldRow(f.name, f.x_um, f.y_um) for f in self.preview(stage).fields)

    def field_um(self) -> tuple[float, float] | None:
        """Return how far a field reaches along x and y; None where nobody knows."""
        state = self._shared.state()
        if state.camera is None or state.pixel_um is None:
            return None
        caps = state.camera.caps
        size_um = caps.width * state.pixel_um, caps.height * state.pixel_um
        return state.orientation.size_on_stage(*size_um)

    def begin(self, stage: StageState | None) -> None:
        """Start a scan of the fields that are planned; returns at once.

        Where an earlier scan is still shown, the plan is shown first.
        """
        if self.progress is not None:
            self.forget()
            return
        preview = self.preview(stage)
        if not self._ready():
            return
        if preview.reason:
            self._shared.notice(preview.reason)
            return
        name = f"scan_{capture_name(datetime.now().astimezone())}"
        expected_s = preview.duration_s / len(preview.fields)
        labels = self._labels.labels

        def make(microscope: Microscope, model: StreamingWearIF) -> Run:
            from app.acquisition.slide_scan import new_scan

            folder = new_capture_folder(self._captures, name)
            new_scan(folder, microscope, preview.fields, labels)
            return self._run(folder, expected_s, microscope, model)

        self._runs.begin(make, self._over, self._report)

    def resume(self, folder: Path) -> None:
        """Take up a scan that was cut short; returns at once."""
        scan = next((each for each in self.unfinished if each.folder == folder), None)
        if scan is None or not self._ready():
            return
        state = self._shared.state()
        if (scan.record.microscope, scan.record.objective) != (state.microscope, state.objective):
            self._shared.notice(
                f"This scan was begun with {scan.record.objective} on {scan.record.microscope}: "
                "choose that objective on that microscope first."
            )
            return
        self._runs.begin(partial(self._run, folder, 0.0), self._over, self._report)

    def forget(self) -> None:
        """Plan the next scan; that which is over stays on disk."""
        if self.progress is not None and not self.progress.running:
            self.progress, self.tiles = None, {}

    def go_to(self, number: int, stage: StageState | None) -> None:
        """Go to a field; one that was in focus is gone to in z too."""
        rows = self.rows(stage)
        if number >= len(rows):
            return
        if self.progress is None and self.setup.anchor_um is None:
            # Otherwise the fields would go along with the stage.
            self.hold_here(stage)
        row = rows[number]
        self._stage.go_to(Aim(row.x_um, row.y_um, row.best_z_um))

    def look_for_unfinished(self) -> None:
        """Find scans that can be taken up, on a worker thread."""
        self._shared.submit(self._look)

    def _look(self) -> None:
        self.unfinished = unfinished_scans(self._captures)

    def _ready(self) -> bool:
        state = self._shared.state()
        return state.link is Link.READY and not state.capturing

    def _plan(self, state: ControlState, here_um: tuple[float, float] | None) -> ScanPreview:
        field_um = self.field_um()
        if state.profile is None or state.camera is None or state.caps is None or field_um is None:
            return ScanPreview(reason="No microscope is connected yet.")
        sweep = preview_sweep(
            state.profile,
            state.camera.caps,
            state.camera.settings,
            state.caps,
            SweepRange(),
            z_um=None,
            free_bytes=state.free_bytes,
        )
        return preview_scan(
            self.setup,
            sweep,
            state.caps,
            here_um=here_um,
            field_um=field_um,
            places=state.settings.places,
            field_s=self._field_s.get(state.objective),
        )

    def _run(
        self, folder: Path, expected_s: float, microscope: Microscope, model: StreamingWearIF
    ) -> Run:
        from app.acquisition.slide_scan import SlideScan

        run = SlideScan(microscope, folder, self._on_event, model=model)
        record = read_scan(folder)
        tiles: dict[int, Pixels] = {}
        for number, field in enumerate(record.fields):
            if field.state == "done" and field.folder is not None:
                tile = _tile_on_disk(folder / field.folder, record.orientation)
                if tile is not None:
                    tiles[number] = tile
        self.tiles = tiles
        self.progress = ScanProgress(folder, record, time.monotonic(), expected_s)
        return run

    def _on_event(self, event: ScanEvent) -> None:
        if self.progress is None:
            return
        self.progress = self.progress.after(event, time.monotonic())
        match event:
            case FieldEntered():
                self._runs.forget_progress()
            case FieldEvent(number, happened):
                self._runs.on_event(happened)
                if isinstance(happened, Finished) and happened.phase is Phase.DONE:
                    self._add_tile(number, happened.fusion)

    def _add_tile(self, number: int, fusion: Fusion | None) -> None:
        if fusion is None or self.progress is None:
            return
        small = shrunk(eight_bit_rgb(fusion.fused), TILE_PX)
        upright = self.progress.record.orientation.upright(small)
        self.tiles = {**self.tiles, number: to_screen(upright, 8)}

    def _report(self, error: Exception) -> None:
        self._shared.report(error, "Slide scan")

    def _over(self, finished: Finished | ScanFinished | None) -> None:
        progress = self.progress
        if progress is not None and progress.running:
            progress = self.progress = progress.given_up()
        if progress is not None and isinstance(finished, ScanFinished):
            if progress.finished:
                self._field_s[progress.record.objective] = progress.field_s
                self._labels.used()
            self._tell(ScanOver(finished.phase, progress.fused, progress.total))
        self._look()


def _here(stage: StageState | None) -> tuple[float, float] | None:
    """Return x and y of a homed stage, without what the read-back trembles."""
    if stage is None or not stage.referenced or stage.position is None:
        return None
    return round(stage.position.x_um, 1), round(stage.position.y_um, 1)


def _tile_on_disk(folder: Path, orientation: Orientation) -> Pixels | None:
    try:
        return to_screen(orientation.upright(thumbnail(folder)), 8)
    except StackError:
        # Whoever opens the capture is told what is wrong with it.
        return None
