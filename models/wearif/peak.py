"""Where along the sweep each pixel is sharpest, kept up to date frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.wearif.height_map import clean, confidence_of
from models.wearif.sharpness import on_processor


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
        self._risen = torch.empty(0, dtype=torch.uint8)
        self._sum = torch.empty(0)

    def add(self, score: Tensor) -> None:
        """Add the (H, W) score map of the next frame; scores are logarithms.

        The map is kept until the next one comes and must not be changed.
        """
        if self.count == 0:
            self._largest, self._sum = score.clone(), score.clone()
            self._index = torch.zeros_like(score)
            self._before = torch.full_like(score, -torch.inf)
            self._after = self._before.clone()
            self._risen = torch.ones_like(score, dtype=torch.uint8)
        else:
            # Where the frame before was the largest, this is the one after it; should it be larger
            # still, what follows overwrites that.
            _put(score, self._risen, self._after)
            _compare(score, self._largest, self._risen)
            _put(self._last, self._risen, self._before)
            _put(torch.full_like(score, self.count), self._risen, self._index)
            torch.maximum(self._largest, score, out=self._largest)
            self._sum += score
        self._last = score
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
        offset = (0.5 * (self._before - self._after) / curvature).clamp_(-0.5, 0.5)
        # At the ends of the sweep, and on a plateau, there is no parabola.
        offset.masked_fill_(~torch.isfinite(offset) | self._risen.bool(), 0.0)
        position = (self._index + offset).cpu().numpy()
        prominence = self._prominence()
        if z_um is None:
            return clean(position, prominence), "frame"
        height = np.interp(position, np.arange(self.count), np.asarray(z_um, dtype=np.float64))
        return clean(height.astype(np.float32), prominence), "µm"

    def rough_height(self, stride: int) -> NDArray[np.float32]:
        """Return the frame number at which each pixel is sharpest so far, of every n-th pixel.

        Parameters
        ----------
        stride : int
            Rows and columns from one pixel looked at to the next.

        Returns
        -------
        ndarray of shape (H / stride, W / stride), float32
            Whole numbers where the peak is known, what lies around where it is not.
        """
        few = slice(None, None, stride)
        index = self._index[few, few].cpu().numpy()
        prominence = self._largest[few, few] - self._sum[few, few] / self.count
        return clean(np.ascontiguousarray(index), np.ascontiguousarray(prominence.cpu().numpy()))

    @property
    def last(self) -> Tensor:
        """The (H, W) score map of the newest frame; not to be changed."""
        return self._last

    def confidence(self) -> NDArray[np.float32]:
        """Return how far each height can be believed: (H, W) float32 in 0..1.

        By the prominence of the peak, see `confidence_of`; 0 where the score is largest in the
        first or the last frame: the pixel is sharpest there or anywhere beyond. Its height still
        counts when gaps are filled, since many a sweep begins right at the glass.
        """
        confidence = confidence_of(self._prominence())
        confidence[((self._index == 0) | self._risen.bool()).cpu().numpy()] = 0
        return confidence

    def _prominence(self) -> NDArray[np.float32]:
        return np.asarray((self._largest - self._sum / self.count).cpu().numpy())


# On processors OpenCV takes a third of the time that torch takes.
def _compare(score: Tensor, other: Tensor, larger: Tensor) -> None:
    """Note in a map of uint8 where a score is larger than another: not 0; 0 elsewhere."""
    if on_processor(score):
        cv2.compare(score.numpy(), other.numpy(), cv2.CMP_GT, dst=larger.numpy())
    else:
        torch.gt(score, other, out=larger)


def _put(source: Tensor, where: Tensor, target: Tensor) -> None:
    """Overwrite a map by another where a map of uint8 is not 0."""
    if on_processor(source):
        cv2.copyTo(source.numpy(), where.numpy(), target.numpy())
    else:
        torch.where(where.bool(), source, target, out=target)
