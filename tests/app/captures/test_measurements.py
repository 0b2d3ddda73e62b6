from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.captures.measurements import (
    Heights,
    Shape,
    edges_cross,
    height_profile,
    readings,
)

coordinates = st.floats(-5000, 5000)
points = st.tuples(coordinates, coordinates)


def values(shape, pixel_um=None, heights=None):
    return {each.name: each.value for each in readings(shape, pixel_um, heights)}


def test_a_ruler_tells_length_and_angle_in_micrometres():
    ruler = Shape(kind="ruler", points=((10, 20), (40, -20)))
    length, angle = readings(ruler, 0.5)
    assert (length.name, length.value, length.unit) == ("length", 25.0, "µm")
    # y goes down the picture: this line rises to the right.
    assert angle.value == pytest.approx(math.degrees(math.atan2(40, 30)))


def test_without_calibration_lengths_are_in_pixels():
    assert readings(Shape(kind="ruler", points=((0, 0), (3, 4))), None)[0].unit == "px"
    assert readings(Shape(kind="circle", points=((0, 0), (3, 4))), None)[1].unit == "px²"


@given(points, points)
def test_a_line_has_no_direction(start, end):
    one = values(Shape(kind="ruler", points=(start, end)))
    other = values(Shape(kind="ruler", points=(end, start)))
    assert one == pytest.approx(other)
    assert -90 < one["angle"] <= 90


def test_a_circle_is_told_by_its_centre_and_edge():
    told = values(Shape(kind="circle", points=((100, 100), (103, 104))), 2.0)
    assert told["diameter"] == 20
    assert told["area"] == pytest.approx(math.pi * 100)
    assert told["perimeter"] == pytest.approx(math.pi * 20)


def test_a_polygon_tells_area_perimeter_and_diameters():
    square = Shape(kind="polygon", points=((0, 0), (10, 0), (10, 10), (0, 10)))
    told = values(square, 0.5)
    assert told["area"] == 25
    assert told["perimeter"] == 20
    assert told["equivalent_diameter"] == pytest.approx(math.sqrt(100 / math.pi))
    assert told["longest"] == pytest.approx(5 * math.sqrt(2))


@given(points, st.floats(1, 1000), st.integers(3, 40), st.floats(0.01, 10))
def test_a_regular_polygon_has_the_area_of_the_book(centre, radius, corners, pixel_um):
    turns = [2 * math.pi * n / corners for n in range(corners)]
    shape = Shape(
        kind="polygon",
        points=tuple(
            (centre[0] + radius * math.cos(t), centre[1] + radius * math.sin(t)) for t in turns
        ),
    )
    told, r = values(shape, pixel_um), radius * pixel_um
    half = math.pi / corners
    assert told["area"] == pytest.approx(corners * r**2 * math.sin(2 * half) / 2, rel=1e-6)
    assert told["perimeter"] == pytest.approx(2 * corners * r * math.sin(half), rel=1e-6)
    assert told["equivalent_diameter"] <= told["longest"] * (1 + 1e-9)


def test_crossed_edges_enclose_no_area():
    bow = Shape(kind="polygon", points=((0, 0), (10, 10), (10, 0), (0, 10)))
    assert edges_cross(bow.points)
    assert set(values(bow)) == {"longest", "perimeter"}
    assert not edges_cross(((0, 0), (10, 0), (10, 10), (5, 2)))
    # A corner on another edge pinches the shape in two.
    assert edges_cross(((0, 0), (10, 0), (10, 10), (5, 0), (0, 10)))


def test_a_profile_reads_a_slope_to_the_last_digit():
    rows, columns = np.mgrid[0:60, 0:80]
    heights = Heights((0.25 * (columns + 0.5) + 2.0 * (rows + 0.5)).astype(np.float32), "µm")
    shape = Shape(kind="profile", points=((10.5, 20.5), (40.5, 20.5)))
    profile = height_profile(shape, 0.5, heights)
    assert profile.along[[0, -1]] == pytest.approx([0, 15])
    assert profile.heights == pytest.approx(41 + 0.25 * (10.5 + profile.along / 0.5))
    told = values(shape, 0.5, heights)
    assert told["rise"] == pytest.approx(0.25 * 30)
    assert told["length"] == 15
    assert (told["lowest"], told["highest"]) == pytest.approx((43.625, 51.125))


def test_a_profile_past_the_border_and_one_of_no_length_are_read_too():
    heights = Heights(np.full((4, 6), 3.0, np.float32), "frame")
    for line in (((-3.0, 1.0), (9.0, 1.0)), ((2.0, 2.0), (2.0, 2.0))):
        shape = Shape(kind="profile", points=line)
        told = readings(shape, None, heights)
        assert told[0].value == 0
        assert told[0].unit == "frame"


def test_texts_and_arrows_measure_nothing():
    assert readings(Shape(kind="text", points=((1, 2),), label="cutting wear"), 0.3) == ()
    assert readings(Shape(kind="arrow", points=((1, 2), (3, 4))), 0.3) == ()


@pytest.mark.parametrize(
    ("kind", "count"), [("ruler", 1), ("ruler", 3), ("polygon", 2), ("text", 2), ("circle", 0)]
)
def test_a_shape_has_as_many_points_as_its_kind(kind, count):
    with pytest.raises(ValidationError, match="points"):
        Shape(kind=kind, points=((0, 0),) * count)


def test_points_have_to_be_numbers():
    with pytest.raises(ValidationError):
        Shape(kind="text", points=((math.nan, 0),))


def test_a_circle_goes_along_with_its_centre_and_grows_with_its_edge():
    circle = Shape(kind="circle", points=((10, 10), (15, 10)))
    assert circle.moved(0, (20, 30)).points == ((20, 30), (25, 30))
    assert circle.moved(1, (10, 20)).points == ((10, 10), (10, 20))
