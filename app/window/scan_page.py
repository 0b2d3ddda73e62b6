"""The page for scanning a slide: which fields, how far, and what came of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.window.commands import Actions
from app.window.control import MicroscopeControl
from app.window.control_state import ControlState
from app.window.fusion_pictures import FusionPictures
from app.window.jog import Aim, Point
from app.window.picture import Pixels
from app.window.scan_fields import FieldsTable
from app.window.scan_mosaic import MosaicView, ScanMosaic
from app.window.scan_progress import FieldRow, FieldStage
from app.window.scan_run_card import ScanRunCard
from app.window.scan_setup_card import ScanSetupCard
from app.window.scan_words import stage_role
from app.window.stage_map import MapField, StageMap
from app.window.widgets import ActionButton, Card, Translated, label, readout, scrolling
from drivers.stage import StageState

TABLE_PX = 196


class ScanPage(Translated, QWidget):
    """``opened`` carries a field's capture that is to be reviewed.

    Parameters
    ----------
    control : MicroscopeControl
    actions : Actions
    """

    opened = Signal(object)

    def __init__(self, control: MicroscopeControl, actions: Actions) -> None:
        super().__init__()
        # Takes the focus from the list, which would choose its first row.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._control = control
        self._scan = control.scan
        self._actions = actions
        self._stage: StageState | None = None
        self._rows: tuple[FieldRow, ...] = ()
        self._names: tuple[str, ...] = ()
        self._newest: FusionPictures | None = None
        self._growing: Pixels | None = None
        self.selected: int | None = None
        """The number of the chosen field."""
        self._title = label(style="paneTitle")
        self._remark = readout(points=8.5)
        self._remark.setObjectName("muted")
        self.mosaic = ScanMosaic()
        self.table = FieldsTable()
        self.table.setFixedHeight(TABLE_PX)
        self.run_card = ScanRunCard(actions)
        self.setup_card = ScanSetupCard(actions, self._scan)
        self.map = StageMap()
        self._map_card = Card("")
        self._map_card.body.addWidget(self.map)
        self.mosaic.chosen.connect(self.choose)
        self.mosaic.opened.connect(self._open_or_go)
        self.table.chosen.connect(self.choose)
        self.table.opened.connect(self._open_or_go)
        self.map.chosen.connect(self._map_chosen)
        self._lay_out()
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self._title.setText(self.tr("Slide scan"))
        self._map_card.set_title(self.tr("On the stage, µm"))

    def tick(self, state: ControlState, stage: StageState | None) -> None:
        """Show what is new; called 30 times a second."""
        self._stage = stage
        if not self.isVisible():
            return
        scan = self._scan
        preview = scan.preview(stage)
        self._rows = scan.rows(stage)
        names = tuple(row.name for row in self._rows)
        if names != self._names:
            # Other fields: none of them has been chosen yet.
            self._names, self.selected = names, None
        self.table.fields.show_rows(self._rows)
        self.table.choose(self.selected)
        planning = scan.progress is None
        self.setup_card.setVisible(planning)
        if planning:
            self.setup_card.setEnabled(not state.capturing)
            self.setup_card.show_state(state)
            self.run_card.show_plan(state, preview, scan.unfinished)
        elif scan.progress is not None:
            self.run_card.show_progress(scan.progress)
        self._show_pictures(state, stage)
        self._remark.setText(self._remark_words())
        row = None if self.selected is None else self._rows[self.selected]
        self._actions["scan_go"].setEnabled(row is not None and not state.capturing)
        self._actions["scan_open"].setEnabled(row is not None and row.folder is not None)

    @Slot(int)
    def choose(self, number: int) -> None:
        """Choose a field, in the picture as in the list."""
        self.selected = number
        self.table.choose(number)

    def go(self) -> None:
        """Move the stage to the chosen field."""
        if self.selected is not None:
            self._scan.go_to(self.selected, self._stage)

    def open(self) -> None:
        """Review the capture of the chosen field."""
        folder = None if self.selected is None else self._rows[self.selected].folder
        if folder is not None:
            self.opened.emit(folder)

    def start(self) -> None:
        """Start a scan of the fields that are planned."""
        self.selected = None
        # The button goes away, and would hand the focus to whatever comes next.
        self.setFocus()
        self._scan.begin(self._stage)

    def resume(self) -> None:
        """Take up the scan that is shown, or the one that is chosen in the list of such."""
        self.setFocus()
        progress = self._scan.progress
        if progress is not None:
            self._scan.resume(progress.folder)
            return
        folder = self.run_card.unfinished.currentData()
        if isinstance(folder, Path):
            self._scan.resume(folder)

    def hold_here(self) -> None:
        """Set out the fields from where the stage is."""
        self._scan.hold_here(self._stage)

    def _show_pictures(self, state: ControlState, stage: StageState | None) -> None:
        known = stage is not None and stage.referenced and stage.position is not None
        here = Point.of(stage.position) if known else None
        field_um = self._scan.field_um()
        marks = tuple(MapField(r.x_um, r.y_um, stage_role(r.stage)) for r in self._rows)
        self.map.show_map(state.caps, here, field_um, state.settings.places, marks)
        newest = self._control.runs.newest
        if newest is not self._newest:
            self._newest = newest
            self._growing = (
                None
                if newest is None
                else np.ascontiguousarray(state.orientation.upright(newest.fused))
            )
        self.mosaic.show_view(
            MosaicView(
                self._rows,
                field_um,
                self._scan.tiles,
                self._growing,
                # What the read-back trembles would paint everything anew.
                None if here is None else (round(here.x_um), round(here.y_um)),
                self.selected,
            )
        )

    def _remark_words(self) -> str:
        fused = sum(row.stage is FieldStage.FUSED for row in self._rows)
        if self._scan.progress is None:
            return self.tr("{n} fields planned").format(n=len(self._rows)) if self._rows else ""
        words = self.tr("{n} of {total} fields fused")
        return words.format(n=fused, total=len(self._rows))

    @Slot(int)
    def _open_or_go(self, number: int) -> None:
        self.choose(number)
        if self._rows[number].folder is not None:
            self.open()
        else:
            self.go()

    @Slot(object)
    def _map_chosen(self, at_um: tuple[float, float]) -> None:
        self._control.stage.go_to(Aim(*at_um))

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(2, 0, 2, 0)
        header.addWidget(self._title)
        header.addStretch(1)
        header.addWidget(self._remark)
        for key in ("scan_go", "scan_open"):
            header.addWidget(ActionButton(self._actions[key], "quiet"))
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(header)
        left.addWidget(self.mosaic, 1)
        left.addWidget(self.table)
        cards = QWidget()
        side = QVBoxLayout(cards)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(10)
        for each in (self.run_card, self.setup_card, self._map_card):
            side.addWidget(each)
        side.addStretch(1)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 12, 4, 12)
        line.setSpacing(14)
        line.addLayout(left, 1)
        line.addWidget(scrolling(cards, 336))


def scan_callbacks(
    control: MicroscopeControl, page: Callable[[], ScanPage], show: Callable[[], None]
) -> dict[str, Callable[..., None]]:
    """Return what the commands of the scan do, by their keys.

    Parameters
    ----------
    control : MicroscopeControl
    page : callable
        Returns the page, which is made after the commands.
    show : callable
        Brings the page to the front.
    """

    def look() -> None:
        show()
        page().setFocus()
        if not control.state.capturing:
            control.scan.look_for_unfinished()

    def start() -> None:
        show()
        page().start()

    def resume() -> None:
        show()
        page().resume()

    return {
        "page_scan": look,
        "scan_start": start,
        "scan_stop": control.stop,
        "scan_resume": resume,
        "scan_new": control.scan.forget,
        "scan_here": lambda: page().hold_here(),
        "scan_go": lambda: page().go(),
        "scan_open": lambda: page().open(),
    }
