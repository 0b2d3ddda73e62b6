"""A fusion under way, ready for the screen; no Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.acquisition.live_fusion import Growth
from app.acquisition.sweep_plan import SweepPlan
from app.window.picture import (
    Pixels,
    height_span,
    height_to_screen,
    to_screen,
    weights_to_screen,
)


@dataclass(frozen=True, slots=True, eq=False)
class FusionPictures:
    """What the window shows of a growing fusion."""

    fused: Pixels
    frame: Pixels
    """The newest frame that was fused."""
    weights: Pixels
    """(h, w): 0..255 is a share of 0..1 of the newest frame in the fused image so far."""
    height: Pixels
    """(h, w): 0..255 over `span_um`."""
    span_um: tuple[float, float]
    """Of z as planned; the read-back's z come after the sweep."""
    count: int
    """How many frames are in the fused image."""
    z_um: float
    """Where the newest of them was planned to lie."""


def pictures_of(growth: Growth, plan: SweepPlan, bits: int) -> FusionPictures:
    """Turn a preview into pictures; takes a moment, so not for the window's thread.

    Parameters
    ----------
    growth : Growth
    plan : SweepPlan
        Tells where the frames were meant to lie.
    bits : int
        Significant bits per channel of the frames.
    """
    height_um: NDArray[np.float32] = (plan.z_from_um + growth.glance.height * plan.step_um).astype(
        np.float32
    )
    span_um = height_span(height_um)
    return FusionPictures(
        fused=to_screen(growth.fused, bits),
        frame=to_screen(growth.frame, bits),
        weights=weights_to_screen(growth.glance.weights),
        height=height_to_screen(height_um, span_um),
        span_um=span_um,
        count=growth.count,
        z_um=plan.z_from_um + (growth.count - 1) * plan.step_um,
    )
