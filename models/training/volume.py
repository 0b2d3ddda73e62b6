"""A slide as surfaces at many heights, and what a camera sees of it at any focus."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.training.optics import BlurredLayer, Optics
from models.training.particles import Particle

_BRIGHTNESS, _COVER = 0, 1
_WALL_BRIGHTNESS = 0.6
_FLAT_PX = 12

_Box = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class _Slice:
    """The part of a surface that lies at one height: premultiplied brightness, and cover."""

    height_um: float
    box: _Box
    pixels: NDArray[np.float32]


class Volume:
    """Everything on a slide.

    Each particle is one surface, cut by height into slices that make up the whole. Within a surface
    the blurred slices add up: they are one sheet, and light that misses one part of it meets the
    next. Surfaces in turn hide what lies below them, each as if the others were not there. (To
    let the slices of one surface hide each other would count the same blocked light many times,
    and widen every halo.)

    Parameters
    ----------
    glass : ndarray of shape (H, W), float32
        Linear brightness of the empty slide at z = 0.
    particles : iterable of Particle
        Laid down in this order; later ones hide earlier ones at the same height.
    slice_um : float
        Step between slices; heights are exact to half of it, so take well under a depth of field.
    """

    def __init__(
        self, glass: NDArray[np.float32], particles: Iterable[Particle], slice_um: float
    ) -> None:
        self._slice_um = slice_um
        self._glass = glass.copy()
        self._grains: dict[int, NDArray[np.float32]] = {}
        self._surfaces: list[list[_Slice]] = []
        self.height_um = np.zeros_like(glass)
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
        field = tuple(slice(0, size) for size in self._glass.shape)
        ground = np.stack([self._glass, np.ones_like(self._glass)], axis=-1)
        surfaces = [[_Slice(0.0, (field[0], field[1]), ground)]]
        for level, grains in self._grains.items():
            surfaces.append([_Slice(level * self._slice_um, (field[0], field[1]), grains)])
        surfaces += self._surfaces
        surfaces[1:] = sorted(surfaces[1:], key=lambda slices: slices[-1].height_um)
        return Camera([_View(slices, optics, z_um, self._glass.shape) for slices in surfaces])

    def _add(self, particle: Particle) -> None:
        boxes = _overlap(particle, self._glass.shape)
        if boxes is None:
            return
        inside, field = boxes
        cover, top = particle.cover[inside], particle.top_um[inside]
        shown = cover > 0
        if not shown.any():
            return
        pixels = np.stack([particle.brightness[inside] * cover, cover], axis=-1)
        levels = top / self._slice_um
        if particle.stands:
            # What is left of the walls: a point beside a tall particle sees its foot.
            foot = self._glass[field]
            foot += cover * (_WALL_BRIGHTNESS * particle.brightness[inside] - foot)
        if max(cover.shape) <= _FLAT_PX or np.ptp(levels[shown]) < 0.5:
            self._add_grain(pixels, field, round(float(np.median(levels[shown]))))
        else:
            first, last = int(levels[shown].min()), int(levels[shown].max()) + 1
            self._surfaces.append(
                [
                    _Slice(level * self._slice_um, field, pixels * _share(levels, level)[..., None])
                    for level in range(first, last + 1)
                ]
            )
        height = self.height_um[field]
        np.copyto(height, np.maximum(height, top), where=cover > 0.3)

    def _add_grain(self, pixels: NDArray[np.float32], field: _Box, level: int) -> None:
        if level == 0:
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

    def __init__(self, views: list[_View]) -> None:
        self._views = views

    def frame(self, z_um: float) -> NDArray[np.float32]:
        """Return the noise-free image focused at `z_um`: (H, W) float32, linear."""
        return self._composite(z_um)

    def all_in_focus(self) -> NDArray[np.float32]:
        """Return the image with everything at its best focus: (H, W) float32, linear."""
        return self._composite(None)

    def _composite(self, z_um: float | None) -> NDArray[np.float32]:
        image: NDArray[np.float32] = np.ascontiguousarray(self._views[0].at(z_um)[..., _BRIGHTNESS])
        for view in self._views[1:]:
            seen = view.at(z_um)
            part = image[view.box]
            part *= 1 - seen[..., _COVER]
            part += seen[..., _BRIGHTNESS]
        return image


class _View:
    """One surface seen through the optics."""

    def __init__(
        self,
        slices: list[_Slice],
        optics: Optics,
        z_um: NDArray[np.float64],
        shape: tuple[int, ...],
    ) -> None:
        layers = []
        for part in slices:
            farthest_um = float(np.abs(z_um - part.height_um).max())
            spread = math.ceil(optics.radius_px(farthest_um) + 3 * optics.focus_sigma_px + 2)
            grown = _grown(part, spread, shape)
            if grown is not None:
                layers.append((part.height_um, grown[0], BlurredLayer(grown[1], optics)))
        self.box = tuple(
            slice(
                min(box[axis].start for _, box, _ in layers),
                max(box[axis].stop for _, box, _ in layers),
            )
            for axis in (0, 1)
        )
        self._layers = [(height, _within(box, self.box), layer) for height, box, layer in layers]

    def at(self, z_um: float | None) -> NDArray[np.float32]:
        """Return premultiplied brightness and cover; everything in focus without `z_um`."""
        if len(self._layers) == 1:
            height, _, layer = self._layers[0]
            return layer.at(0.0 if z_um is None else z_um - height)
        rows, columns = (side.stop - side.start for side in self.box)
        total = np.zeros((rows, columns, 2), np.float32)
        for height, box, layer in self._layers:
            total[box] += layer.at(0.0 if z_um is None else z_um - height)
        # Where a fold throws two parts of the sheet onto one point, they share it.
        return np.asarray(total / np.maximum(total[..., _COVER:], 1))


def _share(levels: NDArray[np.float32], level: int) -> NDArray[np.float32]:
    """Return how much of each pixel belongs to a slice: the nearest two share it by distance.

    Slices with hard edges, each blurred a little more than the last, would gape at the seams.
    """
    return np.asarray(np.maximum(1 - np.abs(levels - level), 0), dtype=np.float32)


def _grown(
    part: _Slice, spread: int, shape: tuple[int, ...]
) -> tuple[_Box, NDArray[np.float32]] | None:
    """Cut a slice to its content and add a margin for the blur, as far as the field reaches."""
    cover = part.pixels[..., _COVER] > 0
    sides = []
    for axis in (0, 1):
        filled = np.flatnonzero(cover.any(axis=1 - axis))
        if not filled.size:
            return None
        offset = part.box[axis].start
        start = max(0, offset + int(filled[0]) - spread)
        sides.append(slice(start, min(shape[axis], offset + int(filled[-1]) + 1 + spread)))
    box = (sides[0], sides[1])
    rows, columns = (
        slice(max(a.start, b.start), min(a.stop, b.stop))
        for a, b in zip(box, part.box, strict=True)
    )
    filled_part = (rows, columns)
    pixels = np.zeros((*(side.stop - side.start for side in sides), 2), np.float32)
    pixels[_within(filled_part, box)] = part.pixels[_within(filled_part, part.box)]
    return box, pixels


def _within(box: _Box, outer: tuple[slice, ...]) -> _Box:
    """Return a box in the coordinates of one that contains it."""
    rows, columns = (
        slice(a.start - b.start, a.stop - b.start) for a, b in zip(box, outer, strict=True)
    )
    return rows, columns


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
