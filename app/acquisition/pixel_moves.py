"""Measures the side of a pixel and the camera's turn by moving the stage known ways.

Along each axis the stage climbs a ladder, always in the same direction, so that backlash has no
part in it; pictures are taken at rest, and the position read back is what counts. Each picture is
registered with the middle one, from near to far: the nearer ones tell where the farther ones lie,
so that only what both show is compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion
from app.acquisition.pixel_fit import AxisLine, Ways, fit_line, pixel_from_lines
from app.acquisition.pixel_size import PixelSize, PixelSizeError
from app.acquisition.standing_picture import standing_picture
from app.captures.registration import Picture, register
from drivers.stage import AxisCaps

PROBE: Final = 0.05
"""Of the picture's shorter side, for the first move along each axis; registration trusts shifts up
to a tenth."""
LADDER: Final = (0.05, 0.09, 0.15, 0.22, 0.30, 0.38, 0.46)
"""Of the picture's side, to either side of the middle: uneven, so that no period of the pixels or
of the drive's teeth falls in with it; at most such that half of the picture is still there."""
_LEAST_REACH: Final = 0.1
"""Of the picture's side: what the limits have to allow."""
_LEAST_FOLLOWED: Final = 0.25
"""Of the shift that the profile promises; dirt on the sensor shifts by nothing."""

