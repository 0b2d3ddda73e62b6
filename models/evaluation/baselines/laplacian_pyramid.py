"""Laplacian pyramid: at every scale the detail of the frame that has the most of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.evaluation.baselines.frame_values import like
from models.evaluation.baselines.strongest_detail import strongest_details

_Image = NDArray[np.float32]

SMALLEST = 16
"""The pyramid ends before its shorter side gets smaller than this, pixels."""
WINDOW = 5
"""Side of the window over which a detail's energy is averaged, coefficients."""


def laplacian_pyramid(frames: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Fuse the frames' Laplacian pyramids (Burt and Adelson 1983; Burt and Kolczynski 1993).

    Of each detail, the frame of the largest local energy, summed over the colours, is taken in all
    colours alike; what remains at the top of the pyramid is averaged.

    Parameters
    ----------
    frames : sequence of ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16, all alike, at least one.
    """
    fused = strongest_details(frames, _pyramid, _local_energy)
    return like(_collapsed(fused), frames[0])


def _pyramid(image: _Image) -> list[_Image]:
    """Return the details, finest first, and what is left of the image."""
    levels = []
    while min(image.shape[:2]) >= 2 * SMALLEST:
        smaller = _channels(cv2.pyrDown(image))
        levels.append(image - _enlarged(smaller, image))
        image = smaller
    return [*levels, image]


def _collapsed(pyramid: list[_Image]) -> _Image:
    image = pyramid[-1]
    for detail in reversed(pyramid[:-1]):
        image = detail + _enlarged(image, detail)
    return image


def _enlarged(image: _Image, to: _Image) -> _Image:
    return _channels(cv2.pyrUp(image, dstsize=(to.shape[1], to.shape[0])))


def _local_energy(detail: _Image) -> _Image:
    energy = np.einsum("hwc,hwc->hw", detail, detail)
    return np.asarray(cv2.blur(energy, (WINDOW, WINDOW)), dtype=np.float32)


def _channels(image: NDArray[Any]) -> _Image:
    """Give back the last axis, which OpenCV drops from (H, W, 1)."""
    return image if image.ndim == 3 else image[..., None]
