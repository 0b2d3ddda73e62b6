"""Measures how late the read-back of z is and how much the stage loses on reversal.

The same field is swept up and down at a slow and at a fast speed. Going up, a read-back that is
late by L puts the sharpest frame v·L too low; going down it puts it v·L too high, and the stage
stands above its motor by the backlash B. So the sharpest z differ by

    D(v) = z_up - z_down = B - 2·v·L,

half the shift over v being the latency once the backlash is known; two speeds tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import t as student

from app.acquisition.focus_measure import pooled_focus, tile_focus
from app.acquisition.focus_pass import FocusPass, FrameQueue, frequent_frames, run_pass
from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion
from app.acquisition.peak import find_peak
from app.acquisition.worker import Worker
from app.profiles import MicroscopeProfile
from drivers.camera import Frame

HALF_RANGE_DEPTHS = 5.0
"""How many depths of field are swept to either side of focus, at constant speed."""
SLOW_STEP, FAST_STEP = 0.1, 0.4
"""Distance between frames as a share of the depth of field."""
PAIRS = 4
"""Sweeps up and down at each speed."""
MOST_FPS = 60.0
MIN_PROMINENCE = 0.3


Curve = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Increasing z in µm, and the focus there."""


class CalibrationError(Exception):
    """The field or the stage does not allow it; the message says why and what to try."""


@dataclass(frozen=True, slots=True)
class ZCalibration:
    """What belongs to one pair of stage and camera."""

    lag_ms: float
    lag_sigma_ms: float
    backlash_um: float
    backlash_sigma_um: float
    shifts_um: tuple[tuple[float, float], ...]
    """Of each pair of sweeps: the speed in µm/s, and by how much its peak lies higher going up."""

    def applied_to(self, profile: MicroscopeProfile) -> MicroscopeProfile:
        """Return the profile with these values in it."""
        z = profile.stage.z.model_copy(update={"backlash_um": round(max(0.0, self.backlash_um), 3)})
        stage = profile.stage.model_copy(
            update={
                "z": z,
                "z_lag_ms": round(self.lag_ms, 3),
                "z_lag_sigma_ms": round(self.lag_sigma_ms, 3),
            }
        )
        return profile.model_copy(update={"stage": stage})


def calibrate_z(
    microscope: Microscope,
    motion: Motion,
    *,
    pairs: int = PAIRS,
    on_progress: Callable[[str, int, int], None] | None = None,
    queue: FrameQueue = Worker,
) -> ZCalibration:
    """Sweep up and down around the present z, which is in focus; leave the stage there.

    Parameters
    ----------
    microscope : Microscope
        Connected, referenced, focused on a field with contrast.
    motion : Motion
        Lets another thread cancel.
    pairs : int
        How many at each speed; two at least, so that they tell how well they agree.
    on_progress : callable, optional
        Told what is being done, how many sweeps are done, and how many there are.
    queue : callable
        See `focus_pass.run_pass`.

    Raises
    ------
    CalibrationError
        There is no clear focus within the range, or the limits of z leave no room for it.
    MoveStopped
        The run was cancelled; the stage stays where it stopped.
    DeviceError
        The stage or the camera failed; the stage stands still.
    """
    if pairs < 2:
        raise ValueError(f"a calibration needs two pairs of sweeps at least, not {pairs}")
    focus_um = microscope.stage.position().z_um
    with frequent_frames(microscope, MOST_FPS):
        try:
            shifts: list[tuple[float, float]] = []
            sharpness: Curve | None = None
            speeds, fps = _speeds(microscope), microscope.camera.settings.fps
            for number, speed in enumerate(speed for speed in speeds for _ in range(pairs)):
                if on_progress is not None:
                    on_progress(f"sweeping at {speed:.0f} µm/s", number, pairs * len(speeds))
                # Each pair meets the focus with its frames elsewhere, evenly spread: what sampling
                # does to a peak then shows as scatter and averages out, instead of being the same.
                place_um = focus_um + (number % pairs) / pairs * speed / fps
                up, down = _up_and_down(microscope, motion, place_um, speed, queue)
                sharpness = sharpness or up
                shifts.append((speed, _offset_um(up, sharpness) - _offset_um(down, sharpness)))
            motion.approach_z(focus_um, microscope.take_up_um)
            return solve(shifts)
        except CalibrationError:
            motion.go_to_z(focus_um)
            raise


