"""Which frames of a video show a stage that had not started, or had stopped."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_SIZE = (48, 36)
"""Width and height of what frames are compared at: small enough that noise averages out."""
_STILL = 0.25
"""Of what changes from frame to frame while the stage moves; what changed less is the same view."""


class Standstill:
    """Gathers the frames of a video and tells those at its ends that repeat the outermost one."""

    def __init__(self) -> None:
        self._views: list[NDArray[np.float32]] = []
        self._numbers: list[int] = []

    def add(self, frame: NDArray[Any], number: int) -> None:
        """Take a frame, (H, W, 3) uint8, and its number in the video."""
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        small = cv2.resize(grey.astype(np.float32), _SIZE, interpolation=cv2.INTER_AREA)
        self._views.append(np.asarray(small, np.float32))
        self._numbers.append(number)

    def moving(self, count: int) -> range:
        """Return the numbers of the frames to keep, of so many; one of each standstill is kept."""
        views = self._views
        if len(views) < 3:
            return range(count)
        steps = [_difference(*pair) for pair in pairwise(views)]
        still = _STILL * float(np.percentile(steps, 90))
        start = _repeats(views, still)
        stop = len(views) - _repeats(views[::-1], still)
        if start >= stop - 1:
            return range(count)
        first = self._numbers[start] if start else 0
        last = self._numbers[stop - 1] if stop < len(views) else count - 1
        return range(first, last + 1)


def _repeats(views: list[NDArray[np.float32]], still: float) -> int:
    """Count the frames after the first that show the same."""
    for index, view in enumerate(views[1:]):
        if _difference(views[0], view) >= still:
            return index
    return 0


def _difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean((one - other) ** 2)))
