"""Wear particles as small relief patches: outline, top, bottom and brightness."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training import textures
from models.training.materials import Material

_MOST_GLINTS = 12
_WAIST = 0.4


Kind = Literal[
    "rubbing",
    "sliding",
    "cutting",
    "fatigue",
    "laminar",
    "sphere",
    "red oxide",
    "black oxide",
    "block",
    "fibre",
    "bead",
    "crystal",
    "terrace",
]


@dataclass(frozen=True, slots=True)
class Glint:
    """A facet that mirrors the lamp into a part of the aperture.

    In focus it is a bright point. Out of focus only that part of the disc lights up, so that the
    point wanders sideways, one way above the plane of focus and the other way below.

    Parameters
    ----------
    row, column : int
        Pixel.
    light : float
        Linear brightness times pixels.
    aperture_row, aperture_column : float
        Middle of the lit part in units of the aperture's radius.
    aperture_share : float
        Radius of the lit part in the same unit.
    """

    row: int
    column: int
    light: float
    aperture_row: float
    aperture_column: float
    aperture_share: float

    def moved(self, rows: int, columns: int) -> Glint:
        """Return the same glint in other coordinates."""
        return replace(self, row=self.row + rows, column=self.column + columns)


@dataclass(frozen=True, slots=True)
class Particle:
    """A particle cut out of its surroundings.

    Parameters
    ----------
    kind : str
        What an operator would call it.
    row, column : int
        Where the patch's first pixel lies in the field; may be negative.
    cover : ndarray of shape (h, w), float32
        Opacity, 0 outside, with soft edges one pixel wide.
    brightness : ndarray of shape (h, w), float32
        Linear.
    top_um : ndarray of shape (h, w), float32
        Height of the surface above the glass; also given beside the particle.
    stands : bool
        Whether it stands on the glass with its whole outline, or lies over it as a sheet.
    glints : tuple of Glint
        In the patch's coordinates.
    """

    kind: Kind
    row: int
    column: int
    cover: NDArray[np.float32]
    brightness: NDArray[np.float32]
    top_um: NDArray[np.float32]
    stands: bool
    glints: tuple[Glint, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """Polar description of a patch: 0 in the centre, 1 at the particle's edge."""

    reach: NDArray[np.float32]
    rows: NDArray[np.float32]
    columns: NDArray[np.float32]
    cover: NDArray[np.float32]


def blob(
    rng: np.random.Generator, radius_px: float, roughness: float, roundness: float = 0.6
) -> Outline:
    """Return a rounded outline.

    Parameters
    ----------
    rng : numpy.random.Generator
    radius_px : float
    roughness : float
        0 is an ellipse, 0.3 a ragged flake.
    roundness : float
        Smallest ratio of the ellipse's axes; 1 makes a circle.
    """
    aspect = rng.uniform(roundness, 1.0)
    half = int(radius_px * (1 + 2 * roughness)) + 3
    rows, columns = _axes(half)
    turn = rng.uniform(0, np.pi)
    along = columns * np.cos(turn) + rows * np.sin(turn)
    across = (rows * np.cos(turn) - columns * np.sin(turn)) / aspect
    distance = np.hypot(along, across)
    edge = np.full_like(distance, radius_px)
    if roughness > 0:
        angle = np.arctan2(across, along)
        # A wave shorter than two pixels of the edge would not show.
        for wave in range(2, min(10, int(3 + radius_px))):
            strength = roughness * radius_px / wave**0.8 * rng.uniform(0, 1)
            edge += strength * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    edge = np.maximum(edge, 0.4)
    cover = np.clip((edge - distance) * aspect + 0.5, 0, 1)
    return _outline(distance / edge, rows, columns, cover)


def polygon(rng: np.random.Generator, radius_px: float, corners: int) -> Outline:
    """Return a convex polygon with slightly chipped edges, as blocks and laminar flakes have."""
    half = int(radius_px * 1.25) + 3
    rows, columns = _axes(half)
    angles = np.arange(corners) * 2 * np.pi / corners + rng.uniform(-0.35, 0.35, corners)
    angles += rng.uniform(0, 2 * np.pi)
    reach = np.zeros_like(rows)
    for angle in angles:
        side = radius_px * rng.uniform(0.6, 1.0)
        reach = np.maximum(reach, (columns * np.cos(angle) + rows * np.sin(angle)) / side)
    chips = textures.cloud(rng, rows.shape, max(4.0, radius_px / 3), 3)
    reach = reach + rng.uniform(0, 0.05) * chips
    cover = np.clip((1 - reach) * radius_px * 0.8 + 0.5, 0, 1)
    return _outline(reach, rows, columns, cover)


