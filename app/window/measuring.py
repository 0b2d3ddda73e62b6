"""Drawing and changing shapes with the mouse; knows no Qt."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from app.captures.measurements import KINDS, POINTS, Heights, Kind, Point, Reading, Shape, readings
from app.captures.shape_history import ShapeHistory, Shapes
from app.window.subject import Subject

Tool = Literal["look", "select", "ruler", "circle", "polygon", "profile", "text", "arrow"]
TOOLS: Final[tuple[Tool, ...]] = (
    *("look", "select", "ruler", "circle", "polygon", "profile", "text", "arrow"),
)
"""``look`` leaves the mouse to the picture."""
_DRAWS: Final[dict[Tool, Kind]] = {kind: kind for kind in KINDS}


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What is measured in."""

    width: int
    height: int
    pixel_um: float | None = None
    heights: Heights | None = None

    def nearest(self, point: Point) -> Point:
        """Return the point of the picture that lies nearest."""
        x, y = point
        return min(max(x, 0.0), float(self.width)), min(max(y, 0.0), float(self.height))


class Measuring:
    """The shapes on a picture, the tool in hand, and the shape that is being drawn.

    Lines and circles are drawn by dragging, or by one click at each end; polygons by a click at
    each corner and one at the first, or a double click, to close them. With ``select`` a shape is
    chosen, and dragged as a whole or by one of its points.

    Parameters
    ----------
    on_changed : callable
        Called after whatever changes what is to be seen.
    on_edited : callable
        Called with the shapes after each change that is to be kept.
    """

    def __init__(self, on_changed: Callable[[], None], on_edited: Callable[[Shapes], None]) -> None:
        self._on_changed = on_changed
        self._on_edited = on_edited
        self._history = ShapeHistory()
        self._ground: Ground | None = None
        self._tool: Tool = "look"
        self._points: tuple[Point, ...] = ()
        self._end: Point | None = None
        self._pressed: Point | None = None
        self._handle: int | None = None
        self._edited: Shape | None = None
        self._selected: int | None = None

    @property
    def ground(self) -> Ground | None:
        """What is measured in; None where nothing is open."""
        return self._ground

    @property
    def tool(self) -> Tool:
        """What is in hand."""
        return self._tool

    @property
    def shapes(self) -> Shapes:
        """All shapes, the one that is being changed as it would become."""
        shapes = self._history.shapes
        if self._edited is None or self._selected is None:
            return shapes
        return (*shapes[: self._selected], self._edited, *shapes[self._selected + 1 :])

    @property
    def selected(self) -> int | None:
        """The index of the chosen shape."""
        return self._selected

    @property
    def draft(self) -> tuple[Kind, tuple[Point, ...]] | None:
        """The shape that is being drawn: its kind and its points so far, the mouse's included."""
        if self._tool not in _DRAWS or not self._points:
            return None
        end = () if self._end is None else (self._end,)
        return _DRAWS[self._tool], (*self._points, *end)

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return self._history.can_undo or bool(self._points)

    @property
    def can_redo(self) -> bool:
        """Whether there is one to make again."""
        return self._history.can_redo and not self._points

    def open(self, ground: Ground | None, shapes: Shapes = ()) -> None:
        """Begin with another picture, and what was measured in it before."""
        self._history = ShapeHistory(shapes)
        self._ground = ground
        self._selected = None
        self._forget()
        self._on_changed()

    def follow(self, ground: Ground) -> None:
        """Go on in the same picture with other heights."""
        self._ground = ground
        self._on_changed()

    def take(self, tool: Tool) -> None:
        """Take another tool in hand; what is half drawn is given up."""
        self._tool = tool
        self._forget()
        self._on_changed()

    def select(self, index: int | None) -> None:
        """Choose a shape, or none."""
        self._selected = index
        self._on_changed()

    def readings(self, shape: Shape) -> tuple[Reading, ...]:
        """Return a shape's values."""
        if self._ground is None:
            return ()
        return readings(shape, self._ground.pixel_um, self._ground.heights)

    def relabel(self, index: int, label: str) -> None:
        """Call a shape something else."""
        self._history.replace(index, self.shapes[index].model_copy(update={"label": label}))
        self._keep()

    def delete(self) -> None:
        """Take the chosen shape away."""
        if self._selected is None:
            return
        self._history.remove(self._selected)
        self._selected = None
        self._keep()

    def undo(self) -> None:
        """Take back the last corner of what is being drawn, or else the last change."""
        if self._points:
            self._points = self._points[:-1]
            self._on_changed()
            return
        self._history.undo()
        self._selected = None
        self._keep()

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        self._history.redo()
        self._selected = None
        self._keep()

    def press(self, point: Point, reach: float) -> bool:
        """Take the mouse's press; False leaves it to the picture."""
        if self._ground is None or self._tool == "look":
            return False
        if self._tool == "select":
            return self._grasp(point, reach)
        self._pressed = point = self._ground.nearest(point)
        if self._tool != "polygon" and not self._points:
            self._points = (point,)
        self._end = point
        self._on_changed()
        return True

    def drag(self, point: Point) -> None:
        """Follow the mouse whose press was taken."""
        if self._ground is None:
            return
        point = self._ground.nearest(point)
        if self._tool != "select":
            self._end = point
        elif self._selected is not None and self._pressed is not None:
            self._edited = self._changed(self._history.shapes[self._selected], point)
        self._on_changed()

    def release(self, point: Point, reach: float) -> None:
        """Let go of the mouse."""
        pressed, self._pressed = self._pressed, None
        if self._ground is None or pressed is None:
            return
        point = self._ground.nearest(point)
        if self._tool == "select":
            self._let_go()
        elif self._tool == "polygon":
            self._add_corner(point, reach)
        elif self._tool == "text":
            self._finish((point,))
        elif self._points and math.dist(self._points[0], point) > reach:
            self._finish((self._points[0], point))
        self._on_changed()

    def hover(self, point: Point, _reach: float) -> None:
        """See the mouse pass."""
        if self._ground is not None and self._points:
            self._end = self._ground.nearest(point)
            self._on_changed()

    def double_click(self, _point: Point, _reach: float) -> bool:
        """Close the polygon; False leaves the double click to the picture."""
        if self._ground is None or self._tool not in _DRAWS:
            return False
        self.close_polygon()
        return True

    def close_polygon(self) -> None:
        """Close the polygon that is being drawn, if it has enough corners."""
        if self._tool == "polygon" and len(self._points) >= POINTS["polygon"]:
            self._finish(self._points)
            self._on_changed()

    def _add_corner(self, point: Point, reach: float) -> None:
        enough = len(self._points) >= POINTS["polygon"]
        if enough and math.dist(self._points[0], point) <= reach:
            self._finish(self._points)
        elif not self._points or math.dist(self._points[-1], point) > reach / 2:
            # The second click of a double click is no corner of its own.
            self._points = (*self._points, point)

    def _finish(self, points: tuple[Point, ...]) -> None:
        self._selected = self._history.add(Shape(kind=_DRAWS[self._tool], points=points))
        self._forget()
        self._on_edited(self.shapes)

    def _grasp(self, point: Point, reach: float) -> bool:
        """Choose what lies under the mouse; the shape chosen already comes first."""
        shapes = self._history.shapes
        order = sorted(range(len(shapes)), key=lambda n: (n == self._selected, n), reverse=True)
        for index in order:
            handle = _handle_at(shapes[index], point, reach)
            if handle is not None or _distance(shapes[index], point) <= reach:
                self._selected, self._handle, self._pressed = index, handle, point
                self._on_changed()
                return True
        self.select(None)
        return False

    def _changed(self, shape: Shape, to: Point) -> Shape:
        if self._pressed is None or self._ground is None:
            return shape
        if self._handle is not None:
            return shape.moved(self._handle, to)
        dx, dy = to[0] - self._pressed[0], to[1] - self._pressed[1]
        return shape.shifted(*_within(shape, dx, dy, self._ground))

    def _let_go(self) -> None:
        edited, self._edited, self._handle = self._edited, None, None
        if edited is not None and self._selected is not None:
            self._history.replace(self._selected, edited)
            self._on_edited(self.shapes)

    def _keep(self) -> None:
        self._on_edited(self.shapes)
        self._on_changed()

    def _forget(self) -> None:
        self._points, self._end, self._pressed = (), None, None
        self._handle, self._edited = None, None


