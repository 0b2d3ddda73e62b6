"""Fuse a stack with the published model, in the paper's order of work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from models.wearif.colour import chroma_of, chroma_weight, luma_of, rgb_of
from models.wearif.frame_tensor import FrameTensors
from models.wearif.frames import Frames, FusionError
from models.wearif.lean import lean
from models.wearif.peak import PeakTracker
from models.wearif.published import PublishedWearIF


class PublishedFusion:
    """Every frame is scored before any can be weighed, so each is read twice.

    Pass 1 gathers score maps and the guidance; pass 2 adds the weighed frames up. One small score
    map per frame is kept. Frames are not cut into tiles: the network's pooling and the guidance's
    scale see the whole frame.

    Parameters
    ----------
    model : PublishedWearIF
    levels : sequence of float
        How bright each frame is, as a multiple of what the fused image shall be.
    """

    def __init__(self, model: PublishedWearIF, levels: Sequence[float]) -> None:
        self._model = lean(model)
        self._levels = levels
        self._tensors = FrameTensors(model)

    def score(self, frames: Frames, step: Callable[[], None]) -> None:
        """Pass 1."""
        scores: list[Tensor] = []
        gathered: Tensor | None = None
        for index in range(len(frames)):
            luma = luma_of(self._tensor(index, frames[index]))
            scores.append(self._model.score(luma))
            gathered = self._model.gather(luma, gathered)
            step()
        if gathered is None:
            raise FusionError("there is no frame to fuse")
        self._weights = self._model.select(torch.cat(scores))
        self._guidance = self._model.guidance(gathered)

    def weigh(self, frames: Frames, step: Callable[[], None]) -> tuple[NDArray[Any], PeakTracker]:
        """Pass 2."""
        peak = PeakTracker()
        sums: list[Tensor] = []
        for index in range(len(frames)):
            image = self._tensor(index, frames[index])
            luma = luma_of(image)
            raw = self._raw_weight(index, luma)
            terms = [raw, raw * luma]
            if image.shape[0] == 3:
                chroma = chroma_of(image, luma)
                weight = chroma_weight(chroma)
                terms += [weight, weight * chroma]
            sums = [a + b for a, b in zip(sums, terms, strict=True)] if sums else terms
            peak.add(raw[0, 0].log())
            step()
        self._raw_sum = sums[0]
        fused = (sums[1] / sums[0])[0]
        if len(sums) == 4:
            fused = rgb_of(fused[0], sums[3] / sums[2])
        return self._tensors.to_array(fused), peak

    def weight_map(self, index: int, frame: NDArray[Any]) -> Tensor:
        """Share of one frame: (H, W)."""
        luma = luma_of(self._tensor(index, frame))
        return (self._raw_weight(index, luma) / self._raw_sum)[0, 0]

    def _tensor(self, index: int, frame: NDArray[Any]) -> Tensor:
        return self._tensors.to_tensor(frame, index, self._levels[index])

    def _raw_weight(self, index: int, luma: Tensor) -> Tensor:
        small = self._weights[index : index + 1]
        return self._model.raw_weight(luma, small, self._guidance)
