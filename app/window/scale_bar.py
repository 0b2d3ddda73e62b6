"""Draws a scale bar."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from app.captures.scale_bar import ScaleBar, scale_bar

__all__ = ["ScaleBar", "draw_scale_bar", "scale_bar"]

MARGIN_PX = 14


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
