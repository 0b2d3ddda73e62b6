"""Q_cb: how much of the contrast that the eye sees in the sources the fused image keeps."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from models.evaluation.metrics.source_check import require_sources

PIXELS_PER_UNIT = 30
"""An image of W pixels reaches W / 30 in the sensitivity's unit of frequency (Z. Liu's code)."""


def q_cb(sources: NDArray[np.float64], fused: NDArray[np.float64]) -> float:
    """How much of the frames' visible contrast the fused image keeps (Chen and Blum 2009).

    Extended to n frames as in eq. 22 of the paper, with squared contrasts as weights above and
    below the line. Computed as in the toolbox by Z. Liu (2012), which is what published figures
    rest on: a difference of Gaussians for the eye's contrast sensitivity, local contrast after
    Peli (1990) of two Gaussians of sigma 2 and 4, zero padding.

    Parameters
    ----------
    sources : ndarray of shape (N, H, W), float64
        Grey frames in 0..255.
    fused : ndarray of shape (H, W), float64
        In 0..255.

    Returns
    -------
    float
        0..1; 1 for a perfect copy. Each image is stretched to 0..255 by itself, so brightness and
        gain do not matter. A constant image has no contrast. Where fused image and frame both have
        none it is kept; where no frame has any, all frames count the same.

    Raises
    ------
    ValueError
        If the shapes do not fit together or a value is not finite.
    """
    require_sources("q_cb", sources, fused, smallest=1)
    sensitivity = _sensitivity(fused.shape)
    contrast_f = _masked_contrast(fused, sensitivity)
    kept, weight, plain = (np.zeros(fused.shape) for _ in range(3))
    for source in sources:
        contrast = _masked_contrast(source, sensitivity)
        larger = np.maximum(contrast, contrast_f)
        quality = np.minimum(contrast, contrast_f) / np.where(larger == 0, 1, larger)
        quality[larger == 0] = 1
        kept += contrast**2 * quality
        weight += contrast**2
        plain += quality
    blank = weight == 0
    return float(np.where(blank, plain / len(sources), kept / np.where(blank, 1, weight)).mean())


def _sensitivity(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Contrast sensitivity at each frequency of `scipy.fft.rfft2`: a difference of Gaussians."""
    rows, columns = shape
    # A frequency runs over -1..1 where numpy counts -0.5..0.5 cycles per pixel.
    down = rows / PIXELS_PER_UNIT * 2 * np.abs(fft.fftfreq(rows))[:, None]
    across = columns / PIXELS_PER_UNIT * 2 * fft.rfftfreq(columns)
    square = down**2 + across**2
    wide, narrow = np.exp(-square / 15.3870**2), np.exp(-square / 1.3456**2)
    return np.asarray(wide - 0.7622 * narrow)


def _masked_contrast(
    image: NDArray[np.float64], sensitivity: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Local contrast as the eye has it, 0 or more."""
    seen = fft.irfft2(fft.rfft2(_stretched(image)) * sensitivity, image.shape)
    fine, coarse = _blurred(seen, 2), _blurred(seen, 4)
    contrast = np.abs(fine / np.where(coarse == 0, 1, coarse) - 1)
    contrast[coarse == 0] = 0
    # Masking with k = h = 1, p = 3, q = 2, Z = 1e-4.
    return np.asarray(contrast**3 / (contrast**2 + 1e-4))


def _stretched(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Stretch to whole numbers 0..255, half rounded up; all zero for a constant image."""
    lowest, highest = image.min(), image.max()
    if lowest == highest:
        return np.zeros_like(image)
    stretched: NDArray[np.float64] = np.floor((image - lowest) / (highest - lowest) * 255 + 0.5)
    return stretched


def _blurred(image: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Gaussian cut to 31x31 without making up for the cut, zeros around the image."""
    offset = np.arange(-15, 16)
    window = np.exp(-(offset**2) / (2 * sigma**2)) / (np.sqrt(2 * np.pi) * sigma)
    blurred = cv2.sepFilter2D(image, cv2.CV_64F, window, window, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(blurred, dtype=np.float64)
