"""Surfaces that fill the whole field: ground, broken, tilted and stepped ones, without glass."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training import textures
from models.training.materials import Material
from models.training.particles import Outline, Particle, solid

_SHADING = 1.5


@dataclass(frozen=True, slots=True)
class Ground:
    """What particles lie on.

    Parameters
    ----------
    brightness : ndarray of shape (H, W), float32
        Linear.
    height_um : ndarray of shape (H, W), float32
        Above the lowest focus that matters; above 0.
    """

    brightness: NDArray[np.float32]
    height_um: NDArray[np.float32]


def worn_metal(
    rng: np.random.Generator, shape: tuple[int, int], relief_um: float, pixel_um: float
) -> Ground:
    """Return a rough metal surface: ground, scratched, pitted or broken, tilted and wavy.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int
        Pixels.
    relief_um : float
        Height that nothing exceeds.
    pixel_um : float
        The side of a pixel at the object.
    """
    extent_um = relief_um * rng.uniform(0.05, 1.0)
    height = _hills(rng, shape)
    steepest = float(np.hypot(cv2.Sobel(height, -1, 1, 0), cv2.Sobel(height, -1, 0, 1)).max()) / 8
    # Steeper than 45 degrees, a surface would hide parts of itself.
    extent_um = min(extent_um, pixel_um / max(steepest, 1e-6))
    height_um = rng.uniform(0.02, 1) * (relief_um - extent_um) + extent_um * height
    brightness = rng.uniform(0.08, 0.6) * _finish(rng, shape)
    slope_row, slope_column = (
        cv2.Sobel(height_um, -1, *order) / (8 * pixel_um) for order in ((0, 1), (1, 0))
    )
    lean = rng.normal(0, 0.5, 2)
    lit = 1 + np.clip(lean[0] * slope_row + lean[1] * slope_column, -0.8, 1.5)
    brightness *= lit / (1 + _SHADING * (slope_row**2 + slope_column**2))
    if rng.random() < 0.5:
        brightness = _scratched(rng, brightness)
    if rng.random() < 0.4:
        brightness *= 1 - rng.uniform(0.3, 0.95) * textures.pits(rng, shape, rng.uniform(0.01, 0.2))
    return Ground(
        np.maximum(brightness, 0.002).astype(np.float32),
        np.maximum(height_um, 0.01 * relief_um).astype(np.float32),
    )


def terraces(
    rng: np.random.Generator, shape: tuple[int, int], relief_um: float, pixel_um: float
) -> tuple[Ground, list[Particle]]:
    """Return a flat base with flat sharp-edged films, tracks and pads on a few levels."""
    base = rng.uniform(0.02, 0.7)
    contrast = rng.choice([0.0, 0.01, 0.04, 0.15])
    ground = base * np.exp(contrast * textures.cloud(rng, shape, rng.uniform(3, 60), 4))
    lowest_um = relief_um * rng.uniform(0.01, 0.6)
    height_um = np.full(shape, lowest_um, np.float32)
    rise_um = relief_um - lowest_um
    levels_um = np.sort(rise_um * rng.uniform(0.0, 1.0, int(rng.integers(1, 5))))
    if rng.random() < 0.4:
        levels_um *= 0.05
    spread = rng.choice([0.05, 0.3, 1.0])
    films = []
    for level_um in levels_um:
        cover = _pattern(rng, shape)
        material = Material(
            brightness=float(np.clip(base * np.exp(spread * rng.normal(0, 1)), 0.01, 0.9)),
            relief_shading=0.0,
            texture=float(rng.choice([0.0, 0.1, 0.5])),
        )
        rows, columns = np.indices(shape, np.float32)
        outline = Outline(np.zeros(shape, np.float32), rows, columns, cover)
        middle = (shape[0] / 2, shape[1] / 2)
        top = np.full(shape, level_um, np.float32)
        films.append(
            solid(
                rng,
                "terrace",
                outline,
                middle,
                material,
                top,
                pixel_um,
                stands=bool(rng.random() < 0.5),
            )
        )
    return Ground(ground.astype(np.float32), height_um), films


def _hills(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return heights between 0 and 1."""
    rows, columns = np.indices(shape, np.float32) / np.float32(max(shape))
    height = rng.normal(0, 3) * rows + rng.normal(0, 3) * columns
    height += rng.normal(0, 2) * (rows - rng.random()) ** 2
    if rng.random() < 0.7:
        waves = textures.cloud(rng, shape, rng.uniform(60, 300), int(rng.integers(1, 4)))
        height += rng.uniform(0.1, 1.0) * waves
    height -= height.min()
    return np.asarray(height / (height.max() + 1e-6), np.float32)


