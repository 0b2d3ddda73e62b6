"""Lines of equal height."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import contourpy
import cv2
import numpy as np
from numpy.typing import NDArray

LONGEST_SIDE: Final = 512
"""Points along the longer side from which lines are drawn."""
MOST_LINES: Final = 10
"""Levels within the span of heights."""
SMOOTHING: Final = 2.5
"""Sigma in those points; a line through noise is none."""
SHORTEST: Final = 24.0
"""Points; shorter lines go round noise."""


@dataclass(frozen=True, slots=True, eq=False)
class ContourLine:
    """One line."""

    level: float
    points: NDArray[np.float64]
    """(n, 2): x, y in pixels of the picture; (0.5, 0.5) is the middle of the first one."""


@dataclass(frozen=True, slots=True)
class Contours:
    """The lines of a height map."""

    interval: float
    """Between two levels."""
    lines: tuple[ContourLine, ...]


def contours(height: NDArray[np.float32], span: tuple[float, float]) -> Contours:
    """Draw lines through points of equal height, at round heights.

    Parameters
    ----------
    height : ndarray of shape (H, W)
    span : tuple of float
        The heights between which lines are drawn.
    """
    rows, columns = height.shape
    low, high = span
    interval = _round_interval((high - low) / MOST_LINES)
    reduction = max(1.0, max(rows, columns) / LONGEST_SIDE)
    size = (max(2, round(columns / reduction)), max(2, round(rows / reduction)))
    small = cv2.resize(height, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), SMOOTHING)
    x = (np.arange(size[0]) + 0.5) * columns / size[0]
    y = (np.arange(size[1]) + 0.5) * rows / size[1]
    generator = contourpy.contour_generator(x, y, small)
    first = math.ceil(low / interval)
    levels = [step * interval for step in range(first, math.floor(high / interval) + 1)]
    lines = [
        ContourLine(level, np.asarray(points))
        for level in levels
        for points in generator.lines(level)
        if _length(np.asarray(points)) >= SHORTEST * reduction
    ]
    return Contours(interval, tuple(lines))


def _round_interval(least: float) -> float:
    """Return the smallest of 1, 2, 5, 10 … that is not below."""
    decade = 10.0 ** math.floor(math.log10(least))
    return next(digit * decade for digit in (1, 2, 5, 10) if digit * decade >= least * 0.9999)


def _length(points: NDArray[np.float64]) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())
