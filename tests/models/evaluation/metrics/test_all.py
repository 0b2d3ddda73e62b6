"""What holds for every metric that needs no truth."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.evaluation.metrics import fmi, q_cb, q_g, q_y, scd

METRICS = {
    "fmi": fmi,
    "fmi gradient": partial(fmi, feature="gradient"),
    "fmi dct": partial(fmi, feature="dct"),
    "fmi edge": partial(fmi, feature="edge"),
    "fmi wavelet": partial(fmi, feature="wavelet"),
    "q_g": q_g,
    "q_g liu": partial(q_g, variant="liu"),
    "q_y": q_y,
    "q_y weighted": partial(q_y, max_branch=False),
    "q_cb": q_cb,
    "scd": scd,
    "scd sum of others": partial(scd, difference="sum_of_others"),
    "scd each other": partial(scd, difference="each_other"),
    "scd itself": partial(scd, difference="itself"),
    "scd mean of all": partial(scd, difference="mean_of_all"),
}
BOUNDS = {"q_g": (0, 0.975), "q_y": (-1, 1.00001), "q_cb": (0, 1), "scd": (-1, 1)}
"""`q_y` may exceed 1 by rounding in windows that are nearly constant."""

EVERY = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS.keys())
SMALL_STACKS = arrays(
    np.float64,
    st.tuples(st.integers(2, 5), st.integers(7, 11), st.integers(7, 11)),
    elements=st.sampled_from([0.0, 1.0, 7.0, 100.0, 254.0, 255.0]),
    fill=st.sampled_from([0.0, 255.0]),
)


@pytest.fixture
def stack():
    """Four frames, smooth and textured by turns, and a rough fusion of them."""
    rng = np.random.default_rng(3)
    row, column = np.mgrid[:24, :30]
    texture = rng.integers(0, 90, row.shape)
    smooth = 60 + 3 * row + 2 * column
    sources = np.stack([smooth + texture * ((column // 8) == k) for k in range(4)]).astype(float)
    return sources, sources.max(axis=0)


@EVERY
def test_the_order_of_frames_does_not_matter(metric, stack):
    sources, fused = stack
    assert metric(sources[[2, 0, 3, 1]], fused) == pytest.approx(metric(sources, fused), rel=1e-10)


@EVERY
def test_images_are_left_as_they_were(metric, stack):
    sources, fused = stack
    before = sources.copy(), fused.copy()
    metric(sources, fused)
    np.testing.assert_array_equal(sources, before[0])
    np.testing.assert_array_equal(fused, before[1])


@EVERY
def test_a_good_fusion_beats_noise(metric, stack):
    sources, fused = stack
    noise = np.random.default_rng(4).uniform(0, 255, fused.shape)
    assert metric(sources, fused) > metric(sources, noise)


@EVERY
@pytest.mark.parametrize("levels", [(0, 0, 0), (255, 255, 255), (0.1, 0.1, 0.1), (0, 255, 128)])
def test_constant_images_give_a_finite_value(metric, levels):
    images = np.broadcast_to(np.array(levels)[:, None, None], (3, 12, 13)).astype(np.float64)
    assert np.isfinite(metric(images[:2], images[2]))


@EVERY
@settings(max_examples=10, deadline=None)
@given(SMALL_STACKS)
def test_saturated_images_give_a_finite_value(metric, images):
    assert np.isfinite(metric(images[1:], images[0]))


@EVERY
def test_one_dark_pixel_among_saturated_ones_gives_a_finite_value(metric):
    images = np.full((2, 7, 7), 255.0)
    images[0, 0, 0] = 0
    assert np.isfinite(metric(images[1:], images[0]))


@pytest.mark.parametrize("name", BOUNDS)
@settings(max_examples=60, deadline=None)
@given(SMALL_STACKS)
def test_values_stay_within_their_bounds(name, images):
    lowest, highest = BOUNDS[name]
    assert lowest - 1e-12 <= METRICS[name](images[1:], images[0]) <= highest + 1e-12


@EVERY
def test_images_that_do_not_fit_are_refused(metric):
    with pytest.raises(ValueError, match=r"\(2, 9, 9\) must be \(N, H, W\).*\(9, 10\)"):
        metric(np.zeros((2, 9, 9)), np.zeros((9, 10)))
    with pytest.raises(ValueError, match="must be"):
        metric(np.zeros((9, 9)), np.zeros((9, 9)))
    with pytest.raises(ValueError, match="N >= 1"):
        metric(np.zeros((0, 9, 9)), np.zeros((9, 9)))


@EVERY
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(metric, bad):
    images = np.zeros((3, 9, 9))
    images[1, 4, 4] = bad
    with pytest.raises(ValueError, match="sources hold NaN or infinite"):
        metric(images[1:], images[0])
    with pytest.raises(ValueError, match="fused hold NaN or infinite"):
        metric(images[[0, 2]], images[1])


@pytest.mark.parametrize(("metric", "smallest"), [(fmi, 3), (q_y, 7)])
def test_images_smaller_than_the_window_are_refused(metric, smallest):
    images = np.random.default_rng(5).uniform(0, 255, (3, smallest, smallest))
    assert np.isfinite(metric(images[1:], images[0]))
    with pytest.raises(ValueError, match=f"at least {smallest}x{smallest} pixels"):
        metric(images[1:, 1:], images[0, 1:])
