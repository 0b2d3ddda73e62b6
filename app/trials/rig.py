"""A microscope of a trial: the program's own code on devices in virtual time."""

from __future__ import annotations

from collections.abc import Callable

from app.acquisition.microscope import Microscope
from app.profiles import (
    AxisProfile,
    CameraProfile,
    MicroscopeProfile,
    Objective,
    SimulationProfile,
    StageProfile,
)
from drivers.simulated.scene import Scene
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.virtual_camera import UsbTiming
from drivers.simulated.virtual_microscope import VirtualMicroscope
from drivers.simulated.virtual_stage import SerialTiming


def rig_profile(
    settings: SimulationSettings, *, backlash_um: float, fps: float
) -> MicroscopeProfile:
    """Return a profile that describes simulated hardware as its owner would."""
    objective = Objective(
        name=f"{settings.magnification:g}x/{settings.na:g}",
        magnification=settings.magnification,
        na=settings.na,
    )
    return MicroscopeProfile(
        name="Trial",
        stage=StageProfile(
            driver="simulated", settle_s=0.05, z=AxisProfile(backlash_um=backlash_um)
        ),
        camera=CameraProfile(
            driver="simulated",
            pixel_um=settings.sensor_pixel_um,
            exposure_ms=settings.exposure_ms,
            fps=fps,
        ),
        objectives=(objective,),
        objective=objective.name,
        simulation=SimulationProfile(),
    )


def connect_rig(
    profile: MicroscopeProfile,
    settings: SimulationSettings,
    serial: SerialTiming | None = None,
    usb: UsbTiming | None = None,
    scene: Callable[[], Scene] | None = None,
) -> tuple[Microscope, VirtualMicroscope]:
    """Return a connected microscope and the world behind it."""
    world = VirtualMicroscope(settings, serial, usb, scene)
    microscope = Microscope(profile, world.stage, world.camera)
    microscope.connect()
    return microscope, world