def _finish(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return relative brightness with detail at all scales, mean about 1."""
    kind = rng.random()
    if kind < 0.6:
        angle = rng.uniform(0, 180)
        pattern = textures.streaks(rng, shape, rng.uniform(6, 50), rng.uniform(0.5, 1.6), angle)
        pattern += rng.uniform(0.2, 0.8) * textures.streaks(
            rng, shape, rng.uniform(40, 160), rng.uniform(1.5, 6), angle + rng.normal(0, 3)
        )
    elif kind < 0.85:
        pattern = textures.cloud(rng, shape, rng.uniform(3, 25), 6)
    else:
        # Facets: each cell of a crystalline break mirrors another part of the sky.
        pattern = np.round(1.2 * textures.cloud(rng, shape, rng.uniform(6, 30), 3))
    pattern += rng.uniform(0, 0.7) * textures.cloud(rng, shape, 2.0, 2)
    contrast = rng.choice([0.05, 0.12, 0.25, 0.4, 0.6], p=[0.1, 0.25, 0.3, 0.25, 0.1])
    return np.asarray(np.exp(contrast * pattern), np.float32)


def _scratched(rng: np.random.Generator, brightness: NDArray[np.float32]) -> NDArray[np.float32]:
    lines = np.zeros(brightness.shape, np.float32)
    height, width = brightness.shape
    for _ in range(int(rng.integers(1, 25))):
        start = rng.uniform(0, 1, 2) * (width, height)
        end = start + rng.normal(0, 0.4, 2) * (width, height)
        first, last = ([round(16 * float(x)) for x in point] for point in (start, end))
        cv2.line(lines, first, last, float(rng.normal(0, 1)), 1, shift=4)
    lines = np.asarray(cv2.GaussianBlur(lines, (0, 0), rng.uniform(0.4, 0.9)))
    return np.asarray(brightness * np.exp(rng.uniform(0.3, 1.5) * lines), np.float32)


def _pattern(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return the cover of one film: flakes, or pads, tracks and rings."""
    height, width = shape
    if rng.random() < 0.35:
        islands = textures.cloud(rng, shape, rng.uniform(15, 120), 4)
        edge = np.quantile(islands, rng.uniform(0.5, 0.97))
        return np.asarray(np.clip((islands - edge) * 12 + 0.5, 0, 1), np.float32)
    mask = np.zeros(shape, np.uint8)
    turn = rng.choice([0.0, rng.uniform(0, 90)])
    for _ in range(int(rng.integers(1, 9))):
        centre = (rng.uniform(0, width), rng.uniform(0, height))
        size = (rng.uniform(6, 0.5 * width), rng.uniform(3, 0.4 * height))
        kind = rng.random()
        if kind < 0.5:
            corners = np.round(16 * cv2.boxPoints((centre, size, turn))).astype(np.int32)
            cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA, shift=4)
        elif kind < 0.7:
            place = (round(centre[0]), round(centre[1]))
            cv2.circle(
                mask, place, int(size[1] / 2) + 2, 255, int(rng.choice([-1, 2, 6])), cv2.LINE_AA
            )
        else:
            pitch, thick = rng.uniform(4, 20), int(rng.integers(1, 5))
            for i in range(int(rng.integers(1, 9))):
                bars = (centre[0], centre[1] + i * pitch), (size[0], thick)
                corners = np.round(16 * cv2.boxPoints((*bars, 0.0))).astype(np.int32)
                cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA, shift=4)
    return (mask / np.float32(255)).astype(np.float32)
