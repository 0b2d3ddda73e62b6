"""Frames as the camera gives them, to tensors in 0..1 and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

CAMERA_BITS = (8, 10, 12, 14, 16)
"""Depths that cameras deliver right-aligned in 16-bit numbers."""


class FrameFormatError(Exception):
    """A frame of a kind that cannot be fused, or of another kind than the first."""


class FrameTensors:
    """Converts the frames of one stack; the first one decides shape, type and white.

    Frames of 16 bit are often 10 or 12 bits wide in truth: white is the smallest camera depth that
    holds the brightest pixel of the first frame.
    """

    def __init__(self, model: nn.Module) -> None:
        self._device = next(model.parameters()).device
        self._shape: tuple[int, ...] = ()
        self._dtype: np.dtype[Any] = np.dtype(np.uint8)
        self._white = 255.0

    def to_tensor(self, frame: NDArray[Any]) -> Tensor:
        """Convert (H, W) or (H, W, 3) to (C, H, W) in 0..1.

        Raises
        ------
        FrameFormatError
            The frame is empty, neither grey nor RGB, neither uint8 nor uint16, or differs from the
            first.
        """
        if not self._shape:
            self._adopt(frame)
        if frame.shape != self._shape or frame.dtype != self._dtype:
            raise FrameFormatError(
                f"{_kind(frame.shape, frame.dtype)}, but the first frame is "
                f"{_kind(self._shape, self._dtype)}"
            )
        # torch has no arithmetic on uint16.
        values = frame if frame.dtype == np.uint8 else frame.astype(np.int32)
        tensor = torch.tensor(values, device=self._device).to(torch.float32) / self._white
        return tensor.unsqueeze(0) if tensor.ndim == 2 else tensor.permute(2, 0, 1).contiguous()

    def to_array(self, image: Tensor) -> NDArray[Any]:
        """Convert (C, H, W) in 0..1 to an array like the frames, rounded and clipped."""
        top = float(np.iinfo(self._dtype).max)
        values = (image * self._white).round().clamp(0, top).to(torch.int32).cpu().numpy()
        array = values[0] if len(self._shape) == 2 else values.transpose(1, 2, 0)
        return np.ascontiguousarray(array.astype(self._dtype))

    def _adopt(self, frame: NDArray[Any]) -> None:
        grey_or_rgb = frame.ndim == 2 or (frame.ndim == 3 and frame.shape[2] == 3)
        if not grey_or_rgb or frame.size == 0:
            raise FrameFormatError(f"shape {frame.shape} is neither (H, W) nor (H, W, 3)")
        if frame.dtype not in (np.uint8, np.uint16):
            raise FrameFormatError(f"{frame.dtype} pixels; only uint8 and uint16 can be fused")
        self._shape, self._dtype = frame.shape, frame.dtype
        if frame.dtype == np.uint16:
            bits = max(8, int(frame.max()).bit_length())
            self._white = float(2 ** next(b for b in CAMERA_BITS if b >= bits) - 1)


def _kind(shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    colour = "RGB" if len(shape) == 3 else "grey"
    return f"{shape[1]}x{shape[0]} {colour} {dtype}"
