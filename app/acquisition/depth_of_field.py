"""How far a point may lie from the focus plane and still look sharp."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.profiles import WAVELENGTH_UM, Objective


@dataclass(frozen=True, slots=True)
class DepthOfField:
    """How far a point may lie from the focus plane and still look sharp."""

    wave_um: float
    """From diffraction."""
    geometric_um: float
    """From the size of a pixel."""

    @property
    def total_um(self) -> float:
        """Both together."""
        return self.wave_um + self.geometric_um


def depth_of_field(
    objective: Objective,
    sensor_pixel_um: float,
    wavelength_um: float = WAVELENGTH_UM,
    *,
    paraxial: bool | None = None,
) -> DepthOfField:
    """Return the depth of field of an objective on a sensor.

    Parameters
    ----------
    objective : Objective
    sensor_pixel_um : float
        Pitch of the sensor's pixels, e.
    wavelength_um : float
    paraxial : bool, optional
        True for the wave term λ·n/NA² (S. Inoué, K. Spring, *Video Microscopy*, 2nd ed., 1997),
        False for λ / (2n·(1-√(1-(NA/n)²))), a quarter wave to either side without the paraxial
        approximation (M. Born, E. Wolf, *Principles of Optics*, sec. 8.8). By default the
        smaller: for NA 0.65 and above the paraxial one promises 13 to 28 % too much.

    Returns
    -------
    DepthOfField
        With the geometric term n·e/(M·NA), same source.
    """
    n, na = objective.immersion_index, objective.na
    simple_um = wavelength_um * n / na**2
    exact_um = wavelength_um / (2 * n * (1 - math.sqrt(1 - (na / n) ** 2)))
    wave_um = {True: simple_um, False: exact_um, None: min(simple_um, exact_um)}[paraxial]
    return DepthOfField(wave_um, n * sensor_pixel_um / (objective.magnification * na))
