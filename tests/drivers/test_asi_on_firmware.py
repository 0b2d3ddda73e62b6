"""The ASI dialect on an emulated MS-2000 and Tiger: real time, real motion, a real socket."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from drivers.asi import AsiDialect
from drivers.errors import (
    Alarm,
    BadReply,
    ConnectionLost,
    DeviceError,
    LimitExceeded,
    MoveStopped,
    Rejected,
)
from drivers.prior import PriorDialect
from drivers.serial_stage.settings import AxisSettings, StageSettings
from drivers.serial_stage.stage import SerialStage
from drivers.simulated.asi_controller import AsiController
from drivers.simulated.faults import FaultScript
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.served_controller import ServedController
from drivers.simulated.settings import SimulationSettings
from drivers.stage import Move, PositionSample, StagePhase

PATIENCE_S = 60.0
SIMULATION = replace(
    SimulationSettings(latency_ms=2.0, jitter_ms=0.5, tremor_um=0.0),
    backlash_um=(0.0, 0.0, 0.0),
    start_um=(20_000.0, 10_000.0, 500.0),
)


def eventually(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never happened"
        time.sleep(0.005)


class Bench:
    """An emulated controller and the axes that it really moves."""

    def __init__(self, *, tiger: bool = False) -> None:
        self.axes = SeparateAxes(SIMULATION)
        self.controller = AsiController(self.axes, SIMULATION, tiger=tiger)
        self.server = ServedController(self.controller)

    @property
    def z_um(self) -> float:
        return self.axes.position_at(time.monotonic_ns())[2]

    def inject(self, faults: FaultScript) -> None:
        self.server.inject(faults)

    def heard(self, start: str) -> list[str]:
        return [line for line, _ in self.controller.received if line.startswith(start)]


def settings(url: str) -> StageSettings:
    return StageSettings(
        url,
        x=AxisSettings(offset_um=20_000.0, lower_um=100.0, upper_um=39_900.0),
        y=AxisSettings(offset_um=10_000.0, lower_um=100.0, upper_um=19_900.0),
        z=AxisSettings(offset_um=500.0, lower_um=200.0, upper_um=800.0),
        poll_hz=40.0,
    )


@contextmanager
def connected(bench: Bench) -> Iterator[SerialStage]:
    wanted = settings(bench.server.url)
    stage = SerialStage(wanted, AsiDialect(wanted))
    stage.connect()
    try:
        yield stage
    finally:
        stage.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    desk = Bench()
    with desk.server:
        yield desk


@pytest.fixture
def stage(bench: Bench) -> Iterator[SerialStage]:
    with connected(bench) as prior:
        yield prior


def sweep_under_way(stage: SerialStage) -> Move:
    move = stage.sweep_z(700.0, 20.0)
    eventually(lambda: stage.position().z_um > 501.0)
    return move


@pytest.mark.parametrize(("tiger", "version"), [(False, "USB-9.2m"), (True, "v3.35")])
def test_it_connects_and_says_what_it_found_without_moving(tiger: bool, version: str) -> None:
    desk = Bench(tiger=tiger)
    with desk.server, connected(desk) as stage:
        assert f"ASI {version}" in stage.name
        assert stage.state().phase is StagePhase.IDLE
        here = stage.position()
        assert (here.x_um, here.y_um, here.z_um) == (20_000.0, 10_000.0, 500.0)
        assert desk.axes.rests_at(time.monotonic_ns())
        assert not desk.heard("M ")
        assert stage.caps.z.max_speed_um_per_s == pytest.approx(500.0)
        assert stage.caps.z.acceleration_um_per_s2 == pytest.approx(5000.0)
        # The trial of speeds has left nothing behind.
        assert desk.heard("S ")[-1].startswith("S X=13.4")


def test_the_default_limits_of_the_firmware_are_none(bench: Bench) -> None:
    wanted = replace(settings(bench.server.url), z=AxisSettings(lower_um=0.0))
    stage = SerialStage(wanted, AsiDialect(wanted))
    with pytest.raises(Rejected, match="its defaults"):
        stage.connect()
    assert stage.state().phase is StagePhase.DISCONNECTED


def test_another_driver_is_refused_and_moves_nothing(bench: Bench) -> None:
    wanted = settings(bench.server.url)
    stranger = SerialStage(replace(wanted, connect_timeout_s=1.0), PriorDialect(wanted))
    with pytest.raises(BadReply, match=":N-1"):
        stranger.connect()
    assert bench.z_um == 500.0


def test_moves_and_limits(stage: SerialStage) -> None:
    stage.move_to(x_um=20_100.0, y_um=9_950.0).wait(PATIENCE_S)
    stage.move_to(z_um=520.0).wait(PATIENCE_S)
    stage.move_to(x_um=20_050.0, z_um=510.0, speed_um_per_s=100.0).wait(PATIENCE_S)
    here = stage.position()
    assert (here.x_um, here.y_um) == pytest.approx((20_050.0, 9_950.0), abs=1.0)
    assert here.z_um == pytest.approx(510.0, abs=0.1)
    wishes: list[dict[str, float]] = [
        {"z_um": 800.5},
        {"x_um": 0.0},
        {"z_um": 510.0, "speed_um_per_s": 1e6},
    ]
    for wish in wishes:
        with pytest.raises(LimitExceeded):
            stage.move_to(**wish)


def test_a_sweep_is_read_while_it_runs_and_never_goes_past_its_target(
    bench: Bench, stage: SerialStage, speed_of: Callable[[list[PositionSample]], float]
) -> None:
    samples: list[PositionSample] = []
    stage.subscribe(samples.append)
    stage.sweep_z(540.0, 13.7).wait(PATIENCE_S)
    way = [s for s in samples if s.moving and 505 < s.z_um < 535]
    assert len(way) >= 5
    assert speed_of(way) == pytest.approx(13.7, rel=0.1)
    assert max(s.z_um for s in samples) <= 540.1
    # The controller's own anti-backlash would have come from below, after the run.
    assert bench.heard("B Z=")[0] == "B Z=0.000000"
    eventually(lambda: bench.heard("B Z=")[-1] == "B Z=0.010000")


def test_homing_leaves_z_alone(bench: Bench, stage: SerialStage) -> None:
    stage.home().wait(PATIENCE_S)
    assert bench.z_um == 500.0
    assert bench.axes.position_at(time.monotonic_ns())[:2] != (20_000.0, 10_000.0)
    assert stage.state().alarm is None


def test_a_motor_that_was_switched_off_is_an_alarm(bench: Bench, stage: SerialStage) -> None:
    move = sweep_under_way(stage)
    bench.inject(FaultScript(alarm_at_s=((0.0, 30),)))
    with pytest.raises(DeviceError):
        move.wait(PATIENCE_S)
    eventually(lambda: stage.state().phase is StagePhase.ALARM)
    assert "disabled" in (stage.state().alarm or "")
    bench.inject(FaultScript())
    stage.unlock()
    stage.move_to(z_um=510.0).wait(PATIENCE_S)


def test_a_broken_sweep_leaves_the_anti_backlash_as_it_was(
    bench: Bench, stage: SerialStage
) -> None:
    sweep_under_way(stage)
    stage.stop()
    eventually(lambda: bench.heard("B Z=")[-1] == "B Z=0.010000")


def test_stop_from_another_thread(bench: Bench, stage: SerialStage) -> None:
    move = sweep_under_way(stage)
    reports = []
    stopper = threading.Thread(target=lambda: reports.append(stage.stop()))
    stopper.start()
    with pytest.raises(MoveStopped):
        move.wait(PATIENCE_S)
    stopper.join()
    halted_um = bench.z_um
    assert halted_um < 600.0
    time.sleep(0.2)
    assert bench.z_um == halted_um
    assert reports[0].position.z_um == pytest.approx(halted_um, abs=0.1)


def test_a_lost_stop_is_sent_again(bench: Bench, stage: SerialStage) -> None:
    move = sweep_under_way(stage)
    bench.inject(FaultScript(drop_stops=frozenset({1})))
    assert stage.stop().attempts >= 2
    assert move.done()
    assert bench.z_um < 650.0


def fails(move: Move, expected: type[DeviceError]) -> str:
    with pytest.raises(expected) as caught:
        move.wait(PATIENCE_S)
    return str(caught.value)


def test_a_pulled_cable_in_mid_sweep(bench: Bench, stage: SerialStage) -> None:
    move = sweep_under_way(stage)
    bench.inject(FaultScript(close_at_s=0.0))
    fails(move, ConnectionLost)
    assert stage.state().phase is StagePhase.DISCONNECTED
    # What the controller was told last is bounded by itself.
    bench.inject(FaultScript())
    stage.connect()
    assert stage.state().phase is StagePhase.IDLE
    assert bench.z_um <= 700.0
    stage.move_to(z_um=520.0).wait(PATIENCE_S)


def test_a_restart_in_mid_sweep(bench: Bench, stage: SerialStage) -> None:
    stage.move_to(z_um=600.0).wait(PATIENCE_S)
    move = stage.sweep_z(700.0, 20.0)
    eventually(lambda: stage.position().z_um > 605.0)
    bench.inject(FaultScript(reset_at_s=(0.0,)))
    with pytest.raises(DeviceError):
        move.wait(PATIENCE_S)
    eventually(lambda: stage.state().phase is StagePhase.ALARM)
    assert "0,0,0" in (stage.state().alarm or "")
    with pytest.raises(DeviceError):
        stage.move_to(z_um=510.0)
    assert bench.axes.rests_at(time.monotonic_ns())


def test_silence_in_mid_sweep(bench: Bench, stage: SerialStage) -> None:
    move = sweep_under_way(stage)
    bench.inject(FaultScript(silent_at_s=0.0))
    fails(move, ConnectionLost)
    bench.inject(FaultScript())
    stage.connect()
    stage.move_to(z_um=520.0).wait(PATIENCE_S)


def test_a_flood_of_garbage_in_mid_sweep(bench: Bench, stage: SerialStage) -> None:
    move = sweep_under_way(stage)
    bench.inject(FaultScript(flood_at_s=((0.0, 0.5),)))
    try:
        move.wait(PATIENCE_S)
    except DeviceError:
        bench.inject(FaultScript())
        stage.connect()
    eventually(lambda: not stage.position().moving)
    stage.move_to(z_um=520.0).wait(PATIENCE_S)
    assert stage.position().z_um == pytest.approx(520.0, abs=0.1)


@pytest.mark.parametrize(
    "faults",
    [FaultScript(drop_reply_every=17), FaultScript(cut_reply_every=29)],
    ids=["lost", "cut"],
)
def test_lost_or_cut_replies(bench: Bench, stage: SerialStage, faults: FaultScript) -> None:
    move = stage.sweep_z(560.0, 20.0)
    bench.inject(faults)
    move.wait(PATIENCE_S)
    bench.inject(FaultScript())
    assert stage.position().z_um == pytest.approx(560.0, abs=0.1)


def test_a_limit_switch_in_mid_sweep(bench: Bench, stage: SerialStage) -> None:
    move = sweep_under_way(stage)
    bench.inject(FaultScript(limit_at_s=(0.0,)))
    with pytest.raises(DeviceError):
        move.wait(PATIENCE_S)
    eventually(lambda: stage.state().phase is StagePhase.ALARM)
    assert "upper limit switch of Z" in (stage.state().alarm or "")
    with pytest.raises(Alarm):
        stage.move_to(z_um=510.0)
    stage.unlock()
    stage.move_to(z_um=510.0).wait(PATIENCE_S)
    assert stage.state().phase is StagePhase.IDLE