def _handle_at(shape: Shape, point: Point, reach: float) -> int | None:
    nearest = min(range(len(shape.points)), key=lambda n: math.dist(shape.points[n], point))
    return nearest if math.dist(shape.points[nearest], point) <= reach else None


def _distance(shape: Shape, point: Point) -> float:
    """Return how far a point lies from what is drawn of a shape."""
    if shape.kind == "text":
        return math.dist(shape.points[0], point)
    if shape.kind == "circle":
        centre, edge = shape.points
        return abs(math.dist(centre, point) - math.dist(centre, edge))
    ends = list(shape.points)
    if shape.kind == "polygon":
        ends.append(ends[0])
    return min(_to_line(point, a, b) for a, b in pairwise(ends))


def _to_line(point: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    along = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / square if square else 0.0
    share = min(max(along, 0.0), 1.0)
    return math.dist(point, (a[0] + share * dx, a[1] + share * dy))


def _within(shape: Shape, dx: float, dy: float, ground: Ground) -> Point:
    """Return as much of a way as leaves all points of a shape in the picture."""
    xs, ys = zip(*shape.points, strict=True)
    return (
        min(max(dx, -min(xs)), ground.width - max(xs)),
        min(max(dy, -min(ys)), ground.height - max(ys)),
    )


def ground_of(subject: Subject) -> Ground:
    """Return what is measured in when a stack is under review."""
    height, width = subject.shape
    heights = Heights(subject.heights, subject.fusion.height_unit)
    return Ground(width, height, subject.stack.pixel_um, heights)
