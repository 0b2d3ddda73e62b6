"""Ferrograms drawn by lot: glass, debris strings and wear particles, for every kind of light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training import textures
from models.training.particles import (
    Material,
    Outline,
    Particle,
    blob,
    curl,
    dome_um,
    facets_um,
    polygon,
    sheet_um,
    solid,
)

Light = Literal["reflected", "dark", "bichromatic", "transmitted"]
LIGHTS: tuple[Light, ...] = ("reflected", "dark", "bichromatic", "transmitted")
_LIGHT_SHARES = (0.42, 0.18, 0.15, 0.25)


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide before it is imaged.

    Parameters
    ----------
    light : {"reflected", "dark", "bichromatic", "transmitted"}
    glass : ndarray of shape (H, W), float32
        Linear brightness of the bare slide with its fine specks.
    particles : tuple of Particle
        In the order in which they came to rest.
    """

    light: Light
    glass: NDArray[np.float32]
    particles: tuple[Particle, ...]


def draw_slide(
    rng: np.random.Generator, height: int, width: int, pixel_um: float, relief_um: float
) -> Slide:
    """Draw a slide by lot.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only source of chance.
    height, width : int
        The field, pixels.
    pixel_um : float
        The side of a pixel at the object, µm.
    relief_um : float
        Height of the tallest particle, µm.
    """
    light = LIGHTS[int(rng.choice(len(LIGHTS), p=_LIGHT_SHARES))]
    artist = _Artist(rng, height, width, pixel_um, relief_um, light)
    particles = artist.terrain() if rng.random() < 0.12 else artist.debris()
    return Slide(light, artist.glass(), tuple(particles))


