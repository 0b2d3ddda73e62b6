import numpy as np
import pytest

from models.evaluation.metrics import psnr, ssim


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


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="shapes differ"):
        psnr(np.zeros((2, 3)), np.zeros((3, 2)))
