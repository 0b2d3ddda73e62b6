"""A round brush over a picture."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.window.canvas_layer import OnScreen, PicturePoint

Painted = Callable[[tuple[PicturePoint, ...]], None]
"""Gets each part of a stroke as it is made."""


class BrushLayer:
    """Follows the mouse as a circle, and paints while the left button is down.

    Parameters
    ----------
    painted : callable
    lifted : callable
        Called when a stroke is over.
    moved : callable
        Called with where the mouse is, or None where it is not over the picture.
    """

    def __init__(
        self,
        painted: Painted,
        lifted: Callable[[], None],
        moved: Callable[[PicturePoint | None], None],
    ) -> None:
        self._painted = painted
        self._lifted = lifted
        self._moved = moved
        self._at: PicturePoint | None = None
        self.radius = 20.0
        """In pixels of the picture."""
        self.enabled = True
        self.erases = False

    def show_at(self, point: PicturePoint | None) -> None:
        """Show the circle somewhere, or nowhere."""
        self._at = point

    def press(self, point: PicturePoint, _reach: float) -> bool:
        """See `CanvasLayer`."""
        if not self.enabled:
            return False
        self._move(point)
        self._painted((point,))
        return True

    def drag(self, point: PicturePoint) -> None:
        """See `CanvasLayer`."""
        before = self._at
        self._move(point)
        self._painted((point,) if before is None else (before, point))

    def release(self, _point: PicturePoint, _reach: float) -> None:
        """See `CanvasLayer`."""
        self._lifted()

    def hover(self, point: PicturePoint, _reach: float) -> None:
        """See `CanvasLayer`."""
        self._move(point)

    def double_click(self, point: PicturePoint, reach: float) -> bool:
        """See `CanvasLayer`."""
        return self.press(point, reach)

    def draw(self, painter: QPainter, on_screen: OnScreen) -> None:
        """See `CanvasLayer`."""
        if self._at is None:
            return
        middle = on_screen(self._at)
        edge = on_screen((self._at[0] + self.radius, self._at[1]))
        radius = edge.x() - middle.x()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        style = Qt.PenStyle.DashLine if self.erases else Qt.PenStyle.SolidLine
        for colour, thickness in ((QColor(0, 0, 0, 180), 3.0), (QColor("white"), 1.4)):
            painter.setPen(QPen(colour, thickness, style))
            painter.drawEllipse(middle, radius, radius)
        painter.drawLine(middle - QPointF(3, 0), middle + QPointF(3, 0))
        painter.drawLine(middle - QPointF(0, 3), middle + QPointF(0, 3))

    def _move(self, point: PicturePoint) -> None:
        self._at = point
        self._moved(point)
