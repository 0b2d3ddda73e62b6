import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.wearif.peak import PeakTracker


def track(scores):
    tracker = PeakTracker()
    for score in scores:
        tracker.add(torch.tensor(score, dtype=torch.float32).view(1, 1))
    return tracker


@given(st.floats(1.0, 8.0), st.floats(0.2, 5.0))
def test_the_vertex_of_a_parabola_is_found(vertex, width):
    scores = [-(((k - vertex) / width) ** 2) for k in range(10)]
    height, unit = track(scores).height(None)
    assert unit == "frame"
    assert abs(height[0, 0] - vertex) < 1e-2


@given(st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=20))
def test_the_height_lies_within_half_a_frame_of_the_maximum(scores):
    height, _ = track(scores).height(None)
    best = np.flatnonzero(np.array(scores, np.float32) == np.max(np.array(scores, np.float32)))
    assert np.min(np.abs(best - height[0, 0])) <= 0.5


@given(st.floats(1.0, 8.0))
def test_a_clear_peak_is_believed(vertex):
    scores = [-((k - vertex) ** 2) for k in range(10)]
    assert track(scores).confidence()[0, 0] == 1


@given(st.floats(-80, 80, width=32), st.integers(1, 12))
def test_equal_scores_tell_nothing(score, count):
    assert track([score] * count).confidence()[0, 0] == 0


@pytest.mark.parametrize("scores", [[9.0, 0.0, 0.0], [0.0, 0.0, 9.0], [9.0, 0.0, 9.0], [9.0]])
def test_a_peak_at_an_end_may_lie_beyond(scores):
    assert track(scores).confidence()[0, 0] == 0


def test_a_maximum_at_an_end_stays_there():
    assert track([3.0, 2.0, 1.0]).height(None)[0] == 0
    assert track([1.0, 2.0, 3.0]).height([5.0, 7.0, 11.0])[0] == 11


def test_torch_and_opencv_keep_the_same_peak():
    torch.manual_seed(1)
    by_opencv, by_torch = PeakTracker(), PeakTracker()
    with torch.no_grad():
        for score in 5 * torch.randn(12, 20, 31):
            by_opencv.add(score)
            # Scores that can learn are none of OpenCV's business, nor are those on a graphics card.
            by_torch.add(score.clone().requires_grad_())
        for first, second in zip(by_opencv.height(None), by_torch.height(None), strict=True):
            assert np.array_equal(first, second)
        assert np.array_equal(by_opencv.confidence(), by_torch.confidence())
