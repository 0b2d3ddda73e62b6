import numpy as np
import pytest

from models.evaluation.metrics import q_g, q_g_per_source


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_a_copy_keeps_all_that_q_g_can_give(rng):
    image = rng.uniform(0, 255, (30, 30))
    best = 0.9994 / (1 + np.exp(-15 * 0.5)) * 0.9879 / (1 + np.exp(-22 * 0.2))
    assert q_g(image[None], image) == pytest.approx(best, abs=1e-12)
    best_of_liu = 1 / (1 + np.exp(-10 * 0.5)) / (1 + np.exp(-20 * 0.25))
    assert q_g(image[None], image, variant="liu") == pytest.approx(best_of_liu, abs=1e-12)


def test_a_step_by_hand():
    # One vertical edge of 100 in the source, of 50 in the fused image. Inside, where the zero
    # padding plays no part, strength is halved and the orientation is the same.
    source = np.zeros((3, 6))
    source[:, 3:] = 100
    g_strength = 0.9994 / (1 + np.exp(-15 * (0.5 - 0.5)))
    g_angle = 0.9879 / (1 + np.exp(-22 * (1 - 0.8)))
    assert q_g(source[None], source / 2) == pytest.approx(g_strength * g_angle, rel=1e-4)


def test_a_gradient_turned_by_a_right_angle_is_lost(rng):
    ramp = np.broadcast_to(10.0 * np.arange(40), (40, 40))
    assert q_g(ramp[None], np.ascontiguousarray(ramp.T)) < 0.3


def test_the_whole_is_the_mean_of_sources_weighted_by_their_gradients(rng):
    fused = rng.uniform(0, 255, (20, 20))
    strong, weak = rng.uniform(0, 255, (20, 20)), rng.uniform(100, 110, (20, 20))
    both = np.stack([strong, weak])
    of_strong, of_weak = q_g_per_source(both, fused)
    assert of_strong == q_g(strong[None], fused)
    assert abs(q_g(both, fused) - of_strong) < abs(q_g(both, fused) - of_weak)


def test_black_frames_fused_to_black_count_as_kept():
    black = np.zeros((2, 9, 9))
    assert q_g(black, black[0]) == pytest.approx(0.9748, abs=1e-4)
