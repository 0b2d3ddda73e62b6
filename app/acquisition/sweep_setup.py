"""What the operator wants swept, and what would come of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.acquisition.sweep_plan import PlanError, SweepPlan, plan_sweep, reachable_range
from app.profiles import MicroscopeProfile
from drivers.camera import CameraCaps, CameraSettings
from drivers.stage import StageCaps

FINE_STEP: Final = 0.5
"""Share of the depth of field: a step up to here leaves no point out of focus in every frame."""
COARSE_STEP: Final = 1.0
"""Beyond it there are gaps between the frames."""


class RangeMode(Enum):
    """How the range of the next sweep is found."""

    AUTO = "auto"
    """The autofocus finds it."""
    ENDS = "ends"
    """The operator has set bottom and top."""
    AROUND = "around"
    """As far below as above the z at which the capture starts."""


@dataclass(frozen=True, slots=True)
class SweepRange:
    """The range of the next sweep, as the operator has set it."""

    mode: RangeMode = RangeMode.AUTO
    bottom_um: float | None = None
    top_um: float | None = None
    half_um: float = 25.0
    """For `RangeMode.AROUND`."""

    def span_um(self, z_um: float | None) -> tuple[float, float] | None:
        """Return both ends for a capture that starts at a z; None where one is missing.

        Always None for `RangeMode.AUTO`: nobody knows before the autofocus has run.
        """
        if self.mode is RangeMode.AROUND and z_um is not None:
            return z_um - self.half_um, z_um + self.half_um
        if self.mode is not RangeMode.ENDS or self.bottom_um is None or self.top_um is None:
            return None
        return self.bottom_um, self.top_um


@dataclass(frozen=True, slots=True)
class SweepPreview:
    """What a sweep would be, or why there cannot be one."""

    plan: SweepPlan | None
    reason: str = ""
    """Why there is no plan, and what to change; empty where there is one."""
    estimated: bool = False
    """Whether the range is a guess, since the autofocus will find it."""
    free_bytes: int | None = None

    @property
    def step_share(self) -> float | None:
        """Distance between frames as a share of the depth of field."""
        return None if self.plan is None else self.plan.step_um / self.plan.depth_of_field_um

    @property
    def blur_share(self) -> float | None:
        """Travel during one exposure as a share of the depth of field."""
        return None if self.plan is None else self.plan.motion_blur_um / self.plan.depth_of_field_um


def preview_sweep(
    profile: MicroscopeProfile,
    camera: CameraCaps,
    settings: CameraSettings,
    stage: StageCaps,
    wanted: SweepRange,
    *,
    z_um: float | None,
    free_bytes: int | None = None,
) -> SweepPreview:
    """Plan the next sweep without asking any device.

    Parameters
    ----------
    profile : MicroscopeProfile
    camera, settings, stage
        As they were last told.
    wanted : SweepRange
    z_um : float, optional
        Where the stage is; None where nobody knows.
    free_bytes : int, optional
        Space on the disk that will hold the frames.
    """
    estimated = wanted.mode is RangeMode.AUTO
    try:
        span_um = wanted.span_um(z_um)
        if estimated:
            span_um = _typical_range(profile, settings, stage, z_um)
        if span_um is None:
            return SweepPreview(None, _missing(wanted, z_um), free_bytes=free_bytes)
        plan = plan_sweep(
            profile.current_objective,
            camera,
            settings,
            stage,
            sensor_pixel_um=profile.camera.image_pixel_um,
            z_from_um=span_um[0],
            z_to_um=span_um[1],
            step_fraction=profile.step_fraction,
            settle_s=profile.stage.settle_s,
            backlash_um=profile.stage.z.backlash_um,
            wavelength_um=profile.wavelength_um,
            free_bytes=free_bytes,
        )
    except PlanError as error:
        return SweepPreview(None, str(error), estimated, free_bytes)
    return SweepPreview(plan, "", estimated, free_bytes)


def _typical_range(
    profile: MicroscopeProfile, settings: CameraSettings, stage: StageCaps, z_um: float | None
) -> tuple[float, float]:
    """Return a range as high as the thickest particle, where a sweep of it is possible."""
    low_um, high_um = reachable_range(
        profile.current_objective,
        settings,
        stage,
        sensor_pixel_um=profile.camera.image_pixel_um,
        step_fraction=profile.step_fraction,
        settle_s=profile.stage.settle_s,
        backlash_um=profile.stage.z.backlash_um,
        wavelength_um=profile.wavelength_um,
    )
    height_um = min(profile.particle_height_um, high_um - low_um)
    middle_um = (low_um + high_um) / 2 if z_um is None else z_um
    bottom_um = min(max(middle_um - height_um / 2, low_um), high_um - height_um)
    return bottom_um, bottom_um + height_um


def _missing(wanted: SweepRange, z_um: float | None) -> str:
    if wanted.mode is RangeMode.AROUND and z_um is None:
        return "The position of z is not known: home the stage."
    ends = {"bottom": wanted.bottom_um, "top": wanted.top_um}
    missing = " and the ".join(name for name, end_um in ends.items() if end_um is None)
    return f"Still to set: the {missing} of the range. Focus there, then press Set."
