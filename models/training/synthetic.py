"""Synthetic focus stacks with truth, drawn by lot from a seed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.optics import Optics
from models.training.slides import Light, draw_slide
from models.training.volume import Volume

_SLICE_PER_DOF = 0.5
# A colour camera's luma 0.299 R + 0.587 G + 0.114 B of three equally noisy channels.
_LUMA_NOISE = math.sqrt(0.299**2 + 0.587**2 + 0.114**2)


@dataclass(frozen=True, slots=True)
class StackShape:
    """How large the stacks are.

    Parameters
    ----------
    height, width : int
        Pixels of a frame.
    frames : tuple of int
        Fewest and most frames of a stack.
    """

    height: int = 256
    width: int = 455
    frames: tuple[int, int] = (8, 16)

    def __post_init__(self) -> None:
        if min(self.height, self.width) < 32:
            raise ValueError(f"frames of {self.width}x{self.height}: the shorter side needs 32")
        if not 3 <= self.frames[0] <= self.frames[1]:
            raise ValueError(f"frames {self.frames}: give 3 or more as (fewest, most)")


@dataclass(frozen=True, slots=True)
class SyntheticStack:
    """A focus stack and everything that is true about it.

    Parameters
    ----------
    luma : ndarray of shape (N, H, W), float32
        The frames as the camera delivers them, 0 to 1, in z order.
    truth : ndarray of shape (H, W), float32
        All in focus and free of noise, with the optics' resolution and vignetting.
    height_um : ndarray of shape (H, W), float32
        Height of the visible surface above the glass.
    on_particles : ndarray of shape (H, W), bool
    z_um : ndarray of shape (N,), float64
        Focus of each frame above the glass.
    optics : Optics
    light : {"reflected", "dark", "bichromatic", "transmitted"}
    """

    luma: NDArray[np.float32]
    truth: NDArray[np.float32]
    height_um: NDArray[np.float32]
    on_particles: NDArray[np.bool_]
    z_um: NDArray[np.float64]
    optics: Optics
    light: Light


def draw_stack(seed: int | tuple[int, ...], shape: StackShape | None = None) -> SyntheticStack:
    """Draw a slide, an objective and a sweep by lot, and record the stack.

    Parameters
    ----------
    seed : int or tuple of int
        The same seed and shape give the same stack.
    shape : StackShape, optional
    """
    shape = shape or StackShape()
    rng = np.random.default_rng(seed)
    optics = _draw_optics(rng)
    z_um = _draw_sweep(rng, shape, optics)
    relief_um = float(z_um[-1]) - optics.dof_um * rng.uniform(0.1, 1.0)
    slide = draw_slide(rng, shape.height, shape.width, optics.pixel_um, relief_um)
    volume = Volume(slide.glass, slide.particles, _SLICE_PER_DOF * optics.dof_um)
    camera = volume.imaged_by(optics, z_um)
    sensor = _Sensor.drawn(rng, shape, slide.light)
    drift = _drift(rng, len(z_um))
    frames = [
        sensor.record(rng, _shifted(camera.frame(z), shift))
        for z, shift in zip(z_um, drift, strict=True)
    ]
    return SyntheticStack(
        luma=np.stack(frames),
        truth=sensor.encode(camera.all_in_focus()),
        height_um=volume.height_um,
        on_particles=volume.height_um > 0,
        z_um=z_um,
        optics=optics,
        light=slide.light,
    )


def _draw_optics(rng: np.random.Generator) -> Optics:
    na = float(np.exp(rng.uniform(np.log(0.1), np.log(0.8))))
    # From finely (0.2) to coarsely (0.5) sampled; 0.25 is the Nyquist limit in incoherent light.
    pixel_um = 0.55 / na * rng.uniform(0.2, 0.5)
    return Optics(na, pixel_um, softness=rng.uniform(0, 0.45))


def _draw_sweep(rng: np.random.Generator, shape: StackShape, optics: Optics) -> NDArray[np.float64]:
    """Return the frames' z: steps of about half a depth of field, uneven by a few per cent."""
    count = int(rng.integers(shape.frames[0], shape.frames[1] + 1))
    step_um = optics.dof_um * rng.uniform(0.3, 0.75)
    start_um = -step_um * rng.uniform(0.1, min(2.5, count / 4))
    z_um = start_um + step_um * (np.arange(count) + 0.06 * rng.standard_normal(count))
    return np.sort(z_um)


