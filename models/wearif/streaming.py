"""The default model: every frame's score depends on that frame alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.wearif.family import DOWNSCALE, ModelConfig, WearIF
from models.wearif.network import upsample
from models.wearif.sharpness import laplacian_energy, log_sharpness

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
    narrow : Tensor
        (K, 1, H', W'), log sharpness in the narrow window, at full resolution.
    broad : Tensor
        (K, B, H'/4, W'/4), log sharpness in the broad windows.
    small : Tensor
        (K, C, H'/4, W'/4), what the network sees.
    height, width : int
        H and W of the frames; H' and W' are the next multiples of 8.
    """

    narrow: Tensor
    broad: Tensor
    small: Tensor
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
    inputs : int
        Feature channels of a small pixel.
    outputs : int
        Maps; all 0 before training.
    """

    def __init__(self, channels: int, inputs: int, outputs: int) -> None:
        super().__init__()
        # What lies in a small pixel is summed up before the neighbours are looked at: a 3x3
        # convolution of all inputs at once would be the costliest layer of all.
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

    def forward(self, small: Tensor) -> Tensor:
        """(K, inputs, h, w) -> (K, outputs, h, w); h and w even."""
        detail = self.entry(small)
        features = self._narrow(detail)
        for layer in self.dense:
            features = torch.cat([features, layer(features)], dim=1)
        context = upsample(self.gather(features), detail.shape[-2:])
        joined = functional.relu(detail + context, inplace=True)
        return cast("Tensor", self.maps(self.head(joined)))

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
        self.network = FocusNetwork(
            config.channels, inputs=2 * _PARTS + broad, outputs=2 + broad + _PARTS
        )
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
        covered = functional.avg_pool2d(energy, DOWNSCALE)
        broad = torch.cat([self._broad(covered, sigma) for sigma in self.BROAD], dim=1)
        small = torch.empty(
            (luma.shape[0], 2 * _PARTS + len(self.BROAD), *broad.shape[-2:]),
            dtype=luma.dtype,
            device=luma.device,
            memory_format=torch.channels_last,
        )
        # Everything about -1..1, written where it belongs in one go: this is all moving of memory.
        torch.add(padded.new_tensor(-1.0), _cells(padded), alpha=2, out=_split(small, 0))
        torch.mul(_cells(narrow), 1 / 3, out=_split(small, _PARTS))
        torch.mul(broad, 1 / 3, out=small[:, 2 * _PARTS :])
        return FocusFeatures(narrow, broad, small, height, width)

    def _broad(self, covered: Tensor, sigma: float) -> Tensor:
        # The mean over 4 pixels has a variance of (16 - 1) / 12 of its own.
        rest = math.sqrt(sigma**2 - (DOWNSCALE**2 - 1) / 12) / DOWNSCALE
        return log_sharpness(covered, rest, self.FLOOR) - self.MIDDLE

    def score_features(self, features: FocusFeatures) -> Tensor:
        """Score measured frames, differentiably: (K, 1, H, W)."""
        maps = self.network(features.small)
        broad = features.broad.shape[1]
        offset = (maps[:, 1 : 1 + broad] * features.broad).sum(dim=1, keepdim=True)
        offset = offset + maps[:, 1 + broad : 2 + broad]
        slope, offset = (
            upsample(each, features.narrow.shape[-2:]) for each in (maps[:, :1], offset)
        )
        detail = functional.pixel_shuffle(maps[:, 2 + broad :], DOWNSCALE)
        score = torch.addcmul(detail, slope, features.narrow).add_(offset)
        return score[..., : features.height, : features.width].clamp(-self.LIMIT, self.LIMIT)

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


def _cells(image: Tensor) -> Tensor:
    """View the pixels that each small pixel covers as its channels, as `pixel_unshuffle` does.

    (K, 1, H', W') -> (K, 4, 4, H'/4, W'/4).
    """
    count, _, height, width = image.shape
    cells = image.view(count, height // DOWNSCALE, DOWNSCALE, width // DOWNSCALE, DOWNSCALE)
    return cells.permute(0, 2, 4, 1, 3)


def _split(small: Tensor, start: int) -> Tensor:
    """View 16 channels as 4 x 4: (K, C, h, w) -> (K, 4, 4, h, w)."""
    channels = small[:, start : start + _PARTS].permute(0, 2, 3, 1)
    return channels.view(*channels.shape[:3], DOWNSCALE, DOWNSCALE).permute(0, 3, 4, 1, 2)


def _convolution(channels_in: int, channels_out: int, kernel: int = 3, rate: int = 1) -> nn.Module:
    """Convolution that keeps the size, and ReLU, initialised to keep the variance (He 2015)."""
    layer = nn.Conv2d(
        channels_in, channels_out, kernel, padding=rate * (kernel // 2), dilation=rate
    )
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(cast("Tensor", layer.bias))
    return nn.Sequential(layer, nn.ReLU(inplace=True))