def solid(
    rng: np.random.Generator,
    kind: Kind,
    outline: Outline,
    centre: tuple[float, float],
    material: Material,
    top_um: NDArray[np.float32],
    pixel_um: float,
    *,
    stands: bool = True,
    style: textures.Style | None = None,
) -> Particle:
    """Return a textured particle with the given top.

    Parameters
    ----------
    rng : numpy.random.Generator
    kind : str
    outline : Outline
    centre : tuple of float
        Row and column in the field, pixels.
    material : Material
    top_um : ndarray of shape (h, w), float32
        The top's height; made 0 or more.
    pixel_um : float
        Gives the slopes, which darken under a reflected-light lamp.
    stands : bool
        False for a sheet.
    style : {"striated", "cloudy", "grainy", "pitted"}, optional
        Of the surface; by lot without it.
    """
    height, width = top_um.shape
    if material.roughness > 0:
        coarse_px = rng.uniform(5, max(7.0, min(40.0, height / 3))) + 3 * material.roughness
        rough = textures.cloud(rng, top_um.shape, coarse_px, int(rng.integers(2, 5)))
        top_um = top_um + material.roughness * pixel_um * rough
    top = np.maximum(top_um, 0).astype(np.float32)
    brightness = material.brightness * textures.surface(rng, top.shape, style, material.texture)
    if material.relief_shading > 0:
        brightness *= _shading(rng, top / pixel_um, material.relief_shading)
    glints = _glints(rng, outline.cover, material.glint) if material.glint > 0 else ()
    if material.opacity < 1:
        # Crystals refract the light away at their edges.
        brightness *= 1 - 0.6 * np.clip(outline.reach, 0, 1) ** 4
    return Particle(
        kind=kind,
        row=round(centre[0] - height / 2),
        column=round(centre[1] - width / 2),
        cover=outline.cover * np.float32(material.opacity),
        brightness=brightness.astype(np.float32),
        top_um=top,
        stands=stands,
        glints=glints,
    )


def _shading(
    rng: np.random.Generator, top_px: NDArray[np.float32], strength: float
) -> NDArray[np.float32]:
    """Return what slopes leave of the light: less where steep, more where turned to the lamp."""
    down, right = (cv2.Sobel(top_px, -1, *order) / 8 for order in ((0, 1), (1, 0)))
    lean = rng.normal(0, 0.3, 2) * rng.choice([0.0, 1.0])
    towards = 1 + np.clip(lean[0] * down + lean[1] * right, -0.7, 1.0)
    steep = np.minimum(down**2 + right**2, 9)
    return np.asarray(towards / (1 + strength * 1.6**2 * steep), np.float32)


def _glints(
    rng: np.random.Generator, cover: NDArray[np.float32], brightness: float
) -> tuple[Glint, ...]:
    rows, columns = np.nonzero(cover > 0.9)
    count = min(
        len(rows), _MOST_GLINTS, int(rng.poisson(len(rows) * rng.choice([0.0005, 0.002, 0.006])))
    )
    glints = []
    for i in rng.integers(0, len(rows), count):
        share, angle = rng.uniform(0.2, 0.6), rng.uniform(0, 2 * np.pi)
        away = (1 - share) * np.sqrt(rng.random())
        glints.append(
            Glint(
                row=int(rows[i]),
                column=int(columns[i]),
                light=float(brightness * np.exp(rng.standard_normal()) * 2),
                aperture_row=float(away * np.sin(angle)),
                aperture_column=float(away * np.cos(angle)),
                aperture_share=float(share),
            )
        )
    return tuple(glints)


