"""Discrete wavelet fusion: of every coefficient the largest of any frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.evaluation.baselines.frame_values import like
from models.evaluation.baselines.strongest_detail import strongest_details

_Image = NDArray[np.float32]

SMALLEST = 16
"""The transform ends before its shorter side gets smaller than this, pixels."""

# The lifting steps and the gain of the 9/7 wavelet of Cohen, Daubechies and Feauveau, as in
# ISO/IEC 15444-1 (JPEG 2000), annex F.4.8.
_PREDICT = (-1.586134342059924, 0.882911075530934)
_UPDATE = (-0.052980118572961, 0.443506852043971)
_GAIN = 1.230174104914001


def wavelet(frames: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Fuse the frames' wavelet transforms (Li, Manjunath and Mitra 1995, single coefficients).

    Of each detail coefficient, the frame of the largest magnitude, taken over the colours, gives
    all colours; the coarsest approximation is averaged. The wavelet is the symmetric 9/7 of
    JPEG 2000: it needs no padding and no library, a few lines of lifting invert it exactly.

    Parameters
    ----------
    frames : sequence of ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16, all alike, at least one.
    """
    fused = strongest_details(frames, transform, _energy)
    return like(inverse(fused), frames[0])


def transform(image: _Image) -> list[_Image]:
    """Return the bands of an (H, W, C) image: three per scale, finest first, then what is left."""
    bands: list[_Image] = []
    while min(image.shape[:2]) >= 2 * SMALLEST:
        low, high = _split(image)
        image, across = _turned(_split(_turn(low)))
        down, diagonal = _turned(_split(_turn(high)))
        bands += [across, down, diagonal]
    return [*bands, image]


def inverse(bands: Sequence[_Image]) -> _Image:
    """Return the (H, W, C) image of which `transform` made the bands."""
    *details, image = bands
    while details:
        across, down, diagonal = details[-3:]
        del details[-3:]
        low = _turn(_joined(_turn(image), _turn(across)))
        high = _turn(_joined(_turn(down), _turn(diagonal)))
        image = _joined(low, high)
    return image


def _energy(detail: _Image) -> _Image:
    return np.asarray(np.einsum("hwc,hwc->hw", detail, detail), dtype=np.float32)


def _split(image: _Image) -> tuple[_Image, _Image]:
    """Split the rows into a low and a high band, half as many each."""
    even, odd = image[0::2].copy(), image[1::2].copy()
    for predict, update in zip(_PREDICT, _UPDATE, strict=True):
        odd += np.float32(predict) * _around_odd(even, len(odd))
        even += np.float32(update) * _around_even(odd, len(even))
    return even / np.float32(_GAIN), odd * np.float32(_GAIN)


def _joined(low: _Image, high: _Image) -> _Image:
    """Undo `_split`."""
    even, odd = low * np.float32(_GAIN), high / np.float32(_GAIN)
    for predict, update in zip(reversed(_PREDICT), reversed(_UPDATE), strict=True):
        even -= np.float32(update) * _around_even(odd, len(even))
        odd -= np.float32(predict) * _around_odd(even, len(odd))
    image = np.empty((len(even) + len(odd), *even.shape[1:]), np.float32)
    image[0::2], image[1::2] = even, odd
    return image


def _around_odd(even: _Image, count: int) -> _Image:
    """Sum the even rows beside each odd one; the image goes on mirrored at its last row."""
    following = np.concatenate([even[1:], even[-1:]])
    beside: _Image = even[:count] + following[:count]
    return beside


def _around_even(odd: _Image, count: int) -> _Image:
    """Sum the odd rows beside each even one; the image goes on mirrored at both ends."""
    extended = np.concatenate([odd[:1], odd, odd[-1:]])
    beside: _Image = extended[:count] + extended[1 : count + 1]
    return beside


def _turn(image: _Image) -> _Image:
    return np.ascontiguousarray(image.swapaxes(0, 1))


def _turned(bands: tuple[_Image, _Image]) -> tuple[_Image, _Image]:
    return _turn(bands[0]), _turn(bands[1])
