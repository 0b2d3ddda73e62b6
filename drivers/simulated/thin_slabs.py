"""The particles near focus: thin slabs at full resolution, worked out only where they are."""

from __future__ import annotations

import math
from itertools import product

import numpy as np

from drivers.simulated.layers import Layer, View, halve, times
from drivers.simulated.optics import Optics
from drivers.simulated.slide import Slide

_TILE = 128
_MARGIN = 32
"""Wider than three deviations of any blur that is worked out at full resolution."""


class ThinSlabs:
    """The particles of a slide in slabs of equal height.

    Slab 0 lies on the glass, slab n at n times the spacing.

    Parameters
    ----------
    slide : Slide
        The slide.
    optics : Optics
        What looks at it.
    spacing_um : float
        Distance from slab to slab.
    """

    def __init__(self, slide: Slide, optics: Optics, spacing_um: float) -> None:
        self._optics = optics
        self._spacing_um = spacing_um
        steps = slide.height_um / spacing_um
        covered = slide.height_um > 0
        # 0 is bare glass, n + 1 lies between the slabs n and n + 1.
        slab = np.where(covered, np.floor(steps) + 1, 0).astype(np.uint8)
        around = (_MARGIN, _MARGIN)
        self._slab = np.pad(slab, (around, around), "wrap")
        self._share = np.pad((steps % 1).astype(np.float32), (around, around), "wrap")
        self._colour = np.pad(slide.colour, (around, around, (0, 0)), "wrap")
        height, width = slide.shape
        self._tiles = tuple(product(_spans(height), _spans(width)))
        # Nothing farther away than the margin reaches into a tile.
        self._occupied = [
            set(np.unique(self._slab[_widened(rows, _MARGIN), _widened(columns, _MARGIN)]).tolist())
            - {0}
            for rows, columns in self._tiles
        ]

    @property
    def count(self) -> int:
        """How many slabs there are."""
        return int(self._slab.max()) + 1

    def pair(self, slab: int) -> Layer:
        """Return all that lies from one slab up to the next but one, at half the resolution."""
        inside = np.s_[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
        slabs = self._slab[inside]
        cover = ((slabs == slab + 1) | (slabs == slab + 2)).astype(np.float32)
        return Layer(halve(cover), halve(times(self._colour[inside], cover)))

    def put_behind(self, view: View, focus_um: float, low: int, high: int) -> View:
        """Put slabs, each out of focus by its distance, behind what a view shows already.

        Parameters
        ----------
        view : View
            What lies in front of the slabs; (H, W) like the slide.
        focus_um : float
            Height of the focal plane above the glass.
        low, high : int
            The lowest slab, and the one after the highest.
        """
        light, open_ = view.light.copy(), view.open.copy()
        for (rows, columns), occupied in zip(self._tiles, self._occupied, strict=True):
            tile = View(light[rows, columns], open_[rows, columns])
            for slab in range(high, low - 1, -1):
                if occupied.isdisjoint((slab, slab + 1)):
                    continue
                sigma = self._optics.sigma_px(slab * self._spacing_um - focus_um)
                pad = min(math.ceil(3.2 * sigma), _MARGIN)
                window = _widened(rows, pad), _widened(columns, pad)
                layer = self._slab_within(slab, window, (low, high))
                tile = tile.then(layer.blurred_inside(sigma, pad))
            light[rows, columns] = tile.light
            open_[rows, columns] = tile.open
        return View(light, open_)

    def _slab_within(
        self, slab: int, window: tuple[slice, slice], limits: tuple[int, int]
    ) -> Layer:
        """Return a window, in the padded picture, of one slab.

        A surface between two slabs belongs to both, to each the more the nearer it is: so the
        blur changes smoothly along a slope.
        """
        slabs, share = self._slab[window], self._share[window]
        part = np.zeros(slabs.shape, np.float32)
        if slab < limits[1]:
            np.copyto(part, 1 - share, where=slabs == slab + 1)
        if slab > limits[0]:
            np.copyto(part, share, where=slabs == slab)
        return Layer(part, times(self._colour[window], part))


def _spans(length: int) -> list[slice]:
    return [slice(start, min(start + _TILE, length)) for start in range(0, length, _TILE)]


def _widened(span: slice, pad: int) -> slice:
    """Return where a span of the slide, wider by ``pad`` on both sides, lies in the padded one."""
    return slice(span.start + _MARGIN - pad, span.stop + _MARGIN + pad)
