"""A ferrogram: heights and colours of everything on the glass, seeded.

The slide repeats itself seamlessly in x and y, so that a stage with centimetres of travel never
runs off it while only a little more than one field has to be kept in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.simulated.particles import Particle, ParticleMaker
from drivers.simulated.texture import FloatImage, fractal_noise

GLASS: tuple[float, float, float] = (0.47, 0.478, 0.43)
"""Linear radiance of bare glass: pale grey with a touch of green, as ferrogram slides look."""

_REFERENCE_FIELD_UM2 = 450.0 * 253.0
"""The counts below are per field of this area (20x objective, 910 x 512 pixels)."""


@dataclass(frozen=True, slots=True)
class Slide:
    """What lies on the glass; the left edge continues at the right, the top at the bottom."""

    height_um: FloatImage
    """(H, W), µm above the glass; 0 where the glass is bare."""
    colour: FloatImage
    """(H, W, 3) linear RGB radiance of the particles; meaningless on bare glass."""
    glass: FloatImage
    """(H, W, 3) linear RGB radiance of the glass; meaningless beneath particles."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.height_um.shape[0], self.height_um.shape[1]

    @property
    def sharp(self) -> FloatImage:
        """The (H, W, 3) picture without any optics."""
        return np.where(self.height_um[..., None] > 0, self.colour, self.glass)


def make_slide(
    seed: int, shape: tuple[int, int], pixel_um: float, max_height_um: float = 40.0
) -> Slide:
    """Lay out a ferrogram.

    Parameters
    ----------
    seed : int
        The same seed gives the same slide.
    shape : tuple of int
        Height and width in pixels.
    pixel_um : float
        Side of a pixel at the object.
    max_height_um : float
        Height of the tallest particle.
    """
    generator = np.random.default_rng(seed)
    height, width = shape
    canvas = Slide(
        np.zeros(shape, np.float32),
        np.zeros((height, width, 3), np.float32),
        _glass(generator, shape),
    )
    fields = height * width * pixel_um**2 / _REFERENCE_FIELD_UM2
    maker = ParticleMaker(generator, pixel_um, max_height_um)
    for particle, row, column in _chains(generator, maker, shape, pixel_um):
        _lay(canvas, particle, row, column)
    for particle in _single_particles(generator, maker, fields, max_height_um):
        row, column = generator.uniform(0, 1, 2) * shape
        _lay(canvas, particle, row, column)
    _shade_glass(canvas, pixel_um)
    return canvas


def empty_slide(shape: tuple[int, int]) -> Slide:
    """Return perfectly clean glass."""
    glass = np.broadcast_to(np.array(GLASS, np.float32), (*shape, 3)).copy()
    return Slide(np.zeros(shape, np.float32), np.zeros((*shape, 3), np.float32), glass)


def _single_particles(
    generator: np.random.Generator, maker: ParticleMaker, fields: float, top_um: float
) -> Iterator[Particle]:
    """Yield the particles outside the chains, low kinds first; at least one of each kind."""
    between = generator.uniform

    def low(upper: float) -> float:
        return min(float(between(0.4, 1.0)) * upper, top_um)

    kinds: tuple[tuple[float, Callable[[], Particle]], ...] = (
        (3, lambda: maker.plate(between(11, 30), low(5))),
        (9, lambda: maker.red_oxide(between(3.5, 10), low(9))),
        (8, lambda: maker.black_oxide(between(4, 8), low(9))),
        (7, lambda: maker.curl(between(18, 60), low(18))),
        (12, lambda: maker.sphere(min(between(1.6, 9.5) * between(0.5, 1), top_um / 2))),
        (5, lambda: maker.chunk(between(8, 16), low(16))),
        (1, lambda: maker.chunk(between(22, 32), between(0.5, 0.8) * top_um)),
        (1, lambda: maker.block(between(22, 34), between(0.75, 1.0) * top_um)),
    )
    for per_field, make in kinds:
        for _ in range(max(1, round(per_field * fields))):
            yield make()


