"""How far the z of a frame is from the truth, and whether its sigma says so.

Random pairs of stage and camera: the controller looks at its counters at any moment of the round
trip, tells positions that are up to some ms old, USB delays frames. Each pair is calibrated by the
two-way sweeps of `wearif calibrate` once, and then used for several sweeps over random ranges. All
that runs is the program's own code; only the devices are in virtual time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.acquisition.calibration import calibrate_z
from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion
from app.acquisition.position_log import PositionLog
from app.acquisition.sweep import approach, run_sweep
from app.acquisition.worker import WorkAtOnce
from app.acquisition.z_tagging import FrameTime, in_range, tag_frames
from app.trials.rig import connect_rig, rig_profile
from drivers.camera import CameraSettings, Frame
from drivers.simulated.scene import Scene
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.virtual_camera import UsbTiming
from drivers.simulated.virtual_microscope import VirtualMicroscope
from drivers.simulated.virtual_stage import SerialTiming

SWEEPS_PER_RIG = 5
SPEED_UM_PER_S = 20.0
SERIAL_LATENCY_MS = 5.0
USB_JITTER_MS = 10.0
_COVERING = 1.96
"""Standard deviations to either side that hold 95 % of a normal distribution."""
_WORLD = SimulationSettings(
    width=160,
    height=128,
    slide_fields=(1.0, 1.0),
    start_um=(20_000.0, 10_000.0, 415.0),
    # The start lies in focus, so that a calibration can begin.
    glass_z_um=412.3,
)


@dataclass(frozen=True, slots=True, eq=False)
class TaggingTrial:
    """What the tags of all used frames of all sweeps were."""

    errors_um: NDArray[np.float64]
    """(N,) tagged minus true z at mid-exposure."""
    sigmas_um: NDArray[np.float64]
    """(N,) what the tags said."""
    sweeps: NDArray[np.int64]
    """(N,) which sweep the frame is of."""
    calibration_s: float
    """How long the longest calibration took on the microscope's own clock."""

    @property
    def rms_um(self) -> float:
        """RMS of all errors."""
        return float(np.sqrt(np.mean(self.errors_um**2)))

    @property
    def worst_sweep_rms_um(self) -> float:
        """RMS of the worst sweep."""
        return max(
            float(np.sqrt(np.mean(self.errors_um[self.sweeps == sweep] ** 2)))
            for sweep in np.unique(self.sweeps)
        )

    @property
    def coverage(self) -> float:
        """Share of the errors within the 95 % interval."""
        return float(np.mean(np.abs(self.errors_um) <= _COVERING * self.sigmas_um))

    def table(self) -> str:
        """Return the figures in lines."""
        return "\n".join(
            (
                f"sweeps                     {np.unique(self.sweeps).size}",
                f"frames                     {self.errors_um.size}",
                f"RMS error                  {self.rms_um:.3f} µm",
                f"RMS error, worst sweep     {self.worst_sweep_rms_um:.3f} µm",
                f"mean error                 {self.errors_um.mean():+.3f} µm",
                f"largest error              {np.abs(self.errors_um).max():.3f} µm",
                f"median sigma               {np.median(self.sigmas_um):.3f} µm",
                f"errors within 95 %         {100 * self.coverage:.1f} %",
                f"longest calibration        {self.calibration_s:.0f} s",
            )
        )


