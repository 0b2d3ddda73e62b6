"""Tags the frames of one sweep, right after it or once more from what lies on disk."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

from app.acquisition.microscope import Microscope
from app.acquisition.z_tagging import FrameTime, SteadyPart, TaggingError, tag_frames
from app.captures.capture_record import ZReading
from app.captures.recorder import FrameTag
from drivers.stage import PositionSample

_log = logging.getLogger(__name__)


def z_reading(microscope: Microscope) -> ZReading:
    """Return how well a microscope's stage tells z."""
    stage = microscope.profile.stage
    return ZReading(
        resolution_um=microscope.stage.caps.z.resolution_um,
        lag_ms=stage.z_lag_ms,
        lag_sigma_ms=stage.z_lag_sigma_ms,
        vibration_um=stage.z_vibration_um,
    )


def frame_tags(
    times: Sequence[FrameTime],
    samples: Sequence[PositionSample],
    plan: SteadyPart,
    reading: ZReading,
    used: Collection[int],
) -> dict[int, FrameTag]:
    """Return z and its uncertainty of every frame, by the frame's index.

    Where too few positions were read, the frames stay and their z is not known; a warning says why.

    Parameters
    ----------
    times : sequence of FrameTime
    samples : sequence of PositionSample
        All positions read during the sweep.
    plan : SteadyPart
    reading : ZReading
    used : collection of int
        The indices of the frames found steady.
    """
    lag_sigma_s = None if reading.lag_sigma_ms is None else reading.lag_sigma_ms / 1000
    try:
        return tag_frames(
            times,
            samples,
            plan,
            resolution_um=reading.resolution_um,
            lag_s=reading.lag_ms / 1000,
            lag_sigma_s=lag_sigma_s,
            vibration_um=reading.vibration_um,
            used=used,
        )
    except TaggingError as error:
        _log.warning("The z of the frames is not known, so heights count frames. %s", error)
        return {time.index: FrameTag(None, None, used=time.index in used) for time in times}
