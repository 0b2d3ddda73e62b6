"""How close an image is to a known truth: PSNR and SSIM."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

GREY_WEIGHTS = (0.299, 0.587, 0.114)
"""ITU-R BT.601 luma."""


def grey(image: NDArray[Any]) -> NDArray[np.float64]:
    """Return the luma of an (H, W, 3) RGB or (H, W) image as float64."""
    values = image.astype(np.float64)
    return values if values.ndim == 2 else values @ np.array(GREY_WEIGHTS)


def psnr(image: NDArray[Any], truth: NDArray[Any], peak: float = 255.0) -> float:
    """Peak signal-to-noise ratio in dB, over all pixels and channels.

    Parameters
    ----------
    image, truth : ndarray
        The same shape, in 0..``peak``.

    Returns
    -------
    float
        Infinite for equal images.
    """
    _require_same_shape(image, truth)
    error = np.mean((image.astype(np.float64) - truth.astype(np.float64)) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(peak**2 / error))


def ssim(image: NDArray[Any], truth: NDArray[Any], peak: float = 255.0) -> float:
    """Structural similarity of the lumas, mean over the frame (Wang et al. 2004).

    11x11 Gaussian window of sigma 1.5, K1 = 0.01, K2 = 0.03, windows that lie wholly inside.

    Parameters
    ----------
    image, truth : ndarray of shape (H, W) or (H, W, 3)
        At least 11 pixels wide and high, in 0..``peak``.
    """
    _require_same_shape(image, truth)
    x, y = grey(image), grey(truth)
    mean_x, mean_y = _window_mean(x), _window_mean(y)
    var_x = _window_mean(x * x) - mean_x**2
    var_y = _window_mean(y * y) - mean_y**2
    cov = _window_mean(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * peak) ** 2, (0.03 * peak) ** 2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    structure = (2 * cov + c2) / (var_x + var_y + c2)
    return float(np.mean(luminance * structure))


def _window_mean(image: NDArray[np.float64]) -> NDArray[np.float64]:
    window = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window /= window.sum()
    mean = ndimage.correlate1d(ndimage.correlate1d(image, window, axis=0), window, axis=1)
    inside: NDArray[np.float64] = mean[5:-5, 5:-5]
    return inside


def _require_same_shape(image: NDArray[Any], truth: NDArray[Any]) -> None:
    if image.shape != truth.shape:
        raise ValueError(f"shapes differ: {image.shape} and {truth.shape}")
