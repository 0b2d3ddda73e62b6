"""Wishes for a camera compared with what it can do, before anything is sent to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from drivers.camera import CameraCaps, CameraSettings
from drivers.errors import LimitExceeded, Rejected

SLOWEST_FPS: Final = 0.01
_Limits = tuple[float, float]


def check_settings(
    device: str, caps: CameraCaps, now: CameraSettings, wanted: CameraSettings, *, running: bool
) -> None:
    """Refuse wishes that a camera cannot fulfil.

    Parameters
    ----------
    device : str
        The camera as errors name it.
    caps : CameraCaps
    now, wanted : CameraSettings
        What is set, and what shall be.
    running : bool
        Whether the camera delivers images, so that these must keep their shape.

    Raises
    ------
    LimitExceeded
        A value lies outside ``caps``.
    Rejected
        The camera has no such setting, or the images would change their shape while it runs.
    """
    for what, value, limits, unit in _numbers(caps, wanted):
        if limits is None:
            raise Rejected(device, f"set the {what}", "the camera has none", "Leave it out.")
        lower, upper = limits
        if not lower <= value <= upper:
            raise LimitExceeded(
                device,
                f"set the {what} to {value:g}{unit}",
                f"the camera takes {lower:g} to {upper:g}{unit}",
                "Choose a value in between.",
            )
    _check_format(device, caps, now, wanted)
    _check_region(device, caps, now, wanted)
    for asked, present in zip(wanted.shape, now.shape, strict=True):
        if running and asked is not None and asked != present:
            raise Rejected(
                device, f"change the images to {asked}", "the camera runs", "Stop it first."
            )


def _numbers(
    caps: CameraCaps, wanted: CameraSettings
) -> Iterator[tuple[str, float, _Limits | None, str]]:
    yield "exposure", wanted.exposure_ms, caps.exposure_ms, " ms"
    yield "gain", wanted.gain_db, caps.gain_db, " dB"
    yield "frame rate", wanted.fps, (min(SLOWEST_FPS, caps.max_fps), caps.max_fps), " per second"
    if wanted.black_level is not None:
        yield "black level", wanted.black_level, caps.black_level, ""
    if wanted.binning is not None:
        yield "binning", wanted.binning, (1, caps.max_binning), ""
    if wanted.white_balance is not None:
        for colour in ("red", "green", "blue"):
            factor: float = getattr(wanted.white_balance, colour)
            yield f"white balance of {colour}", factor, caps.white_balance, ""


def _check_format(
    device: str, caps: CameraCaps, now: CameraSettings, wanted: CameraSettings
) -> None:
    name = wanted.pixel_format
    if name is None or name in caps.pixel_formats or name == now.pixel_format:
        return
    raise Rejected(
        device,
        f"set the pixel format to {name}",
        f"the camera offers {', '.join(caps.pixel_formats) or 'no choice'}",
        "Choose one of these.",
    )


def _check_region(
    device: str, caps: CameraCaps, now: CameraSettings, wanted: CameraSettings
) -> None:
    region, whole = wanted.region, caps.whole
    if region is None or region == now.region:
        return
    if whole is None:
        raise Rejected(
            device, "choose a region", "the camera always sends the whole image", "Leave it out."
        )
    if wanted.binning not in (None, now.binning):
        # The sides that fit are known once the binning has changed: the camera's word counts.
        return
    if (
        region.left < 0
        or region.top < 0
        or min(region.width, region.height) < 1
        or region.left + region.width > whole.width
        or region.top + region.height > whole.height
    ):
        raise LimitExceeded(
            device,
            f"read out {region.width}x{region.height} pixels from {region.left}, {region.top}",
            f"the sensor has {whole.width}x{whole.height}",
            "Choose a region within.",
        )
