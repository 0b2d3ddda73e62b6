"""How bright each frame of a whole stack is: lamps fade, cameras expose by themselves.

While frames stream in, only sudden changes can be told from defocus (`Brightness`). Of a whole
stack slow ones can be told too: defocus spreads light without taking any, so the mean over a large
cell of the picture hardly changes with it, and most cells show no particle that comes into focus.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

CELLS = 16
"""Along the shorter side."""
FEWEST_CELLS = 64
"""With fewer a particle cannot be told from the lamp."""
DARK, BRIGHT = 0.03, 0.97
"""Of white; cells beyond are mostly offset, or clipped."""
SMALLEST_SPREAD = 0.04
"""From the darkest frame to the brightest; a smaller spread is left alone. Drawn stacks, whose lamp
is steady, seem to spread by 0.5 to 2.5 % with defocus alone. Two photographed ones spread by 5.8
and 6.2 %, and it is not known whether their lamps were steady."""
SIGNIFICANT = 4.0
"""Standard errors that the spread has to reach."""


class BrightnessDrift:
    """Gathers the frames of a stack, one at a time, and says how bright each is."""

    def __init__(self) -> None:
        self._means: list[NDArray[np.float32]] = []
        self._white = 1.0

    def add(self, frame: NDArray[Any]) -> None:
        """Take the next frame: (H, W) or (H, W, 3) RGB, uint8 or uint16, all alike."""
        self._white = max(self._white, _white(frame))
        self._means.append(_cells(frame))

    def levels(self) -> tuple[float, ...] | None:
        """Return the brightness of every frame as a multiple of the middle one's, by brightness.

        Returns
        -------
        tuple of float or None
            None where the light was steady, or nobody can tell.
        """
        if len(self._means) < 2:
            return None
        means = np.stack(self._means) / self._white
        usable = (means.min(axis=0) > DARK) & (means.max(axis=0) < BRIGHT)
        if np.count_nonzero(usable) < FEWEST_CELLS:
            return None
        logs = np.log(means[:, usable], dtype=np.float64)
        logs -= np.median(logs, axis=0)
        drift = np.median(logs, axis=1)
        # 1.2533 sigma / sqrt(n) is the standard error of a median, 1.4826 MAD is sigma.
        scatter = np.median(np.abs(logs - drift[:, None]), axis=1)
        error = 1.2533 * 1.4826 * float(scatter.max()) / np.sqrt(np.count_nonzero(usable))
        spread = float(np.ptp(drift))
        if spread < max(np.log1p(SMALLEST_SPREAD), SIGNIFICANT * error):
            return None
        drift -= np.median(drift)
        return tuple(float(level) for level in np.exp(drift))


def _cells(frame: NDArray[Any]) -> NDArray[np.float32]:
    height, width = frame.shape[:2]
    side = max(1, min(height, width) // CELLS)
    rows, columns = height // side, width // side
    covered = frame[: rows * side, : columns * side]
    means = cv2.resize(covered, (columns, rows), interpolation=cv2.INTER_AREA)
    grey = means.mean(axis=2) if frame.ndim == 3 else means
    return np.asarray(grey.ravel(), dtype=np.float32)


def _white(frame: NDArray[Any]) -> float:
    """Return the count of white: cameras deliver 10, 12 or 14 bits right-aligned in 16."""
    if frame.dtype == np.uint8:
        return 255.0
    return float(2 ** max(10, int(frame.max()).bit_length()) - 1)
