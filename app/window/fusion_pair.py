"""Two fusions of one capture, side by side."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.captures.fusions import FusionEntry
from app.window.colour_bar import ColourBar, colour_table
from app.window.comparison import Comparison
from app.window.linked import Linked
from app.window.pane import Pane
from app.window.picture_canvas import PictureCanvas
from app.window.widgets import Translated, label


class FusionPair(Translated, QWidget):
    """Shows both fused images or both height maps, zoomed alike; ``closed`` fires to go back.

    Parameters
    ----------
    words : callable
        Says how a fusion was made.
    """

    closed = Signal()

    def __init__(self, words: Callable[[FusionEntry], str]) -> None:
        super().__init__()
        self._words = words
        self._pair: Comparison | None = None
        self._colours = colour_table("cividis")
        self.panes = Pane("", PictureCanvas()), Pane("", PictureCanvas())
        self._linked = Linked(*(pane.canvas for pane in self.panes))
        self._bar = ColourBar(self._colours, "")
        self.heights = QCheckBox()
        self.back = QPushButton()
        self._difference = label(style="muted")
        self.heights.toggled.connect(self._show)
        self.back.clicked.connect(self.closed)
        line = QHBoxLayout()
        line.addWidget(self.back)
        line.addSpacing(12)
        line.addWidget(self.heights)
        line.addStretch(1)
        line.addWidget(self._difference)
        pictures = QHBoxLayout()
        pictures.setSpacing(14)
        for pane in self.panes:
            pictures.addWidget(pane, 1)
        pictures.addWidget(self._bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(line)
        column.addLayout(pictures, 1)
        self.retranslate()
        # The pictures keep their size whatever they show.
        kept = self._bar.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(kept)
        self._bar.hide()

    @property
    def canvases(self) -> tuple[PictureCanvas, ...]:
        """Both pictures."""
        return tuple(pane.canvas for pane in self.panes)

    def show_pair(self, pair: Comparison) -> None:
        """Show two other fusions."""
        self._pair = pair
        for pane, side in zip(self.panes, (pair.left, pair.right), strict=True):
            pane.set_title(self._words(side.entry).replace("\n", " · "))
            pane.canvas.clear_picture()
            pane.canvas.pixel_um = side.entry.record.pixel_um
        self._bar.set_span(*pair.span, pair.unit)
        self._write_difference()
        self._show()
        for canvas in self.canvases:
            canvas.fit()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.back.setText(self.tr("Back to the list"))
        self.heights.setText(self.tr("Height maps"))
        self._bar.set_name(self.tr("Height"))
        self._write_difference()

    def _write_difference(self) -> None:
        if self._pair is not None:
            self._difference.setText(
                self.tr("Mean difference of the fused images: {n:.2f} of 255").format(
                    n=self._pair.mean_difference
                )
            )

    @Slot()
    def _show(self) -> None:
        pair = self._pair
        heights = self.heights.isChecked()
        self._bar.setVisible(heights)
        if pair is None:
            return
        for pane, side in zip(self.panes, (pair.left, pair.right), strict=True):
            if heights:
                pane.canvas.show_mapped(side.height, self._colours)
            else:
                pane.canvas.show_picture(side.fused)
