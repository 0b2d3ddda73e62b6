"""The bare glass of a slide: uneven light, rims of dried solvent, specks."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training import textures
from models.training.materials import Light, draw_grain_material

FIELD_PIXELS: Final = 416 * 280
"""Specks and particles are counted per field of so many pixels."""


def draw_glass(
    rng: np.random.Generator, height: int, width: int, light: Light
) -> NDArray[np.float32]:
    """Draw the linear brightness of a bare slide by lot, with its fine specks.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only source of chance.
    height, width : int
        The field, pixels.
    light : {"reflected", "dark", "bichromatic", "transmitted"}

    Returns
    -------
    ndarray of shape (H, W), float32
        0 to 1.2, where 1 is white.
    """
    low, high = {
        "reflected": (0.22, 0.55),
        "dark": (0.01, 0.08),
        "bichromatic": (0.15, 0.35),
        "transmitted": (0.45, 0.9),
    }[light]
    level = rng.uniform(low, high)
    shape = (height, width)
    glass = 1 + rng.choice([0.0, 0.003, 0.01]) * textures.cloud(rng, shape, 90.0, 3)
    if rng.random() < 0.3:
        glass += rng.uniform(0.01, 0.06) * _rings(rng, shape)
    if rng.random() < 0.1:
        glass += rng.uniform(0.005, 0.05) * textures.cloud(rng, shape, rng.uniform(3, 20), 3)
    glass *= level
    area = height * width / FIELD_PIXELS
    for radius in (0.5, 0.7, 1.0, 1.4, 2.0):
        count = int(area * rng.uniform(0, 60) * rng.random() / radius**2.5)
        cover = textures.specks(rng, shape, count, radius)
        glass += cover * (draw_grain_material(rng, light).brightness - glass)
    return np.asarray(np.clip(glass, 0, 1.2), dtype=np.float32)


def _rings(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return faint rims that dried drops of solvent leave."""
    rings = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(1, 4))):
        centre = (int(rng.uniform(0, shape[1])), int(rng.uniform(0, shape[0])))
        cv2.circle(rings, centre, int(rng.uniform(15, 90)), float(rng.choice([-1, 1])))
    return np.asarray(cv2.GaussianBlur(rings, (0, 0), 1.0), dtype=np.float32)
