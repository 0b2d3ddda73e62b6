"""How the simulated stage really moves, as a pure function of time.

The firmware commands straight moves with a trapezoidal speed profile. The true position lags the
commanded one on reversal (backlash) and trembles a little; both can be asked for any time, past
times included, so that a late-rendered frame still shows where the stage was.
"""

from __future__ import annotations

import bisect
import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

Vector = tuple[float, float, float]
"""x, y, z."""

MonotonicClock = Callable[[], int]
"""Returns ns that never go backwards, like `time.monotonic_ns`."""

_NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of constant acceleration along a path."""

    duration_s: float
    start: float
    speed: float
    acceleration: float

    def at(self, t_s: float) -> tuple[float, float]:
        """Return the distance and the speed ``t_s`` after the piece has begun."""
        return (
            self.start + self.speed * t_s + 0.5 * self.acceleration * t_s * t_s,
            self.speed + self.acceleration * t_s,
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """Distance along a path against time; ends at rest after ``distance``."""

    distance: float
    pieces: tuple[Piece, ...]

    @classmethod
    def trapezoid(cls, distance: float, speed: float, acceleration: float) -> Profile:
        """Return the profile from rest to rest: accelerate, cruise, decelerate.

        Where the path is too short to reach ``speed``, the cruise vanishes and the peak speed is
        √(distance · acceleration).
        """
        if distance <= 0:
            return cls(0.0, ())
        peak = min(speed, math.sqrt(distance * acceleration))
        ramp_s = peak / acceleration
        ramp = 0.5 * peak * ramp_s
        cruise = max(distance - 2 * ramp, 0.0)
        return cls(
            distance,
            (
                Piece(ramp_s, 0.0, 0.0, acceleration),
                Piece(cruise / peak, ramp, peak, 0.0),
                Piece(ramp_s, ramp + cruise, peak, -acceleration),
            ),
        )

    @classmethod
    def braking(cls, speed: float, acceleration: float) -> Profile:
        """Return the profile from ``speed`` to rest, over speed² / (2 · acceleration)."""
        if speed <= 0:
            return cls(0.0, ())
        distance = speed * speed / (2 * acceleration)
        return cls(distance, (Piece(speed / acceleration, 0.0, speed, -acceleration),))

    @property
    def duration_s(self) -> float:
        """How long it takes."""
        return sum(piece.duration_s for piece in self.pieces)

    def at(self, t_s: float) -> tuple[float, float]:
        """Return the distance and the speed ``t_s`` after the start."""
        for piece in self.pieces:
            if t_s < piece.duration_s:
                return piece.at(max(t_s, 0.0))
            t_s -= piece.duration_s
        return self.distance, 0.0


@dataclass(frozen=True, slots=True)
class Motion:
    """One straight move of all axes; monotone on every axis."""

    t_start_ns: int
    start_um: Vector
    target_um: Vector
    profile: Profile
    """In any unit: only its share of ``profile.distance`` counts."""
    acceleration: float
    """What the profile brakes with, in its own unit."""
    played_um: Vector
    """The true position at the start, behind the backlash."""
    slip_um: Vector = (0.0, 0.0, 0.0)
    """How far the motors have turned without the stage, in earlier moves."""
    stuck_from_ns: int | None = None
    """From when the stage has not followed."""

    @property
    def t_end_ns(self) -> int:
        """When the stage has come to rest."""
        return self.t_start_ns + round(self.profile.duration_s * _NS_PER_S)

    def progress(self, t_ns: int) -> tuple[float, float]:
        """Return the path length so far and the speed, in the profile's unit."""
        return self.profile.at((t_ns - self.t_start_ns) / _NS_PER_S)

    def commanded_at(self, t_ns: int) -> Vector:
        """Return where the motors are."""
        if t_ns >= self.t_end_ns:
            return self.target_um
        share = self.progress(t_ns)[0] / self.profile.distance
        return _along(self.start_um, self.target_um, share)


