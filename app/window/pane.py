"""A picture with a title line above it."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.window.picture_canvas import PictureCanvas
from app.window.widgets import label, readout

HEADER_PX: Final = 30


class Pane(QWidget):
    """A title, a remark at the right, and the picture.

    Parameters
    ----------
    title : str
    canvas : PictureCanvas
    """

    def __init__(self, title: str, canvas: PictureCanvas) -> None:
        super().__init__()
        self.canvas = canvas
        self.title = label(style="paneTitle")
        self.set_title(title)
        self.remark = readout(points=8.5)
        self.remark.setObjectName("muted")
        # Buttons in one header must not push its picture below that of its neighbours.
        holder = QWidget()
        holder.setFixedHeight(HEADER_PX)
        self.header = QHBoxLayout(holder)
        self.header.setContentsMargins(2, 0, 2, 0)
        self.header.setSpacing(8)
        self.header.addWidget(self.title)
        self.header.addStretch(1)
        self.header.addWidget(self.remark)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(holder)
        self._line = QHBoxLayout()
        self._line.setSpacing(6)
        self._line.addWidget(canvas, 1)
        column.addLayout(self._line, 1)

    def add_side(self, widget: QWidget) -> None:
        """Put something beside the picture, at the right."""
        self._line.addWidget(widget)

    def set_title(self, title: str) -> None:
        """Change the title, also for the screen reader."""
        self.title.setText(title)
        self.canvas.setAccessibleName(title)
