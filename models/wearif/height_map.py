"""Cleans a height map: fills it where no frame shows anything to measure, and removes outliers."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

UNKNOWN, KNOWN = 2.0, 4.0
"""Prominence of a pixel's peak, its largest score above its mean score.

Scores are logarithms. On a surface without texture the largest of some 30 equally noisy scores
stands 1 to 2 above their mean, and where it lies says nothing. Both bounds were chosen by eye on
rendered stacks, with the scores that training starts from.
"""


def confidence_of(prominence: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far each height can be believed, by how far its peak stands out.

    ``(prominence - UNKNOWN) / (KNOWN - UNKNOWN)``, clipped to 0..1.
    """
    rise = (prominence - UNKNOWN) / (KNOWN - UNKNOWN)
    return np.asarray(np.clip(rise, 0, 1), dtype=np.float32)


def clean(height: NDArray[np.float32], prominence: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the height map that is shown and measured in.

    Parameters
    ----------
    height, prominence : ndarray of shape (H, W), float32
        What the peak of each pixel says, and how far the peak stands out.

    Returns
    -------
    ndarray of shape (H, W), float32
    """
    # A median over 5x5 pixels keeps edges and drops the single pixels where, beside the edge of a
    # particle, the wrong one of two peaks was a little higher.
    return np.asarray(cv2.medianBlur(fill_unknown(height, confidence_of(prominence)), 5))


def fill_unknown(
    height: NDArray[np.float32], confidence: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Replace heights that nobody knows by what lies around them.

    Push-pull interpolation (Gortler et al. 1996): known heights are averaged into ever smaller
    maps until every pixel has one, and flow back into the holes.

    Parameters
    ----------
    height, confidence : ndarray of shape (H, W), float32
        Confidence in 0..1; a height of confidence 1 is kept as it is.

    Returns
    -------
    ndarray of shape (H, W), float32
        ``height`` itself if nothing at all is known.
    """
    if not confidence.any():
        return height
    rows, columns = height.shape
    if rows == 1 and columns == 1:
        return height
    small = (max(1, columns // 2), max(1, rows // 2))
    weight = cv2.resize(confidence, small, interpolation=cv2.INTER_AREA)
    total = cv2.resize(confidence * height, small, interpolation=cv2.INTER_AREA)
    mean = np.where(weight > 0, total / np.maximum(weight, np.finfo(np.float32).tiny), 0)
    around = fill_unknown(mean.astype(np.float32), np.minimum(4 * weight, 1))
    spread = cv2.resize(around, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return np.asarray(confidence * height + (1 - confidence) * spread, dtype=np.float32)
