"""What wear particles are made of, and how bright that is in each kind of light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Light = Literal["reflected", "dark", "bichromatic", "transmitted"]
LIGHTS: tuple[Light, ...] = ("reflected", "dark", "bichromatic", "transmitted")

Oxide = Literal["red oxide", "black oxide"]


@dataclass(frozen=True, slots=True)
class Material:
    """How a particle answers the light; brightness is linear, 1 is white.

    Parameters
    ----------
    brightness : float
        Of a surface facing the objective.
    opacity : float
        1 for metal, less for oxide films and crystals.
    relief_shading : float
        How much slopes darken: 0 in transmitted light, about 1 under a reflected-light lamp.
    glint : float
        Brightness of the rare facets that mirror the lamp into the objective.
    texture : float
        Contrast of the surface pattern as a share of the usual; 0 is smooth.
    roughness : float
        Standard deviation of the relief of the surface itself, in pixels; 0 is smooth.
    """

    brightness: float
    opacity: float = 1.0
    relief_shading: float = 1.0
    glint: float = 0.0
    texture: float = 1.0
    roughness: float = 0.0


def draw_metal(rng: np.random.Generator, light: Light) -> Material:
    """Draw a metal by lot; in transmitted light it is all but black."""
    if light == "transmitted":
        return Material(rng.uniform(0.004, 0.03), relief_shading=0.0, roughness=_roughness(rng))
    glint = rng.uniform(0.3, 3.0) if rng.random() < 0.3 else 0.0
    low, high = {"reflected": (0.06, 0.7), "dark": (0.1, 0.8)}.get(light, (0.02, 0.18))
    return Material(
        rng.uniform(low, high),
        1.0,
        rng.uniform(0.2, 1.2),
        glint,
        roughness=_roughness(rng),
    )


def draw_oxide(rng: np.random.Generator, light: Light, kind: Oxide) -> Material:
    """Draw an oxide by lot; the red one lets light through."""
    if kind == "black oxide":
        return Material(
            rng.uniform(0.005, 0.05), relief_shading=0.3, glint=0.3, roughness=_roughness(rng)
        )
    if light == "transmitted":
        return Material(rng.uniform(0.08, 0.6), rng.uniform(0.6, 0.95), 0.0)
    return Material(rng.uniform(0.03, 0.2), rng.uniform(0.8, 1.0), 0.4, roughness=_roughness(rng))


def draw_grain_material(rng: np.random.Generator, light: Light) -> Material:
    """Draw what a grain of rubbing wear is made of: mostly metal, else an oxide."""
    if rng.random() < 0.7:
        return draw_metal(rng, light)
    return draw_oxide(rng, light, "red oxide" if rng.random() < 0.5 else "black oxide")


def _roughness(rng: np.random.Generator) -> float:
    """Return a surface's roughness in pixels: polished, worn or torn."""
    return float(rng.choice([0.0, 0.4, 1.5, 3.0], p=[0.2, 0.2, 0.35, 0.25]))
