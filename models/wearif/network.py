"""MDFFEN: the multi-scale dense focus feature extraction network (paper, sec. 2.1, Fig. 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.wearif.picks import SHIPPED, Picks

ENCODER_RATES = (2, 4, 8, 16)
"""Dilation of encoder layers 2-5. Table 1 is not legible in print; Table 2 pins their sum to 30."""

CASCADE_RATES = (7, 15, 31)
"""Co-prime dilation rates of CC-ASPP (Table 2)."""


def conv_block(channels_in: int, channels_out: int, kernel: int, rate: int = 1) -> nn.Sequential:
    """Convolution that keeps the size, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(
            channels_in,
            channels_out,
            kernel,
            padding=rate * (kernel // 2),
            dilation=rate,
            bias=False,
        ),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    )


class Encoder(nn.Module):
    """Six layers in three stages; stage 2 is dense: each layer sees all earlier outputs.

    (N, inputs, h, w) -> (N, channels, h, w).
    """

    def __init__(self, inputs: int, channels: int, picks: Picks = SHIPPED) -> None:
        super().__init__()
        self._dense = picks.dense
        self._last_sees_all = picks.dense and picks.last_layer == "all"
        self.stage1 = conv_block(inputs, channels, kernel=7)
        self.stage2 = nn.ModuleList(
            conv_block(
                channels * (layer + 1 if picks.dense else 1),
                channels,
                kernel=3,
                rate=rate if picks.atrous else 1,
            )
            for layer, rate in enumerate(ENCODER_RATES)
        )
        seen = len(ENCODER_RATES) + 1 if self._last_sees_all else 1
        self.stage3 = conv_block(channels * seen, channels, kernel=3)

    def forward(self, frames: Tensor) -> Tensor:
        """Extract focus features: (K, inputs, h, w) -> (K, channels, h, w)."""
        latest = features = self.stage1(frames)
        for layer in self.stage2:
            latest = layer(features if self._dense else latest)
            if self._dense:
                features = torch.cat([features, latest], dim=1)
        return cast("Tensor", self.stage3(features if self._last_sees_all else latest))


class AtrousPyramid(nn.Module):
    """CC-ASPP: co-prime atrous branches, each fed by the one before, and image pooling.

    (N, channels, h, w) -> (N, 5 channels, h, w). Cascading spreads the receptive fields to
    69, 83, 113 and 175 pixels (Table 2); the fifth branch sees the whole frame. Without the
    cascade it is plain ASPP.
    """

    def __init__(self, channels: int, *, cascaded: bool = True) -> None:
        super().__init__()
        self._cascaded = cascaded
        self.point = conv_block(channels, channels, kernel=1)
        self.cascade = nn.ModuleList(
            conv_block(channels, channels, kernel=3, rate=rate) for rate in CASCADE_RATES
        )
        # No normalisation here: a pooled frame is one value per channel, and a stack of one
        # frame would leave batch normalisation nothing to estimate a variance from.
        self.pooling = nn.Sequential(nn.Conv2d(channels, channels, 1), nn.ReLU(inplace=True))

    def branches(self, features: Tensor) -> list[Tensor]:
        """Return the five branches, each (K, C, h, w), the widest receptive field last."""
        outputs = [self.point(features)]
        latest = features
        for layer in self.cascade:
            latest = layer(latest if self._cascaded else features)
            outputs.append(latest)
        pooled = self.pooling(features.mean(dim=(2, 3), keepdim=True))
        outputs.append(pooled.expand_as(outputs[0]))
        return outputs

    def forward(self, features: Tensor) -> Tensor:
        """Gather features over all scales: (K, C, h, w) -> (K, 5 C, h, w)."""
        return torch.cat(self.branches(features), dim=1)


class MDFFEN(nn.Module):
    """From one low-resolution frame to its score maps; frames are independent of each other.

    (N, inputs, h, w) -> (N, outputs, h, w), without a bound on the values.

    Parameters
    ----------
    channels : int
        Width of every layer; 24 in the paper.
    inputs : int
        Channels of a low-resolution frame; 1 (luma) in the paper.
    outputs : int
        Score maps for each frame; 1 in the paper.
    picks : Picks
        Which of its structures it has (Table 6).
    """

    def __init__(
        self, channels: int = 24, inputs: int = 1, outputs: int = 1, picks: Picks = SHIPPED
    ) -> None:
        super().__init__()
        self.encoder = Encoder(inputs, channels, picks)
        has_pyramid = picks.pyramid != "none"
        self.pyramid = (
            AtrousPyramid(channels, cascaded=picks.pyramid == "cascaded")
            if has_pyramid
            else nn.Identity()
        )
        self.head = nn.Sequential(
            conv_block(5 * channels if has_pyramid else channels, channels, kernel=3),
            nn.Conv2d(channels, outputs, kernel_size=1),
        )

    def forward(self, frames: Tensor) -> Tensor:
        """Score every small pixel of every frame: (K, inputs, h, w) -> (K, outputs, h, w)."""
        return cast("Tensor", self.head(self.pyramid(self.encoder(frames))))


def downsample(image: Tensor, factor: int, *, antialias: bool) -> Tensor:
    """Bilinear downsampling (Fig. 4): (N, C, H, W) -> (N, C, ceil(H/factor), ceil(W/factor)).

    Parameters
    ----------
    antialias : bool
        False as in the paper, where fine texture aliases into the small picture; True averages
        over the pixels that a small pixel covers.
    """
    size = tuple(max(1, -(-side // factor)) for side in image.shape[-2:])
    return functional.interpolate(
        image, size=size, mode="bilinear", align_corners=False, antialias=antialias
    )


def upsample(image: Tensor, size: Sequence[int]) -> Tensor:
    """Bilinear upsampling: (N, C, h, w) -> (N, C, *size)."""
    height, width = size
    if image.requires_grad or image.device.type != "cpu":
        return functional.interpolate(
            image, size=(height, width), mode="bilinear", align_corners=False
        )
    # OpenCV takes a tenth of the time over single maps, and less over channels that lie last.
    full = image.new_empty((image.shape[0], height, width, image.shape[1]))
    for source, target in zip(image.permute(0, 2, 3, 1).numpy(), full.numpy(), strict=True):
        cv2.resize(np.ascontiguousarray(source), (width, height), dst=target)
    return full.permute(0, 3, 1, 2)
