"""The period of a stage micrometer's lines in a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from app.acquisition.pixel_size import PixelSizeError

FEWEST_LINES: Final = 5
MIN_STRENGTH: Final = 0.3
"""Share of a ruling's contrast that its lines have to explain."""
_BANDS: Final = 4
_HARMONICS: Final = 4


@dataclass(frozen=True, slots=True)
class Ruling:
    """Evenly spaced lines in a picture."""

    period_px: float
    sigma_px: float
    """Scatter of the period between parts of the picture."""
    angle_deg: float
    """Of the direction across the lines, from the picture's rows."""

    def pixel_um(self, spacing_um: float) -> float:
        """Return the side of a pixel, given the distance of the lines in µm."""
        return spacing_um / self.period_px


def find_ruling(image: NDArray[Any]) -> Ruling:
    """Find the period of the lines of a stage micrometer.

    The direction is that of the mean squared gradient (structure tensor). The picture is turned
    so that the lines stand upright and averaged along them; the period is the first high peak
    of the profile's autocorrelation, made precise by the power of the comb of its harmonics.

    Parameters
    ----------
    image : ndarray
        (H, W) or (H, W, 3) RGB.

    Raises
    ------
    PixelSizeError
        There are no such lines, or too few.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    grey = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0)
    angle = _direction(grey)
    upright = _turned(grey, angle)
    whole = _period(upright.mean(axis=0))
    bands = [_refined(band.mean(axis=0), whole) for band in np.array_split(upright, _BANDS)]
    sigma = float(np.std(bands, ddof=1) / np.sqrt(_BANDS))
    return Ruling(whole, sigma, float(np.degrees(angle)))


def _direction(grey: NDArray[Any]) -> float:
    """Return the direction of the strongest change, rad; doubled angles do not mind the sign."""
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    doubled = complex(np.sum(across * across - down * down), np.sum(2 * across * down))
    if abs(doubled) == 0:
        raise PixelSizeError("The picture is empty: focus on the lines of the stage micrometer.")
    return float(np.angle(doubled) / 2)


def _turned(grey: NDArray[Any], angle: float) -> NDArray[Any]:
    """Turn the picture so that it changes along its rows; keep what no corner has touched."""
    height, width = grey.shape
    centre = ((width - 1) / 2, (height - 1) / 2)
    matrix = cv2.getRotationMatrix2D(centre, float(np.degrees(angle)), 1.0)
    turned = cv2.warpAffine(grey, matrix, (width, height), flags=cv2.INTER_LINEAR)
    cos, sin = abs(np.cos(angle)), abs(np.sin(angle))
    side = min(width / (cos + sin * height / width), height / (cos + sin * width / height))
    keep_x, keep_y = int(side * 0.98), int(side * height / width * 0.98)
    if cos < sin:
        keep_x = keep_y = int(min(height, width) * 0.7)
    left, top = (width - keep_x) // 2, (height - keep_y) // 2
    return np.asarray(turned[max(top, 0) : top + keep_y, max(left, 0) : left + keep_x])


def _period(profile: NDArray[Any]) -> float:
    """Return the distance of the lines in a profile, in samples."""
    flat = _without_trend(profile)
    power = np.abs(np.fft.rfft(flat, 2 * len(flat))) ** 2
    likeness = np.fft.irfft(power)[: len(flat) // 2]
    likeness /= np.arange(len(flat), len(flat) - len(likeness), -1)
    peaks = np.flatnonzero((likeness[1:-1] > likeness[:-2]) & (likeness[1:-1] >= likeness[2:])) + 1
    peaks = peaks[likeness[peaks] > MIN_STRENGTH * likeness[0]]
    if not len(peaks):
        raise PixelSizeError(
            "No evenly spaced lines were found: focus on the stage micrometer, and let its lines "
            "fill the picture."
        )
    # Longer lines at every fifth and tenth place are more alike; the first high peak is one step.
    first = int(peaks[likeness[peaks] > 0.6 * likeness[peaks].max()][0])
    if len(flat) / first < FEWEST_LINES:
        raise PixelSizeError(
            f"Only {len(flat) / first:.0f} lines are in the picture, and {FEWEST_LINES} are "
            "needed: use a weaker objective or a finer ruling."
        )
    return _refined(profile, float(first), off_by=1.0)


def _refined(profile: NDArray[Any], period: float, off_by: float = 0.0) -> float:
    """Find the period near a guess, at most ``off_by`` away, whose comb explains most."""
    flat = _without_trend(profile) * np.hanning(len(profile))
    place = np.arange(len(flat))

    def power(candidate: float) -> float:
        turns = np.exp(-2j * np.pi * np.outer(np.arange(1, _HARMONICS + 1) / candidate, place))
        return float(np.sum(np.abs(turns @ flat) ** 2))

    # A change of the period is seen once the last line has moved by a part of it.
    step = 0.25 * period / (len(flat) / period)
    reach = max(off_by / step, 4.0)
    for _ in range(6):
        candidates = period + step * np.arange(-np.ceil(reach), np.ceil(reach) + 1)
        period = float(candidates[np.argmax([power(each) for each in candidates])])
        step, reach = step / 4, 4.0
    return period


def _without_trend(profile: NDArray[Any]) -> NDArray[np.float64]:
    """Take away what is wider than a tenth of the picture: lighting."""
    values = profile.astype(np.float64)
    sigma = max(len(values) / 10, 1.0)
    trend = cv2.GaussianBlur(values[None, :], (0, 0), sigma, borderType=cv2.BORDER_REFLECT)[0]
    return np.asarray(values - trend, np.float64)
