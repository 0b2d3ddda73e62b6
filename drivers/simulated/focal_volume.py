"""Pictures of a whole slide at many focus heights, and the field seen during an exposure."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.simulated.layered_slide import MAX_LEVEL, LayeredSlide
from drivers.simulated.optics import Optics
from drivers.simulated.slide import Slide
from drivers.simulated.texture import FloatImage

FULL_SCALE = 50_000
"""The uint16 that stands for a radiance of 1; leaves room for highlights up to 1.3."""

_FARTHEST_UM = 300.0
_WIDEST_BLUR = 0.4
"""Farther from the particles than the former, or blurred wider than this share of the slide,
nothing changes any more: all is evenly grey."""


@dataclass(frozen=True, slots=True)
class _Picture:
    pixels: NDArray[np.uint16]
    """(H / 2**level, W / 2**level, 3)."""
    level: int


class FocalVolume:
    """A slide at many focus heights.

    Between the heights, which lie a quarter of the depth of field apart where anything is sharp,
    pictures are interpolated linearly.

    Parameters
    ----------
    slide : Slide
        What lies on the glass.
    optics : Optics
        What looks at it.
    threads : int
        How many work on the pictures.
    """

    def __init__(self, slide: Slide, optics: Optics, threads: int = 2) -> None:
        self.slide = slide
        self.optics = optics
        spacing = optics.depth_of_field_um / 4
        top = float(slide.height_um.max())
        evenly_grey_um = _WIDEST_BLUR * max(slide.shape) / optics.disc_px_per_um
        self.focus_um = _focus_heights(
            top, optics.depth_of_field_um, spacing, min(evenly_grey_um, _FARTHEST_UM)
        )
        layered = LayeredSlide(slide, optics, spacing)

        layered = LayeredSlide(slide, optics, spacing)

        def picture_at(focus_um: float) -> _Picture:
            nearest_um = max(-focus_um, focus_um - top, 0.0)
            level = min(optics.level(nearest_um), MAX_LEVEL)
            return _Picture(_encoded(layered.render(focus_um, level)), level)

        with ThreadPoolExecutor(threads) as pool:
            self._pictures = list(pool.map(picture_at, self.focus_um.tolist()))

    def weights(self, path_um: Sequence[float]) -> NDArray[np.float64]:
        """Return each picture's share of an exposure.

        Parameters
        ----------
        path_um : sequence of float
            Focus heights at equally spaced times of the exposure, straight in between. A single
            height stands for an exposure at rest.

        Returns
        -------
        ndarray of shape (len(focus_um),)
            Adds up to 1: the exact mean of the linear interpolation along the path.
        """
        path = np.clip(np.asarray(path_um, np.float64), self.focus_um[0], self.focus_um[-1])
        if path.size == 1:
            path = np.repeat(path, 2)
        stretches = zip(path[:-1].tolist(), path[1:].tolist(), strict=True)
        shares = [_mean_shares(self.focus_um, start, end) for start, end in stretches]
        return np.asarray(np.mean(shares, axis=0))

    def field(
        self, column: int, row: int, shape: tuple[int, int], weights: NDArray[np.float64]
    ) -> FloatImage:
        """Return the mean of the pictures within a field.

        Parameters
        ----------
        column, row : int
            Upper left corner on the slide, in pixels; any number, for the slide repeats itself.
        shape : tuple of int
            Height and width of the field; at most those of the slide.
        weights : ndarray
            From `weights`.

        Returns
        -------
        ndarray of shape (height, width, 3), float32
            Linear radiance times `FULL_SCALE`.
        """
        mean = np.zeros((*shape, 3), np.float32)
        total = 0.0
        for index in np.flatnonzero(weights).tolist():
            share = float(weights[index])
            total += share
            cut = _cut(self._pictures[index], column, row, shape)
            cv2.accumulateWeighted(cut, mean, share / total)
        return mean


def _focus_heights(
    top_um: float, depth_of_field_um: float, spacing_um: float, farthest_um: float
) -> NDArray[np.float64]:
    """Return heights close together where something is sharp, ever wider apart beyond."""
    margin = 1.5 * depth_of_field_um
    count = int(np.ceil((top_um + 2 * margin) / spacing_um))
    near = -margin + spacing_um * np.arange(count + 1)
    steps = max(int(np.ceil(np.log(farthest_um / margin) / np.log(1.25))), 1)
    beyond = margin * (1.25 ** np.arange(1, steps + 1))
    above = near[-1] - margin + beyond
    return np.concatenate([-beyond[::-1], near, above])


def _mean_shares(nodes: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
    """Return each node's mean weight in a linear interpolation from ``start`` to ``end``."""
    low, high = min(start, end), max(start, end)
    if high - low < 1e-9:
        # At rest: an interval too short to matter, yet long enough to divide by.
        low, high = (low, low + 1e-6) if low < nodes[-1] - 1e-6 else (low - 1e-6, low)
    left, right = nodes[:-1], nodes[1:]
    lower, upper = np.clip(low, left, right), np.clip(high, left, right)
    length = upper - lower
    rightness = ((lower + upper) / 2 - left) / (right - left)
    shares = np.zeros(nodes.size)
    shares[:-1] += length * (1 - rightness)
    shares[1:] += length * rightness
    return np.asarray(shares / shares.sum())


def _encoded(radiance: FloatImage) -> NDArray[np.uint16]:
    np.multiply(radiance, FULL_SCALE, out=radiance)
    np.add(radiance, 0.5, out=radiance)
    return np.clip(radiance, 0, 65_535, out=radiance).astype(np.uint16)


def _cut(picture: _Picture, column: int, row: int, shape: tuple[int, int]) -> NDArray[np.uint16]:
    """Return a field of a picture at full resolution."""
    if picture.level == 0:
        return _wrapped(picture.pixels, column, row, shape)
    side = 2**picture.level
    # Pixel centres: full resolution i lies at (i + 0.5) / side - 0.5 of the small picture.
    x, y = (column + 0.5) / side - 0.5, (row + 0.5) / side - 0.5
    x0, y0 = int(np.floor(x)), int(np.floor(y))
    small = shape[0] // side + 3, shape[1] // side + 3
    patch = _wrapped(picture.pixels, x0, y0, small)
    matrix = np.array([[1 / side, 0, x - x0], [0, 1 / side, y - y0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(patch, matrix, shape[::-1], flags=flags), np.uint16)


def _wrapped(
    pixels: NDArray[np.uint16], column: int, row: int, shape: tuple[int, int]
) -> NDArray[np.uint16]:
    """Return a window onto a picture that repeats itself; a view where it lies inside."""
    height, width = pixels.shape[:2]
    row, column = row % height, column % width
    if row + shape[0] <= height and column + shape[1] <= width:
        return pixels[row : row + shape[0], column : column + shape[1]]
    # At most a few pieces per side, which is many times faster than picking pixel by pixel.
    rows = np.concatenate([pixels[span] for span in _spans(row, shape[0], height)], axis=0)
    return np.concatenate([rows[:, span] for span in _spans(column, shape[1], width)], axis=1)


def _spans(start: int, length: int, period: int) -> list[slice]:
    """Return the pieces of a span that runs over the end of a picture and begins anew."""
    pieces = []
    while length > 0:
        piece = min(length, period - start)
        pieces.append(slice(start, start + piece))
        start, length = 0, length - piece
    return pieces
