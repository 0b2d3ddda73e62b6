"""The physics of a sweep before it runs.

A sweep always goes up, that is away from the slide: the other way round a wrong number would
drive the objective into the glass. The stage first goes below the range by the run-up, so that
backlash is taken up, the speed is constant and vibrations have died away when the range begins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from app.acquisition.depth_of_field import depth_of_field
from app.acquisition.sweep_needs import frame_bytes, memory_bytes
from app.profiles import WAVELENGTH_UM, Objective
from drivers.camera import CameraCaps, CameraSettings
from drivers.stage import AxisCaps, StageCaps

MAX_BLUR_FRACTION = 0.25
"""Largest z travel during one exposure as a share of the depth of field: a quarter of it
widens the axial response by under 5 %."""
MIN_READINGS = 8
"""Positions that must be read within the range for a line through them to be trusted."""


class PlanError(Exception):
    """The sweep is impossible; the message says why and what to change."""


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """One constant-speed run along z, upwards."""

    z_from_um: float
    z_to_um: float
    """The range in which frames count."""
    start_um: float
    end_um: float
    """Where the stage really starts and ends: the range, the run-up and the run-down."""
    cruise_from_um: float
    cruise_to_um: float
    """Between these the speed is constant; the range lies inside."""
    step_um: float
    """Distance between frames."""
    speed_um_per_s: float
    fps: float
    exposure_ms: float
    gain_db: float
    depth_of_field_um: float
    """Of the wave and the geometric term together."""
    wave_um: float
    """What diffraction contributes to the depth of field."""
    geometric_um: float
    """What the size of a pixel contributes."""
    motion_blur_um: float
    """z travel during one exposure."""
    longest_exposure_ms: float
    """With which the blur and the frame rate would still be kept at this speed."""
    run_up_um: float
    run_down_um: float
    expected_frames: int
    """Frames in the range."""
    duration_s: float
    """From the stage's start to its rest."""
    size_bytes: int
    """What all frames need on disk, those of the run-up and run-down included."""
    memory_bytes: int
    """The most that recording and fusing them may take."""
    notes: tuple[str, ...]
    """Plain sentences on what bound the plan."""

    @property
    def positions_um(self) -> tuple[float, ...]:
        """Where the frames are meant to lie; both ends of the range are among them."""
        return tuple(self.z_from_um + i * self.step_um for i in range(self.expected_frames))

    @property
    def total_frames(self) -> int:
        """Frames from the stage's start to its rest, run-up and run-down included."""
        return math.ceil(self.duration_s * self.fps)

    @property
    def camera_settings(self) -> CameraSettings:
        """What to set the camera to."""
        return CameraSettings(self.exposure_ms, self.gain_db, self.fps)


def run_up_um(
    speed_um_per_s: float, acceleration_um_per_s2: float, settle_s: float, backlash_um: float
) -> float:
    """Return the travel that a stage needs before its speed is constant and its load calm.

    It is backlash + v²/(2a) + v·t_settle (uniform acceleration from rest).
    """
    accelerating_um = speed_um_per_s**2 / (2 * acceleration_um_per_s2)
    return backlash_um + accelerating_um + speed_um_per_s * settle_s


