"""WearIF, a family of two.

``published`` is the network as the paper prints it. Its argmax over the frames and its guidance,
a sum over the frames, need the whole stack before the first weight is known.

``wearif`` keeps the shape (a multi-scale network scores small frames, a learned guided refinement
takes the scores to full resolution, a weighted sum fuses) and changes what the paper leaves weak:
each frame is refined by its own sharpness, and the frames compete by a softmax at full resolution.
No term needs another frame, so frames can be fused as they arrive, with the same result.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.wearif.guided_filter import ConvolutionalGuidedFilter
from models.wearif.network import MDFFEN, downsample, upsample
from models.wearif.sharpness import laplacian_energy, log_sharpness, reblur_difference

ModelName = Literal["published", "wearif"]

DOWNSCALE = 4
"""Full to low resolution: 910x512 to 228x128 in the paper (sec. 3.2)."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What has to be known to build a network before its weights can be loaded."""

    name: ModelName
    channels: int

    @classmethod
    def of(cls, name: ModelName) -> ModelConfig:
        """Return the shipped configuration of one of the two models."""
        return cls(name, channels=24 if name == "published" else 12)

    def as_dict(self) -> dict[str, str | int]:
        """Return the fields as they are stored beside the weights."""
        return asdict(self)


class WearIF(nn.Module, ABC):
    """What both models can do."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.weights_sha256: str | None = None
        """Of the file that the weights were loaded from; None where there is no file."""

    @abstractmethod
    def fuse_luma(self, luma: Tensor) -> tuple[Tensor, Tensor]:
        """Fuse one stack, differentiably.

        Parameters
        ----------
        luma : Tensor
            (N, 1, H, W) in 0..1.

        Returns
        -------
        fused : Tensor
            (1, 1, H, W).
        weights : Tensor
            (N, 1, H, W), >= 0, sum 1 over N (eq. 1).
        """


class PublishedWearIF(WearIF):
    """The paper's network, with the picks that the paper leaves open stated in its model card."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.network = MDFFEN(config.channels)
        self.guided_filter = ConvolutionalGuidedFilter()

    def score(self, luma: Tensor) -> Tensor:
        """Score map of each frame: (N, 1, H, W) in 0..1 -> (N, 1, h, w)."""
        scores: Tensor = self.network(downsample(luma, DOWNSCALE, antialias=False))
        return scores

    @staticmethod
    def select(scores: Tensor) -> Tensor:
        """Low-resolution weights: the best frame takes all (the paper's argmax).

        (N, 1, h, w) -> the same shape, one 1 per pixel.
        """
        winner = scores.argmax(dim=0, keepdim=True)
        return torch.zeros_like(scores).scatter_(0, winner, 1.0)

    @staticmethod
    def guidance(difference_sum: Tensor) -> Tensor:
        """Small guidance map from the sum of `reblur_difference` over all frames.

        (1, 1, H, W) -> (1, 1, h, w), scaled to a maximum of 1.
        """
        peak = difference_sum.amax().clamp_min(torch.finfo(difference_sum.dtype).tiny)
        return downsample(difference_sum / peak, DOWNSCALE, antialias=False)

    def raw_weight(self, luma: Tensor, weights: Tensor, guidance: Tensor) -> Tensor:
        """Weight of each frame at full resolution, before the frames are set against each other.

        Parameters
        ----------
        luma : Tensor
            (K, 1, H, W) in 0..1: all frames or some of them.
        weights : Tensor
            (K, 1, h, w), of the same frames.
        guidance : Tensor
            (1, 1, h, w).

        Returns
        -------
        Tensor
            (K, 1, H, W), > 0. Steps 4-5 of Table 3; the absolute value, because the linear model
            may go below zero and a weight may not.
        """
        a, b = self.guided_filter(weights, guidance)
        size = luma.shape[-2:]
        return (upsample(a, size) * luma + upsample(b, size)).abs() + 1e-6

    def fuse_luma(self, luma: Tensor) -> tuple[Tensor, Tensor]:
        """Fuse one stack; while training, a softmax stands in for the argmax."""
        scores = self.score(luma)
        small_weights = functional.softmax(scores, dim=0) if self.training else self.select(scores)
        guidance = self.guidance(reblur_difference(luma).sum(dim=0, keepdim=True))
        raw = self.raw_weight(luma, small_weights, guidance)
        weights = raw / raw.sum(dim=0, keepdim=True)
        return (weights * luma).sum(dim=0, keepdim=True), weights


class StreamingWearIF(WearIF):
    """The default model: every frame's score depends on that frame alone.

    The score is ``a * L1 + b * L2 + c`` at full resolution, where L1 and L2 are log sharpness in a
    narrow and a wide window and a, b, c come from the network at low resolution. With a = 0,
    b = 8, c = 0 this is plain soft focus weighting; the training starts there.
    """

    DETAIL, NARROW, WIDE = 0.8, 1.2, 3.0
    """Sigmas in pixels: of the finest detail, and of the two windows."""
    FLOOR = 1e-3
    """Laplacian energy of a frame with 0.1 % of noise."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.network = MDFFEN(config.channels, inputs=3, outputs=3)
        last = cast("nn.Conv2d", self.network.head[-1])
        nn.init.zeros_(last.weight)
        last.bias = nn.Parameter(torch.tensor([0.0, 8.0, 0.0]))

    def score(self, luma: Tensor) -> Tensor:
        """Score of each frame: (K, 1, H, W) in 0..1 -> (K, 1, H, W); larger is sharper."""
        energy = laplacian_energy(luma, self.DETAIL)
        narrow = log_sharpness(energy, self.NARROW, self.FLOOR)
        wide = log_sharpness(energy, self.WIDE, self.FLOOR)
        # The network sees log sharpness brought to about -1..1.
        full = torch.cat([luma, narrow / 3 + 1.5, wide / 3 + 1.5], dim=1)
        maps = upsample(self.network(downsample(full, DOWNSCALE, antialias=True)), luma.shape[-2:])
        return maps[:, :1] * narrow + maps[:, 1:2] * wide + maps[:, 2:]

    def fuse_luma(self, luma: Tensor) -> tuple[Tensor, Tensor]:
        """Fuse one stack by a softmax over the frames' scores."""
        weights = functional.softmax(self.score(luma), dim=0)
        return (weights * luma).sum(dim=0, keepdim=True), weights


def build_model(config: ModelConfig) -> PublishedWearIF | StreamingWearIF:
    """Build an untrained network."""
    published = config.name == "published"
    model = PublishedWearIF(config) if published else StreamingWearIF(config)
    # Convolutions on processors run up to twice as fast on channels that lie side by side.
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model
