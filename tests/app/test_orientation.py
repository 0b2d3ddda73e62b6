"""How pictures are laid on the stage's axes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.orientation import ORIENTATIONS, Orientation, OrientationError, orientation_of


def matrix(orientation: Orientation) -> np.ndarray:
    return np.array([orientation.to_stage(1, 0), orientation.to_stage(0, 1)], float).T


def test_a_camera_that_nobody_turned() -> None:
    assert Orientation().to_stage(3, 4) == (3, 4)
    assert Orientation().size_on_stage(910, 512) == (910, 512)


def test_each_orientation_is_another() -> None:
    assert len(ORIENTATIONS) == 8
    pairs = itertools.combinations(ORIENTATIONS, 2)
    assert all(not np.array_equal(matrix(a), matrix(b)) for a, b in pairs)


@pytest.mark.parametrize("orientation", ORIENTATIONS, ids=str)
@pytest.mark.parametrize("colour", [False, True])
def test_ways_and_pictures_are_turned_alike(orientation: Orientation, colour: bool) -> None:
    picture = np.zeros((6, 10, 3) if colour else (6, 10), np.uint8)
    (row, column), (row_to, column_to) = (1, 2), (4, 7)
    picture[row, column], picture[row_to, column_to] = 1, 2
    upright = orientation.upright(picture)
    assert (upright.shape[1], upright.shape[0]) == orientation.size_on_stage(10, 6)
    flat = upright.max(axis=2) if colour else upright
    (y, x), (y_to, x_to) = (np.argwhere(flat == mark)[0] for mark in (1, 2))
    assert orientation.to_stage(column_to - column, row_to - row) == (x_to - x, y_to - y)


def test_a_quarter_turn_brings_the_left_edge_to_the_top() -> None:
    picture = np.zeros((4, 4))
    picture[:, 0] = 1
    assert np.all(Orientation(90).upright(picture)[0] == 1)


@given(st.sampled_from(ORIENTATIONS), st.floats(-15, 15), st.floats(0.05, 5))
def test_a_measured_orientation_is_found(
    orientation: Orientation, askew_deg: float, pixel_um: float
) -> None:
    cos, sin = np.cos(np.radians(askew_deg)), np.sin(np.radians(askew_deg))
    measured = pixel_um * np.array([[cos, -sin], [sin, cos]]) @ matrix(orientation)
    found, left_deg = orientation_of(measured)
    assert found == orientation
    assert left_deg == pytest.approx(askew_deg, abs=1e-6)


def test_a_camera_that_lies_between_is_refused() -> None:
    cos, sin = np.cos(np.radians(40)), np.sin(np.radians(40))
    with pytest.raises(OrientationError, match="40°"):
        orientation_of(np.array([[cos, -sin], [sin, cos]]))
