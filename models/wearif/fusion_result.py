"""What a fusion gives back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.wearif.family import WearIF
from models.wearif.frames import FusionError
from models.wearif.peak import PeakTracker


class Weighing(Protocol):
    """What is needed to compute a frame's weight map again from its pixels."""

    def weight_map(self, index: int, frame: NDArray[Any]) -> Tensor:
        """Return the share of one frame: (H, W)."""
        ...


@dataclass(frozen=True, slots=True)
class Fusion:
    """The result of fusing a stack."""

    model: str
    weights_sha256: str | None
    """Of the model's weights file."""
    fused: NDArray[Any]
    """The fused image; shape and type of the frames."""
    height: NDArray[np.float32]
    """(H, W): where along the sweep each pixel is sharpest."""
    height_unit: Literal["µm", "frame"]
    """``frame`` counts from 0 and is used where nobody knows the frames' z."""
    confidence: NDArray[np.float32]
    """(H, W), 0..1: how far each height can be believed. 1: one clear peak. 0: no frame shows
    anything there, and the height was filled in from around; or the pixel is sharpest in the first
    or last frame, and may lie anywhere beyond the sweep."""
    brightness: tuple[float, ...]
    """Of each frame, as a multiple of the fused image's; frames were divided by it."""
    _weighing: Weighing

    @property
    def frame_count(self) -> int:
        """How many frames were fused."""
        return len(self.brightness)

    def weight_map(self, index: int, frame: NDArray[Any]) -> NDArray[np.float32]:
        """Return the share of one frame in every fused pixel.

        Parameters
        ----------
        index : int
            Which frame, counted from 0 in the order of fusion.
        frame : ndarray
            Its pixels; weight maps are computed again rather than kept.

        Returns
        -------
        ndarray of shape (H, W), float32
            0..1; over all frames they add up to 1 at every pixel.
        """
        if not 0 <= index < self.frame_count:
            raise IndexError(f"frame {index} of {self.frame_count}")
        with torch.inference_mode():
            # A damaged video may decode to other pixels the second time; a share stays a share.
            weights = self._weighing.weight_map(index, frame).clamp_(0, 1)
        return np.ascontiguousarray(weights.cpu().numpy())


def result_of(
    model: WearIF,
    fused: NDArray[Any],
    peak: PeakTracker,
    z_um: Sequence[float] | None,
    levels: Sequence[float],
    weighing: Weighing,
) -> Fusion:
    """Gather what a fusion has found.

    Parameters
    ----------
    levels : sequence of float
        Brightness of each frame, as a multiple of the fused image's.

    Raises
    ------
    FusionError
        The z do not fit the frames.
    """
    check_z(z_um, peak.count)
    height, unit = peak.height(z_um)
    return Fusion(
        model=model.config.name,
        weights_sha256=model.weights_sha256,
        fused=fused,
        height=height,
        height_unit=unit,
        confidence=peak.confidence(),
        brightness=tuple(levels),
        _weighing=weighing,
    )


def check_z(z_um: Sequence[float] | None, count: int) -> None:
    """Make sure that there is one finite z for each frame, or none at all.

    Raises
    ------
    FusionError
        It is not so.
    """
    if z_um is None:
        return
    if len(z_um) != count:
        raise FusionError(f"{len(z_um)} values of z for {count} frames")
    for index, z in enumerate(z_um):
        if not math.isfinite(z):
            raise FusionError(f"frame {index}: its z is {z}, which is no height")