def facets_um(
    rng: np.random.Generator, outline: Outline, height_um: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a block's top, the lowest of a few tilted planes, and how bright each plane is."""
    radius = outline.rows.max()
    top = np.full_like(outline.rows, height_um)
    light = np.full_like(top, rng.uniform(0.6, 1.2))
    for _ in range(int(rng.integers(1, 6))):
        angle, fall = rng.uniform(0, 2 * np.pi), height_um * rng.uniform(0.02, 0.8)
        along = (outline.columns * np.cos(angle) + outline.rows * np.sin(angle)) / radius
        plane = height_um - fall * (along - rng.uniform(-0.5, 0.6))
        light = np.where(plane < top, np.float32(rng.uniform(0.15, 1.3)), light)
        top = np.minimum(top, plane)
    bumps = textures.cloud(rng, top.shape, max(4.0, radius / 2), 3)
    top = top + height_um * rng.uniform(0, 0.03) * bumps
    return np.asarray(top, np.float32), np.asarray(cv2.blur(light, (3, 3)), np.float32)


def dome_um(
    rng: np.random.Generator,
    outline: Outline,
    height_um: float,
    flatness: float,
    bumps: float = 0.06,
) -> NDArray[np.float32]:
    """Return a rounded top: a sphere's cap for `flatness` 2, a pillow's for more.

    `bumps` is the largest unevenness as a share of the height.
    """
    inner = np.clip(outline.reach, 0, 1)
    # From above, the outline is the particle's waist, not its foot.
    top = height_um * (_WAIST + (1 - _WAIST) * np.sqrt(np.clip(1 - inner**flatness, 0, 1)))
    if bumps > 0:
        uneven = textures.cloud(rng, top.shape, max(4.0, outline.rows.max() / 2), 3)
        top = top + height_um * rng.uniform(0, bumps) * uneven
    return np.asarray(top, dtype=np.float32)


def sheet_um(
    rng: np.random.Generator, outline: Outline, base_um: float, tilt_um: float
) -> NDArray[np.float32]:
    """Return a flake's top: a tilted, slightly curled plane that rises by `tilt_um` across."""
    radius, angle = outline.rows.max(), rng.uniform(0, 2 * np.pi)
    along = (outline.columns * np.cos(angle) + outline.rows * np.sin(angle)) / radius
    top = base_um + tilt_um * (0.5 + 0.5 * along + rng.uniform(-0.3, 0.3) * along**2)
    bumps = textures.cloud(rng, top.shape, max(6.0, radius), 4)
    return np.asarray(top + 0.05 * (tilt_um + base_um) * bumps, dtype=np.float32)


def curl(
    rng: np.random.Generator,
    kind: Kind,
    centre: tuple[float, float],
    length_px: float,
    width_px: float,
    height_um: float,
    pixel_um: float,
    material: Material,
) -> Particle:
    """Return a cutting particle or a fibre: a bent wire or spiral that rises and falls."""
    steps = np.linspace(0, 1, 48)
    bend, turns = rng.uniform(-2.5, 2.5), rng.choice([0.0, 0.0, 2.0, 3.5])
    turns = 0.0 if kind == "fibre" else turns
    heading = rng.uniform(0, 2 * np.pi) + bend * steps
    path = np.stack([np.cumsum(np.sin(heading)), np.cumsum(np.cos(heading))]) * length_px / 48
    wind = 2 * np.pi * turns * steps + rng.uniform(0, 2 * np.pi)
    path += (
        (turns > 0) * 0.12 * length_px * np.stack([np.cos(wind), -np.sin(heading) * np.cos(wind)])
    )
    rise = 0.5 + 0.5 * np.sin(wind if turns else rng.uniform(1, 4) * steps + rng.uniform(0, 6))
    # A wire bends no higher than it is long; what it lies on lifts the rest.
    rise_um = min(0.9 * height_um, 0.25 * length_px * pixel_um / max(1.0, turns))
    z_um = height_um - rise_um + rise_um * rise
    path -= path.min(axis=1, keepdims=True) - (width_px + 3)
    rows, columns = (int(path[i].max() + width_px + 4) for i in (0, 1))
    cover = np.zeros((rows, columns), np.uint8)
    top = np.zeros((rows, columns), np.float32)
    brightness = np.zeros((rows, columns), np.float32)
    shade = material.brightness * np.exp(0.3 * textures.cloud(rng, (1, 48), 12.0)[0])
    shade += 0.5 * material.glint * (rng.random(48) < 0.05)
    # Fibres keep their width; chips run out into points.
    taper = np.ones(48) if kind == "fibre" else np.sin(np.pi * (0.1 + 0.85 * steps)) ** 0.5
    thick = np.maximum(1, np.round(width_px * taper)).astype(int)
    points = np.round(path.T[:, ::-1] * 16).astype(int)
    # The lower turns first, so that the higher ones lie over them.
    for i in sorted(range(47), key=lambda step: z_um[step]):
        ends = points[i].tolist(), points[i + 1].tolist()
        cv2.line(cover, *ends, 255, int(thick[i]), cv2.LINE_AA, shift=4)
        cv2.line(top, *ends, float(z_um[i]), int(thick[i]) + 3, shift=4)
        cv2.line(brightness, *ends, float(shade[i]), int(thick[i]) + 3, shift=4)
    brightness *= np.exp(0.15 * textures.cloud(rng, brightness.shape, 6.0, 2))
    opacity = np.float32(material.opacity / 255)
    return Particle(
        kind=kind,
        row=round(centre[0] - rows / 2),
        column=round(centre[1] - columns / 2),
        cover=cover.astype(np.float32) * opacity,
        brightness=np.asarray(cv2.GaussianBlur(brightness, (0, 0), 0.7), np.float32),
        top_um=top,
        stands=False,
    )


def _axes(half: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    axis = np.arange(-half, half + 1, dtype=np.float32)
    rows, columns = np.meshgrid(axis, axis, indexing="ij")
    return rows, columns


def _outline(
    reach: NDArray[np.float32],
    rows: NDArray[np.float32],
    columns: NDArray[np.float32],
    cover: NDArray[np.float32],
) -> Outline:
    return Outline(
        np.asarray(reach, np.float32), rows, columns, np.asarray(cover, dtype=np.float32)
    )
