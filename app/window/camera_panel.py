"""What the operator can set at the camera."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QFormLayout, QHBoxLayout, QSlider

from app.window.camera_work import CameraWork
from app.window.commands import Actions
from app.window.control_state import CameraView, ControlState, Link
from app.window.language import said
from app.window.widgets import ActionButton, Card, Translated, label, number_box

SLIDER_STEPS = 1000
NARROW_PX = 112


class CameraPanel(Translated, Card):
    """Exposure, gain, frame rate and white balance, each once by hand and once by a button.

    Parameters
    ----------
    actions : Actions
    camera : CameraWork
    """

    def __init__(self, actions: Actions, camera: CameraWork) -> None:
        super().__init__("")
        self._camera = camera
        self._shown: CameraView | None = None
        self.exposure = _box(3, lambda value: camera.configure(exposure_ms=value))
        self.gain = _box(1, lambda value: camera.configure(gain_db=value))
        self.fps = _box(1, lambda value: camera.configure(fps=value))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, SLIDER_STEPS)
        self.slider.valueChanged.connect(self._slid)
        self._names = {key: label(style="muted") for key in ("exposure", "gain", "fps", "white")}
        self._factors = label(style="muted", wraps=True)
        self._busy = label(style="muted", wraps=True)
        self._about = label(style="muted", wraps=True)
        self._notes = label(style="muted", wraps=True)
        self._notes_title = label(style="cardTitle")
        self._buttons = [
            ActionButton(actions[key]) for key in ("auto_expose", "pick_white", "auto_white")
        ]
        self._picking = actions["pick_white"]
        self._lay_out()
        self.retranslate()

    def retranslate(self) -> None:
        """Write all texts anew."""
        self.set_title(self.tr("Camera"))
        self._names["exposure"].setText(self.tr("Exposure"))
        self._names["gain"].setText(self.tr("Gain"))
        self._names["fps"].setText(self.tr("Frame rate"))
        self._names["white"].setText(self.tr("White"))
        self.exposure.setSuffix(" ms")
        self.gain.setSuffix(" dB")
        self.fps.setSuffix(self.tr(" /s"))
        self.slider.setAccessibleName(self.tr("Exposure"))
        self.slider.setToolTip(self.tr("Exposure; each step to the right is the same factor"))
        for box, name in (
            (self.exposure, self.tr("Exposure in milliseconds")),
            (self.gain, self.tr("Gain in decibels")),
            (self.fps, self.tr("Frames per second")),
        ):
            box.setAccessibleName(name)
            box.setToolTip(name)
        self._notes_title.setText(self.tr("What to know of this microscope"))
        self._shown = None

    def show_state(self, state: ControlState) -> None:
        """Show what the camera is set to; a field that is being typed into is left alone."""
        view = state.camera
        ready = state.link is Link.READY and not state.capturing and not state.camera_busy
        for widget in (self.exposure, self.gain, self.fps, self.slider):
            widget.setEnabled(ready and view is not None)
        self._busy.setText(self._busy_words(state))
        self._busy.setVisible(bool(self._busy.text()))
        if view is None or view == self._shown:
            return
        self._shown = view
        now, caps = view.settings, view.caps
        longest_ms = min(caps.exposure_ms[1], 1000 / now.fps)
        self._show(self.exposure, now.exposure_ms, (caps.exposure_ms[0], caps.exposure_ms[1]))
        self._show(self.gain, now.gain_db, caps.gain_db)
        self._show(self.fps, now.fps, (0.1, caps.max_fps))
        with QSignalBlocker(self.slider):
            self.slider.setValue(
                _to_slider(now.exposure_ms, (caps.exposure_ms[0], max(longest_ms, 1.0)))
            )
        self._show_white(view)
        self._show_notes(state, view)

    def _show(self, box: QDoubleSpinBox, value: float, limits: tuple[float, float]) -> None:
        if box.hasFocus() and box.lineEdit().isModified():
            return
        with QSignalBlocker(box):
            box.setRange(*limits)
            box.setValue(value)

    def _show_white(self, view: CameraView) -> None:
        balance = view.settings.white_balance
        possible = view.caps.white_balance is not None and view.caps.colour and balance is not None
        for button in self._buttons[1:]:
            button.setVisible(possible)
        if balance is None or not possible:
            self._factors.setText(self.tr("This camera has no white balance."))
            return
        self._factors.setText(
            self.tr("Red × {red:.2f} · green × {green:.2f} · blue × {blue:.2f}").format(
                red=balance.red, green=balance.green, blue=balance.blue
            )
        )

    def _show_notes(self, state: ControlState, view: CameraView) -> None:
        caps = view.caps
        self._about.setText(
            self.tr(
                "{name}: {width} × {height} pixels, {bits} bits, at most {fps:.0f} frames/s"
            ).format(
                name=view.name,
                width=caps.width,
                height=caps.height,
                bits=caps.bits,
                fps=caps.max_fps,
            )
        )
        stage_notes = state.caps.notes if state.caps is not None else ()
        notes = [f"• {said(note)}" for note in (*caps.notes, *stage_notes)]
        self._notes.setText("\n".join(notes))
        for widget in (self._notes, self._notes_title):
            widget.setVisible(bool(notes))

    def _busy_words(self, state: ControlState) -> str:
        if state.capturing:
            return self.tr("The capture has the camera.")
        if self._picking.isChecked():
            return self.tr("Now click on empty slide in the live picture.")
        return {
            "": "",
            "exposure": self.tr("Looking for the exposure …"),
            "balance": self.tr("Looking for the white balance …"),
        }[state.camera_busy]

    @Slot(int)
    def _slid(self, value: int) -> None:
        if self._shown is None:
            return
        now, caps = self._shown.settings, self._shown.caps
        longest_ms = max(min(caps.exposure_ms[1], 1000 / now.fps), 1.0)
        wanted_ms = _from_slider(value, (caps.exposure_ms[0], longest_ms))
        self._camera.configure(
            exposure_ms=min(max(wanted_ms, caps.exposure_ms[0]), caps.exposure_ms[1])
        )

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        exposure = QHBoxLayout()
        exposure.addWidget(self.exposure, 1)
        exposure.addWidget(self._buttons[0])
        form.addRow(self._names["exposure"], exposure)
        form.addRow(self.slider)
        for box in (self.gain, self.fps):
            # One below the other, so of one width, whatever their units.
            box.setFixedWidth(NARROW_PX)
        form.addRow(self._names["gain"], self.gain)
        form.addRow(self._names["fps"], self.fps)
        white = QHBoxLayout()
        white.addWidget(self._buttons[1])
        white.addWidget(self._buttons[2])
        white.addStretch(1)
        form.addRow(self._names["white"], white)
        form.addRow(self._factors)
        self.body.addLayout(form)
        for widget in (self._busy, self._about, self._notes_title, self._notes):
            self.body.addWidget(widget)
        self.body.addStretch(1)


def _box(digits: int, take: Callable[[float], None]) -> QDoubleSpinBox:
    box = number_box(digits)
    box.valueChanged.connect(take)
    return box


def _to_slider(value: float, limits: tuple[float, float]) -> int:
    low, high = (math.log(limit) for limit in limits)
    return round(SLIDER_STEPS * (math.log(value) - low) / (high - low))


def _from_slider(value: int, limits: tuple[float, float]) -> float:
    low, high = (math.log(limit) for limit in limits)
    return math.exp(low + (high - low) * value / SLIDER_STEPS)
