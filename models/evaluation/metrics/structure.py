"""Q_y: how much of the sources' local structure the fused image keeps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.evaluation.metrics.source_check import require_sources

WINDOW, SIGMA = 7, 1.5
"""Side and standard deviation of the Gaussian window in pixels (Yang et al. 2008)."""

STABILISER = 2e-16
"""C1 = C2 of the authors' SSIM: decides 0/0 and nothing else."""

SIMILAR = 0.75
"""Mean SSIM among the sources from which on they count as redundant (eq. 21)."""

FLAT = 1e-10
"""Variance over mean square below which a window is constant.

The difference of two sums leaves some 1e-16 of them where the variance is zero, far more than the
stabiliser, and the ratio of two such remainders can be anything. One grey level more in the corner
of a white window is 2e-8.
"""

BAND = 64
"""Rows of windows at a time: what is computed for two frames then stays in the cache."""


def q_y(
    sources: NDArray[np.float64], fused: NDArray[np.float64], *, max_branch: bool = True
) -> float:
    """How much of the frames' structure the fused image keeps (Yang et al. 2008).

    Extended to n frames as in eqs. 20 and 21 of the paper. In each 7x7 window the SSIM of fused
    image and frames is averaged with the frames' variances as weights if the frames resemble each
    other, that is if the mean SSIM over their pairs reaches 0.75; else the largest counts.

    Parameters
    ----------
    sources : ndarray of shape (N, H, W), float64
        Grey frames in 0..255, at least 7 pixels wide and high.
    fused : ndarray of shape (H, W), float64
        In 0..255.
    max_branch : bool
        False takes the weighted mean in every window. On real stacks of 36 frames that is some
        0.2 lower and near the level of the paper's figures, but it is not what eq. 21 prints.

    Returns
    -------
    float
        At most 1 but for rounding, which a copy of equal frames reaches. Variances of constant
        windows are exactly zero here: constant against constant is the luminance term, constant
        against texture is 0.

    Raises
    ------
    ValueError
        If the shapes do not fit together, an image is too small, or a value is not finite.
    """
    require_sources("q_y", sources, fused, smallest=WINDOW)
    rows, columns = fused.shape[0] - WINDOW + 1, fused.shape[1] - WINDOW + 1
    total = 0.0
    for top in range(0, rows, BAND):
        band = slice(top, min(top + BAND, rows) + WINDOW - 1)
        total += _sum_over_windows(sources[:, band], fused[band], max_branch)
    return total / float(rows * columns)


@dataclass(frozen=True, slots=True)
class _Moments:
    """An image with its mean and variance in every window."""

    image: NDArray[np.float64]
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]

    @classmethod
    def of(cls, image: NDArray[np.float64]) -> _Moments:
        mean, mean_square = _window_mean(image), _window_mean(image * image)
        variance = mean_square - mean * mean
        return cls(image, mean, np.where(variance <= FLAT * mean_square, 0, variance))


def _sum_over_windows(
    sources: NDArray[np.float64], fused: NDArray[np.float64], max_branch: bool
) -> float:
    moments = [_Moments.of(source) for source in sources]
    moments_f = _Moments.of(fused)
    similarity = np.array([_ssim(source, moments_f) for source in moments])
    variance = np.array([source.variance for source in moments])
    total = variance.sum(axis=0)
    # Sources that are all constant share the weight evenly.
    weight = np.where(total == 0, 1 / len(sources), variance / np.where(total == 0, 1, total))
    weighted = (weight * similarity).sum(axis=0)
    if not max_branch:
        return float(weighted.sum())
    redundant = _mean_of_pairs(moments) >= SIMILAR
    return float(np.where(redundant, weighted, similarity.max(axis=0)).sum())


def _mean_of_pairs(moments: list[_Moments]) -> NDArray[np.float64]:
    """Mean SSIM over all pairs of sources; 1 for a single source, which resembles itself."""
    pairs = list(combinations(moments, 2))
    if not pairs:
        return np.ones_like(moments[0].mean)
    total = np.zeros_like(moments[0].mean)
    for first, second in pairs:
        total += _ssim(first, second)
    return total / len(pairs)


def _ssim(x: _Moments, y: _Moments) -> NDArray[np.float64]:
    product = x.mean * y.mean
    covariance = _window_mean(x.image * y.image) - product
    covariance[(x.variance == 0) | (y.variance == 0)] = 0
    above = (2 * product + STABILISER) * (2 * covariance + STABILISER)
    below = (x.mean**2 + y.mean**2 + STABILISER) * (x.variance + y.variance + STABILISER)
    similarity: NDArray[np.float64] = above / below
    return similarity


def _window_mean(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gaussian mean of the windows that lie wholly inside."""
    window = cv2.getGaussianKernel(WINDOW, SIGMA, cv2.CV_64F)
    reach = WINDOW // 2
    mean = cv2.sepFilter2D(image, cv2.CV_64F, window, window)
    return np.asarray(mean[reach:-reach, reach:-reach], dtype=np.float64)
