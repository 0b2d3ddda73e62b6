"""FMI: how much information about the sources' features the fused image holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.evaluation.metrics.features import FEATURES, Feature
from models.evaluation.metrics.source_check import require_sources

SIDE = 3
"""Side of the window in pixels, the authors' default."""

FLAT = 1e-12
"""Range of a window, over the largest magnitude of its feature map, below which it is constant.

Transforms leave remainders of some 1e-16 of the largest value where the feature is zero.
"""

BATCH = 1500
"""Windows at a time: what is computed for them then stays in the cache."""

INDEX = np.arange(1, SIDE * SIDE + 1, dtype=np.float64)


def fmi(
    sources: NDArray[np.float64],
    fused: NDArray[np.float64],
    *,
    feature: Feature = "none",
    factor: float = 2,
    aggregation: Literal["mean", "sum"] = "mean",
) -> float:
    """Feature mutual information (Haghighat and Razian 2014, "Fast-FMI"), 3x3 windows.

    Extended to n frames: the mean over frames and windows of ``factor * I / (H_F + H_S)``.

    The paper's eq. 23 has neither a factor of 2 nor a division by n and names no feature; its
    tables narrow that down. A sum over 32 frames would be far above 1. The authors' own default,
    "edge", without the factor has the level of the paper's 0.43 but cannot spread as its Tables 4
    and 7 do, from 0.07 and 0.30: windows that are empty in both maps count as 1, and even noise
    scores 0.40. Pixels ("none") with the factor of 2 of the original two-frame definition lie at
    0.29 to 0.52 on real stacks, noise at 0.09. They are the default, as the likelier reading.

    Parameters
    ----------
    sources : ndarray of shape (N, H, W), float64
        Grey frames in 0..255, at least 3 pixels wide and high.
    fused : ndarray of shape (H, W), float64
        In 0..255.
    feature : {"none", "gradient", "dct", "edge", "wavelet"}
        What is compared; see `models.evaluation.metrics.features`.
    factor : float
        2 makes a perfect copy 1; 1 is eq. 23 to the letter.
    aggregation : {"mean", "sum"}
        Over frames. The original for two frames is "mean" with a factor of 2, or "sum" with 1.

    Returns
    -------
    float
        0..``factor / 2`` with "mean", but for rounding and for rare windows in which the joint
        distribution that is assumed has negative entries. Two windows that are equal, or both
        constant, count as 1; of one constant and one that is not, as 0.

    Raises
    ------
    ValueError
        If the shapes do not fit together, an image is too small, or a value is not finite.
    """
    values = factor / 2 * fmi_per_source(sources, fused, feature=feature)
    return float(values.mean()) * {"mean": 1, "sum": len(sources)}[aggregation]


