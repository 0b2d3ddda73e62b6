from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.acquisition.focus_plane import FocusedField, predict_focus

slopes = st.floats(-0.01, 0.01)
places = st.floats(0, 40_000)


def predict(earlier, x_um, y_um):
    return predict_focus(earlier, x_um, y_um, depth_of_field_um=2.0, widest_um=150.0)


def test_nothing_is_predicted_from_nothing() -> None:
    assert predict([], 0, 0) is None


@given(st.floats(0, 1000), slopes, slopes, places, places)
def test_three_corners_give_the_plane(z, slope_x, slope_y, x_um, y_um) -> None:
    corners = [(0, 0), (30_000, 0), (0, 20_000)]
    earlier = [FocusedField(x, y, z + slope_x * x + slope_y * y) for x, y in corners]
    found = predict(earlier, x_um, y_um)
    assert found is not None
    assert found.z_um == pytest.approx(z + slope_x * x_um + slope_y * y_um, abs=1e-3)
    assert found.search_um == (found.z_um - found.half_um, found.z_um + found.half_um)


def test_one_field_gives_a_level_plane_and_a_row_its_slope_alone() -> None:
    one = predict([FocusedField(100, 200, 412.0)], 5000, 9000)
    assert one is not None
    assert one.z_um == pytest.approx(412.0)
    row = predict([FocusedField(0, 0, 400.0), FocusedField(1000, 0, 402.0)], 2000, 5000)
    assert row is not None
    assert row.z_um == pytest.approx(404.0)


def test_the_farther_and_the_less_even_the_wider_is_the_search() -> None:
    flat = [FocusedField(x, y, 400.0) for x, y in ((0, 0), (1000, 0), (0, 1000), (1000, 1000))]
    uneven = [FocusedField(f.x_um, f.y_um, f.z_um + (-1) ** n * 10) for n, f in enumerate(flat)]
    near, far = predict(flat, 500, 500), predict(flat, 20_000, 500)
    rough = predict(uneven, 500, 500)
    assert near is not None
    assert far is not None
    assert rough is not None
    assert 20 <= near.half_um < far.half_um < rough.half_um + 40 <= 190
    lost = predict(flat, 1e6, 0)
    assert lost is not None
    assert lost.half_um == 150.0
