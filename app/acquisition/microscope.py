"""A microscope: one stage, one camera, one objective, made from a profile."""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from app.acquisition.depth_of_field import depth_of_field
from app.acquisition.stages import grbl_axis, make_stage
from app.acquisition.sweep_plan import (
    MAX_BLUR_FRACTION,
    SweepPlan,
    plan_sweep,
    reachable_range,
)
from app.profiles import (
    AxisProfile,
    CameraProfile,
    MicroManagerProfile,
    MicroscopeProfile,
    Objective,
)
from drivers.camera import Camera, CameraSettings, Region, WhiteBalance
from drivers.grbl import GrblStage
from drivers.grbl_axes import GrblAxis, GrblSettings
from drivers.stage import Stage

if TYPE_CHECKING:
    from drivers.simulated.microscope import SimulatedMicroscope


class Microscope:
    """One stage, one camera and one objective that work together.

    A context manager: entering connects, leaving closes.

    Parameters
    ----------
    profile : MicroscopeProfile
    stage : Stage
    camera : Camera
    simulation : SimulatedMicroscope, optional
        The world behind a simulated stage and camera; closed with them.
    """

    def __init__(
        self,
        profile: MicroscopeProfile,
        stage: Stage,
        camera: Camera,
        simulation: SimulatedMicroscope | None = None,
    ) -> None:
        self.profile = profile
        self.stage = stage
        self.camera = camera
        self.simulation = simulation

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def objective(self) -> Objective:
        """The objective in use."""
        return self.profile.current_objective

    @property
    def pixel_um(self) -> float:
        """The side of a pixel at the object."""
        return self.profile.pixel_um

    @property
    def depth_of_field_um(self) -> float:
        """Of the objective in use on this camera."""
        return depth_of_field(
            self.objective, self.profile.camera.image_pixel_um, self.profile.wavelength_um
        ).total_um

    @property
    def lag_sigma_s(self) -> float | None:
        """How well the lag of the read-back is known; None where nobody has measured it."""
        sigma_ms = self.profile.stage.z_lag_sigma_ms
        return None if sigma_ms is None else sigma_ms / 1000

    @property
    def take_up_um(self) -> float:
        """How far below its target z begins its last approach, so that backlash is taken up."""
        return self.profile.stage.z.backlash_um + self.depth_of_field_um

    def connect(self) -> None:
        """Connect the stage, open the camera and give it the profile's settings.

        Nothing moves.

        Raises
        ------
        DeviceError
            One of the two did not answer; neither is left open.
        """
        try:
            self.stage.connect()
            self.camera.open()
            self.camera.configure(camera_settings(self.profile.camera))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop everything and release both devices; harmless when not connected."""
        # The stage first: it may be moving.
        try:
            self.stage.close()
        finally:
            try:
                self.camera.close()
            finally:
                if self.simulation is not None:
                    self.simulation.close()

    def plan_sweep(
        self,
        z_from_um: float,
        z_to_um: float,
        *,
        step_fraction: float | None = None,
        max_blur_fraction: float = MAX_BLUR_FRACTION,
        free_bytes: int | None = None,
        free_memory_bytes: int | None = None,
    ) -> SweepPlan:
        """Plan a sweep with the hardware as it is set now; see `sweep_plan.plan_sweep`."""
        return plan_sweep(
            self.objective,
            self.camera.caps,
            self.camera.settings,
            self.stage.caps,
            sensor_pixel_um=self.profile.camera.image_pixel_um,
            z_from_um=z_from_um,
            z_to_um=z_to_um,
            step_fraction=step_fraction or self.profile.step_fraction,
            max_blur_fraction=max_blur_fraction,
            settle_s=self.profile.stage.settle_s,
            backlash_um=self.profile.stage.z.backlash_um,
            wavelength_um=self.profile.wavelength_um,
            free_bytes=free_bytes,
            free_memory_bytes=free_memory_bytes,
        )

    def reachable_um(self, step_fraction: float | None = None) -> tuple[float, float]:
        """Return the widest range that a sweep of this step can cover."""
        return reachable_range(
            self.objective,
            self.camera.settings,
            self.stage.caps,
            sensor_pixel_um=self.profile.camera.image_pixel_um,
            step_fraction=step_fraction or self.profile.step_fraction,
            settle_s=self.profile.stage.settle_s,
            backlash_um=self.profile.stage.z.backlash_um,
            wavelength_um=self.profile.wavelength_um,
        )


def open_microscope(profile: MicroscopeProfile) -> Microscope:
    """Make the drivers that a profile asks for; nothing is connected yet.

    The simulated microscope's stage is a firmware behind a socket, driven by the very driver
    that drives real ones.
    """
    if profile.is_simulated:
        return _simulated(profile)
    if profile.micromanager is not None:
        return _through_micromanager(profile, profile.micromanager)
    return Microscope(profile, make_stage(profile.stage), _camera(profile.camera))


def _through_micromanager(profile: MicroscopeProfile, part: MicroManagerProfile) -> Microscope:
    from app.acquisition import micromanager

    core = micromanager.make_core(part)
    stage: Stage
    if profile.stage.driver == "micromanager":
        stage = micromanager.make_stage(core, part, profile.stage)
    else:
        stage = make_stage(profile.stage)
    if profile.camera.driver == "micromanager":
        return Microscope(profile, stage, micromanager.make_camera(core))
    return Microscope(profile, stage, _camera(profile.camera))


def _camera(profile: CameraProfile) -> Camera:
    if profile.driver == "uvc":
        from drivers.uvc import UvcCamera

        return UvcCamera(profile.serial)
    # pypylon is large; a computer without such a camera need not load it.
    from drivers.basler import BaslerCamera

    return BaslerCamera(profile.serial or None)


def _simulated(profile: MicroscopeProfile) -> Microscope:
    # Neither does hardware need its simulation.
    from drivers.simulated.microscope import SimulatedMicroscope
    from drivers.simulated.settings import SimulationSettings

    settings = SimulationSettings(
        seed=profile.simulation.seed,
        width=profile.simulation.width,
        height=profile.simulation.height,
        # What the lens shows to one pixel of the sensor, binned or not.
        pixel_um=profile.camera.pixel_um / profile.current_objective.magnification,
        magnification=profile.current_objective.magnification,
        na=profile.current_objective.na,
        exposure_ms=profile.camera.exposure_ms,
    )
    return mount_simulation(profile, SimulatedMicroscope(settings))


def mount_simulation(profile: MicroscopeProfile, simulation: SimulatedMicroscope) -> Microscope:
    """Power a simulated microscope and connect the real stage driver to its firmware.

    How the simulated firmware counts is the simulation's affair: units, directions and offsets
    of the profile are passed over, its limits are kept.
    """
    simulation.start()
    world, stage = simulation.settings, profile.stage

    def axis(mounted: AxisProfile, index: int) -> GrblAxis:
        return replace(
            grbl_axis(mounted),
            um_per_unit=world.um_per_unit[index],
            sign=1,
            offset_um=world.offset_um[index],
        )

    settings = GrblSettings(
        simulation.stage_url,
        x=axis(stage.x, 0),
        y=axis(stage.y, 1),
        z=axis(stage.z, 2),
        poll_hz=stage.poll_hz,
    )
    return Microscope(profile, GrblStage(settings), simulation.camera, simulation)


def camera_settings(profile: CameraProfile) -> CameraSettings:
    """Return what a camera is set to according to its profile."""
    balance, region = profile.white_balance, profile.region
    return CameraSettings(
        exposure_ms=profile.exposure_ms,
        gain_db=profile.gain_db,
        fps=profile.fps,
        white_balance=None if balance is None else WhiteBalance(*balance),
        black_level=profile.black_level,
        pixel_format=profile.pixel_format,
        binning=profile.binning,
        region=None if region is None else Region(*region),
    )
