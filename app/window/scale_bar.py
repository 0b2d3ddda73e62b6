"""A scale bar whose length is a round number of µm."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

LONGEST = 0.22
"""Of the width of the view."""
MARGIN_PX = 14


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """How long the bar is."""

    length_um: float
    length_px: float

    @property
    def text(self) -> str:
        """The length in words."""
        if self.length_um >= 1000:
            return f"{self.length_um / 1000:g} mm"
        return f"{self.length_um:g} µm"


def scale_bar(um_per_px: float, view_px: float) -> ScaleBar:
    """Choose the longest of 1, 2, 5, 10 ... µm that takes at most `LONGEST` of the view."""
    most_um = um_per_px * view_px * LONGEST
    decade = 10.0 ** math.floor(math.log10(most_um))
    length_um = next(digit * decade for digit in (5, 2, 1) if digit * decade <= most_um * 1.0001)
    return ScaleBar(length_um, length_um / um_per_px)


def draw_scale_bar(painter: QPainter, view: QRectF, bar: ScaleBar, font: QFont) -> None:
    """Draw a bar in the lower right corner of a view, readable on any picture."""
    painter.setFont(font)
    text_px = painter.fontMetrics().horizontalAdvance(bar.text)
    width = max(bar.length_px, text_px) + 16
    height = painter.fontMetrics().height() + 16
    box = QRectF(
        view.right() - MARGIN_PX - width, view.bottom() - MARGIN_PX - height, width, height
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(10, 12, 16, 165))
    painter.drawRoundedRect(box, 5, 5)
    left = box.center().x() - bar.length_px / 2
    y = box.bottom() - 7
    pen = QPen(QColor("white"), 3)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawLine(QPointF(left, y), QPointF(left + bar.length_px, y))
    text_box = box.adjusted(0, 3, 0, -9)
    painter.drawText(text_box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, bar.text)
