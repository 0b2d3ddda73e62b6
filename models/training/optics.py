"""The microscope's optics as a focus stack sees them: depth of field and blur kernels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

_FULL_RESOLUTION_RADIUS_PX = 4.0


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

    def _drawn(self, radius_px: float, focus: float) -> NDArray[np.float32]:
        disc = radius_px * math.sqrt(1 - 4 * self.softness**2)
        sigma = math.hypot(focus, self.softness * radius_px)
        half = max(1, math.ceil(disc + 2.6 * sigma))
        axis = np.arange(-half, half + 1, dtype=np.float32)
        distance = np.hypot(axis[:, None], axis[None, :])
        weights = np.clip(disc + 0.5 - distance, 0, 1)
        if sigma > 0.05:
            size = (len(axis), len(axis))
            softened = cv2.GaussianBlur(weights, size, sigma, borderType=cv2.BORDER_CONSTANT)
            weights = np.asarray(softened)
        return np.asarray(weights / weights.sum(), dtype=np.float32)


class BlurredLayer:
    """One flat layer of the object, blurred on demand.

    Wide blurs run on a reduced copy, of which the resampling's own blur is taken off: halving
    by areas and enlarging linearly by s together add a variance of about s² / 4 per axis.

    Parameters
    ----------
    layer : ndarray of shape (H, W) or (H, W, C), float32
    optics : Optics
    """

    def __init__(self, layer: NDArray[np.float32], optics: Optics) -> None:
        self._reduced = [layer]
        self._optics = optics

    def at(self, defocus_um: float) -> NDArray[np.float32]:
        """Return the layer as it looks from `defocus_um` away, same shape as the layer."""
        radius = self._optics.radius_px(defocus_um)
        octave = max(0, int(math.log2(max(radius, 1e-6) / _FULL_RESOLUTION_RADIUS_PX) + 1))
        octave = min(octave, int(math.log2(min(self._reduced[0].shape[:2]))) - 2)
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
