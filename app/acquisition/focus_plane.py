"""Where the next field will be in focus, from the fields before it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SURE_IN_DEPTHS_OF_FIELD = 10.0
"""Particles stand up to some ten depths of field high; where among them a field is sharpest
differs from field to field by as much."""
RESIDUALS = 3.0
"""How many RMS distances of the fields from the plane to search."""
TILT = 2e-3
"""Slope that the plane may be wrong by: 0.1 µm per 50 µm, a slide on a grain of dust."""


@dataclass(frozen=True, slots=True)
class FocusedField:
    """A field whose focus is known."""

    x_um: float
    y_um: float
    z_um: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """Where to look for focus."""

    z_um: float
    half_um: float
    """How far to either side."""

    @property
    def search_um(self) -> tuple[float, float]:
        """The range to search."""
        return self.z_um - self.half_um, self.z_um + self.half_um


def predict_focus(
    earlier: Sequence[FocusedField],
    x_um: float,
    y_um: float,
    *,
    depth_of_field_um: float,
    widest_um: float,
) -> Prediction | None:
    """Fit a plane through earlier fields and read it at the next one.

    Of all planes that fit equally well, the flattest is taken: one field gives a level plane,
    fields in a row give the slope along that row alone.

    Parameters
    ----------
    earlier : sequence of FocusedField
    x_um, y_um : float
        Of the next field.
    depth_of_field_um : float
    widest_um : float
        How far to either side to look where nothing is known.

    Returns
    -------
    Prediction or None
        None without earlier fields.
    """
    if not earlier:
        return None
    points = np.array([(field.x_um, field.y_um) for field in earlier])
    z_um = np.array([field.z_um for field in earlier])
    middle, z_middle = points.mean(axis=0), float(z_um.mean())
    slope = np.linalg.lstsq(points - middle, z_um - z_middle, rcond=1e-6)[0]
    predicted = z_middle + float(np.dot(np.array([x_um, y_um]) - middle, slope))
    residual = float(np.sqrt(np.mean((z_um - z_middle - (points - middle) @ slope) ** 2)))
    nearest_um = min(math.hypot(x_um - f.x_um, y_um - f.y_um) for f in earlier)
    half_um = SURE_IN_DEPTHS_OF_FIELD * depth_of_field_um + RESIDUALS * residual + TILT * nearest_um
    return Prediction(predicted, min(half_um, widest_um))
