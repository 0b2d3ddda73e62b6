"""Pictures of a slide at rest, and where the stage says that it stands."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from numpy.typing import NDArray

from app.acquisition.pixel_size import PixelSizeError
from drivers.camera import Camera, Frame
from drivers.stage import PositionSample, Stage

PICTURE_TIMEOUT_S: Final = 10.0
_TRIES: Final = 3
"""Pictures in a row during which the stage may creep before that is a fault."""


def _pause() -> None:
    time.sleep(0.005)


def still_picture(camera: Camera, meanwhile: Callable[[], object] = _pause) -> Frame:
    """Return a frame that was exposed after this was called.

    Parameters
    ----------
    camera : Camera
        Open and at rest; so it is again afterwards.
    meanwhile : callable
        Called again and again until the picture is there; takes some ms.

    Raises
    ------
    PixelSizeError
        None came within `PICTURE_TIMEOUT_S`.
    DeviceError
        The camera failed.
    """
    found: list[Frame] = []

    def keep(frame: Frame) -> None:
        # The first may have been exposed before the run was asked for.
        if frame.index >= 1 and not found:
            found.append(frame)

    deadline_s = time.monotonic() + PICTURE_TIMEOUT_S
    camera.start(keep, every_frame=False)
    try:
        while not found and time.monotonic() < deadline_s:
            meanwhile()
    finally:
        camera.stop()
    if not found:
        raise PixelSizeError(
            f"No picture came within {PICTURE_TIMEOUT_S:.0f} s: check the camera's cable."
        )
    return found[0]


def standing_picture(
    stage: Stage, camera: Camera, settle_s: float
) -> tuple[NDArray[Any], PositionSample]:
    """Return a picture and where the stage stood while it was taken.

    The position is read back before and after; only where both are the same does it count.

    Parameters
    ----------
    stage : Stage
        Has arrived.
    camera : Camera
        Open and at rest.
    settle_s : float
        Time that vibrations need to die away, on the clock of the position samples.

    Raises
    ------
    PixelSizeError
        The stage creeps, or no picture came.
    DeviceError
        Stage or camera failed.
    """
    before = arrived = stage.position()
    while before.t_asked_ns - arrived.t_asked_ns < settle_s * 1e9:
        before = stage.position()
    for _ in range(_TRIES):
        # Asking for the position takes its time too: no other pause is needed.
        frame = still_picture(camera, stage.position)
        after = stage.position()
        if _apart_um(before, after) <= max(stage.caps.x.resolution_um, stage.caps.y.resolution_um):
            return frame.image, after
        before = after
    raise PixelSizeError(
        f"The stage does not stand still: {_apart_um(before, arrived):.2f} µm since it arrived. "
        "Give it more settle_s in the profile, and check its drives."
    )


def _apart_um(one: PositionSample, other: PositionSample) -> float:
    return max(abs(one.x_um - other.x_um), abs(one.y_um - other.y_um))
