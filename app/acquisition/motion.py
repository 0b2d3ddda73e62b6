"""Moves a stage on behalf of one run, until the run is cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable

from drivers.errors import DeviceError, MoveStopped
from drivers.stage import AxisCaps, Move, Stage, StopReport

GRACE_S = 10.0
"""Added to twice the calculated duration before a move counts as lost."""


class Motion:
    """One run's hold on the stage.

    All its methods block until the stage has arrived. After `cancel` nothing moves any more.
    When a move fails the stage is stopped first and the error is raised second.

    Parameters
    ----------
    stage : Stage
        Connected and referenced.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._cancelled = threading.Event()
        self._ended_early = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` has been called."""
        return self._cancelled.is_set()

    def cancel(self) -> StopReport:
        """Stop the stage at once and for good; any thread.

        Raises
        ------
        ConnectionLost
            The stage could not be seen standing still.
        """
        # The flag goes up first: a move that starts meanwhile sees it and stops itself.
        self._cancelled.set()
        return self.stage.stop()

    def check(self) -> None:
        """Go on only if nobody has cancelled.

        Raises
        ------
        MoveStopped
            The run was cancelled.
        """
        if self.cancelled:
            raise MoveStopped(self.stage.name, "going on with the run", "it was cancelled")

    def go_to_z(self, z_um: float) -> None:
        """Move to z at full speed.

        Raises
        ------
        MoveStopped
            The run was cancelled, or somebody pressed STOP.
        DeviceError
            The stage refused or failed; it has been stopped.
        """
        speed = self.stage.caps.z.max_speed_um_per_s
        self._run(lambda: self.stage.move_to(z_um=z_um), self._z_duration_s(z_um, speed))

    def go_to_xy(self, x_um: float, y_um: float) -> None:
        """Move across the slide at full speed; z stays.

        Raises
        ------
        MoveStopped, DeviceError
            As for `go_to_z`.
        """
        here = self.stage.position()
        axes = ((self.stage.caps.x, x_um - here.x_um), (self.stage.caps.y, y_um - here.y_um))
        expected_s = sum(_duration_s(axis, way, axis.max_speed_um_per_s) for axis, way in axes)
        self._run(lambda: self.stage.move_to(x_um=x_um, y_um=y_um), expected_s)

    def approach_z(self, z_um: float, take_up_um: float) -> None:
        """Move to z from below, so that backlash is taken up as in a sweep.

        Raises
        ------
        MoveStopped, DeviceError
            As for `go_to_z`.
        """
        self.go_to_z(max(self.stage.caps.z.lower_um, z_um - take_up_um))
        self.go_to_z(z_um)

    def sweep_z(self, to_um: float, speed_um_per_s: float) -> None:
        """Run to z at constant speed, or until `end_sweep`.

        Raises
        ------
        MoveStopped, DeviceError
            As for `go_to_z`.
        """
        self._ended_early.clear()
        try:
            expected_s = self._z_duration_s(to_um, speed_um_per_s)
            self._run(lambda: self.stage.sweep_z(to_um, speed_um_per_s), expected_s)
        except MoveStopped:
            if self.cancelled or not self._ended_early.is_set():
                raise

    def end_sweep(self) -> None:
        """Bring the sweep under way to an end here: what it was for has been seen.

        From any thread; unlike after `cancel` the run goes on.

        Raises
        ------
        ConnectionLost
            The stage could not be seen standing still.
        """
        self._ended_early.set()
        self.stage.stop()

    def _z_duration_s(self, to_um: float, speed_um_per_s: float) -> float:
        way_um = to_um - self.stage.position().z_um
        return _duration_s(self.stage.caps.z, way_um, speed_um_per_s)

    def _run(self, begin: Callable[[], Move], expected_s: float) -> None:
        self.check()
        try:
            move = begin()
            if self.cancelled:
                self.stage.stop()
            move.wait(2 * expected_s + GRACE_S)
        except MoveStopped:
            raise
        except BaseException as error:
            # Ctrl-C and bugs included: whatever happens, the stage must not run on alone.
            also(error, self.stage.stop)
            raise


def _duration_s(axis: AxisCaps, way_um: float, speed_um_per_s: float) -> float:
    return abs(way_um) / speed_um_per_s + 2 * speed_um_per_s / axis.acceleration_um_per_s2


def also(error: BaseException, cleanup: Callable[[], object]) -> None:
    """Clean up after an error; if that fails too, note it on the error instead of hiding it."""
    try:
        cleanup()
    except DeviceError as second:
        error.add_note(str(second))
