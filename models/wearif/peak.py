"""Where along the sweep each pixel is sharpest, kept up to date frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.wearif.height_map import clean


class PeakTracker:
    """Finds the frame of the largest score at every pixel, and its place between frames.

    Kept are the largest score, its frame, and the scores just before and after it, through which a
    parabola is laid. Its vertex is exact where log sharpness over z is one. Where no score stands
    out, the height is taken from the surroundings.
    """

    def __init__(self) -> None:
        self.count = 0
        self._largest = torch.empty(0)
        self._index = torch.empty(0)
        self._before = torch.empty(0)
        self._after = torch.empty(0)
        self._last = torch.empty(0)
        self._sum = torch.empty(0)

    def add(self, score: Tensor) -> None:
        """Add the (H, W) score map of the next frame; scores are logarithms."""
        missing = torch.full_like(score, -torch.inf)
        if self.count == 0:
            self._largest, self._index = score.clone(), torch.zeros_like(score)
            self._before, self._after = missing, missing
            self._sum = score.clone()
        else:
            followed = self._index == self.count - 1
            higher = score > self._largest
            self._after = torch.where(followed, score, self._after)
            self._after = torch.where(higher, missing, self._after)
            self._before = torch.where(higher, self._last, self._before)
            self._index = torch.where(higher, float(self.count), self._index)
            self._largest = torch.maximum(self._largest, score)
            self._sum = self._sum + score
        self._last = score.clone()
        self.count += 1

    def height(
        self, z_um: Sequence[float] | None
    ) -> tuple[NDArray[np.float32], Literal["µm", "frame"]]:
        """Return the height map and its unit.

        Parameters
        ----------
        z_um : sequence of float, optional
            The z of each frame, as many as were added; None for frame numbers.

        Returns
        -------
        height : ndarray of shape (H, W), float32
        unit : "µm" or "frame"
        """
        curvature = self._before - 2 * self._largest + self._after
        offset = (0.5 * (self._before - self._after) / curvature).clamp(-0.5, 0.5)
        # At the ends of the sweep, and on a plateau, there is no parabola.
        offset = torch.where(torch.isfinite(offset), offset, torch.zeros_like(offset))
        position = (self._index + offset).cpu().numpy()
        prominence = (self._largest - self._sum / self.count).cpu().numpy()
        if z_um is None:
            return clean(position, prominence), "frame"
        if len(z_um) != self.count:
            raise ValueError(f"{len(z_um)} values of z for {self.count} frames")
        height = np.interp(position, np.arange(self.count), np.asarray(z_um, dtype=np.float64))
        return clean(height.astype(np.float32), prominence), "µm"
