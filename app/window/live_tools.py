"""What the mouse does over the live picture, and the grid on it."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum
from typing import Final

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from app.orientation import Orientation
from app.window.canvas_layer import OnScreen, PicturePoint
from app.window.jog import Point, to_centre

CELLS: Final = 8
"""About so many cells of the grid lie side by side."""


class Tool(Enum):
    """What dragging and clicking do."""

    LOOK = "look"
    """Dragging moves the picture on the screen."""
    MOVE = "move"
    """Dragging moves the stage."""
    PICK_WHITE = "pick white"
    """The next click chooses what is to be white."""


class StageTool:
    """Moves the stage by the mouse: a double click centres, dragging pulls the slide along.

    Parameters
    ----------
    move : callable
        Gets a step of the stage.
    pick : callable
        Gets column and row of the pixel chosen as white.
    """

    def __init__(
        self, move: Callable[[Point], None], pick: Callable[[tuple[int, int]], None]
    ) -> None:
        self.tool = Tool.LOOK
        self.pixel_um: float | None = None
        self.orientation = Orientation()
        self.shape: tuple[int, int] | None = None
        self._move = move
        self._pick = pick
        self._last: PicturePoint | None = None

    def press(self, point: PicturePoint, _reach: float) -> bool:
        """See `CanvasLayer.press`."""
        if self.tool is Tool.LOOK or not self._inside(point):
            return False
        self._last = point
        return True

    def drag(self, point: PicturePoint) -> None:
        """See `CanvasLayer.drag`."""
        if self.tool is not Tool.MOVE or self._last is None or self.pixel_um is None:
            return
        columns, rows = point[0] - self._last[0], point[1] - self._last[1]
        self._last = point
        # What is under the mouse stays under it: the field goes the other way.
        way = -columns * self.pixel_um, -rows * self.pixel_um
        self._move(Point(*self.orientation.to_stage(*way)))

    def release(self, point: PicturePoint, _reach: float) -> None:
        """See `CanvasLayer.release`."""
        self._last = None
        if self.tool is Tool.PICK_WHITE and self._inside(point):
            self._pick((math.floor(point[0]), math.floor(point[1])))

    def hover(self, point: PicturePoint, reach: float) -> None:
        """See `CanvasLayer.hover`."""

    def double_click(self, point: PicturePoint, _reach: float) -> bool:
        """Bring a point of the picture to its middle."""
        known = self.pixel_um is not None and self.shape is not None
        if self.tool is Tool.PICK_WHITE or not known or not self._inside(point):
            return False
        assert self.pixel_um is not None
        assert self.shape is not None
        pixel = (point[0] - 0.5, point[1] - 0.5)
        self._move(to_centre(pixel, self.shape, self.pixel_um, self.orientation))
        return True

    def draw(self, painter: QPainter, on_screen: OnScreen) -> None:
        """See `CanvasLayer.draw`."""

    def _inside(self, point: PicturePoint) -> bool:
        height, width = self.shape or (0, 0)
        return 0 <= point[0] < width and 0 <= point[1] < height


class Grid:
    """Lines a round number of µm apart, counted from the middle of the picture."""

    def __init__(self) -> None:
        self.shown = False
        self.pixel_um: float | None = None
        self.shape: tuple[int, int] | None = None

    def press(self, _point: PicturePoint, _reach: float) -> bool:
        """See `CanvasLayer.press`."""
        return False

    def drag(self, point: PicturePoint) -> None:
        """See `CanvasLayer.drag`."""

    def release(self, point: PicturePoint, reach: float) -> None:
        """See `CanvasLayer.release`."""

    def hover(self, point: PicturePoint, reach: float) -> None:
        """See `CanvasLayer.hover`."""

    def double_click(self, _point: PicturePoint, _reach: float) -> bool:
        """See `CanvasLayer.double_click`."""
        return False

    def draw(self, painter: QPainter, on_screen: OnScreen) -> None:
        """See `CanvasLayer.draw`."""
        if not self.shown or self.pixel_um is None or self.shape is None:
            return
        height, width = self.shape
        cell_um = round_length(width * self.pixel_um / CELLS)
        cell = cell_um / self.pixel_um
        painter.setPen(QPen(QColor(255, 255, 255, 70), 1))
        for column in _lines(width, cell):
            painter.drawLine(on_screen((column, 0)), on_screen((column, height)))
        for row in _lines(height, cell):
            painter.drawLine(on_screen((0, row)), on_screen((width, row)))
        corner = on_screen((0, 0)) + QPointF(8, 8 + painter.fontMetrics().ascent())
        # A shadow: the picture below may have any colour.
        for offset, colour in ((QPointF(1, 1), QColor(0, 0, 0, 200)), (QPointF(), QColor("white"))):
            painter.setPen(colour)
            painter.drawText(corner + offset, f"# {cell_um:g} µm")


def round_length(length: float) -> float:
    """Return the nearest of 1, 2, 5, 10 … not below two thirds of a length."""
    decade = 10.0 ** math.floor(math.log10(length))
    return next(digit * decade for digit in (1, 2, 5, 10) if digit * decade >= length * 2 / 3)


def _lines(side: int, cell: float) -> list[float]:
    count = math.floor(side / 2 / cell)
    return [side / 2 + n * cell for n in range(-count, count + 1)]
