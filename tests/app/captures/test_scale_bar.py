"""The length of scale bars."""

from hypothesis import given
from hypothesis import strategies as st

from app.captures.scale_bar import LONGEST, scale_bar


@given(st.floats(1e-3, 1e3), st.floats(200, 4000))
def test_a_scale_bar_is_round_and_fits(um_per_px, view_px):
    bar = scale_bar(um_per_px, view_px)
    assert 0.2 * LONGEST * view_px <= bar.length_px <= 1.001 * LONGEST * view_px
    assert f"{bar.length_um:e}"[0] in "125"
