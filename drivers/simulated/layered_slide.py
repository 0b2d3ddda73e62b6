"""A slide cut into slabs by height, and the picture of it focused at any height.

Slabs are composited from the top down to the glass. Each is first blurred by its own distance from
focus, so that a near particle's blur spills over what lies behind it and never the other way. What
is far out of focus is worked out at a half, a quarter ... of the resolution.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from drivers.simulated.layers import Layer, View, blur, double, halve, shared_out, times
from drivers.simulated.optics import Optics
from drivers.simulated.slide import Slide
from drivers.simulated.texture import FloatImage
from drivers.simulated.thin_slabs import ThinSlabs

MAX_LEVEL = 4
"""The coarsest picture is halved this often; sides of a slide divide by 2 to this power."""


class LayeredSlide:
    """Renders a slide at any focus height.

    Parameters
    ----------
    slide : Slide
        Its sides must divide by 2**MAX_LEVEL.
    optics : Optics
        What looks at it.
    spacing_um : float
        Distance of the slabs in the finest picture; twice, four times ... in the coarser ones.
    """

    def __init__(self, slide: Slide, optics: Optics, spacing_um: float) -> None:
        if any(side % 2**MAX_LEVEL for side in slide.shape):
            raise ValueError(f"slide sides {slide.shape} do not divide by {2**MAX_LEVEL}")
        self._optics = optics
        self._spacing_um = spacing_um
        self._thin = ThinSlabs(slide, optics, spacing_um)
        # The thickest slabs must end where thinner ones do at every level.
        self._slabs = math.ceil(self._thin.count / 2**MAX_LEVEL) * 2**MAX_LEVEL
        self._floor = [_floor(slide)]
        self._levels: list[list[Layer]] = [[]]
        bands = [self._thin.pair(slab) for slab in range(0, self._slabs, 2)]
        for level in range(1, MAX_LEVEL + 1):
            self._floor.append(halve(self._floor[-1]))
            self._levels.append(bands)
            if level < MAX_LEVEL:
                bands = [_joined(*pair) for pair in zip(bands[::2], bands[1::2], strict=True)]

    def render(self, focus_um: float, finest: int = 0) -> FloatImage:
        """Return the linear RGB picture focused ``focus_um`` above the glass.

        Parameters
        ----------
        focus_um : float
            Height of the focal plane above the glass.
        finest : int
            How often the picture is halved, 0 to `MAX_LEVEL`.

        Returns
        -------
        ndarray of shape (H / 2**finest, W / 2**finest, 3), float32
        """
        ranges = self._ranges(focus_um, finest)
        view = self._in_front(focus_um, finest, ranges)
        low, high = ranges[finest]
        if finest == 0:
            view = self._thin.put_behind(view, focus_um, low, high)
        else:
            view = self._put_behind(view, focus_um, finest, low, high)
        return view.onto(self._behind(view.open, focus_um, finest, ranges))

    def _ranges(self, focus_um: float, finest: int) -> dict[int, tuple[int, int]]:
        """Return which slabs, as a range of finest ones, each level and all finer ones cover."""
        ranges = {}
        centre = focus_um / self._spacing_um
        for level in range(finest, MAX_LEVEL):
            reach = self._optics.level_reach_um(level) / self._spacing_um
            unit = 2 ** (level + 1)
            low = math.floor((centre - reach) / unit) * unit
            high = math.ceil((centre + reach) / unit) * unit
            ranges[level] = min(max(low, 0), self._slabs), min(max(high, 0), self._slabs)
        ranges[MAX_LEVEL] = 0, self._slabs
        return ranges

    def _in_front(self, focus_um: float, finest: int, ranges: dict[int, tuple[int, int]]) -> View:
        """Return the view through all that lies in front of the finest level's slabs."""
        height, width = self._floor[MAX_LEVEL].shape[:2]
        view = View.unobstructed((height, width))
        for level in range(MAX_LEVEL, finest, -1):
            low, high = ranges[level - 1][1], ranges[level][1]
            view = self._put_behind(view, focus_um, level, low, high).doubled()
        return view

    def _behind(
        self,
        open_: FloatImage,
        focus_um: float,
        finest: int,
        ranges: dict[int, tuple[int, int]],
    ) -> FloatImage:
        """Return the picture of all that lies behind a level's slabs, the glass included.

        Slabs fill up the aperture that those in front have left ``open_``.
        """
        floor_level = min(max(self._optics.level(focus_um), finest), MAX_LEVEL)
        floor = blur(self._floor[floor_level], self._sigma(focus_um, floor_level))
        if floor_level == finest:
            return floor
        return double(self._behind_from(finest + 1, halve(open_), focus_um, floor, ranges))

    def _behind_from(
        self,
        level: int,
        open_: FloatImage,
        focus_um: float,
        floor: FloatImage,
        ranges: dict[int, tuple[int, int]],
    ) -> FloatImage:
        start = View(np.zeros((*open_.shape, 3), np.float32), open_)
        view = self._put_behind(start, focus_um, level, ranges[level][0], ranges[level - 1][0])
        rest = floor
        if floor.shape != start.light.shape:
            rest = double(self._behind_from(level + 1, halve(view.open), focus_um, floor, ranges))
        return shared_out(view.onto(rest), open_, rest)

    def _put_behind(self, view: View, focus_um: float, level: int, low: int, high: int) -> View:
        """Put the thick slabs between two finest ones behind what a view shows already."""
        for height, layer in self._thick_slabs(level, low, high):
            view = view.then(layer.blurred(self._sigma(height - focus_um, level)))
        return view

    def _thick_slabs(self, level: int, low: int, high: int) -> Iterator[tuple[float, Layer]]:
        """Yield the occupied slabs between two finest ones, highest first, with their heights."""
        unit = 2**level
        for index in range(high // unit - 1, low // unit - 1, -1):
            layer = self._levels[level][index]
            if layer.cover.any():
                yield (index + 0.5) * unit * self._spacing_um, layer

    def _sigma(self, defocus_um: float, level: int) -> float:
        """Return the blur in pixels of a level, less what halving and doubling blur anyway.

        Averaging s x s pixels has the variance (s² - 1) / 12, linear interpolation s² / 6.
        """
        side = 2.0**level
        already = (side**2 - 1) / 12 + side**2 / 6 if level > 0 else 0.0
        return math.sqrt(max(self._optics.sigma_px(defocus_um) ** 2 - already, 0.0)) / side


def _floor(slide: Slide) -> FloatImage:
    """Return the glass, with walls where particles stand on it.

    No light comes from the glass beneath a particle: a ray that would meet it there has met the
    particle's side before. That is painted in the particle's colour without its texture.
    """
    covered = (slide.height_um > 0).astype(np.float32)
    reach_px = 3.0
    light = blur(times(slide.colour, covered), reach_px)
    walls = shared_out(light, blur(covered, reach_px), slide.glass)
    return np.where(covered[..., None] > 0, walls, slide.glass)


def _joined(lower: Layer, upper: Layer) -> Layer:
    """Return one slab twice as thick at half the resolution."""
    return Layer(halve(lower.cover + upper.cover), halve(lower.light + upper.light))
