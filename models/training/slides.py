"""Ferrograms drawn by lot: glass or a surface that fills the field, and the debris on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.training.debris import Debris
from models.training.glass import draw_glass
from models.training.materials import LIGHTS, Light
from models.training.particles import Particle
from models.training.terrain import Ground, terraces, worn_metal

_LIGHT_SHARES = (0.48, 0.14, 0.16, 0.22)
_TERRAIN_SHARE = 0.36


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
    ground_um : ndarray of shape (H, W), float32, or None
        Height of a surface that fills the field in place of the glass.
    """

    light: Light
    glass: NDArray[np.float32]
    particles: tuple[Particle, ...]
    ground_um: NDArray[np.float32] | None = None


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
    debris = Debris(rng, height, width, pixel_um, relief_um, light)
    # Nothing shines through a whole part, so it is never seen in transmitted light.
    if light in ("reflected", "dark") and rng.random() < _TERRAIN_SHARE:
        ground, particles = _draw_terrain(debris)
        return Slide(light, ground.brightness, tuple(particles), ground.height_um)
    return Slide(light, draw_glass(rng, height, width, light), tuple(debris.draw()))


def _draw_terrain(debris: Debris) -> tuple[Ground, list[Particle]]:
    """Return a surface that fills the field, and what of the debris lies on it."""
    rng, shape = debris.rng, (debris.height, debris.width)
    pixel_um, relief_um = debris.pixel_um, debris.relief_um
    if rng.random() < 0.3:
        ground, films = terraces(rng, shape, relief_um, pixel_um)
        return ground, films
    if rng.random() < 0.5:
        return worn_metal(rng, shape, relief_um, pixel_um), []
    ground = worn_metal(rng, shape, 0.75 * relief_um, pixel_um)
    litter = replace(debris, relief_um=0.25 * relief_um)
    return ground, litter.small(int(rng.integers(1, 9)))
