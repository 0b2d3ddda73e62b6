"""What every stage can do: the `Stage` protocol and the values that it speaks in.

Lengths are µm in the microscope's own frame: z grows away from the slide toward the objective.
Times are `time.monotonic_ns()` values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal, Protocol

AxisName = Literal["x", "y", "z"]


@dataclass(frozen=True, slots=True)
class AxisCaps:
    """What one axis can do; read from the controller, narrowed by the profile."""

    lower_um: float
    upper_um: float
    min_speed_um_per_s: float
    max_speed_um_per_s: float
    acceleration_um_per_s2: float
    resolution_um: float
    slower_by: str = ""
    """A sentence on what to change so that the axis goes slower and reads back finer."""
    speed_step_um_per_s: float | None = None
    """Speeds are whole multiples of it; None where the axis keeps any speed."""

    def kept_speed(self, speed_um_per_s: float) -> float:
        """Return the fastest speed that the axis can keep without exceeding the wish."""
        step = self.speed_step_um_per_s
        if step is None:
            return speed_um_per_s
        return step * max(1, math.floor(speed_um_per_s / step + 1e-6))

    def contains(self, position_um: float) -> bool:
        """Whether a position lies within the soft limits."""
        return self.lower_um <= position_um <= self.upper_um


@dataclass(frozen=True, slots=True)
class StageCaps:
    """What a stage can do."""

    x: AxisCaps
    y: AxisCaps
    z: AxisCaps
    can_home: bool
    poll_hz: float
    """How often the position can be read while the stage moves."""
    notes: tuple[str, ...] = ()
    """Plain sentences on what the operator should know of this stage."""

    def axis(self, name: AxisName) -> AxisCaps:
        """Return the capabilities of one axis."""
        return {"x": self.x, "y": self.y, "z": self.z}[name]


@dataclass(frozen=True, slots=True)
class PositionSample:
    """One position read-back, with the times of asking and of the answer."""

    t_asked_ns: int
    t_answered_ns: int
    x_um: float
    y_um: float
    z_um: float
    moving: bool

    @property
    def t_ns(self) -> int:
        """The best guess of when the stage was there: midway between asking and answer."""
        return (self.t_asked_ns + self.t_answered_ns) // 2

    @property
    def t_sigma_ns(self) -> int:
        """Half the time between asking and answer: how uncertain `t_ns` is."""
        return (self.t_answered_ns - self.t_asked_ns) // 2


class StagePhase(Enum):
    """What a stage is doing."""

    DISCONNECTED = "disconnected"
    IDLE = "idle"
    MOVING = "moving"
    HOMING = "homing"
    STOPPING = "stopping"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class StageState:
    """A snapshot of a stage, safe to hand to any thread."""

    phase: StagePhase
    referenced: bool
    position: PositionSample | None
    alarm: str | None = None
    """The controller's own words while `phase` is ALARM."""


@dataclass(frozen=True, slots=True)
class StopReport:
    """What STOP did, measured."""

    t_called_ns: int
    t_on_wire_ns: int
    """When the first stop byte had been handed to the port."""
    t_halted_ns: int
    """When two equal positions in a row had been read back."""
    position: PositionSample
    attempts: int
    """How many times the stop had to be sent, escalations included."""


class Move(Protocol):
    """A motion under way."""

    def done(self) -> bool:
        """Whether the stage has arrived, was stopped, or failed."""
        ...

    def wait(self, timeout_s: float) -> None:
        """Block until the stage has arrived.

        Raises
        ------
        MoveStopped
            STOP was called before the target was reached.
        Alarm, ConnectionLost
            The controller gave up, or went away.
        ReplyTimeout
            The stage had not arrived after ``timeout_s``; it has been stopped.
        """
        ...


class Stage(Protocol):
    """A motorised XYZ stage.

    Every method may be called from any thread. `stop` never waits behind another call.
    """

    @property
    def name(self) -> str:
        """The device as errors and the window name it."""
        ...

    @property
    def caps(self) -> StageCaps:
        """What the stage can do; valid after `connect`."""
        ...

    def connect(self) -> None:
        """Open the port, identify the controller, read its limits.

        Nothing moves.

        Raises
        ------
        ConnectionLost
            The port cannot be opened or nothing answers on it.
        BadReply
            Something else than the expected controller answers; the error quotes it.
        """
        ...

    def close(self) -> None:
        """Stop any motion and release the port; harmless when not connected."""
        ...

    def state(self) -> StageState:
        """Return the latest known state without asking the device."""
        ...

    def home(self) -> Move:
        """Find the reference switches; the caller has asked the operator first."""
        ...

    def move_to(
        self,
        *,
        x_um: float | None = None,
        y_um: float | None = None,
        z_um: float | None = None,
        speed_um_per_s: float | None = None,
    ) -> Move:
        """Move to an absolute position, in a straight line.

        Raises
        ------
        LimitExceeded
            A target or the speed lies outside `caps`; nothing was sent.
        NotReferenced
            The stage has not been homed.
        Rejected, Alarm
            The controller refused.
        """
        ...

    def sweep_z(self, to_um: float, speed_um_per_s: float) -> Move:
        """Run along z at constant speed up to ``to_um``; always bounded.

        Raises
        ------
        LimitExceeded
            ``to_um`` lies outside the limits, or the speed outside the speeds that the
            controller really keeps (no silent clamping).
        NotReferenced, Rejected, Alarm
            As for `move_to`.
        """
        ...

    def stop(self) -> StopReport:
        """Halt all motion at once; works from every state and any thread.

        The stop byte goes out before anything else; the method returns when the stage has been
        seen standing still.

        Raises
        ------
        ConnectionLost
            The stage could not be seen standing still.
        """
        ...

    def position(self) -> PositionSample:
        """Ask the controller where the stage is now."""
        ...

    def subscribe(self, listener: Callable[[PositionSample], None]) -> Callable[[], None]:
        """Call ``listener`` with each position read, from the stage's own thread.

        While the stage moves, positions are read about `StageCaps.poll_hz` times a second.

        Returns
        -------
        Callable[[], None]
            Ends the subscription.
        """
        ...
