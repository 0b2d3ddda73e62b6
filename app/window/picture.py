"""Arrays as the screen wants them: uint8, contiguous, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(H, W) grey or (H, W, 3) RGB, C-contiguous."""


def to_screen(image: NDArray[Any], bits: int) -> Pixels:
    """Return an image in 8 bits per channel.

    Parameters
    ----------
    image : ndarray
        (H, W) or (H, W, 3), uint8 or uint16 right-aligned.
    bits : int
        Significant bits per channel of a uint16 image.
    """
    if image.dtype == np.uint8:
        return np.ascontiguousarray(image)
    return np.ascontiguousarray((image >> max(bits - 8, 0)).clip(0, 255), dtype=np.uint8)


def significant_bits(image: NDArray[Any]) -> int:
    """Guess how many bits of a uint16 image are used; only cameras tell, files do not."""
    if image.dtype == np.uint8:
        return 8
    peak = int(image.max(initial=0))
    return next(bits for bits in (8, 10, 12, 14, 16) if peak < 1 << bits)


def weights_to_screen(weights: NDArray[np.float32]) -> Pixels:
    """Return a focus weight map (H, W) in 0..1 as 0..255."""
    return np.ascontiguousarray(np.rint(weights * 255).clip(0, 255), dtype=np.uint8)


def height_span(height: NDArray[np.float32]) -> tuple[float, float]:
    """Return the heights between which colours are spread; the outermost 0.5 % lie beyond."""
    low, high = (float(value) for value in np.percentile(height[::2, ::2], (0.5, 99.5)))
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def height_to_screen(height: NDArray[np.float32], span: tuple[float, float]) -> Pixels:
    """Return a height map (H, W) as 0..255 over a span of heights."""
    low, high = span
    scaled = (height - low) * (255 / (high - low))
    return np.ascontiguousarray(np.rint(scaled).clip(0, 255), dtype=np.uint8)
