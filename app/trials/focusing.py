"""How well, and how fast, the autofocus finds the sharpest z of a field.

Many starts at random distances from focus, on several slides and at random places of each. All
that runs is the program's own code. The devices are in virtual time, so that the times are those
of stage travel, frames, polling and a fixed time for measuring each frame, and the same on any
computer; how long measuring really took on this one is reported beside them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from app.acquisition.autofocus import AutofocusError, autofocus
from app.acquisition.calibration import ZCalibration, calibrate_z
from app.acquisition.focus_pass import FrameQueue
from app.acquisition.motion import Motion
from app.acquisition.worker import WorkAtOnce
from app.trials.rig import connect_rig, rig_profile
from drivers.camera import Frame
from drivers.simulated.scene import Scene
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.virtual_camera import UsbTiming
from drivers.simulated.virtual_stage import SerialTiming

STARTS_PER_SLIDE = 10
START_WITHIN_UM = 150.0
WORLD = SimulationSettings(
    width=910,
    height=512,
    # A 50x/0.55 with pixels of 9.1 µm: 2.0 µm depth of field by `sweep_plan.depth_of_field`.
    pixel_um=0.183,
    magnification=50.0,
    na=0.55,
    max_speed_um_per_s=(20_000.0, 20_000.0, 300.0),
)
_BACKLASH_UM = 3.0
"""What the profile says before the calibration."""


@dataclass(frozen=True, slots=True)
class FocusTry:
    """One start."""

    slide: int
    start_um: float
    """From the sharpest z."""
    error_um: float
    """Of where the focal plane truly stood in the end; nan where the autofocus gave up."""
    duration_s: float
    lowest_um: float
    highest_um: float
    """Between these z the stage was sent."""


@dataclass(frozen=True, slots=True)
class FocusTrial:
    """All starts."""

    tries: tuple[FocusTry, ...]
    depth_of_field_um: float
    limits_um: tuple[float, float]
    measuring_ms: float
    """Median time that measuring one frame took on this computer."""

    @property
    def errors_um(self) -> NDArray[np.float64]:
        """(N,) absolute; infinite where the autofocus gave up."""
        errors = np.abs([each.error_um for each in self.tries])
        return np.where(np.isnan(errors), np.inf, errors)

    @property
    def durations_s(self) -> NDArray[np.float64]:
        """(N,)."""
        return np.array([each.duration_s for each in self.tries])

    @property
    def beyond_limits(self) -> int:
        """How many starts sent the stage beyond its limits."""
        low, high = self.limits_um
        return sum(each.lowest_um < low or each.highest_um > high for each in self.tries)

    def table(self) -> str:
        """Return the figures in lines."""
        errors, durations = self.errors_um, self.durations_s
        slides = len({each.slide for each in self.tries})
        within = 100 * float(np.mean(errors <= self.depth_of_field_um))
        return "\n".join(
            (
                f"starts                     {len(self.tries)} on {slides} slides",
                f"depth of field             {self.depth_of_field_um:.2f} µm",
                f"mean error                 {errors.mean():.3f} µm",
                f"median error               {np.median(errors):.3f} µm",
                f"largest error              {errors.max():.3f} µm",
                f"within the depth of field  {within:.1f} %",
                f"gave up                    {np.count_nonzero(np.isinf(errors))}",
                f"median time                {np.median(durations):.2f} s",
                f"95 % of the times below    {np.percentile(durations, 95):.2f} s",
                f"longest time               {durations.max():.2f} s",
                f"sent beyond the limits     {self.beyond_limits}",
                f"measuring a frame here     {self.measuring_ms:.1f} ms",
            )
        )


def try_focusing(
    starts: int,
    seed: int = 0,
    on_progress: Callable[[str, int, int], None] | None = None,
    *,
    fps: float = 75.0,
) -> FocusTrial:
    """Focus from many random starts.

    Parameters
    ----------
    starts : int
        How many; `STARTS_PER_SLIDE` on each slide.
    seed : int
        Of slides, places and starts.
    on_progress : callable, optional
        Told what is being done, how many starts are, and how many there are.
    fps : float
        The most that the camera can do; 75 is an ordinary 5-megapixel camera on USB 3.
    """
    tries: list[FocusTry] = []
    taken_s: list[float] = []
    dof_um, limits = 0.0, (0.0, 0.0)
    calibration: ZCalibration | None = None
    for slide in range(-(-starts // STARTS_PER_SLIDE)):
        settings = replace(WORLD, seed=1000 * (seed + 1) + slide)
        scene = Scene(settings)
        random = np.random.default_rng((seed, slide))
        for number in range(slide * STARTS_PER_SLIDE, min(starts, (slide + 1) * STARTS_PER_SLIDE)):
            if on_progress is not None:
                on_progress(f"slide {slide + 1}", number, starts)
            place = float(random.uniform(5e3, 35e3)), float(random.uniform(5e3, 15e3))
            away_um = float(random.uniform(-START_WITHIN_UM, START_WITHIN_UM))
            here = replace(settings, start_um=(*place, settings.glass_z_um + away_um))
            profile = rig_profile(here, backlash_um=_BACKLASH_UM, fps=30.0)
            microscope, world = connect_rig(
                profile, here, SerialTiming(), UsbTiming(max_fps=fps), partial(same, scene)
            )
            if calibration is None:
                calibration = calibrate_rig(settings, scene, fps)
            microscope.profile = calibration.applied_to(microscope.profile)
            sharpest_um = world.truth.best_focus_z(*place)
            dof_um = microscope.depth_of_field_um
            limits = microscope.stage.caps.z.lower_um, microscope.stage.caps.z.upper_um
            began_ns = world.time.now_ns
            try:
                autofocus(microscope, Motion(microscope.stage), queue=_timed(taken_s))
                error_um = world.truth.z_at(world.time.now_ns) - sharpest_um
            except AutofocusError:
                error_um = float("nan")
            tries.append(
                FocusTry(
                    slide,
                    settings.glass_z_um + away_um - sharpest_um,
                    error_um,
                    (world.time.now_ns - began_ns) / 1e9,
                    world.stage.lowest_um,
                    world.stage.highest_um,
                )
            )
    return FocusTrial(tuple(tries), dof_um, limits, 1000 * float(np.median(taken_s)))


def calibrate_rig(settings: SimulationSettings, scene: Scene, fps: float) -> ZCalibration:
    """Do what a lab does once with a pair of stage and camera."""
    focused = replace(settings, start_um=(20e3, 10e3, settings.glass_z_um))
    microscope, _ = connect_rig(
        rig_profile(focused, backlash_um=_BACKLASH_UM, fps=30.0),
        focused,
        SerialTiming(),
        UsbTiming(max_fps=fps),
        partial(same, scene),
    )
    return calibrate_z(microscope, Motion(microscope.stage), queue=WorkAtOnce)


def same(scene: Scene) -> Scene:
    """Return a slide that is there already, to those who would make one."""
    return scene


def _timed(taken_s: list[float]) -> FrameQueue:
    """Return a queue that does everything at once and notes how long that took."""

    def queue(name: str, work: Callable[[Frame], None]) -> WorkAtOnce[Frame]:
        def timed(frame: Frame) -> None:
            began_s = time.thread_time()
            work(frame)
            taken_s.append(time.thread_time() - began_s)

        return WorkAtOnce(name, timed)

    return queue
