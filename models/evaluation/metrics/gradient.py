"""Q_g: how much of the sources' gradients the fused image keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.evaluation.metrics.source_check import require_sources

TRACE = 1e-5
"""Stands for a gradient of zero, so that the ratio of two zeros is 1."""


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """Psychometric curve ``top / (1 + exp(-slope * (value - centre)))``."""

    top: float
    slope: float
    centre: float

    def __call__(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the perceived share of a relative gradient, in 0..``top``."""
        curve: NDArray[np.float64] = self.top / (1 + np.exp(-self.slope * (value - self.centre)))
        return curve


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the implementations in circulation."""

    strength: Sigmoid
    angle: Sigmoid
    wraps: bool
    """Whether orientations of +90 and -90 degrees are the same."""
    local: bool
    """Whether weights are normalised at every pixel rather than over all pixels."""


VARIANTS = {
    "xydeas": Variant(Sigmoid(0.9994, 15, 0.5), Sigmoid(0.9879, 22, 0.8), wraps=False, local=False),
    "liu": Variant(Sigmoid(1, 10, 0.5), Sigmoid(1, 20, 0.75), wraps=True, local=True),
}
"""The constants of Xydeas and Petrovic (2000), and those of the toolbox by Z. Liu (2012)."""


def q_g(
    sources: NDArray[np.float64],
    fused: NDArray[np.float64],
    *,
    variant: Literal["xydeas", "liu"] = "xydeas",
) -> float:
    """How much of the frames' gradients the fused image keeps (Xydeas and Petrovic 2000).

    Extended to n frames as in eq. 19 of the paper, L = 1: one ratio of sums over all frames and
    pixels. Sobel gradients with zero padding, so the frame of the image counts as an edge.

    Parameters
    ----------
    sources : ndarray of shape (N, H, W), float64
        Grey frames in 0..255.
    fused : ndarray of shape (H, W), float64
        In 0..255.
    variant : {"xydeas", "liu"}
        "liu": other constants, orientations that wrap at 90 degrees, and the mean over pixels of
        ratios of sums over frames. Published pairs differ from "xydeas"
        by up to 0.2.

    Returns
    -------
    float
        0..1; a perfect copy of a single frame gives 0.975 with "xydeas", 0.987 with "liu". Where
        neither image has a gradient it counts as kept, with next to no weight: black frames fused
        to black give the value of a perfect copy.

    Raises
    ------
    ValueError
        If the shapes do not fit together or a value is not finite.
    """
    require_sources("q_g", sources, fused, smallest=1)
    chosen = VARIANTS[variant]
    gradient_f = _gradient(fused)
    kept, weight = np.zeros(fused.shape), np.zeros(fused.shape)
    for source in sources:
        gradient = _gradient(source)
        kept += _kept(gradient, gradient_f, chosen) * gradient[0]
        weight += gradient[0]
    return float(np.mean(kept / weight)) if chosen.local else float(kept.sum() / weight.sum())


def q_g_per_source(sources: NDArray[np.float64], fused: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Q_g of each source alone with the fused image, shape (N,).

    See `q_g` for parameters and errors. `q_g` is their mean weighted by the sources' gradients.
    """
    return np.array([q_g(source[None], fused) for source in sources])


def _gradient(image: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sobel gradient with zero padding: strength, and orientation in -pi/2..pi/2."""
    across = ndimage.sobel(image, axis=1, mode="constant")
    down = ndimage.sobel(image, axis=0, mode="constant")
    strength = np.sqrt(across * across + down * down)
    angle = np.arctan(down / np.where(across == 0, TRACE, across))
    return np.where(strength == 0, TRACE, strength), angle


def _kept(
    source: tuple[NDArray[np.float64], NDArray[np.float64]],
    fused: tuple[NDArray[np.float64], NDArray[np.float64]],
    variant: Variant,
) -> NDArray[np.float64]:
    """Share of one source's gradient that the fused image keeps at each pixel."""
    strength = np.minimum(source[0], fused[0]) / np.maximum(source[0], fused[0])
    turn = np.abs(source[1] - fused[1]) / (np.pi / 2)
    angle = np.abs(turn - 1) if variant.wraps else 1 - turn
    return variant.strength(strength) * variant.angle(angle)
