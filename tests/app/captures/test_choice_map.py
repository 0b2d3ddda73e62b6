"""Painting, taking back, doing again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.captures import choice_map
from app.captures.choice_map import ChoiceMap
from models.wearif.choice import REACH

SHAPE = (120, 160)


def empty() -> ChoiceMap:
    return ChoiceMap(np.zeros(SHAPE, np.uint16))


def test_a_stroke_covers_what_lies_within_the_brush_and_its_margin():
    painted = empty()
    box = painted.paint(4, [(40.5, 60.5), (100.5, 60.5)], 10)
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    across = np.clip(columns, 40, 100)
    distance = np.hypot(columns - across, rows - 60)
    assert (painted.choice[distance <= 10 + REACH - 1] == 5).all()
    assert not painted.choice[distance >= 10 + REACH + 1.5].any()
    # The results change within reach of the choice.
    outside = np.ones(SHAPE, bool)
    outside[box.slices] = False
    assert distance[outside].min() > 10 + 2 * REACH - 1.5


def test_a_stroke_of_many_parts_is_one_step():
    painted = empty()
    for x in range(20, 100, 10):
        painted.paint(0, [(x, 50), (x + 10, 50)], 5)
    painted.end_stroke()
    assert painted.can_undo
    painted.undo()
    assert not painted.choice.any()
    assert not painted.can_undo


def test_giving_back_and_clearing_can_be_taken_back():
    painted = empty()
    painted.paint(2, [(80, 60)], 30)
    painted.end_stroke()
    whole = painted.choice.copy()
    painted.paint(None, [(80, 60)], 5)
    painted.end_stroke()
    assert painted.choice[60, 80] == 0
    holed = painted.choice.copy()
    assert painted.clear() is not None
    assert not painted.choice.any()
    painted.undo()
    np.testing.assert_array_equal(painted.choice, holed)
    painted.undo()
    np.testing.assert_array_equal(painted.choice, whole)


def test_beside_the_picture_nothing_is_painted():
    painted = empty()
    assert painted.paint(1, [(-100, -100)], 20) is None
    painted.end_stroke()
    assert not painted.can_undo
    assert painted.paint(1, [(-10, 60)], 20) is not None
    assert painted.choice[60, 0] == 2


def test_a_new_stroke_forgets_what_was_taken_back():
    painted = empty()
    for x in (30, 90):
        painted.paint(1, [(x, 60)], 10)
        painted.end_stroke()
    painted.undo()
    assert painted.can_redo
    painted.paint(1, [(60, 100)], 10)
    painted.end_stroke()
    assert not painted.can_redo
    assert painted.redo() is None


def test_old_steps_become_final_when_they_take_too_much_memory(monkeypatch):
    monkeypatch.setattr(choice_map, "KEPT_BYTES", 20_000)
    painted = empty()
    for x in range(10, 150, 20):
        painted.paint(1, [(x, 60)], 10)
        painted.end_stroke()
    steps = 0
    while painted.undo() is not None:
        steps += 1
    assert 1 <= steps < 7
    assert painted.choice.any()


strokes = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 5)),
        st.lists(st.tuples(st.floats(-30, 190), st.floats(-30, 150)), min_size=1, max_size=4),
        st.floats(1, 40),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(strokes)
def test_all_steps_back_and_forth_lead_where_they_came_from(parts):
    painted = empty()
    states = [painted.choice.copy()]
    for index, path, radius in parts:
        before = painted.choice.copy()
        box = painted.paint(index, path, radius)
        painted.end_stroke()
        changed = painted.choice != before
        if box is not None:
            changed[box.slices] = False
        assert not changed.any()
        if not np.array_equal(painted.choice, before):
            states.append(painted.choice.copy())
    for state in reversed(states[:-1]):
        assert painted.undo() is not None
        np.testing.assert_array_equal(painted.choice, state)
    assert painted.undo() is None
    for state in states[1:]:
        assert painted.redo() is not None
        np.testing.assert_array_equal(painted.choice, state)
    assert painted.redo() is None


def test_the_choice_that_is_handed_in_is_not_written_to():
    given_choice = np.zeros(SHAPE, np.uint16)
    given_choice.flags.writeable = False
    ChoiceMap(given_choice).paint(1, [(50, 50)], 10)
    assert not given_choice.any()


@pytest.mark.parametrize("step", ["undo", "redo", "clear"])
def test_nothing_to_do_is_no_error(step):
    assert getattr(empty(), step)() is None
