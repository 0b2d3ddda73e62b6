"""Luma and chroma, and the paper's rule for fusing chroma."""

from __future__ import annotations

import torch
from torch import Tensor

NEUTRAL = 0.5
"""Chroma of grey, tau of eq. 18."""

# ITU-R BT.601 luma weights, full range, as in JPEG (ITU-T T.871).
_RED, _GREEN, _BLUE = 0.299, 0.587, 0.114


def luma_of(image: Tensor) -> Tensor:
    """Return the luma of a picture.

    (C, H, W) with C = 1 or 3 in 0..1 -> (1, 1, H, W) in 0..1.
    """
    if image.shape[0] == 1:
        return image.unsqueeze(0)
    red, green, blue = image
    luma: Tensor = _RED * red
    luma.add_(green, alpha=_GREEN).add_(blue, alpha=_BLUE)
    return luma[None, None]


def chroma_of(image: Tensor, luma: Tensor) -> Tensor:
    """Return Cb and Cr: (3, H, W) and (1, 1, H, W) in 0..1 -> (2, H, W) in 0..1."""
    y = luma[0, 0]
    cb = (image[2] - y) / (2 * (1 - _BLUE)) + NEUTRAL
    cr = (image[0] - y) / (2 * (1 - _RED)) + NEUTRAL
    return torch.stack([cb, cr])


def rgb_of(luma: Tensor, chroma: Tensor) -> Tensor:
    """Invert `luma_of` and `chroma_of`: (H, W) and (2, H, W) -> (3, H, W), not clipped."""
    cb, cr = chroma - NEUTRAL
    red = luma + 2 * (1 - _RED) * cr
    blue = luma + 2 * (1 - _BLUE) * cb
    green = (luma - _RED * red - _BLUE * blue) / _GREEN
    return torch.stack([red, green, blue])


def chroma_weight(chroma: Tensor) -> Tensor:
    """Weight of a frame's chroma (eq. 18): its distance from grey, in the chroma's own shape.

    A trace is added so that a pixel that is grey in every frame stays grey rather than 0/0.
    """
    return (chroma - NEUTRAL).abs() + 1e-6
