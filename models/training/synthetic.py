"""Synthetic focus stacks with truth, drawn by lot from a seed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.materials import Light
from models.training.optics import Optics
from models.training.slides import draw_slide
from models.training.volume import Volume

_SLICE_PER_DOF = 0.3
_STEP_PER_DOF = (0.15, 0.9)
_SMEAR = np.array([0.25, 0.5, 0.25], np.float32)
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
    z_um, relief_um = _draw_sweep(rng, shape, optics)
    slide = draw_slide(rng, shape.height, shape.width, optics.pixel_um, relief_um)
    slice_um = _SLICE_PER_DOF * optics.dof_um
    volume = Volume(slide.glass, slide.particles, slice_um, slide.ground_um)
    camera = volume.imaged_by(optics, z_um)
    truth = camera.all_in_focus()
    sensor = _Sensor.drawn(rng, truth, bare=slide.ground_um is None)
    drift, lamp = _drift(rng, len(z_um)), _lamp(rng, len(z_um))
    growth = _growth(rng, len(z_um))
    frames = [
        sensor.record(rng, _moved(camera.frame(z), shift, larger), brightness)
        for z, shift, larger, brightness in zip(z_um, drift, growth, lamp, strict=True)
    ]
    return SyntheticStack(
        luma=np.stack(frames),
        truth=sensor.encode(truth),
        height_um=volume.height_um,
        on_particles=volume.height_um > 0,
        z_um=z_um,
        optics=optics,
        light=slide.light,
    )


def _draw_optics(rng: np.random.Generator) -> Optics:
    # Half of the slides are seen through the stronger objectives, where relief matters most.
    weakest = 0.1 if rng.random() < 0.5 else 0.25
    na = float(np.exp(rng.uniform(np.log(weakest), np.log(0.8))))
    # From finely (0.2) to coarsely (0.5) sampled; 0.25 is the Nyquist limit in incoherent light.
    pixel_um = 0.55 / na * rng.uniform(0.2, 0.5)
    return Optics(na, pixel_um, softness=rng.uniform(0, 0.35))


def _draw_sweep(
    rng: np.random.Generator, shape: StackShape, optics: Optics
) -> tuple[NDArray[np.float64], float]:
    """Return the frames' z, uneven by a few per cent, and the height of the tallest particle.

    The steps suit the depth of field, and the sweep the relief, as an operator plans it; one
    sweep in ten starts too high or ends too low.
    """
    count = int(rng.integers(shape.frames[0], shape.frames[1] + 1))
    finest, coarsest = np.log(_STEP_PER_DOF)
    step_um = optics.dof_um * float(np.exp(rng.uniform(finest, coarsest)))
    start_um = -min(optics.dof_um * rng.uniform(0.1, 1.5), step_um * count / 4)
    spare_um = min(optics.dof_um * rng.uniform(0.1, 1.5), step_um * count / 4)
    missed = rng.random()
    if missed < 0.05:
        start_um = optics.dof_um * rng.uniform(0.2, 1.0)
    elif missed < 0.1:
        spare_um = -0.15 * step_um * count * rng.random()
    unevenness = rng.choice([0.0, 0.06, 0.2], p=[0.3, 0.5, 0.2])
    z_um = start_um + step_um * (np.arange(count) + unevenness * rng.uniform(-1.7, 1.7, count))
    z_um = np.sort(z_um)
    return z_um, float(z_um[-1]) - spare_um


def _drift(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return the frames' sideways shift in pixels, (N, 2), 0 on average."""
    if rng.random() < 0.5:
        return np.zeros((count, 2))
    shift = rng.standard_normal((count, 2)) * rng.random()
    shift += np.cumsum(rng.standard_normal((count, 2)), axis=0) / math.sqrt(count)
    shift += np.linspace(-1, 1, count)[:, None] * rng.standard_normal(2)
    strength = rng.uniform(0, 0.3) if rng.random() < 0.85 else rng.uniform(0.3, 0.7)
    return np.asarray((shift - shift.mean(axis=0)) * strength)


