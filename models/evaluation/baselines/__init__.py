"""What a fusion has to be measured against: methods without a network, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from models.evaluation.baselines.guided_filter import guided_filter_fusion
from models.evaluation.baselines.laplacian_pyramid import laplacian_pyramid
from models.evaluation.baselines.max_laplacian import max_laplacian
from models.evaluation.baselines.mean import mean
from models.evaluation.baselines.soft_focus import soft_focus
from models.evaluation.baselines.wavelet import wavelet

Baseline = Callable[[Sequence[NDArray[Any]]], NDArray[Any]]
"""Fuses frames, (H, W) or (H, W, 3) RGB, uint8 or uint16, into an image of their kind."""

BASELINES: dict[str, Baseline] = {
    "mean": mean,
    "max-laplacian": max_laplacian,
    "soft-focus": soft_focus,
    "laplacian-pyramid": laplacian_pyramid,
    "guided-filter": guided_filter_fusion,
    "wavelet": wavelet,
}
