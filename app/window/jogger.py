"""Moves the stage step by step as the operator asks, and never a step after STOP."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from app.window.jog import AXES, Aim, Point, duration_s, target
from app.window.task_thread import TaskThread
from drivers.errors import DeviceError, MoveStopped
from drivers.stage import Stage, StageCaps

GRACE_S: Final = 10.0
"""Added to twice the calculated duration before a move counts as lost."""


class Jogger:
    """Collects steps while the stage moves, and moves them in one go afterwards.

    Parameters
    ----------
    tasks : TaskThread
        Where it moves.
    notice : callable
        Told when a limit holds a step back.
    report : callable
        Gets an error and what was attempted.
    """

    def __init__(
        self,
        tasks: TaskThread,
        notice: Callable[[str], None],
        report: Callable[[Exception, str], None],
    ) -> None:
        self._tasks = tasks
        self._notice = notice
        self._report = report
        self._lock = threading.Lock()
        self._steps: list[Point] = []
        self._moving = False
        self._forgotten = 0
        self._aim: Point | None = None

    def move_by(self, stage: Stage, step: Point, *, repeated: bool = False) -> None:
        """Move by a step, after those under way."""
        with self._lock:
            if repeated and self._moving:
                return
            self._steps.append(step)
            if self._moving:
                return
            self._moving = True
        self._tasks.submit(lambda: self._work_off(stage))

    def go_to(self, stage: Stage, aim: Aim) -> None:
        """Go to a position within the limits, after what is under way."""
        asked = self._forgotten

        def go() -> None:
            try:
                for leg in aim.legs(Point.of(stage.position())):
                    self._go(stage, leg, asked)
            except MoveStopped:
                self._end()
            except DeviceError as error:
                self._end()
                self._report(error, "Moving")

        self._tasks.submit(go)

    def forget(self) -> None:
        """Drop the steps that have not begun; whoever stops the stage calls this first."""
        with self._lock:
            self._steps.clear()
            self._forgotten += 1

    def _work_off(self, stage: Stage) -> None:
        try:
            while (waiting := self._next()) is not None:
                self._move(stage, *waiting)
        except MoveStopped:
            self._end()
        except DeviceError as error:
            self._end()
            self._report(error, "Moving")

    def _next(self) -> tuple[Point, int] | None:
        """Return all waiting steps as one, and how often `forget` had been called."""
        with self._lock:
            if not self._steps:
                self._moving = False
                return None
            step = sum(self._steps, Point())
            self._steps.clear()
            return step, self._forgotten

    def _end(self) -> None:
        with self._lock:
            self._steps.clear()
            self._moving = False

    def _move(self, stage: Stage, step: Point, forgotten: int) -> None:
        start = Point.of(stage.position())
        aim = target(self._left_over(start, stage.caps), step, stage.caps)
        if aim.held:
            self._notice(" ".join(aim.held))
        self._aim = aim.point
        moves = [
            axis
            for axis in AXES
            if step[axis] != 0
            and abs(aim.point[axis] - start[axis]) > stage.caps.axis(axis).resolution_um / 2
        ]
        if moves:
            ends = {f"{axis}_um": aim.point[axis] for axis in moves}
            self._go(stage, Aim(**ends), forgotten, start)

    def _left_over(self, start: Point, caps: StageCaps) -> Point:
        """Return where the last step should have led, if the stage is as near as it can be.

        Steps finer than the stage's own add up so, as when the mouse pulls the slide slowly.
        """
        aim = self._aim
        if aim is None:
            return start
        near = all(abs(aim[axis] - start[axis]) <= caps.axis(axis).resolution_um for axis in AXES)
        return aim if near else start

    def _go(self, stage: Stage, aim: Aim, forgotten: int, start: Point | None = None) -> None:
        """Move in one go, unless `forget` has been called more often than it had been."""
        if self._forgotten != forgotten:
            return
        start = start or Point.of(stage.position())
        move = stage.move_to(x_um=aim.x_um, y_um=aim.y_um, z_um=aim.z_um)
        if self._forgotten != forgotten:
            # STOP came between asking and moving.
            stage.stop()
        move.wait(2 * duration_s(start, aim, stage.caps) + GRACE_S)
