"""A slide as surfaces at many heights, and what a camera sees of it at any focus."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.optics import BlurredLayer, Optics
from models.training.particles import Glint, Particle

_BRIGHTNESS, _COVER = 0, 1
_WALL_BRIGHTNESS = 0.6
_GRAIN_PX = 32
_GRAIN_SLICES = 9.0
_EVEN_SLICES = 0.1
_ENDS = (0.15, 0.95)
"""Quantiles of a small particle's height between which it is piled up of discs."""
_SEEN_COVER = 0.3
_BLENDED_PX = 15

_Box = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class _Surface:
    """A particle, or many grains at one height: premultiplied brightness, and cover."""

    box: _Box
    pixels: NDArray[np.float32]
    height_um: NDArray[np.float32] | float
    order_um: float
    glints: tuple[Glint, ...] = ()


class Volume:
    """Everything on a slide.

    The ground and each particle are one surface with a height at every pixel. Surfaces in turn
    hide what lies below them: the blur of a near one spills over the far, and the blur of a far
    one hides nothing in front of it.

    Parameters
    ----------
    glass : ndarray of shape (H, W), float32
        Linear brightness of the ground without particles.
    particles : iterable of Particle
        Laid down in this order; later ones hide earlier ones at the same height.
    slice_um : float
        Small particles are gathered at heights this far apart; take well under a depth of field.
    ground_um : ndarray of shape (H, W), float32, optional
        Height of the ground, by default 0 everywhere; particles lie on it.
    """

    def __init__(
        self,
        glass: NDArray[np.float32],
        particles: Iterable[Particle],
        slice_um: float,
        ground_um: NDArray[np.float32] | None = None,
    ) -> None:
        self._slice_um = slice_um
        self._glass = glass.copy()
        self._ground_um = ground_um
        self._grains: dict[int, NDArray[np.float32]] = {}
        self._surfaces: list[_Surface] = []
        self.height_um = np.zeros_like(glass) if ground_um is None else ground_um.copy()
        for particle in particles:
            self._add(particle)

    def imaged_by(self, optics: Optics, z_um: NDArray[np.float64]) -> Camera:
        """Return a camera over this volume.

        Parameters
        ----------
        optics : Optics
        z_um : ndarray of shape (N,)
            Where the focus will lie; the farthest decides how far blur spreads.
        """
        field = (slice(0, self._glass.shape[0]), slice(0, self._glass.shape[1]))
        ground = _Surface(
            field, self._glass, 0.0 if self._ground_um is None else self._ground_um, -math.inf
        )
        above = [
            _Surface(field, grains, level * self._slice_um, level * self._slice_um)
            for level, grains in self._grains.items()
        ]
        above = sorted(above + self._surfaces, key=lambda surface: surface.order_um)
        reach = (float(z_um.min()), float(z_um.max()))
        views = (_view(surface, optics, reach, self._glass.shape) for surface in above)
        return Camera(_View(ground, optics), [view for view in views if view is not None])

    def _add(self, particle: Particle) -> None:
        boxes = _overlap(particle, self._glass.shape)
        if boxes is None:
            return
        inside, field = boxes
        cover, top = particle.cover[inside], particle.top_um[inside]
        shown = cover > 0
        if not shown.any():
            return
        if self._ground_um is not None:
            top = top + self._ground_um[field]
        pixels = np.stack([particle.brightness[inside] * cover, cover], axis=-1)
        if particle.stands:
            # What is left of the walls: a point beside a tall particle sees its foot.
            foot = self._glass[field]
            foot += cover * (_WALL_BRIGHTNESS * particle.brightness[inside] - foot)
        seen_um = top[shown]
        slices = float(np.ptp(seen_um)) / self._slice_um
        small = max(cover.shape) <= _GRAIN_PX and slices < _GRAIN_SLICES
        if small and not particle.glints:
            self._add_grain(pixels, field, top, seen_um)
        else:
            shift = (inside[0].start, inside[1].start)
            glints = tuple(glint.moved(-shift[0], -shift[1]) for glint in particle.glints)
            even = slices < _EVEN_SLICES and not glints
            height_um = float(seen_um.mean()) if even else top
            self._surfaces.append(_Surface(field, pixels, height_um, float(seen_um.max()), glints))
        height = self.height_um[field]
        np.copyto(height, np.maximum(height, top), where=cover > _SEEN_COVER)

    def _add_grain(
        self,
        pixels: NDArray[np.float32],
        field: _Box,
        top_um: NDArray[np.float32],
        seen_um: NDArray[np.float32],
    ) -> None:
        """Add a small particle as a pile of discs, each as wide as the particle at its height.

        The lowest is the whole particle, so that no gap opens between two discs out of focus.
        """
        lowest, highest = (round(float(um) / self._slice_um) for um in np.quantile(seen_um, _ENDS))
        for level in range(lowest, highest + 1):
            disc = pixels
            if level > lowest:
                disc = pixels * (top_um > (level - 0.5) * self._slice_um)[..., None]
            self._add_disc(disc, field, level)

    def _add_disc(self, pixels: NDArray[np.float32], field: _Box, level: int) -> None:
        if level == 0 and self._ground_um is None:
            ground = self._glass[field]
            ground *= 1 - pixels[..., _COVER]
            ground += pixels[..., _BRIGHTNESS]
            return
        if level not in self._grains:
            self._grains[level] = np.zeros((*self._glass.shape, 2), np.float32)
        grains = self._grains[level][field]
        grains *= 1 - pixels[..., _COVER:]
        grains += pixels


