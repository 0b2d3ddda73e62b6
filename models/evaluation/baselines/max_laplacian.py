"""At every pixel the frame of the strongest detail around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.evaluation.baselines.frame_values import alike, luma_of

WINDOW = 7
"""Side of the window over which the Laplacian's magnitude is averaged, pixels."""


def max_laplacian(frames: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Take every pixel from the frame whose 7x7-mean absolute Laplacian is the largest there.

    Parameters
    ----------
    frames : sequence of ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16, all alike, at least one. Of equal frames the
        first is taken.
    """
    fused = frames[0].copy() if len(frames) else np.empty(0)
    largest: NDArray[np.float32] | float = -1.0
    for frame in alike(frames):
        laplacian = cv2.Laplacian(luma_of(frame), cv2.CV_32F)
        focus = cv2.blur(np.abs(laplacian), (WINDOW, WINDOW))
        sharper = focus > largest
        np.copyto(fused, frame, where=sharper if frame.ndim == 2 else sharper[..., None])
        largest = np.maximum(focus, largest)
    return fused
