"""How close a fused image and a height map come to the truth, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.evaluation.levels import eight_bit, grey_levels
from models.evaluation.metrics import psnr
from models.evaluation.stack_folder import EvaluationStack

RIM_PX = 10
"""How far around the particles halos are looked for."""
_WINDOW_PX, _SIGMA_PX = 11, 1.5
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


@dataclass(frozen=True, slots=True)
class TruthScores:
    """Distance from the truth; None where there is no pixel to measure on.

    PSNR in dB over the RGB values in 8 bit, SSIM on their luma in whole levels.
    """

    psnr_db: float
    psnr_particles_db: float | None
    psnr_rim_db: float | None
    ssim: float | None
    ssim_particles: float | None
    ssim_rim: float | None


@dataclass(frozen=True, slots=True)
class HeightScores:
    """Error of a height map on particles, µm.

    Height map and truth are on the scale of the frames' z, so nothing is taken off before the
    absolute errors; a common offset shows by itself as the bias.
    """

    mean_um: float
    """Mean absolute error."""
    p95_um: float
    """95th percentile of the absolute error."""
    bias_um: float
    """Median of the signed error."""


def truth_scores(image: NDArray[Any], stack: EvaluationStack) -> TruthScores | None:
    """Compare a fused image with the truth on the whole image, on particles, on their rim.

    Parameters
    ----------
    image : ndarray
        Shape of the stack's frames; uint8, or uint16 with the frames' white.
    stack : EvaluationStack

    Returns
    -------
    TruthScores or None
        None where the truth is not known. Without labels only the whole image is scored.
    """
    if stack.truth is None:
        return None
    seen, truth = eight_bit(image, stack.white), stack.truth
    particles, rim = (None, None) if stack.labels is None else particles_and_rim(stack.labels)
    similarity = ssim_map(seen, truth)
    return TruthScores(
        psnr_db=psnr(seen, truth),
        psnr_particles_db=_psnr_on(particles, seen, truth),
        psnr_rim_db=_psnr_on(rim, seen, truth),
        ssim=float(similarity.mean()) if similarity.size else None,
        ssim_particles=_mean_on(particles, similarity),
        ssim_rim=_mean_on(rim, similarity),
    )


def height_scores(height_um: NDArray[Any] | None, stack: EvaluationStack) -> HeightScores | None:
    """Compare a height map with the true one where particles are.

    Returns
    -------
    HeightScores or None
        None without a height map, a true one, or a particle.
    """
    if height_um is None or stack.height_um is None or stack.labels is None:
        return None
    on_particles = stack.labels > 0
    if not on_particles.any():
        return None
    error = (height_um.astype(np.float64) - stack.height_um)[on_particles]
    return HeightScores(
        mean_um=float(np.abs(error).mean()),
        p95_um=float(np.percentile(np.abs(error), 95)),
        bias_um=float(np.median(error)),
    )


def particles_and_rim(
    labels: NDArray[np.integer[Any]],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where particles are, and the glass within 10 pixels of one, where halos show.

    Parameters
    ----------
    labels : ndarray of shape (H, W)
        0 is glass.

    Returns
    -------
    particles, rim : ndarray of shape (H, W), bool
    """
    particles = labels > 0
    if not particles.any():
        return particles, particles
    glass = (~particles).astype(np.uint8)
    distance = cv2.distanceTransform(glass, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return particles, ~particles & (distance <= RIM_PX)


def ssim_map(image: NDArray[np.uint8], truth: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the structural similarity around every pixel (Wang et al. 2004, eq. 13).

    11x11 Gaussian window of sigma 1.5, K1 = 0.01, K2 = 0.03, on the luma in whole levels.

    Parameters
    ----------
    image, truth : ndarray of shape (H, W) or (H, W, 3), uint8

    Returns
    -------
    ndarray of shape (H - 10, W - 10), float64
        -1..1, of the windows that lie wholly inside; empty where none does.
    """
    x, y = grey_levels(image), grey_levels(truth)
    mean_x, mean_y = _window_mean(x), _window_mean(y)
    var_x = _window_mean(x * x) - mean_x**2
    var_y = _window_mean(y * y) - mean_y**2
    covariance = _window_mean(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + _C1) / (mean_x**2 + mean_y**2 + _C1)
    structure = (2 * covariance + _C2) / (var_x + var_y + _C2)
    return np.asarray(luminance * structure)


def _window_mean(image: NDArray[np.float64]) -> NDArray[np.float64]:
    mean = cv2.GaussianBlur(
        image, (_WINDOW_PX, _WINDOW_PX), _SIGMA_PX, borderType=cv2.BORDER_REFLECT
    )
    return np.asarray(_inside(mean), dtype=np.float64)


def _inside(values: NDArray[Any]) -> NDArray[Any]:
    margin = _WINDOW_PX // 2
    return values[margin:-margin, margin:-margin]


def _psnr_on(
    mask: NDArray[np.bool_] | None, image: NDArray[np.uint8], truth: NDArray[np.uint8]
) -> float | None:
    if mask is None or not mask.any():
        return None
    return psnr(image[mask], truth[mask])


def _mean_on(mask: NDArray[np.bool_] | None, values: NDArray[np.float64]) -> float | None:
    """Return the mean of the map where the window's centre is on the mask."""
    if mask is None or not _inside(mask).any():
        return None
    return float(values[_inside(mask)].mean())
