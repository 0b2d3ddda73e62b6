"""Means and maxima over every square window of an image, at a cost that hardly grows with it.

A window of 11 is made of windows of 1, 2 and 8, each twice the one before: five additions of whole
images along each axis. Unlike differences of cumulative sums this loses no digits, and unlike
pooling it runs at the speed of memory.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def box_mean(images: Tensor, patch: int) -> Tensor:
    """Mean of every patch that lies wholly inside, differentiably.

    (N, 1, H, W) -> (N, 1, H - patch + 1, W - patch + 1).
    """
    mean: Tensor = _BoxSum.apply(images, patch) / patch**2  # type: ignore[no-untyped-call]
    return mean


def box_maximum(images: Tensor, patch: int) -> Tensor:
    """Maximum of every patch that lies wholly inside; shapes as for `box_mean`."""
    return _running_maximum(_running_maximum(images, patch, -2), patch, -1)


class _BoxSum(torch.autograd.Function):
    """Sum of every patch; the gradient is spread by the same sums."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, patch: int) -> Tensor:  # noqa: ANN401
        ctx.patch = patch
        return _running_sum(_running_sum(images, patch, -2), patch, -1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401
        reach = ctx.patch - 1
        padded = functional.pad(gradient, (reach, reach, reach, reach))
        return _BoxSum.apply(padded, ctx.patch), None  # type: ignore[no-untyped-call]


def _running_sum(images: Tensor, window: int, axis: int) -> Tensor:
    length = images.shape[axis] - window + 1
    total: Tensor | None = None
    done, width, sums = 0, 1, images
    while True:
        if window & width:
            part = sums.narrow(axis, done, length)
            total = part if total is None else total + part
            done += width
        if done == window and total is not None:
            return total
        sums = _pairs(sums, width, axis, torch.add)
        width *= 2


def _running_maximum(images: Tensor, window: int, axis: int) -> Tensor:
    width = 1
    while 2 * width <= window:
        images = _pairs(images, width, axis, torch.maximum)
        width *= 2
    # A maximum may count pixels twice, so two overlapping windows make up the rest.
    return _pairs(images, window - width, axis, torch.maximum) if window > width else images


def _pairs(images: Tensor, distance: int, axis: int, join: Any) -> Tensor:  # noqa: ANN401
    length = images.shape[axis] - distance
    joined: Tensor = join(images.narrow(axis, 0, length), images.narrow(axis, distance, length))
    return joined