def plan_sweep(
    objective: Objective,
    camera: CameraCaps,
    settings: CameraSettings,
    stage: StageCaps,
    *,
    sensor_pixel_um: float,
    z_from_um: float,
    z_to_um: float,
    step_fraction: float = 0.5,
    max_blur_fraction: float = MAX_BLUR_FRACTION,
    settle_s: float = 0.1,
    backlash_um: float = 0.0,
    wavelength_um: float = WAVELENGTH_UM,
    free_bytes: int | None = None,
    free_memory_bytes: int | None = None,
) -> SweepPlan:
    """Work out one sweep.

    Parameters
    ----------
    objective, camera, settings, stage
        What is there. ``settings.fps`` is a wish: the plan lowers it where the stage is too
        slow or the exposure would blur, and raises it where the stage cannot go slowly enough.
        ``settings.exposure_ms`` is kept: it decides how bright the frames are.
    sensor_pixel_um : float
        Pitch of the sensor's pixels.
    z_from_um, z_to_um : float
        The ends of the range, in either order.
    step_fraction : float
        Distance between frames as a share of the depth of field.
    max_blur_fraction : float
        Largest travel during one exposure, as a share of the depth of field.
    settle_s, backlash_um : float
        Of the z axis.
    wavelength_um : float
        Of the light.
    free_bytes : int, optional
        Space on the disk that will hold the frames.
    free_memory_bytes : int, optional
        Memory that nobody else needs.

    Raises
    ------
    PlanError
        The sweep is impossible with this hardware.
    """
    depth = depth_of_field(objective, sensor_pixel_um, wavelength_um)
    dof_um = depth.total_um
    lower_um, upper_um = sorted((z_from_um, z_to_um))
    if upper_um - lower_um <= 0:
        raise PlanError(f"The range from {lower_um:.1f} to {upper_um:.1f} µm is empty: widen it.")
    # Rounding up the number of steps makes both ends of the range positions of their own.
    steps = max(1, math.ceil((upper_um - lower_um) / (step_fraction * dof_um) - 1e-9))
    step_um = (upper_um - lower_um) / steps
    max_blur_um = max_blur_fraction * dof_um
    ceilings = _ceilings(step_um, max_blur_um, upper_um - lower_um, camera, settings, stage)
    fps, speed, notes = _pace(step_um, max_blur_um, ceilings, settings, stage.z)
    ramp_um = speed**2 / (2 * stage.z.acceleration_um_per_s2)
    before_um = run_up_um(speed, stage.z.acceleration_um_per_s2, settle_s, backlash_um)
    after_um = _run_down_um(ramp_um, step_um, stage.z)
    start_um, end_um = lower_um - before_um, upper_um + after_um
    _check_limits(stage.z, start_um, end_um, before_um, after_um)
    ramp_s = speed / stage.z.acceleration_um_per_s2
    duration_s = 2 * ramp_s + (end_um - start_um - 2 * ramp_um) / speed
    frames = math.ceil(duration_s * fps) + 1
    size_bytes = frames * frame_bytes(camera)
    _check_room(size_bytes, free_bytes)
    plan = SweepPlan(
        z_from_um=lower_um,
        z_to_um=upper_um,
        start_um=start_um,
        end_um=end_um,
        cruise_from_um=start_um + ramp_um,
        cruise_to_um=end_um - ramp_um,
        step_um=step_um,
        speed_um_per_s=speed,
        fps=fps,
        exposure_ms=settings.exposure_ms,
        gain_db=settings.gain_db,
        depth_of_field_um=dof_um,
        wave_um=depth.wave_um,
        geometric_um=depth.geometric_um,
        motion_blur_um=speed * settings.exposure_ms / 1000,
        longest_exposure_ms=1000 * min(max_blur_um / speed, 1 / fps),
        run_up_um=before_um,
        run_down_um=after_um,
        expected_frames=steps + 1,
        duration_s=duration_s,
        size_bytes=size_bytes,
        memory_bytes=memory_bytes(camera, frames),
        notes=tuple(notes),
    )
    return replace(plan, notes=(*notes, *_remarks(plan, stage.z, free_memory_bytes)))


def _remarks(plan: SweepPlan, z: AxisCaps, free_memory_bytes: int | None) -> list[str]:
    """Say what of a sweep that is possible may disappoint."""
    remarks: list[str] = []
    if z.resolution_um > plan.step_um:
        remarks.append(
            f"The stage reports z in steps of {z.resolution_um:g} µm, coarser than the "
            f"{plan.step_um:.2f} µm between frames: z comes from a line fitted to the whole sweep."
        )
        if z.slower_by:
            remarks.append(z.slower_by)
    if free_memory_bytes is not None and plan.memory_bytes > free_memory_bytes:
        remarks.append(
            f"The sweep may need {plan.memory_bytes / 1e9:.2f} GB of memory and "
            f"{free_memory_bytes / 1e9:.2f} GB are free: close other programs, sweep a shorter "
            "range, or choose a smaller region or binning of the camera."
        )
    blur_um, dof_um = plan.motion_blur_um, plan.depth_of_field_um
    if blur_um > MAX_BLUR_FRACTION * dof_um * (1 + 1e-9):
        remarks.append(
            f"z travels {blur_um:.2f} µm during an exposure, {blur_um / dof_um:.2f} depths of "
            f"field: frames lose detail beyond {MAX_BLUR_FRACTION:g}."
        )
    return remarks


def reachable_range(
    objective: Objective,
    settings: CameraSettings,
    stage: StageCaps,
    *,
    sensor_pixel_um: float,
    step_fraction: float = 0.5,
    settle_s: float = 0.1,
    backlash_um: float = 0.0,
    wavelength_um: float = WAVELENGTH_UM,
) -> tuple[float, float]:
    """Return the widest range whose run-up and run-down fit within the limits of z.

    The parameters are those of `plan_sweep`.

    Raises
    ------
    PlanError
        The limits leave no room.
    """
    axis = stage.z
    step_um = step_fraction * depth_of_field(objective, sensor_pixel_um, wavelength_um).total_um
    # No plan of this step is faster: whatever binds only slows it down.
    speed = min(max(step_um * settings.fps, axis.min_speed_um_per_s), axis.max_speed_um_per_s)
    ramp_um = speed**2 / (2 * axis.acceleration_um_per_s2)
    low = axis.lower_um + run_up_um(speed, axis.acceleration_um_per_s2, settle_s, backlash_um)
    high = axis.upper_um - _run_down_um(ramp_um, step_um, axis)
    if low >= high:
        raise PlanError(
            f"The limits of z, {axis.lower_um:.1f} to {axis.upper_um:.1f} µm, leave no room for a "
            "run-up and a run-down: widen them in the profile or in the controller."
        )
    return low, high


