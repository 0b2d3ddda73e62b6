"""The published model: the network as the paper prints it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from models.wearif.family import DOWNSCALE, ModelConfig, WearIF
from models.wearif.guided_filter import guided_filter
from models.wearif.network import MDFFEN, downsample, upsample
from models.wearif.sharpness import log_sharpness, reblur_difference

_TRACE = 1e-6
_LARGEST_EXPONENT = 60.0


class PublishedWearIF(WearIF):
    """The paper's network; ``config.picks`` says how what the paper leaves open is read."""

    DIFFERENCE_GAIN = 10.0
    """Brings the Reblur difference of texture in focus, a tenth of white, to about 1."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self._picks = config.picks
        self.network = MDFFEN(config.channels, picks=config.picks)
        self.guided_filter = guided_filter(config.picks)

    def score(self, luma: Tensor) -> Tensor:
        """Score map of each frame: (N, 1, H, W) in 0..1 -> (N, 1, h, w)."""
        scores: Tensor = self.network(downsample(luma, DOWNSCALE, antialias=False))
        return scores

    def select(self, scores: Tensor) -> Tensor:
        """Low-resolution weights: the best frame takes all (the paper's argmax).

        (N, 1, h, w) -> the same shape, one 1 per pixel. While training, a softmax stands in for
        the argmax, which passes no gradient on.
        """
        if self._picks.filtered == "scores":
            return scores
        if self.training or self._picks.selection == "softmax":
            return functional.softmax(scores, dim=0)
        winner = scores.argmax(dim=0, keepdim=True)
        return torch.zeros_like(scores).scatter_(0, winner, 1.0)

    def gather(self, luma: Tensor, gathered: Tensor | None = None) -> Tensor:
        """Aggregate the frames' Reblur differences, a few frames at a time.

        Parameters
        ----------
        luma : Tensor
            (K, 1, H, W) in 0..1: the next frames.
        gathered : Tensor, optional
            (1, 1, H, W), returned for the frames before.
        """
        differences = reblur_difference(luma, self._picks.reblur_sigma)
        if self._picks.guidance == "maximum":
            latest = differences.amax(dim=0, keepdim=True)
            return latest if gathered is None else torch.maximum(gathered, latest)
        latest = differences.sum(dim=0, keepdim=True)
        return latest if gathered is None else gathered + latest

    @staticmethod
    def guidance(gathered: Tensor) -> Tensor:
        """Guidance image C from what was gathered over all frames.

        (1, 1, H, W) -> the same shape, scaled to a maximum of 1.
        """
        return gathered / gathered.amax().clamp_min(torch.finfo(gathered.dtype).tiny)

    def raw_weight(self, luma: Tensor, weights: Tensor, guidance: Tensor) -> Tensor:
        """Weight of each frame at full resolution, before the frames are set against each other.

        Parameters
        ----------
        luma : Tensor
            (K, 1, H, W) in 0..1: all frames or some of them.
        weights : Tensor
            (K, 1, h, w), of the same frames.
        guidance : Tensor
            (1, 1, H, W), of `guidance`.

        Returns
        -------
        Tensor
            (K, 1, H, W), > 0. Steps 1-5 of Table 3; as shipped the absolute value, because the
            linear model may go below zero and a weight may not.
        """
        guide = self._guide(luma, guidance)
        a, b = self.guided_filter(weights, downsample(guide, DOWNSCALE, antialias=False))
        size = luma.shape[-2:]
        refined = upsample(a, size) * self._multiplier(luma, guide) + upsample(b, size)
        if self._picks.normalisation == "softmax":
            # Divided by the sum over the frames this is a softmax, as far as numbers reach.
            return refined.clamp_max(_LARGEST_EXPONENT).exp()
        if self._picks.normalisation == "relu":
            return refined.relu() + _TRACE
        return refined.abs() + _TRACE

    def fuse_luma(self, luma: Tensor) -> tuple[Tensor, Tensor]:
        """Fuse one stack.

        Parameters
        ----------
        luma : Tensor of shape (K, 1, H, W)
            The stack's brightness, 0..1.

        Returns
        -------
        fused : Tensor of shape (1, 1, H, W)
        weights : Tensor of shape (K, 1, H, W)
            0..1; over the frames they add up to 1.
        """
        small_weights = self.select(self.score(luma))
        raw = self.raw_weight(luma, small_weights, self.guidance(self.gather(luma)))
        weights = raw / raw.sum(dim=0, keepdim=True)
        return (weights * luma).sum(dim=0, keepdim=True), weights

    def _guide(self, luma: Tensor, guidance: Tensor) -> Tensor:
        if self._picks.guidance == "own":
            return self._difference(luma)
        return luma if self._picks.guidance == "frame" else guidance

    def _multiplier(self, luma: Tensor, guide: Tensor) -> Tensor:
        match self._picks.multiplier:
            case "frame":
                return luma
            case "guidance":
                return guide
            case "difference":
                return self._difference(luma)
            case "log sharpness":
                difference = reblur_difference(luma, self._picks.reblur_sigma)
                # Brought to about -1..1.
                return log_sharpness(difference, window_sigma=2.0, floor=1e-3) / 3 + 1.5

    def _difference(self, luma: Tensor) -> Tensor:
        return self.DIFFERENCE_GAIN * reblur_difference(luma, self._picks.reblur_sigma)
