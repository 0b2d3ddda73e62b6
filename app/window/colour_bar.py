"""What the colours of a map mean."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.window.theme import Role, colour, digits_font

TICKS = 5


def colour_table(name: str) -> np.ndarray:
    """Return a perceptually even colour map, (256, 3) uint8: ``viridis`` or ``cividis``."""
    return pg.colormap.get(name).getLookupTable(nPts=256, alpha=False)


class ColourBar(QWidget):
    """A strip of the colours with numbers beside it, smallest at the bottom.

    Parameters
    ----------
    colours : ndarray of shape (256, 3)
    name : str
        For tool tip and screen reader.
    """

    def __init__(self, colours: np.ndarray, name: str) -> None:
        super().__init__()
        self._colours = colours
        self._span = (0.0, 1.0)
        self._unit = ""
        self.set_name(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def set_name(self, name: str) -> None:
        """Change the tool tip and what the screen reader says."""
        self.setToolTip(name)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return QSize(54, 100)

    @property
    def span(self) -> tuple[float, float]:
        """The values at the ends."""
        return self._span

    def set_span(self, low: float, high: float, unit: str) -> None:
        """Set the values at the ends."""
        self._span, self._unit = (low, high), unit
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        painter = QPainter(self)
        painter.setFont(digits_font(8))
        line = painter.fontMetrics().height()
        unit_height = line + 2 if self._unit else 0
        strip = QRectF(0, unit_height + line / 2, 11, self.height() - unit_height - line)
        gradient = QLinearGradient(strip.bottomLeft(), strip.topLeft())
        for index in range(0, 256, 15):
            red, green, blue = (int(value) for value in self._colours[index])
            gradient.setColorAt(index / 255, QColor(red, green, blue))
        painter.setPen(QPen(colour(Role.LINE), 1))
        painter.setBrush(gradient)
        painter.drawRect(strip)
        painter.setPen(colour(Role.MUTED))
        if self._unit:
            unit_box = QRectF(0, 0, self.width(), line)
            painter.drawText(unit_box, Qt.AlignmentFlag.AlignLeft, self._unit)
        self._draw_ticks(painter, strip, line)
        painter.end()

    def _draw_ticks(self, painter: QPainter, strip: QRectF, line: int) -> None:
        low, high = self._span
        digits = 0 if high - low >= 20 else 1 if high - low >= 2 else 2
        for share in np.linspace(0, 1, TICKS).tolist():
            y = strip.bottom() - share * strip.height()
            painter.drawLine(QPointF(strip.right(), y), QPointF(strip.right() + 3, y))
            box = QRectF(strip.right() + 5, y - line / 2, self.width() - strip.right() - 5, line)
            text = f"{low + share * (high - low):.{digits}f}"
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
