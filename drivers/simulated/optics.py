"""An objective in numbers: how deep it sees sharply and how far it blurs."""

from __future__ import annotations

import math
from dataclasses import dataclass

_HALVE_AT_PX = 2.0
"""A picture blurred by this deviation loses nothing visible at half the resolution."""


@dataclass(frozen=True, slots=True)
class Optics:
    """An objective in air and the pixels behind it."""

    na: float
    pixel_um: float
    """Side of a pixel at the object."""
    wavelength_um: float = 0.55

    @property
    def depth_of_field_um(self) -> float:
        """λ/NA² + e/(M·NA): the wave and the geometric term, e/M being the pixel at the object."""
        return self.wavelength_um / self.na**2 + self.pixel_um / self.na

    @property
    def airy_px(self) -> float:
        """Deviation of the point spread in focus: 0.21 λ/NA.

        A Gaussian fitted to the core of the Airy pattern; Zhang, Zerubia and Olivo-Marin,
        Applied Optics 46 (2007) 1819.
        """
        return 0.21 * self.wavelength_um / self.na / self.pixel_um

    @property
    def disc_px_per_um(self) -> float:
        """Deviation of the defocus disc per µm of defocus.

        The light cone cuts the focal plane in a disc of radius defocus · tan(asin NA), whose
        deviation along one axis is half its radius.
        """
        return 0.5 * math.tan(math.asin(self.na)) / self.pixel_um

    def sigma_px(self, defocus_um: float) -> float:
        """Return the standard deviation of the point spread in pixels."""
        return math.hypot(self.disc_px_per_um * defocus_um, self.airy_px)

    def level(self, defocus_um: float) -> int:
        """Return how often a picture so far out of focus may be halved."""
        return max(math.floor(math.log2(self.sigma_px(defocus_um) / _HALVE_AT_PX)) + 1, 0)

    def level_reach_um(self, level: int) -> float:
        """Return the defocus up to which a picture must not be halved more than ``level`` times."""
        sigma = _HALVE_AT_PX * 2**level
        return math.sqrt(max(sigma**2 - self.airy_px**2, 0.0)) / self.disc_px_per_um
