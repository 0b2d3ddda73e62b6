"""The Prior dialect on an emulated ProScan: real time, real motion, a real socket."""

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
from drivers.simulated.faults import FaultScript
from drivers.simulated.prior_controller import PriorController
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.served_controller import ServedController
from drivers.simulated.settings import SimulationSettings
from drivers.stage import Move, PositionSample, StagePhase

PATIENCE_S = 60.0
FULL_UM_PER_S = 500.0
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

    def __init__(self, *, late: bool = False) -> None:
        self.axes = SeparateAxes(SIMULATION)
        self.controller = PriorController(self.axes, SIMULATION, acknowledges_at_end=late)
        self.server = ServedController(self.controller)

    @property
    def z_um(self) -> float:
        return self.axes.position_at(time.monotonic_ns())[2]

    def inject(self, faults: FaultScript) -> None:
        self.server.inject(faults)

    def heard(self, word: str) -> list[str]:
        return [line for line, _ in self.controller.received if line.split(",")[0] == word]


def settings(url: str, *, full_z: float | None = FULL_UM_PER_S) -> StageSettings:
    return StageSettings(
        url,
        x=AxisSettings(
            offset_um=20_000.0, lower_um=100.0, upper_um=39_900.0, full_speed_um_per_s=20_000.0
        ),
        y=AxisSettings(
            offset_um=10_000.0, lower_um=100.0, upper_um=19_900.0, full_speed_um_per_s=20_000.0
        ),
        z=AxisSettings(offset_um=500.0, lower_um=200.0, upper_um=800.0, full_speed_um_per_s=full_z),
        poll_hz=40.0,
    )


@contextmanager
def connected(bench: Bench, *, full_z: float | None = FULL_UM_PER_S) -> Iterator[SerialStage]:
    wanted = settings(bench.server.url, full_z=full_z)
    stage = SerialStage(wanted, PriorDialect(wanted))
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


def test_it_connects_and_says_what_it_found_without_moving(bench, stage) -> None:
    assert "Prior ProScan 2.70" in stage.name
    assert stage.state().phase is StagePhase.IDLE
    assert stage.state().referenced
    here = stage.position()
    assert (here.x_um, here.y_um, here.z_um) == (20_000.0, 10_000.0, 500.0)
    assert bench.axes.rests_at(time.monotonic_ns())
    assert stage.caps.z.min_speed_um_per_s == 5.0
    assert stage.caps.z.resolution_um == 0.1


def test_nothing_connects_without_limits(bench) -> None:
    wanted = replace(settings(bench.server.url), z=AxisSettings(lower_um=0.0))
    stage = SerialStage(wanted, PriorDialect(wanted))
    with pytest.raises(Rejected, match="limits of z"):
        stage.connect()
    assert stage.state().phase is StagePhase.DISCONNECTED


def test_another_driver_is_refused_and_moves_nothing(bench) -> None:
    wanted = settings(bench.server.url)
    stranger = SerialStage(replace(wanted, connect_timeout_s=1.0), AsiDialect(wanted))
    with pytest.raises(BadReply, match=r"E,[45]"):
        stranger.connect()
    assert bench.z_um == 500.0
    assert not bench.heard("V")


def test_moves_and_limits(stage) -> None:
    stage.move_to(x_um=20_100.0, y_um=9_950.0).wait(PATIENCE_S)
    stage.move_to(z_um=520.0).wait(PATIENCE_S)
    stage.move_to(x_um=20_050.0, z_um=510.0).wait(PATIENCE_S)
    here = stage.position()
    assert (here.x_um, here.y_um) == pytest.approx((20_050.0, 9_950.0), abs=1.0)
    assert here.z_um == pytest.approx(510.0, abs=0.1)
    for wish in ({"z_um": 800.5}, {"x_um": 0.0}, {"z_um": 510.0, "speed_um_per_s": 1e6}):
        with pytest.raises(LimitExceeded):
            stage.move_to(**wish)


