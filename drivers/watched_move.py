"""One motion of a stage: how its end is told from the position read-backs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from drivers.errors import DeviceError, MoveStopped, ReplyTimeout
from drivers.stage import AxisName, PositionSample, StageCaps

if TYPE_CHECKING:
    from drivers.stage import StopReport

LONGEST_BRAKING_S: Final = 3.0


class WatchedMove:
    """A motion or a homing under way.

    Parameters
    ----------
    device : str
        The device as errors name it.
    attempted : str
        The motion in the operator's words, for errors.
    target_um : mapping of axis name to float
        Where it shall end; empty for homing.
    tolerance_um : mapping of axis name to float
        How far from the target counts as arrived.
    braking_s : float
        How long the stage needs to come to rest.
    stop : callable
        Stops the stage when a wait has lasted too long.
    settle_s : float
        How long the stage has to stand at one place, short of its target, until it counts as
        ended: some controllers report rest for a moment before they start.
    """

    def __init__(
        self,
        device: str,
        attempted: str,
        *,
        target_um: Mapping[AxisName, float],
        tolerance_um: Mapping[AxisName, float],
        braking_s: float,
        stop: Callable[[], StopReport],
        settle_s: float = 0.0,
    ) -> None:
        self._device = device
        self.attempted = attempted
        self._target_um = target_um
        self._tolerance_um = tolerance_um
        self._stop = stop
        self._settle_ns = round(settle_s * 1e9)
        self._ended = threading.Event()
        self._ending = threading.Lock()
        self._error: DeviceError | None = None
        self._standing: PositionSample | None = None
        self.braking_s = braking_s
        self.accepted_ns: int | None = None
        """When the controller had taken the command; earlier read-backs say nothing about it."""
        self.may_yet_begin = False
        """Its line may reach the controller after a stop: that stop is then not the end of it."""

    def done(self) -> bool:
        """Whether the motion has ended, well or not."""
        return self._ended.is_set()

    def wait(self, timeout_s: float) -> None:
        """Block until the stage has arrived; see `drivers.stage.Move.wait`."""
        if not self._ended.wait(timeout_s):
            self._stop()
            raise ReplyTimeout(
                self._device,
                self.attempted,
                f"not there after {timeout_s:g} s; the stage has been stopped",
                "Check that nothing blocks it.",
            )
        if self._error is not None:
            raise self._error

    def end(self, error: DeviceError | None = None) -> None:
        """End the motion; only the first call counts."""
        with self._ending:
            if not self._ended.is_set():
                self._error = error
                self._ended.set()

    def end_stopped(self, answer: str = "STOP was called") -> None:
        """End the motion short of its target."""
        self.end(MoveStopped(self._device, self.attempted, answer))

    def judge(self, sample: PositionSample) -> None:
        """End the motion if this read-back says that the stage has come to rest."""
        if self.accepted_ns is None or sample.t_asked_ns <= self.accepted_ns:
            return
        if sample.moving:
            self._standing = None
            return
        if self._arrived(sample):
            self.end()
            return
        if self._standing is None or not same_place(self._standing, sample):
            self._standing = sample
            return
        if sample.t_asked_ns - self._standing.t_asked_ns >= self._settle_ns:
            self.end_stopped(
                f"the controller ended it at x {sample.x_um:g}, y {sample.y_um:g},"
                f" z {sample.z_um:g} µm"
            )

    def _arrived(self, sample: PositionSample) -> bool:
        here: dict[AxisName, float] = {"x": sample.x_um, "y": sample.y_um, "z": sample.z_um}
        return all(
            abs(here[axis] - target) <= self._tolerance_um[axis]
            for axis, target in self._target_um.items()
        )


def same_place(one: PositionSample, other: PositionSample) -> bool:
    """Whether two read-backs print the same position."""
    return (one.x_um, one.y_um, one.z_um) == (other.x_um, other.y_um, other.z_um)


def braking_s(move: WatchedMove | None, caps: StageCaps | None) -> float:
    """Return how long the present motion may need to slow down.

    Without a known motion this is the time that the slowest axis needs from its full speed.
    """
    if move is not None and not move.done():
        return min(move.braking_s, LONGEST_BRAKING_S)
    axes = () if caps is None else (caps.x, caps.y, caps.z)
    slowest_s = max((a.max_speed_um_per_s / a.acceleration_um_per_s2 for a in axes), default=1.0)
    return min(slowest_s, LONGEST_BRAKING_S)
