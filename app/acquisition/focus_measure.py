"""How sharp is each part of an image: Tenengrad, tile by tile.

Tiles rather than one number: the field's parts lie at different z, and one glint or bubble
must not decide for all of them.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

TILES = 8, 12
"""Rows and columns of tiles, unless told otherwise."""
SATURATION = 0.98
"""Pixels above this share of the full scale are clipped: their edges say nothing."""


def grey_image(image: NDArray[Any], bits: int, *, reduced: int = 1) -> NDArray[np.float32]:
    """Return the image in grey, 0..1.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (H, W, 3) RGB, uint8 or uint16
    bits : int
        Significant bits per channel.
    reduced : int
        By how much the sides are made smaller.
    """
    height, width = image.shape[:2]
    size = max(1, width // reduced), max(1, height // reduced)
    small = image if reduced == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY) if small.ndim == 3 else small
    return np.asarray(grey, dtype=np.float32) / np.float32(2**bits - 1)


def tile_focus(
    image: NDArray[Any], bits: int, tiles: tuple[int, int] = TILES, *, reduced: int = 1
) -> NDArray[np.float64]:
    """Measure the sharpness of each tile of an image.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (H, W, 3) RGB, uint8 or uint16
    bits : int
        Significant bits per channel.
    tiles : tuple of int
        Rows and columns.
    reduced : int
        Measure an image whose sides are that much smaller: faster, and wider along z because the
        finest detail is left out.

    Returns
    -------
    ndarray of shape tiles, float64
        As from `tile_energy`.
    """
    return tile_energy(grey_image(image, bits, reduced=reduced), tiles)


def tile_energy(grey: NDArray[np.float32], tiles: tuple[int, int] = TILES) -> NDArray[np.float64]:
    """Measure the sharpness of each tile.

    The measure is Tenengrad, the mean of Gx² + Gy² of the Sobel operator (J. M. Tenenbaum,
    1970), over the field's mean², which takes out lamp flicker and exposure (Y. Sun,
    S. Duthaler, B. J. Nelson, *Microscopy Research and Technique* 65, 2004).

    Parameters
    ----------
    grey : ndarray of shape (H, W), 0..1
    tiles : tuple of int
        Rows and columns.

    Returns
    -------
    ndarray of shape tiles, float64
        0 where a tile is flat; without unit.
    """
    energy = cv2.Sobel(grey, cv2.CV_32F, 1, 0) ** 2 + cv2.Sobel(grey, cv2.CV_32F, 0, 1) ** 2
    clipped = (grey >= SATURATION).astype(np.uint8)
    energy[cv2.dilate(clipped, np.ones((3, 3), np.uint8)) > 0] = 0
    rows, columns = tiles
    per_tile = cv2.resize(energy, (columns, rows), interpolation=cv2.INTER_AREA)
    mean = max(float(grey.mean()), 1e-6)
    return np.asarray(per_tile, dtype=np.float64) / mean**2


def pooled_focus(curves: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pool the tiles' focus curves into one of the whole field.

    A tile counts at most as much as the field's ninth decile of tiles, so that a single glint
    does not win.

    Parameters
    ----------
    curves : ndarray of shape (N, rows, columns)
        `tile_focus` of each frame.

    Returns
    -------
    ndarray of shape (N,)
    """
    flat = curves.reshape(len(curves), -1)
    cap = float(np.percentile(flat.max(axis=0), 90))
    shrink = np.minimum(1.0, cap / np.maximum(flat.max(axis=0), 1e-12))
    return np.asarray((flat * shrink).mean(axis=1), dtype=np.float64)
