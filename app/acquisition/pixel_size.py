"""The side of a pixel at the object and the camera's turn, from known moves of the stage."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.acquisition.motion import Motion
from app.captures.registration import Picture, register
from app.orientation import Orientation, OrientationError, orientation_of
from app.profiles import MicroscopeProfile
from drivers.camera import Camera, Frame
from drivers.stage import Stage

MOVE_FRACTION: Final = 0.06
"""Of the picture's shorter side, for each move; registration trusts shifts up to a tenth."""
MOVES: Final = 3
"""Along each axis, all in the same direction, so that backlash has no part in them."""
MAX_ASYMMETRY: Final = 0.05
"""Pixels are square: sides that differ by more mean that a unit of an axis is wrong."""
PICTURE_TIMEOUT_S: Final = 10.0


class PixelSizeError(Exception):
    """The pixel size cannot be found so; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class PixelSize:
    """A measured pixel."""

    pixel_um: float
    sigma_um: float
    how: str
    """In words, for the operator."""
    orientation: Orientation | None = None
    """How the picture lies on the stage's axes; a ruling does not tell."""

    def applied_to(self, profile: MicroscopeProfile) -> MicroscopeProfile:
        """Return the profile with these values in it, for the objective in use."""
        # The objective is told of pixels that are not binned.
        own_um = round(self.pixel_um / profile.camera.binning, 6)
        objectives = tuple(
            each.model_copy(update={"object_pixel_um": own_um})
            if each.name == profile.objective
            else each
            for each in profile.objectives
        )
        turn = self.orientation or profile.camera.orientation
        camera = profile.camera.model_copy(
            update={"rotation_deg": turn.rotation_deg, "mirrored": turn.mirrored}
        )
        return profile.model_copy(update={"objectives": objectives, "camera": camera})


def measure_by_moving(
    stage: Stage,
    camera: Camera,
    motion: Motion,
    guess_um: float,
    backlash_um: tuple[float, float],
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> PixelSize:
    """Move the stage by known ways and see how far the picture shifts.

    Parameters
    ----------
    stage : Stage
        Referenced; it returns to where it was.
    camera : Camera
        Open and at rest.
    motion : Motion
        Moves the stage; whoever cancels it ends the measurement.
    guess_um : float
        The pixel's side as the objective's engraving promises; it sizes the moves.
    backlash_um : (float, float)
        Lost motion of x and y.
    on_progress : callable
        Gets the pictures taken, and how many there will be.

    Raises
    ------
    PixelSizeError
        The picture does not follow the stage.
    DeviceError
        Stage or camera failed.
    """
    start = stage.position()
    caps = camera.caps
    way_um = MOVE_FRACTION * min(caps.width, caps.height) * guess_um
    asked: list[tuple[float, float]] = []
    shifts: list[complex] = []
    errors: list[float] = []
    try:
        for axis, slack_um in enumerate(backlash_um):
            unit = np.eye(2)[axis]
            take_up = -(slack_um + way_um) * unit
            motion.go_to_xy(start.x_um + take_up[0], start.y_um + take_up[1])
            before: tuple[Picture, float, float] | None = None
            for number in range(MOVES + 1):
                goal = number * way_um * unit
                motion.go_to_xy(start.x_um + goal[0], start.y_um + goal[1])
                here = stage.position()
                now = (Picture.of(still_picture(camera).image), here.x_um, here.y_um)
                on_progress(axis * (MOVES + 1) + number + 1, 2 * (MOVES + 1))
                if before is not None:
                    found = register(before[0], now[0])
                    if not np.isfinite(found.shift_error) or not found.plausible:
                        raise PixelSizeError(
                            "The picture does not follow the stage: focus on something with many "
                            "edges, and check the objective in the profile."
                        )
                    asked.append((now[1] - before[1], now[2] - before[2]))
                    shifts.append(found.step.shift)
                    errors.append(found.shift_error)
                before = now
    finally:
        if not motion.cancelled:
            motion.go_to_xy(start.x_um, start.y_um)
    return pixel_from_shifts(asked, shifts, errors)


def pixel_from_shifts(
    moves_um: Sequence[tuple[float, float]],
    shifts_px: Sequence[complex],
    errors_px: Sequence[float],
) -> PixelSize:
    """Fit the matrix that takes moves of the stage to shifts of the picture.

    Its singular values are the scales along the axes, however camera and stage are turned against
    each other. What lies under the objective shifts against the stage's move, so that minus its
    inverse takes ways in the picture to ways on the slide.

    Raises
    ------
    PixelSizeError
        The axes do not agree, or the camera is not mounted along them.
    """
    moves = np.array(moves_um)
    shifts = np.array([(each.real, each.imag) for each in shifts_px])
    matrix, *_ = np.linalg.lstsq(moves, shifts, rcond=None)
    strong, weak = np.linalg.svd(matrix, compute_uv=False)
    if weak <= 0 or strong / weak - 1 > MAX_ASYMMETRY:
        ratio = "endlessly" if weak <= 0 else f"{100 * (strong / weak - 1):.0f} %"
        raise PixelSizeError(
            f"Along one axis the picture moves {ratio} further than along the other: check "
            "um_per_unit of x and y in the profile."
        )
    pixel_um = float(1 / np.sqrt(strong * weak))
    misses = shifts - moves @ matrix
    scatter = float(np.sqrt(np.mean(misses**2) + np.mean(np.square(errors_px))))
    travelled = float(np.sqrt(np.mean(np.sum(shifts**2, axis=1)) * len(shifts)))
    sigma_um = pixel_um * scatter / travelled
    try:
        orientation, askew_deg = orientation_of(-np.linalg.inv(matrix.T))
    except OrientationError as error:
        raise PixelSizeError(f"The pixel is {pixel_um:.5f} µm, but {error}.") from error
    how = (
        f"{len(shifts)} moves, scatter {scatter:.2f} pixels; the camera is {orientation}, "
        f"{abs(askew_deg):.1f}° askew"
    )
    return PixelSize(pixel_um, sigma_um, how, orientation)


def still_picture(camera: Camera) -> Frame:
    """Return a frame that was exposed after this was called.

    Raises
    ------
    PixelSizeError
        None came within `PICTURE_TIMEOUT_S`.
    DeviceError
        The camera failed.
    """
    found: list[Frame] = []
    there = threading.Event()

    def keep(frame: Frame) -> None:
        # The first may have been exposed before the run was asked for.
        if frame.index >= 1 and not found:
            found.append(frame)
            there.set()

    camera.start(keep, every_frame=False)
    try:
        there.wait(PICTURE_TIMEOUT_S)
    finally:
        camera.stop()
    if not found:
        raise PixelSizeError(
            f"No picture came within {PICTURE_TIMEOUT_S:.0f} s: check the camera's cable."
        )
    return found[0]