def _lamp(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return the lamp's brightness in each frame, 1 on average: flicker, wander and ramp."""
    strength = rng.choice([0.0, 0.003, 0.006, 0.02], p=[0.2, 0.3, 0.35, 0.15])
    brightness = rng.standard_normal(count) * rng.random()
    brightness += np.cumsum(rng.standard_normal(count)) / math.sqrt(count)
    brightness *= strength
    if rng.random() < 0.2:
        brightness += rng.uniform(-0.04, 0.04) * np.linspace(-1, 1, count)
    return np.asarray(1 + brightness - brightness.mean())


def _growth(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return the frames' magnification, 1 on average: optics that are not telecentric breathe."""
    if rng.random() < 0.7:
        return np.ones(count)
    return 1 + rng.normal(0, 1e-3) * np.linspace(-1, 1, count)


def _moved(
    image: NDArray[np.float32], shift: NDArray[np.float64], larger: float
) -> NDArray[np.float32]:
    if not shift.any() and larger == 1.0:
        return image
    height, width = image.shape
    down, right = shift + (1 - larger) * (np.array([height, width]) - 1) / 2
    matrix = np.array([[larger, 0, right], [0, larger, down]])
    moved = cv2.warpAffine(
        image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(moved, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Sensor:
    """Vignetting, noise, the camera's tone curve, its digits, and its compression.

    Besides photon and read noise there may be grain where the scene has contrast, as sharpening,
    coarse colour mosaics and rendering by lot leave it, and demosaicing may smear the noise.
    """

    vignette: NDArray[np.float32]
    full_well: float
    read_noise: float
    noise_share: float
    smear: bool
    grain: NDArray[np.float32] | None
    curve: NDArray[np.float32]
    digits: int
    quality: int | None

    @classmethod
    def drawn(cls, rng: np.random.Generator, scene: NDArray[np.float32], *, bare: bool) -> _Sensor:
        height, width = scene.shape
        rows = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
        columns = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
        centre = rng.uniform(-0.3, 0.3, 2)
        squared = ((rows - centre[0]) ** 2 + (columns - centre[1]) ** 2) / 2
        exposure = rng.uniform(0.85, 1.1)
        if not bare:
            # From exposed for the brightest to exposed for the mean, where much burns out.
            exposure = rng.uniform(0.5, 1.1) / float(np.quantile(scene, rng.uniform(0.6, 0.995)))
        falloff = rng.uniform(0, 0.12) if rng.random() < 0.8 else rng.uniform(0.1, 0.4)
        coloured = rng.random() < 0.8
        return cls(
            vignette=(exposure * (1 - falloff * squared)).astype(np.float32),
            # Full wells of 3,000 to 15,000 electrons and 2 to 10 electrons of read noise span what
            # EMVA 1288 data sheets give for industrial CMOS sensors, some of it lost to gain where
            # a sweep leaves little time for an exposure; stills cameras average.
            full_well=float(np.exp(rng.uniform(np.log(3e3), np.log(1.5e4))))
            * (20.0 if rng.random() < 0.1 else 1.0),
            read_noise=rng.uniform(2, 10),
            noise_share=_LUMA_NOISE if coloured else 1.0,
            smear=bool(rng.random() < 0.2),
            grain=_contrast(scene) * np.float32(rng.uniform(0.03, 0.15))
            if rng.random() < 0.7
            else None,
            curve=_tone_curve(1.0 if rng.random() < 0.15 else rng.uniform(0.38, 0.6)),
            # The luma of three channels of 8 bits has steps finer than theirs.
            digits=1023 if coloured else int(rng.choice([255, 4095])),
            quality=int(rng.integers(75, 97)) if rng.random() < 0.12 else None,
        )

    def record(
        self, rng: np.random.Generator, light: NDArray[np.float32], lamp: float
    ) -> NDArray[np.float32]:
        """Return one frame's luma, 0 to 1, from linear brightness."""
        light = light * self.vignette
        light *= np.float32(lamp)
        np.maximum(light, 0, out=light)
        variance = light / self.full_well + (self.read_noise / self.full_well) ** 2
        variance *= np.float32(self.noise_share**2)
        if self.grain is not None:
            variance += self.grain**2
        noise = rng.standard_normal(light.shape, np.float32) * np.sqrt(variance)
        if self.smear:
            noise = np.asarray(cv2.sepFilter2D(noise, -1, _SMEAR, _SMEAR), np.float32)
        luma = self._toned(light + noise)
        if self.quality is not None:
            return _compressed(luma, self.quality)
        return np.asarray(np.rint(luma * self.digits) / np.float32(self.digits))

    def encode(self, light: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the luma without noise or digits."""
        return self._toned(light * self.vignette)

    def _toned(self, light: NDArray[np.float32]) -> NDArray[np.float32]:
        steps = len(self.curve) - 1
        codes = np.clip(light * steps + 0.5, 0, steps).astype(np.int32)
        return np.asarray(self.curve[codes])


def _contrast(scene: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the scene's deviation from its surroundings, a few pixels wide."""
    mean, squares = (cv2.boxFilter(image, -1, (13, 13)) for image in (scene, scene * scene))
    variance = np.asarray(squares - mean * mean, np.float32)
    return np.sqrt(np.maximum(variance, 0))


def _compressed(luma: NDArray[np.float32], quality: int) -> NDArray[np.float32]:
    codes = np.rint(luma * 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", codes, [cv2.IMWRITE_JPEG_QUALITY, quality])
    unpacked = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.float32)
    return unpacked / np.float32(255)


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
