"""What a live frame says about exposure and focus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.acquisition.focus_measure import pooled_focus, tile_focus
from drivers.auto_exposure import GLINTS, TARGET, bright_level

BINS: Final = 256
WIDTH_PX: Final = 900
"""Wider frames are measured smaller: as sharp an answer, in a fraction of the time."""
SPARED: Final = 0.005
"""Share of the pixels at either end that a stretched contrast gives up."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameReport:
    """Exposure and focus of one frame."""

    histogram: NDArray[np.int64]
    """(C, 256) counts over the full scale, of the one grey or the three colours; of a wide frame's
    pixels only some are counted."""
    clipped: float
    """Share of the pixels of which a colour is at the end of the scale."""
    bright: float
    """How bright the frame is where it is bright, glints left out: 0 to 1."""
    focus: float
    """Tenengrad as the autofocus measures it; without unit."""
    exposure_ms: float
    """Of the frame."""

    @property
    def is_clipped(self) -> bool:
        """Whether more is clipped than metal glints."""
        return self.clipped > GLINTS

    @property
    def advised_exposure_ms(self) -> float | None:
        """The exposure that would bring the bright part to its place, for a linear camera.

        None where the frame does not tell: too much of it is clipped, or black.
        """
        if self.is_clipped or self.bright < 0.02:
            return None
        return self.exposure_ms * TARGET / self.bright


def report_on(image: NDArray[Any], bits: int, exposure_ms: float) -> FrameReport:
    """Measure one frame.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (H, W, 3) RGB, uint8 or uint16
    bits : int
        Significant bits per channel.
    exposure_ms : float
        With which it was taken.
    """
    reduced = max(1, image.shape[1] // WIDTH_PX)
    tiles = tile_focus(image, bits, reduced=reduced)
    sample = np.ascontiguousarray(image[::reduced, ::reduced])
    return FrameReport(
        histogram=histogram_of(sample, bits),
        clipped=clipped_share(sample, bits),
        bright=bright_level(image, bits),
        focus=float(pooled_focus(tiles[None])[0]),
        exposure_ms=exposure_ms,
    )


def histogram_of(image: NDArray[Any], bits: int) -> NDArray[np.int64]:
    """Count the values of each colour in 256 equal bins: (C, 256)."""
    planes = [image] if image.ndim == 2 else list(cv2.split(image))
    scale = [0.0, float(2**bits)]
    counts = [cv2.calcHist([plane], [0], None, [BINS], scale).ravel() for plane in planes]
    return np.asarray(np.rint(counts), dtype=np.int64)


def clipped_share(image: NDArray[Any], bits: int) -> float:
    """Return the share of the pixels of which a colour is at the end of the scale."""
    brightest = image if image.ndim == 2 else brightest_colour(image)
    return int(np.count_nonzero(brightest >= 2**bits - 1)) / brightest.size


def brightest_colour(image: NDArray[Any]) -> NDArray[Any]:
    """Return the largest of a pixel's three values: (H, W, 3) -> (H, W)."""
    red, green, blue = cv2.split(image)
    return cv2.max(cv2.max(red, green), blue)


def contrast_limits(histogram: NDArray[np.int64]) -> tuple[int, int]:
    """Return between which bins all colours together lie, but for `SPARED` at either end.

    Parameters
    ----------
    histogram : ndarray of shape (C, 256)

    Returns
    -------
    tuple of int
        Of 0..255, the first below the second.
    """
    share = np.cumsum(histogram.sum(axis=0)) / max(int(histogram.sum()), 1)
    low = int(np.searchsorted(share, SPARED, side="right"))
    high = int(np.searchsorted(share, 1 - SPARED))
    return min(low, BINS - 2), max(min(high, BINS - 1), min(low, BINS - 2) + 1)
