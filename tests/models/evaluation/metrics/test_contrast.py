import numpy as np
import pytest
from scipy.signal import convolve2d

from models.evaluation.metrics import q_cb


def slow_contrast(image):
    """The definition, with the full Fourier plane and two-dimensional kernels."""
    rows, columns = image.shape
    image = np.floor((image - image.min()) / np.ptp(image) * 255 + 0.5)
    down = rows / 30 * (np.arange(rows) - rows // 2) * 2 / rows
    across = columns / 30 * (np.arange(columns) - columns // 2) * 2 / columns
    radius = np.hypot(down[:, None], across)
    sensitivity = np.exp(-((radius / 15.3870) ** 2)) - 0.7622 * np.exp(-((radius / 1.3456) ** 2))
    seen = np.fft.ifft2(np.fft.ifftshift(np.fft.fftshift(np.fft.fft2(image)) * sensitivity)).real
    y, x = np.mgrid[-15:16, -15:16]

    def blurred(sigma):
        kernel = np.exp(-(x**2 + y**2) / (2 * sigma**2)) / (2 * np.pi * sigma**2)
        return convolve2d(seen, kernel, mode="same")

    contrast = np.abs(blurred(2) / blurred(4) - 1)
    return contrast**3 / (contrast**2 + 1e-4)


@pytest.mark.parametrize("shape", [(40, 51), (33, 48)])
@pytest.mark.parametrize("n", [2, 4])
def test_it_is_what_its_definition_says(shape, n):
    rng = np.random.default_rng(0)
    sources = rng.integers(0, 256, (n, *shape)).astype(float)
    fused = sources.mean(axis=0)
    of_fused = slow_contrast(fused)
    contrasts = np.array([slow_contrast(source) for source in sources])
    kept = np.minimum(contrasts, of_fused) / np.maximum(contrasts, of_fused)
    expected = np.mean((contrasts**2 * kept).sum(axis=0) / (contrasts**2).sum(axis=0))
    assert q_cb(sources, fused) == pytest.approx(expected, abs=1e-12)


def test_a_copy_is_perfect_whatever_its_gain():
    image = np.random.default_rng(1).integers(0, 256, (20, 20)).astype(float)
    assert q_cb(image[None], image) == pytest.approx(1, abs=1e-12)
    assert q_cb(image[None], image / 2 + 64) == pytest.approx(1, abs=1e-12)


def test_a_frame_without_contrast_has_no_weight():
    image = np.random.default_rng(2).integers(0, 256, (20, 20)).astype(float)
    blank = np.full_like(image, 90)
    assert q_cb(np.stack([image, blank]), image) == pytest.approx(1, abs=1e-12)
    assert q_cb(blank[None], image) == pytest.approx(0, abs=1e-12)


def test_nothing_to_keep_is_kept():
    assert q_cb(np.full((2, 9, 9), 40.0), np.full((9, 9), 200.0)) == 1
