"""How high it is along a line."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.captures.measurements import HeightProfile
from app.window.theme import Role, colour, digits_font
from app.window.widgets import micrometres


class ProfilePlot(QWidget):
    """A small plot of heights over the way along a line."""

    def __init__(self) -> None:
        super().__init__()
        self._profile: HeightProfile | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return QSize(260, 110)

    @property
    def profile(self) -> HeightProfile | None:
        """What is plotted."""
        return self._profile

    def show_profile(self, profile: HeightProfile | None) -> None:
        """Plot a profile, or nothing."""
        self._profile = profile
        self.setVisible(profile is not None)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        profile = self._profile
        if profile is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(digits_font(8))
        line = painter.fontMetrics().height()
        frame = QRectF(0.5, 0.5, self.width() - 1, self.height() - line - 5)
        painter.setPen(QPen(colour(Role.LINE), 1))
        painter.setBrush(colour(Role.BACKGROUND))
        painter.drawRoundedRect(frame, 5, 5)
        plot = frame.adjusted(8, line + 4, -8, -8)
        low, high = float(profile.heights.min()), float(profile.heights.max())
        self._draw_line(painter, profile, plot, low, high)
        painter.setPen(colour(Role.MUTED))
        words = f"{micrometres(low)} – {micrometres(high)} {profile.height_unit}"
        painter.drawText(frame.adjusted(8, 3, -8, 0), Qt.AlignmentFlag.AlignRight, words)
        below = QRectF(0, self.height() - line, self.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
        end = f"{micrometres(float(profile.along[-1]))} {profile.along_unit}"
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, end)
        painter.end()

    @staticmethod
    def _draw_line(
        painter: QPainter, profile: HeightProfile, plot: QRectF, low: float, high: float
    ) -> None:
        span, way = (high - low) or 1.0, float(profile.along[-1]) or 1.0
        points = [
            QPointF(
                plot.left() + float(along) / way * plot.width(),
                plot.bottom() - (float(height) - low) / span * plot.height(),
            )
            for along, height in zip(profile.along, profile.heights, strict=True)
        ]
        fill = QColor(colour(Role.ACCENT))
        fill.setAlpha(60)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        ends = [QPointF(points[0].x(), plot.bottom()), QPointF(points[-1].x(), plot.bottom())]
        painter.drawPolygon(QPolygonF([ends[0], *points, ends[1]]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(Role.ACCENT), 1.6))
        painter.drawPolyline(QPolygonF(points))
