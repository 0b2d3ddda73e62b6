"""Live picture, stage and capture."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.window.capture_panel import CapturePanel
from app.window.commands import Actions
from app.window.control import MicroscopeControl
from app.window.control_state import ControlState, Link
from app.window.keys import step_factor
from app.window.pane import Pane
from app.window.picture_canvas import PictureCanvas, Wheel
from app.window.stage_panel import StagePanel
from app.window.widgets import ActionButton, Translated, scrolling
from drivers.stage import StageState

NO_PICTURE_S = 2.0
"""After so long without a frame the picture is called old."""


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
        self._t_frame_s = 0.0
        # Takes the focus from the step boxes, which would take the arrow keys.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.live = Pane("", PictureCanvas(Wheel.FOCUS))
        self.fused = Pane("", PictureCanvas())
        self.live.canvas.wheeled.connect(self._wheeled)
        for key in ("crosshair", "fit", "one_to_one"):
            self.live.header.addWidget(ActionButton(actions[key], "quiet"))
        self._waiting = QLabel()
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._waiting.setObjectName("headline")
        self._hero = QStackedWidget()
        for each in (self._waiting, self.live, self.fused):
            self._hero.addWidget(each)
        self.capture_panel = CapturePanel(actions)
        self.stage_panel = StagePanel(actions, control.move_by)
        self._lay_out()
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.live.set_title(self.tr("Live"))
        self.fused.set_title(self.tr("Fused so far"))
        self.live.canvas.setToolTip(
            self.tr(
                "Wheel: z step · Shift+wheel: coarse · Ctrl+wheel: fine · drag: move the picture"
            )
        )

    @property
    def canvas(self) -> PictureCanvas:
        """The large picture."""
        return self.fused.canvas if self._hero.currentWidget() is self.fused else self.live.canvas

    def set_crosshair(self, shown: bool) -> None:
        """Mark the middle of the live picture."""
        self.live.canvas.set_crosshair(shown)
        self.capture_panel.inset.set_crosshair(shown)

    def tick(self, state: ControlState, stage: StageState | None) -> None:
        """Show what is new; called 30 times a second."""
        self._show_live(state)
        self._show_fused(state)
        plan = self._control.progress.plan if state.capturing else None
        self.stage_panel.show_state(state, stage, plan)
        self.capture_panel.show_state(state, stage)
        if state.capturing:
            self.capture_panel.show_progress(self._control.progress)

    def _show_live(self, state: ControlState) -> None:
        picture = self._control.live.take()
        now_s = time.monotonic()
        if picture is None:
            if self._t_frame_s and now_s - self._t_frame_s > NO_PICTURE_S:
                seconds = now_s - self._t_frame_s
                self.live.remark.setText(self.tr("no frame for {s:.0f} s").format(s=seconds))
            if not self._t_frame_s:
                self._waiting.setText(self._waiting_words(state))
            return
        self._t_frame_s = now_s
        self.live.canvas.pixel_um = self.capture_panel.inset.pixel_um = state.pixel_um
        self.live.remark.setText(self.tr("{fps:.1f} frames/s").format(fps=picture.fps))
        if self._hero.currentWidget() is self._waiting:
            self._hero.setCurrentWidget(self.live)
        if self._hero.currentWidget() is self.live:
            self.live.canvas.show_picture(picture.pixels)
        else:
            self.capture_panel.inset.show_picture(picture.pixels)

    def _show_fused(self, state: ControlState) -> None:
        if not state.capturing:
            if self._hero.currentWidget() is self.fused:
                self._hero.setCurrentWidget(self.live)
                self.fused.canvas.clear_picture()
                self.capture_panel.inset.clear_picture()
                self.capture_panel.inset.hide()
            return
        fused = self._control.fused.take()
        if fused is None:
            return
        self.fused.canvas.pixel_um = state.pixel_um
        self.fused.canvas.show_picture(fused)
        progress = self._control.progress
        self.fused.remark.setText(self.tr("{n} frames fused").format(n=progress.fused))
        self._hero.setCurrentWidget(self.fused)
        self.capture_panel.inset.show()

    def _waiting_words(self, state: ControlState) -> str:
        return {
            Link.CONNECTING: self.tr("Connecting to the microscope …"),
            Link.HOMING: self.tr("Homing the stage …"),
            Link.READY: self.tr("Waiting for the first picture …"),
            Link.LOST: self.tr("No microscope"),
            Link.CLOSING: self.tr("Shutting down …"),
        }[state.link]

    @Slot(object)
    def _wheeled(self, turned: tuple[int, Qt.KeyboardModifier]) -> None:
        notches, modifiers = turned
        self.stage_panel.jog_z(notches, step_factor(modifiers))

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(12)
        side.addWidget(self.capture_panel)
        side.addWidget(self.stage_panel, 1)
        # On tall screens the cards keep together.
        self.stage_panel.setMaximumHeight(400)
        side.addStretch(0)
        side.setContentsMargins(0, 0, 0, 0)
        cards = QWidget()
        cards.setLayout(side)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 12, 4, 14)
        line.setSpacing(14)
        line.addWidget(self._hero, 1)
        line.addWidget(scrolling(cards, 336))
