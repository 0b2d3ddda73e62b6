"""Wear particles drawn by lot, as they lie on a ferrogram: strings of grains and single ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.training import textures
from models.training.glass import FIELD_PIXELS
from models.training.materials import (
    Light,
    Material,
    Oxide,
    draw_grain_material,
    draw_metal,
    draw_oxide,
)
from models.training.particles import (
    Kind,
    Particle,
    blob,
    curl,
    dome_um,
    facets_um,
    polygon,
    sheet_um,
    solid,
)


@dataclass(frozen=True, slots=True)
class Debris:
    """Draws the particles of one field.

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
    light : {"reflected", "dark", "bichromatic", "transmitted"}
    """

    rng: np.random.Generator
    height: int
    width: int
    pixel_um: float
    relief_um: float
    light: Light

    def draw(self) -> list[Particle]:
        """Draw all particles of a field, in the order in which they came to rest."""
        rng = self.rng
        area = self.height * self.width / FIELD_PIXELS
        crowd = float(np.exp(rng.normal(0, 0.6)))
        particles: list[Particle] = []
        if rng.random() < 0.8:
            particles += self._strings(area * min(crowd, 2.5))
        particles += self.small(rng.poisson(10 * area * crowd))
        for _ in range(rng.poisson(3 * area * crowd)):
            particles.append(self._plate())
        # Heights are drawn as shares of the tallest, and someone has to be it.
        particles += self._tallest()
        order = rng.permutation(len(particles))
        return [particles[i] for i in order]

    def _tallest(self) -> list[Particle]:
        kind = self.rng.random()
        if kind < 0.4:
            return [self._block(self.relief_um)]
        if kind < 0.6:
            return [self._curl(self.relief_um)]
        if kind < 0.8:
            return self._oxides(self.rng.uniform(5, 14), self.relief_um)
        return [self._plate(self.relief_um)]

    def _strings(self, area: float) -> list[Particle]:
        rng = self.rng
        lean = rng.uniform(-0.15, 0.15)
        grains = []
        for _ in range(rng.poisson(7 * area)):
            column, row = rng.uniform(0, self.width), rng.uniform(-0.3, 0.6) * self.height
            end = row + rng.uniform(0.2, 1.2) * self.height
            size, jitter = np.exp(rng.uniform(0, np.log(8.0))), rng.uniform(0.5, 8)
            pile_um = self.relief_um * rng.choice([0.02, 0.15, 0.3, 0.6])
            while row < min(end, self.height + 8):
                radius = size * np.exp(0.4 * rng.standard_normal())
                place = (row, column + lean * row + jitter * rng.standard_normal())
                grains.append(self._grain_at(place, radius, pile_um * rng.random()))
                row += radius * rng.uniform(0.3, 2.2)
        return grains

    def _grain_at(self, centre: tuple[float, float], radius: float, base_um: float) -> Particle:
        rng = self.rng
        outline = blob(rng, radius, 0.35 * rng.random(), roundness=0.35)
        bump = min(radius * self.pixel_um * rng.uniform(0.4, 1.2), 0.3 * self.relief_um)
        # Grains lean on each other: many a one is seen from its side.
        lean = rng.normal(0, 0.4, 2) * bump / radius
        tilt = lean[0] * outline.rows + lean[1] * outline.columns
        top = base_um + bump * (1 - 0.7 * outline.reach**2) + tilt
        material = draw_grain_material(rng, self.light)
        brightness = material.brightness * (1 + 0.3 * rng.standard_normal() * outline.rows / radius)
        brightness *= 1 - 0.5 * material.relief_shading * np.clip(outline.reach, 0, 1) ** 2
        if radius > 3:
            brightness *= textures.surface(rng, outline.rows.shape)
        half = outline.rows.shape[0] / 2
        return Particle(
            "rubbing",
            round(centre[0] - half),
            round(centre[1] - half),
            outline.cover * np.float32(material.opacity),
            np.maximum(brightness, 0.002).astype(np.float32),
            np.maximum(top, 0).astype(np.float32),
            stands=False,
        )

    def small(self, count: int) -> list[Particle]:
        """Return small particles of all kinds."""
        rng = self.rng
        particles: list[Particle] = []
        for _ in range(count):
            kind, radius = rng.random(), rng.uniform(3, 16)
            if kind < 0.2:
                particles.append(self._sphere(radius))
            elif kind < 0.4:
                particles.append(self._curl(self.relief_um * rng.uniform(0.05, 0.9)))
            elif kind < 0.7:
                particles += self._oxides(radius, self.relief_um * rng.uniform(0.1, 0.8))
            elif kind < 0.78:
                particles.append(self._bead(radius))
            elif kind < 0.84:
                particles.append(self._crystal(rng.uniform(8, 30)))
            else:
                particles.append(self._fatigue(radius, self.relief_um))
        return particles

    def _plate(self, top_um: float | None = None) -> Particle:
        """Return a flat particle; with `top_um`, one that reaches so high."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.25:
            return self._block(top_um or self.relief_um * rng.uniform(0.2, 0.95))
        if kind < 0.5:
            return self._fatigue(rng.uniform(14, 70), top_um or self.relief_um)
        radius = rng.uniform(12, 70)
        base_um = self.relief_um * rng.uniform(0, 0.7) * rng.random() ** 2
        tilt_um = self.relief_um * rng.choice([0.02, 0.1, 0.3])
        if top_um is not None:
            base_um, tilt_um = 0.6 * top_um, 0.3 * top_um
        if kind < 0.75:
            return self._flake("sliding", radius, base_um, tilt_um)
        return self._flake("laminar", radius, base_um, tilt_um)

    def _block(self, height_um: float) -> Particle:
        rng = self.rng
        outline = polygon(rng, rng.uniform(16, 75), int(rng.integers(4, 8)))
        top, light = facets_um(rng, outline, height_um)
        block = solid(rng, "block", outline, self._place(), self._metal(), top, self.pixel_um)
        if self.light != "transmitted":
            block.brightness[...] *= light
        return self._littered(block)

    def _flake(self, kind: Kind, radius: float, base_um: float, tilt_um: float) -> Particle:
        rng = self.rng
        outline = (
            blob(rng, radius, rng.uniform(0.05, 0.3))
            if rng.random() < 0.6
            else polygon(rng, radius, int(rng.integers(4, 9)))
        )
        if kind == "laminar" and rng.random() < 0.5:
            # Rolled so thin that it tore.
            holes = textures.cloud(rng, outline.cover.shape, max(6.0, radius / 3), 2)
            outline.cover[...] *= 1 - np.clip(4 * (holes - rng.uniform(1.4, 2.4)), 0, 1)
        top = np.minimum(sheet_um(rng, outline, base_um, tilt_um), self.relief_um)
        style: textures.Style | None = "striated" if kind == "sliding" else None
        flake = solid(
            rng,
            kind,
            outline,
            self._place(),
            self._metal(),
            top,
            self.pixel_um,
            stands=False,
            style=style,
        )
        return self._littered(flake)

    def _littered(self, particle: Particle) -> Particle:
        """Let fine grains lie on a particle: the next string of the ferrogram runs over it."""
        rng = self.rng
        if rng.random() < 0.6:
            return particle
        rows, columns = particle.cover.shape
        for _ in range(int(rng.integers(1, 15))):
            grain = blob(rng, rng.uniform(1.2, 5), 0.35 * rng.random(), roundness=0.35).cover
            spare = rows - grain.shape[0], columns - grain.shape[1]
            if min(spare) < 1:
                continue
            row, column = (int(rng.integers(0, most)) for most in spare)
            under = particle.brightness[
                row : row + grain.shape[0], column : column + grain.shape[1]
            ]
            under += grain * (draw_grain_material(rng, self.light).brightness - under)
        return particle

    def _fatigue(self, radius: float, tallest_um: float) -> Particle:
        rng = self.rng
        outline = blob(rng, radius, rng.uniform(0.1, 0.35))
        height_um = min(2 * radius * self.pixel_um * rng.uniform(0.15, 0.8), tallest_um)
        top = dome_um(rng, outline, height_um, rng.uniform(2, 7))
        style: textures.Style = "pitted" if rng.random() < 0.6 else "grainy"
        return solid(
            rng, "fatigue", outline, self._place(), self._metal(), top, self.pixel_um, style=style
        )

    def _oxides(self, radius: float, tallest_um: float) -> list[Particle]:
        """Return a heap of rounded oxide lumps, each leaning on the one below."""
        rng = self.rng
        kind: Oxide = "red oxide" if rng.random() < 0.6 else "black oxide"
        place, base_um = self._place(), 0.0
        heap = []
        for _ in range(int(rng.integers(1, 5))):
            outline = blob(rng, radius, rng.uniform(0, 0.2))
            height_um = min(
                1.6 * radius * self.pixel_um * rng.uniform(0.5, 1), tallest_um - base_um
            )
            if height_um <= 0.1 * tallest_um:
                break
            top = base_um + dome_um(rng, outline, height_um, rng.uniform(2, 6))
            material = draw_oxide(rng, self.light, kind)
            heap.append(solid(rng, kind, outline, place, material, top, self.pixel_um))
            base_um += 0.8 * height_um
            turn = rng.uniform(0, 2 * np.pi)
            place = (place[0] + radius * np.sin(turn), place[1] + radius * np.cos(turn))
            radius *= rng.uniform(0.5, 1.1)
        return heap

    def _sphere(self, radius: float) -> Particle:
        sphere, reach = self._ball("sphere", radius, self._metal())
        if self.light != "transmitted":
            # A ball mirrors the lamp in a small spot near its top, and the dark all around.
            sphere.brightness[...] *= np.clip(1.3 - reach, 0.1, 1)
            spot = np.exp(-((reach / self.rng.uniform(0.1, 0.4)) ** 2))
            sphere.brightness[...] += np.float32(self.rng.uniform(0.1, 1.5)) * spot
        return sphere

    def _bead(self, radius: float) -> Particle:
        """Return a ball of glass: a lens, bright in its middle and black at its rim."""
        rng = self.rng
        level = {"reflected": 0.2, "dark": 0.03, "bichromatic": 0.25, "transmitted": 0.7}
        material = Material(level[self.light] * rng.uniform(0.6, 1.2), 1.0, 0.0, 0.0, 0.1)
        bead, reach = self._ball("bead", radius, material)
        clear = 1 / (1 + np.exp((reach - rng.uniform(0.4, 0.8)) * 12))
        bead.brightness[...] *= 0.08 + 0.92 * clear
        if self.light != "transmitted":
            bead.brightness[...] += np.float32(0.5 * rng.random()) * np.exp(-((reach / 0.2) ** 2))
        return bead

    def _ball(
        self, kind: Kind, radius: float, material: Material
    ) -> tuple[Particle, NDArray[np.float32]]:
        outline = blob(self.rng, radius, 0.0, roundness=1.0)
        material = replace(material, roughness=0.0)
        height_um = min(2 * radius * self.pixel_um, self.relief_um)
        top = dome_um(self.rng, outline, height_um, 2.0, bumps=0.0)
        ball = solid(self.rng, kind, outline, self._place(), material, top, self.pixel_um)
        return ball, outline.reach

    def _crystal(self, radius: float) -> Particle:
        rng = self.rng
        level = {"reflected": 0.35, "dark": 0.1, "bichromatic": 0.25, "transmitted": 0.5}
        outline = polygon(rng, radius, int(rng.integers(4, 8)))
        height_um = min(radius * self.pixel_um * rng.uniform(0.5, 1.5), self.relief_um)
        top, light = facets_um(rng, outline, height_um)
        material = Material(
            level[self.light] * rng.uniform(0.4, 1.3),
            rng.uniform(0.5, 0.95),
            0.5,
            rng.choice([0.0, 1.0]),
        )
        crystal = solid(rng, "crystal", outline, self._place(), material, top, self.pixel_um)
        crystal.brightness[...] *= light
        return crystal

    def _curl(self, height_um: float) -> Particle:
        rng = self.rng
        if rng.random() < 0.2:
            length, width = rng.uniform(100, 400), rng.uniform(3, 9)
            level = {"dark": 0.1, "bichromatic": 0.2}.get(self.light, 0.35)
            material = Material(level * rng.uniform(0.5, 1.3), rng.uniform(0.4, 0.9), 0.2)
            return curl(
                rng, "fibre", self._place(), length, width, height_um, self.pixel_um, material
            )
        length, width = rng.uniform(15, 150), rng.uniform(1, 7)
        return curl(
            rng, "cutting", self._place(), length, width, height_um, self.pixel_um, self._metal()
        )

    def _place(self) -> tuple[float, float]:
        return self.rng.uniform(0, self.height), self.rng.uniform(0, self.width)

    def _metal(self) -> Material:
        return draw_metal(self.rng, self.light)
