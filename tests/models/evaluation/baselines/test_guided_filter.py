import numpy as np
import pytest

from models.evaluation.baselines.guided_filter import guided_filter


def test_a_filter_guided_by_itself_keeps_strong_edges_and_smooths_weak_noise():
    rng = np.random.default_rng(0)
    step = np.zeros((40, 60), np.float32)
    step[:, 30:] = 1
    noisy = step + rng.normal(0, 0.01, step.shape).astype(np.float32)
    filtered = guided_filter(noisy, noisy, 4, 0.01)
    assert filtered[:, 31].mean() - filtered[:, 28].mean() > 0.9
    assert filtered[10:30, 5:20].std() < 0.3 * noisy[10:30, 5:20].std()


def test_without_guidance_it_is_the_mean_of_the_means():
    image = np.zeros((31, 31), np.float32)
    image[15, 15] = 1
    filtered = guided_filter(image, np.full_like(image, 0.5), 2, 0.1)
    # A box of 5 twice: a triangle of 25 / 625 at its peak.
    assert filtered[15, 15] == pytest.approx(25 / 625, rel=1e-5)
    assert filtered[15, 19] == pytest.approx(5 / 625, rel=1e-5)
    assert filtered[15, 20] == pytest.approx(0, abs=1e-7)
