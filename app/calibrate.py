"""`wearif calibrate`: measures what belongs to a pair of stage and camera, for the profile.

Latency and backlash of z, the side of a pixel with the objective in use, and how the camera is
turned against the stage's axes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.acquisition.autofocus import autofocus
from app.acquisition.calibration import PAIRS, ZCalibration, calibrate_z
from app.acquisition.microscope import Microscope, open_microscope
from app.acquisition.motion import Motion
from app.acquisition.pixel_moves import measure_by_moving
from app.acquisition.pixel_size import PixelSize, PixelSizeError
from app.profiles import MicroscopeProfile, load_profile, profiles_folder, save_profile
from drivers.errors import LimitExceeded

HOMING_TIMEOUT_S = 120.0


class CalibrateError(Exception):
    """The operator did not allow what a calibration needs."""


def run_calibration(
    name: str,
    say: Callable[[str], None],
    *,
    may_home: Callable[[], bool],
    pairs: int = PAIRS,
    folder: Path | None = None,
) -> Path:
    """Focus, sweep up and down, move aside, and save what was found.

    Where the picture does not follow the slide well enough, or the profile knows the pixel better,
    that is said, and what the profile has stays.

    Parameters
    ----------
    name : str
        Of a profile, or its .toml file.
    say : callable
        Gets lines for the operator.
    may_home : callable
        Asked before the stage searches its reference switches, where it has to.
    pairs : int
        Of sweeps, at each speed.
    folder : Path, optional
        Where own profiles lie; by default `app.profiles.profiles_folder`.

    Returns
    -------
    Path
        The profile that was written: the file itself, or an own one of the same name.

    Raises
    ------
    ProfileError, CalibrateError, AutofocusError, CalibrationError, PlanError, TaggingError
        It cannot be done; the message says why. The profile is as before.
    DeviceError
        The stage or the camera failed.
    """
    profile = load_profile(name, folder)
    with open_microscope(profile) as microscope:
        if not microscope.stage.state().referenced:
            if not may_home():
                raise CalibrateError("The stage does not know where it is: home it first.")
            say("homing ...")
            microscope.stage.home().wait(HOMING_TIMEOUT_S)
        motion = Motion(microscope.stage)
        found = _calibrate(microscope, motion, say, pairs)
        pixel = _measure_pixel(microscope, motion, say)
    path = Path(name) if name.endswith(".toml") else (folder or profiles_folder()) / f"{name}.toml"
    calibrated = found.applied_to(profile)
    save_profile(calibrated if pixel is None else pixel.applied_to(calibrated), path)
    for line in (*report(profile, found), *report_pixel(profile, pixel)):
        say(line)
    say(f"saved in {path}")
    return path


def report(profile: MicroscopeProfile, found: ZCalibration) -> tuple[str, ...]:
    """Return what was found beside what the profile said, in lines."""
    stage = profile.stage
    lag = f"{found.lag_ms:+.2f} ± {found.lag_sigma_ms:.2f} ms"
    backlash = f"{found.backlash_um:.2f} ± {found.backlash_sigma_um:.2f} µm"
    return (
        f"latency of z  {lag} (the profile said {stage.z_lag_ms:+.2f} ms)",
        f"backlash      {backlash} (the profile said {stage.z.backlash_um:.2f} µm)",
    )


def report_pixel(profile: MicroscopeProfile, found: PixelSize | None) -> tuple[str, ...]:
    """Return the pixel and the orientation beside what the profile said, in lines."""
    if found is None:
        return ()
    pixel = f"{found.pixel_um:.5f} ± {found.sigma_um:.5f} µm"
    said = f"the profile said {profile.pixel_um:.5f} ± {profile.pixel_sigma_um:.5f} µm"
    kept = "" if found.improves(profile) else ", which is more certain and is kept"
    return (
        f"pixel         {pixel} ({said}{kept})",
        f"              {found.how}",
        f"camera        {found.orientation} (the profile said {profile.camera.orientation})",
    )


def _calibrate(
    microscope: Microscope, motion: Motion, say: Callable[[str], None], pairs: int
) -> ZCalibration:
    say("focusing ...")
    autofocus(microscope, motion)

    def on_progress(what: str, done: int, total: int) -> None:
        say(f"{what}, pair {done + 1} of {total} ...")

    return calibrate_z(microscope, motion, pairs=pairs, on_progress=on_progress)


def _measure_pixel(
    microscope: Microscope, motion: Motion, say: Callable[[str], None]
) -> PixelSize | None:
    say("moving the slide by parts of a field ...")
    try:
        return measure_by_moving(microscope, motion)
    except (PixelSizeError, LimitExceeded) as error:
        say(f"the pixel and the camera's turn stay as the profile has them: {error}")
        return None
