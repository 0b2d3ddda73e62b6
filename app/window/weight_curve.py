"""How much each frame contributes to one pixel."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.window.theme import Role, colour, digits_font
from app.window.widgets import Translated


class WeightCurve(Translated, QWidget):
    """A small plot: focus weight of one pixel over z, and where the shown frame lies."""

    def __init__(self) -> None:
        super().__init__()
        self._points: list[tuple[float, float]] = []
        self._here: float | None = None
        self._unit = "µm"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.setAccessibleName(self.tr("Focus weight over z at the clicked pixel"))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return QSize(260, 90)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return QSize(160, 90)

    @property
    def points(self) -> list[tuple[float, float]]:
        """What is plotted: (z, weight)."""
        return self._points

    def show_curve(self, points: list[tuple[float, float]], here: float | None, unit: str) -> None:
        """Plot (z, weight) and mark one z."""
        self._points, self._here, self._unit = points, here, unit
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(digits_font(8))
        line = painter.fontMetrics().height()
        frame = QRectF(0.5, 0.5, self.width() - 1, self.height() - line - 5)
        painter.setPen(QPen(colour(Role.LINE), 1))
        painter.setBrush(colour(Role.BACKGROUND))
        painter.drawRoundedRect(frame, 5, 5)
        if len(self._points) < 2:
            painter.setFont(self.font())
            painter.setPen(colour(Role.FAINT))
            text = self.tr("Click a pixel to see which frames make it up")
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(frame.adjusted(12, 0, -12, 0), flags, text)
            painter.end()
            return
        self._draw_curve(painter, frame.adjusted(8, 10, -8, -6))
        painter.end()

    def _draw_curve(self, painter: QPainter, plot: QRectF) -> None:
        low, high = self._points[0][0], self._points[-1][0]
        peak = max(0.05, *(weight for _z, weight in self._points))

        def place(z: float, weight: float) -> QPointF:
            share = (z - low) / (high - low) if high > low else 0.5
            return QPointF(
                plot.left() + share * plot.width(), plot.bottom() - weight / peak * plot.height()
            )

        if self._here is not None:
            x = place(min(max(self._here, low), high), 0).x()
            painter.setPen(QPen(colour(Role.WARNING), 1.5, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        points = [place(z, weight) for z, weight in self._points]
        fill = colour(Role.ACCENT)
        fill.setAlpha(60)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        ends = [QPointF(points[0].x(), plot.bottom()), QPointF(points[-1].x(), plot.bottom())]
        painter.drawPolygon(QPolygonF([ends[0], *points, ends[1]]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(Role.ACCENT), 1.6))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(colour(Role.MUTED))
        line = painter.fontMetrics().height()
        below = QRectF(0, self.height() - line, self.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"{low:.1f}")
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self._unit)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{high:.1f}")
        painter.drawText(plot, Qt.AlignmentFlag.AlignRight, f"{100 * peak:.0f} %")
