import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evaluation.metrics import psnr, q_g, ssim


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_psnr_of_a_known_error():
    truth = np.zeros((4, 5, 3), np.uint8)
    assert psnr(truth + 16, truth) == pytest.approx(10 * np.log10(255**2 / 16**2))
    assert psnr(truth, truth) == float("inf")


def test_ssim_of_equal_and_of_unrelated_pictures(rng):
    a = rng.integers(0, 256, (40, 50, 3)).astype(np.uint8)
    b = rng.integers(0, 256, (40, 50, 3)).astype(np.uint8)
    assert ssim(a, a) == pytest.approx(1)
    assert abs(ssim(a, b)) < 0.1


def test_ssim_of_flat_pictures_is_the_luminance_term():
    dark, bright = np.full((20, 20), 50.0), np.full((20, 20), 100.0)
    c1 = (0.01 * 255) ** 2
    expected = (2 * 50 * 100 + c1) / (50**2 + 100**2 + c1)
    assert ssim(dark, bright) == pytest.approx(expected)


def test_a_copy_keeps_all_that_q_g_can_give(rng):
    image = rng.uniform(0, 255, (30, 30))
    best = 0.9994 / (1 + np.exp(-15 * 0.5)) * 0.9879 / (1 + np.exp(-22 * 0.2))
    assert q_g(image[None], image) == pytest.approx(best, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(4)))
def test_q_g_does_not_depend_on_the_order_of_frames(order):
    rng = np.random.default_rng(1)
    sources, fused = rng.uniform(0, 255, (4, 16, 16)), rng.uniform(0, 255, (16, 16))
    assert q_g(sources[list(order)], fused) == pytest.approx(q_g(sources, fused), rel=1e-12)


def test_q_g_of_a_step_by_hand():
    # One vertical edge of 100 in the source, of 50 in the fused image. Inside, where the zero
    # padding plays no part, strength is halved and the orientation is the same.
    source = np.zeros((3, 6))
    source[:, 3:] = 100
    g_strength = 0.9994 / (1 + np.exp(-15 * (0.5 - 0.5)))
    g_angle = 0.9879 / (1 + np.exp(-22 * (1 - 0.8)))
    assert q_g(source[None], source / 2) == pytest.approx(g_strength * g_angle, rel=1e-4)


def test_shapes_must_agree(rng):
    with pytest.raises(ValueError, match="shapes differ"):
        psnr(np.zeros((2, 3)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match="must be"):
        q_g(rng.uniform(0, 1, (2, 4, 4)), np.zeros((4, 5)))
