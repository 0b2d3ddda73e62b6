"""Guided-filter fusion: two scales, each with weights that follow the frame's edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.evaluation.baselines.frame_values import alike, channels_of, like, luma_of
from models.wearif.frame_tensor import white_of

_Image = NDArray[np.float32]

# Li, Kang and Hu 2013, sec. III and IV-A: the parameters that they recommend, images in 0..1.
_BASE_WINDOW = 31
_SALIENCY_WINDOW, _SALIENCY_SIGMA = 11, 5.0
_BASE_RADIUS, _BASE_EPSILON = 45, 0.3
_DETAIL_RADIUS, _DETAIL_EPSILON = 7, 1e-6


def guided_filter_fusion(frames: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Fuse base and detail with guided-filtered weights (Li, Kang and Hu 2013, for n frames).

    The most salient frame of every pixel is found first; then each frame's mask is filtered with
    the frame's luma as guidance, wide and soft for the base (31x31 mean), narrow and sharp for the
    detail (the rest). The frames are gone through twice and never held.

    Parameters
    ----------
    frames : sequence of ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16, all alike, at least one.
    """
    winner = _most_salient(frames)
    white = white_of(frames[0])
    size = winner.shape
    base_sum = detail_sum = np.zeros((*size, 1), np.float32)
    base_weights = detail_weights = np.zeros((*size, 1), np.float32)
    for index, frame in enumerate(frames):
        mask = (winner == index).astype(np.float32)
        luma = luma_of(frame, white)
        base_weight = _weight(mask, luma, _BASE_RADIUS, _BASE_EPSILON)
        detail_weight = _weight(mask, luma, _DETAIL_RADIUS, _DETAIL_EPSILON)
        image = channels_of(frame)
        base = cv2.blur(image, (_BASE_WINDOW, _BASE_WINDOW)).reshape(image.shape)
        base_sum = base_sum + base_weight * base
        base_weights = base_weights + base_weight
        detail_sum = detail_sum + detail_weight * (image - base)
        detail_weights = detail_weights + detail_weight
    return like(base_sum / base_weights + detail_sum / detail_weights, frames[0])


def _most_salient(frames: Sequence[NDArray[Any]]) -> NDArray[np.intp]:
    """Return the number of the most salient frame at every pixel, eqs. 3-5."""
    winner = np.zeros(frames[0].shape[:2] if len(frames) else (), np.intp)
    largest: _Image | float = -1.0
    window = (_SALIENCY_WINDOW, _SALIENCY_WINDOW)
    for index, frame in enumerate(alike(frames)):
        laplacian = np.abs(cv2.Laplacian(luma_of(frame), cv2.CV_32F))
        saliency = cv2.GaussianBlur(laplacian, window, _SALIENCY_SIGMA)
        winner[saliency > largest] = index
        largest = np.maximum(saliency, largest)
    return winner


def _weight(mask: _Image, guidance: _Image, radius: int, epsilon: float) -> _Image:
    """Return (H, W, 1) weights, eqs. 6-7; a linear model may go below zero, a weight may not."""
    filtered = guided_filter(mask, guidance, radius, epsilon)
    # A trace keeps the sum of the weights above zero where all models go below it at once.
    return np.maximum(filtered, 1e-6)[..., None]


def guided_filter(image: _Image, guidance: _Image, radius: int, epsilon: float) -> _Image:
    """Filter an image so that it follows the edges of another (He, Sun and Tang 2010, eqs. 5-8).

    Parameters
    ----------
    image, guidance : ndarray of shape (H, W), float32
        Guidance in 0..1.
    radius : int
        The window is 2 ``radius`` + 1 pixels wide.
    epsilon : float
        Variance of the guidance below which the window counts as flat.

    Returns
    -------
    ndarray of shape (H, W), float32
    """

    def window_mean(values: _Image) -> _Image:
        return cv2.blur(values, (2 * radius + 1, 2 * radius + 1)).astype(np.float32)

    mean_i, mean_p = window_mean(guidance), window_mean(image)
    variance = np.maximum(window_mean(guidance * guidance) - mean_i * mean_i, 0)
    covariance = window_mean(guidance * image) - mean_i * mean_p
    a = np.asarray(covariance / (variance + np.float32(epsilon)), dtype=np.float32)
    b = mean_p - a * mean_i
    return window_mean(a) * guidance + window_mean(b)
