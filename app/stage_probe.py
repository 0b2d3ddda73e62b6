"""A stage controller put to the test: its conversation, and how fast it reads, runs and stops."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np

from app.acquisition.stages import make_stage
from app.profiles import SERIAL_DRIVERS, ProfileError, StageProfile, load_profile
from drivers.stage import PositionSample, Stage

READINGS: Final = 30
RUN_S: Final = 2.0
"""How long the measured run takes, if the stage is fast enough."""
PATIENCE_S: Final = 60.0
_MOVING_SAMPLES: Final = 4
"""Fewer read-backs in motion say nothing about the speed."""

Say = Callable[[str], None]


class ProbeError(Exception):
    """The test cannot be made; the message says why."""


def stage_to_probe(url: str, controller: str = "", microscope: str = "") -> Stage:
    """Make the driver of a stage.

    Parameters
    ----------
    url : str
    controller : str
        For a stage without a profile: a driver such as ``"grbl"``, or the file or name of a
        declaration.
    microscope : str
        The profile that describes its axes, where there is one.

    Raises
    ------
    ProfileError
        The profile or the declaration cannot be used.
    """
    if microscope:
        profile = load_profile(microscope).stage
        if profile.driver not in SERIAL_DRIVERS:
            raise ProfileError(f"{microscope}: its stage is {profile.driver}, on no port")
        return make_stage(profile.model_copy(update={"url": url}))
    if controller in SERIAL_DRIVERS and controller != "declared":
        return make_stage(StageProfile.model_validate({"driver": controller, "url": url}))
    return make_stage(StageProfile(driver="declared", url=url, controller=controller))


def probe_stage(
    stage: Stage,
    say: Say,
    *,
    move_um: float = 0.0,
    confirm: Callable[[str], bool] = lambda _: False,
) -> None:
    """Connect, show the conversation, measure.

    Parameters
    ----------
    stage : Stage
        Not connected yet.
    say : callable
        Gets each line of the report; from several threads.
    move_um : float
        How far to run along z; nothing moves if 0.
    confirm : callable
        Asked before anything moves.

    Raises
    ------
    DeviceError
        The stage does not do as it should.
    ProbeError
        It cannot be moved so.
    """
    with _conversation_told(say):
        stage.connect()
    try:
        _tell_caps(stage, say)
        _measure_reading(stage, say)
        if move_um:
            _measure_motion(stage, move_um, say, confirm)
    finally:
        stage.close()


@contextmanager
def _conversation_told(say: Say) -> Iterator[None]:
    """Pass every line that is sent or received on, with the time since the first."""
    started_s = time.monotonic()
    logger = logging.getLogger("drivers.line")

    class Teller(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(f"{(time.monotonic() - started_s) * 1000:8.1f} ms  {record.getMessage()}")

    teller, level = Teller(), logger.level
    logger.addHandler(teller)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(teller)
        logger.setLevel(level)


def _tell_caps(stage: Stage, say: Say) -> None:
    state = stage.state()
    say(f"{stage.name}: {state.phase.value}, {'' if state.referenced else 'not '}referenced")
    if state.alarm is not None:
        say(f"  alarm: {state.alarm}")
    for name, axis in (("x", stage.caps.x), ("y", stage.caps.y), ("z", stage.caps.z)):
        say(
            f"  {name}: {axis.lower_um:g} to {axis.upper_um:g} µm,"
            f" {axis.min_speed_um_per_s:g} to {axis.max_speed_um_per_s:g} µm/s,"
            f" {axis.acceleration_um_per_s2:g} µm/s², read to {axis.resolution_um:g} µm"
        )


def _measure_reading(stage: Stage, say: Say) -> None:
    samples = [stage.position() for _ in range(READINGS)]
    took_ms = [(each.t_answered_ns - each.t_asked_ns) / 1e6 for each in samples]
    last = samples[-1]
    say(
        f"read-back at rest: median {np.median(took_ms):.1f} ms, worst {max(took_ms):.1f} ms;"
        f" the stage will be read {stage.caps.poll_hz:.0f} times a second"
    )
    say(f"  it stands at x {last.x_um:g}, y {last.y_um:g}, z {last.z_um:g} µm")


def _measure_motion(stage: Stage, move_um: float, say: Say, confirm: Callable[[str], bool]) -> None:
    start_um = stage.position().z_um
    goal_um = start_um + move_um
    axis = stage.caps.z
    if not axis.contains(goal_um):
        raise ProbeError(
            f"z stands at {start_um:g} µm; {goal_um:g} µm lies outside"
            f" {axis.lower_um:g} to {axis.upper_um:g} µm: choose a shorter way, or the other one"
        )
    if not confirm(f"z will run from {start_um:g} to {goal_um:g} µm and back. Is the way clear?"):
        say("nothing was moved")
        return
    speed = min(max(abs(move_um) / RUN_S, axis.min_speed_um_per_s), axis.max_speed_um_per_s)
    samples: list[PositionSample] = []
    end = stage.subscribe(samples.append)
    try:
        stage.sweep_z(goal_um, speed).wait(PATIENCE_S)
    finally:
        end()
    _tell_speed(samples, speed, say)
    _measure_stop(stage, start_um, speed, say)
    stage.move_to(z_um=start_um, speed_um_per_s=speed).wait(PATIENCE_S)
    say(f"  back at z {stage.position().z_um:g} µm")


def _tell_speed(samples: list[PositionSample], asked: float, say: Say) -> None:
    moving = [each for each in samples if each.moving]
    # The first and the last were read while it gained or lost speed.
    steady = moving[1:-1]
    if len(steady) < _MOVING_SAMPLES:
        say(f"speed: only {len(moving)} positions were read in motion; try a longer way")
        return
    t_s = np.array([each.t_ns for each in steady]) / 1e9
    z_um = np.array([each.z_um for each in steady])
    (slope, _), residuals, *_ = np.polyfit(t_s - t_s[0], z_um, 1, full=True)
    rms = float(np.sqrt(residuals[0] / len(steady))) if len(residuals) else 0.0
    rate = (len(steady) - 1) / (t_s[-1] - t_s[0])
    say(
        f"speed: asked {asked:.4g} µm/s, measured {abs(slope):.4g} µm/s"
        f" ({100 * (abs(slope) / asked - 1):+.1f} %), RMS off the line {rms:.2f} µm"
    )
    say(f"read-back in motion: {rate:.1f} positions/s")


def _measure_stop(stage: Stage, towards_um: float, speed: float, say: Say) -> None:
    stage.sweep_z(towards_um, speed)
    deadline_s = time.monotonic() + PATIENCE_S
    here = stage.position()
    while not here.moving and time.monotonic() < deadline_s:
        here = stage.position()
    report = stage.stop()
    say(
        f"STOP at {speed:.4g} µm/s: on the wire after"
        f" {(report.t_on_wire_ns - report.t_called_ns) / 1e6:.2f} ms, seen at rest after"
        f" {(report.t_halted_ns - report.t_called_ns) / 1e6:.0f} ms,"
        f" {abs(report.position.z_um - here.z_um):.1f} µm after the last position read,"
        f" sent {report.attempts} time{'s' if report.attempts > 1 else ''}"
    )