def fmi_per_source(
    sources: NDArray[np.float64], fused: NDArray[np.float64], *, feature: Feature = "none"
) -> NDArray[np.float64]:
    """Return the mean over windows of ``2 I / (H_F + H_S)`` for each source, shape (N,).

    See `fmi` for parameters and errors.
    """
    require_sources("fmi", sources, fused, smallest=SIDE)
    feature_of = FEATURES[feature]
    feature_f, features = feature_of(fused), [feature_of(source) for source in sources]
    flat_f = FLAT * np.abs(feature_f).max()
    flat = [FLAT * np.abs(each).max() for each in features]
    rows, columns = feature_f.shape[0] - SIDE + 1, feature_f.shape[1] - SIDE + 1
    step = max(1, BATCH // columns)
    totals = np.zeros(len(sources))
    for top in range(0, rows, step):
        band = slice(top, top + step + SIDE - 1)
        windows_f = _Windows.of(feature_f[band], flat_f)
        for i, each in enumerate(features):
            totals[i] += _values(_Windows.of(each[band], flat[i]), windows_f).sum()
    return np.asarray(totals / (rows * columns))


@dataclass(frozen=True, slots=True)
class _Windows:
    """All n windows of a band of rows, each stretched into a distribution over its 9 pixels."""

    value: NDArray[np.float64]
    """(9, n) feature values, column after column as in the authors' code; the order matters."""
    share: NDArray[np.float64]
    """(9, n) probabilities: the values above the window's lowest, divided by their sum."""
    deviation: NDArray[np.float64]
    """(n,) standard deviation of the index 1..9 under `share`."""
    entropy: NDArray[np.float64]
    """(n,) entropy of `share` in nats. The unit drops out of all results."""
    constant: NDArray[np.bool_]
    """(n,)"""

    @classmethod
    def of(cls, band: NDArray[np.float64], flat: float) -> _Windows:
        rows, columns = band.shape[0] - SIDE + 1, band.shape[1] - SIDE + 1
        value = np.stack(
            [band[y : y + rows, x : x + columns] for x in range(SIDE) for y in range(SIDE)]
        ).reshape(SIDE * SIDE, -1)
        above = value - value.min(axis=0)
        constant = above.max(axis=0) <= flat
        above[:, constant] = 1
        share = above / above.sum(axis=0)
        distance = INDEX[:, None] - INDEX @ share
        deviation = np.sqrt((distance**2 * share).sum(axis=0))
        return cls(value, share, deviation, _entropy(share), constant)

    def take(self, chosen: NDArray[np.intp]) -> _Windows:
        return _Windows(
            self.value[:, chosen],
            self.share[:, chosen],
            self.deviation[chosen],
            self.entropy[chosen],
            self.constant[chosen],
        )


def _values(source: _Windows, fused: _Windows) -> NDArray[np.float64]:
    """Return ``2 I / (H_F + H_S)`` of n windows, shape (n,)."""
    equal = (source.value == fused.value).all(axis=0)
    # Two constants that differ: rounding makes them correlated in the authors' code, so 1.
    kept = equal | (source.constant & fused.constant)
    values = np.where(kept, 1.0, 0.0)
    ordinary = np.flatnonzero(~(kept | source.constant | fused.constant))
    values[ordinary] = _relative_information(source.take(ordinary), fused.take(ordinary))
    return values


def _relative_information(source: _Windows, fused: _Windows) -> NDArray[np.float64]:
    correlation = _correlation(source.share, fused.share)
    # The lower bound for negative correlation is the upper one for the reversed order: turned
    # around, its joint distribution is the same up to the order of entries.
    p = np.where(correlation < 0, source.share[::-1], source.share)
    spread = np.abs(correlation) * source.deviation * fused.deviation
    both = source.entropy + fused.entropy
    information = both - _joint_entropy(p, fused.share, spread)
    return np.where(both == 0, 0, 2 * information / np.where(both == 0, 1, both))


def _joint_entropy(
    p: NDArray[np.float64], q: NDArray[np.float64], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Entropy of the joint distribution that has marginals p, q and covariance ``spread``.

    A mixture of independence and of the upper Frechet bound, which matches the pixels of both
    windows in order. The bound gives entry (i, j) the overlap of the intervals that q_i and p_j
    take on the cumulative axis, and has the largest covariance there is (Hoeffding 1940), which
    says how much of it is needed. That share may exceed 1 since the correlation is one of values
    and the covariance one of indices; entries are then negative and their magnitude is taken
    inside the logarithm, as the authors do.
    """
    p_end, q_end = np.cumsum(p, axis=0), np.cumsum(q, axis=0)
    shorter = np.minimum(q_end[:, None], p_end)
    largest = shorter.sum(axis=(0, 1)) - q_end.sum(axis=0) * p_end.sum(axis=0)
    bound = shorter - np.maximum((q_end - q)[:, None], p_end - p)
    np.maximum(bound, 0, out=bound)
    # Where all of a window is at one pixel, the covariance is nothing but rounding.
    none = (spread == 0) | (largest == 0)
    mixture = np.where(none, 0, spread / np.where(none, 1, largest))
    bound *= mixture
    bound += ((1 - mixture) * q)[:, None] * p
    return _entropy(bound.reshape(SIDE**4, -1))


def _entropy(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``-sum s log |s|`` over the first axis; empty entries count nothing."""
    magnitude = np.abs(share)
    np.maximum(magnitude, np.finfo(np.float64).tiny, out=magnitude)
    return np.asarray(-np.einsum("kn,kn->n", share, np.log(magnitude, out=magnitude)))


def _correlation(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson correlation over the 9 pixels; neither may be constant."""
    p, q = p - p.mean(axis=0), q - q.mean(axis=0)
    return np.asarray((p * q).sum(axis=0) / np.sqrt((p * p).sum(axis=0) * (q * q).sum(axis=0)))
