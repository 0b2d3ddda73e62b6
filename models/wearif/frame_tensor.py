"""Frames as the camera gives them, to tensors in 0..1 and back."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.wearif.frames import FusionError

CAMERA_BITS = (8, 10, 12, 14, 16)
"""Depths that cameras deliver right-aligned in 16-bit numbers."""


class FrameTensors:
    """Converts the frames of one stack; the first one decides shape, type and white.

    Frames of 16 bit are often 10 or 12 bits wide in truth; see `white_of`.
    """

    def __init__(self, model: nn.Module) -> None:
        self._device = next(model.parameters()).device
        self._shape: tuple[int, ...] = ()
        self._dtype: np.dtype[Any] = np.dtype(np.uint8)
        self.white = 255.0
        """The count of a white pixel; known from the first frame on."""

    def check(self, frame: NDArray[Any], index: int) -> None:
        """Make sure that a frame can be fused with those before.

        Raises
        ------
        FusionError
            The frame is empty, neither grey nor RGB, neither uint8 nor uint16, or differs from the
            first.
        """
        if not self._shape:
            self._adopt(frame, index)
        if frame.shape != self._shape or frame.dtype != self._dtype:
            raise FusionError(
                f"frame {index}: {_kind(frame.shape, frame.dtype)}, but the first frame is "
                f"{_kind(self._shape, self._dtype)}"
            )

    def to_tensor(
        self, frame: NDArray[Any], index: int, level: float = 1.0, out: Tensor | None = None
    ) -> Tensor:
        """Convert (H, W) or (H, W, 3) to (C, H, W) in 0..1.

        Parameters
        ----------
        frame : ndarray
        index : int
            Its number, for whoever has to find it again.
        level : float
            How bright the frame is; its values are divided by it, and may then exceed 1.
        out : Tensor, optional
            What an earlier call has returned, to be overwritten.

        Raises
        ------
        FusionError
            See `check`.
        """
        self.check(frame, index)
        if out is None:
            channels = self._shape[2] if len(self._shape) == 3 else 1
            out = torch.empty((channels, *self._shape[:2]), device=self._device)
        planes = np.empty(out.shape, self._dtype)
        # OpenCV takes colours apart some eight times faster than torch and NumPy do. It also takes
        # what torch would not: frames that are read-only, or lie in memory backwards.
        cv2.split(np.ascontiguousarray(frame), list(planes))
        scale = 1 / (self.white * level)
        if self._device.type != "cpu":
            return out.copy_(torch.from_numpy(planes)).mul_(scale)
        for plane, target in zip(planes, out.numpy(), strict=True):
            cv2.addWeighted(plane, scale, plane, 0.0, 0.0, dst=target, dtype=cv2.CV_32F)
        return out

    def to_array(self, image: Tensor, level: float = 1.0) -> NDArray[Any]:
        """Convert (C, H, W) in 0..1 to an array like the frames, rounded and clipped.

        Parameters
        ----------
        image : Tensor
        level : float
            What its values are multiplied by.
        """
        # One pass that scales, rounds and clips; torch takes five times as long over it.
        scale, depth = self.white * level, cv2.CV_8U if self._dtype == np.uint8 else cv2.CV_16U
        planes = [
            cv2.addWeighted(plane, scale, plane, 0.0, 0.0, dtype=depth)
            for plane in image.cpu().numpy()
        ]
        return np.asarray(planes[0] if len(self._shape) == 2 else cv2.merge(planes))

    def _adopt(self, frame: NDArray[Any], index: int) -> None:
        grey_or_rgb = frame.ndim == 2 or (frame.ndim == 3 and frame.shape[2] == 3)
        if not grey_or_rgb or frame.size == 0:
            raise FusionError(f"frame {index}: shape {frame.shape} is neither (H, W) nor (H, W, 3)")
        if frame.dtype not in (np.uint8, np.uint16):
            raise FusionError(
                f"frame {index}: {frame.dtype} pixels; only uint8 and uint16 can be fused"
            )
        self._shape, self._dtype = frame.shape, frame.dtype
        self.white = white_of(frame)


def white_of(frame: NDArray[Any]) -> float:
    """Return the count of a white pixel.

    Parameters
    ----------
    frame : ndarray of uint8 or uint16
        Cameras deliver 10, 12 or 14 bits right-aligned in 16: white is the smallest camera depth
        that holds the brightest pixel.
    """
    if frame.dtype == np.uint8:
        return 255.0
    bits = int(frame.max()).bit_length()
    return float(2 ** next(depth for depth in CAMERA_BITS if depth >= bits) - 1)


def _kind(shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    colour = "RGB" if len(shape) == 3 else "grey"
    return f"{shape[1]}x{shape[0]} {colour} {dtype}"
