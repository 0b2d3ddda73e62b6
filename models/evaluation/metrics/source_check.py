"""What every metric without a truth asks of its images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def require_sources(
    metric: str, sources: NDArray[np.float64], fused: NDArray[np.float64], smallest: int
) -> None:
    """Refuse images that a metric cannot be computed from.

    Parameters
    ----------
    metric : str
        Its name, for the message.
    sources : ndarray of shape (N, H, W)
    fused : ndarray of shape (H, W)
    smallest : int
        Pixels that the metric needs in height and in width.

    Raises
    ------
    ValueError
        If the shapes do not fit together, an image is too small, or a value is not finite.
    """
    if sources.ndim != 3 or len(sources) == 0 or sources.shape[1:] != fused.shape:
        raise ValueError(
            f"{metric}: sources {sources.shape} must be (N, H, W), N >= 1, with fused {fused.shape}"
        )
    if min(fused.shape) < smallest:
        raise ValueError(f"{metric} needs at least {smallest}x{smallest} pixels, got {fused.shape}")
    for name, images in (("sources", sources), ("fused", fused)):
        if not np.isfinite(images).all():
            raise ValueError(f"{metric}: {name} hold NaN or infinite values")