@pytest.mark.parametrize("late", [False, True])
def test_a_sweep_is_read_while_it_runs_whenever_r_comes(late, speed_of) -> None:
    desk = Bench(late=late)
    with desk.server, connected(desk) as stage:
        samples: list[PositionSample] = []
        stage.subscribe(samples.append)
        stage.sweep_z(540.0, 20.0).wait(PATIENCE_S)
        up = [s for s in samples if s.moving and 505 < s.z_um < 535]
        assert len(up) >= 5
        assert speed_of(up) == pytest.approx(20.0, rel=0.1)
        # The end of the first move may be told while the next one runs.
        stage.sweep_z(520.0, 20.0).wait(PATIENCE_S)
        assert stage.position().z_um == pytest.approx(520.0, abs=0.1)


def test_a_speed_between_two_percentages_is_refused_with_the_one_that_fits(stage) -> None:
    with pytest.raises(Rejected, match="Sweep at 20 µm/s"):
        stage.sweep_z(540.0, 22.0)
    assert stage.state().phase is StagePhase.IDLE


def test_the_full_speed_is_measured_where_nobody_knows_it(bench, speed_of) -> None:
    with connected(bench, full_z=None) as stage:
        # 10 % of the assumed 1000 µm/s are 50 µm/s on this drive.
        with pytest.raises(Rejected, match=r"Sweep at (4\d|5\d)(\.\d+)? µm/s"):
            stage.sweep_z(700.0, 100.0)
        start_um = bench.z_um
        samples: list[PositionSample] = []
        stage.subscribe(samples.append)
        stage.move_to(z_um=start_um + 100.0, speed_um_per_s=50.0).wait(PATIENCE_S)
        way = [s for s in samples if s.moving and 10 < s.z_um - start_um < 90]
        assert speed_of(way) == pytest.approx(50.0, rel=0.25)


def test_homing_leaves_z_alone(bench, stage) -> None:
    stage.home().wait(PATIENCE_S)
    assert bench.z_um == 500.0
    assert bench.axes.position_at(time.monotonic_ns())[:2] == (0.0, 0.0)
    assert stage.state().alarm is None


def test_stop_from_another_thread(bench, stage) -> None:
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


def test_a_lost_stop_is_sent_again(bench, stage) -> None:
    move = sweep_under_way(stage)
    bench.inject(FaultScript(drop_stops=frozenset({1})))
    assert stage.stop().attempts >= 2
    assert move.done()
    assert bench.z_um < 650.0


def fails(move: Move, expected: type[DeviceError]) -> str:
    with pytest.raises(expected) as caught:
        move.wait(PATIENCE_S)
    return str(caught.value)


def test_a_pulled_cable_in_mid_sweep(bench, stage) -> None:
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


def test_a_restart_in_mid_sweep(bench, stage) -> None:
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


def test_silence_in_mid_sweep(bench, stage) -> None:
    move = sweep_under_way(stage)
    bench.inject(FaultScript(silent_at_s=0.0))
    fails(move, ConnectionLost)
    bench.inject(FaultScript())
    stage.connect()
    stage.move_to(z_um=520.0).wait(PATIENCE_S)


def test_a_flood_of_garbage_in_mid_sweep(bench, stage) -> None:
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
def test_lost_or_cut_replies(bench, stage, faults) -> None:
    move = stage.sweep_z(560.0, 20.0)
    bench.inject(faults)
    move.wait(PATIENCE_S)
    bench.inject(FaultScript())
    assert stage.position().z_um == pytest.approx(560.0, abs=0.1)


def test_a_limit_switch_in_mid_sweep(bench, stage) -> None:
    move = sweep_under_way(stage)
    bench.inject(FaultScript(limit_at_s=(0.0,)))
    with pytest.raises(DeviceError):
        move.wait(PATIENCE_S)
    eventually(lambda: stage.state().phase is StagePhase.ALARM)
    assert "+Z" in (stage.state().alarm or "")
    with pytest.raises(Alarm):
        stage.move_to(z_um=510.0)
    stage.unlock()
    stage.move_to(z_um=510.0).wait(PATIENCE_S)
    assert stage.state().phase is StagePhase.IDLE
