"""How bright each frame is: a lamp that flickers must not show in the fused image."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

BLOCK_PX = 16
"""Side of the blocks that are compared; defocus hardly changes the mean of one."""
SMALLEST_STEP = 0.02
"""Changes below it are left alone: they hardly show, and 8-bit levels do not tell them surely."""
DARK, BRIGHT = 0.05, 0.95
"""Of white; darker blocks are mostly offset and noise, brighter ones may be clipped."""
FEWEST_BLOCKS = 64
"""With fewer a particle cannot be told from the lamp."""


class Brightness:
    """Follows sudden changes of the light, frame by frame.

    Each frame is compared with the one before it, whose focus is nearly the same. The light has
    changed if the mean of three quarters of all blocks has, by 2 % or more, in the same direction;
    it has then changed by their median ratio. A lamp that fades slowly is not followed: from frame
    to frame defocus changes more than such a lamp does.
    """

    def __init__(self) -> None:
        self._level = 1.0
        self._before: NDArray[np.float32] | None = None

    def follow(self, frame: NDArray[Any], white: float) -> float:
        """Take the next frame.

        Parameters
        ----------
        frame : ndarray
            (H, W) or (H, W, 3) RGB, uint8 or uint16.
        white : float
            The count of a white pixel.

        Returns
        -------
        float
            Its brightness as a multiple of the first frame's; exactly 1 where nobody can tell.
        """
        blocks = _blocks(frame, white)
        if self._before is not None:
            self._level *= _step(self._before, blocks)
            if abs(self._level - 1) < SMALLEST_STEP:
                # After a flash the light is the old one; what is left of the two steps is error.
                self._level = 1.0
        self._before = blocks
        return self._level


def _blocks(frame: NDArray[Any], white: float) -> NDArray[np.float32]:
    """Mean of each whole block, in 0..1: (H // 16, W // 16), a little off where colours clip."""
    rows, columns = frame.shape[0] // BLOCK_PX, frame.shape[1] // BLOCK_PX
    if rows * columns < FEWEST_BLOCKS:
        return np.empty((0, 0), np.float32)
    # Only whole blocks: for these OpenCV's averaging is three times as fast.
    covered = frame[: rows * BLOCK_PX, : columns * BLOCK_PX]
    means = cv2.resize(covered, (columns, rows), interpolation=cv2.INTER_AREA)
    grey = means.mean(axis=2, dtype=np.float32) if frame.ndim == 3 else means.astype(np.float32)
    return np.asarray(grey / white, dtype=np.float32)


def _step(before: NDArray[np.float32], blocks: NDArray[np.float32]) -> float:
    usable = (np.minimum(before, blocks) > DARK) & (np.maximum(before, blocks) < BRIGHT)
    if np.count_nonzero(usable) < FEWEST_BLOCKS:
        return 1.0
    low, middle, high = np.percentile(blocks[usable] / before[usable], (25, 50, 75))
    agreed = low > 1 + SMALLEST_STEP or high < 1 - SMALLEST_STEP
    return float(middle) if agreed else 1.0
