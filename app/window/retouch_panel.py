"""The brush, and what was done with it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.captures.capture import Capture
from app.window.commands import Actions
from app.window.subject import Subject
from app.window.widgets import Card, CommandButton, Translated, label, micrometres, readout

SIZES: Final = (3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
"""Radii of the brush, in pixels of the picture."""
FIRST_SIZE: Final = 6


class RetouchPanel(Translated, QWidget):
    """What the brush does and how large it is, undo and redo, and whether edits are kept.

    ``changed`` fires when the brush has; ``shown_toggled`` says whether to colour what is painted.
    """

    changed = Signal()
    shown_toggled = Signal(bool)

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._subject: Subject | None = None
        self._number = 1
        self._excluded = False
        self._cards = {key: Card("") for key in ("brush", "steps", "about")}
        self.takes, self.gives_back = QToolButton(), QToolButton()
        self._kinds = QButtonGroup(self)
        for button in (self.takes, self.gives_back):
            button.setCheckable(True)
            button.setSizePolicy(
                button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Fixed
            )
            self._kinds.addButton(button)
            button.toggled.connect(self._changed)
        self.size = QSlider(Qt.Orientation.Horizontal)
        self.size.setRange(0, len(SIZES) - 1)
        self.size.setValue(FIRST_SIZE)
        self.size.valueChanged.connect(self._changed)
        self._size_label = label(style="muted")
        self._size_words = readout()
        self.shows_painted = QCheckBox()
        self.shows_painted.setChecked(True)
        self.shows_painted.toggled.connect(self.shown_toggled)
        self.undo = CommandButton(actions["undo"])
        self.redo = CommandButton(actions["redo"])
        self.clear = CommandButton(actions["retouch_clear"])
        self._painted = label(style="muted", wraps=True)
        self._kept = label(style="muted", wraps=True)
        self._hint = label(style="muted", wraps=True)
        self._lay_out()
        self.takes.setChecked(True)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self._cards["brush"].set_title(self.tr("Brush"))
        self._cards["steps"].set_title(self.tr("Steps"))
        self._cards["about"].set_title(self.tr("Painted so far"))
        self.gives_back.setText(self.tr("Give back to the fusion"))
        self.gives_back.setToolTip(self.tr("What you paint is as the network fused it"))
        self.takes.setToolTip(self.tr("What you paint is taken from the frame of the slider"))
        self._size_label.setText(self.tr("Size"))
        self.size.setAccessibleName(self.tr("Size of the brush"))
        self.size.setToolTip(self.size.accessibleName())
        self.shows_painted.setText(self.tr("Colour what is painted"))
        self._hint.setText(
            self.tr(
                "Choose the frame in the strip, then paint on either picture. "
                "Wheel: zoom; right button: move the picture."
            )
        )
        self._write()

    @property
    def radius(self) -> float:
        """Of the brush, in pixels of the picture."""
        return float(SIZES[self.size.value()])

    @property
    def erases(self) -> bool:
        """Whether the brush gives back what it covers."""
        return self.gives_back.isChecked()

    def enlarge(self, steps: int) -> None:
        """Make the brush larger or smaller."""
        self.size.setValue(self.size.value() + steps)

    def show_frame(self, index: int, *, excluded: bool) -> None:
        """Say which frame is painted with."""
        self._number, self._excluded = index + 1, excluded
        self._write()

    def show_state(self, subject: Subject, can_undo: bool = False, can_redo: bool = False) -> None:
        """Show what was edited."""
        self._subject = subject
        self.undo.setEnabled(can_undo)
        self.redo.setEnabled(can_redo)
        self.clear.setEnabled(bool(subject.edits.choice.any()))
        self._write()

    @Slot()
    def _changed(self) -> None:
        self._write()
        self.changed.emit()

    def _write(self) -> None:
        takes = self.tr("Take from frame {n}").format(n=self._number)
        if self._excluded:
            takes = self.tr("Frame {n} is left out").format(n=self._number)
        self.takes.setText(takes)
        subject = self._subject
        kept = subject is not None and isinstance(subject.source, Capture)
        self._kept.setText(
            self.tr("Kept with the capture; its frames stay as they are.")
            if kept
            else self.tr("This stack is no capture: export to keep what you paint.")
        )
        pixel_um = None if subject is None else subject.stack.pixel_um
        across = 2 * self.radius
        words = f"{across:.0f} px"
        if pixel_um is not None:
            words = f"{micrometres(across * pixel_um)} µm"
        self._size_words.setText(words)
        frames = () if subject is None else subject.edits.painted(subject.stack)
        lines = [
            self.tr("Frame {n}: {share:.1f} % of the picture").format(
                n=frame.index + 1, share=100 * frame.pixels / subject.edits.choice.size
            )
            for frame in frames[:6]
            if subject is not None
        ]
        if len(frames) > len(lines):
            lines.append(self.tr("and {n} more").format(n=len(frames) - len(lines)))
        self._painted.setText("\n".join(lines) if lines else self.tr("Nothing yet"))

    def _lay_out(self) -> None:
        brush = self._cards["brush"].body
        brush.addWidget(self.takes)
        brush.addWidget(self.gives_back)
        size = QHBoxLayout()
        size.setSpacing(10)
        size.addWidget(self._size_label)
        size.addWidget(self.size, 1)
        size.addWidget(self._size_words)
        brush.addLayout(size)
        brush.addWidget(self.shows_painted)
        brush.addWidget(self._hint)
        steps = QHBoxLayout()
        for button in (self.undo, self.redo, self.clear):
            steps.addWidget(button, 1)
        self._cards["steps"].body.addLayout(steps)
        about = self._cards["about"].body
        about.addWidget(self._painted)
        about.addWidget(self._kept)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for card in self._cards.values():
            column.addWidget(card)
        column.addStretch(1)