def _along(start: Vector, target: Vector, share: float) -> Vector:
    x, y, z = (a + (b - a) * share for a, b in zip(start, target, strict=True))
    return x, y, z


def _difference(minuend: Vector, subtrahend: Vector) -> Vector:
    x, y, z = (a - b for a, b in zip(minuend, subtrahend, strict=True))
    return x, y, z


@dataclass(frozen=True, slots=True)
class Tremor:
    """A small vibration: seeded sinusoids between 7 and 45 Hz, so that it is a function of time."""

    rms_um: float
    seed: int

    def waves(self) -> tuple[tuple[float, float], ...]:
        """Return the (angular frequency in rad/s, phase in rad) of every sinusoid."""
        generator = np.random.default_rng(self.seed)
        hertz = generator.uniform(7.0, 45.0, 4)
        phases = generator.uniform(0.0, 2 * math.pi, 4)
        return tuple(
            (2 * math.pi * f, p) for f, p in zip(hertz.tolist(), phases.tolist(), strict=True)
        )


class StageMotion:
    """The moves of a stage, past and planned; safe to ask from any thread.

    Parameters
    ----------
    start_um : tuple of float
        Where the stage stands at first.
    backlash_um : tuple of float
        Per axis: how far the motor turns on reversal before the stage follows. Approached from
        below, the stage stands where it was commanded; from above, it stands higher by this much.
    ends_um : tuple of tuple of float
        Per axis: the mechanical ends, which the stage never leaves whatever the motors do.
    tremor : Tremor
        Added to the true z.
    """

    def __init__(
        self,
        start_um: Vector,
        backlash_um: Vector,
        ends_um: tuple[tuple[float, float], tuple[float, float], tuple[float, float]],
        tremor: Tremor,
    ) -> None:
        self._backlash_um = backlash_um
        self._ends_um = ends_um
        self._waves = tremor.waves()
        # A sinusoid of amplitude a has the rms a/√2; independent ones add in quadrature.
        self._wave_um = tremor.rms_um * math.sqrt(2 / len(self._waves))
        self._lock = threading.Lock()
        rest = Motion(0, start_um, start_um, Profile(0.0, ()), 1.0, start_um)
        self._motions = [rest]

    def move(self, t_ns: int, target_um: Vector, profile: Profile, acceleration: float) -> Motion:
        """Append a straight move, beginning at ``t_ns`` or when the planned ones are over."""
        with self._lock:
            last = self._motions[-1]
            t_start_ns = max(t_ns, last.t_end_ns)
            motion = Motion(
                t_start_ns,
                last.target_um,
                target_um,
                profile,
                acceleration,
                self._played(last, t_start_ns),
                self._slip(last, t_start_ns),
            )
            self._motions.append(motion)
            return motion

    def halt(self, t_ns: int) -> int:
        """Decelerate from ``t_ns`` on, forget all later moves, and return when the stage rests."""
        with self._lock:
            while len(self._motions) > 1 and self._motions[-1].t_start_ns > t_ns:
                self._motions.pop()
            motion = self._motions[-1]
            if t_ns >= motion.t_end_ns:
                return t_ns
            travelled, speed = motion.progress(t_ns)
            braking = Profile.braking(speed, motion.acceleration)
            stop = min((travelled + braking.distance) / motion.profile.distance, 1.0)
            here = motion.commanded_at(t_ns)
            there = _along(motion.start_um, motion.target_um, stop)
            played, slip = self._played(motion, t_ns), self._slip(motion, t_ns)
            halted = Motion(t_ns, here, there, braking, motion.acceleration, played, slip)
            self._motions.append(halted)
            return halted.t_end_ns

    def stick(self, t_ns: int) -> None:
        """Let the stage get stuck from ``t_ns`` until the move under way is over."""
        with self._lock:
            index = self._index_at(t_ns)
            self._motions[index] = replace(self._motions[index], stuck_from_ns=t_ns)
            for later in range(index + 1, len(self._motions)):
                before, t_start_ns = self._motions[later - 1], self._motions[later].t_start_ns
                self._motions[later] = replace(
                    self._motions[later],
                    played_um=self._played(before, t_start_ns),
                    slip_um=self._slip(before, t_start_ns),
                )

    def commanded_at(self, t_ns: int) -> Vector:
        """Return where the motors were, are or will be, in µm."""
        with self._lock:
            motion = self._motion_at(t_ns)
        return motion.commanded_at(t_ns)

    def position_at(self, t_ns: int) -> Vector:
        """Return where the stage truly was, is or will be, in µm."""
        with self._lock:
            motion = self._motion_at(t_ns)
        x, y, z = self._played(motion, t_ns)
        t_s = t_ns / _NS_PER_S
        return x, y, z + self._wave_um * sum(math.sin(w * t_s + p) for w, p in self._waves)

    def speed_at(self, t_ns: int) -> float:
        """Return the speed along the path, in the unit of the profile under way."""
        with self._lock:
            motion = self._motion_at(t_ns)
        return motion.progress(t_ns)[1]

    def rests_at(self, t_ns: int) -> bool:
        """Whether no move is under way or planned at ``t_ns``."""
        return t_ns >= self.t_rest_ns

    @property
    def t_rest_ns(self) -> int:
        """When the last planned move ends."""
        with self._lock:
            return self._motions[-1].t_end_ns

    def crossing_ns(self, motion: Motion) -> int | None:
        """Return when a move drives the stage into a mechanical end; None if it never does."""
        times = np.linspace(motion.t_start_ns, motion.t_end_ns, 257).astype(np.int64).tolist()
        for earlier, later in pairwise(times):
            if not self._inside(motion.commanded_at(later)):
                return self._bisect_end(motion, earlier, later)
        return None

    def _bisect_end(self, motion: Motion, inside_ns: int, outside_ns: int) -> int:
        while outside_ns - inside_ns > 1000:
            middle = (inside_ns + outside_ns) // 2
            if self._inside(motion.commanded_at(middle)):
                inside_ns = middle
            else:
                outside_ns = middle
        return outside_ns

    def _inside(self, position_um: Vector) -> bool:
        return all(
            lower <= value <= upper
            for value, (lower, upper) in zip(position_um, self._ends_um, strict=True)
        )

    def _motion_at(self, t_ns: int) -> Motion:
        return self._motions[self._index_at(t_ns)]

    def _index_at(self, t_ns: int) -> int:
        after = bisect.bisect_right(self._motions, t_ns, key=lambda motion: motion.t_start_ns)
        return max(after - 1, 0)

    def _played(self, motion: Motion, t_ns: int) -> Vector:
        if motion.stuck_from_ns is not None:
            t_ns = min(t_ns, motion.stuck_from_ns)
        x, y, z = self._play(motion, motion.commanded_at(t_ns))
        return x, y, z

    def _slip(self, motion: Motion, t_ns: int) -> Vector:
        """Return how far the motors are ahead of the stage for good, backlash aside."""
        if motion.stuck_from_ns is None or t_ns <= motion.stuck_from_ns:
            return motion.slip_um
        unfollowed = zip(
            motion.slip_um,
            motion.commanded_at(t_ns),
            motion.commanded_at(motion.stuck_from_ns),
            strict=True,
        )
        x, y, z = (slip + now - then for slip, now, then in unfollowed)
        return x, y, z

    def _play(self, motion: Motion, commanded_um: Vector) -> Iterator[float]:
        # The stage sits in a gap as wide as the backlash, whose lower edge is the motor. On a
        # monotone move only one edge pushes, which makes this exact without small steps.
        motor_um = _difference(commanded_um, motion.slip_um)
        axes = zip(motion.played_um, motor_um, self._backlash_um, self._ends_um, strict=True)
        for played, motor, backlash, (lower, upper) in axes:
            driven = min(max(played, motor), motor + backlash)
            yield min(max(driven, lower), upper)