def _check_room(size_bytes: int, free_bytes: int | None) -> None:
    if free_bytes is not None and size_bytes > free_bytes:
        raise PlanError(
            f"The sweep needs {size_bytes / 1e9:.2f} GB and the disk has {free_bytes / 1e9:.2f} GB "
            "left: free some space, choose another folder, or sweep a shorter range."
        )


def _run_down_um(ramp_um: float, step_um: float, axis: AxisCaps) -> float:
    # Two steps more at constant speed: the last frame needs positions read after it.
    return ramp_um + 2 * step_um + axis.resolution_um


def _ceilings(
    step_um: float,
    max_blur_um: float,
    length_um: float,
    camera: CameraCaps,
    settings: CameraSettings,
    stage: StageCaps,
) -> dict[str, float]:
    """Return all that bounds the frame rate from above, by its reason."""
    exposure_ms = settings.exposure_ms
    readings_speed = length_um * stage.poll_hz / MIN_READINGS
    blur = f"the blur in z, {max_blur_um:.2f} µm per exposure of {exposure_ms:g} ms at most"
    fastest = f"the stage, {stage.z.max_speed_um_per_s:g} µm/s at most"
    return {
        f"the camera, {camera.max_fps:g} frames/s at most": camera.max_fps,
        f"the exposure of {exposure_ms:g} ms": 1000 / exposure_ms,
        fastest: stage.z.max_speed_um_per_s / step_um,
        blur: max_blur_um / (step_um * exposure_ms / 1000),
        f"the {stage.poll_hz:g} positions/s that the stage reports": readings_speed / step_um,
    }


def _pace(
    step_um: float,
    max_blur_um: float,
    ceilings: dict[str, float],
    settings: CameraSettings,
    axis: AxisCaps,
) -> tuple[float, float, list[str]]:
    """Choose the frame rate and the speed, and say where they are not as wished."""
    fps, notes = _frame_rate(step_um, max_blur_um, ceilings, settings, axis)
    speed = axis.kept_speed(step_um * fps)
    if axis.speed_step_um_per_s is not None and speed < step_um * fps:
        fps = speed / step_um
        notes.append(
            f"{fps:.1f} frames/s: the stage only keeps multiples of "
            f"{axis.speed_step_um_per_s:g} µm/s."
        )
    return fps, speed, notes


def _frame_rate(
    step_um: float,
    max_blur_um: float,
    ceilings: dict[str, float],
    settings: CameraSettings,
    axis: AxisCaps,
) -> tuple[float, list[str]]:
    """Choose the frame rate nearest to the wanted one that stage and camera both keep.

    Everything follows from speed = step · fps: the stage's fastest speed and the blur
    (step · fps · exposure) bound fps from above, as camera and exposure do; the stage's
    slowest speed bounds it from below.
    """
    binding = min(ceilings, key=lambda reason: ceilings[reason])
    ceiling = ceilings[binding]
    slowest = axis.min_speed_um_per_s
    floor = slowest / step_um
    if floor > ceiling:
        raise PlanError(_too_slow(step_um, max_blur_um, binding, ceiling, axis))
    wanted = f"instead of {settings.fps:g} frames/s"
    if settings.fps > ceiling:
        return ceiling, [f"{ceiling:.1f} {wanted}: limited by {binding}."]
    if settings.fps < floor:
        return floor, [f"{floor:.1f} {wanted}: the stage keeps no speed below {slowest:g} µm/s."]
    return settings.fps, []


def _too_slow(
    step_um: float, max_blur_um: float, binding: str, ceiling: float, axis: AxisCaps
) -> str:
    """Say what to change where the stage cannot go as slowly as the sweep asks."""
    slowest = axis.min_speed_um_per_s
    # A little less than the bound, so that rounding the number keeps the advice true.
    fits_ms = 950 * min(max_blur_um, step_um) / slowest
    return (
        f"The sweep would have to go at {step_um * ceiling:.2f} µm/s ({step_um:.2f} µm between "
        f"frames, {ceiling:.1f} frames/s, limited by {binding}), and the stage keeps no speed "
        f"below {slowest:g} µm/s. Expose for at most {fits_ms:.2g} ms and let the camera run "
        f"faster, or take steps of at least {slowest / ceiling:.2f} µm"
        + (f". Or let the stage go slower. {axis.slower_by}" if axis.slower_by else ".")
    )


def _check_limits(
    axis: AxisCaps, start_um: float, end_um: float, before_um: float, after_um: float
) -> None:
    if start_um < axis.lower_um:
        raise PlanError(
            f"The sweep would start at {start_um:.1f} µm, below the stage's lower limit of "
            f"{axis.lower_um:.1f} µm: begin the range at {axis.lower_um + before_um:.1f} µm or "
            f"above (it needs {before_um:.1f} µm of run-up)."
        )
    if end_um > axis.upper_um:
        raise PlanError(
            f"The sweep would end at {end_um:.1f} µm, above the stage's upper limit of "
            f"{axis.upper_um:.1f} µm: end the range at {axis.upper_um - after_um:.1f} µm or "
            f"below (it needs {after_um:.1f} µm of run-down)."
        )
