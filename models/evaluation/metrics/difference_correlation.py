"""SCD: whether what each source adds to the fused image is what that source holds."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.evaluation.metrics.source_check import require_sources

Difference = Literal["mean_of_others", "sum_of_others", "each_other", "itself", "mean_of_all"]

NOTHING = 1e-12
"""Share of the variances of its parts below which a difference image is constant.

One grey level at one pixel of 2048x2448, in images of standard deviation 50, is 4e-11.
"""


def scd(
    sources: NDArray[np.float64],
    fused: NDArray[np.float64],
    *,
    difference: Difference = "mean_of_others",
    aggregation: Literal["mean", "sum"] = "mean",
) -> float:
    """Correlation of differences (Aslantas and Bendes 2015), extended to n frames.

    Eq. 24 of the paper: the mean over frames of the correlation between frame i and the difference
    image D_i. The paper does not print D_i. For two frames the original takes the fused image less
    the other frame; for n frames the default takes it less the mean of the others, the only reading
    of the size that the paper reports.

    Parameters
    ----------
    sources : ndarray of shape (N, H, W), float64
        Grey frames in 0..255.
    fused : ndarray of shape (H, W), float64
        In 0..255.
    difference : str
        What is taken from the fused image: the mean or the sum of the other frames, each other
        frame in turn (the mean over those correlations), the frame itself, or the mean of all.
        The first three are the same for two frames. A single frame has no others; nothing is taken.
    aggregation : {"mean", "sum"}
        Over frames. "sum" with two frames is the original.

    Returns
    -------
    float
        -1..1 with "mean". A correlation with a constant image, be it frame or difference, counts
        as 0.

    Raises
    ------
    ValueError
        If the shapes do not fit together or a value is not finite.
    """
    values = scd_per_source(sources, fused, difference=difference)
    return float(values.mean()) * {"mean": 1, "sum": len(sources)}[aggregation]


def scd_per_source(
    sources: NDArray[np.float64],
    fused: NDArray[np.float64],
    *,
    difference: Difference = "mean_of_others",
) -> NDArray[np.float64]:
    """Return the correlation of each source with its difference image, shape (N,).

    See `scd` for parameters and errors.
    """
    require_sources("scd", sources, fused, smallest=1)
    covariance = _covariance(sources, fused)
    n = len(sources)
    if difference == "each_other" and n > 1:
        own, other = np.nonzero(~np.eye(n, dtype=bool))
        pairs = _correlations(covariance, own, np.eye(n)[other])
        return np.asarray(pairs.reshape(n, n - 1).mean(axis=1))
    return _correlations(covariance, np.arange(n), _subtracted(difference, n))


def _subtracted(difference: Difference, n: int) -> NDArray[np.float64]:
    """Weights (N, N): row i says how much of each source is taken from the fused image for D_i."""
    others = 1 - np.eye(n)
    weights = {
        "mean_of_others": others / max(n - 1, 1),
        "sum_of_others": others,
        "each_other": others,
        "itself": np.eye(n),
        "mean_of_all": np.full((n, n), 1 / n),
    }
    return weights[difference]


def _covariance(sources: NDArray[np.float64], fused: NDArray[np.float64]) -> NDArray[np.float64]:
    """Covariance matrix (N + 1, N + 1) of the sources and, last, the fused image."""
    images = np.concatenate([sources, fused[None]]).reshape(len(sources) + 1, -1)
    constant = images.min(axis=1) == images.max(axis=1)
    images -= images.mean(axis=1, keepdims=True)
    images[constant] = 0
    covariance: NDArray[np.float64] = images @ images.T / images.shape[1]
    return covariance


def _correlations(
    covariance: NDArray[np.float64], own: NDArray[np.intp], subtracted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Correlate source ``own[k]`` with the fused image less ``subtracted[k]`` of the sources.

    A difference is a weighted sum of images, so all that is needed of it follows from their
    covariances.
    """
    parts = np.hstack([-subtracted, np.ones((len(subtracted), 1))])
    with_own = np.sum(parts * covariance[own], axis=1)
    variance_of_own = covariance[own, own]
    variance = np.einsum("ki,ij,kj->k", parts, covariance, parts)
    largest = np.einsum("ki,i->k", parts**2, np.diag(covariance))
    varies = (variance > NOTHING * largest) & (variance_of_own > 0)
    scale = np.sqrt(np.where(varies, variance * variance_of_own, 1))
    return np.where(varies, with_own / scale, 0)
