"""Finds the peak of a focus curve between its samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

USED_ABOVE = 0.7
"""The share of the peak's height above the floor from which samples enter the fit. Particles give
the glass's peak a tail on one side; a lower share lets it pull the fit towards them."""


@dataclass(frozen=True, slots=True)
class Peak:
    """Where a focus curve is highest."""

    z_um: float
    sigma_um: float
    prominence: float
    """Height over the floor as a share of the height: 0 for a flat curve, below 1."""
    signal_to_noise: float
    """Height over the floor in units of the curve's own roughness."""
    confidence: float
    """0..1: prominence times the share of the variance that the fit explains."""
    at_end: Literal["lower", "upper"] | None
    """Set where the curve still rises at an end of the range: the peak lies beyond."""


LEAST_NOISE = 0.01
"""No sample is trusted to better than this share of the peak's height: three samples always lie
on a parabola, and would otherwise claim to be perfect."""


def find_peak(z_um: NDArray[np.float64], focus: NDArray[np.float64]) -> Peak:
    """Fit a Gaussian through the top of a focus curve.

    The logarithm of a Gaussian is a parabola: log(focus - floor) is fitted by least squares
    over the samples around the highest one that rise above `USED_ABOVE` of its height, each
    weighing (focus - floor)², because var(log f) = var(f)/f².

    Parameters
    ----------
    z_um : ndarray of shape (N,), increasing
    focus : ndarray of shape (N,)
    """
    floor = float(np.percentile(focus, 10))
    noise = _roughness(focus)
    # Three frames together outvote one that is sharp by accident.
    smooth = np.convolve(np.pad(focus, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")
    top = int(np.argmax(smooth if len(focus) >= 7 else focus))
    height = float(focus[top]) - floor
    prominence = height / max(float(focus[top]), 1e-12)
    signal_to_noise = height / max(noise, 1e-12)
    window = _around(focus - floor, top, USED_ABOVE * height)
    fit = _log_parabola(z_um[window], (focus - floor)[window], max(noise, LEAST_NOISE * height))
    at_end = _end(top, len(focus))
    if fit is None:
        spacing = float(np.median(np.diff(z_um)))
        return Peak(float(z_um[top]), spacing, prominence, signal_to_noise, 0.0, at_end)
    centre, sigma, explained = fit
    confidence = float(np.clip(prominence * explained, 0.0, 1.0))
    return Peak(centre, sigma, prominence, signal_to_noise, confidence, at_end)


def _roughness(focus: NDArray[np.float64]) -> float:
    """Return the noise of a curve from its second differences, which a smooth curve lacks.

    White noise of standard deviation s has second differences of s·√6. In a short curve they
    are the curve itself.
    """
    if len(focus) < 12:
        return 0.0
    return float(1.4826 * np.median(np.abs(np.diff(focus, 2))) / np.sqrt(6))


def _around(raised: NDArray[np.float64], top: int, threshold: float) -> slice:
    """Return the unbroken run of samples around ``top`` above the threshold, three at least."""
    first, last = top, top
    while first > 0 and raised[first - 1] > threshold:
        first -= 1
    while last < len(raised) - 1 and raised[last + 1] > threshold:
        last += 1
    if last - first < 2:
        first, last = max(0, top - 1), min(len(raised) - 1, top + 1)
    return slice(first, last + 1)


def _log_parabola(
    z_um: NDArray[np.float64], raised: NDArray[np.float64], noise: float
) -> tuple[float, float, float] | None:
    """Return centre, its sigma and the explained share of variance; None if it is no peak."""
    # Frames of a stage that stands differ by noise alone.
    if len(z_um) < 3 or raised.max() <= 0 or np.ptp(z_um) == 0:
        return None
    height = np.maximum(raised / raised.max(), 1e-3)
    origin, scale = float(z_um.mean()), float(np.ptp(z_um)) / 2
    u = (z_um - origin) / scale
    design = np.stack([np.ones_like(u), u, u**2], axis=1)
    weighted = design * height[:, None]
    coefficients, *_ = np.linalg.lstsq(weighted, height * np.log(height), rcond=None)
    _, b, a = (float(value) for value in coefficients)
    if a >= 0 or abs(b / (2 * a)) > 1.5:
        return None
    centre = -b / (2 * a)
    residual = height * (np.log(height) - design @ coefficients)
    variance = max(
        float(residual @ residual) / max(1, len(u) - 3), (noise / float(raised.max())) ** 2
    )
    covariance = np.linalg.pinv(weighted.T @ weighted) * variance
    slope = np.array([0.0, -1 / (2 * a), b / (2 * a**2)])
    sigma = float(np.sqrt(max(0.0, slope @ covariance @ slope)))
    model = np.exp(design @ coefficients)
    spread = float(np.sum((height - height.mean()) ** 2))
    explained = 1 - float(np.sum((height - model) ** 2)) / spread if spread > 0 else 0.0
    return origin + scale * centre, scale * sigma, explained


def _end(top: int, count: int) -> Literal["lower", "upper"] | None:
    if top <= 1:
        return "lower"
    return "upper" if top >= count - 2 else None
