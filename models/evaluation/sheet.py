"""The picture sheet: what the methods made of the most telling places, side by side at 1:1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.evaluation.levels import eight_bit
from models.evaluation.places import Place
from models.evaluation.scores import Row

_CAPTION = (
    ("psnr_db", "PSNR", 2),
    ("psnr_particles_db", "on particles", 2),
    ("psnr_rim_db", "on rims", 2),
    ("ssim_particles", "SSIM on particles", 3),
    ("fmi", "FMI", 3),
    ("q_g", "Q_g", 3),
    ("q_y", "Q_y", 3),
    ("q_cb", "Q_cb", 3),
    ("scd", "SCD", 3),
)
_GAP = 6
_LINE = 20
_PAPER, _INK = 255, (0, 0, 0)
_FONT, _SIZE = cv2.FONT_HERSHEY_SIMPLEX, 0.45


def sheet(
    images: Mapping[str, NDArray[Any]], places: Sequence[Place], white: float
) -> NDArray[np.uint8]:
    """Draw a sheet: a row per image under its caption, a column per place.

    Parameters
    ----------
    images : mapping of str to ndarray
        By caption; all of one size, uint8 or uint16.
    places : sequence of Place
        At least one.
    white : float
        Of images of 16 bit.

    Returns
    -------
    ndarray of shape (H, W, 3), uint8, RGB
        The pixels of the images are not scaled.
    """
    parts = [_captions([f"{place.what} ({place.column}, {place.row})" for place in places], places)]
    for caption, image in images.items():
        shown = _rgb(eight_bit(image, white))
        crops = [_bordered(place.cut(shown)) for place in places]
        strip = np.hstack(crops)
        parts += [_line([(0, caption)], strip.shape[1]), strip]
    return np.vstack(parts)


def caption(row: Row) -> str:
    """Return the method's name and what matters most of its scores."""
    values = row.values
    parts = [
        f"{title} {values[key]:.{digits}f}" for key, title, digits in _CAPTION if key in values
    ]
    return f"{row.method}: {', '.join(parts)}" if parts else row.method


def _captions(texts: Sequence[str], places: Sequence[Place]) -> NDArray[np.uint8]:
    lefts = np.cumsum([0, *(place.columns + _GAP for place in places)])
    return _line(list(zip(lefts[:-1].tolist(), texts, strict=True)), int(lefts[-1]))


def _line(texts: Sequence[tuple[int, str]], width: int) -> NDArray[np.uint8]:
    """Return a strip of paper with texts at the given columns."""
    strip = np.full((_LINE, width, 3), _PAPER, np.uint8)
    for left, text in texts:
        # OpenCV's letters are ASCII.
        plain = text.replace("µ", "u").encode("ascii", "replace").decode()
        cv2.putText(strip, plain, (left + 2, _LINE - 6), _FONT, _SIZE, _INK, 1, cv2.LINE_AA)
    return strip


def _bordered(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.pad(crop, ((0, _GAP), (0, _GAP), (0, 0)), constant_values=_PAPER)


def _rgb(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
