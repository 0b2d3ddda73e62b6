"""What every baseline does with its frames: check them, weigh them, give back their kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.wearif.frame_tensor import white_of


def alike(frames: Sequence[NDArray[Any]]) -> Iterator[NDArray[Any]]:
    """Yield the frames one at a time.

    Parameters
    ----------
    frames : sequence of ndarray
        (H, W) or (H, W, 3) RGB, uint8 or uint16.

    Raises
    ------
    ValueError
        There is none, one is neither grey nor RGB of 8 or 16 bit, or one differs from the first.
    """
    if not len(frames):
        raise ValueError("there is no frame to fuse")
    first = frames[0]
    if first.ndim not in (2, 3) or first.shape[2:] not in ((), (3,)) or first.size == 0:
        raise ValueError(f"frame 0: shape {first.shape} is neither (H, W) nor (H, W, 3)")
    if first.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"frame 0: {first.dtype} pixels; only uint8 and uint16 can be fused")
    for index, frame in enumerate(frames):
        if frame.shape != first.shape or frame.dtype != first.dtype:
            raise ValueError(
                f"frame {index}: {frame.shape} {frame.dtype}, "
                f"but the first frame is {first.shape} {first.dtype}"
            )
        yield frame


def luma_of(frame: NDArray[Any], white: float | None = None) -> NDArray[np.float32]:
    """Return the luma (ITU-R BT.601) of a frame, in whole levels of its type, scaled.

    Parameters
    ----------
    frame : ndarray of shape (H, W) or (H, W, 3)
    white : float, optional
        The value that becomes 1; the frame's own white if not given.

    Returns
    -------
    ndarray of shape (H, W), float32
        0..1.
    """
    luma = frame if frame.ndim == 2 else cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    scaled: NDArray[np.float32] = np.multiply(
        luma, 1 / (white or white_of(frame)), dtype=np.float32
    )
    return scaled


def channels_of(frame: NDArray[Any]) -> NDArray[np.float32]:
    """Return the pixel values as (H, W, C) float32, C = 1 or 3, on the frame's own scale."""
    values = frame.astype(np.float32)
    return values if values.ndim == 3 else values[..., None]


def like(values: NDArray[Any], frame: NDArray[Any]) -> NDArray[Any]:
    """Round and clip (H, W, C) or (H, W) values to the shape and type of a frame."""
    top = np.iinfo(frame.dtype).max
    rounded = np.clip(np.rint(values), 0, top).astype(frame.dtype)
    return np.ascontiguousarray(rounded.reshape(frame.shape))
