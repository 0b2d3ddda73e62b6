"""Four linked pictures: a frame, its weights, the fused image, the heights."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QSlider, QWidget

from app.window.colour_bar import ColourBar, colour_table
from app.window.contour_layer import ContourLayer
from app.window.contours import contours
from app.window.linked import Linked
from app.window.pane import Pane
from app.window.picture_canvas import PictureCanvas
from app.window.subject import Subject
from app.window.weight_maps import WeighedFrame
from app.window.widgets import Translated

OPACITY: Final = 65
"""Of the weights over the frame, in %; what a review starts with."""
NEVER: Final = (213, 94, 0)
"""Colour of what was never in focus: vermilion, told from the others by all eyes (Okabe, Ito)."""


class HeightsAs(IntEnum):
    """What the fourth picture shows."""

    COLOUR = 0
    CONTOURS = 1
    CONFIDENCE = 2


def confidence_colours() -> np.ndarray:
    """Return the 256 colours of a confidence map; the first is that of pixels never in focus."""
    colours = colour_table("viridis").copy()
    colours[0] = NEVER
    return colours


class Overview(Translated, QWidget):
    """The pictures, their colours, and a choice of how heights are shown.

    ``hovered`` and ``clicked`` are those of all pictures.
    """

    hovered = Signal(object)
    clicked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._subject: Subject | None = None
        self._shown: tuple[int, bool, bool] | None = None
        """Which frame, whether it is left out, and whether its weights are known."""
        self._weight_colours = colour_table("viridis")
        self._height_colours = colour_table("cividis")
        self._confidence_colours = confidence_colours()
        self.weights_bar = ColourBar(self._weight_colours, "")
        self.height_bar = ColourBar(self._height_colours, "")
        self.confidence_bar = ColourBar(self._confidence_colours, "")
        self.frame = Pane("", PictureCanvas())
        self.weights = Pane("", PictureCanvas())
        self.fused = Pane("", PictureCanvas())
        self.heights = Pane("", PictureCanvas())
        self.panes = (self.frame, self.weights, self.fused, self.heights)
        self.contours = ContourLayer(self._height_colours)
        self.heights.canvas.add_layer(self.contours)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setFixedWidth(90)
        self.opacity.valueChanged.connect(self._opacity_chosen)
        self.opacity.setValue(OPACITY)
        self.weights.header.insertWidget(1, self.opacity)
        self.heights_as = QComboBox()
        # Its texts come later, and change with the language.
        self.heights_as.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.heights_as.addItems([""] * len(HeightsAs))
        self.heights_as.currentIndexChanged.connect(self._show_heights)
        self.heights.header.insertWidget(1, self.heights_as)
        # Linked pictures have to be of the same size, and so have the lines above them.
        for pane in self.panes:
            pane.title.setMinimumHeight(self.heights_as.sizeHint().height())
        self._linked = Linked(*self.canvases)
        for canvas in self.canvases:
            canvas.hovered.connect(self.hovered)
            canvas.clicked.connect(self.clicked)
        self._lay_out()
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.opacity.setAccessibleName(self.tr("Opacity of the weights in %"))
        self.opacity.setToolTip(self.opacity.accessibleName())
        self.weights_bar.set_name(self.tr("Focus weight, 0 to 1"))
        self.height_bar.set_name(self.tr("Height"))
        self.confidence_bar.set_name(self.tr("Confidence, 0 to 1"))
        self.frame.set_title(self.tr("Frame"))
        self.weights.set_title(self.tr("Focus weights of this frame"))
        self.fused.set_title(self.tr("Fused image"))
        self.heights.set_title(self.tr("Height map"))
        self.heights_as.setItemText(HeightsAs.COLOUR, self.tr("in colour"))
        self.heights_as.setItemText(HeightsAs.CONTOURS, self.tr("as contours"))
        self.heights_as.setItemText(HeightsAs.CONFIDENCE, self.tr("confidence"))
        self.heights_as.setAccessibleName(self.tr("How heights are shown"))
        self.heights_as.setToolTip(
            self.tr("Heights in colour or as lines, or how far they can be believed")
        )
        self._name_frame()
        self._show_heights()

    @property
    def canvases(self) -> tuple[PictureCanvas, ...]:
        """The four pictures: frame, weights, fused, height."""
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
        edited = not subject.edits.empty
        self.fused.remark.setText(self.tr("edited") if edited else "")
        self._show_heights()

    def show_frame(self, weighed: WeighedFrame, *, excluded: bool) -> None:
        """Show a frame and its weights."""
        self.frame.canvas.show_picture(weighed.frame)
        self.weights.canvas.show_picture(weighed.frame)
        self.weights.canvas.show_overlay(weighed.weights, self._weight_colours)
        self._shown = (weighed.index, excluded, weighed.weights is not None)
        self._name_frame()

    def set_mark(self, column: int, row: int) -> None:
        """Mark one pixel in all pictures."""
        for canvas in self.canvases:
            canvas.set_mark(column, row)

    def _name_frame(self) -> None:
        if self._shown is None:
            return
        index, excluded, known = self._shown
        words = self.tr("frame {n}, left out") if excluded else self.tr("frame {n}")
        number = words.format(n=index + 1)
        self.frame.remark.setText(number)
        self.weights.remark.setText(number if known else self.tr("computing …"))

    @Slot(int)
    def _opacity_chosen(self, percent: int) -> None:
        self.weights.canvas.set_overlay_opacity(percent / 100)

    @Slot()
    def _show_heights(self) -> None:
        subject, shown = self._subject, HeightsAs(self.heights_as.currentIndex())
        self.confidence_bar.setVisible(shown is HeightsAs.CONFIDENCE)
        self.height_bar.setVisible(shown is not HeightsAs.CONFIDENCE)
        if subject is None:
            return
        unit = "µm" if subject.fusion.height_unit == "µm" else self.tr("frame")
        self.height_bar.set_span(*subject.span, unit)
        canvas, lines = self.heights.canvas, None
        remark = self.tr("never in focus: {share:.1f} %").format(share=100 * subject.never_in_focus)
        if shown is HeightsAs.COLOUR:
            canvas.show_mapped(subject.height, self._height_colours)
        elif shown is HeightsAs.CONFIDENCE:
            canvas.show_mapped(subject.confidence, self._confidence_colours)
        else:
            lines = contours(subject.heights, subject.span)
            canvas.show_picture(subject.fused)
            remark = self.tr("every {step:g} {unit}").format(step=lines.interval, unit=unit)
        self.contours.show_contours(lines, subject.span)
        canvas.refresh()
        self.heights.remark.setText(remark)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        for number, pane in enumerate(self.panes):
            grid.addWidget(pane, number // 2, number % 2)
            grid.setRowStretch(number // 2, 1)
            grid.setColumnStretch(number % 2, 1)
        # Beside the panes, not in them: linked pictures have to be of the same size.
        grid.addWidget(self.weights_bar, 0, 2)
        for bar in (self.height_bar, self.confidence_bar):
            grid.addWidget(bar, 1, 2)
