"""A stage in virtual time: obeys, lags, rounds and answers late like one behind a serial line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from drivers.errors import LimitExceeded, MoveStopped, ReplyTimeout
from drivers.simulated.motion import Profile, StageMotion, Vector
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.virtual_time import VirtualTime
from drivers.stage import (
    AxisCaps,
    AxisName,
    Move,
    PositionSample,
    StageCaps,
    StagePhase,
    StageState,
    StopReport,
)

_NS_PER_S = 1_000_000_000
_AXES: tuple[AxisName, AxisName, AxisName] = ("x", "y", "z")
_SLOWEST_UM_PER_S = 1.0
_STOP_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class SerialTiming:
    """How the conversation with a controller goes."""

    poll_hz: float = 40.0
    latency_ms: float = 4.0
    """Shortest round trip of a question."""
    jitter_ms: float = 1.5
    """Standard deviation of what comes on top; half of a normal distribution."""
    sampled_at: float = 0.3
    """The share of the round trip after which the controller looks at its counters."""
    stale_ms: float = 0.0
    """How old the position is that the controller then tells."""


class VirtualMove:
    """A motion in virtual time; waiting for it lets the time pass."""

    def __init__(self, stage: VirtualStage, attempted: str, target_um: Vector) -> None:
        self._stage = stage
        self.attempted = attempted
        self.target_um = target_um
        self.ended = False
        self.stopped = False
        self.standing: PositionSample | None = None

    def done(self) -> bool:
        """Whether the stage has arrived or was stopped."""
        return self.ended

    def wait(self, timeout_s: float) -> None:
        """Let time pass until the stage has arrived; see `drivers.stage.Move.wait`."""
        if not self._stage.time.wait(self.done, timeout_s):
            self._stage.stop()
            raise ReplyTimeout(self._stage.name, self.attempted, f"not there after {timeout_s:g} s")
        if self.stopped:
            raise MoveStopped(self._stage.name, self.attempted, "STOP was called")

    def judge(self, sample: PositionSample) -> None:
        """End the motion once a position says that the stage rests."""
        if sample.moving:
            return
        before, self.standing = self.standing, sample
        if not self.stopped or (before is not None and before.z_um == sample.z_um):
            self.ended = True


class VirtualStage:
    """A `drivers.stage.Stage` whose every wait passes in virtual time.

    Parameters
    ----------
    time : VirtualTime
    motion : StageMotion
        What it moves.
    settings : SimulationSettings
        Travel, speeds, accelerations, resolution, seed.
    timing : SerialTiming
        Of the line to the controller.
    """

    name = "virtual stage"

    def __init__(
        self,
        time: VirtualTime,
        motion: StageMotion,
        settings: SimulationSettings,
        timing: SerialTiming,
    ) -> None:
        self.time = time
        self._motion = motion
        self._settings = settings
        self._timing = timing
        self._random = np.random.default_rng((settings.seed, 4))
        self._listeners: dict[object, Callable[[PositionSample], None]] = {}
        self._latest: PositionSample | None = None
        self._move: VirtualMove | None = None
        self._polls = False
        x, y, z = (self._axis_caps(index) for index in range(3))
        self.caps = StageCaps(x, y, z, can_home=False, poll_hz=timing.poll_hz)
        self.lowest_um = self.highest_um = settings.start_um[2]
        """Between these z has been sent; for judging whether limits were kept."""

    def connect(self) -> None:
        """Do nothing: it is always there and knows its position."""

    def close(self) -> None:
        """Halt."""
        self._motion.halt(self.time.now_ns)

    def state(self) -> StageState:
        """Return the latest known state."""
        moves = self._move is not None and not self._move.ended
        phase = StagePhase.MOVING if moves else StagePhase.IDLE
        return StageState(phase, referenced=True, position=self._latest)

    def home(self) -> Move:
        """Stay where it is: it has not lost its position."""
        x, y, z = self._motion.commanded_at(self.time.now_ns)
        return self.move_to(x_um=x, y_um=y, z_um=z)

    def move_to(
        self,
        *,
        x_um: float | None = None,
        y_um: float | None = None,
        z_um: float | None = None,
        speed_um_per_s: float | None = None,
    ) -> Move:
        """Move in a straight line; see `drivers.stage.Stage.move_to`.

        Raises
        ------
        LimitExceeded
            A target lies outside the limits.
        """
        wanted = (x_um, y_um, z_um)
        start = self._motion.commanded_at(self._motion.t_rest_ns)
        target = [here if to is None else to for here, to in zip(start, wanted, strict=True)]
        for axis, value in zip(_AXES, target, strict=True):
            caps = self.caps.axis(axis)
            if not caps.contains(value):
                raise LimitExceeded(
                    self.name,
                    f"move {axis} to {value:g} µm",
                    f"the limits are {caps.lower_um:g} and {caps.upper_um:g} µm",
                )
        return self._begin(start, (target[0], target[1], target[2]), speed_um_per_s)

    def sweep_z(self, to_um: float, speed_um_per_s: float) -> Move:
        """Run along z at constant speed; see `drivers.stage.Stage.sweep_z`.

        Raises
        ------
        LimitExceeded
            The target or the speed lies outside the limits.
        """
        z = self.caps.z
        if not z.min_speed_um_per_s <= speed_um_per_s <= z.max_speed_um_per_s * (1 + 1e-9):
            raise LimitExceeded(
                self.name,
                f"sweep z at {speed_um_per_s:g} µm/s",
                f"it keeps {z.min_speed_um_per_s:g} to {z.max_speed_um_per_s:g} µm/s",
            )
        return self.move_to(z_um=to_um, speed_um_per_s=speed_um_per_s)

    def stop(self) -> StopReport:
        """Halt all motion; from within an event it returns before the stage rests."""
        called_ns = self.time.now_ns
        on_wire_ns = called_ns + self._round_trip_ns() // 2
        rest_ns = self._motion.halt(on_wire_ns)
        move = self._move
        if move is not None and not move.ended:
            move.stopped, move.standing = True, None
            if not self.time.is_working:
                self.time.wait(move.done, _STOP_TIMEOUT_S)
        sample = self._sample(called_ns, max(rest_ns, self.time.now_ns))
        return StopReport(called_ns, on_wire_ns, rest_ns, sample, 1)

    def position(self) -> PositionSample:
        """Ask the controller where the stage is."""
        asked_ns = self.time.now_ns
        self.time.sleep(self._round_trip_ns() / _NS_PER_S)
        return self._sample(asked_ns, self.time.now_ns)

    def subscribe(self, listener: Callable[[PositionSample], None]) -> Callable[[], None]:
        """Call ``listener`` with each position read; return what ends that."""
        key = object()
        self._listeners[key] = listener
        return lambda: self._listeners.pop(key, None) and None

    def _axis_caps(self, index: int) -> AxisCaps:
        settings = self._settings
        return AxisCaps(
            lower_um=0.0,
            upper_um=settings.travel_um[index],
            min_speed_um_per_s=_SLOWEST_UM_PER_S,
            max_speed_um_per_s=settings.max_speed_um_per_s[index],
            acceleration_um_per_s2=settings.acceleration_um_per_s2[index],
            # Three decimals of the controller's unit, as Grbl prints them.
            resolution_um=settings.um_per_unit[index] / 1000,
        )

    def _begin(self, start: Vector, target: Vector, speed_um_per_s: float | None) -> Move:
        distances = [abs(b - a) for a, b in zip(start, target, strict=True)]
        longest = max(range(3), key=lambda index: distances[index])
        caps = self.caps.axis(_AXES[longest])
        speed = speed_um_per_s or caps.max_speed_um_per_s
        profile = Profile.trapezoid(distances[longest], speed, caps.acceleration_um_per_s2)
        accepted_ns = self.time.now_ns + self._round_trip_ns() // 2
        self._motion.move(accepted_ns, target, profile, caps.acceleration_um_per_s2)
        self.lowest_um = min(self.lowest_um, target[2])
        self.highest_um = max(self.highest_um, target[2])
        move = VirtualMove(self, f"move to z {target[2]:g} µm", target)
        self._move = move
        if not self._polls:
            self._polls = True
            self.time.at(accepted_ns, self._ask)
        return move

    def _ask(self) -> None:
        if self._move is None or self._move.ended:
            self._polls = False
            return
        asked_ns = self.time.now_ns
        answered_ns = asked_ns + self._round_trip_ns()
        move = self._move

        def answer() -> None:
            sample = self._sample(asked_ns, answered_ns)
            self._latest = sample
            for listener in tuple(self._listeners.values()):
                listener(sample)
            move.judge(sample)
            period_ns = round(_NS_PER_S / self._timing.poll_hz)
            self.time.at(max(asked_ns + period_ns, answered_ns), self._ask)

        self.time.at(answered_ns, answer)

    def _sample(self, asked_ns: int, answered_ns: int) -> PositionSample:
        sampled_ns = asked_ns + round(self._timing.sampled_at * (answered_ns - asked_ns))
        told_ns = sampled_ns - round(self._timing.stale_ms * 1e6)
        position = self._motion.commanded_at(told_ns)
        units = (self.caps.axis(axis).resolution_um for axis in _AXES)
        x, y, z = (round(at / unit) * unit for at, unit in zip(position, units, strict=True))
        moving = not self._motion.rests_at(sampled_ns)
        return PositionSample(asked_ns, answered_ns, x, y, z, moving)

    def _round_trip_ns(self) -> int:
        timing = self._timing
        extra_ms = abs(float(self._random.normal(0.0, timing.jitter_ms)))
        return round((timing.latency_ms + extra_ms) * 1e6)
