"""Grey levels: frames of 8 and 16 bit on one scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.evaluation.metrics import grey
from models.wearif.frame_tensor import CAMERA_BITS


def white_of(frame: NDArray[Any]) -> float:
    """Return the value of white.

    Parameters
    ----------
    frame : ndarray of uint8 or uint16
        Cameras deliver 10, 12 or 14 bits right-aligned in 16: white is the smallest camera depth
        that holds the brightest pixel.
    """
    if frame.dtype == np.uint8:
        return 255.0
    bits = int(frame.max()).bit_length()
    return float(2 ** next(depth for depth in CAMERA_BITS if depth >= bits) - 1)


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
