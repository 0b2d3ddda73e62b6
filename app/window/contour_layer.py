"""Lines of equal height over a picture."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from app.window.canvas_layer import OnScreen, PicturePoint
from app.window.contours import Contours
from app.window.theme import digits_font

FAR: Final = 10_000.0
LABELLED_PX: Final = 160.0
"""On the screen; shorter lines have no room for their height."""


class ContourLayer:
    """Draws contours, each in the colour of its height; sees no mouse.

    Parameters
    ----------
    colours : ndarray of shape (256, 3)
    """

    def __init__(self, colours: np.ndarray) -> None:
        self._colours = colours
        self._contours: Contours | None = None
        self._span = (0.0, 1.0)
        self._paths: list[tuple[float, QPainterPath, QPointF, float]] = []

    @property
    def contours(self) -> Contours | None:
        """What is drawn."""
        return self._contours

    def show_contours(self, contours: Contours | None, span: tuple[float, float]) -> None:
        """Draw other lines; None draws none."""
        self._contours, self._span = contours, span
        self._paths = []
        for line in contours.lines if contours is not None else ():
            path = QPainterPath()
            path.addPolygon(QPolygonF([QPointF(x, y) for x, y in line.points.tolist()]))
            middle = QPointF(*line.points[len(line.points) // 2].tolist())
            length = float(np.hypot(*np.diff(line.points, axis=0).T).sum())
            self._paths.append((line.level, path, middle, length))

    def draw(self, painter: QPainter, on_screen: OnScreen) -> None:
        """See `CanvasLayer`."""
        # Places on the screen are whole pixels: the scale is taken from far apart.
        corner, far = on_screen((0.0, 0.0)), on_screen((FAR, FAR))
        scale = (far.x() - corner.x()) / FAR
        painter.setFont(digits_font(8))
        written: list[QRectF] = []
        for level, path, middle, length in self._paths:
            painter.save()
            painter.translate(corner)
            painter.scale(scale, scale)
            # Dark under bright: seen on any picture.
            for colour, thickness in ((QColor(0, 0, 0, 150), 3.0), (self._colour(level), 1.4)):
                pen = QPen(colour, thickness)
                pen.setCosmetic(True)
                painter.setPen(pen)
                painter.drawPath(path)
            painter.restore()
            if length * scale > LABELLED_PX:
                at = QPointF(corner.x() + middle.x() * scale, corner.y() + middle.y() * scale)
                self._write(painter, level, at, written)

    def _colour(self, level: float) -> QColor:
        low, high = self._span
        step = int(np.clip(round(255 * (level - low) / (high - low)), 60, 255))
        red, green, blue = (int(value) for value in self._colours[step])
        return QColor(red, green, blue)

    @staticmethod
    def _write(painter: QPainter, level: float, at: QPointF, written: list[QRectF]) -> None:
        text = f"{level:g}"
        width = painter.fontMetrics().horizontalAdvance(text) + 6
        box = QRectF(0, 0, width, painter.fontMetrics().height())
        box.moveCenter(at)
        if any(box.intersects(other) for other in written):
            return
        written.append(box)
        painter.fillRect(box, QColor(0, 0, 0, 150))
        painter.setPen(QColor("white"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def press(self, _point: PicturePoint, _reach: float) -> bool:
        """See `CanvasLayer`."""
        return False

    def drag(self, point: PicturePoint) -> None:
        """See `CanvasLayer`."""

    def release(self, point: PicturePoint, reach: float) -> None:
        """See `CanvasLayer`."""

    def hover(self, point: PicturePoint, reach: float) -> None:
        """See `CanvasLayer`."""

    def double_click(self, _point: PicturePoint, _reach: float) -> bool:
        """See `CanvasLayer`."""
        return False
