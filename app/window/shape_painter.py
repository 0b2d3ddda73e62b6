"""Draws shapes and their values, on the screen and into exported pictures alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.captures.measurements import Kind, Point, Shape
from app.window.canvas_layer import OnScreen

# On pictures, which are the same in every theme.
LINE: Final = "#ffd84a"
CHOSEN: Final = "#5ff2ff"
_HALO: Final = QColor(0, 0, 0, 150)
_BOX: Final = QColor(10, 12, 16, 175)
_TIP_PX: Final = 13.0
_TIP_ANGLE: Final = math.radians(24)


def draw_shapes(
    painter: QPainter,
    shapes: tuple[Shape, ...],
    on_screen: OnScreen,
    words: Callable[[Shape], str],
    selected: int | None = None,
) -> None:
    """Draw shapes with what is written beside them.

    Parameters
    ----------
    painter : QPainter
        Its font is used.
    shapes : tuple of Shape
    on_screen : callable
        From points of the picture to those of the painter.
    words : callable
        What is written beside a shape; may be empty.
    selected : int, optional
        Which one is drawn as chosen, with its points.
    """
    for index, shape in enumerate(shapes):
        points = [on_screen(point) for point in shape.points]
        chosen = index == selected
        draw_lines(painter, shape.kind, points, chosen=chosen)
        if chosen or shape.kind == "text":
            _draw_points(painter, points, chosen=chosen)
    # Above all lines, or else they could not be read.
    for shape in shapes:
        text = words(shape)
        if text:
            at, above = _place(shape, on_screen)
            _draw_words(painter, text, at, above=above)


def draw_lines(
    painter: QPainter, kind: Kind, points: list[QPointF], *, chosen: bool, closed: bool = True
) -> None:
    """Draw the lines of a shape; an unfinished polygon is not ``closed``."""
    colour = QColor(CHOSEN if chosen else LINE)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(_HALO, 4.0), QPen(colour, 1.8)):
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        _draw_once(painter, kind, points, closed=closed)


def _draw_once(painter: QPainter, kind: Kind, points: list[QPointF], *, closed: bool) -> None:
    if kind == "text" or len(points) < 2:
        return
    if kind == "polygon":
        shape = QPolygonF(points)
        if closed:
            painter.drawPolygon(shape)
        else:
            painter.drawPolyline(shape)
        return
    start, end = points[0], points[1]
    along = end - start
    length = math.hypot(along.x(), along.y())
    if kind == "circle":
        painter.drawEllipse(start, length, length)
        return
    painter.drawLine(start, end)
    if length == 0:
        return
    if kind == "arrow":
        _draw_tip(painter, start, end)
        return
    across = QPointF(-along.y(), along.x()) * (5 / length)
    for each in (start, end):
        painter.drawLine(each - across, each + across)
    if kind == "profile":
        # From which end the profile is read.
        painter.drawEllipse(start, 3.5, 3.5)


def _draw_tip(painter: QPainter, start: QPointF, end: QPointF) -> None:
    direction = math.atan2(start.y() - end.y(), start.x() - end.x())
    for turn in (-_TIP_ANGLE, _TIP_ANGLE):
        side = QPointF(math.cos(direction + turn), math.sin(direction + turn)) * _TIP_PX
        painter.drawLine(end, end + side)


def _draw_points(painter: QPainter, points: list[QPointF], *, chosen: bool) -> None:
    painter.setPen(QPen(_HALO, 1.5))
    painter.setBrush(QColor(CHOSEN if chosen else LINE))
    size = 4.0 if chosen else 3.0
    for point in points:
        painter.drawRect(QRectF(point.x() - size, point.y() - size, 2 * size, 2 * size))


def _place(shape: Shape, on_screen: OnScreen) -> tuple[QPointF, bool]:
    """Return where the words of a shape are and whether they stand above that place."""
    points = [on_screen(point) for point in shape.points]
    if shape.kind == "text":
        return points[0] + QPointF(0, -6), True
    if shape.kind == "arrow":
        return points[0], points[0].y() <= points[1].y()
    if shape.kind == "circle":
        radius = math.dist(points[0].toTuple(), points[1].toTuple())
        return points[0] - QPointF(0, radius + 5), True
    top = min(points, key=QPointF.y)
    if shape.kind == "polygon":
        middle: Point = (sum(p.x() for p in points) / len(points), top.y() - 6)
        return QPointF(*middle), True
    return (points[0] + points[1]) / 2 - QPointF(0, 8), True


def _draw_words(painter: QPainter, text: str, at: QPointF, *, above: bool) -> None:
    metrics = painter.fontMetrics()
    size = metrics.size(0, text)
    width, height = size.width() + 12, size.height() + 6
    top = at.y() - height if above else at.y() + 4
    box = QRectF(at.x() - width / 2, top, width, height)
    # Words near the border of the paper are moved in.
    room = painter.combinedTransform().inverted()[0].mapRect(QRectF(painter.viewport()))
    box.moveLeft(min(max(box.left(), room.left() + 2), max(2.0, room.right() - width - 2)))
    box.moveTop(min(max(box.top(), room.top() + 2), max(2.0, room.bottom() - height - 2)))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_BOX)
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(QColor("white"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
