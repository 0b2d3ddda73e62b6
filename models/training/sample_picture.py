"""A picture to judge a training by eye: single frame, fused image and truth, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.synthetic import SyntheticStack

_SCALE, _STRIP, _GAP = 2, 26, 4


def draw_sample(
    stacks: Sequence[SyntheticStack], fused: Sequence[NDArray[np.float32]]
) -> NDArray[np.uint8]:
    """Draw one row per stack: its frame nearest to the truth, the fused image, the truth.

    Parameters
    ----------
    stacks : sequence of SyntheticStack
        At least one, of frames of one size.
    fused : sequence of ndarray of shape (H, W), float32
        0..1, of the same stacks.

    Returns
    -------
    ndarray of shape (rows, columns), uint8
        Twice enlarged, labelled.
    """
    return np.concatenate([_row(stack, image) for stack, image in zip(stacks, fused, strict=True)])


def _row(stack: SyntheticStack, fused: NDArray[np.float32]) -> NDArray[np.uint8]:
    errors = ((stack.luma - stack.truth) ** 2).mean(axis=(1, 2))
    best = int(errors.argmin())
    pictures = {
        f"frame {best + 1} of {len(stack.luma)}": stack.luma[best],
        "fused": fused,
        "truth": stack.truth,
    }
    return np.concatenate([_labelled(*item) for item in pictures.items()], axis=1)


def _labelled(label: str, image: NDArray[np.float32]) -> NDArray[np.uint8]:
    grey = (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)
    large = grey.repeat(_SCALE, axis=0).repeat(_SCALE, axis=1)
    strip = np.full((_STRIP, large.shape[1]), 255, np.uint8)
    cv2.putText(strip, label, (6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 0, 1, cv2.LINE_AA)
    framed = np.concatenate([strip, large])
    return np.pad(framed, ((0, _GAP), (0, _GAP)), constant_values=255)
