"""How good a fused image is.

`psnr` and `ssim` compare with a known truth; `q_g` needs only the frames.
"""

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


def q_g(sources: NDArray[np.float64], fused: NDArray[np.float64]) -> float:
    """How much of the frames' gradients the fused image keeps (Xydeas and Petrovic 2000).

    Extended to n frames as in eq. 19 of the paper: one ratio of sums over all frames and pixels.

    Parameters
    ----------
    sources : ndarray of shape (N, H, W), float64
        Grey frames in 0..255.
    fused : ndarray of shape (H, W), float64
        In 0..255.

    Returns
    -------
    float
        0..1; a perfect copy of a single frame gives about 0.975.
    """
    if sources.ndim != 3 or sources.shape[1:] != fused.shape:
        raise ValueError(f"sources {sources.shape} must be (N, H, W) with fused {fused.shape}")
    strength_f, angle_f = _gradient(fused)
    kept = total = 0.0
    for source in sources:
        strength, angle = _gradient(source)
        weaker = np.minimum(strength, strength_f)
        stronger = np.maximum(strength, strength_f)
        relative_angle = 1 - np.abs(angle - angle_f) / (np.pi / 2)
        quality = _sigmoid(weaker / stronger, 0.9994, 15, 0.5)
        quality *= _sigmoid(relative_angle, 0.9879, 22, 0.8)
        kept += float(np.sum(quality * strength))
        total += float(np.sum(strength))
    return kept / total


def _gradient(image: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sobel gradient with zero padding: strength and orientation in -pi/2..pi/2."""
    trace = 1e-5
    across = ndimage.sobel(image, axis=1, mode="constant")
    down = ndimage.sobel(image, axis=0, mode="constant")
    strength = np.hypot(across, down)
    angle = np.arctan(down / np.where(across == 0, trace, across))
    return np.where(strength == 0, trace, strength), angle


def _sigmoid(
    value: NDArray[np.float64], top: float, slope: float, centre: float
) -> NDArray[np.float64]:
    """Perceptual loss function of Xydeas and Petrovic, with their constants."""
    result: NDArray[np.float64] = top / (1 + np.exp(-slope * (value - centre)))
    return result


def _window_mean(image: NDArray[np.float64]) -> NDArray[np.float64]:
    window = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window /= window.sum()
    mean = ndimage.correlate1d(ndimage.correlate1d(image, window, axis=0), window, axis=1)
    inside: NDArray[np.float64] = mean[5:-5, 5:-5]
    return inside


def _require_same_shape(image: NDArray[Any], truth: NDArray[Any]) -> None:
    if image.shape != truth.shape:
        raise ValueError(f"shapes differ: {image.shape} and {truth.shape}")