class Camera:
    """Images of a volume at any focus; made by `Volume.imaged_by`."""

    def __init__(self, ground: _View, views: list[_View]) -> None:
        self._ground = ground
        self._views = views

    def frame(self, z_um: float) -> NDArray[np.float32]:
        """Return the noise-free image focused at `z_um`: (H, W) float32, linear."""
        return self._composite(z_um)

    def all_in_focus(self) -> NDArray[np.float32]:
        """Return the image with everything at its best focus: (H, W) float32, linear."""
        return self._composite(None)

    def _composite(self, z_um: float | None) -> NDArray[np.float32]:
        image = np.ascontiguousarray(self._ground.at(z_um))
        for view in self._views:
            seen = view.at(z_um)
            part = image[view.box]
            part *= 1 - seen[..., _COVER]
            part += seen[..., _BRIGHTNESS]
        return image


class _View:
    """One surface seen through the optics."""

    def __init__(self, surface: _Surface, optics: Optics) -> None:
        self.box = surface.box
        self._height_um = surface.height_um
        self._glints = surface.glints
        self._optics = optics
        self._layer = BlurredLayer(surface.pixels, optics)

    def at(self, z_um: float | None) -> NDArray[np.float32]:
        """Return (premultiplied) brightness and cover; everything in focus without `z_um`."""
        if z_um is None:
            seen = self._layer.at(0.0)
        elif isinstance(self._height_um, float):
            seen = self._layer.at(z_um - self._height_um)
        else:
            seen = self._layer.varying(self._height_um - np.float32(z_um))
        for glint in self._glints:
            self._shine(seen, glint, z_um)
        return seen

    def _shine(self, seen: NDArray[np.float32], glint: Glint, z_um: float | None) -> None:
        """Add a facet that fills only part of the aperture: out of focus it moves sideways."""
        defocus_um = 0.0
        if z_um is not None and not isinstance(self._height_um, float):
            defocus_um = z_um - float(self._height_um[glint.row, glint.column])
        reach = defocus_um * self._optics.radius_px_per_um
        # Rounded, so that few kernels serve many glints.
        spot = self._optics.kernel(round(abs(reach) * glint.aperture_share * 2) / 2)
        half = spot.shape[0] // 2
        row = glint.row + round(reach * glint.aperture_row) - half
        column = glint.column + round(reach * glint.aperture_column) - half
        rows = slice(max(row, 0), min(row + spot.shape[0], seen.shape[0]))
        columns = slice(max(column, 0), min(column + spot.shape[1], seen.shape[1]))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        part = spot[
            rows.start - row : rows.stop - row, columns.start - column : columns.stop - column
        ]
        seen[rows, columns, _BRIGHTNESS] += np.float32(glint.light) * part


