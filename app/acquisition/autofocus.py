"""Finds focus by sweeping through it: a coarse sweep, then a fine one, and a fitted peak.

No hill climbing: a ferrogram has many planes and a climber stops on the first. One continuous
sweep sees the whole curve, for the field and for each tile of it, and so also tells between
which z the particles lie.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.acquisition.focus_measure import pooled_focus, tile_focus
from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion
from app.acquisition.peak import Peak, find_peak
from app.acquisition.position_log import PositionLog
from app.acquisition.sweep import approach, run_sweep
from app.acquisition.sweep_plan import PlanError, SweepPlan
from app.acquisition.worker import Worker
from app.acquisition.z_tagging import FrameTime, TaggingError, fit_track, is_steady
from drivers.camera import Frame

COARSE_STEP = 2.0
"""Frames of the coarse sweep are two depths of field apart: each plane still shows in one."""
FINE_STEP = 0.5
COARSE_BLUR = 1.0
MAX_SWEEPS = 6
"""Coarse sweeps before giving up."""
MIN_PROMINENCE = 0.05
MIN_SIGNAL_TO_NOISE = 6.0
TILE_PROMINENCE = 0.25
TILE_SIGNAL_TO_NOISE = 10.0


class AutofocusError(Exception):
    """Focus was not found; the message says why and what to try."""


@dataclass(frozen=True, slots=True, eq=False)
class FocusCurves:
    """Focus measured along z."""

    z_um: NDArray[np.float64]
    """(N,), increasing."""
    tiles: NDArray[np.float64]
    """(N, rows, columns) `tile_focus`."""

    @property
    def pooled(self) -> NDArray[np.float64]:
        """(N,): the whole field's curve."""
        return pooled_focus(self.tiles)

    def merged(self, other: FocusCurves) -> FocusCurves:
        """Return both curves as one."""
        z_um = np.concatenate([self.z_um, other.z_um])
        order = np.argsort(z_um, kind="stable")
        return FocusCurves(z_um[order], np.concatenate([self.tiles, other.tiles])[order])


@dataclass(frozen=True, slots=True, eq=False)
class AutofocusResult:
    """Where the field is sharp."""

    best_z_um: float
    """Of the whole field."""
    sigma_um: float
    confidence: float
    """0..1."""
    bottom_um: float
    top_um: float
    """Between these lie the planes at which the tiles are sharp."""
    curve_z_um: NDArray[np.float64]
    """(N,), increasing."""
    curve_focus: NDArray[np.float64]
    """(N,): the curve of the fine sweep, for display."""


