"""A fusion while it grows: fused image, newest frame, its weights, and the heights so far."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QRectF, Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from app.acquisition.events import Phase
from app.window.capture_progress import CaptureProgress
from app.window.colour_bar import ColourBar, colour_table
from app.window.commands import Actions
from app.window.fusion_pictures import FusionPictures
from app.window.pane import Pane
from app.window.picture import Pixels
from app.window.picture_canvas import PictureCanvas
from app.window.widgets import ActionButton, Translated, micrometres

WEIGHT_COLOURS, HEIGHT_COLOURS = "viridis", "cividis"


class FusionLayout(Enum):
    """How the four pictures lie."""

    SIDE_BY_SIDE = "side by side"
    """Two by two, all of one size."""
    STACKED = "stacked"
    """The fused image large, the others in a column beside it."""


class FusionView(Translated, QWidget):
    """Four pictures, of which those of the same pixels are zoomed and moved together.

    Parameters
    ----------
    actions : Actions
    """

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._following = False
        self._live = False
        self._newest: tuple[int, float, CaptureProgress] | None = None
        self.fused = Pane("", PictureCanvas())
        self.frame = Pane("", PictureCanvas())
        self.weights = Pane("", PictureCanvas())
        self.height_ = Pane("", PictureCanvas())
        self._weight_colours = colour_table(WEIGHT_COLOURS)
        self._height_colours = colour_table(HEIGHT_COLOURS)
        self.height_bar = ColourBar(self._height_colours, "")
        self.weight_bar = ColourBar(self._weight_colours, "")
        self.fused.header.addWidget(ActionButton(actions["fusion_layout"], "quiet"))
        self.height_.add_side(self.height_bar)
        self.weights.add_side(self.weight_bar)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        self.fused.canvas.ranged.connect(self._fused_ranged)
        self.frame.canvas.ranged.connect(self._frame_ranged)
        self.set_layout(FusionLayout.STACKED)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all texts anew."""
        self.fused.set_title(self.tr("Fused so far"))
        self._name_frame()
        self._write_remarks()
        self.weights.set_title(self.tr("Focus weight map"))
        self.height_.set_title(self.tr("Height map so far"))
        self.height_bar.setAccessibleName(self.tr("Heights in µm"))
        self.height_bar.setToolTip(
            self.tr("z as planned, in µm; the read-back's z come afterwards")
        )
        self.weight_bar.setAccessibleName(self.tr("Share of the fused pixel, 0 to 1"))
        self.weight_bar.setToolTip(self.tr("Share of the newest frame in the fused pixel, 0 to 1"))

    @property
    def canvas(self) -> PictureCanvas:
        """The most important picture."""
        return self.fused.canvas

    def set_layout(self, layout: FusionLayout) -> None:
        """Put the pictures side by side, or stacked beside the fused image."""
        panes = (self.fused, self.frame, self.weights, self.height_)
        for pane in panes:
            self._grid.removeWidget(pane)
        for line in range(3):
            self._grid.setRowStretch(line, 0)
            self._grid.setColumnStretch(line, 0)
        if layout is FusionLayout.SIDE_BY_SIDE:
            for number, pane in enumerate(panes):
                self._grid.addWidget(pane, number // 2, number % 2)
            for line in range(2):
                self._grid.setRowStretch(line, 1)
                self._grid.setColumnStretch(line, 1)
            return
        self._grid.addWidget(self.fused, 0, 0, 3, 1)
        self._grid.setColumnStretch(0, 23)
        self._grid.setColumnStretch(1, 10)
        for row, pane in enumerate(panes[1:]):
            self._grid.addWidget(pane, row, 1)
            self._grid.setRowStretch(row, 1)

    def show_pictures(
        self, pictures: FusionPictures, progress: CaptureProgress, pixel_um: float | None
    ) -> None:
        """Show how far the fusion is; the frame where no live picture takes its place."""
        self.fused.canvas.pixel_um = pixel_um
        self.fused.canvas.show_picture(pictures.fused)
        if progress.phase is not Phase.SWEEP:
            self._live = False
            self._name_frame()
            self.frame.canvas.show_picture(pictures.frame)
        self.weights.canvas.show_mapped(pictures.weights, self._weight_colours)
        self.height_.canvas.show_mapped(pictures.height, self._height_colours)
        self.height_bar.set_span(*pictures.span_um, "µm")
        self._newest = pictures.count, pictures.z_um, progress
        self._write_remarks()

    def show_live(self, pixels: Pixels) -> None:
        """Show what the camera sees, while it does."""
        if not self._live:
            self._live = True
            self._name_frame()
        self.frame.canvas.show_picture(pixels)

    def clear(self) -> None:
        """Show nothing."""
        for pane in (self.fused, self.frame, self.weights, self.height_):
            pane.canvas.clear_picture()

    def _name_frame(self) -> None:
        self.frame.set_title(self.tr("Live") if self._live else self.tr("Newest frame"))

    def _write_remarks(self) -> None:
        if self._newest is None:
            return
        count, z_um, progress = self._newest
        self.fused.remark.setText(self._fused_words(count, progress))
        self.weights.remark.setText(
            self.tr("frame {n}, z {z} µm").format(n=count, z=micrometres(z_um, 1))
        )

    def _fused_words(self, count: int, progress: CaptureProgress) -> str:
        if progress.waiting > 1:
            return self.tr("{n} frames fused, {lag} behind").format(n=count, lag=progress.waiting)
        if count == 1:
            return self.tr("1 frame fused")
        return self.tr("{n} frames fused").format(n=count)

    @Slot(object)
    def _fused_ranged(self, rect: QRectF) -> None:
        self._follow(self.frame.canvas, rect)

    @Slot(object)
    def _frame_ranged(self, rect: QRectF) -> None:
        self._follow(self.fused.canvas, rect)

    def _follow(self, canvas: PictureCanvas, rect: QRectF) -> None:
        """Let one picture show what another shows, as far as its own shape allows."""
        if self._following or canvas.shape is None:
            return
        height, width = canvas.shape
        self._following = True
        try:
            # Whole pictures stay whole when the window changes its size.
            if rect.adjusted(-1, -1, 1, 1).contains(QRectF(0, 0, width, height)):
                canvas.fit()
            else:
                canvas.show_range(rect)
        finally:
            self._following = False
