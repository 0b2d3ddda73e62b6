"""Finds focus by sweeping through it: a fast coarse search, one fine sweep, and a fitted peak.

No hill climbing: a ferrogram has many planes and a climber stops on the first. A continuous run
sees the whole curve, for the field and for each tile of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.acquisition.coarse_search import (
    AutofocusError,
    CoarseCurve,
    coarse_search,
)
from app.acquisition.focus_measure import pooled_focus, tile_focus
from app.acquisition.focus_pass import FrameQueue, frequent_frames
from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion
from app.acquisition.peak import Peak, find_peak
from app.acquisition.steady_pass import steady_pass
from app.acquisition.sweep_plan import PlanError, SweepPlan
from app.acquisition.worker import Worker
from app.acquisition.z_tagging import TaggingError
from drivers.camera import Frame

MOST_FPS = 100.0
"""Faster frames would not make focusing faster, and have to be measured in time."""
FINE_STEP = 0.5
"""Distance between frames of the fine sweep, as a share of the depth of field."""
FINE_DEPTHS = 2.0
"""How far the fine sweep reaches at least to either side of the coarse peak, in depths of field."""
CANDIDATE = 0.6
"""What is at least this sharp, as a share of the highest, in the coarse curve may be the sharpest
at full resolution: fine dust is, large edges are not."""
SURFACE_DEPTHS = 2.0
"""How far from the sharpest frame the same surface can still be."""

__all__ = ["AutofocusError", "AutofocusResult", "autofocus"]


@dataclass(frozen=True, slots=True, eq=False)
class AutofocusResult:
    """Where the field is sharp."""

    best_z_um: float
    """Of the whole field."""
    sigma_um: float
    confidence: float
    """0..1."""
    curve_z_um: NDArray[np.float64]
    """(N,), increasing."""
    curve_focus: NDArray[np.float64]
    """(N,): the curve of the fine sweep, for display."""


def autofocus(
    microscope: Microscope,
    motion: Motion,
    search_um: tuple[float, float] | None = None,
    *,
    queue: FrameQueue = Worker,
) -> AutofocusResult:
    """Find focus and leave the stage there, approached from below.

    Parameters
    ----------
    microscope : Microscope
        Connected, with a referenced stage.
    motion : Motion
        Lets another thread cancel.
    search_um : tuple of float, optional
        Where to look first; by default the profile's range around the present z. Where the
        image still gets sharper at an end the search goes on beyond it; where there is no
        contrast the whole travel of z is searched.
    queue : callable
        See `focus_pass.run_pass`.

    Raises
    ------
    AutofocusError
        There is no light, too much of it, or no contrast; the stage is back where it was.
    PlanError
        The hardware cannot sweep as slowly as focusing needs.
    MoveStopped
        The run was cancelled. The stage stays where it stopped: after STOP nothing moves
        unasked.
    DeviceError
        The stage or the camera failed; the stage stands still.
    """
    here_um = microscope.stage.position().z_um
    with frequent_frames(microscope, MOST_FPS):
        try:
            coarse = coarse_search(
                microscope, motion, search_um or _around(microscope, here_um), queue
            )
            plan = _fine_plan(microscope, coarse)
            peak, curve = _fine(microscope, motion, plan, queue)
            if peak.at_end is not None:
                length_um = plan.z_to_um - plan.z_from_um
                shift_um = 0.75 * (length_um if peak.at_end == "upper" else -length_um)
                plan = _plan_within_reach(
                    microscope, plan.z_from_um + shift_um, plan.z_to_um + shift_um
                )
                peak, curve = _fine(microscope, motion, plan, queue)
            result = AutofocusResult(peak.z_um, peak.sigma_um, peak.confidence, *curve)
            motion.approach_z(result.best_z_um, microscope.take_up_um)
            return result
        except (AutofocusError, PlanError, TaggingError):
            motion.go_to_z(here_um)
            raise


def _around(microscope: Microscope, z_um: float) -> tuple[float, float]:
    half_um = microscope.profile.autofocus_range_um
    return z_um - half_um, z_um + half_um


def _fine_plan(microscope: Microscope, coarse: CoarseCurve) -> SweepPlan:
    """Plan the fine sweep around the coarse peak and all others that come near it."""
    sharpness = coarse.sharpness
    peak_um = find_peak(coarse.z_um, sharpness).z_um
    raised = sharpness - np.percentile(sharpness, 10)
    candidates = np.flatnonzero(raised >= CANDIDATE * raised.max())
    half_um = FINE_DEPTHS * microscope.depth_of_field_um
    # A peak may lie anywhere between the frames beside the sharp ones.
    low = min(peak_um - half_um, float(coarse.z_um[max(0, candidates[0] - 1)]))
    high = max(peak_um + half_um, float(coarse.z_um[min(len(raised) - 1, candidates[-1] + 1)]))
    return _plan_within_reach(microscope, low, high)


def _plan_within_reach(microscope: Microscope, low: float, high: float) -> SweepPlan:
    reach_um = microscope.reachable_um(FINE_STEP)
    low, high = max(low, reach_um[0]), min(high, reach_um[1])
    if low >= high:
        raise AutofocusError(
            "The focus lies too close to a limit of z: the stage can sweep from "
            f" {reach_um[0]:.0f} to {reach_um[1]:.0f} µm."
        )
    return microscope.plan_sweep(low, high, step_fraction=FINE_STEP)


def _fine(
    microscope: Microscope, motion: Motion, plan: SweepPlan, queue: FrameQueue
) -> tuple[Peak, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Sweep through the focus; return the fitted peak, and z and focus of each frame."""
    bits = microscope.camera.caps.bits

    def measure(frame: Frame) -> NDArray[np.float64]:
        return tile_focus(frame.image, bits)

    curve_z_um, tiles = steady_pass(microscope, motion, plan, measure, queue=queue)
    curve_focus = pooled_focus(tiles)
    return _peak_of(curve_z_um, tiles, curve_focus, plan), (curve_z_um, curve_focus)


def _peak_of(
    z_um: NDArray[np.float64],
    tiles: NDArray[np.float64],
    focus: NDArray[np.float64],
    plan: SweepPlan,
) -> Peak:
    """Return the peak of the local measure, on the surface that the global one prefers.

    The whole field decides between surfaces, the tiles where exactly it is: a tile that glares
    counts no more than others.
    """
    at_um = float(z_um[tiles.mean(axis=(1, 2)).argmax()])
    near = np.abs(z_um - at_um) <= SURFACE_DEPTHS * plan.depth_of_field_um
    local = find_peak(z_um[near], focus[near])
    whole = find_peak(z_um, focus)
    at_end: Literal["lower", "upper"] | None = None
    if local.at_end == "lower" and near[0]:
        at_end = "lower"
    if local.at_end == "upper" and near[-1]:
        at_end = "upper"
    return replace(local, prominence=whole.prominence, at_end=at_end)
