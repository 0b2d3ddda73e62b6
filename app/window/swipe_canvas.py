"""Two pictures in one place, with an edge between them that is dragged over them."""

from __future__ import annotations

from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from app.window.canvas_layer import OnScreen, PicturePoint
from app.window.picture import Pixels
from app.window.picture_canvas import PictureCanvas

HANDLE_PX: Final = 11


class CutImage(pg.ImageItem):
    """A picture of which only what lies right of an edge is drawn."""

    edge = 0.0

    def paint(self, painter: QPainter, *arguments: object) -> None:
        """See pyqtgraph's documentation."""
        painter.save()
        bounds = self.boundingRect()
        bounds.setLeft(max(bounds.left(), self.edge))
        painter.setClipRect(bounds, Qt.ClipOperation.IntersectClip)
        super().paint(painter, *arguments)
        painter.restore()


class SwipeCanvas(PictureCanvas):
    """One picture left of the edge, another right of it; zoom and place are those of both."""

    def __init__(self) -> None:
        super().__init__()
        self._share = 0.5
        """Where the edge is, as a share of what is visible."""
        self._names = ("", "")
        self._right = CutImage(axisOrder="row-major", levels=None)
        self._right.setZValue(2)
        self._box.addItem(self._right)
        self.add_layer(_Edge(self))
        self.ranged.connect(self._range_moved)

    @property
    def edge(self) -> float:
        """Where the edge is, in pixels of the picture from its left."""
        rect = self.visible_rect
        return rect.left() + self._share * rect.width()

    def show_pair(self, left: Pixels, right: Pixels) -> None:
        """Show two pictures of the same size."""
        self.show_picture(left)
        self._right.setImage(right, levels=None, autoLevels=False)
        self._place()

    def set_names(self, left: str, right: str) -> None:
        """Say what is seen on either side."""
        self._names = (left, right)
        self.refresh()

    def clear_picture(self) -> None:
        """Show nothing."""
        super().clear_picture()
        self._right.clear()

    def set_edge(self, column: float) -> None:
        """Put the edge somewhere visible."""
        rect = self.visible_rect
        self._share = min(1.0, max(0.0, (column - rect.left()) / max(rect.width(), 1e-9)))
        self._place()

    def draw_edge(self, painter: QPainter, on_screen: OnScreen) -> None:
        """Draw the edge, its handle and the names on either side."""
        view = QRectF(self.viewport().rect())
        x = on_screen((self.edge, 0.0)).x()
        for colour, thickness in ((QColor(0, 0, 0, 170), 4.0), (QColor("white"), 1.6)):
            painter.setPen(QPen(colour, thickness))
            painter.drawLine(QPointF(x, view.top()), QPointF(x, view.bottom()))
        painter.setPen(QPen(QColor(0, 0, 0, 170), 1.5))
        painter.setBrush(QColor("white"))
        middle = QPointF(x, view.center().y())
        painter.drawEllipse(middle, HANDLE_PX, HANDLE_PX)
        painter.drawText(
            QRectF(x - HANDLE_PX, middle.y() - HANDLE_PX, 2 * HANDLE_PX, 2 * HANDLE_PX),
            Qt.AlignmentFlag.AlignCenter,
            "◂▸",
        )
        self._write_names(painter, view, x)

    def _write_names(self, painter: QPainter, view: QRectF, x: float) -> None:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        height = painter.fontMetrics().height() + 6
        for name, ends_at_edge in zip(self._names, (True, False), strict=True):
            width = painter.fontMetrics().horizontalAdvance(name) + 16
            left = x - 12 - width if ends_at_edge else x + 12
            room = x - 12 if ends_at_edge else view.width() - x - 12
            if not name or room < width:
                continue
            box = QRectF(left, view.top() + 10, width, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(10, 12, 16, 175))
            painter.drawRoundedRect(box, 5, 5)
            painter.setPen(QColor("white"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)

    def _place(self) -> None:
        self._right.edge = self.edge
        self._right.update()
        self.refresh()

    @Slot(object)
    def _range_moved(self, _rect: QRectF) -> None:
        self._place()


class _Edge:
    """The edge as a layer, which sees the mouse before the picture does."""

    def __init__(self, canvas: SwipeCanvas) -> None:
        self._canvas = canvas

    def press(self, point: PicturePoint, reach: float) -> bool:
        """See `CanvasLayer`."""
        return abs(point[0] - self._canvas.edge) <= 2 * reach

    def drag(self, point: PicturePoint) -> None:
        """See `CanvasLayer`."""
        self._canvas.set_edge(point[0])

    def release(self, point: PicturePoint, reach: float) -> None:
        """See `CanvasLayer`."""

    def hover(self, point: PicturePoint, reach: float) -> None:
        """See `CanvasLayer`."""
        near = abs(point[0] - self._canvas.edge) <= 2 * reach
        shape = Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor
        self._canvas.viewport().setCursor(shape)

    def double_click(self, point: PicturePoint, reach: float) -> bool:
        """See `CanvasLayer`."""
        return self.press(point, reach)

    def draw(self, painter: QPainter, on_screen: OnScreen) -> None:
        """See `CanvasLayer`."""
        self._canvas.draw_edge(painter, on_screen)
