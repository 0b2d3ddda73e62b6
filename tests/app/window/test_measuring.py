"""Drawing and changing shapes, without a window."""

import numpy as np
import pytest

from app.captures.measurements import Heights, Shape
from app.window.measuring import Ground, Measuring

REACH = 4.0


class Hand:
    """Draws the way a mouse does."""

    def __init__(self, tool="look", shapes=()):
        self.kept = []
        self.news = 0
        self.measuring = Measuring(self._count, self.kept.append)
        heights = Heights(np.zeros((100, 200), np.float32), "µm")
        self.measuring.open(Ground(200, 100, 0.5, heights), shapes)
        self.measuring.take(tool)

    def _count(self):
        self.news += 1

    def press(self, *point):
        return self.measuring.press(point, REACH)

    def drag(self, start, *way):
        assert self.press(*start)
        for point in way:
            self.measuring.drag(point)
        self.measuring.release(way[-1], REACH)

    def click(self, *point):
        self.measuring.hover(point, REACH)
        taken = self.press(*point)
        self.measuring.release(point, REACH)
        return taken

    @property
    def shapes(self):
        return self.measuring.shapes


@pytest.mark.parametrize("kind", ["ruler", "circle", "profile", "arrow"])
def test_two_points_are_drawn_by_dragging_or_by_two_clicks(kind):
    hand = Hand(kind)
    hand.drag((10, 10), (30, 20), (50, 40))
    hand.click(60, 60)
    assert hand.measuring.draft == (kind, ((60, 60), (60, 60)))
    hand.measuring.hover((70, 70), REACH)
    assert hand.measuring.draft == (kind, ((60, 60), (70, 70)))
    hand.click(80, 80)
    assert hand.measuring.draft is None
    assert [shape.points for shape in hand.shapes] == [((10, 10), (50, 40)), ((60, 60), (80, 80))]
    assert {shape.kind for shape in hand.shapes} == {kind}
    assert hand.kept[-1] == hand.shapes
    assert hand.measuring.selected == 1


@pytest.mark.parametrize("way", ["first corner", "double click", "command"])
def test_a_polygon_is_closed_in_three_ways(way):
    hand = Hand("polygon")
    corners = ((10, 10), (60, 10), (60, 60), (10, 60))
    for corner in corners:
        hand.click(*corner)
    if way == "first corner":
        hand.click(11, 11)
    elif way == "double click":
        # A double click is a click, a double click and one more release.
        assert hand.measuring.double_click(corners[-1], REACH)
        hand.measuring.release(corners[-1], REACH)
    else:
        hand.measuring.close_polygon()
    assert [shape.points for shape in hand.shapes] == [corners]
    values = {each.name: each.value for each in hand.measuring.readings(hand.shapes[0])}
    assert values["area"] == 625
    assert len(hand.kept) == 1


def test_a_polygon_of_two_corners_is_not_closed():
    hand = Hand("polygon")
    hand.click(10, 10)
    hand.click(60, 10)
    hand.measuring.double_click((60, 10), REACH)
    hand.measuring.close_polygon()
    assert hand.shapes == ()
    assert hand.measuring.draft is not None


def test_undo_takes_back_corners_first_then_shapes():
    hand = Hand("polygon")
    hand.click(10, 10)
    hand.click(60, 10)
    hand.measuring.undo()
    hand.click(60, 60)
    hand.click(10, 60)
    hand.measuring.close_polygon()
    assert hand.shapes[0].points == ((10, 10), (60, 60), (10, 60))
    hand.measuring.undo()
    assert hand.shapes == ()
    assert not hand.measuring.can_undo
    assert hand.kept[-1] == ()
    hand.measuring.redo()
    assert len(hand.shapes) == 1
    assert not hand.measuring.can_redo


def test_what_is_drawn_stays_within_the_picture():
    hand = Hand("ruler")
    hand.drag((-20, 50), (400, 400))
    assert hand.shapes[0].points == ((0, 50), (200, 100))
    hand.measuring.take("select")
    hand.drag((100, 75), (5000, 75))
    assert hand.shapes[0].points == ((0, 50), (200, 100))


def test_to_look_leaves_the_mouse_to_the_picture():
    hand = Hand("look", (Shape(kind="ruler", points=((10, 10), (50, 10))),))
    assert not hand.press(10, 10)
    assert not hand.measuring.double_click((10, 10), REACH)
    assert Hand("ruler").press(10, 10)


def test_nothing_is_drawn_where_nothing_is_open():
    hand = Hand("ruler")
    hand.measuring.open(None)
    assert not hand.press(10, 10)
    assert hand.measuring.readings(Shape(kind="ruler", points=((0, 0), (1, 1)))) == ()


def test_shapes_are_chosen_by_their_lines_and_dragged_as_a_whole():
    ruler = Shape(kind="ruler", points=((10, 10), (90, 10)), label="a")
    polygon = Shape(kind="polygon", points=((20, 20), (60, 20), (60, 60)))
    circle = Shape(kind="circle", points=((150, 50), (170, 50)))
    hand = Hand("select", (ruler, polygon, circle))
    for index, place in enumerate(((50, 12), (41, 38), (150, 70))):
        hand.click(*place)
        assert hand.measuring.selected == index
    assert hand.kept == []
    assert not hand.click(120, 90)
    assert hand.measuring.selected is None

    hand.drag((50, 10), (55, 20), (60, 30))
    assert hand.shapes[0] == Shape(kind="ruler", points=((20, 30), (100, 30)), label="a")
    assert hand.kept == [hand.shapes]
    hand.measuring.undo()
    assert hand.shapes == (ruler, polygon, circle)


def test_points_are_dragged_one_by_one():
    circle = Shape(kind="circle", points=((100, 50), (120, 50)))
    hand = Hand("select", (circle,))
    hand.drag((119, 51), (110, 50))
    assert hand.shapes[0].points == ((100, 50), (110, 50))
    hand.drag((100, 50), (50, 40))
    assert hand.shapes[0].points == ((50, 40), (60, 40))


def test_while_it_is_dragged_the_shape_is_shown_where_it_would_go_but_not_kept():
    hand = Hand("select", (Shape(kind="ruler", points=((10, 10), (50, 10))),))
    hand.press(30, 10)
    hand.measuring.drag((30, 30))
    assert hand.shapes[0].points == ((10, 30), (50, 30))
    assert hand.kept == []
    hand.measuring.take("look")
    assert hand.shapes[0].points == ((10, 10), (50, 10))


def test_shapes_are_labelled_and_deleted():
    hand = Hand("text")
    hand.click(40, 40)
    hand.measuring.relabel(0, "fatigue chunk")
    assert hand.kept[-1][0].label == "fatigue chunk"
    hand.measuring.delete()
    assert hand.kept[-1] == ()
    hand.measuring.delete()
    hand.measuring.undo()
    assert hand.shapes[0].label == "fatigue chunk"
    assert hand.measuring.selected is None


def test_opening_another_picture_forgets_the_changes_of_the_last():
    hand = Hand("ruler")
    hand.drag((10, 10), (50, 10))
    hand.measuring.open(Ground(50, 50))
    assert hand.shapes == ()
    assert not hand.measuring.can_undo
    assert hand.measuring.tool == "ruler"