def _drift(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return the frames' sideways shift in pixels, (N, 2), 0 on average."""
    if rng.random() < 0.5:
        return np.zeros((count, 2))
    walk = np.cumsum(rng.standard_normal((count, 2)), axis=0) / math.sqrt(count)
    walk += np.linspace(-1, 1, count)[:, None] * rng.standard_normal(2)
    return np.asarray((walk - walk.mean(axis=0)) * rng.uniform(0, 0.35))


def _shifted(image: NDArray[np.float32], shift: NDArray[np.float64]) -> NDArray[np.float32]:
    if not shift.any():
        return image
    matrix = np.array([[1, 0, shift[1]], [0, 1, shift[0]]])
    size = (image.shape[1], image.shape[0])
    moved = cv2.warpAffine(
        image, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(moved, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Sensor:
    """Vignetting, lamp flicker, photon and read noise, and the camera's tone curve."""

    vignette: NDArray[np.float32]
    full_well: float
    read_noise: float
    flicker: float
    noise_share: float
    curve: NDArray[np.float32]

    @classmethod
    def drawn(cls, rng: np.random.Generator, shape: StackShape, light: Light) -> _Sensor:
        rows = np.linspace(-1, 1, shape.height, dtype=np.float32)[:, None]
        columns = np.linspace(-1, 1, shape.width, dtype=np.float32)[None, :]
        centre = rng.uniform(-0.2, 0.2, 2)
        squared = ((rows - centre[0]) ** 2 + (columns - centre[1]) ** 2) / 2
        exposure = rng.uniform(0.85, 1.1) if light != "dark" else rng.uniform(0.9, 1.6)
        return cls(
            vignette=(exposure * (1 - rng.uniform(0, 0.12) * squared)).astype(np.float32),
            # Full wells of 4,000 to 40,000 electrons and 2 to 12 electrons of read noise span
            # the industrial CMOS sensors in EMVA 1288 data sheets.
            full_well=float(np.exp(rng.uniform(np.log(4e3), np.log(4e4)))),
            read_noise=rng.uniform(2, 12),
            flicker=rng.choice([0.0, 0.003, 0.01]),
            noise_share=_LUMA_NOISE if rng.random() < 0.7 else 1.0,
            curve=_tone_curve(1.0 if rng.random() < 0.25 else rng.uniform(0.4, 0.6)),
        )

    def record(self, rng: np.random.Generator, light: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return one frame's luma, 0 to 1, from linear brightness."""
        light = light * self.vignette * np.float32(1 + self.flicker * rng.standard_normal())
        np.maximum(light, 0, out=light)
        variance = light / self.full_well + (self.read_noise / self.full_well) ** 2
        noise = rng.standard_normal(light.shape, np.float32) * np.sqrt(variance)
        return self._toned(light + np.float32(self.noise_share) * noise)

    def encode(self, light: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the luma without noise or flicker."""
        return self._toned(light * self.vignette)

    def _toned(self, light: NDArray[np.float32]) -> NDArray[np.float32]:
        steps = len(self.curve) - 1
        codes = np.clip(light * steps + 0.5, 0, steps).astype(np.int32)
        return np.asarray(self.curve[codes])


def _tone_curve(exponent: float) -> NDArray[np.float32]:
    """Return a table over linear 0 to 1: a straight toe into a power curve, as in sRGB."""
    linear = np.linspace(0, 1, 16_385)
    if exponent == 1.0:
        return linear.astype(np.float32)
    toned = 1.055 * linear**exponent - 0.055
    # The toe is the tangent through 0, below the point where power and tangent meet.
    meet = (0.055 / (1.055 * (1 - exponent))) ** (1 / exponent)
    slope = 1.055 * exponent * meet ** (exponent - 1)
    return np.where(linear < meet, slope * linear, toned).astype(np.float32)
