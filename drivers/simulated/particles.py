"""Wear particles: how high they are and how they look under the microscope's own light.

The kinds and their looks follow the usual wear particle atlases: rubbing wear in chains along the
field lines, chunky fatigue and severe sliding particles, laminar plates, cutting curls, spheres,
red and black oxides. All sizes are µm.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.simulated.texture import (
    BoolImage,
    FloatImage,
    Textures,
    depth_inside,
    polygon,
    wobbly_outline,
)

Colour = tuple[float, float, float]

STEEL: Colour = (0.52, 0.50, 0.49)
DARK_STEEL: Colour = (0.20, 0.20, 0.20)
TEMPERED_BLUE: Colour = (0.16, 0.20, 0.50)
TEMPERED_STRAW: Colour = (0.42, 0.33, 0.15)
COPPER: Colour = (0.75, 0.42, 0.22)
RED_OXIDE: Colour = (0.34, 0.10, 0.045)
BLACK_OXIDE: Colour = (0.022, 0.022, 0.024)

# Light comes through the objective: a facet returns it only while its tilt stays within the
# aperture, so a slope of tan(asin 0.4) / 2 is about where brightness has dropped to e^-1/2.
_SLOPE = 0.24


@dataclass(frozen=True, slots=True)
class Particle:
    """One particle, cut out of the slide."""

    height_um: FloatImage
    """(H, W), µm above the glass; 0 where there is no particle."""
    colour: FloatImage
    """(H, W, 3), linear radiance, about 0 to 1."""


class ParticleMaker:
    """Makes particles of every kind.

    Parameters
    ----------
    generator : numpy.random.Generator
        Decides everything.
    pixel_um : float
        Side of a pixel at the object.
    max_height_um : float
        No particle is higher.
    """

    def __init__(
        self, generator: np.random.Generator, pixel_um: float, max_height_um: float
    ) -> None:
        self._generator = generator
        self._pixel_um = pixel_um
        self._max_height_um = max_height_um
        self._textures = Textures(generator)

    def block(self, size_um: float, height_um: float) -> Particle:
        """Return a severe sliding particle: facets, sliding marks on a tilted top, steep walls."""
        count = int(self._generator.integers(4, 7))
        steps = self._generator.uniform(0.7, 1.3, count)
        angles = np.cumsum(steps) / steps.sum() * 2 * np.pi + self._generator.uniform(0, 6)
        radii = size_um / self._pixel_um * self._generator.uniform(0.8, 1.1, count)
        corners = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)
        mask = self._mask(corners)
        depth = depth_inside(mask)
        marks = self._textures.stripes(mask.shape, self._generator.uniform(0, np.pi))
        tilt = self._plane(mask.shape, 0.10)
        # A dark bevel as wide as a fifth of the block leads from the wall to the top.
        bevel = np.clip(depth / (0.2 * depth.max()), 0, 1)
        top = height_um * (0.82 + 0.18 * bevel) + tilt * bevel
        relief = 0.05 * marks + 0.5 * self._textures.smooth(mask.shape)
        albedo = 1 + 0.22 * marks + 0.10 * self._textures.fine(mask.shape)
        albedo -= 0.5 * self._textures.cracks(mask.shape) * (marks > 0)
        return self._lit(mask, top + relief * bevel, STEEL, albedo)

    def chunk(self, size_um: float, height_um: float) -> Particle:
        """Return a fatigue particle: irregular outline, crumpled and cracked surface."""
        mask = self._mask(wobbly_outline(self._generator, size_um / self._pixel_um, 0.09))
        depth = depth_inside(mask)
        dome = np.clip(depth / (0.45 * depth.max()), 0, 1) ** 0.6
        crumple = self._textures.smooth(mask.shape) + 0.2 * self._textures.rough(mask.shape)
        cracks = self._textures.cracks(mask.shape)
        surface = height_um * (0.55 + 0.45 * dome) + 0.09 * height_um * crumple - 0.8 * cracks
        albedo = 1 + 0.14 * self._textures.fine(mask.shape) - 0.75 * cracks
        return self._lit(mask, surface, STEEL, albedo, slope=0.5)

    def plate(self, size_um: float, height_um: float) -> Particle:
        """Return a laminar particle: thin, flat, bright, often with holes."""
        outline = wobbly_outline(self._generator, size_um / self._pixel_um, 0.10, 1.3)
        mask = self._mask(outline)
        mask &= self._textures.smooth(mask.shape) < 1.9
        marks = self._textures.stripes(mask.shape, self._generator.uniform(0, np.pi))
        surface = (
            height_um + self._plane(mask.shape, 0.02) + 0.12 * self._textures.smooth(mask.shape)
        )
        albedo = 1.15 + 0.12 * marks + 0.07 * self._textures.fine(mask.shape)
        return self._lit(mask, surface, STEEL, albedo)

    def curl(self, length_um: float, height_um: float) -> Particle:
        """Return a cutting particle: a long thin curl that rises from the glass."""
        length = length_um / self._pixel_um
        along = np.linspace(0, 1, 160)
        bend = self._generator.uniform(-1, 1) * np.exp(self._generator.uniform(0, 1.6))
        heading = self._generator.uniform(0, 2 * np.pi) + bend * along**1.3
        steps = np.stack([np.cos(heading), np.sin(heading)], axis=1) * length / along.size
        line = np.cumsum(steps, axis=0)
        line -= (line.min(0) + line.max(0)) / 2
        side = int(np.abs(line).max() * 2) + 16
        path = np.round((line + side / 2) * 16).astype(np.int32)
        rise = height_um * (
            0.12 + 0.88 * np.sin(np.pi * along * self._generator.uniform(0.5, 0.95))
        )
        width = self._generator.uniform(1.2, 2.6) / self._pixel_um
        ridge = np.zeros((side, side), np.float32)
        order = np.argsort(rise[1:])
        for index in order.tolist():
            taper = np.sin(np.pi * (0.06 + 0.88 * along[index])) ** 0.5
            thickness = max(2, round(float(width * taper)))
            ends = tuple(path[index].tolist()), tuple(path[index + 1].tolist())
            cv2.line(ridge, ends[0], ends[1], float(rise[index + 1]), thickness, cv2.LINE_8, 4)
        mask = ridge > 0
        depth = depth_inside(mask)
        round_off = 1 - np.clip(depth / max(depth.max(), 1), 0, 1)
        colour = (STEEL, DARK_STEEL, TEMPERED_STRAW)[int(self._generator.integers(0, 3))]
        albedo = 1.1 - 0.7 * round_off + 0.15 * self._textures.fine(mask.shape)
        return self._lit(mask, ridge, colour, albedo, slope=3.0)

    def sphere(self, radius_um: float) -> Particle:
        """Return a sphere: dark, with the mirror image of the lamp on its top."""
        radius = radius_um / self._pixel_um
        side = 2 * int(radius + 3) + 1
        y, x = np.indices((side, side), np.float32) - side // 2
        inside = 1 - (x * x + y * y) / radius**2
        mask = inside > 0
        surface = np.asarray(radius_um * (1 + np.sqrt(np.clip(inside, 0, 1))), np.float32)
        choice = (STEEL, STEEL, TEMPERED_BLUE)[int(self._generator.integers(0, 3))]
        rim = 0.9 + 0.15 * self._textures.fine(mask.shape)
        return self._lit(mask, surface, choice, rim, ambient=0.16, gloss=1.6)

    def red_oxide(self, size_um: float, height_um: float) -> Particle:
        """Return a rust-red grain or a cluster of them."""
        return self._lump(size_um, height_um, RED_OXIDE, grains=(1, 4), contrast=0.22)

    def black_oxide(self, size_um: float, height_um: float) -> Particle:
        """Return a cluster of black pebbles."""
        return self._lump(size_um, height_um, BLACK_OXIDE, grains=(4, 9), contrast=0.55)

    def grain(self, size_um: float) -> Particle:
        """Return a rubbing wear platelet of a chain."""
        outline = wobbly_outline(
            self._generator, size_um / self._pixel_um, 0.08, self._generator.uniform(1, 2.4)
        )
        mask = self._mask(outline)
        height = min(size_um * self._generator.uniform(0.5, 1.4), self._max_height_um)
        depth = depth_inside(mask)
        dome = np.clip(depth / (0.6 * depth.max()), 0, 1)
        tint = self._generator.uniform(0.12, 1.15) * np.array(STEEL)
        if self._generator.random() < 0.03:
            tint = np.array(COPPER)
        albedo = (0.55 + 0.45 * dome) * (1 + 0.16 * self._textures.fine(mask.shape))
        r, g, b = tint.tolist()
        surface = height * (0.7 + 0.3 * dome) + self._plane(mask.shape, 0.15)
        return self._lit(mask, surface, (r, g, b), albedo, slope=0.9)

    def _lump(
        self,
        size_um: float,
        height_um: float,
        colour: Colour,
        grains: tuple[int, int],
        contrast: float,
    ) -> Particle:
        radius = size_um / self._pixel_um
        side = 2 * int(2.2 * radius + 3) + 1
        ridge = np.zeros((side, side), np.float32)
        for _ in range(int(self._generator.integers(*grains))):
            outline = wobbly_outline(
                self._generator, radius * self._generator.uniform(0.35, 0.75), 0.08, 1.3
            )
            shift = self._generator.uniform(-0.6, 0.6, 2) * radius
            mask = polygon(outline + shift + side / 2, side)
            depth = depth_inside(mask)
            dome = np.sqrt(np.clip(depth / max(0.8 * depth.max(), 1), 0, 1))
            peak = height_um * self._generator.uniform(0.6, 1.0)
            ridge = np.maximum(ridge, np.where(mask, peak * (0.45 + 0.55 * dome), 0))
        mask = ridge > 0
        surface = ridge + 0.25 * self._textures.rough(mask.shape)
        albedo = 1 + contrast * self._textures.fine(mask.shape)
        return self._lit(mask, surface, colour, albedo, slope=1.1, ambient=0.5)

    def _mask(self, outline: NDArray[np.float64]) -> BoolImage:
        side = 2 * int(np.abs(outline).max() + 3) + 1
        return polygon(outline + side // 2, side)

    def _plane(self, shape: tuple[int, int], slope: float) -> FloatImage:
        y, x = np.indices(shape, np.float32)
        a, b = self._generator.normal(0, slope * self._pixel_um, 2).tolist()
        return np.asarray(a * (x - shape[1] / 2) + b * (y - shape[0] / 2), np.float32)

    def _lit(
        self,
        mask: BoolImage,
        surface_um: FloatImage,
        tint: Colour,
        albedo: FloatImage,
        *,
        slope: float = _SLOPE,
        ambient: float = 0.22,
        gloss: float = 1.0,
    ) -> Particle:
        height = np.where(mask, np.clip(surface_um, 0.3, self._max_height_um), 0)
        height = height.astype(np.float32)
        # Slopes are taken on the surface itself, so that the outline does not count as a wall.
        rows, columns = np.gradient(surface_um.astype(np.float32) / self._pixel_um)
        facing = np.exp(-(rows**2 + columns**2) / (2 * slope**2))
        light = (ambient + (gloss - ambient) * facing) * np.clip(albedo, 0.05, 1.9)
        # The last pixel before the outline is always a steep edge.
        light *= np.where(depth_inside(mask) < 1.5, 0.6, 1.0)
        colour = light[..., None] * np.array(tint, np.float32)
        return Particle(height, np.clip(colour, 0, 1.2).astype(np.float32))
