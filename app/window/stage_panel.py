"""Where the stage is, and buttons that move it."""

from __future__ import annotations

from typing import Final, Protocol

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.acquisition.sweep_plan import SweepPlan
from app.window.commands import Actions, symbol
from app.window.control_state import ControlState, Link
from app.window.jog import AXES, COARSE, FINE, Point
from app.window.keys import step_factor
from app.window.widgets import ActionButton, Card, Translated, label, micrometres, readout
from app.window.z_bar import ZBar
from drivers.stage import StagePhase, StageState

XY_STEPS_UM: Final = (1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)
Z_STEPS_UM: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
DIRECTIONS: Final = {
    "x_left": Point(x_um=-1),
    "x_right": Point(x_um=1),
    "y_up": Point(y_um=-1),
    "y_down": Point(y_um=1),
    "z_up": Point(z_um=1),
    "z_down": Point(z_um=-1),
}
"""By the key of the command; rows of the picture, which y follows, are counted downwards."""
STRIP: Final = (
    ("z_up", COARSE, "▲▲▲"),
    ("z_up", 1.0, "▲▲"),
    ("z_up", FINE, "▲"),
    ("z_down", FINE, "▼"),
    ("z_down", 1.0, "▼▼"),
    ("z_down", COARSE, "▼▼▼"),
)
"""The z strip from above: command, share of the step, symbol."""
KEYS: Final = {
    Qt.Key.Key_Left: "x_left",
    Qt.Key.Key_Right: "x_right",
    Qt.Key.Key_Up: "y_up",
    Qt.Key.Key_Down: "y_down",
    Qt.Key.Key_PageUp: "z_up",
    Qt.Key.Key_PageDown: "z_down",
}


class Move(Protocol):
    """Moves the stage."""

    def __call__(self, step: Point, *, repeated: bool) -> None:
        """Move a step; ``repeated`` if a held key or button asks."""
        ...