def _view(
    surface: _Surface, optics: Optics, reach_um: tuple[float, float], shape: tuple[int, ...]
) -> _View | None:
    """Cut a surface to its content and add a margin for the blur, as far as the field reaches."""
    cover = surface.pixels[..., _COVER] > 0
    heights_um = surface.height_um
    seen_um = heights_um if isinstance(heights_um, float) else heights_um[cover]
    if not cover.any():
        return None
    lowest, highest = float(np.min(seen_um)), float(np.max(seen_um))
    farthest_um = max(reach_um[1] - lowest, highest - reach_um[0], 0.0)
    spread = optics.reach_px(farthest_um)
    sides, cuts = [], []
    for axis in (0, 1):
        filled = np.flatnonzero(cover.any(axis=1 - axis))
        offset = surface.box[axis].start
        first, last = int(filled[0]), int(filled[-1]) + 1
        cuts.append(slice(first, last))
        start = max(0, offset + first - spread)
        sides.append(slice(start, min(shape[axis], offset + last + spread)))
    cut, box = (cuts[0], cuts[1]), (sides[0], sides[1])
    before = [surface.box[i].start + cut[i].start - box[i].start for i in (0, 1)]
    after = [box[i].stop - surface.box[i].start - cut[i].stop for i in (0, 1)]
    margins = (before[0], after[0], before[1], after[1])
    bordered = cv2.copyMakeBorder(surface.pixels[cut], *margins, cv2.BORDER_CONSTANT, value=(0, 0))
    pixels = np.asarray(bordered, np.float32)
    height_um = surface.height_um
    if not isinstance(height_um, float):
        height_um = _continued(height_um[cut], cover[cut], margins)
    moved = (before[0] - cut[0].start, before[1] - cut[1].start)
    glints = tuple(glint.moved(*moved) for glint in surface.glints)
    kept = tuple(
        g for g in glints if 0 <= g.row < pixels.shape[0] and 0 <= g.column < pixels.shape[1]
    )
    return _View(_Surface(box, pixels, height_um, surface.order_um, kept), optics)


def _continued(
    height_um: NDArray[np.float32], cover: NDArray[np.bool_], margins: tuple[int, int, int, int]
) -> NDArray[np.float32]:
    """Return the height, and outside of the particle that of its nearest edge."""
    empty = cv2.copyMakeBorder((~cover).astype(np.uint8), *margins, cv2.BORDER_CONSTANT, value=(1,))
    distance, labels = cv2.distanceTransformWithLabels(
        empty, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    padded = cv2.copyMakeBorder(height_um, *margins, cv2.BORDER_CONSTANT, value=(0.0,))
    inside = empty == 0
    of_label = np.zeros(int(labels.max()) + 1, np.float32)
    of_label[labels[inside]] = padded[inside]
    nearest = of_label[labels]
    # Neighbouring pixels outside may be nearest to edges of very different height.
    near = cv2.blur(nearest, (_BLENDED_PX, _BLENDED_PX))
    far = cv2.blur(near, (4 * _BLENDED_PX + 1, 4 * _BLENDED_PX + 1))
    away = np.minimum(distance / np.float32(2 * _BLENDED_PX), 1)
    return np.asarray(np.where(inside, padded, near + away * (far - near)))


def _overlap(particle: Particle, shape: tuple[int, ...]) -> tuple[_Box, _Box] | None:
    starts, stops = (particle.row, particle.column), particle.cover.shape
    field = tuple(
        slice(max(0, start), min(size, start + stop))
        for start, stop, size in zip(starts, stops, shape, strict=True)
    )
    if any(part.start >= part.stop for part in field):
        return None
    inside = tuple(
        slice(part.start - start, part.stop - start)
        for part, start in zip(field, starts, strict=True)
    )
    return (inside[0], inside[1]), (field[0], field[1])
