"""The slide on the stage, seen through the objective from wherever the stage stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.simulated.focal_volume import FocalVolume
from drivers.simulated.layered_slide import MAX_LEVEL
from drivers.simulated.motion import Vector
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.slide import empty_slide, make_slide
from drivers.simulated.texture import FloatImage

_MOST_CUTS = 8
"""A field that slides by during the exposure is the mean of at most so many pictures."""

_HIGHEST_IN_DEPTHS_OF_FIELD = 10.0
"""No particle is higher: nobody looks at a 40 µm block through a 100x objective."""


class Scene:
    """A slide under the microscope.

    Making it takes some seconds: the focal volume is worked out.

    Parameters
    ----------
    settings : SimulationSettings
        The slide's seed and place, the objective, the field.
    """

    def __init__(self, settings: SimulationSettings) -> None:
        self._settings = settings
        optics = settings.optics
        top_um = min(
            settings.max_particle_um, _HIGHEST_IN_DEPTHS_OF_FIELD * optics.depth_of_field_um
        )
        shape = (
            _slide_side(settings.height, settings.slide_fields[1]),
            _slide_side(settings.width, settings.slide_fields[0]),
        )
        if settings.empty:
            slide = empty_slide(shape)
        else:
            slide = make_slide(settings.seed, shape, settings.pixel_um, top_um)
        self.volume = FocalVolume(slide, optics)

    def glass_z_um(self, x_um: float, y_um: float) -> float:
        """Return the stage z at which the glass of a field is in focus."""
        slope_x, slope_y = self._settings.tilt
        middle_x, middle_y = (side / 2 for side in self._settings.travel_um[:2])
        tilt_um = slope_x * (x_um - middle_x) + slope_y * (y_um - middle_y)
        return self._settings.glass_z_um + tilt_um

    def radiance(self, path: Sequence[Vector]) -> FloatImage:
        """Return the mean light during an exposure.

        Parameters
        ----------
        path : sequence of tuple of float
            Stage positions at equally spaced times of the exposure, in µm.

        Returns
        -------
        ndarray of shape (H, W, 3), float32
            As from `FocalVolume.field`.
        """
        heights = [z - self.glass_z_um(x, y) for x, y, z in path]
        (x0, y0, _), (x1, y1, _) = path[0], path[-1]
        slid_px = math.hypot(x1 - x0, y1 - y0) / self._settings.pixel_um
        cuts = min(max(round(slid_px), 1), _MOST_CUTS, max(len(path) - 1, 1))
        bounds = np.linspace(0, len(path) - 1, cuts + 1).round().astype(int).tolist()
        mean: FloatImage | None = None
        for number, (first, last) in enumerate(pairwise(bounds), 1):
            x, y, _ = path[(first + last) // 2]
            light = self.field(x, y, self.volume.weights(heights[first : last + 1]))
            if mean is None:
                mean = light
            else:
                cv2.accumulateWeighted(light, mean, 1 / number)
        assert mean is not None
        return mean

    def field(self, x_um: float, y_um: float, weights: NDArray[np.float64]) -> FloatImage:
        """Return the mean of the focal volume's pictures in the field around a stage position."""
        return self.volume.field(*self._corner(x_um, y_um), self._shape, weights)

    def height_um(self, x_um: float, y_um: float) -> FloatImage:
        """Return the (H, W) heights above the glass in the field around a stage position."""
        column, row = self._corner(x_um, y_um)
        heights = self.volume.slide.height_um
        rows = np.arange(row, row + self._shape[0]) % heights.shape[0]
        columns = np.arange(column, column + self._shape[1]) % heights.shape[1]
        return heights[np.ix_(rows, columns)]

    @property
    def _shape(self) -> tuple[int, int]:
        return self._settings.height, self._settings.width

    def _corner(self, x_um: float, y_um: float) -> tuple[int, int]:
        """Return the column and row of the field's upper left pixel."""
        pixel_um = self._settings.pixel_um
        height, width = self._shape
        return round(x_um / pixel_um - width / 2), round(y_um / pixel_um - height / 2)


def _slide_side(field_side: int, fields: float) -> int:
    """Return a side in pixels that can be halved often enough."""
    unit: int = 2**MAX_LEVEL
    units = max(round(field_side * fields / unit), math.ceil(field_side / unit))
    return units * unit
