"""The mean of the frames: what a fusion gives that knows nothing of focus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.evaluation.baselines.frame_values import alike, like


def mean(frames: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return the mean frame.

    Parameters
    ----------
    frames : sequence of ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16, all alike, at least one.
    """
    total = np.zeros(())
    for frame in alike(frames):
        total = total + frame
    return like(total / len(frames), frames[0])