def _chains(
    generator: np.random.Generator,
    maker: ParticleMaker,
    shape: tuple[int, int],
    pixel_um: float,
) -> Iterator[tuple[Particle, float, float]]:
    """Yield rubbing wear in lines along the magnetic field (y), with where each grain lies."""
    height, width = shape
    # Making a grain costs much more than laying it, and nobody recognises one among hundreds.
    sizes = np.sort(np.exp(generator.uniform(np.log(0.5), np.log(4.5), 240)))
    grains = [maker.grain(size) for size in sizes.tolist()]
    spacing = 19.0 / pixel_um
    count = max(1, round(width / spacing))
    for chain in range(count):
        column = (chain + generator.uniform(0.2, 0.8)) * width / count
        row = generator.uniform(0, height)
        end = row + generator.uniform(0.25, 0.95) * height
        mean_um = np.exp(generator.normal(0.0, 0.3))
        while row < end:
            size = float(np.clip(mean_um * np.exp(generator.normal(0, 0.5)), 0.5, 4.5))
            nearest = min(int(np.searchsorted(sizes, size)), len(sizes) - 12)
            grain = grains[nearest + int(generator.integers(0, 12))]
            yield grain, row, column + generator.normal(0, 1.3 / pixel_um)
            column += generator.normal(0, 0.35 / pixel_um)
            row += size / pixel_um * generator.uniform(0.5, 3.4)


def _glass(generator: np.random.Generator, shape: tuple[int, int]) -> FloatImage:
    """Return bare glass with faint clouds, dust specks and dried drops."""
    clouds = 1 + 0.006 * fractal_noise(generator, shape, 1.3)
    clouds += 0.010 * fractal_noise(generator, shape, 0.4)
    height, width = shape
    specks = np.ones(shape, np.float32)
    count = round(height * width / 380)
    rows, columns = generator.integers(0, height, count), generator.integers(0, width, count)
    specks[rows, columns] -= generator.beta(0.7, 2.0, count).astype(np.float32)
    blots = np.zeros(shape, np.float32)
    for _ in range(round(height * width / 2600)):
        centre = generator.integers(0, width), generator.integers(0, height)
        radius = int(generator.integers(1, 3))
        cv2.circle(blots, _pair(centre), radius, float(generator.uniform(0.1, 0.7)), -1)
    for _ in range(round(height * width / 110_000)):
        centre = generator.integers(0, width), generator.integers(0, height)
        cv2.circle(blots, _pair(centre), int(generator.integers(25, 75)), 0.05, 2)
    light = clouds * cv2.GaussianBlur(specks, (0, 0), 0.5) * (1 - blots)
    return np.asarray(light[..., None] * np.array(GLASS), np.float32)


def _pair(values: tuple[np.int64, np.int64]) -> tuple[int, int]:
    return int(values[0]), int(values[1])


def _lay(slide: Slide, particle: Particle, row: float, column: float) -> None:
    """Put a particle on the slide, around the edges if need be; the higher surface wins."""
    height, width = slide.shape
    rows_of, columns_of = particle.height_um.shape
    rows = (int(row) - rows_of // 2 + np.arange(rows_of)) % height
    columns = (int(column) - columns_of // 2 + np.arange(columns_of)) % width
    if np.unique(rows).size < rows_of or np.unique(columns).size < columns_of:
        return  # It is larger than the slide and would overlap itself.
    place = np.ix_(rows, columns)
    there: NDArray[np.bool_] = particle.height_um > slide.height_um[place]
    slide.height_um[place] = np.where(there, particle.height_um, slide.height_um[place])
    slide.colour[place] = np.where(there[..., None], particle.colour, slide.colour[place])


def _shade_glass(slide: Slide, pixel_um: float) -> None:
    """Darken the glass around tall particles, which stand in the light's way."""
    reach = 9.0 / pixel_um
    pad = int(2 * reach)
    around = cv2.copyMakeBorder(slide.height_um, pad, pad, pad, pad, cv2.BORDER_WRAP)
    shade = np.asarray(cv2.GaussianBlur(around, (0, 0), reach))[pad:-pad, pad:-pad]
    np.multiply(slide.glass, 1 - 0.35 * np.clip(shade / 40.0, 0, 1)[..., None], out=slide.glass)
