"""What a UVC camera does not do, in sentences for its operator."""

from __future__ import annotations

import math
from typing import Final

from drivers.camera import CameraSettings

_COMPRESSED: Final = ("MJPG", "JPEG", "H264", "HEVC")
_STAMPS: Final = (
    "The computer stamps the images when they arrive. How long they are under way, a pair of "
    "sweeps up and down finds (z_lag_ms)."
)


def uvc_notes(
    settings: CameraSettings,
    wanted: CameraSettings | None,
    exposure_ms: float | None,
    gain: float | None,
    *,
    fixed_colours: bool,
) -> tuple[str, ...]:
    """Say what a camera does not do.

    Parameters
    ----------
    settings : CameraSettings
        What it does.
    wanted : CameraSettings or None
        What was asked of it, if anything was.
    exposure_ms, gain : float or None
        What it was seen to take; None for nothing.
    fixed_colours : bool
        Whether its automatic white balance is off.
    """
    notes = [
        f"Mode {settings.pixel_format}; another one is a pixel_format such as MJPG 1920x1080.",
        _STAMPS,
    ]
    if any(name in (settings.pixel_format or "").upper() for name in _COMPRESSED):
        notes.append(
            "Images are compressed: fine texture is lost. YUYV keeps it, where it is fast."
        )
    if wanted is None:
        return tuple(notes)
    if exposure_ms is None:
        notes.append(
            f"It takes no exposure time. {settings.exposure_ms:.1f} ms are reckoned with, the "
            "longest that its frame rate allows."
        )
    if gain is None:
        notes.append("It takes no gain.")
    elif not math.isclose(gain, wanted.gain_db):
        notes.append(f"Of a gain of {wanted.gain_db:g} it took {gain:g} of its own steps.")
    if abs(settings.fps - wanted.fps) > 0.05 * wanted.fps:
        notes.append(f"It runs at {settings.fps:.1f} frames/s instead of {wanted.fps:g}.")
    if not fixed_colours:
        notes.append("Its automatic white balance cannot be seen to be off: colours may change.")
    return tuple(notes)
