"""The stage and the camera that a profile takes from a Micro-Manager configuration."""

from __future__ import annotations

from pathlib import Path

from app.acquisition.stages import stage_settings
from app.profiles import MicroManagerProfile, StageProfile
from drivers.micromanager_axes import MicroManagerSettings
from drivers.micromanager_camera import MicroManagerCamera
from drivers.micromanager_core import MicroManagerCore
from drivers.micromanager_speed import SpeedProperty
from drivers.micromanager_stage import MicroManagerStage


def make_core(profile: MicroManagerProfile) -> MicroManagerCore:
    """Make the core that stage and camera share; nothing is loaded yet."""
    adapters = Path(profile.adapters) if profile.adapters else None
    return MicroManagerCore(Path(profile.configuration), adapters)


def make_stage(
    core: MicroManagerCore, profile: MicroManagerProfile, stage: StageProfile
) -> MicroManagerStage:
    """Make the stage of a configuration; nothing is connected yet."""
    axes = stage_settings(stage)
    speed = None
    if profile.z_speed_property:
        speed = SpeedProperty(
            profile.z_speed_property, profile.z_speed_um_per_s, is_pace=profile.z_speed_is_pace
        )
    settings = MicroManagerSettings(
        x=axes.x, y=axes.y, z=axes.z, z_speed=speed, poll_hz=axes.poll_hz
    )
    return MicroManagerStage(core, settings)


def make_camera(core: MicroManagerCore) -> MicroManagerCamera:
    """Make the camera of a configuration; nothing is opened yet."""
    return MicroManagerCamera(core)
