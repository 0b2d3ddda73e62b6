"""The microscope's optics as a focus stack sees them: depth of field and blur kernels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_FULL_RESOLUTION_RADIUS_PX = 4.0
# Radii 0, 0.5, 1.2, 2.2, 3.4 ... 480 px; between two of them, blur is interpolated by variance.
_LEVEL_RADII_PX = 1.6 * (1.33 ** np.arange(21) - 1)
_TABLE_STEPS_PER_PX = 16
_TABLE_RADII_PX = np.arange(0, _LEVEL_RADII_PX[-1], 1 / _TABLE_STEPS_PER_PX)
_TABLE_LEVEL = (np.searchsorted(_LEVEL_RADII_PX, _TABLE_RADII_PX, side="right") - 1).astype(
    np.int64
)
_TABLE_WEIGHT = (
    (_TABLE_RADII_PX**2 - _LEVEL_RADII_PX[_TABLE_LEVEL] ** 2)
    / (_LEVEL_RADII_PX[_TABLE_LEVEL + 1] ** 2 - _LEVEL_RADII_PX[_TABLE_LEVEL] ** 2)
).astype(np.float32)


@dataclass(frozen=True)
class Optics:
    """A dry objective over a camera, in incoherent light.

    Parameters
    ----------
    na : float
        Numerical aperture, 0.1 to 0.8.
    pixel_um : float
        The side of a pixel at the object, µm.
    wavelength_um : float
        Mean wavelength, µm; 0.55 is green.
    softness : float
        0 for the sharp-edged disc of geometrical optics, 0.5 for a pure Gaussian of the same
        variance; aberrations and partly coherent light lie between.
    """

    na: float
    pixel_um: float
    wavelength_um: float = 0.55
    softness: float = 0.2
    _kernels: dict[tuple[float, float], NDArray[np.float32]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if not 0 < self.na < 1:
            raise ValueError(f"numerical aperture {self.na}: a dry objective has 0 < NA < 1")
        if self.pixel_um <= 0:
            raise ValueError(f"pixel size {self.pixel_um} µm: it must be positive")
        if not 0 <= self.softness <= 0.5:
            raise ValueError(f"softness {self.softness}: it lies between 0 and 0.5")

    @cached_property
    def dof_um(self) -> float:
        """Total depth of field, wave plus pixel term: λ / NA² + e / NA (Inoué and Spring)."""
        return self.wavelength_um / self.na**2 + self.pixel_um / self.na

    @cached_property
    def radius_px_per_um(self) -> float:
        """Growth of the circle of confusion: tan(asin(NA)) per µm of defocus, in pixels."""
        return math.tan(math.asin(self.na)) / self.pixel_um

    @cached_property
    def focus_sigma_px(self) -> float:
        """The Gaussian nearest to the Airy disc: sigma = 0.21 λ / NA (Zhang et al. 2007)."""
        return 0.21 * self.wavelength_um / (self.na * self.pixel_um)

    def radius_px(self, defocus_um: float) -> float:
        """Return the radius of the circle of confusion at a distance from the plane of focus."""
        return abs(defocus_um) * self.radius_px_per_um

    def reach_px(self, defocus_um: float) -> int:
        """Return how far blur spreads at a distance from the plane of focus."""
        return self._half(*self._shape(self.radius_px(defocus_um), self.focus_sigma_px)) + 1

    def kernel(self, radius_px: float, focus_sigma_px: float | None = None) -> NDArray[np.float32]:
        """Return the blur kernel: a disc softened by a Gaussian, sum 1.

        A disc of radius r has variance r² / 4 per axis. The Gaussian takes its share of that
        variance from the disc, so softness changes the shape and not the amount of blur.

        Parameters
        ----------
        radius_px : float
            Radius of the circle of confusion, pixels.
        focus_sigma_px : float, optional
            Gaussian blur in focus, pixels; by default the objective's own.

        Returns
        -------
        ndarray of shape (K, K), float32
            K odd.
        """
        focus = self.focus_sigma_px if focus_sigma_px is None else focus_sigma_px
        known = self._kernels.get((radius_px, focus))
        if known is None:
            known = self._kernels[radius_px, focus] = self._drawn(radius_px, focus)
        return known

    def _shape(self, radius_px: float, focus: float) -> tuple[float, float]:
        """Return the disc's radius and the Gaussian's deviation."""
        disc = radius_px * math.sqrt(1 - 4 * self.softness**2)
        return disc, math.hypot(focus, self.softness * radius_px)

    @staticmethod
    def _half(disc: float, sigma: float) -> int:
        return max(1, math.ceil(disc + 2.6 * sigma))

    def _drawn(self, radius_px: float, focus: float) -> NDArray[np.float32]:
        disc, sigma = self._shape(radius_px, focus)
        half = self._half(disc, sigma)
        axis = np.arange(-half, half + 1, dtype=np.float32)
        distance = np.hypot(axis[:, None], axis[None, :])
        weights = np.clip(disc + 0.5 - distance, 0, 1)
        if sigma > 0.05:
            size = (len(axis), len(axis))
            softened = cv2.GaussianBlur(weights, size, sigma, borderType=cv2.BORDER_CONSTANT)
            weights = np.asarray(softened)
        return np.asarray(weights / weights.sum(), dtype=np.float32)


class BlurredLayer:
    """A surface of the object, blurred on demand.

    A surface at one height is filtered. One of varying height is looked up: it is filtered once
    for a row of radii, and every pixel takes the radius of its own defocus. That is right to
    first order in the slope, for the rays to one pixel cross on their way through the aperture at
    that pixel, and meet the surface around it.

    Wide blurs run on a reduced copy, of which the resampling's own blur is taken off: halving
    by areas and enlarging linearly by s together add a variance of about s² / 4 per axis.

    Parameters
    ----------
    layer : ndarray of shape (H, W) or (H, W, 2), float32
    optics : Optics
    """

    def __init__(self, layer: NDArray[np.float32], optics: Optics) -> None:
        self._reduced = [layer]
        self._optics = optics
        self._levels: list[NDArray[Any]] = []
        self._table: NDArray[Any] = np.empty(0, np.float32)

    def at(self, defocus_um: float) -> NDArray[np.float32]:
        """Return the layer as it looks from `defocus_um` away, same shape as the layer."""
        return self._blurred(self._optics.radius_px(defocus_um))

    def varying(self, defocus_um: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the layer with a defocus of its own at every pixel, (H, W) µm, of any sign."""
        radius = np.abs(defocus_um.ravel())
        radius *= np.float32(self._optics.radius_px_per_um * _TABLE_STEPS_PER_PX)
        steps = np.minimum(radius, len(_TABLE_LEVEL) - 1).astype(np.int32)
        level = _TABLE_LEVEL[steps]
        table = self._table_of(int(level.max()) + 2)
        index = level * np.int64(steps.size) + np.arange(steps.size)
        below = np.take(table, index)
        below += _TABLE_WEIGHT[steps] * (np.take(table, index + steps.size) - below)
        return np.asarray(below.view(np.float32).reshape(self._reduced[0].shape))

    def _table_of(self, count: int) -> NDArray[Any]:
        if len(self._levels) < count:
            for radius in _LEVEL_RADII_PX[len(self._levels) : count]:
                level = np.ascontiguousarray(self._blurred(float(radius)))
                # Two floats that always go together travel as one complex number.
                self._levels.append(level.view(np.complex64) if level.ndim == 3 else level)
            self._table = np.concatenate([level.ravel() for level in self._levels])
        return self._table

    def _blurred(self, radius: float) -> NDArray[np.float32]:
        octave = max(0, int(math.log2(max(radius, 1e-6) / _FULL_RESOLUTION_RADIUS_PX) + 1))
        octave = min(octave, max(0, int(math.log2(min(self._reduced[0].shape[:2]))) - 2))
        if octave <= 0:
            return _filtered(self._reduced[0], self._optics.kernel(radius))
        scale = float(2**octave)
        remaining = math.sqrt(radius**2 - scale**2) / scale
        kernel = self._optics.kernel(remaining, self._optics.focus_sigma_px / scale)
        small = _filtered(self._at_octave(octave), kernel)
        height, width = self._reduced[0].shape[:2]
        return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))

    def _at_octave(self, octave: int) -> NDArray[np.float32]:
        while len(self._reduced) <= octave:
            last = self._reduced[-1]
            size = ((last.shape[1] + 1) // 2, (last.shape[0] + 1) // 2)
            halved = cv2.resize(last, size, interpolation=cv2.INTER_AREA)
            self._reduced.append(np.asarray(halved, dtype=np.float32))
        return self._reduced[octave]


def _filtered(layer: NDArray[np.float32], kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.filter2D(layer, -1, kernel, borderType=cv2.BORDER_REFLECT_101))