class StagePanel(Translated, Card):
    """Read-out, pads, the z strip with its speeds, step sizes and the z bar.

    Parameters
    ----------
    actions : Actions
    move : Move
    """

    def __init__(self, actions: Actions, move: Move) -> None:
        super().__init__("")
        self._move = move
        self._axes = {axis: readout("—", 12) for axis in AXES}
        for each in self._axes.values():
            each.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._zeros = {
            axis: ActionButton(actions[f"{axis}_zero"], "quiet", symbol(f"{axis}_zero"))
            for axis in AXES
        }
        self._clear_zero = ActionButton(actions["clear_zero"], "quiet")
        self._clear_zero.hide()
        self._hint = label(style="muted", wraps=True)
        self.z_bar = ZBar()
        self.xy_step = self._steps(XY_STEPS_UM, 50.0)
        self.z_step = self._steps(Z_STEPS_UM, 5.0)
        self._buttons = {
            key: self._button(actions, key) for key, unit in DIRECTIONS.items() if not unit.z_um
        }
        self.strip = tuple(self._strip_button(*each) for each in STRIP)
        self._lay_out()
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        for axis, each in self._axes.items():
            each.setAccessibleName(self.tr("Position {axis} in µm").format(axis=axis))
        names = (self.tr("Step in x and y in µm"), self.tr("Step in z in µm"))
        for box, name in zip((self.xy_step, self.z_step), names, strict=True):
            tip = self.tr("{name}; Shift makes it ten times larger, Ctrl ten times smaller")
            box.setToolTip(tip.format(name=name))
            box.setAccessibleName(name)
        self._write_strip()

    def jog(self, key: str, factor: float, *, repeated: bool) -> None:
        """Move one step in the direction of a command."""
        unit = DIRECTIONS[key]
        box = self.z_step if unit.z_um else self.xy_step
        self._move(unit * (float(box.currentData()) * factor), repeated=repeated)

    def jog_z(self, notches: int, factor: float) -> None:
        """Move z by notches of the mouse wheel."""
        self._move(Point(z_um=notches * factor * float(self.z_step.currentData())), repeated=False)

    def show_state(
        self, state: ControlState, stage: StageState | None, plan: SweepPlan | None
    ) -> None:
        """Show where the stage is, whether it can be moved, and what the present sweep covers."""
        position = stage.position if stage is not None else None
        known = position is not None and stage is not None and stage.referenced
        for axis, each in self._axes.items():
            counted = getattr(position, f"{axis}_um") - state.zero[axis] if known else None
            each.setText("—" if counted is None else micrometres(counted))
            self._zeros[axis].setEnabled(known)
        self._clear_zero.setVisible(state.zero != Point())
        reason = self._reason(state, stage)
        self._pads.setEnabled(not reason)
        self._hint.setText(reason or self._facts(state))
        swept = (state.z_range.bottom_um, state.z_range.top_um)
        if plan is not None:
            swept = (plan.z_from_um, plan.z_to_um)
        z_um = position.z_um if known and position is not None else None
        self.z_bar.show_z(state.caps.z if state.caps is not None else None, z_um, swept)

    def _reason(self, state: ControlState, stage: StageState | None) -> str:
        """Say why the stage cannot be moved; empty if it can."""
        if state.link is Link.CONNECTING or stage is None:
            return self.tr("No stage is connected yet.")
        if state.link is Link.HOMING:
            return self.tr("The stage is homing.")
        if state.capturing:
            return self.tr("The capture moves the stage.")
        if stage.phase is StagePhase.DISCONNECTED:
            return self.tr("The stage does not answer: connect again.")
        if not stage.referenced:
            return self.tr("Home the stage first.")
        return ""

    def _facts(self, state: ControlState) -> str:
        words = [self.tr("Shift: ten times the step · Ctrl: a tenth")]
        if state.depth_of_field_um is not None and state.pixel_um is not None:
            words.append(
                self.tr("Depth of field {dof} µm · pixel {pixel} µm").format(
                    dof=micrometres(state.depth_of_field_um), pixel=micrometres(state.pixel_um, 3)
                )
            )
        return "\n".join(words)

    def _steps(self, steps_um: tuple[float, ...], chosen_um: float) -> QComboBox:
        box = QComboBox()
        for step_um in steps_um:
            box.addItem(f"{step_um:g} µm", step_um)
        box.setCurrentIndex(steps_um.index(chosen_um))
        return box

    def _button(self, actions: Actions, key: str) -> ActionButton:
        button = ActionButton(actions[key], "pad", symbol(key))
        button.setFixedSize(48, 44)
        _repeat(button)
        return button

    def _strip_button(self, key: str, share: float, text: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setObjectName("pad")
        button.setFixedSize(64, 26)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        _repeat(button)
        button.clicked.connect(lambda: self.jog(key, share, repeated=button.isDown()))
        return button

    @Slot()
    def _write_strip(self) -> None:
        for button, (key, share, _text) in zip(self.strip, STRIP, strict=True):
            step_um = DIRECTIONS[key].z_um * share * float(self.z_step.currentData())
            name = self.tr("Move z by {um:+g} µm; hold to go on").format(um=step_um)
            button.setToolTip(name)
            button.setAccessibleName(name)

    def step_of_button(self, key: str) -> None:
        """Move one step because a button was clicked; a held one is still down when it repeats."""
        held = key in self._buttons and self._buttons[key].isDown()
        self.jog(key, step_factor(QApplication.keyboardModifiers()), repeated=held)

    def _lay_out(self) -> None:
        place = QGridLayout()
        place.setHorizontalSpacing(8)
        place.setVerticalSpacing(2)
        for row, axis in enumerate(AXES):
            place.addWidget(label(axis, style="muted"), row, 0)
            place.addWidget(self._axes[axis], row, 1)
            place.addWidget(label("µm", style="muted"), row, 2)
            place.addWidget(self._zeros[axis], row, 3)
        place.setColumnStretch(1, 1)
        self._pads = QWidget()
        pads = QGridLayout(self._pads)
        pads.setContentsMargins(0, 0, 0, 0)
        pads.setHorizontalSpacing(14)
        pads.setVerticalSpacing(8)
        pads.addLayout(self._xy_pad(), 0, 0, Qt.AlignmentFlag.AlignVCenter)
        pads.addLayout(self._z_pad(), 0, 1)
        pads.addWidget(self.xy_step, 1, 0)
        pads.addWidget(self.z_step, 1, 1)
        pads.setColumnStretch(2, 1)
        controls = QVBoxLayout()
        controls.setSpacing(12)
        controls.addLayout(place)
        controls.addWidget(self._clear_zero, 0, Qt.AlignmentFlag.AlignRight)
        controls.addWidget(self._pads)
        controls.addStretch(1)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addLayout(controls, 1)
        line.addWidget(self.z_bar)
        self.body.addLayout(line, 1)
        self.body.addWidget(self._hint)

    def _xy_pad(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(4)
        grid.addWidget(self._buttons["y_up"], 0, 1)
        grid.addWidget(self._buttons["x_left"], 1, 0)
        grid.addWidget(self._buttons["x_right"], 1, 2)
        grid.addWidget(self._buttons["y_down"], 2, 1)
        return grid

    def _z_pad(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(2)
        for number, button in enumerate(self.strip):
            if number == len(self.strip) // 2:
                middle = label("z", style="muted")
                middle.setAlignment(Qt.AlignmentFlag.AlignCenter)
                column.addWidget(middle)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.z_step.currentIndexChanged.connect(self._write_strip)
        return column


def _repeat(button: QToolButton) -> None:
    """Let a held button go on step by step: bounded moves, that end when the hand lets go."""
    button.setAutoRepeat(True)
    button.setAutoRepeatDelay(350)
    button.setAutoRepeatInterval(60)
