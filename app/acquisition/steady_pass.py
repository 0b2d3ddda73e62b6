"""A planned run through a range whose frames are measured and placed on a line through z."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.acquisition.coarse_search import AutofocusError
from app.acquisition.focus_pass import FocusPass, FrameQueue, run_pass
from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion
from app.acquisition.sweep import approach
from app.acquisition.sweep_plan import SweepPlan
from app.acquisition.z_tagging import TaggingError, ZTrack, fit_track, is_steady
from drivers.camera import Frame

TRIES = 3
"""Focus runs last fractions of a second: a computer that is held up once misses all positions."""

Measured = NDArray[np.float64]


def steady_pass(
    microscope: Microscope,
    motion: Motion,
    plan: SweepPlan,
    measure: Callable[[Frame], Measured],
    *,
    queue: FrameQueue,
) -> tuple[NDArray[np.float64], Measured]:
    """Run through a range; again where too few positions were read on the way.

    Parameters
    ----------
    plan : SweepPlan
        Of the run, from below.
    measure, queue : callable
        As for `focus_pass.run_pass`.

    Returns
    -------
    z_um : (N,) array
        Of the frames within the planned range, increasing.
    values : (N, ...) array
        What was measured of each.

    Raises
    ------
    AutofocusError
        The camera delivered fewer than five frames there.
    TaggingError
        Too few positions were read at every try.
    MoveStopped, DeviceError
        As for `focus_pass.run_pass`.
    """
    seen, track = _tracked(microscope, motion, plan, measure, queue)
    z_um = np.array([track.z_um(time.t_mid_ns) for time in seen.times])
    steady = np.array([is_steady(z, plan) for z in z_um.tolist()], bool)
    if np.count_nonzero(steady) < 5:
        raise AutofocusError(
            f"The camera delivered only {np.count_nonzero(steady)} frames between "
            f"{plan.z_from_um:.0f} and {plan.z_to_um:.0f} µm where {plan.expected_frames} were "
            "due: check the camera."
        )
    order = np.argsort(z_um[steady], kind="stable")
    return z_um[steady][order], np.stack(seen.values)[steady][order]


def _tracked(
    microscope: Microscope,
    motion: Motion,
    plan: SweepPlan,
    measure: Callable[[Frame], Measured],
    queue: FrameQueue,
) -> tuple[FocusPass[Measured], ZTrack]:
    lag_s = microscope.profile.stage.z_lag_ms / 1000
    tries_left = TRIES
    while True:
        approach(microscope, plan, motion)
        seen = run_pass(microscope, motion, plan.end_um, plan.speed_um_per_s, measure, queue=queue)
        tries_left -= 1
        try:
            resolution_um = microscope.stage.caps.z.resolution_um
            return seen, fit_track(seen.samples, plan, resolution_um, lag_s)
        except TaggingError:
            if not tries_left:
                raise
