"""WearIF, a family of two.

``published`` is the network as the paper prints it. Its argmax over the frames and its guidance,
a sum over the frames, need the whole stack before the first weight is known.

``wearif`` keeps the shape (a multi-scale network scores small frames, a learned guided refinement
takes the scores to full resolution, a weighted sum fuses) and changes what the paper leaves weak:
each frame is refined by its own sharpness, and the frames compete by a softmax at full resolution.
No term needs another frame, so frames can be fused as they arrive, with the same result.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.wearif.family import DOWNSCALE, ModelConfig, ModelName, WearIF
from models.wearif.network import MDFFEN, downsample, upsample
from models.wearif.published import PublishedWearIF
from models.wearif.sharpness import laplacian_energy, log_sharpness

__all__ = [
    "DOWNSCALE",
    "ModelConfig",
    "ModelName",
    "PublishedWearIF",
    "StreamingWearIF",
    "WearIF",
    "build_model",
]


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
