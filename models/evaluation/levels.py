"""Grey levels: frames of 8 and 16 bit on one scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.evaluation.metrics import grey


def eight_bit(image: NDArray[Any], white: float) -> NDArray[np.uint8]:
    """Return the image with ``white`` at 255, rounded to whole levels."""
    if image.dtype == np.uint8:
        return image
    return np.clip(np.rint(image * (255 / white)), 0, 255).astype(np.uint8)


def grey_levels(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the luma of an 8-bit image, in whole levels 0..255.

    The metrics are defined on 8-bit grey images. Rounding keeps windows flat that were flat, which
    is where Q_y and FMI look for exact equality.
    """
    return np.asarray(np.rint(grey(image)), dtype=np.float64)
