"""Fuse a stack: frame by frame as they arrive, or a whole stack from wherever it lies.

Neither way keeps the frames in memory. What grows with their number are one float per frame and,
for the published model, one small score map.

On one machine the same frames give the same result to the last bit, whichever way they come and
however many threads compute: what is summed over pixels is summed in an order of its own, and what
is summed over frames in theirs. Another processor or another release of torch may round otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.wearif.brightness import Brightness
from models.wearif.colour import luma_of
from models.wearif.frame_tensor import FrameTensors
from models.wearif.frames import Frames, FusionError
from models.wearif.fusion_result import Fusion, check_z, result_of
from models.wearif.model import PublishedWearIF, StreamingWearIF
from models.wearif.peak import PeakTracker
from models.wearif.published_fusion import PublishedFusion
from models.wearif.tiles import score_in_tiles

__all__ = ["Frames", "Fusion", "FusionError", "Glance", "Progress", "StreamingFusion", "fuse"]

Progress = Callable[[int, int], None]
"""Called with the steps done and the steps in all."""


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """A look at a fusion under way, at reduced size."""

    weights: NDArray[np.float32]
    """(h, w) in 0..1: the newest frame's share of the fused image so far."""
    height: NDArray[np.float32]
    """(h, w): the number of the frame in which each pixel is sharpest so far."""


