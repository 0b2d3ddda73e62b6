"""How bright the live picture is, value by value."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.acquisition.frame_report import FrameReport, contrast_limits
from app.window.theme import Role, colour
from app.window.widgets import Translated

CHANNELS = ("#e4595a", "#58b368", "#5b8def")
"""Red, green and blue, seen on dark and on light."""


class HistogramView(Translated, QWidget):
    """Three curves, or one for a grey camera; the clipped end is marked.

    The counts are drawn as their square roots, so that few pixels are still seen.
    """

    def __init__(self) -> None:
        super().__init__()
        self._report: FrameReport | None = None
        self._stretched = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.retranslate()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return QSize(260, 64)

    def retranslate(self) -> None:
        """Write all texts anew."""
        self.setAccessibleName(self.tr("Histogram"))
        self.setToolTip(
            self.tr(
                "How many pixels have which brightness, from black at the left to the end of the "
                "camera's scale at the right. The lines are what auto contrast shows as black and "
                "white; it changes the view, never the frames."
            )
        )

    def show_report(self, report: FrameReport, *, stretched: bool) -> None:
        """Show a frame's histogram, and what the view is stretched to."""
        self._report, self._stretched = report, stretched
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(colour(Role.LINE), 1))
        painter.setBrush(colour(Role.BACKGROUND))
        painter.drawRoundedRect(box, 5, 5)
        inside = box.adjusted(3, 4, -3, -3)
        if self._report is not None:
            self._draw(painter, inside, self._report)
        painter.end()

    def _draw(self, painter: QPainter, box: QRectF, report: FrameReport) -> None:
        roots = np.sqrt(report.histogram)
        # The clipped end must not press all the rest flat.
        peak = max(float(roots[:, 1:-1].max()), 1.0)
        names = CHANNELS if len(roots) == 3 else (colour(Role.MUTED).name(),)
        for curve, name in zip(roots, names, strict=True):
            line = QColor(name)
            fill = QColor(name)
            fill.setAlpha(50)
            painter.setPen(QPen(line, 1.2))
            painter.setBrush(fill)
            painter.drawPolygon(_outline(curve / peak, box))
        if report.is_clipped:
            painter.fillRect(QRectF(box.right() - 3, box.top(), 3, box.height()), colour(Role.STOP))
        if self._stretched:
            painter.setPen(QPen(colour(Role.ACCENT), 1, Qt.PenStyle.DashLine))
            for value in contrast_limits(report.histogram):
                x = box.left() + value / 255 * box.width()
                painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))


def _outline(curve: NDArray[np.float64], box: QRectF) -> QPolygonF:
    xs = np.linspace(box.left(), box.right(), len(curve))
    ys = box.bottom() - np.minimum(curve, 1) * box.height()
    points = [QPointF(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
    return QPolygonF([box.bottomLeft(), *points, box.bottomRight()])
