"""How much of a field's height range the automatic range covers, and how much too long it is.

Random fields of slides whose thickest particles differ, each focused from a random start and then
measured by one coarse pass: the program's own code on devices in virtual time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from app.acquisition.autofocus import autofocus
from app.acquisition.field_range import find_range
from app.acquisition.motion import Motion
from app.acquisition.worker import WorkAtOnce
from app.trials.focusing import START_WITHIN_UM, WORLD, calibrate_rig, same
from app.trials.rig import connect_rig, rig_profile
from drivers.simulated.scene import Scene
from drivers.simulated.virtual_camera import UsbTiming
from drivers.simulated.virtual_stage import SerialTiming

FIELDS_PER_SLIDE = 5
THICKEST_UM = (8.0, 40.0)
"""The thickest particle of a slide; the simulation allows ten depths of field at most."""


@dataclass(frozen=True, slots=True)
class RangeTry:
    """One field."""

    slide: int
    true_um: tuple[float, float]
    """Lowest and highest surface in view."""
    found_um: tuple[float, float]
    """What would be swept."""
    duration_s: float
    """Of the coarse pass, the way to its start included."""

    @property
    def covered(self) -> float:
        """Share of the true range within the one found."""
        low, high = self.true_um
        inside = min(high, self.found_um[1]) - max(low, self.found_um[0])
        return max(0.0, inside) / (high - low)

    @property
    def length(self) -> float:
        """Of the range found, as a multiple of the true one."""
        low, high = self.true_um
        return (self.found_um[1] - self.found_um[0]) / (high - low)


@dataclass(frozen=True, slots=True)
class RangeTrial:
    """All fields."""

    tries: tuple[RangeTry, ...]

    @property
    def covered(self) -> NDArray[np.float64]:
        """(N,) share of each true range that is covered."""
        return np.array([each.covered for each in self.tries])

    @property
    def lengths(self) -> NDArray[np.float64]:
        """(N,) multiples of the true lengths."""
        return np.array([each.length for each in self.tries])

    def table(self) -> str:
        """Return the figures in lines."""
        covered, lengths = self.covered, self.lengths
        heights = [high - low for low, high in (each.true_um for each in self.tries)]
        durations_s = [each.duration_s for each in self.tries]
        slides = len({each.slide for each in self.tries})
        return "\n".join(
            (
                f"fields                     {len(self.tries)} on {slides} slides",
                f"true height ranges         {min(heights):.1f} to {max(heights):.1f} µm",
                f"covered, mean              {100 * covered.mean():.2f} %",
                f"covered, worst field       {100 * covered.min():.1f} %",
                f"fields covered to 98 %     {np.count_nonzero(covered >= 0.98)}",
                f"length, mean               {lengths.mean():.2f} times the true range",
                f"length, largest            {lengths.max():.2f} times the true range",
                f"median time                {np.median(durations_s):.2f} s",
            )
        )


def try_ranging(
    fields: int,
    seed: int = 0,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> RangeTrial:
    """Find the range of many random fields.

    Parameters
    ----------
    fields : int
        How many; `FIELDS_PER_SLIDE` on each slide.
    seed : int
        Of slides, places and starts.
    on_progress : callable, optional
        Told what is being done, how many fields are, and how many there are.
    """
    tries: list[RangeTry] = []
    calibration = None
    for slide in range(-(-fields // FIELDS_PER_SLIDE)):
        random = np.random.default_rng((seed, slide, 1))
        thickest_um = float(random.uniform(*THICKEST_UM))
        settings = replace(WORLD, seed=500_000 + 1000 * seed + slide, max_particle_um=thickest_um)
        scene = Scene(settings)
        calibration = calibration or calibrate_rig(settings, scene, 60.0)
        for number in range(slide * FIELDS_PER_SLIDE, min(fields, (slide + 1) * FIELDS_PER_SLIDE)):
            if on_progress is not None:
                on_progress(f"slide {slide + 1}", number, fields)
            place = float(random.uniform(5e3, 35e3)), float(random.uniform(5e3, 15e3))
            away_um = float(random.uniform(-START_WITHIN_UM, START_WITHIN_UM))
            here = replace(settings, start_um=(*place, settings.glass_z_um + away_um))
            profile = calibration.applied_to(rig_profile(here, backlash_um=0.0, fps=30.0))
            microscope, world = connect_rig(
                profile, here, SerialTiming(), UsbTiming(max_fps=60.0), partial(same, scene)
            )
            motion = Motion(microscope.stage)
            focus = autofocus(microscope, motion, queue=WorkAtOnce)
            began_ns = world.time.now_ns
            found = find_range(microscope, motion, focus.best_z_um, queue=WorkAtOnce)
            heights_um = world.truth.height_map(*place)
            tries.append(
                RangeTry(
                    slide,
                    (float(heights_um.min()), float(heights_um.max())),
                    (found.bottom_um, found.top_um),
                    (world.time.now_ns - began_ns) / 1e9,
                )
            )
    return RangeTrial(tuple(tries))
