"""From moves of the stage and shifts of the picture to the side of a pixel and the camera's turn.

Along each axis of the stage the shift is a straight line over the way; its slope is a direction in
the picture and a scale. Errors of a single picture do not grow with the way, so that the slope is
known the better the longer the ways are.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.acquisition.pixel_size import PixelSize, PixelSizeError
from app.orientation import OrientationError, orientation_of

FEWEST_PICTURES: Final = 6
"""On a line; fewer do not tell how well they agree."""
MAX_ASYMMETRY: Final = 0.05
"""Pixels are square: sides that differ by more mean that a unit of an axis is wrong."""
MAX_SIGMA: Final = 0.005
"""Of the pixel; what is known less well was not measured but guessed."""
_OUTLIER: Final = 4.0
"""Standard deviations."""
_MAD_SIGMAS: Final = 1.4826
"""Standard deviations of a normal distribution in a median absolute deviation."""
_ROUNDING_PX: Final = 1 / 12**0.5
"""What rounding to whole pixels makes: no picture is believed to be placed better. Registration is
drawn to whole pixels, and where the stage's steps are close to a multiple of them, nothing of that
shows as scatter."""


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """What was seen along one axis of the stage."""

    way_um: NDArray[np.float64]
    """(N,) where the stage read back that it stood, from where the first picture was taken."""
    shift_px: NDArray[np.complex128]
    """(N,) how far the picture lay from the first one: columns + i rows."""
    error_px: NDArray[np.float64]
    """(N,) standard error of each shift, as registration tells."""


@dataclass(frozen=True, slots=True)
class AxisLine:
    """How the picture shifts along one axis of the stage."""

    slope: complex
    """Pixels per µm: columns + i rows."""
    sigma: float
    """Of its modulus."""
    scatter_px: float
    """RMS deviation from the line, along it."""
    used: int
    dropped: int
    """Pictures that fit and that do not."""

    @property
    def pixel_um(self) -> float:
        """The side of a pixel."""
        return 1 / abs(self.slope)

    @property
    def relative_sigma(self) -> float:
        """Of slope and side alike."""
        return self.sigma / abs(self.slope)


def fit_line(ways: Ways) -> AxisLine:
    """Fit a straight line, without the pictures that lie off it.

    The scale is judged by the deviations along the line only: those across it may be far smaller.

    Raises
    ------
    PixelSizeError
        Too few pictures agree.
    """
    kept = _on_line(ways)
    if np.count_nonzero(kept) < FEWEST_PICTURES:
        raise PixelSizeError(
            f"Only {np.count_nonzero(kept)} of {len(kept)} pictures agree on how they follow the "
            "stage: focus on something with many edges that is fixed to the slide."
        )
    way_um, shift_px = ways.way_um[kept], ways.shift_px[kept]
    arm_um = way_um - way_um.mean()
    slope = complex(arm_um @ shift_px / (arm_um @ arm_um))
    misses = shift_px - shift_px.mean() - slope * arm_um
    along = (misses * cmath.exp(-1j * cmath.phase(slope))).real
    scatter_px = float(np.sqrt(along @ along / (len(along) - 2)))
    told_px = float(np.sqrt(np.mean(ways.error_px[kept] ** 2)))
    sigma = max(scatter_px, told_px, _ROUNDING_PX) / float(np.sqrt(arm_um @ arm_um))
    return AxisLine(slope, sigma, scatter_px, len(along), len(kept) - len(along))


def _on_line(ways: Ways) -> NDArray[np.bool_]:
    """Return which pictures lie near the line through most of them.

    That line is found by the medians of Theil and Sen, which up to 29 % of outliers do not bend.
    """
    one, other = np.triu_indices(len(ways.way_um), 1)
    apart_um = ways.way_um[other] - ways.way_um[one]
    slopes = (ways.shift_px[other] - ways.shift_px[one])[apart_um != 0] / apart_um[apart_um != 0]
    if not len(slopes):
        return np.zeros(len(ways.way_um), bool)
    rest = ways.shift_px - _median(slopes) * ways.way_um
    misses = np.abs(rest - _median(rest))
    return misses <= _OUTLIER * max(_MAD_SIGMAS * float(np.median(misses)), _ROUNDING_PX)


def _median(values: NDArray[np.complex128]) -> complex:
    return complex(float(np.median(values.real)), float(np.median(values.imag)))


def pixel_from_lines(x: AxisLine, y: AxisLine) -> PixelSize:
    """Return the side of a pixel on which both axes of the stage agree.

    The mean is weighted by the variances; where the axes differ by more than their sigmas allow,
    that of the mean grows by the Birge ratio (R. T. Birge, Phys. Rev. 40, 1932, p. 207).

    Raises
    ------
    PixelSizeError
        The axes do not agree, the camera is not mounted along them, or nothing is known well.
    """
    apart = math.log(x.pixel_um / y.pixel_um)
    if abs(apart) > MAX_ASYMMETRY:
        raise PixelSizeError(
            f"Along one axis the picture moves {100 * math.expm1(abs(apart)):.0f} % further than "
            "along the other: check um_per_unit of x and y in the profile."
        )
    weights = np.array([x.relative_sigma**-2, y.relative_sigma**-2])
    mean = float(weights @ np.log([x.pixel_um, y.pixel_um]) / weights.sum())
    birge = abs(apart) / math.hypot(x.relative_sigma, y.relative_sigma)
    relative = max(1.0, birge) / math.sqrt(float(weights.sum()))
    pixel_um = math.exp(mean)
    if relative > MAX_SIGMA:
        raise PixelSizeError(
            f"The pixel would be {pixel_um:.5f} µm, but known to {100 * relative:.1f} % only: "
            "focus on a field with more sharp edges, and see that both axes move it evenly."
        )
    # What lies under the objective shifts against the stage's move.
    to_picture = np.array([[x.slope.real, y.slope.real], [x.slope.imag, y.slope.imag]])
    try:
        orientation, askew_deg = orientation_of(-np.linalg.inv(to_picture))
    except OrientationError as error:
        raise PixelSizeError(f"The pixel is {pixel_um:.5f} µm, but {error}.") from error
    between_deg = abs(math.degrees(cmath.phase(y.slope / x.slope)))
    how = (
        f"{x.used + y.used} pictures, scatter {max(x.scatter_px, y.scatter_px):.2f} pixels, "
        f"{x.dropped + y.dropped} dropped; x says {x.pixel_um:.5f} and y {y.pixel_um:.5f} µm, "
        f"{between_deg:.2f}° from each other; the camera is {orientation}, "
        f"{abs(askew_deg):.2f}° askew"
    )
    return PixelSize(pixel_um, pixel_um * relative, how, orientation)
