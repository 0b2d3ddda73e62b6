"""Fuse in bands: of every detail that of the frame in which it is strongest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.evaluation.baselines.frame_values import alike, channels_of

Band = NDArray[np.float32]


def strongest_details(
    frames: Sequence[NDArray[Any]],
    bands_of: Callable[[Band], list[Band]],
    energy_of: Callable[[Band], Band],
) -> list[Band]:
    """Fuse the bands of all frames, one frame at a time.

    Parameters
    ----------
    frames : sequence of ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16, all alike, at least one.
    bands_of : callable
        (H, W, C) in levels -> bands (h, w, C), details first; the last, coarsest one is averaged.
    energy_of : callable
        Detail (h, w, C) -> (h, w); where it is largest, the detail is taken in all colours alike.

    Returns
    -------
    list of ndarray
        As many bands, of the same shapes, float32.
    """
    fused: list[Band] = []
    largest: list[Band] = []
    for frame in alike(frames):
        *details, coarsest = bands_of(channels_of(frame))
        energies = [energy_of(detail) for detail in details]
        if not fused:
            fused, largest = [*details, coarsest], energies
            continue
        for band, energy in enumerate(energies):
            stronger = energy > largest[band]
            np.copyto(fused[band], details[band], where=stronger[..., None])
            np.copyto(largest[band], energy, where=stronger)
        fused[-1] += coarsest
    fused[-1] /= len(frames)
    return fused
