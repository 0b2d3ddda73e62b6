"""Gives every frame its z: one line z(t) through all positions read at constant speed.

A single read-back is uncertain by its resolution and by the time it was under way. The line
averages both over the whole sweep, so that frames get z to a fraction of the resolution, and
frames between two read-backs do not share one value.

Which frames are *used* (fused, shown) is decided once, while the sweep runs, by `is_steady`;
the tags carry that decision and never revise it, so that the fused image and the used frames
always agree.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.captures.recorder import FrameTag
from drivers.stage import PositionSample

MIN_SAMPLES = 3
HUBER_SIGMAS = 1.5
"""Residuals above this many sigmas count linearly instead of squared (P. J. Huber, 1964)."""


class TaggingError(Exception):
    """The positions read do not suffice to say where the frames were taken."""


class SteadyPart(Protocol):
    """What of a sweep its frames are tagged by; a `SweepPlan` has it."""

    @property
    def z_from_um(self) -> float:
        """Where the range begins in which frames count."""
        ...

    @property
    def z_to_um(self) -> float:
        """Where it ends."""
        ...

    @property
    def cruise_from_um(self) -> float:
        """From here on the speed is constant."""
        ...

    @property
    def cruise_to_um(self) -> float:
        """Up to here."""
        ...

    @property
    def speed_um_per_s(self) -> float:
        """What it is there."""
        ...


@dataclass(frozen=True, slots=True)
class FrameTime:
    """When one frame was exposed."""

    index: int
    t_mid_ns: int
    t_sigma_ns: int


@dataclass(frozen=True, slots=True)
class ZTrack:
    """The line z(t) of one sweep and how well it is known."""

    t0_ns: int
    z0_um: float
    speed_um_per_s: float
    z0_sigma_um: float
    speed_sigma_um_per_s: float
    """Not correlated with ``z0_um``: ``t0_ns`` is the weighted mean time."""
    residual_um: float
    """RMS distance of the samples from the line."""
    lag_sigma_s: float = 0.0
    """How uncertain the constant lag of the read-back is; the same for all frames."""
    vibration_um: float = 0.0
    """RMS trembling of z, which the read-back does not show."""

    def z_um(self, t_ns: int) -> float:
        """Return z at a time within the steady part."""
        return self.z0_um + self.speed_um_per_s * (t_ns - self.t0_ns) * 1e-9

    def z_sigma_um(self, t_ns: int, t_sigma_ns: int) -> float:
        """Return how uncertain z is at a time that is itself uncertain."""
        away_s = (t_ns - self.t0_ns) * 1e-9
        return float(
            np.sqrt(
                self.z0_sigma_um**2
                + (away_s * self.speed_sigma_um_per_s) ** 2
                + (self.speed_um_per_s * t_sigma_ns * 1e-9) ** 2
                + (self.speed_um_per_s * self.lag_sigma_s) ** 2
                + self.vibration_um**2
            )
        )


def fit_track(
    samples: Sequence[PositionSample],
    plan: SteadyPart,
    resolution_um: float,
    lag_s: float = 0.0,
    *,
    lag_sigma_s: float | None = None,
    vibration_um: float = 0.0,
) -> ZTrack:
    """Fit z(t) to the steady part of a planned sweep.

    Parameters
    ----------
    samples : sequence of PositionSample
        All positions read; those outside the plan's cruise are left out.
    plan : SteadyPart
    resolution_um, lag_s, lag_sigma_s, vibration_um
        As for `fit_cruise`.

    Raises
    ------
    TaggingError
        Fewer than three positions were read in the steady part.
    """
    return fit_cruise(
        samples,
        (plan.cruise_from_um, plan.cruise_to_um),
        plan.speed_um_per_s,
        resolution_um,
        lag_s,
        lag_sigma_s=lag_sigma_s,
        vibration_um=vibration_um,
    )


def fit_cruise(
    samples: Sequence[PositionSample],
    cruise_um: tuple[float, float],
    speed_um_per_s: float,
    resolution_um: float,
    lag_s: float = 0.0,
    *,
    lag_sigma_s: float | None = None,
    vibration_um: float = 0.0,
) -> ZTrack:
    """Fit z(t) to the part of a run, up or down, in which the speed is constant.

    The controller looks at its counters somewhere between asking and answer, at about the same
    share of that time each time. What is common to all samples is the lag; what differs between
    them is bounded by how far half the round trip is from its usual length, as a uniform error of
    σ_t = bound/√3. Each sample weighs 1/σ², σ² = (v·σ_t)² + resolution²/12 (rounding to a grid).
    Late answers are outliers in z, which Huber's weights keep from tilting the line.

    Parameters
    ----------
    samples : sequence of PositionSample
        All positions read; those outside the cruise are left out.
    cruise_um : tuple of float
        Between these z, the lower first, the speed is constant.
    speed_um_per_s : float
        About how fast the stage goes, in either direction.
    resolution_um : float
        Of the read-back.
    lag_s : float
        How late the read-back is: a sample taken at t shows where the stage was at t - lag.
    lag_sigma_s : float, optional
        How well the lag is known. Where nobody has measured it, it is as uncertain as a single
        question: the controller looks at its counters at any moment between asking and answer,
        but always at the same one, so that no number of samples averages it out.
    vibration_um : float
        RMS trembling of z, which the read-back does not show.

    Raises
    ------
    TaggingError
        Fewer than three positions were read in the steady part.
    """
    lower_um, upper_um = cruise_um[0] + resolution_um, cruise_um[1] - resolution_um
    steady = [sample for sample in samples if lower_um <= sample.z_um <= upper_um]
    if len({sample.t_ns for sample in steady}) < MIN_SAMPLES:
        raise TaggingError(
            f"The stage's position was read only {len(steady)} times at constant speed, out of "
            f"{len(samples)} in all; {MIN_SAMPLES} are needed. Sweep more slowly or further."
        )
    origin_ns = steady[0].t_ns
    t_s = np.array([(s.t_ns - origin_ns) * 1e-9 - lag_s for s in steady])
    z_um = np.array([s.z_um for s in steady])
    half_s = np.array([s.t_sigma_ns * 1e-9 for s in steady])
    usual_s = float(np.median(half_s))
    unusual_s = np.abs(half_s - usual_s)
    t_sigma_s = np.maximum(unusual_s, float(np.median(unusual_s))) / np.sqrt(3)
    sigma_um = np.sqrt((speed_um_per_s * t_sigma_s) ** 2 + resolution_um**2 / 12)
    line = _robust_line(t_s, z_um, np.maximum(sigma_um, 1e-6))
    return ZTrack(
        t0_ns=origin_ns + round(line.t0_s * 1e9),
        z0_um=line.z0_um,
        speed_um_per_s=line.speed_um_per_s,
        z0_sigma_um=line.z0_sigma_um,
        speed_sigma_um_per_s=line.speed_sigma_um_per_s,
        residual_um=line.residual_um,
        lag_sigma_s=usual_s / math.sqrt(3) if lag_sigma_s is None else lag_sigma_s,
        vibration_um=vibration_um,
    )


def interpolate_z(
    before: PositionSample, after: PositionSample, t_ns: int, lag_s: float = 0.0
) -> float:
    """Return z between two samples, for a decision while the stage still moves."""
    span_ns = after.t_ns - before.t_ns
    if span_ns <= 0:
        return after.z_um
    share = (t_ns + lag_s * 1e9 - before.t_ns) / span_ns
    return before.z_um + share * (after.z_um - before.z_um)


def in_range(
    before: PositionSample, after: PositionSample, t_ns: int, plan: SteadyPart, lag_s: float = 0.0
) -> bool:
    """Whether a frame taken between two samples belongs to the stack.

    The surer of the two tells where the stage was, at the planned speed. A computer that was held
    up reads the next position late, perhaps when the stage has long come to rest: the line
    between both would leave the frames of the rest in the range.
    """
    cruising = [s for s in (before, after) if plan.cruise_from_um <= s.z_um <= plan.cruise_to_um]
    if not cruising:
        return is_steady(interpolate_z(before, after, t_ns, lag_s), plan)
    surest = min(cruising, key=lambda sample: sample.t_sigma_ns)
    away_s = (t_ns - surest.t_ns) * 1e-9 + lag_s
    return is_steady(surest.z_um + plan.speed_um_per_s * away_s, plan)


def is_steady(z_um: float, plan: SteadyPart) -> bool:
    """Whether a frame taken at ``z_um`` belongs to the stack: it lies in the planned range."""
    return plan.z_from_um <= z_um <= plan.z_to_um


def tag_frames(
    frames: Iterable[FrameTime],
    samples: Sequence[PositionSample],
    plan: SteadyPart,
    *,
    resolution_um: float,
    lag_s: float = 0.0,
    lag_sigma_s: float | None = None,
    vibration_um: float = 0.0,
    used: Container[int],
) -> dict[int, FrameTag]:
    """Give each frame its z at mid-exposure, by the frame's index.

    Frames at constant speed lie on the fitted line; those of the run-up and run-down are
    interpolated between samples and never used.

    Parameters
    ----------
    resolution_um, lag_s, lag_sigma_s, vibration_um
        As for `fit_cruise`.
    used : container of int
        The indices of the frames found steady during the sweep.

    Raises
    ------
    TaggingError
        Too few positions were read to tag anything.
    """
    track = fit_track(
        samples, plan, resolution_um, lag_s, lag_sigma_s=lag_sigma_s, vibration_um=vibration_um
    )
    t_ns = np.array([s.t_ns for s in samples], dtype=np.float64) - lag_s * 1e9
    z_um = np.array([s.z_um for s in samples])
    spacing_s = float(np.median(np.diff(t_ns))) * 1e-9
    between_sigma_um = float(np.hypot(resolution_um, plan.speed_um_per_s * spacing_s / 2))
    tags: dict[int, FrameTag] = {}
    for frame in frames:
        if frame.index in used:
            sigma_um = track.z_sigma_um(frame.t_mid_ns, frame.t_sigma_ns)
            tags[frame.index] = FrameTag(track.z_um(frame.t_mid_ns), sigma_um, used=True)
        else:
            between_um = float(np.interp(frame.t_mid_ns, t_ns, z_um))
            tags[frame.index] = FrameTag(between_um, between_sigma_um, used=False)
    return tags


@dataclass(frozen=True, slots=True)
class _Line:
    t0_s: float
    z0_um: float
    speed_um_per_s: float
    z0_sigma_um: float
    speed_sigma_um_per_s: float
    residual_um: float


def _robust_line(
    t_s: NDArray[np.float64], z_um: NDArray[np.float64], sigma_um: NDArray[np.float64]
) -> _Line:
    """Fit z = z0 + v·(t - t0) by iteratively reweighted least squares."""
    huber = np.ones_like(z_um)
    for _ in range(20):
        weight = huber / sigma_um**2
        t0 = float(np.average(t_s, weights=weight))
        z0 = float(np.average(z_um, weights=weight))
        spread = float(np.sum(weight * (t_s - t0) ** 2))
        speed = float(np.sum(weight * (t_s - t0) * (z_um - z0)) / spread)
        residual = z_um - z0 - speed * (t_s - t0)
        # The scale follows the data, so that a stage noisier than its data sheet is not
        # mistaken for one full of outliers.
        scale = max(1.0, 1.4826 * float(np.median(np.abs(residual) / sigma_um)))
        away = np.abs(residual) / (sigma_um * scale)
        renewed = np.minimum(1.0, HUBER_SIGMAS / np.maximum(away, 1e-12))
        if np.allclose(renewed, huber, atol=1e-4):
            break
        huber = renewed
    # Rounding leaves uniform residuals, whose median is larger than that of a normal distribution
    # with the same RMS: what the line is uncertain by goes by the RMS (reduced chi-squared).
    freedom = max(1, len(z_um) - 2)
    misfit = max(1.0, float(np.sqrt(np.sum(huber * (residual / sigma_um) ** 2) / freedom)))
    return _Line(
        t0,
        z0,
        speed,
        misfit / float(np.sqrt(weight.sum())),
        misfit / float(np.sqrt(spread)),
        float(np.sqrt(np.mean(residual**2))),
    )
