"""The default model: every frame's score depends on that frame alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import cv2
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.wearif.family import DOWNSCALE, ModelConfig, WearIF
from models.wearif.network import upsample
from models.wearif.sharpness import laplacian_energy, log_sharpness, on_processor, shrunk

_RATES = (1, 2, 4, 8)
"""Dilation of the dense layers, in pixels of 1/8 resolution."""
_PARTS = DOWNSCALE**2
_SIDE = 2 * DOWNSCALE
"""Frames are padded to a multiple of this."""


@dataclass(frozen=True, slots=True)
class FocusFeatures:
    """What the model measures in each frame; none of it is learned.

    Parameters
    ----------
    fine : Tensor
        (K, 2, H', W'): luma in 0..1, and log sharpness in the narrow window; channels last.
    narrow : Tensor
        (K, 1, H', W'), the latter by itself.
    broad : Tensor
        (K, B, H'/4, W'/4), log sharpness in the broad windows.
    height, width : int
        H and W of the frames; H' and W' are the next multiples of 8.
    """

    fine: Tensor
    narrow: Tensor
    broad: Tensor
    height: int
    width: int


class FocusNetwork(nn.Module):
    """From focus features at low resolution to the maps that the score is made of.

    Detail is kept at 1/4 of the frame's resolution, where 16 channels hold the 16 pixels that each
    small pixel covers; dense atrous layers at 1/8 see 120 pixels around. There is neither image
    pooling nor batch normalisation: a score depends on the pixel's surroundings alone, so that
    frames can be scored in tiles, and on no other frame.

    Parameters
    ----------
    channels : int
        Width of every layer.
    broad : int
        Broad windows.
    outputs : int
        Maps; all 0 before training.
    """

    def __init__(self, channels: int, broad: int, outputs: int) -> None:
        super().__init__()
        # What lies in a small pixel is summed up before the neighbours are looked at: a 3x3
        # convolution of all inputs at once would be the costliest layer of all.
        inputs = 2 * _PARTS + broad
        self.entry = nn.Sequential(
            _convolution(inputs, channels, kernel=1), _convolution(channels, channels)
        )
        self.narrowing = _convolution(4 * channels, channels, kernel=1)
        self.dense = nn.ModuleList(
            _convolution(channels * (layer + 1), channels, rate=rate)
            for layer, rate in enumerate(_RATES)
        )
        self.gather = nn.Conv2d(channels * (len(_RATES) + 1), channels, kernel_size=1)
        self.head = _convolution(channels, channels)
        self.maps = nn.Conv2d(channels, outputs, kernel_size=1)
        nn.init.zeros_(self.maps.weight)
        nn.init.zeros_(cast("Tensor", self.maps.bias))

    def forward(self, features: FocusFeatures) -> Tensor:
        """Measured frames -> (K, outputs, H'/4, W'/4)."""
        detail = self.entry[1](self._enter(features))
        seen = self._narrow(detail)
        for layer in self.dense:
            seen = torch.cat([seen, layer(seen)], dim=1)
        context = upsample(self.gather(seen), detail.shape[-2:])
        joined = functional.relu(context.add_(detail), inplace=True)
        return self._out(self.head(joined))

    def _enter(self, features: FocusFeatures) -> Tensor:
        """Convolve 4x4 pixels, not first put side by side: (K, channels, H'/4, W'/4).

        The layer's inputs are the pixels of each small pixel and its broad windows, all about
        -1..1: luma as 2 x - 1, log sharpness divided by 3. That is done to the weights instead.
        """
        layer = cast("nn.Conv2d", next(self.entry[0].children()))
        weight = layer.weight.flatten(1)
        luma, narrow = (
            weight[:, start : start + _PARTS].view(-1, 1, DOWNSCALE, DOWNSCALE)
            for start in (0, _PARTS)
        )
        kernel = torch.cat([2 * luma, narrow / 3], dim=1)
        bias = cast("Tensor", layer.bias) - luma.sum(dim=(1, 2, 3))
        entered = functional.conv2d(
            features.fine,
            kernel.contiguous(memory_format=torch.channels_last),
            bias,
            stride=DOWNSCALE,
        )
        broad = (weight[:, 2 * _PARTS :] / 3).to(entered.dtype).expand(len(entered), -1, -1)
        entered.flatten(2).transpose(1, 2).baddbmm_(
            features.broad.to(entered.dtype).flatten(2).transpose(1, 2), broad.transpose(1, 2)
        )
        return functional.relu(entered, inplace=True)

    def _out(self, joined: Tensor) -> Tensor:
        """Convolve 1x1 pixels so that each map comes out in one piece, ready to be enlarged."""
        weight, bias = self.maps.weight.flatten(1), cast("Tensor", self.maps.bias)
        pixels = joined.flatten(2)
        maps = torch.baddbmm(bias[:, None], weight.expand(len(pixels), -1, -1), pixels)
        return maps.view(*maps.shape[:2], *joined.shape[-2:])

    def _narrow(self, detail: Tensor) -> Tensor:
        """Halve the resolution: a 1x1 convolution of 2x2 pixels, not first put side by side."""
        layer = cast("nn.Conv2d", next(self.narrowing.children()))
        weight = layer.weight.reshape(-1, detail.shape[1], 2, 2)
        return functional.relu(
            functional.conv2d(detail, weight, layer.bias, stride=2), inplace=True
        )


class StreamingWearIF(WearIF):
    """Scores each frame by itself: ``a * L1 + b2 * L2 + b3 * L3 + c + d``.

    L1, L2, L3 are log sharpness in windows from narrow to broad; a, b2, b3, c and d come from the
    network. Only a * L1 and d have the frame's full resolution: d is put together from 16 values
    for each small pixel (sub-pixel convolution; Shi et al., CVPR 2016), so that selection can
    follow an edge finer than the network's grid. With b2 = 8 and all else 0 this is plain soft
    focus weighting; training starts there.
    """

    DETAIL, NARROW = 0.8, 1.2
    """Sigmas in pixels: of the finest detail, and of the narrow window."""
    BROAD = (3.0, 8.0)
    """Sigmas in pixels of the broad windows."""
    FLOOR = 1e-3
    """Laplacian energy of a frame with 0.1 % of noise."""
    MIDDLE = -3.5
    """Log sharpness between the floor and the sharpest edges."""
    LIMIT = 80.0
    """Scores stay within it, so that their exponentials, and sums of many, are normal floats."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        broad = len(self.BROAD)
        self.network = FocusNetwork(config.channels, broad, outputs=2 + broad + _PARTS)
        with torch.no_grad():
            cast("Tensor", self.network.maps.bias)[1] = 8.0

    @torch.no_grad()
    def features(self, luma: Tensor) -> FocusFeatures:
        """Measure frames: (K, 1, H, W) in 0..1."""
        height, width = luma.shape[-2:]
        # Replication, unlike reflection, also works where a frame is smaller than the padding.
        padded = functional.pad(luma, (0, -width % _SIDE, 0, -height % _SIDE), mode="replicate")
        energy = laplacian_energy(padded, self.DETAIL)
        narrow = log_sharpness(energy, self.NARROW, self.FLOOR).sub_(self.MIDDLE)
        covered = shrunk(energy, DOWNSCALE)
        broad = torch.cat([self._broad(covered, sigma) for sigma in self.BROAD], dim=1)
        return FocusFeatures(interleaved(padded, narrow), narrow, broad, height, width)

    def _broad(self, covered: Tensor, sigma: float) -> Tensor:
        # The mean over 4 pixels has a variance of (16 - 1) / 12 of its own.
        rest = math.sqrt(sigma**2 - (DOWNSCALE**2 - 1) / 12) / DOWNSCALE
        return log_sharpness(covered, rest, self.FLOOR) - self.MIDDLE

    def score_features(self, features: FocusFeatures) -> Tensor:
        """Score measured frames, differentiably: (K, 1, H, W)."""
        maps = self.network(features)
        broad = features.broad.shape[1]
        offset = (maps[:, 1 : 1 + broad] * features.broad).sum(dim=1, keepdim=True)
        offset = offset + maps[:, 1 + broad : 2 + broad]
        slope, offset = (
            upsample(each, features.narrow.shape[-2:]) for each in (maps[:, :1], offset)
        )
        detail = shuffled(maps[:, 2 + broad :])
        score = torch.addcmul(detail, slope, features.narrow).add_(offset)
        score = score.clamp_(-self.LIMIT, self.LIMIT)
        return score[..., : features.height, : features.width]

    def score(self, luma: Tensor) -> Tensor:
        """Score of each frame: (K, 1, H, W) in 0..1 -> (K, 1, H, W); larger is sharper."""
        return self.score_features(self.features(luma))

    def fuse_features(self, features: FocusFeatures, luma: Tensor) -> tuple[Tensor, Tensor]:
        """Fuse one measured stack by a softmax over the frames' scores; see `fuse_luma`."""
        weights = functional.softmax(self.score_features(features), dim=0)
        return (weights * luma).sum(dim=0, keepdim=True), weights

    def fuse_luma(self, luma: Tensor) -> tuple[Tensor, Tensor]:
        """Fuse one stack by a softmax over the frames' scores.

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
        return self.fuse_features(self.features(luma), luma)


def interleaved(first: Tensor, second: Tensor) -> Tensor:
    """Put two maps side by side: (K, 1, H, W) each -> (K, 2, H, W), channels last."""
    if not on_processor(first):
        return torch.cat([first, second], dim=1).contiguous(memory_format=torch.channels_last)
    # OpenCV takes half the time.
    both = first.new_empty((*first[:, 0].shape, 2))
    for source, other, target in zip(first.numpy(), second.numpy(), both.numpy(), strict=True):
        cv2.merge((source[0], other[0]), target)
    return both.permute(0, 3, 1, 2)


def shuffled(cells: Tensor) -> Tensor:
    """Put the pixels of small pixels where they belong: (K, 16, h, w) -> (K, 1, 4 h, 4 w)."""
    if not on_processor(cells):
        return functional.pixel_shuffle(cells, DOWNSCALE)
    # OpenCV takes a third of the time.
    count, _, height, width = cells.shape
    full = cells.new_empty((count, 1, DOWNSCALE * height, DOWNSCALE * width))
    rows = full.view(count, height, DOWNSCALE, width, DOWNSCALE).numpy()
    for source, target in zip(cells.numpy(), rows, strict=True):
        for row in range(DOWNSCALE):
            first = DOWNSCALE * row
            cv2.merge(source[first : first + DOWNSCALE], target[:, row])
    return full


def _convolution(channels_in: int, channels_out: int, kernel: int = 3, rate: int = 1) -> nn.Module:
    """Convolution that keeps the size, and ReLU, initialised to keep the variance (He 2015)."""
    layer = nn.Conv2d(
        channels_in, channels_out, kernel, padding=rate * (kernel // 2), dilation=rate
    )
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(cast("Tensor", layer.bias))
    return nn.Sequential(layer, nn.ReLU(inplace=True))
