"""Painting: the fused image under a brush, beside the frame that is painted with."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.window.brush_layer import BrushLayer
from app.window.canvas_layer import PicturePoint
from app.window.linked import Linked
from app.window.pane import Pane
from app.window.picture import Pixels
from app.window.picture_canvas import PictureCanvas
from app.window.subject import Subject
from app.window.theme import Role, colour
from app.window.widgets import Translated

VEIL = 70
"""Of 255: how strongly what is painted is coloured."""


class RetouchView(Translated, QWidget):
    """Two linked pictures under one brush.

    ``painted`` carries a part of a stroke as a tuple of (x, y), ``lifted`` says that it is over.
    """

    painted = Signal(object)
    lifted = Signal()
    hovered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._subject: Subject | None = None
        self._shown: tuple[int, bool] | None = None
        """Which frame, and whether it is left out."""
        self._shows_painted = True
        self.fused = Pane("", PictureCanvas())
        self.frame = Pane("", PictureCanvas())
        self.panes = (self.fused, self.frame)
        self.brushes = tuple(
            BrushLayer(self.painted.emit, self.lifted.emit, self._moved) for _pane in self.panes
        )
        for pane, brush in zip(self.panes, self.brushes, strict=True):
            pane.canvas.add_layer(brush)
            pane.canvas.hovered.connect(self._hovered)
        self.fused.canvas.set_overlay_opacity(1.0)
        self._linked = Linked(*self.canvases)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(14)
        for pane in self.panes:
            line.addWidget(pane, 1)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.fused.set_title(self.tr("Fused image"))
        self.frame.set_title(self.tr("Frame to take from"))
        self._name_frame()

    @property
    def canvases(self) -> tuple[PictureCanvas, ...]:
        """Fused image and frame."""
        return tuple(pane.canvas for pane in self.panes)

    def open(self, subject: Subject) -> None:
        """Show another stack."""
        for canvas in self.canvases:
            canvas.clear_picture()
            canvas.pixel_um = subject.stack.pixel_um
        self.show_subject(subject)

    def show_subject(self, subject: Subject) -> None:
        """Show a stack's results, or what an edit has made of them."""
        self._subject = subject
        self.fused.canvas.show_picture(subject.fused)
        self._show_painted()

    def show_frame(self, index: int, pixels: Pixels, *, excluded: bool) -> None:
        """Show the frame that is painted with."""
        self.frame.canvas.show_picture(pixels)
        self._shown = (index, excluded)
        self._name_frame()

    def _name_frame(self) -> None:
        if self._shown is None:
            return
        index, excluded = self._shown
        words = self.tr("frame {n}, left out") if excluded else self.tr("frame {n}")
        self.frame.remark.setText(words.format(n=index + 1))

    def set_brush(self, radius: float, *, erases: bool) -> None:
        """Change the brush."""
        for brush in self.brushes:
            brush.radius, brush.erases = radius, erases
        self._refresh()

    def set_painted_shown(self, shown: bool) -> None:
        """Colour what is painted, or not."""
        self._shows_painted = shown
        self._show_painted()

    def _show_painted(self) -> None:
        subject = self._subject
        if subject is None:
            return
        choice = subject.edits.choice
        if not self._shows_painted or not choice.any():
            self.fused.canvas.show_overlay(None)
            return
        accent = colour(Role.ACCENT)
        colours = np.zeros((256, 4), np.uint8)
        colours[255] = accent.red(), accent.green(), accent.blue(), VEIL
        self.fused.canvas.show_overlay((choice > 0).astype(np.uint8) * np.uint8(255), colours)

    def _moved(self, point: PicturePoint | None) -> None:
        for brush in self.brushes:
            brush.show_at(point)
        self._refresh()

    @Slot(object)
    def _hovered(self, pixel: tuple[int, int] | None) -> None:
        if pixel is None:
            self._moved(None)
        self.hovered.emit(pixel)

    def _refresh(self) -> None:
        for canvas in self.canvases:
            canvas.refresh()