def try_tagging(
    sweeps: int,
    seed: int = 0,
    on_progress: Callable[[str, int, int], None] | None = None,
    *,
    calibrated: bool = True,
) -> TaggingTrial:
    """Tag the frames of many random sweeps.

    Parameters
    ----------
    sweeps : int
        How many; `SWEEPS_PER_RIG` on each pair of stage and camera.
    seed : int
        Of everything random.
    on_progress : callable, optional
        Told what is being done, how many sweeps are, and how many there are.
    calibrated : bool
        Whether each pair is calibrated first.
    """
    scene = Scene(_WORLD)
    errors: list[float] = []
    sigmas: list[float] = []
    numbers: list[int] = []
    longest_s = 0.0
    for rig in range(-(-sweeps // SWEEPS_PER_RIG)):
        if on_progress is not None:
            on_progress("calibrating", rig * SWEEPS_PER_RIG, sweeps)
        random = np.random.default_rng((seed, rig))
        microscope, world = _rig(random, int(random.integers(2**31)), scene)
        began_ns = world.time.now_ns
        if calibrated:
            found = calibrate_z(microscope, Motion(microscope.stage), queue=WorkAtOnce)
            microscope.profile = found.applied_to(microscope.profile)
        longest_s = max(longest_s, (world.time.now_ns - began_ns) / 1e9)
        for number in range(rig * SWEEPS_PER_RIG, min(sweeps, (rig + 1) * SWEEPS_PER_RIG)):
            if on_progress is not None:
                on_progress("sweeping", number, sweeps)
            for error, sigma in _sweep(microscope, world, random):
                errors.append(error)
                sigmas.append(sigma)
                numbers.append(number)
    return TaggingTrial(np.array(errors), np.array(sigmas), np.array(numbers), longest_s)


def _rig(
    random: np.random.Generator, seed: int, scene: Scene
) -> tuple[Microscope, VirtualMicroscope]:
    settings = replace(_WORLD, seed=seed, exposure_ms=float(random.uniform(1.0, 8.0)))
    serial = SerialTiming(
        poll_hz=float(random.uniform(15, 40)),
        latency_ms=SERIAL_LATENCY_MS,
        jitter_ms=1.5,
        sampled_at=float(random.uniform(0.05, 0.95)),
        stale_ms=float(random.uniform(0.0, 10.0)),
    )
    usb = UsbTiming(
        transfer_ms=float(random.uniform(2.0, 8.0)),
        jitter_ms=USB_JITTER_MS,
        clock_ppm=float(random.uniform(-50, 50)),
    )
    profile = rig_profile(settings, backlash_um=3.0, fps=30.0)
    return connect_rig(profile, settings, serial, usb, lambda: scene)


def _sweep(
    microscope: Microscope, world: VirtualMicroscope, random: np.random.Generator
) -> Iterator[tuple[float, float]]:
    """Sweep once, and yield the error and the sigma of each used frame."""
    exposure_ms = microscope.profile.camera.exposure_ms
    microscope.camera.configure(
        # Half a depth of field per frame makes the wanted speed.
        CameraSettings(exposure_ms, 0.0, SPEED_UM_PER_S / (microscope.depth_of_field_um / 2))
    )
    lower_um = float(random.uniform(380, 480))
    plan = microscope.plan_sweep(lower_um, lower_um + float(random.uniform(15, 60)))
    motion = Motion(microscope.stage)
    times: list[FrameTime] = []

    def note(frame: Frame) -> None:
        times.append(FrameTime(frame.index, frame.t_mid_ns, frame.t_sigma_ns))

    approach(microscope, plan, motion)
    # The stage may stand anywhere between two polls and two frames.
    world.time.sleep(float(random.uniform(0, 0.1)))
    log = PositionLog()
    run_sweep(microscope, plan, motion, on_frame=note, positions=log)
    lag_s = microscope.profile.stage.z_lag_ms / 1000
    used: set[int] = set()
    for each in times:
        around = log.around(each.t_mid_ns + round(lag_s * 1e9), 0.0)
        if around is not None and in_range(*around, each.t_mid_ns, plan, lag_s):
            used.add(each.index)
    tags = tag_frames(
        times,
        log.samples(),
        plan,
        resolution_um=microscope.stage.caps.z.resolution_um,
        lag_s=lag_s,
        lag_sigma_s=microscope.lag_sigma_s,
        vibration_um=microscope.profile.stage.z_vibration_um,
        used=used,
    )
    for index in sorted(used):
        tag, exposure = tags[index], world.camera.exposures[index]
        assert tag.z_um is not None
        assert tag.z_sigma_um is not None
        true_um = world.truth.mean_z(exposure.t_start_ns, exposure.t_end_ns)
        yield tag.z_um - true_um, tag.z_sigma_um