def autofocus(
    microscope: Microscope,
    motion: Motion,
    search_um: tuple[float, float] | None = None,
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
        curve still rises at an end the search goes on beyond it; where there is no contrast
        the whole travel of z is searched.

    Raises
    ------
    AutofocusError
        There is no contrast anywhere; the stage is back where it was.
    PlanError
        The hardware cannot sweep as slowly as focusing needs.
    MoveStopped
        The run was cancelled. The stage stays where it stopped: after STOP nothing moves
        unasked.
    DeviceError
        The stage or the camera failed; the stage stands still.
    """
    settings = microscope.camera.settings
    here_um = microscope.stage.position().z_um
    try:
        coarse = _search(microscope, motion, search_um or _around(microscope, here_um))
        fine = _sweep_focus(microscope, motion, _fine_plan(microscope, coarse), halved=False)
        result = _evaluate(fine, microscope.depth_of_field_um)
        take_up_um = microscope.profile.stage.z.backlash_um + microscope.depth_of_field_um
        motion.approach_z(result.best_z_um, take_up_um)
        return result
    except (AutofocusError, PlanError, TaggingError):
        motion.go_to_z(here_um)
        raise
    finally:
        microscope.camera.configure(settings)


def _around(microscope: Microscope, z_um: float) -> tuple[float, float]:
    half_um = microscope.profile.autofocus_range_um
    return z_um - half_um, z_um + half_um


def _search(microscope: Microscope, motion: Motion, window_um: tuple[float, float]) -> FocusCurves:
    """Sweep coarsely until the peak lies within what has been seen."""
    reach_um = microscope.reachable_um(COARSE_STEP)
    low, high = _clip(window_um, reach_um)
    span = high - low
    curves = _coarse(microscope, motion, low, high)
    for _ in range(MAX_SWEEPS - 1):
        peak = find_peak(curves.z_um, curves.pooled)
        if not _has_contrast(peak):
            if (low, high) == reach_um:
                raise AutofocusError(
                    f"No contrast between {low:.0f} and {high:.0f} µm: check the lamp, the "
                    "exposure, and that there are particles under the objective."
                )
            low, high = reach_um
            curves = _coarse(microscope, motion, low, high)
        elif peak.at_end == "lower" and low > reach_um[0]:
            below = max(reach_um[0], low - span)
            curves = curves.merged(_coarse(microscope, motion, below, low))
            low = below
        elif peak.at_end == "upper" and high < reach_um[1]:
            above = min(reach_um[1], high + span)
            curves = curves.merged(_coarse(microscope, motion, high, above))
            high = above
        else:
            break
    if find_peak(curves.z_um, curves.pooled).at_end is not None:
        raise AutofocusError(
            f"The image still gets sharper at the end of the search from {low:.0f} to "
            f"{high:.0f} µm: focus roughly by hand, or widen the limits of z."
        )
    return curves


def _coarse(microscope: Microscope, motion: Motion, low: float, high: float) -> FocusCurves:
    plan = microscope.plan_sweep(
        low, high, step_fraction=COARSE_STEP, max_blur_fraction=COARSE_BLUR
    )
    return _sweep_focus(microscope, motion, plan, halved=True)


def _fine_plan(microscope: Microscope, coarse: FocusCurves) -> SweepPlan:
    """Plan the fine sweep: three coarse steps around the peak, and every plane of the tiles."""
    step_um = COARSE_STEP * microscope.depth_of_field_um
    peak_um = find_peak(coarse.z_um, coarse.pooled).z_um
    bottom_um, top_um = _planes(coarse, peak_um)
    wanted = min(bottom_um, peak_um - 2 * step_um), max(top_um, peak_um + 2 * step_um)
    low, high = _clip(
        (wanted[0] - step_um, wanted[1] + step_um), microscope.reachable_um(FINE_STEP)
    )
    return microscope.plan_sweep(low, high, step_fraction=FINE_STEP)


def _clip(window_um: tuple[float, float], reach_um: tuple[float, float]) -> tuple[float, float]:
    low, high = max(window_um[0], reach_um[0]), min(window_um[1], reach_um[1])
    if low >= high:
        raise AutofocusError(
            f"The range from {window_um[0]:.0f} to {window_um[1]:.0f} µm lies outside what the "
            f"stage can sweep, {reach_um[0]:.0f} to {reach_um[1]:.0f} µm."
        )
    return low, high


def _has_contrast(peak: Peak) -> bool:
    return peak.prominence > MIN_PROMINENCE and peak.signal_to_noise > MIN_SIGNAL_TO_NOISE


def _evaluate(curves: FocusCurves, depth_of_field_um: float) -> AutofocusResult:
    pooled = curves.pooled
    peak = find_peak(curves.z_um, pooled)
    bottom_um, top_um = _planes(curves, peak.z_um)
    return AutofocusResult(
        best_z_um=peak.z_um,
        sigma_um=peak.sigma_um,
        confidence=peak.confidence,
        bottom_um=max(float(curves.z_um[0]), bottom_um - depth_of_field_um),
        top_um=min(float(curves.z_um[-1]), top_um + depth_of_field_um),
        curve_z_um=curves.z_um,
        curve_focus=pooled,
    )


def _planes(curves: FocusCurves, peak_um: float) -> tuple[float, float]:
    """Return the lowest and highest z at which a tile is at least half as sharp as at best.

    The single lowest and highest tile are passed over where there are others: one tile alone
    may be dirt on the cover glass.
    """
    lows, highs = [peak_um], [peak_um]
    columns = curves.tiles.reshape(len(curves.z_um), -1).T
    for focus in columns:
        peak = find_peak(curves.z_um, focus)
        if peak.prominence < TILE_PROMINENCE or peak.signal_to_noise < TILE_SIGNAL_TO_NOISE:
            continue
        floor = float(np.percentile(focus, 10))
        sharp = curves.z_um[focus - floor >= 0.5 * (focus.max() - floor)]
        lows.append(float(sharp[0]))
        highs.append(float(sharp[-1]))
    second = min(1, len(lows) - 1)
    return sorted(lows)[second], sorted(highs)[-1 - second]


def _sweep_focus(
    microscope: Microscope, motion: Motion, plan: SweepPlan, *, halved: bool
) -> FocusCurves:
    """Run one sweep and measure every frame of it while it comes in."""
    bits = microscope.camera.caps.bits
    measured: list[tuple[FrameTime, NDArray[np.float64]]] = []

    def measure(frame: Frame) -> None:
        time = FrameTime(frame.index, frame.t_mid_ns, frame.t_sigma_ns)
        measured.append((time, tile_focus(frame.image, bits, halved=halved)))

    approach(microscope, plan, motion)
    positions = PositionLog()
    meter: Worker[Frame] = Worker("focus meter", measure)
    try:
        run_sweep(microscope, plan, motion, on_frame=meter.put, positions=positions)
    finally:
        meter.finish()
    if meter.failure is not None:
        raise meter.failure
    lag_s = microscope.profile.stage.z_lag_ms / 1000
    resolution_um = microscope.stage.caps.z.resolution_um
    track = fit_track(positions.samples(), plan, resolution_um, lag_s)
    tagged = [(track.z_um(time.t_mid_ns), tiles) for time, tiles in measured]
    steady = [(z_um, tiles) for z_um, tiles in tagged if is_steady(z_um, plan)]
    if len(steady) < 5:
        raise AutofocusError(
            f"The camera delivered only {len(steady)} frames between {plan.z_from_um:.0f} and "
            f"{plan.z_to_um:.0f} µm where {plan.expected_frames} were due: check the camera."
        )
    return FocusCurves(
        np.array([z_um for z_um, _ in steady]), np.stack([tiles for _, tiles in steady])
    )
