"""Any frame or fused image as a picture to look at."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def eight_bit_rgb(image: NDArray[Any]) -> NDArray[np.uint8]:
    """Return (H, W, 3) RGB; 10, 12 and 16 bits are scaled by the bits that the brightest needs."""
    if image.dtype != np.uint8:
        bits = max(8, int(image.max()).bit_length())
        image = (image >> (bits - 8)).astype(np.uint8)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.ndim == 2 else image)
