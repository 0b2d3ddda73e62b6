"""The Zaber dialect on an emulated chain: real time, real motion, a real socket."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from drivers.errors import (
    Alarm,
    BadReply,
    DeviceError,
    LimitExceeded,
    MoveStopped,
    NotReferenced,
    Rejected,
)
from drivers.serial_stage.settings import AxisSettings, StageSettings
from drivers.serial_stage.stage import SerialStage
from drivers.simulated.faults import FaultScript
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.served_controller import ServedController
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.zaber_controller import CHAIN, ZaberController
from drivers.simulated.zaber_device import ZaberDevice
from drivers.stage import PositionSample, StagePhase
from drivers.zaber import ZaberDialect

PATIENCE_S = 60.0
SIMULATION = replace(
    SimulationSettings(latency_ms=2.0, jitter_ms=0.5, tremor_um=0.0),
    backlash_um=(0.0, 0.0, 0.0),
    travel_um=(2000.0, 1000.0, 1000.0),
    start_um=(100.0, 100.0, 950.0),
    max_speed_um_per_s=(20_000.0, 20_000.0, 5000.0),
    acceleration_um_per_s2=(200_000.0, 200_000.0, 50_000.0),
)
ONE_BOX = (ZaberDevice(("x", "y", "z"), device_id=30342),)


def eventually(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never happened"
        time.sleep(0.005)


class Bench:
    """An emulated chain and the axes that it really moves."""

    def __init__(self, chain: tuple[ZaberDevice, ...] = CHAIN) -> None:
        self.axes = SeparateAxes(SIMULATION)
        self.server = ServedController(ZaberController(self.axes, SIMULATION, chain))
        self.addresses = ("1 1", "2 1", "3 1") if len(chain) == 3 else ("", "", "")

    @property
    def z_um(self) -> float:
        return self.axes.position_at(time.monotonic_ns())[2]

    def settings(self, z_unit_um: float | None = 0.05) -> StageSettings:
        x, y, z = self.addresses
        return StageSettings(
            self.server.url,
            x=AxisSettings(um_per_unit=1.0, address=x),
            y=AxisSettings(um_per_unit=1.0, address=y),
            # Home is all the way up, and counts grow downwards.
            z=AxisSettings(um_per_unit=z_unit_um, direction=-1, offset_um=1000.0, address=z),
            poll_hz=40.0,
        )


@contextmanager
def connected(bench: Bench, *, homed: bool = True) -> Iterator[SerialStage]:
    settings = bench.settings()
    stage = SerialStage(settings, ZaberDialect(settings))
    stage.connect()
    try:
        if homed:
            stage.home().wait(PATIENCE_S)
        yield stage
    finally:
        stage.close()


@pytest.fixture(params=[CHAIN, ONE_BOX], ids=["chain", "one box"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    desk = Bench(request.param)
    with desk.server:
        yield desk


@pytest.fixture
def stage(bench: Bench) -> Iterator[SerialStage]:
    with connected(bench) as zaber:
        yield zaber


def test_it_connects_without_moving_and_waits_to_be_homed(bench) -> None:
    with connected(bench, homed=False) as stage:
        assert "firmware 7.34" in stage.name
        assert bench.z_um == 950.0
        assert not stage.state().referenced
        with pytest.raises(NotReferenced):
            stage.move_to(z_um=600.0)
        stage.home().wait(PATIENCE_S)
        assert stage.state().referenced
        assert stage.position().z_um == pytest.approx(1000.0, abs=0.1)


def test_caps_come_from_the_controller(stage) -> None:
    z = stage.caps.z
    assert (z.lower_um, z.upper_um) == pytest.approx((0.0, 1000.0))
    assert z.max_speed_um_per_s == pytest.approx(5000.0, rel=1e-3)
    assert z.acceleration_um_per_s2 == pytest.approx(50_000.0, rel=0.05)
    assert z.min_speed_um_per_s < 0.1
    assert z.resolution_um == 0.05


def test_moves_and_limits(bench, stage) -> None:
    stage.move_to(x_um=150.0, y_um=80.0).wait(PATIENCE_S)
    stage.move_to(z_um=900.0).wait(PATIENCE_S)
    assert bench.axes.position_at(time.monotonic_ns()) == pytest.approx((150, 80, 900), abs=1.0)
    here = stage.position()
    assert (here.x_um, here.y_um, here.z_um) == pytest.approx((150.0, 80.0, 900.0), abs=0.1)
    with pytest.raises(LimitExceeded):
        stage.move_to(z_um=1000.5)
    with pytest.raises(LimitExceeded):
        stage.sweep_z(850.0, 50_000.0)


def test_a_sweep_keeps_its_speed_and_is_read_while_it_runs(bench, stage, speed_of) -> None:
    samples: list[PositionSample] = []
    stage.subscribe(samples.append)
    stage.move_to(z_um=900.0).wait(PATIENCE_S)
    stage.sweep_z(860.0, 20.0).wait(PATIENCE_S)
    steady = [s for s in samples if s.moving and 865 < s.z_um < 895][-40:]
    assert len(steady) >= 5
    assert speed_of(steady) == pytest.approx(-20.0, rel=0.1)
    for sample in steady:
        # An answer may come late; the stage was there at some moment between the two.
        asked, answered = (
            bench.axes.position_at(t)[2] for t in (sample.t_asked_ns, sample.t_answered_ns)
        )
        assert answered - 0.1 <= sample.z_um <= asked + 0.1


def test_stop(bench, stage) -> None:
    move = stage.sweep_z(500.0, 20.0)
    eventually(lambda: stage.position().z_um < 998.0)
    report = stage.stop()
    assert bench.axes.rests_at(report.t_halted_ns)
    assert report.attempts == 1
    with pytest.raises(MoveStopped):
        move.wait(PATIENCE_S)
    assert stage.state().phase is StagePhase.IDLE
    stage.move_to(z_um=990.0).wait(PATIENCE_S)


def test_a_stop_that_is_lost_is_sent_again(bench, stage) -> None:
    stage.sweep_z(500.0, 20.0)
    bench.server.inject(FaultScript(drop_stops=frozenset({1})))
    report = stage.stop()
    assert report.attempts >= 2
    assert bench.axes.rests_at(report.t_halted_ns)


@pytest.mark.parametrize(
    "faults",
    [
        FaultScript(alarm_at_s=((0.2, "FS"),)),
        FaultScript(alarm_at_s=((0.2, "FO"),)),
        FaultScript(limit_at_s=(0.2,)),
    ],
    ids=["stalled", "motor off", "limit"],
)
def test_an_alarm_waits_for_the_operator(bench, stage, faults) -> None:
    move = stage.sweep_z(500.0, 20.0)
    bench.server.inject(faults)
    with pytest.raises(Alarm):
        move.wait(PATIENCE_S)
    assert stage.state().phase is StagePhase.ALARM
    with pytest.raises(DeviceError):
        stage.move_to(z_um=950.0)
    assert bench.axes.rests_at(time.monotonic_ns())
    stage.unlock()
    eventually(lambda: stage.state().phase is StagePhase.IDLE)
    if not stage.state().referenced:
        stage.home().wait(PATIENCE_S)
    stage.move_to(z_um=950.0).wait(PATIENCE_S)
    assert bench.z_um == pytest.approx(950.0, abs=0.1)


def test_a_brown_out_in_mid_sweep_loses_the_reference(bench, stage) -> None:
    move = stage.sweep_z(500.0, 20.0)
    bench.server.inject(FaultScript(reset_at_s=(0.2,)))
    with pytest.raises(DeviceError):
        move.wait(PATIENCE_S)
    eventually(lambda: not stage.state().referenced)
    with pytest.raises(NotReferenced):
        stage.move_to(z_um=950.0)
    stage.home().wait(PATIENCE_S)
    stage.move_to(z_um=950.0).wait(PATIENCE_S)


@pytest.mark.parametrize(
    "faults",
    [FaultScript(drop_reply_every=29), FaultScript(cut_reply_every=37)],
    ids=["lost", "cut"],
)
def test_lost_or_cut_replies_are_asked_for_again(bench, stage, faults) -> None:
    bench.server.inject(faults)
    stage.sweep_z(980.0, 20.0).wait(PATIENCE_S)
    bench.server.inject(FaultScript())
    assert stage.position().z_um == pytest.approx(980.0, abs=0.1)


def test_an_axis_that_is_not_there_is_named(bench) -> None:
    settings = replace(bench.settings(), z=AxisSettings(um_per_unit=0.05, address="1 7"))
    stage = SerialStage(settings, ZaberDialect(settings))
    with pytest.raises(BadReply, match="axis 7"):
        stage.connect()


def test_the_microstep_has_to_be_known(bench) -> None:
    settings = bench.settings(z_unit_um=None)
    with pytest.raises(Rejected, match="um_per_unit"):
        SerialStage(settings, ZaberDialect(settings)).connect()
    settings = bench.settings(z_unit_um=1000.0)
    with pytest.raises(BadReply, match="microstep"):
        SerialStage(settings, ZaberDialect(settings)).connect()


@pytest.mark.parametrize("address", ["1", "0 1", "1 0", "a b", "1 1 1"])
def test_addresses_are_device_and_axis(address: str) -> None:
    with pytest.raises(ValueError, match="address of z"):
        ZaberDialect(StageSettings("COM3", z=AxisSettings(address=address)))


def test_axes_do_not_share_an_address() -> None:
    with pytest.raises(ValueError, match="share"):
        ZaberDialect(StageSettings("COM3", z=AxisSettings(address="1 2")))


def test_before_7_25_the_speed_is_a_setting_that_is_put_back(
    caplog: pytest.LogCaptureFixture, speed_of: Callable[[list[PositionSample]], float]
) -> None:
    caplog.set_level(logging.DEBUG, "drivers.line")
    old = Bench((ZaberDevice(("x", "y", "z"), firmware="7.20"),))
    with old.server, connected(old) as stage:
        usual = stage.caps.z.max_speed_um_per_s
        samples: list[PositionSample] = []
        stage.subscribe(samples.append)
        stage.sweep_z(970.0, 20.0).wait(PATIENCE_S)
        way = [s for s in samples if s.moving and 972 < s.z_um < 998]
        assert speed_of(way) == pytest.approx(-20.0, rel=0.1)
        eventually(lambda: len(re.findall("set maxspeed", caplog.text)) == 2)
        stage.connect()
        assert stage.caps.z.max_speed_um_per_s == usual
