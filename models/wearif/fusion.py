"""Fuse a stack: frame by frame as they arrive, or a whole stack from wherever it lies.

Neither way keeps the frames in memory. What grows with their number are the network's maps at low
resolution, one float per 16 pixels and map.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.wearif.colour import chroma_of, chroma_weight, luma_of, rgb_of
from models.wearif.frame_tensor import FrameFormatError, FrameTensors
from models.wearif.model import PublishedWearIF, StreamingWearIF, WearIF
from models.wearif.peak import PeakTracker

Progress = Callable[[int, int], None]
"""Called with the steps done and the steps in all."""


class FusionError(Exception):
    """Frames cannot be fused; the message is one line that names the frame and the reason."""


class Frames(Protocol):
    """A stack of frames, read one at a time."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, index: int) -> NDArray[Any]:
        """Return one frame: (H, W) or (H, W, 3) RGB, uint8 or uint16."""
        ...


class _Weighing(Protocol):
    """What is needed to compute a frame's weight map again from its pixels."""

    def weight_map(self, index: int, frame: NDArray[Any]) -> Tensor: ...


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
    frame_count: int
    _weighing: _Weighing

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
            weights = self._weighing.weight_map(index, frame)
        return np.ascontiguousarray(weights[0, 0].cpu().numpy())


class StreamingFusion:
    """Fuses frames one at a time; there is a fused image after each.

    A softmax over the frames needs only, at every pixel, the largest score so far and two sums
    taken relative to it. The result does not depend on when, or whether, previews were taken.
    """

    def __init__(self, model: StreamingWearIF) -> None:
        self._model = model
        self._tensors = FrameTensors(model)
        self._peak = PeakTracker()
        self._largest = torch.empty(0)
        self._weight_sum = torch.empty(0)
        self._weighted = torch.empty(0)

    @property
    def count(self) -> int:
        """How many frames have been added."""
        return self._peak.count

    def add(self, frame: NDArray[Any]) -> None:
        """Add the next frame of the sweep.

        Parameters
        ----------
        frame : ndarray
            (H, W) or (H, W, 3) RGB, uint8 or uint16; all frames alike.

        Raises
        ------
        FusionError
            The frame is of another kind than the first, or of a kind that cannot be fused.
        """
        with torch.inference_mode():
            image = _tensor(self._tensors, frame, self.count)
            score = self._model.score(luma_of(image))[0]
            if self.count == 0:
                self._largest = torch.full_like(score, -torch.inf)
                self._weight_sum = torch.zeros_like(score)
                self._weighted = torch.zeros_like(image)
            largest = torch.maximum(self._largest, score)
            fade = torch.exp(self._largest - largest)
            weight = torch.exp(score - largest)
            self._largest = largest
            self._weight_sum = self._weight_sum * fade + weight
            self._weighted = self._weighted * fade + weight * image
            self._peak.add(score[0])

    def preview(self) -> NDArray[Any]:
        """Return the fused image of the frames so far."""
        if self.count == 0:
            raise FusionError("there is no frame to fuse")
        return self._tensors.to_array(self._weighted / self._weight_sum)

    def finish(self, z_um: Sequence[float] | None = None) -> Fusion:
        """Return the result; frames may still be added and the fusion be finished again.

        Parameters
        ----------
        z_um : sequence of float, optional
            The z of each frame; without it heights are frame numbers.
        """
        fused = self.preview()
        weighing = _StreamingWeighing(self._model, self._tensors, self._largest, self._weight_sum)
        return _result(self._model, fused, self._peak, z_um, weighing)


@dataclass(frozen=True, slots=True)
class _StreamingWeighing:
    model: StreamingWearIF
    tensors: FrameTensors
    largest: Tensor
    weight_sum: Tensor

    def weight_map(self, index: int, frame: NDArray[Any]) -> Tensor:
        score = self.model.score(luma_of(_tensor(self.tensors, frame, index)))
        return torch.exp(score - self.largest) / self.weight_sum


class _PublishedFusion:
    """The paper's order of work: every frame is scored before any can be weighed.

    Pass 1 gathers score maps and the guidance; pass 2 reads the frames again and adds them up.
    """

    def __init__(self, model: PublishedWearIF) -> None:
        self._model = model
        self._tensors = FrameTensors(model)

    def score(self, frames: Frames, step: Callable[[], None]) -> None:
        """Pass 1."""
        scores: list[Tensor] = []
        gathered: Tensor | None = None
        for index in range(len(frames)):
            luma = luma_of(_tensor(self._tensors, frames[index], index))
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
            image = _tensor(self._tensors, frames[index], index)
            luma = luma_of(image)
            raw = self.raw_weight(index, luma)
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

    def raw_weight(self, index: int, luma: Tensor) -> Tensor:
        """Weight of one frame before it is set against the others."""
        small = self._weights[index : index + 1]
        return self._model.raw_weight(luma, small, self._guidance)

    def weight_map(self, index: int, frame: NDArray[Any]) -> Tensor:
        """Share of one frame."""
        luma = luma_of(_tensor(self._tensors, frame, index))
        return self.raw_weight(index, luma) / self._raw_sum


def fuse(
    frames: Frames,
    model: PublishedWearIF | StreamingWearIF,
    z_um: Sequence[float] | None = None,
    on_progress: Progress | None = None,
) -> Fusion:
    """Fuse a stack.

    Parameters
    ----------
    frames : sequence of ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16, all alike, at least one. Each is read once, or
        twice by the published model.
    model : WearIF
        From `models.wearif.weights.load_model`.
    z_um : sequence of float, optional
        The z of each frame; without it heights are frame numbers.
    on_progress : callable, optional
        Called after each step with the steps done and the steps in all.

    Raises
    ------
    FusionError
        There is no frame, or one cannot be fused with the others.
    """
    count = len(frames)
    if isinstance(model, StreamingWearIF):
        step = _stepper(on_progress, count)
        streaming = StreamingFusion(model)
        for index in range(count):
            streaming.add(frames[index])
            step()
        return streaming.finish(z_um)
    step = _stepper(on_progress, 2 * count)
    published = _PublishedFusion(model)
    with torch.inference_mode():
        published.score(frames, step)
        fused, peak = published.weigh(frames, step)
    return _result(model, fused, peak, z_um, published)


def _result(
    model: WearIF,
    fused: NDArray[Any],
    peak: PeakTracker,
    z_um: Sequence[float] | None,
    weighing: _Weighing,
) -> Fusion:
    height, unit = peak.height(z_um)
    return Fusion(
        model=model.config.name,
        weights_sha256=model.weights_sha256,
        fused=fused,
        height=height,
        height_unit=unit,
        frame_count=peak.count,
        _weighing=weighing,
    )


def _stepper(on_progress: Progress | None, total: int) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress(done, total)

    return step


def _tensor(tensors: FrameTensors, frame: NDArray[Any], index: int) -> Tensor:
    try:
        return tensors.to_tensor(frame)
    except FrameFormatError as error:
        raise FusionError(f"frame {index}: {error}") from error