class StreamingFusion:
    """Fuses frames one at a time; there is a fused image after each.

    A softmax over the frames needs only two sums at every pixel: of the exponentials of the scores,
    and of the frames weighted with them. The model keeps its scores within bounds that make both
    normal numbers, so that no running maximum has to be carried along. The result does not depend
    on when, or whether, previews were taken.

    Frames that are suddenly brighter or darker than those before are brought to one level before
    they are scored and added (`Brightness`); the result has the level of the typical frame.
    """

    def __init__(self, model: StreamingWearIF) -> None:
        self._model = model
        self._tensors = FrameTensors(model)
        self._brightness = Brightness()
        self._levels: list[float] = []
        self._given = False
        self._peak = PeakTracker()
        self._image: Tensor | None = None
        self._weight_sum = torch.empty(0)
        self._weighted = torch.empty(0)

    @property
    def count(self) -> int:
        """How many frames have been added."""
        return self._peak.count

    def add(self, frame: NDArray[Any], level: float | None = None) -> None:
        """Add the next frame of the sweep.

        Parameters
        ----------
        frame : ndarray
            (H, W) or (H, W, 3) RGB, uint8 or uint16; all frames alike.
        level : float, optional
            How bright it is, where that is known; otherwise sudden changes are followed.

        Raises
        ------
        FusionError
            The frame is of another kind than the first, or of a kind that cannot be fused. It is
            left out, and the fusion can go on.
        """
        self._tensors.check(frame, self.count)
        if level is None:
            level = self._brightness.follow(frame, self._tensors.white)
        else:
            self._given = True
        with torch.inference_mode():
            # Always the same memory: fresh memory of this size costs more than the conversion.
            image = self._tensors.to_tensor(frame, self.count, level, self._image)
            score = _score(self._model, image)
            weight = torch.exp(score)
            if self.count == 0:
                self._image = image
                self._weight_sum = torch.zeros_like(weight)
                self._weighted = torch.zeros_like(image)
            self._weight_sum += weight
            self._weighted.addcmul_(weight, image)
            self._peak.add(score)
        self._levels.append(level)

    def preview(self) -> NDArray[Any]:
        """Return the fused image of the frames so far: (H, W) or (H, W, 3), as the frames are."""
        if self.count == 0:
            raise FusionError("there is no frame to fuse")
        with torch.inference_mode():
            return self._tensors.to_array(self._weighted / self._weight_sum, self._typical)

    def glance(self, longest_px: int) -> Glance:
        """Return weights and heights so far, cheap enough for each preview.

        Parameters
        ----------
        longest_px : int
            Of the longer side; every second, third … pixel is looked at.

        Raises
        ------
        FusionError
            There is no frame yet.
        """
        if self.count == 0:
            raise FusionError("there is no frame to fuse")
        stride = -(-max(self._weight_sum.shape) // longest_px)
        few = slice(None, None, stride)
        with torch.inference_mode():
            weights = torch.exp(self._peak.last[few, few]) / self._weight_sum[few, few]
            return Glance(weights.cpu().numpy(), self._peak.rough_height(stride))

    def finish(self, z_um: Sequence[float] | None = None) -> Fusion:
        """Return the result; frames may still be added and the fusion be finished again.

        Parameters
        ----------
        z_um : sequence of float, optional
            The z of each frame; without it heights are frame numbers.

        Raises
        ------
        FusionError
            There is no frame, or the z are not one finite number for each.
        """
        fused = self.preview()
        levels = tuple(self._levels)
        weighing = _Weighing(self._model, self._tensors, levels, self._weight_sum.clone())
        return result_of(self._model, fused, self._peak, z_um, self._relative, weighing)

    @property
    def _typical(self) -> float:
        """Brightness that the fused image gets; levels that were given are multiples of it."""
        return 1.0 if self._given else median(self._levels)

    @property
    def _relative(self) -> tuple[float, ...]:
        return tuple(level / self._typical for level in self._levels)


@dataclass(frozen=True, slots=True)
class _Weighing:
    model: StreamingWearIF
    tensors: FrameTensors
    levels: tuple[float, ...]
    weight_sum: Tensor

    def weight_map(self, index: int, frame: NDArray[Any]) -> Tensor:
        image = self.tensors.to_tensor(frame, index, self.levels[index])
        return torch.exp(_score(self.model, image)) / self.weight_sum


def fuse(
    frames: Frames,
    model: PublishedWearIF | StreamingWearIF,
    z_um: Sequence[float] | None = None,
    on_progress: Progress | None = None,
    brightness: Sequence[float] | None = None,
) -> Fusion:
    """Fuse a stack.

    Parameters
    ----------
    frames : sequence of ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16, all alike, at least one. Each is read once, or
        twice by the published model.
    model : WearIF
        From `models.wearif.weights.load_model`; it computes on the device it lies on.
    z_um : sequence of float, optional
        The z of each frame; without it heights are frame numbers.
    on_progress : callable, optional
        Called after each step with the steps done and the steps in all.
    brightness : sequence of float, optional
        Of each frame, as a multiple of what the fused image's shall be; each frame is divided by
        it. Otherwise sudden changes are followed; the published model does not even that.

    Raises
    ------
    FusionError
        There is no frame, one cannot be fused with the others, or the z do not fit the frames.
    """
    count = len(frames)
    check_z(z_um, count)
    _check_brightness(brightness, count)
    if isinstance(model, StreamingWearIF):
        step = _stepper(on_progress, count)
        streaming = StreamingFusion(model)
        for index in range(count):
            streaming.add(frames[index], None if brightness is None else brightness[index])
            step()
        return streaming.finish(z_um)
    step = _stepper(on_progress, 2 * count)
    levels = (1.0,) * count if brightness is None else tuple(brightness)
    published = PublishedFusion(model, levels)
    with torch.inference_mode():
        published.score(frames, step)
        fused, peak = published.weigh(frames, step)
        return result_of(model, fused, peak, z_um, levels, published)


def _check_brightness(brightness: Sequence[float] | None, count: int) -> None:
    if brightness is None:
        return
    if len(brightness) != count:
        raise FusionError(f"{len(brightness)} values of brightness for {count} frames")
    for index, level in enumerate(brightness):
        if not math.isfinite(level) or level <= 0:
            raise FusionError(f"frame {index}: cannot be {level:g} times as bright")


def _score(model: StreamingWearIF, image: Tensor) -> Tensor:
    """Score a frame of any size: (C, H, W) in 0..1 -> (H, W)."""
    return score_in_tiles(model.score, luma_of(image))[0, 0]


def _stepper(on_progress: Progress | None, total: int) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress(done, total)

    return step
