"""Exposure and white balance found once, from the camera's own images, the same for every camera.

Cameras have automatics of their own; they know nothing of ferrograms, on which metal glints must
not decide how bright the slide is, they differ from model to model, and UVC cameras do not tell
when theirs have settled.
"""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from drivers.camera import Camera, CameraSettings, Frame, Region, WhiteBalance
from drivers.errors import Rejected, ReplyTimeout

TARGET: Final = 0.8
"""Where the bright part of the image shall lie, as a share of the full scale."""
TOLERANCE: Final = 0.04
GLINTS: Final = 0.01
"""Share of the pixels that may be clipped: metal glints."""
BALANCED: Final = 0.015
"""Largest difference between the colours of what is white."""
_TRIES: Final = 14
_LARGEST_STEP: Final = 8.0
_CLIPPED: Final = 0.98
_DARK: Final = 0.02
_EVERY: Final = 4
"""Of the pixels only every fourth in each direction is looked at."""

_FreshFrame = Callable[[], Frame]


def expose_once(camera: Camera, *, longest_ms: float | None = None) -> CameraSettings:
    """Find the exposure at which the image is bright and all but glints are below clipping.

    The camera is open and does not run. Gain is left as it is.

    Parameters
    ----------
    camera : Camera
    longest_ms : float, optional
        What motion blur allows; by default what the present frame rate leaves time for.

    Returns
    -------
    CameraSettings
        As they are then. Where an error is raised they are as before.

    Raises
    ------
    Rejected
        The image stays too dark or too bright, or does not change with the exposure.
    ReplyTimeout
        No image came.
    ConnectionLost
        The camera went away.
    """
    before = camera.settings
    least_ms, most_ms = camera.caps.exposure_ms
    most_ms = min(most_ms, longest_ms or 1000 / before.fps)
    least_ms = min(least_ms, most_ms)
    seen: list[tuple[float, float]] = []
    exposure_ms = min(max(before.exposure_ms, least_ms), most_ms)
    with _looking(camera) as fresh_frame:
        for _ in range(_TRIES):
            # The frame rate is asked for again: a longer exposure may have lowered it.
            taken = camera.configure(_bare(before, exposure_ms))
            level = bright_level(fresh_frame().image, camera.caps.bits)
            seen.append((taken.exposure_ms, level))
            if abs(level - TARGET) <= TOLERANCE:
                return taken
            wanted_ms = _next_exposure(seen)
            exposure_ms = min(max(wanted_ms, least_ms), most_ms)
            if math.isclose(exposure_ms, taken.exposure_ms, rel_tol=1e-3):
                break
        raise _no_exposure(camera.name, seen)


def balance_once(camera: Camera, substrate: Region | None = None) -> CameraSettings:
    """Find the white balance that makes the bright part of the image grey.

    An empty part of the slide is in view, evenly lit. The camera is open and does not run.

    Parameters
    ----------
    camera : Camera
    substrate : Region, optional
        Where in the image the empty slide is; by default its bright part is looked for.

    Returns
    -------
    CameraSettings
        As they are then. Where an error is raised they are as before.

    Raises
    ------
    Rejected
        The camera has no white balance, or nothing bright and unclipped is in view.
    ReplyTimeout
        No image came.
    ConnectionLost
        The camera went away.
    """
    before, limits = camera.settings, camera.caps.white_balance
    balance = before.white_balance
    if limits is None or balance is None or not camera.caps.colour:
        raise Rejected(
            camera.name, "find the white balance", "the camera has none", "Leave it as it is."
        )
    with _looking(camera) as fresh_frame:
        for _ in range(_TRIES):
            camera.configure(replace(_bare(before), white_balance=balance))
            image = _cut(fresh_frame().image, substrate)
            red, green, blue = white_level(camera.name, image, camera.caps.bits)
            if max(abs(red / green - 1), abs(blue / green - 1)) <= BALANCED:
                return camera.settings
            balance = WhiteBalance(
                min(max(balance.red * green / red, limits[0]), limits[1]),
                balance.green,
                min(max(balance.blue * green / blue, limits[0]), limits[1]),
            )
        raise Rejected(
            camera.name,
            "find the white balance",
            f"the bright part stays at {red:.2f}, {green:.2f}, {blue:.2f} of red, green and blue",
            "Move an empty part of the slide into view, and check the colour of the lamp.",
        )


def bright_level(image: NDArray[Any], bits: int) -> float:
    """Return how bright an image is where it is bright, glints left out: 0 to 1.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (H, W, 3), uint8 or uint16
    bits : int
        Significant bits per channel.
    """
    sample = image[::_EVERY, ::_EVERY]
    brightest = sample.max(axis=2) if sample.ndim == 3 else sample
    return float(np.quantile(brightest, 1 - GLINTS) / (2**bits - 1))