def solve(shifts_um: list[tuple[float, float]]) -> ZCalibration:
    """Fit D(v) = B - 2·v·L to the shifts by least squares.

    The scatter of the shifts around the line gives the uncertainties; with few of them it is
    itself uncertain, for which the half-width of Student's 68 % interval stands.

    Parameters
    ----------
    shifts_um : list of (speed in µm/s, shift in µm)
        At two speeds at least, three in all.
    """
    speed = np.array([v for v, _ in shifts_um])
    shift = np.array([d for _, d in shifts_um])
    design = np.stack([np.ones_like(speed), -2 * speed], axis=1)
    (backlash, lag_s), *_ = np.linalg.lstsq(design, shift, rcond=None)
    residual = shift - design @ np.array([backlash, lag_s])
    freedom = len(shift) - 2
    widening = float(student.ppf(0.841, freedom))
    variance = float(residual @ residual) / freedom
    sigma = widening * np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * variance)
    return ZCalibration(
        lag_ms=float(lag_s) * 1000,
        lag_sigma_ms=float(sigma[1]) * 1000,
        backlash_um=float(backlash),
        backlash_sigma_um=float(sigma[0]),
        shifts_um=tuple(shifts_um),
    )


def _speeds(microscope: Microscope) -> tuple[float, float]:
    z, dof_um = microscope.stage.caps.z, microscope.depth_of_field_um
    fps = microscope.camera.settings.fps
    slow = z.kept_speed(max(SLOW_STEP * dof_um * fps, z.min_speed_um_per_s))
    fast = z.kept_speed(min(FAST_STEP * dof_um * fps, z.max_speed_um_per_s))
    if fast < 2 * slow:
        raise CalibrationError(
            f"The stage goes at {slow:.0f} to {fast:.0f} µm/s where focus can still be seen: too "
            "little apart to tell latency from backlash. Use an objective of larger depth of field."
        )
    return slow, fast


def _up_and_down(
    microscope: Microscope, motion: Motion, focus_um: float, speed: float, queue: FrameQueue
) -> tuple[Curve, Curve]:
    """Sweep up, then down, and return the focus of both."""
    z = microscope.stage.caps.z
    ramp_um = speed**2 / (2 * z.acceleration_um_per_s2)
    settle_um = speed * microscope.profile.stage.settle_s
    half_um = HALF_RANGE_DEPTHS * microscope.depth_of_field_um + ramp_um + settle_um
    low_um, high_um = focus_um - half_um, focus_um + half_um
    if low_um < z.lower_um or high_um > z.upper_um:
        raise CalibrationError(
            f"The sweeps need z from {low_um:.0f} to {high_um:.0f} µm, and the limits are "
            f"{z.lower_um:.0f} and {z.upper_um:.0f} µm: calibrate on a slide that lies elsewhere, "
            "or widen the limits."
        )
    bits = microscope.camera.caps.bits

    def measure(frame: Frame) -> NDArray[np.float64]:
        return tile_focus(frame.image, bits)

    motion.go_to_z(low_um)
    up = run_pass(microscope, motion, high_um, speed, measure, queue=queue)
    down = run_pass(microscope, motion, low_um, speed, measure, queue=queue)
    return _curve(microscope, up, speed), _curve(microscope, down, speed)


def _curve(microscope: Microscope, seen: FocusPass[NDArray[np.float64]], speed: float) -> Curve:
    """Return the focus along z, as if the read-back were not late."""
    caps = microscope.stage.caps.z
    track, (low_um, high_um) = seen.track(speed, caps.acceleration_um_per_s2, caps.resolution_um)
    z_um = np.array([track.z_um(time.t_mid_ns) for time in seen.times])
    steady = (z_um >= low_um) & (z_um <= high_um)
    if np.count_nonzero(steady) < 5:
        raise CalibrationError(
            f"The camera delivered only {np.count_nonzero(steady)} frames during a sweep at "
            f"{speed:.0f} µm/s: check the camera."
        )
    order = np.argsort(z_um[steady])
    z_um = z_um[steady][order]
    focus = pooled_focus(np.stack(seen.values)[steady][order])
    peak = find_peak(z_um, focus)
    if peak.at_end is not None or peak.prominence < MIN_PROMINENCE:
        raise CalibrationError(
            "The field has no clear focus between "
            f"{low_um:.0f} and {high_um:.0f} µm: focus on a field with many sharp edges first."
        )
    return z_um, focus


def _offset_um(curve: Curve, reference: Curve) -> float:
    """Return how far up a curve has to be moved from another, whose shape it has.

    The shape need not be symmetric, nor the frames lie at the same places. Height and floor may
    differ: the pooling caps what is brightest.
    """
    z_um, focus = curve
    at_um, shape = reference
    top_um = float(z_um[focus.argmax()] - at_um[shape.argmax()])
    reach_um = 2 * float(np.median(np.diff(z_um))) + 2 * float(np.median(np.diff(at_um)))

    def misfit(offset_um: float) -> float:
        inside = (z_um - offset_um >= at_um[0]) & (z_um - offset_um <= at_um[-1])
        model = np.interp(z_um[inside] - offset_um, at_um, shape)
        design = np.stack([np.ones_like(model), model], axis=1)
        scale, *_ = np.linalg.lstsq(design, focus[inside], rcond=None)
        return float(np.mean((focus[inside] - design @ scale) ** 2))

    found = minimize_scalar(misfit, bounds=(top_um - reach_um, top_um + reach_um), method="bounded")
    return float(found.x)
