"""Live picture, stage and capture."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.window.camera_panel import CameraPanel
from app.window.capture_panel import CapturePanel
from app.window.card_stack import CardStack
from app.window.commands import Actions
from app.window.control import MicroscopeControl
from app.window.control_state import ControlState, Link
from app.window.fusion_view import FusionView
from app.window.jog import Point
from app.window.keys import step_factor
from app.window.live_strip import LiveStrip
from app.window.live_tools import Grid, StageTool, Tool
from app.window.next_labels_panel import NextLabelsPanel
from app.window.pane import Pane
from app.window.picture_canvas import PictureCanvas, Wheel
from app.window.places_panel import PlacesPanel
from app.window.stage_panel import StagePanel
from app.window.sweep_panel import SweepPanel
from app.window.widgets import ActionButton, Translated, scrolling
from drivers.stage import StageState

NO_PICTURE_S: Final = 2.0
"""After so long without a frame the picture is called old."""
PICTURE_MS: Final = 10
"""How often a new picture is looked for: at the pace of the rest, of two that come within one
period only the second would be shown."""
CURSORS: Final = {
    Tool.LOOK: Qt.CursorShape.OpenHandCursor,
    Tool.MOVE: Qt.CursorShape.SizeAllCursor,
    Tool.PICK_WHITE: Qt.CursorShape.CrossCursor,
}
HEADER: Final = (
    *("move_tool", "crosshair", "grid", "zebra", "auto_contrast"),
    *("fit", "one_to_one", "snapshot"),
)


class LivePage(Translated, QWidget):
    """What the operator sees while working at the microscope.

    Parameters
    ----------
    control : MicroscopeControl
    actions : Actions
    """

    def __init__(self, control: MicroscopeControl, actions: Actions) -> None:
        super().__init__()
        self._control = control
        self._actions = actions
        self._t_frame_s = 0.0
        self._objective = ""
        # Takes the focus from the step boxes, which would take the arrow keys.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.live = Pane("", PictureCanvas(Wheel.FOCUS))
        self.tool = StageTool(self._move, self._picked)
        self.grid = Grid()
        for layer in (self.grid, self.tool):
            self.live.canvas.add_layer(layer)
        self.live.canvas.wheeled.connect(self._wheeled)
        self.live.header.setSpacing(2)
        for key in HEADER:
            self.live.header.addWidget(ActionButton(actions[key], "quiet"))
        self.fusion = FusionView(actions)
        self.strip = LiveStrip(actions)
        self._waiting = QLabel()
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._waiting.setObjectName("headline")
        self._hero = QStackedWidget()
        for each in (self._waiting, self.live, self.fusion):
            self._hero.addWidget(each)
        self.capture_panel = CapturePanel(actions)
        self.stage_panel = StagePanel(actions, control.move_by)
        self.places_panel = PlacesPanel(actions, control.stage)
        self.sweep_panel = SweepPanel(actions, control.sweep)
        self.camera_panel = CameraPanel(actions, control.camera)
        self.labels_panel = NextLabelsPanel(control.labels)
        self.cards = CardStack(
            (
                *(self.stage_panel, self.places_panel, self.sweep_panel, self.camera_panel),
                self.labels_panel,
            )
        )
        self._lay_out()
        self._pictures = QTimer(self)
        self._pictures.setTimerType(Qt.TimerType.PreciseTimer)
        self._pictures.setInterval(PICTURE_MS)
        self._pictures.timeout.connect(self._show_live)
        self._pictures.start()
        self.use_tool(Tool.LOOK, chosen=True)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.live.set_title(self.tr("Live"))
        self.cards.set_names(
            (
                *(self.tr("Stage"), self.tr("Places"), self.tr("Sweep"), self.tr("Camera")),
                self.tr("Labels"),
            )
        )
        self.live.canvas.setToolTip(
            self.tr(
                "Wheel: z step, with Shift ten times, with Ctrl a tenth · double click: centre · "
                "drag: move the picture, or the slide with the tool “Drag slide”"
            )
        )

    @property
    def canvas(self) -> PictureCanvas:
        """The large picture."""
        fused = self._hero.currentWidget() is self.fusion
        return self.fusion.canvas if fused else self.live.canvas

    def write_labels(self) -> None:
        """Let the operator label the next capture."""
        self.cards.show_card(self.labels_panel)
        self.labels_panel.show_state(self._control.state)
        self.labels_panel.begin()

    def set_crosshair(self, shown: bool) -> None:
        """Mark the middle of the live picture."""
        self.live.canvas.set_crosshair(shown)

    def set_grid(self, shown: bool) -> None:
        """Lay a grid over the live picture."""
        self.grid.shown = shown
        self.live.canvas.viewport().update()

    def use_tool(self, tool: Tool, *, chosen: bool) -> None:
        """Let the mouse do something else over the live picture, or again what it usually does."""
        for each, key in ((Tool.MOVE, "move_tool"), (Tool.PICK_WHITE, "pick_white")):
            if chosen and each is not tool:
                self._actions[key].setChecked(False)
        self.tool.tool = tool if chosen else Tool.LOOK
        self.live.canvas.viewport().setCursor(CURSORS[self.tool.tool])

    def tick(self, state: ControlState, stage: StageState | None) -> None:
        """Show what is new; called 30 times a second."""
        self._show_live()
        self._say_how_old(state)
        self._show_report(state, stage)
        self._show_fusion(state)
        plan = self._control.progress.plan if state.capturing else None
        preview = self._control.sweep.preview(stage)
        self.stage_panel.show_state(state, stage, plan)
        shown = self.cards.current
        explained = shown is self.sweep_panel
        self.capture_panel.show_state(state, stage, preview, explained=explained)
        if shown is self.places_panel:
            self.places_panel.show_state(state, stage, self.live.canvas.shape)
        elif shown is self.sweep_panel:
            self.sweep_panel.show_state(state, preview)
        elif shown is self.camera_panel:
            self.camera_panel.show_state(state)
        elif shown is self.labels_panel:
            self.labels_panel.show_state(state)
        if state.capturing:
            self.capture_panel.show_progress(self._control.progress)

    @Slot()
    def _show_live(self) -> None:
        picture = self._control.live.take()
        if picture is None:
            return
        state = self._control.state
        self._t_frame_s = time.monotonic()
        for each in (self.live.canvas, self.tool, self.grid):
            each.pixel_um = state.pixel_um
        self.tool.orientation = state.orientation
        self.tool.shape = self.grid.shape = picture.pixels.shape[:2]
        self.live.remark.setText(self.tr("{fps:.1f} frames/s").format(fps=picture.fps))
        if self._hero.currentWidget() is self._waiting:
            self._hero.setCurrentWidget(self.live)
        if self._hero.currentWidget() is self.live:
            self.live.canvas.show_picture(picture.pixels)
        else:
            self.fusion.show_live(picture.pixels)

    def _say_how_old(self, state: ControlState) -> None:
        if not self._t_frame_s:
            self._waiting.setText(self._waiting_words(state))
            return
        seconds = time.monotonic() - self._t_frame_s
        if seconds > NO_PICTURE_S:
            self.live.remark.setText(self.tr("no frame for {s:.0f} s").format(s=seconds))

    def _show_report(self, state: ControlState, stage: StageState | None) -> None:
        report = self._control.live.take_report()
        if report is None:
            return
        if state.objective != self._objective:
            # Another objective sees another sharpness.
            self._objective = state.objective
            self.strip.reset_peak()
        known = stage is not None and stage.referenced and stage.position is not None
        z_um = stage.position.z_um - state.zero.z_um if known else None
        stretched = self._control.live.view.auto_contrast
        self.strip.show_report(report, z_um, stretched=stretched)

    def _show_fusion(self, state: ControlState) -> None:
        if not state.capturing:
            if self._hero.currentWidget() is self.fusion:
                self._hero.setCurrentWidget(self.live)
                self.fusion.clear()
            return
        pictures = self._control.growth.take()
        if pictures is None:
            return
        self.fusion.show_pictures(pictures, self._control.progress, state.pixel_um)
        self._hero.setCurrentWidget(self.fusion)

    def _waiting_words(self, state: ControlState) -> str:
        return {
            Link.CONNECTING: self.tr("Connecting to the microscope …"),
            Link.HOMING: self.tr("Homing the stage …"),
            Link.READY: self.tr("Waiting for the first picture …"),
            Link.LOST: self.tr("No microscope"),
            Link.CLOSING: self.tr("Shutting down …"),
        }[state.link]

    def _move(self, step: Point) -> None:
        self._control.move_by(step)

    def _picked(self, pixel: tuple[int, int]) -> None:
        self._actions["pick_white"].setChecked(False)
        self._control.camera.balance(pixel)

    @Slot(object)
    def _wheeled(self, turned: tuple[int, Qt.KeyboardModifier]) -> None:
        notches, modifiers = turned
        self.stage_panel.jog_z(notches, step_factor(modifiers))

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(10)
        side.addWidget(self.capture_panel)
        side.addWidget(self.cards, 1)
        side.setContentsMargins(0, 0, 0, 0)
        cards = QWidget()
        cards.setLayout(side)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self._hero, 1)
        left.addWidget(self.strip)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 12, 4, 12)
        line.setSpacing(14)
        line.addLayout(left, 1)
        line.addWidget(scrolling(cards, 336))
