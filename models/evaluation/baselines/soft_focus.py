"""Soft focus weighting: all frames, weighted by a high power of their local sharpness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.evaluation.baselines.frame_values import alike, channels_of, like, luma_of

PRE_BLUR_PX, WINDOW_PX = 0.8, 3.0
"""Sigmas: against noise before the Laplacian, and of the window in which it is averaged."""
POWER = 8
_NOTHING = 1e-6
"""Far below the Laplacian of camera noise in 0..1; where nothing else is, frames share evenly."""


def soft_focus(frames: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return the mean of the frames with the weights (f / max f)^8.

    f is the absolute Laplacian of the luma after a Gaussian of sigma 0.8, averaged by a Gaussian
    of sigma 3. The maximum over the frames cancels in the mean, so that one pass is enough.

    Parameters
    ----------
    frames : sequence of ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16, all alike, at least one.
    """
    weighted = total = np.zeros(())
    for frame in alike(frames):
        # Single precision reaches down to 1e-38, but (1e-6)^8 is 1e-48.
        sharpness = _sharpness(luma_of(frame)).astype(np.float64)
        weight = ((sharpness + _NOTHING) ** POWER)[..., None]
        weighted = weighted + weight * channels_of(frame)
        total = total + weight
    return like(weighted / total, frames[0])


def _sharpness(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    smooth = cv2.GaussianBlur(luma, (0, 0), PRE_BLUR_PX)
    detail = np.abs(cv2.Laplacian(smooth, cv2.CV_32F))
    return np.asarray(cv2.GaussianBlur(detail, (0, 0), WINDOW_PX), dtype=np.float32)