@dataclass(frozen=True, slots=True)
class _Artist:
    rng: np.random.Generator
    height: int
    width: int
    pixel_um: float
    relief_um: float
    light: Light

    def glass(self) -> NDArray[np.float32]:
        rng = self.rng
        low, high = {
            "reflected": (0.22, 0.55),
            "dark": (0.01, 0.08),
            "bichromatic": (0.15, 0.35),
            "transmitted": (0.45, 0.9),
        }[self.light]
        level = rng.uniform(low, high)
        shape = (self.height, self.width)
        glass = 1 + rng.choice([0.0, 0.004, 0.02]) * textures.cloud(rng, shape, 90.0, 3)
        if rng.random() < 0.3:
            glass += rng.uniform(0.01, 0.06) * self._rings()
        if rng.random() < 0.1:
            glass += rng.uniform(0.02, 0.1) * textures.cloud(rng, shape, rng.uniform(3, 20), 3)
        glass *= level
        area = self.height * self.width / 116_480
        for radius in (0.55, 0.9, 1.5):
            count = int(area * rng.uniform(0, 160) / radius**2)
            cover = textures.specks(rng, shape, count, radius)
            glass += cover * (self._grain().brightness - glass)
        return np.asarray(np.clip(glass, 0, 1.2), dtype=np.float32)

    def terrain(self) -> list[Particle]:
        """Return one rough surface that fills the field, as under a scratched or broken part."""
        rng = self.rng
        half = max(self.height, self.width) // 2 + 1
        axis = np.arange(-half, half + 1, dtype=np.float32)
        rows, columns = np.meshgrid(axis, axis, indexing="ij")
        full = Outline(np.zeros_like(rows), rows, columns, np.ones_like(rows))
        hills = textures.cloud(rng, rows.shape, rng.uniform(60, 400), int(rng.integers(1, 4)))
        tilt = rows * rng.uniform(-1, 1) + columns * rng.uniform(-1, 1)
        top = hills + rng.uniform(0, 3) * tilt / half
        top = self.relief_um * (top - top.min()) / (np.ptp(top) + 1e-6)
        centre = (self.height / 2, self.width / 2)
        # Nothing shines through a whole part, so it is never seen in transmitted light.
        metal = Material(rng.uniform(0.1, 0.7), 1.0, rng.uniform(0.2, 1.0))
        ground = solid(rng, full, centre, metal, top, self.pixel_um)
        return [ground, *self._small(int(rng.integers(0, 12)))]

    def debris(self) -> list[Particle]:
        rng = self.rng
        area = self.height * self.width / 116_480
        particles: list[Particle] = []
        if rng.random() < 0.8:
            particles += self._strings(area)
        particles += self._small(rng.poisson(10 * area))
        for _ in range(1 + rng.poisson(2.5 * area)):
            particles.append(self._large())
        # Heights are drawn as shares of the tallest, and someone has to be it.
        particles.append(self._block(self.relief_um))
        order = rng.permutation(len(particles))
        return [particles[i] for i in order]

    def _strings(self, area: float) -> list[Particle]:
        rng = self.rng
        lean = rng.uniform(-0.15, 0.15)
        grains = []
        for _ in range(rng.poisson(7 * area)):
            column, row = rng.uniform(0, self.width), rng.uniform(-0.3, 0.6) * self.height
            end = row + rng.uniform(0.2, 1.2) * self.height
            size, jitter = rng.uniform(1.0, 4.0), rng.uniform(0.5, 6)
            pile_um = self.relief_um * rng.choice([0.02, 0.1, 0.25])
            while row < min(end, self.height + 8):
                radius = size * np.exp(0.4 * rng.standard_normal())
                place = (row, column + lean * row + jitter * rng.standard_normal())
                grains.append(self._grain_at(place, radius, pile_um * rng.random()))
                row += radius * rng.uniform(0.3, 2.2)
        return grains

    def _grain_at(self, centre: tuple[float, float], radius: float, base_um: float) -> Particle:
        rng = self.rng
        outline = blob(rng, radius, 0.2 * rng.random())
        bump = radius * self.pixel_um * rng.uniform(0.4, 1.2)
        top = base_um + min(bump, 0.3 * self.relief_um) * (1 - 0.7 * outline.reach**2)
        material = self._grain()
        brightness = material.brightness * (1 + 0.3 * rng.standard_normal() * outline.rows / radius)
        brightness *= 1 - 0.5 * material.relief_shading * np.clip(outline.reach, 0, 1) ** 2
        top = np.maximum(top, 0).astype(np.float32)
        half = outline.rows.shape[0] / 2
        return Particle(
            round(centre[0] - half),
            round(centre[1] - half),
            outline.cover * np.float32(material.opacity),
            np.maximum(brightness, 0.002).astype(np.float32),
            top,
            stands=False,
        )

    def _small(self, count: int) -> list[Particle]:
        rng = self.rng
        particles = []
        for _ in range(count):
            kind, radius = rng.random(), rng.uniform(4, 16)
            if kind < 0.25:
                particles.append(self._sphere(radius))
            elif kind < 0.45:
                particles.append(self._curl(rng.uniform(15, 90), rng.uniform(1, 4)))
            else:
                particles.append(self._lump(radius))
        return particles

    def _large(self) -> Particle:
        rng = self.rng
        kind = rng.random()
        if kind < 0.35:
            return self._block(self.relief_um * rng.uniform(0.2, 0.95))
        if kind < 0.85:
            return self._flake()
        return self._lump(rng.uniform(14, 40))

    def _block(self, height_um: float) -> Particle:
        rng = self.rng
        outline = polygon(rng, rng.uniform(16, 75), int(rng.integers(4, 8)))
        top = facets_um(rng, outline, height_um)
        return solid(rng, outline, self._place(), self._metal(), top, self.pixel_um)

    def _flake(self) -> Particle:
        rng = self.rng
        radius = rng.uniform(12, 70)
        ragged = rng.random() < 0.6
        outline = (
            blob(rng, radius, rng.uniform(0.05, 0.3))
            if ragged
            else polygon(rng, radius, int(rng.integers(4, 9)))
        )
        base_um = self.relief_um * rng.uniform(0, 0.7) * rng.random()
        tilt_um = self.relief_um * rng.choice([0.02, 0.1, 0.3])
        top = np.minimum(sheet_um(rng, outline, base_um, tilt_um), self.relief_um)
        return solid(rng, outline, self._place(), self._metal(), top, self.pixel_um, stands=False)

    def _lump(self, radius: float) -> Particle:
        rng = self.rng
        outline = blob(rng, radius, rng.uniform(0, 0.3))
        height_um = min(2 * radius * self.pixel_um * rng.uniform(0.3, 1.2), self.relief_um)
        top = dome_um(rng, outline, height_um, rng.uniform(2, 6))
        material = self._oxide() if rng.random() < 0.6 else self._metal()
        return solid(rng, outline, self._place(), material, top, self.pixel_um)

    def _sphere(self, radius: float) -> Particle:
        rng = self.rng
        outline = blob(rng, radius, 0.0)
        height_um = min(2 * radius * self.pixel_um, self.relief_um)
        top = dome_um(rng, outline, height_um / 2, 2.0) + height_um / 2
        sphere = solid(rng, outline, self._place(), self._metal(), top, self.pixel_um)
        if self.light != "transmitted":
            spot = np.exp(-((outline.reach / rng.uniform(0.15, 0.4)) ** 2))
            sphere.brightness[...] += np.float32(rng.uniform(0.1, 0.6)) * spot
        return sphere

    def _curl(self, length: float, width: float) -> Particle:
        height_um = self.relief_um * self.rng.uniform(0.05, 0.9)
        return curl(self.rng, self._place(), length, width, height_um, self._metal())

    def _place(self) -> tuple[float, float]:
        return self.rng.uniform(0, self.height), self.rng.uniform(0, self.width)

    def _metal(self) -> Material:
        rng = self.rng
        if self.light == "transmitted":
            return Material(rng.uniform(0.004, 0.03), relief_shading=0.0)
        glint = rng.uniform(0.2, 1.2) if rng.random() < 0.35 else 0.0
        low, high = {"reflected": (0.08, 0.7), "dark": (0.1, 0.8)}.get(self.light, (0.02, 0.1))
        return Material(rng.uniform(low, high), 1.0, rng.uniform(0.2, 1.2), glint)

    def _oxide(self) -> Material:
        rng = self.rng
        if rng.random() < 0.5:
            return Material(rng.uniform(0.005, 0.04), relief_shading=0.3)
        if self.light == "transmitted":
            return Material(rng.uniform(0.08, 0.6), rng.uniform(0.6, 0.95), 0.0)
        return Material(rng.uniform(0.03, 0.2), rng.uniform(0.8, 1.0), 0.4)

    def _grain(self) -> Material:
        return self._metal() if self.rng.random() < 0.6 else self._oxide()

    def _rings(self) -> NDArray[np.float32]:
        """Return faint rims that dried drops of solvent leave."""
        rings = np.zeros((self.height, self.width), np.float32)
        rng = self.rng
        for _ in range(int(rng.integers(1, 4))):
            centre = (int(rng.uniform(0, self.width)), int(rng.uniform(0, self.height)))
            cv2.circle(rings, centre, int(rng.uniform(15, 90)), float(rng.choice([-1, 1])))
        return np.asarray(cv2.GaussianBlur(rings, (0, 0), 1.0), dtype=np.float32)
