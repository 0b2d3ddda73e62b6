"""Feature maps that the FMI metric compares (Haghighat and Razian 2014)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from models.evaluation.metrics.meyer import wavelet_tiles

Feature = Literal["none", "gradient", "dct", "edge", "wavelet"]
Map = NDArray[np.float64]


def pixels(image: Map) -> Map:
    """Return the image itself."""
    return image


def gradient(image: Map) -> Map:
    """Horizontal derivative: central differences, one-sided in the border columns."""
    return np.asarray(np.gradient(image, axis=1))


def dct(image: Map) -> Map:
    """Orthonormal DCT-II of the whole image."""
    return np.asarray(fft.dctn(image, norm="ortho"))


def edge(image: Map) -> Map:
    """Sobel edges, 0 or 1, thinned across their direction.

    After the `edge` function of MATLAB's Image Processing Toolbox: a pixel whose squared gradient
    is above four times the mean is kept if it is a maximum along the axis in which its gradient is
    the larger. The image continues beyond its border, its gradient is zero there.
    """
    across = cv2.Sobel(image, cv2.CV_64F, 1, 0, scale=1 / 8, borderType=cv2.BORDER_REPLICATE)
    down = cv2.Sobel(image, cv2.CV_64F, 0, 1, scale=1 / 8, borderType=cv2.BORDER_REPLICATE)
    square = across**2 + down**2
    around = np.pad(square, 1)
    left, right = around[1:-1, :-2], around[1:-1, 2:]
    above, below = around[:-2, 1:-1], around[2:, 1:-1]
    # The tolerance lets rounding not decide between two equal gradients.
    tolerance = 100 * np.finfo(np.float64).eps
    steeper_across = np.abs(across) >= np.abs(down) - tolerance
    steeper_down = np.abs(down) >= np.abs(across) - tolerance
    ridge = (steeper_across & (left <= square) & (square > right)) | (
        steeper_down & (above <= square) & (square > below)
    )
    return np.asarray(ridge & (square > 4 * square.mean()), dtype=np.float64)


FEATURES: dict[Feature, Callable[[Map], Map]] = {
    "none": pixels,
    "gradient": gradient,
    "dct": dct,
    "edge": edge,
    "wavelet": wavelet_tiles,
}
