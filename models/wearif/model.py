"""WearIF, a family of two.

``published`` is the network as the paper prints it. Its argmax over the frames and its guidance,
a sum over the frames, need the whole stack before the first weight is known.

``wearif`` keeps the shape (a multi-scale network scores small frames, a learned guided refinement
takes the scores to full resolution, a weighted sum fuses) and changes what the paper leaves weak:
each frame is refined by its own sharpness, and the frames compete by a softmax at full resolution.
No term needs another frame, so frames can be fused as they arrive, with the same result.
"""

from __future__ import annotations

import torch

from models.wearif.family import DOWNSCALE, ModelConfig, ModelName, WearIF
from models.wearif.published import PublishedWearIF
from models.wearif.streaming import StreamingWearIF

__all__ = [
    "DOWNSCALE",
    "ModelConfig",
    "ModelName",
    "PublishedWearIF",
    "StreamingWearIF",
    "WearIF",
    "build_model",
]


def build_model(config: ModelConfig) -> PublishedWearIF | StreamingWearIF:
    """Build an untrained network."""
    published = config.name == "published"
    model = PublishedWearIF(config) if published else StreamingWearIF(config)
    # Convolutions on processors run up to twice as fast on channels that lie side by side.
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model
