"""Seeded randomness with structure: fractal noise, outlines, stripes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]
BoolImage = NDArray[np.bool_]

_SIDE = 512


class Textures:
    """Periodic noise fields, made once and cut up many times.

    Parameters
    ----------
    generator : numpy.random.Generator
        Decides everything.
    """

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator
        self._fields = {
            exponent: fractal_noise(generator, (_SIDE, _SIDE), exponent)
            for exponent in (0.5, 1.0, 1.6)
        }

    def fine(self, shape: tuple[int, int]) -> FloatImage:
        """Return (H, W) grain with hardly any large structure; mean 0, deviation about 1."""
        return self._cut(0.5, shape)

    def rough(self, shape: tuple[int, int]) -> FloatImage:
        """Return (H, W) noise of all sizes; mean 0, deviation about 1."""
        return self._cut(1.0, shape)

    def smooth(self, shape: tuple[int, int]) -> FloatImage:
        """Return (H, W) cloudy noise; mean 0, deviation about 1."""
        return self._cut(1.6, shape)

    def stripes(self, shape: tuple[int, int], angle: float) -> FloatImage:
        """Return (H, W) sliding marks: noise along one direction only."""
        rows, columns = np.indices(shape, dtype=np.float32)
        across = np.cos(angle) * columns + np.sin(angle) * rows
        profile = self.rough((1, _SIDE))[0]
        wander = 3.0 * self.smooth(shape)
        positions = np.mod(across * 1.7 + wander, _SIDE).astype(np.float32)
        wrapped = np.append(profile, profile[:1])
        return np.asarray(np.interp(positions, np.arange(_SIDE + 1), wrapped), np.float32)

    def cracks(self, shape: tuple[int, int]) -> FloatImage:
        """Return (H, W) thin branching lines: 1 on a crack, 0 away from it."""
        field = self.smooth(shape) + 0.25 * self.rough(shape)
        rows, columns = np.gradient(field)
        distance = np.abs(field) / (np.hypot(rows, columns) + 1e-3)
        return np.asarray(np.exp(-((distance / 1.1) ** 2)), np.float32)

    def _cut(self, exponent: float, shape: tuple[int, int]) -> FloatImage:
        row, column = self._generator.integers(0, _SIDE, 2).tolist()
        rows = (row + np.arange(shape[0])) % _SIDE
        columns = (column + np.arange(shape[1])) % _SIDE
        return self._fields[exponent][np.ix_(rows, columns)]


def fractal_noise(
    generator: np.random.Generator, shape: tuple[int, int], exponent: float
) -> FloatImage:
    """Return (H, W) periodic noise with an amplitude spectrum of frequency to the -exponent.

    Mean 0, standard deviation 1.
    """
    rows = np.fft.fftfreq(shape[0])[:, None]
    columns = np.fft.rfftfreq(shape[1])[None, :]
    frequency = np.hypot(rows, columns)
    frequency[0, 0] = np.inf
    white = np.fft.rfft2(generator.standard_normal(shape))
    noise = np.fft.irfft2(white * frequency**-exponent, s=shape)
    return np.asarray(noise / noise.std(), np.float32)


def polygon(points: NDArray[np.float64], side: int) -> BoolImage:
    """Return the (side, side) inside of an outline given as (N, 2) x, y pixels."""
    mask = np.zeros((side, side), np.uint8)
    cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 1)
    return mask.astype(np.bool_)


def wobbly_outline(
    generator: np.random.Generator, radius: float, wobble: float, elongation: float = 1.0
) -> NDArray[np.float64]:
    """Return an (N, 2) outline around 0, 0: an ellipse with a seeded wobble.

    Parameters
    ----------
    radius : float
        Mean radius in pixels.
    wobble : float
        How far the radius strays, as a share of it.
    elongation : float
        Long axis over short axis.
    """
    theta = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    orders = np.arange(2, 11)
    amplitudes = generator.normal(0, 2 * wobble, orders.size) / orders
    phases = generator.uniform(0, 2 * np.pi, orders.size)
    waves = amplitudes[:, None] * np.cos(orders[:, None] * theta + phases[:, None])
    radii = radius * np.clip(1 + waves.sum(0), 0.4, 1.7)
    long, short = np.sqrt(elongation), 1 / np.sqrt(elongation)
    x, y = radii * long * np.cos(theta), radii * short * np.sin(theta)
    turn = generator.uniform(0, 2 * np.pi)
    return np.stack(
        [np.cos(turn) * x - np.sin(turn) * y, np.sin(turn) * x + np.cos(turn) * y], axis=1
    )


def depth_inside(mask: BoolImage) -> FloatImage:
    """Return each pixel's distance in pixels to the outside of an (H, W) mask."""
    distance = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(distance, np.float32)