_Grey = NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis of the stage while it is measured."""

    name: Literal["x", "y"]
    caps: AxisCaps
    slack_um: float

    def at(self, x_um: float, y_um: float) -> float:
        return x_um if self.name == "x" else y_um

    @property
    def limits_um(self) -> tuple[float, float]:
        """The soft limits, short of what rounding to the grid may add."""
        unit = self.caps.resolution_um
        return self.caps.lower_um + unit, self.caps.upper_um - unit

    def on_grid(self, way_um: float) -> float:
        """Return the way nearest to the one wanted that the controller can tell exactly."""
        unit = self.caps.resolution_um
        return round(way_um / unit) * unit if unit > 0 else way_um


def measure_by_moving(
    microscope: Microscope,
    motion: Motion,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> PixelSize:
    """Move the stage by known ways and see how far the picture shifts.

    The stage keeps within its limits, and returns to where it was.

    Parameters
    ----------
    microscope : Microscope
        Connected, its stage referenced, its camera at rest, something sharp in view.
    motion : Motion
        Moves the stage; whoever cancels it ends the measurement.
    on_progress : callable
        Gets the pictures taken, and how many there will be.

    Raises
    ------
    PixelSizeError
        The picture does not follow the stage, or not well enough to tell.
    DeviceError
        Stage or camera failed.
    """
    profile, caps = microscope.profile.stage, microscope.stage.caps
    climb = _Climb(microscope, motion, on_progress)
    try:
        across = climb.measure(_Axis("x", caps.x, profile.x.backlash_um))
        climb.go_back()
        along = climb.measure(_Axis("y", caps.y, profile.y.backlash_um))
    finally:
        if not motion.cancelled:
            climb.go_back()
    return pixel_from_lines(across, along)


class _Climb:
    """Moves along one axis after the other."""

    def __init__(
        self, microscope: Microscope, motion: Motion, on_progress: Callable[[int, int], None]
    ) -> None:
        self._microscope = microscope
        self._motion = motion
        self._on_progress = on_progress
        self._taken = 0
        here = microscope.stage.position()
        self._start = here.x_um, here.y_um

    def measure(self, axis: _Axis) -> AxisLine:
        """Probe, climb, register and fit."""
        slope = self._probe(axis)
        caps = self._microscope.camera.caps
        across, down = abs(slope.real), abs(slope.imag)
        side_um = min(caps.width / max(across, 1e-9), caps.height / max(down, 1e-9))
        low_um, high_um = axis.limits_um
        take_up_um = axis.slack_um + PROBE * side_um
        reach_um = min(LADDER[-1] * side_um, (high_um - low_um - take_up_um) / 2)
        if reach_um < _LEAST_REACH * side_um:
            raise PixelSizeError(
                f"The limits of {axis.name} leave no room to move the picture: "
                "widen them in the profile."
            )
        # Near a limit the middle of the ladder makes room.
        middle_um = self._between(axis, low_um + reach_um + take_up_um, high_um - reach_um)
        rungs = np.array(LADDER) / LADDER[-1] * reach_um
        ways = [axis.on_grid(way) for way in (*-rungs[::-1], 0.0, *rungs)]
        pictures = self._pictures(axis, middle_um, ways, take_up_um)
        return fit_line(_registered(pictures, slope))

    def go_back(self) -> None:
        """Return to where the stage was at first."""
        self._motion.go_to_xy(*self._start)

    def _probe(self, axis: _Axis) -> complex:
        """Return the slope, in pixels per µm, as one short move tells."""
        caps, pixel_um = self._microscope.camera.caps, self._microscope.pixel_um
        way_um = max(PROBE * min(caps.width, caps.height) * pixel_um, axis.caps.resolution_um)
        take_up_um = axis.slack_um + way_um
        low_um, high_um = axis.limits_um
        middle_um = self._between(axis, low_um + take_up_um, high_um - way_um)
        (from_um, one), (to_um, other) = self._pictures(
            axis, middle_um, [0.0, axis.on_grid(way_um)], take_up_um
        )
        found = register(Picture.of(one), Picture.of(other))
        expected_px = abs(to_um - from_um) / pixel_um
        follows = abs(found.step.shift) >= _LEAST_FOLLOWED * expected_px
        if not np.isfinite(found.shift_error) or not found.plausible or not follows:
            raise PixelSizeError(
                "The picture does not follow the stage: focus on something with many edges, and "
                "check the objective in the profile."
            )
        return found.step.shift / (to_um - from_um)

    def _pictures(
        self, axis: _Axis, middle_um: float, ways_um: list[float], take_up_um: float
    ) -> list[tuple[float, _Grey]]:
        """Return where the stage read back that it stood, and what was seen, rung by rung."""
        self._go(axis, middle_um + ways_um[0] - take_up_um)
        pictures = []
        for way_um in ways_um:
            self._go(axis, middle_um + way_um)
            image, here = standing_picture(
                self._microscope.stage,
                self._microscope.camera,
                self._microscope.profile.stage.settle_s,
            )
            grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
            pictures.append((axis.at(here.x_um, here.y_um), grey))
            self._taken += 1
            self._on_progress(self._taken, 2 * (2 + 2 * len(LADDER) + 1))
        return pictures

    def _between(self, axis: _Axis, low_um: float, high_um: float) -> float:
        """Return the start, moved between two bounds by whole steps of the read-back."""
        here_um = axis.at(*self._start)
        return here_um + axis.on_grid(min(max(here_um, low_um), high_um) - here_um)

    def _go(self, axis: _Axis, to_um: float) -> None:
        x_um, y_um = self._start
        self._motion.go_to_xy(*((to_um, y_um) if axis.name == "x" else (x_um, to_um)))


def _registered(pictures: list[tuple[float, _Grey]], slope: complex) -> Ways:
    """Register all pictures with the middle one, the nearest first."""
    middle_um, middle = pictures[len(pictures) // 2]
    ways: list[float] = []
    shifts: list[complex] = []
    errors: list[float] = []
    for at_um, picture in sorted(pictures, key=lambda each: abs(each[0] - middle_um)):
        way_um = at_um - middle_um
        if picture is middle:
            found: tuple[complex, float] | None = (0j, 0.0)
        else:
            found = _shift(middle, picture, slope * way_um)
        if found is None:
            continue
        ways.append(way_um)
        shifts.append(found[0])
        errors.append(found[1])
        if len(ways) > 2:
            slope = _slope(ways, shifts)
    return Ways(np.array(ways), np.array(shifts), np.array(errors))


def _slope(ways: list[float], shifts: list[complex]) -> complex:
    """Return the slope so far; the sum of the ways to either side weighs little."""
    way, shift = np.array(ways), np.array(shifts)
    arm = way - way.mean()
    return complex(arm @ shift / (arm @ arm))


def _shift(one: _Grey, other: _Grey, guess: complex) -> tuple[complex, float] | None:
    """Return how far a picture has shifted, and the standard error, comparing what both show."""
    height, width = one.shape
    right, down = round(guess.real), round(guess.imag)
    first = one[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
    second = other[max(0, down) : height - max(0, -down), max(0, right) : width - max(0, -right)]
    found = register(Picture.of(first), Picture.of(second))
    if not np.isfinite(found.shift_error) or not found.plausible:
        return None
    return found.step.shift + complex(right, down), found.shift_error
