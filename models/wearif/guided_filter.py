"""The convolutional guided filter (paper, sec. 2.2, Table 3), and what Table 4 sets against it."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.wearif.network import conv_block
from models.wearif.picks import Picks


class LocalMean(nn.Module):
    """f_bf: one r x r convolution and a ReLU, started as a box filter.

    (N, 1, h, w) -> the same shape.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.reach = size // 2
        self.conv = nn.Conv2d(1, 1, size)
        nn.init.constant_(self.conv.weight, 1 / size**2)
        nn.init.zeros_(cast("Tensor", self.conv.bias))

    def forward(self, image: Tensor) -> Tensor:
        """Average over the window that the training has shaped."""
        reach = self.reach
        padded = functional.pad(image, (reach, reach, reach, reach), mode="replicate")
        return torch.relu(self.conv(padded))


class ConvolutionalGuidedFilter(nn.Module):
    """From low-resolution weights and guidance to the linear model of the weights.

    Parameters
    ----------
    size : int
        Side r of the window of f_bf; the paper prints none, 5 is this project's choice.
    """

    def __init__(self, size: int = 5) -> None:
        super().__init__()
        self.mean = LocalMean(size)
        self.ratio = nn.Sequential(conv_block(2, 8, kernel=1), nn.Conv2d(8, 1, kernel_size=1))

    def forward(self, weights: Tensor, guidance: Tensor) -> tuple[Tensor, Tensor]:
        """Fit ``weights = a * guidance + b`` in every window.

        Parameters
        ----------
        weights : Tensor
            (N, 1, h, w), the focus weights of each frame.
        guidance : Tensor
            (1, 1, h, w), the aggregated Reblur difference, or (N, 1, h, w).

        Returns
        -------
        a, b : Tensor
            (N, 1, h, w) each. Steps 1-3 of Table 3.
        """
        mean_g = self.mean(guidance)
        mean_i = self.mean(weights)
        var_g = self.mean(guidance * guidance) - mean_g * mean_g
        cov_gi = self.mean(guidance * weights) - mean_g * mean_i
        a = self.ratio(torch.cat([cov_gi, var_g.expand_as(cov_gi)], dim=1))
        return a, mean_i - a * mean_g


class ClassicGuidedFilter(nn.Module):
    """The guided filter with box means and nothing to learn (He, Sun and Tang 2010, eqs. 5-8).

    Parameters
    ----------
    size : int
        Side of the window.
    """

    FLATTEST = 1e-3
    """Variance of a guidance in 0..1 below which a window counts as flat (epsilon)."""

    def __init__(self, size: int = 5) -> None:
        super().__init__()
        self._size = size

    def forward(self, weights: Tensor, guidance: Tensor) -> tuple[Tensor, Tensor]:
        """Fit as `ConvolutionalGuidedFilter` does, and average over all windows at a pixel."""
        mean_g, mean_i = self._mean(guidance), self._mean(weights)
        var_g = self._mean(guidance * guidance) - mean_g * mean_g
        cov_gi = self._mean(guidance * weights) - mean_g * mean_i
        a = cov_gi / (var_g + self.FLATTEST)
        return self._mean(a), self._mean(mean_i - a * mean_g)

    def _mean(self, image: Tensor) -> Tensor:
        reach = self._size // 2
        padded = functional.pad(image, (reach, reach, reach, reach), mode="replicate")
        return functional.avg_pool2d(padded, self._size, stride=1)


class NoGuidedFilter(nn.Module):
    """Leaves the weights as they are: bilinear upsampling does the rest (Table 4, method 1)."""

    def forward(self, weights: Tensor, guidance: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Return a = 0 and b = weights, each (K, 1, h, w) as the weights are."""
        return torch.zeros_like(weights), weights


def guided_filter(picks: Picks) -> nn.Module:
    """Build the guided filter that was picked."""
    if picks.refinement == "bilinear":
        return NoGuidedFilter()
    if picks.refinement == "classic":
        return ClassicGuidedFilter(picks.window)
    return ConvolutionalGuidedFilter(picks.window)
