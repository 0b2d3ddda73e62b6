"""How the live picture is shown: stretched, striped where clipped. The frames stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.acquisition.frame_report import brightest_colour
from app.window.picture import Pixels

STRIPE_PX: Final = 8
"""Width of a light and a dark stripe together."""
ZEBRA: Final = (255, 0, 200)
"""Colour of the stripes: nothing on a slide has it."""
_CLIPPED: Final = 255


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """What the operator wants done to the view, never to the frames."""

    auto_contrast: bool = False
    zebra: bool = False


def render(pixels: Pixels, view: ViewSettings, limits: tuple[int, int] | None) -> Pixels:
    """Return what the screen shows of a picture.

    Parameters
    ----------
    pixels : ndarray of shape (H, W) or (H, W, 3), uint8
        Not written to.
    view : ViewSettings
    limits : tuple of int, optional
        The values that become black and white, of 0..255; see `contrast_limits`.
    """
    shown = pixels
    if view.auto_contrast and limits is not None:
        shown = cv2.LUT(pixels, _stretch(*limits)).astype(np.uint8, copy=False)
    return _striped(pixels, shown) if view.zebra else shown


def _stretch(low: int, high: int) -> NDArray[np.uint8]:
    """Return the table that spreads low..high over 0..255."""
    values = (np.arange(256) - low) * (255 / (high - low))
    return np.asarray(np.rint(values).clip(0, 255), dtype=np.uint8)


def _striped(pixels: Pixels, shown: Pixels) -> Pixels:
    """Paint stripes over what is clipped in ``pixels``."""
    brightest = pixels if pixels.ndim == 2 else brightest_colour(pixels)
    clipped = cv2.inRange(brightest, (_CLIPPED,), (_CLIPPED,))
    if not cv2.countNonZero(clipped):
        return shown
    striped = cv2.cvtColor(shown, cv2.COLOR_GRAY2RGB) if shown.ndim == 2 else shown.copy()
    return np.asarray(cv2.copyTo(_stripes(pixels.shape[:2]), clipped, striped), dtype=np.uint8)


@lru_cache(maxsize=1)
def _stripes(shape: tuple[int, int]) -> Pixels:
    """Return the stripes alone, (H, W, 3)."""
    light = np.add.outer(np.arange(shape[0]), np.arange(shape[1])) % STRIPE_PX < STRIPE_PX // 2
    return np.where(light[..., None], np.array(ZEBRA), 0).astype(np.uint8)
