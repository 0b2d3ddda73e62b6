import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.wearif.height_map import confidence_of, fill_unknown


def test_what_is_known_stays_and_a_hole_is_filled_from_its_rim():
    height = np.full((40, 60), 5, np.float32)
    height[:, 30:] = 9
    confidence = np.ones_like(height)
    confidence[10:20, 5:15] = 0
    spoiled = np.where(confidence > 0, height, 1000).astype(np.float32)
    filled = fill_unknown(spoiled, confidence)
    np.testing.assert_array_equal(filled[confidence == 1], height[confidence == 1])
    np.testing.assert_allclose(filled[10:20, 5:15], 5, atol=0.01)


def test_nothing_known_changes_nothing():
    height = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(fill_unknown(height, np.zeros_like(height)), height)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 33), st.integers(1, 33), st.integers(0, 2**32 - 1))
def test_filled_heights_stay_within_the_known_ones(rows, columns, seed):
    rng = np.random.default_rng(seed)
    height = rng.uniform(-5, 5, (rows, columns)).astype(np.float32)
    confidence = (rng.random((rows, columns)) < 0.2).astype(np.float32)
    known = height[confidence > 0]
    filled = fill_unknown(height, confidence)
    assert filled.shape == height.shape
    if known.size:
        assert filled.min() >= known.min() - 1e-4
        assert filled.max() <= known.max() + 1e-4


def test_confidence_grows_with_prominence():
    values = confidence_of(np.array([0, 2, 3, 4, 20], np.float32))
    np.testing.assert_allclose(values, [0, 0, 0.5, 1, 1])