def white_level(device: str, image: NDArray[Any], bits: int) -> tuple[float, float, float]:
    """Return red, green and blue of the brighter half of what is not clipped: 0 to 1.

    Parameters
    ----------
    device : str
        The camera as errors name it.
    image : ndarray of shape (H, W, 3), uint8 or uint16
    bits : int
        Significant bits per channel.

    Raises
    ------
    Rejected
        There is nothing such.
    """
    pixels = image[::_EVERY, ::_EVERY].reshape(-1, 3).astype(np.float64) / (2**bits - 1)
    usable = pixels[(pixels.max(axis=1) < _CLIPPED) & (pixels.min(axis=1) > _DARK)]
    if len(usable) < GLINTS * len(pixels):
        raise Rejected(
            device,
            "find the white balance",
            "hardly a pixel is neither clipped nor black",
            "Set the exposure first, and move an empty part of the slide into view.",
        )
    green = usable[:, 1]
    bright = usable[green >= np.median(green)]
    red, green, blue = np.median(bright, axis=0)
    return float(red), float(green), float(blue)


def _cut(image: NDArray[Any], part: Region | None) -> NDArray[Any]:
    if part is None:
        return image
    return image[part.top : part.top + part.height, part.left : part.left + part.width]


def _next_exposure(seen: list[tuple[float, float]]) -> float:
    """Return the exposure to try next.

    The level follows a power of the exposure, 1 for a linear camera and about 0.5 for one with a
    gamma; the last two images tell which.
    """
    exposure_ms, level = seen[-1]
    if level >= _CLIPPED:
        return exposure_ms / 3
    if level <= _DARK:
        return exposure_ms * _LARGEST_STEP
    power = 1.0
    if len(seen) > 1:
        earlier_ms, earlier = seen[-2]
        if _DARK < earlier < _CLIPPED and earlier_ms != exposure_ms:
            power = math.log(level / earlier) / math.log(exposure_ms / earlier_ms)
    factor = math.pow(TARGET / level, 1 / min(max(power, 0.25), 1.5))
    return exposure_ms * min(max(factor, 1 / _LARGEST_STEP), _LARGEST_STEP)


def _no_exposure(device: str, seen: list[tuple[float, float]]) -> Rejected:
    exposure_ms, level = seen[-1]
    levels = [each for _, each in seen]
    tells = _DARK < level < _CLIPPED
    if tells and len(seen) > 1 and max(levels) - min(levels) < 0.005:
        answer, remedy = "the image does not change with it", "Check lamp, shutter and camera."
    elif level < TARGET:
        answer, remedy = "it is too dark", "Turn the lamp up, raise the gain, or go slower."
    else:
        answer, remedy = "it is too bright", "Turn the lamp down, or lower the gain."
    return Rejected(
        device,
        "find the exposure",
        f"{answer}: the image is at {level:.0%} of the full scale with {exposure_ms:.3g} ms",
        remedy,
    )


def _bare(settings: CameraSettings, exposure_ms: float | None = None) -> CameraSettings:
    """Return exposure, gain and frame rate alone: nothing else shall be set again."""
    return CameraSettings(exposure_ms or settings.exposure_ms, settings.gain_db, settings.fps)


@contextmanager
def _looking(camera: Camera) -> Iterator[_FreshFrame]:
    """Let the camera run; hand over a function that returns a frame exposed after its call."""
    before = camera.settings
    frames: queue.SimpleQueue[Frame] = queue.SimpleQueue()

    def fresh_frame() -> Frame:
        asked_ns = time.monotonic_ns()
        settings = camera.settings
        # A camera takes new settings with the next exposure that it begins, some one later.
        period_s = max(1 / settings.fps, settings.exposure_ms / 1000)
        patience_s = 2.0 + 10 * period_s
        while True:
            left_s = patience_s - (time.monotonic_ns() - asked_ns) / 1e9
            try:
                frame = frames.get(timeout=max(0.0, left_s))
            except queue.Empty:
                raise ReplyTimeout(
                    camera.name, "fetch an image", "none came", "Check the camera."
                ) from None
            began_ns = frame.t_mid_ns - round(frame.exposure_ms * 1e6 / 2)
            if began_ns - asked_ns > period_s * 1e9:
                return frame

    camera.start(frames.put, every_frame=False)
    try:
        try:
            yield fresh_frame
        finally:
            camera.stop()
    except BaseException:
        camera.configure(replace(_bare(before), white_balance=before.white_balance))
        raise
