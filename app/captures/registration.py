"""How one picture lies on its neighbour: measured tile by tile, told as shift, size and turn.

Defocus spreads the haloes of unsharp things, which looks like a change of size to anything that
matches the pictures as a whole. Here many small tiles vote instead: each is matched by
cross-correlation, and a robust fit finds what most of them agree on, and how well they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import irfft2, rfft2

from app.captures.similarity import Similarity

Pixels = NDArray[np.float32]

SMALLEST_SIDE = 64
"""Pixels; smaller pictures hold too few tiles to agree or disagree."""
_LONGEST_SIDE = 1024
"""Pixels; larger pictures are reduced to this, so that the camera does not set the time."""
_LARGEST_TILE, _SMALLEST_TILE = 128, 32
_LEVELS = 3
_PASSES = 2
"""Fits at each level; the second starts where the first has brought the pictures."""
_FINE_SIGMA = 8.0
"""Pixels; coarser structure is lighting and haloes."""
_ROUNDING = 2e-6
"""Of the largest value: what arithmetic with 24 bits makes of flat areas."""
_FINEST_ERROR = 0.005
"""Pixels; no fit is believed to be better than this."""
_FEWEST_VOTES = 6
_LARGEST_SHIFT = 0.1
"""Of the shorter side, between neighbours."""
_LARGEST_FACTOR = 0.05
"""Change of size, or turn in rad, between neighbours."""
_LEAST_LIKENESS = 0.2
"""Correlation of fine structure below which pictures show different things, or noise."""
_INTERPOLATION_LOSS = 0.01
"""How much less alike interpolation alone can make pictures that are noisy in the same way."""

_CLEAR_GAIN = 0.01
"""How much more alike a step of a pixel or more must make pictures: sparse ones match anywhere."""


@dataclass(frozen=True, slots=True)
class Registration:
    """How a picture lies on its neighbour, in pixels of the frame."""

    step: Similarity
    """Takes points of the first picture to the same points of the second."""
    shift_error: float
    """Standard error of the shift, on either axis, in pixels; infinite where nothing is known."""
    factor_error: float
    """Standard error of the factor, of either part."""
    plausible: bool = True
    """False: what the tiles agreed on cannot be, and less of it, or nothing, was kept."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What registration needs of a frame: its fine structure at a few sizes."""

    levels: tuple[Pixels, ...]
    """Finest first."""
    reduction: float
    """The frame's pixels per pixel of the finest level."""

    @classmethod
    def of(cls, frame: NDArray[Any]) -> Picture:
        """Reduce an (H, W) or (H, W, 3) RGB frame of any depth."""
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) if frame.ndim == 3 else frame
        reduction = max(1.0, max(grey.shape) / _LONGEST_SIDE)
        if reduction > 1:
            size = (round(grey.shape[1] / reduction), round(grey.shape[0] / reduction))
            grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        sizes: list[NDArray[Any]] = [grey.astype(np.float32)]
        while len(sizes) < _LEVELS and min(sizes[-1].shape) >= 2 * SMALLEST_SIDE:
            height, width = sizes[-1].shape
            size = (width // 2, height // 2)
            sizes.append(cv2.resize(sizes[-1], size, interpolation=cv2.INTER_AREA))
        return cls(tuple(map(_fine_structure, sizes)), reduction)


@dataclass(frozen=True, slots=True)
class Votes:
    """What the tiles say; one entry per tile that says anything."""

    places: NDArray[np.complex128]
    """Their centres, from the centre of the picture."""
    moves: NDArray[np.complex128]
    """How far they have moved."""


def register(first: Picture, second: Picture) -> Registration:
    """Find where the first picture's points lie in the second.

    Parameters
    ----------
    first, second : Picture
        Of frames of the same format that show the same, in slightly different focus.

    Returns
    -------
    Registration
        The identity with infinite errors where the pictures hold nothing to go by.
    """
    fit = Registration(_start(first.levels[-1], second.levels[-1]), np.inf, np.inf)
    width = first.levels[-1].shape[1]
    for one, other in zip(reversed(first.levels), reversed(second.levels), strict=True):
        fit = _scaled(fit, one.shape[1] / width)
        width = one.shape[1]
        for _ in range(_PASSES):
            found = _fit(_votes(one, _warped(other, fit.step)))
            step = fit.step.after(found.step)
            fit = Registration(step, found.shift_error, found.factor_error)
    if not np.isfinite(fit.shift_error):
        return Registration(Similarity(), np.inf, np.inf)
    return _scaled(_plausible(fit, first.levels[0], second.levels[0]), first.reduction)


def _fine_structure(picture: NDArray[Any]) -> Pixels:
    """Take away lighting, and what is left of flat areas by rounding."""
    fine = picture - cv2.GaussianBlur(picture, (0, 0), _FINE_SIGMA)
    kept: Pixels = np.where(np.abs(fine) > _ROUNDING * picture.max(), fine, np.float32(0))
    return kept


def _scaled(fit: Registration, times: float) -> Registration:
    step, error = fit.step.enlarged(times), fit.shift_error * times
    return Registration(step, error, fit.factor_error, fit.plausible)


def _start(one: Pixels, other: Pixels) -> Similarity:
    """Match the pictures as a whole; a shift that does not make them more alike is none."""
    window = cv2.createHanningWindow(one.shape[::-1], cv2.CV_32F)
    (across, down), _response = cv2.phaseCorrelate(one, other, window)
    if not np.isfinite(across) or not np.isfinite(down):
        return Similarity()
    shifted = Similarity(shift=complex(across, down))
    better = _likeness(one, other, shifted) > _likeness(one, other, Similarity())
    return shifted if better else Similarity()


def _votes(one: Pixels, other: Pixels) -> Votes:
    """Match tile by tile, half a tile apart, by the peak of their cross-correlation.

    Half whitened: every frequency keeps the geometric mean of its two amplitudes. Wholly
    whitened (phase correlation), the traces that interpolation leaves in empty frequencies
    weigh as much as the structure; not at all, what is coarse drowns what is fine.
    """
    side = int(np.clip(min(one.shape) // 3, _SMALLEST_TILE, _LARGEST_TILE)) // 2 * 2
    window = cv2.createHanningWindow((side, side), cv2.CV_32F)
    of_one, of_other = (_tiles(picture, side) for picture in (one, other))
    rows, columns = of_one.shape[:2]
    cross = rfft2(of_one * window).conj() * rfft2(of_other * window)
    strength = np.abs(cross)
    likeness = irfft2(cross / np.sqrt(np.maximum(strength, np.finfo(np.float32).tiny)))
    likeness = likeness.reshape(-1, side, side)
    tile = np.arange(len(likeness))
    down, across = np.divmod(likeness.reshape(len(tile), -1).argmax(axis=1), side)

    by_x = [likeness[tile, down, (across + by) % side] for by in (-1, 0, 1)]
    by_y = [likeness[tile, (down + by) % side, across] for by in (-1, 0, 1)]
    half = side // 2
    moves = (across + half) % side - half + _summit(*by_x)
    moves = moves + 1j * ((down + half) % side - half + _summit(*by_y))
    says = strength.max(axis=(-2, -1)).ravel() > 0
    x = (side - one.shape[1]) / 2 + half * np.arange(columns)
    y = (side - one.shape[0]) / 2 + half * np.arange(rows)
    places = (x[None, :] + 1j * y[:, None]).ravel()
    return Votes(places[says], moves[says])


def _summit(low: Pixels, top: Pixels, high: Pixels) -> NDArray[np.float64]:
    """Where the parabola through a peak and its two neighbours is highest, from the peak."""
    curve = low + high - 2 * top
    offset = np.zeros(top.shape)
    np.divide(low - high, 2 * curve, out=offset, where=curve < 0)
    return offset


def _tiles(picture: Pixels, side: int) -> Pixels:
    """Return (rows, columns, side, side)."""
    return sliding_window_view(picture, (side, side))[:: side // 2, :: side // 2]


def _fit(votes: Votes) -> Registration:
    """Fit a similarity to the votes, by least squares reweighted after Cauchy."""
    places, moves = votes.places, votes.moves
    if len(places) < _FEWEST_VOTES:
        return Registration(Similarity(), np.inf, np.inf)
    weights = np.ones(len(places))
    for _ in range(10):
        total = weights.sum()
        place, move = weights @ places / total, weights @ moves / total
        arm = places - place
        spread = weights @ np.abs(arm) ** 2
        growth = weights @ (arm.conj() * (moves - move)) / spread
        misses = np.abs(moves - move - growth * arm)
        # 2.385 sigma is Cauchy's scale for 95 % efficiency; a Rayleigh median is 1.177 sigma.
        scale = max(2.385 / 1.177 * float(np.median(misses)), _FINEST_ERROR)
        weights = 1 / (1 + (misses / scale) ** 2)
    scatter = (weights * misses) ** 2 / 2 + (_FINEST_ERROR * weights.mean()) ** 2
    return Registration(
        Similarity(1 + growth, move - growth * place),
        float(np.sqrt(scatter.sum()) / total),
        float(np.sqrt((scatter * np.abs(arm) ** 2).sum()) / spread),
    )


def _plausible(fit: Registration, one: Pixels, other: Pixels) -> Registration:
    """Fall back to the shift alone, or to nothing, from what neighbours cannot have done."""
    limit = _LARGEST_SHIFT * min(one.shape)
    unmoved = _likeness(one, other, Similarity())
    for step in (fit.step, Similarity(shift=fit.step.shift)):
        # A step of a pixel that is a true one gains far more than interpolation loses.
        loss = _INTERPOLATION_LOSS if abs(step.shift) < 1 else -_CLEAR_GAIN
        least = max(unmoved - loss, _LEAST_LIKENESS)
        possible = abs(step.shift) <= limit and abs(step.factor - 1) <= _LARGEST_FACTOR
        if possible and _likeness(one, other, step) >= least:
            return Registration(step, fit.shift_error, fit.factor_error, step == fit.step)
    return Registration(Similarity(), fit.shift_error, fit.factor_error, plausible=False)


def _warped(picture: Pixels, step: Similarity) -> Pixels:
    height, width = picture.shape
    warped: NDArray[Any] = cv2.warpAffine(
        picture,
        step.matrix(height, width),
        (width, height),
        flags=cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return warped


def _likeness(one: Pixels, other: Pixels, step: Similarity) -> float:
    """Correlate one picture with the other one warped, -1..1."""
    warped = _warped(other, step)
    strength = float(np.linalg.norm(one) * np.linalg.norm(warped))
    return float(np.vdot(one, warped)) / strength if strength > 0 else 0.0
