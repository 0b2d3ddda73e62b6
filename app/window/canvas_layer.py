"""What can be laid over a picture: it sees the mouse before the picture does, and draws itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

PicturePoint = tuple[float, float]
"""x, y in pixels from the picture's upper left corner; (0.5, 0.5) is the first one's middle."""
OnScreen = Callable[[PicturePoint], QPointF]


class CanvasLayer(Protocol):
    """Something over a picture. ``reach`` is as far, in pixels, as the mouse may miss a thing."""

    def press(self, point: PicturePoint, reach: float) -> bool:
        """Take the left button's press; False leaves it, and what follows, to the picture."""
        ...

    def drag(self, point: PicturePoint) -> None:
        """Follow the mouse whose press it has taken."""
        ...

    def release(self, point: PicturePoint, reach: float) -> None:
        """Let go of the mouse whose press it has taken."""
        ...

    def hover(self, point: PicturePoint, reach: float) -> None:
        """See the mouse pass with no button pressed."""
        ...

    def double_click(self, point: PicturePoint, reach: float) -> bool:
        """Take a double click; False leaves it to the picture."""
        ...

    def draw(self, painter: QPainter, on_screen: OnScreen) -> None:
        """Draw in the coordinates of the screen."""
        ...
