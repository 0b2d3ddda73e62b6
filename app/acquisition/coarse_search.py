"""Finds roughly where the focus is: fast runs up and down that end once they have passed it.

The sign of a defocus cannot be seen in one image, so the first run simply goes up, away from the
slide. Two measures of each frame tell what comes: the contrast of the whole field, which grows
from hundreds of µm away and says whether the way is right, and the sharpness of its parts, which
says when the focus has been passed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.acquisition.focus_measure import grey_image, tile_energy
from app.acquisition.focus_pass import FrameQueue, run_pass
from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion
from app.acquisition.peak import find_peak
from drivers.camera import Frame

REDUCTION = 2
"""At half the resolution sharpness is wide enough along z for a fast run not to jump over it, and
still that of the finest detail; at a quarter the edges of thick particles would outweigh it."""
STEP_DEPTHS = 3.0
"""Depths of field between two frames, at most."""
BLUR_DEPTHS = 1.0
"""Depths of field travelled during one exposure, at most."""
MAX_RUNS = 8
FALLEN = 0.92
"""The contrast falls for sure once it is below this share of its highest."""
PASSED = 0.6
"""The focus has been passed once the sharpness is below this share of its highest."""
ROSE = 1.03
SURROUNDINGS_DEPTHS = 10.0
"""So many depths of field beyond a focus are looked at too: the top of a thick particle has one
of its own, and the glass below it may be much sharper."""
DARK = 0.02
"""Mean brightness of a picture without a lamp, as a share of the full scale."""
CLIPPED = 0.5
"""Share of clipped pixels above which a picture is useless."""
MIN_PROMINENCE = 0.15
MIN_SIGNAL_TO_NOISE = 6.0


class AutofocusError(Exception):
    """Focus was not found; the message says why and what to try."""


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """What one frame shows at a part of its resolution."""

    brightness: float
    """Mean, as a share of the full scale."""
    clipped: float
    """Share of the pixels that are."""
    contrast: float
    """Variance over squared mean (normalised variance)."""
    tiles: NDArray[np.float64]
    """(rows, columns) `focus_measure.tile_energy`."""


def glance(frame: Frame, bits: int) -> Glance:
    """Measure a frame coarsely."""
    grey = grey_image(frame.image, bits, reduced=REDUCTION)
    mean = float(grey.mean())
    clipped = float(np.mean(grey >= 0.98))
    contrast = float(grey.var()) / max(mean, 1e-6) ** 2
    return Glance(mean, clipped, contrast, tile_energy(grey))


@dataclass(slots=True)
class _Watch:
    """Follows one run and ends it once it has seen enough."""

    motion: Motion
    bits: int
    step_um: float
    """Between two frames."""
    surroundings_um: float
    contrast: list[float] = field(default_factory=list)
    sharpness: list[float] = field(default_factory=list)
    trouble: str | None = None
    ended: bool = False

    def __call__(self, frame: Frame) -> Glance:
        seen = glance(frame, self.bits)
        if not self.ended:
            self.contrast.append(seen.contrast)
            self.sharpness.append(float(seen.tiles.mean()))
            self.trouble = _trouble(seen)
            if self.trouble is not None or self._seen_enough():
                self.ended = True
                self.motion.end_sweep()
        return seen

    def _seen_enough(self) -> bool:
        contrast, sharpness = np.array(self.contrast), np.array(self.sharpness)
        if np.any(contrast[-2:] > FALLEN * contrast.max()):
            return False
        never_rose = contrast.max() < ROSE * contrast[0]
        passed = bool(np.all(sharpness[-2:] < PASSED * sharpness.max()))
        since_um = (len(sharpness) - 1 - int(sharpness.argmax())) * self.step_um
        return never_rose or (passed and since_um >= self.surroundings_um)


def _trouble(seen: Glance) -> str | None:
    if seen.brightness < DARK:
        return (
            f"The picture is dark ({100 * seen.brightness:.1f} % of full scale): switch on the "
            "lamp, open the shutter, or expose longer."
        )
    if seen.clipped > CLIPPED:
        return (
            f"{100 * seen.clipped:.0f} % of the picture is saturated: expose for a shorter time, "
            "or dim the lamp."
        )
    return None


@dataclass(frozen=True, slots=True, eq=False)
class CoarseCurve:
    """What the runs have seen, in the order of z."""

    z_um: NDArray[np.float64]
    contrast: NDArray[np.float64]
    tiles: NDArray[np.float64]
    """(N, rows, columns)."""

    @property
    def sharpness(self) -> NDArray[np.float64]:
        """(N,): of the whole field."""
        return np.asarray(self.tiles.mean(axis=(1, 2)))

    @property
    def has_focus(self) -> bool:
        """Whether anything gets sharp and unsharp again, beyond noise."""
        peak = find_peak(self.z_um, self.sharpness)
        return peak.prominence > MIN_PROMINENCE and peak.signal_to_noise > MIN_SIGNAL_TO_NOISE

    def open_sides(self, surroundings_um: float) -> tuple[bool, bool]:
        """Return whether it may get sharper still below, and above, what has been seen.

        Parameters
        ----------
        surroundings_um : float
            How far from the sharpest z another surface may be.
        """
        sharpness = self.sharpness
        best = int(sharpness.argmax())
        low = sharpness < PASSED * sharpness[best]
        below, above = np.count_nonzero(low[:best]) < 2, np.count_nonzero(low[best:]) < 2
        # Far from focus all is equally blurred, and only the contrast knows the way.
        highest = int(self.contrast.argmax())
        ends = max(2, len(self.z_um) // 20)
        near_below = self.z_um[best] - self.z_um[0] < surroundings_um
        near_above = self.z_um[-1] - self.z_um[best] < surroundings_um
        return (
            bool(below or near_below) or highest < ends,
            bool(above or near_above) or highest >= len(self.z_um) - ends,
        )


def coarse_search(
    microscope: Microscope, motion: Motion, window_um: tuple[float, float], queue: FrameQueue
) -> CoarseCurve:
    """Run up and down until the focus lies within what has been seen.

    Parameters
    ----------
    microscope : Microscope
        Its camera is set to the frame rate to use.
    window_um : tuple of float
        Where to look first; beyond it only where the focus lies there, or where there is nothing.

    Raises
    ------
    AutofocusError
        There is no light, too much of it, or no contrast anywhere.
    MoveStopped, DeviceError
        As for `focus_pass.run_pass`.
    """
    limits = microscope.stage.caps.z
    low, high = max(window_um[0], limits.lower_um), min(window_um[1], limits.upper_um)
    if low >= high:
        raise AutofocusError(
            f"The range from {window_um[0]:.0f} to {window_um[1]:.0f} µm lies outside the limits "
            f"of z, {limits.lower_um:.0f} to {limits.upper_um:.0f} µm."
        )
    curve: CoarseCurve | None = None
    # A stage that stands at an end already has nowhere to run to.
    here_um = microscope.stage.position().z_um
    target_um = high if high - here_um > _unseen_um(microscope) else low
    for _ in range(MAX_RUNS):
        curve = _joined(curve, _run(microscope, motion, target_um, queue))
        # Frames lie some µm apart: the last one may be a little short of what was wanted.
        below, above = curve.open_sides(0.7 * SURROUNDINGS_DEPTHS * microscope.depth_of_field_um)
        focused = curve.has_focus
        if focused and not (below or above):
            return curve
        next_um = _next_target(microscope, curve, (below, above), (low, high))
        if next_um is None:
            low, high = limits.lower_um, limits.upper_um
            next_um = _next_target(microscope, curve, (below, above), (low, high))
        if next_um is None:
            break
        target_um = next_um
    assert curve is not None
    if not curve.has_focus:
        raise AutofocusError(
            f"No contrast between {curve.z_um[0]:.0f} and {curve.z_um[-1]:.0f} µm: check the "
            "lamp, the exposure, and that there are particles under the objective."
        )
    raise AutofocusError(
        f"The image still gets sharper at an end of the search from {curve.z_um[0]:.0f} to "
        f"{curve.z_um[-1]:.0f} µm: focus roughly by hand, or widen the limits of z."
    )


def _next_target(
    microscope: Microscope,
    curve: CoarseCurve,
    open_sides: tuple[bool, bool],
    window_um: tuple[float, float],
) -> float | None:
    """Return an end of the window that has not been seen and where the focus may lie."""
    below, above = open_sides
    (low, high), margin_um = window_um, _unseen_um(microscope)
    if (below or not curve.has_focus) and curve.z_um[0] > low + margin_um:
        return low
    if (above or not curve.has_focus) and curve.z_um[-1] < high - margin_um:
        return high
    return None


def _unseen_um(microscope: Microscope) -> float:
    """Return how far beyond the last frame the stage may have come: a step, and some of one."""
    return 1.5 * STEP_DEPTHS * microscope.depth_of_field_um


def _run(microscope: Microscope, motion: Motion, to_um: float, queue: FrameQueue) -> CoarseCurve:
    """Run towards z, as fast as the frames allow, and end early once the focus has been passed."""
    profile = microscope.profile.stage
    speed = search_speed_um_per_s(microscope)
    surroundings_um = SURROUNDINGS_DEPTHS * microscope.depth_of_field_um
    # It is seen too what the stage passes while it brakes.
    braking_um = speed**2 / (2 * microscope.stage.caps.z.acceleration_um_per_s2)
    watch = _Watch(
        motion,
        microscope.camera.caps.bits,
        step_um=speed / microscope.camera.settings.fps,
        surroundings_um=surroundings_um - braking_um,
    )
    seen = run_pass(microscope, motion, to_um, speed, watch, queue=queue)
    if watch.trouble is not None:
        raise AutofocusError(watch.trouble)
    if not seen.values:
        raise AutofocusError(
            f"The camera delivered no frame during a run to {to_um:.0f} µm: check the camera."
        )
    z_um = seen.z_um(profile.z_lag_ms / 1000, profile.z.backlash_um)
    return CoarseCurve(
        z_um,
        np.array([each.contrast for each in seen.values]),
        np.stack([each.tiles for each in seen.values]),
    )


def search_speed_um_per_s(microscope: Microscope) -> float:
    """Return how fast the stage may search without jumping over the focus."""
    dof_um, settings = microscope.depth_of_field_um, microscope.camera.settings
    z = microscope.stage.caps.z
    fastest = min(
        z.max_speed_um_per_s,
        STEP_DEPTHS * dof_um * settings.fps,
        BLUR_DEPTHS * dof_um / (settings.exposure_ms / 1000),
    )
    return z.kept_speed(max(z.min_speed_um_per_s, fastest))


def _joined(before: CoarseCurve | None, run: CoarseCurve) -> CoarseCurve:
    past = () if before is None else (before,)
    z_um = np.concatenate([*(each.z_um for each in past), run.z_um])
    order = np.argsort(z_um, kind="stable")
    contrast = np.concatenate([*(each.contrast for each in past), run.contrast])
    tiles = np.concatenate([*(each.tiles for each in past), run.tiles])
    return CoarseCurve(z_um[order], contrast[order], tiles[order])
