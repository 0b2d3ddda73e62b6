"""What is measured, laid over a picture."""

from __future__ import annotations

from PySide6.QtGui import QPainter

from app.window.canvas_layer import OnScreen, PicturePoint
from app.window.measuring import Measuring
from app.window.reading_words import caption
from app.window.shape_painter import draw_lines, draw_shapes


class MeasureLayer:
    """Draws shapes, and hands the mouse over to the tool; a `CanvasLayer`.

    Parameters
    ----------
    measuring : Measuring
    """

    def __init__(self, measuring: Measuring) -> None:
        self._measuring = measuring

    def press(self, point: PicturePoint, reach: float) -> bool:
        """See `CanvasLayer`."""
        return self._measuring.press(point, reach)

    def drag(self, point: PicturePoint) -> None:
        """See `CanvasLayer`."""
        self._measuring.drag(point)

    def release(self, point: PicturePoint, reach: float) -> None:
        """See `CanvasLayer`."""
        self._measuring.release(point, reach)

    def hover(self, point: PicturePoint, reach: float) -> None:
        """See `CanvasLayer`."""
        self._measuring.hover(point, reach)

    def double_click(self, point: PicturePoint, reach: float) -> bool:
        """See `CanvasLayer`."""
        return self._measuring.double_click(point, reach)

    def draw(self, painter: QPainter, on_screen: OnScreen) -> None:
        """See `CanvasLayer`."""
        measuring = self._measuring
        draw_shapes(
            painter,
            measuring.shapes,
            on_screen,
            lambda shape: caption(shape, measuring.readings(shape)),
            measuring.selected,
        )
        if measuring.draft is not None:
            kind, points = measuring.draft
            draw_lines(painter, kind, [on_screen(p) for p in points], chosen=True, closed=False)
