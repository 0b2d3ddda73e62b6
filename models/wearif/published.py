"""The published model: the network as the paper prints it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from models.wearif.family import DOWNSCALE, ModelConfig, WearIF
from models.wearif.guided_filter import ConvolutionalGuidedFilter
from models.wearif.network import MDFFEN, downsample, upsample
from models.wearif.sharpness import reblur_difference


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
