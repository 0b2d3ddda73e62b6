"""What a simulated camera makes of its sensor's picture before it hands it over."""

from __future__ import annotations

from dataclasses import fields, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.camera import CameraCaps, CameraSettings, Region, WhiteBalance
from drivers.simulated.settings import SimulationSettings

COLOUR, GREY = "RGB8", "Mono8"
NEUTRAL = WhiteBalance(1.0, 1.0, 1.0)
MAX_BINNING = 4


def default_settings(simulation: SimulationSettings) -> CameraSettings:
    """Return what a simulated camera is set to when it gets its power."""
    return CameraSettings(
        exposure_ms=simulation.exposure_ms,
        gain_db=0.0,
        fps=simulation.fps,
        white_balance=NEUTRAL,
        black_level=0.0,
        pixel_format=COLOUR,
        binning=1,
        region=Region(0, 0, simulation.width, simulation.height),
    )


def caps_of(simulation: SimulationSettings, settings: CameraSettings) -> CameraCaps:
    """Return what a simulated camera can do as it is set."""
    binning = settings.binning or 1
    whole = Region(0, 0, simulation.width // binning, simulation.height // binning)
    region = settings.region or whole
    return CameraCaps(
        width=region.width,
        height=region.height,
        colour=settings.pixel_format != GREY,
        bits=8,
        pixel_um=simulation.sensor_pixel_um,
        exposure_ms=(0.05, 1000.0),
        gain_db=(0.0, 24.0),
        max_fps=100.0,
        white_balance=(0.25, 4.0),
        black_level=(0.0, 64.0),
        pixel_formats=(COLOUR, GREY),
        max_binning=MAX_BINNING,
        whole=whole,
    )


def settle(
    simulation: SimulationSettings, now: CameraSettings, wanted: CameraSettings
) -> CameraSettings:
    """Return what a camera takes of what is wanted, which lies within its limits.

    What is None stays. Another binning keeps to the same part of the sensor. The frame rate is
    lowered where the exposure leaves no time for it.
    """
    given = {each.name: getattr(wanted, each.name) for each in fields(wanted)}
    taken = replace(now, **{name: value for name, value in given.items() if value is not None})
    before, after, region = now.binning or 1, taken.binning or 1, taken.region
    if wanted.region is None and region is not None and after != before:
        sides = (region.left, region.top, region.width, region.height)
        region = Region(*(side * before // after for side in sides))
    whole = caps_of(simulation, replace(taken, region=None)).whole
    if region is not None and whole is not None:
        left, top = min(region.left, whole.width - 1), min(region.top, whole.height - 1)
        right = min(left + region.width, whole.width)
        bottom = min(top + region.height, whole.height)
        region = Region(left, top, right - left, bottom - top)
    exposure_ms = round(taken.exposure_ms, 3)
    return replace(
        taken,
        exposure_ms=exposure_ms,
        gain_db=round(taken.gain_db, 2),
        fps=min(taken.fps, 1000 / exposure_ms),
        region=region,
    )


def read_out(image: NDArray[np.uint8], settings: CameraSettings) -> NDArray[np.uint8]:
    """Return a picture as a camera with these settings delivers it.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8 RGB
        Of the whole sensor; the square root of the light.
    settings : CameraSettings
        What is None is left as it is.

    Returns
    -------
    ndarray of shape (h, w, 3) or (h, w), uint8
    """
    balance, black = settings.white_balance or NEUTRAL, settings.black_level or 0.0
    if balance != NEUTRAL or black != 0:
        # Factors on the light are their square roots on its square root.
        factors = np.sqrt([balance.red, balance.green, balance.blue])
        table = np.rint(np.clip(np.arange(256)[None, :, None] * factors + black, 0, 255))
        image = np.asarray(cv2.LUT(image, table.astype(np.uint8)), np.uint8)
    binning = settings.binning or 1
    if binning > 1:
        height, width = image.shape[0] // binning, image.shape[1] // binning
        whole = image[: height * binning, : width * binning]
        image = np.asarray(
            cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
    region = settings.region
    if region is not None and region != Region(0, 0, image.shape[1], image.shape[0]):
        image = image[region.top :, region.left :][: region.height, : region.width].copy()
    if settings.pixel_format == GREY:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    return image
