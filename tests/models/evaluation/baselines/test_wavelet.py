import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evaluation.baselines.wavelet import inverse, transform


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from([1, 3]))
def test_the_transform_is_inverted_whatever_the_size(rows, columns, channels):
    image = np.random.default_rng(0).uniform(0, 255, (rows, columns, channels))
    image = image.astype(np.float32)
    np.testing.assert_allclose(inverse(transform(image)), image, atol=2e-3)


def test_details_of_a_slope_are_zero_inside():
    # The 9/7 analysis filters have four vanishing moments: cubics leave no detail.
    x = np.linspace(-1, 1, 96, dtype=np.float32)
    image = np.broadcast_to((x**3 - x)[None, :, None], (96, 96, 1))
    across, down, diagonal = transform(np.ascontiguousarray(image))[:3]
    for band in (across, down, diagonal):
        assert np.abs(band[4:-4, 4:-4]).max() < 1e-5


def test_bands_get_smaller_by_half_and_keep_the_mean():
    bands = transform(np.full((65, 130, 1), 7, np.float32))
    assert [band.shape[:2] for band in bands] == [
        *[(33, 65), (32, 65), (32, 65)],
        *[(17, 32), (16, 33), (16, 32)],
        (17, 33),
    ]
    assert bands[-1] == pytest.approx(7, rel=1e-5)
