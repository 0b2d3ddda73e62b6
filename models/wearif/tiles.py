"""Score frames of any size in pieces that show no seams."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

ROWS, COLUMNS = 2048, 4096
"""Of the largest piece. Scoring takes some 70 bytes for each of its pixels."""
MARGIN_PX = 192
"""How far around a piece its score may depend on the frame, in whole cells of the network's grid.

The default model's reach is 183 at most: blur and Laplacian 4, broad window 24 + 4, entry 2 x 4,
dense layers 8 x (1 + 2 + 4 + 8), enlargement 8, head 4, enlargement 4, and 7 for where in a cell a
pixel lies.
"""
_CELL_PX = 8
"""Pieces begin at multiples of it, so that the network's grid lies in each as in the whole."""


def score_in_tiles(score: Callable[[Tensor], Tensor], luma: Tensor) -> Tensor:
    """Score a frame of any size.

    Parameters
    ----------
    score : callable
        (1, 1, H, W) -> the same shape; depends on nothing farther away than the margin. Equal to
        ``score(luma)`` but for rounding, as convolutions sum in another order.
    luma : Tensor
        (1, 1, H, W).
    """
    height, width = luma.shape[-2:]
    if height <= ROWS and width <= COLUMNS:
        return score(luma)
    whole = torch.empty_like(luma)
    for rows in _spans(height, ROWS):
        for columns in _spans(width, COLUMNS):
            around = _widened(rows, height), _widened(columns, width)
            part = score(luma[..., around[0], around[1]])
            inner = _within(rows, around[0]), _within(columns, around[1])
            whole[..., rows, columns] = part[..., inner[0], inner[1]]
    return whole


def _spans(side: int, limit: int) -> list[slice]:
    """Cut a side into equally long spans but the last."""
    count = -(-side // limit)
    length = -(-side // (count * _CELL_PX)) * _CELL_PX
    return [slice(start, min(start + length, side)) for start in range(0, side, length)]


def _widened(span: slice, side: int) -> slice:
    return slice(max(0, span.start - MARGIN_PX), min(side, span.stop + MARGIN_PX))


def _within(span: slice, around: slice) -> slice:
    return slice(span.start - around.start, span.stop - around.start)
