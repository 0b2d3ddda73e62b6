"""What every stage on a request-and-reply controller keeps to: real time, motion and sockets."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pytest

from drivers.errors import (
    Alarm,
    BadReply,
    ConnectionLost,
    DeviceError,
    LimitExceeded,
    MoveStopped,
    NotReferenced,
)
from drivers.serial_stage.dialect import Dialect
from drivers.serial_stage.settings import AxisSettings, StageSettings
from drivers.serial_stage.stage import SerialStage
from drivers.simulated.faults import FaultScript
from drivers.simulated.grbl_controller import GrblController
from drivers.simulated.motion import StageMotion, Tremor
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.served_controller import EmulatedController, ServedController
from drivers.simulated.served_line import ServedLine
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.tango_controller import TangoController
from drivers.simulated.zaber_controller import ZaberController
from drivers.simulated.zaber_device import ZaberDevice
from drivers.stage import Move, PositionSample, StagePhase
from drivers.tango import TangoDialect
from drivers.zaber import ZaberDialect

PATIENCE_S = 60.0
SIMULATION = SimulationSettings(
    latency_ms=2.0,
    jitter_ms=0.5,
    tremor_um=0.0,
    backlash_um=(0.0, 0.0, 0.0),
    start_um=(400.0, 400.0, 950.0),
    max_speed_um_per_s=(20_000.0, 20_000.0, 2000.0),
    acceleration_um_per_s2=(200_000.0, 200_000.0, 20_000.0),
)
Z_SPEED, Z_ACCELERATION = 2000.0, 20_000.0


@dataclass(frozen=True)
class Kind:
    """One kind of controller, and how its axes lie."""

    emulate: Callable[[SeparateAxes], EmulatedController]
    speak: Callable[[StageSettings], Dialect]
    axes: tuple[AxisSettings, AxisSettings, AxisSettings]
    alarm: int | str
    name: str

    def settings(self, url: str) -> StageSettings:
        x, y, z = self.axes
        return StageSettings(url, x=x, y=y, z=z, poll_hz=50.0, connect_timeout_s=2.0)


def zaber(chain: tuple[ZaberDevice, ...], addresses: tuple[str, str, str]) -> Kind:
    x, y, z = addresses
    return Kind(
        lambda axes: ZaberController(axes, SIMULATION, chain),
        ZaberDialect,
        (
            AxisSettings(1.0, address=x),
            AxisSettings(1.0, address=y),
            AxisSettings(0.05, direction=-1, offset_um=1000.0, address=z),
        ),
        "FV",
        "Zaber",
    )


KINDS = {
    "zaber chain": zaber(
        (ZaberDevice(("x",)), ZaberDevice(("y",)), ZaberDevice(("z",))), ("1 1", "2 1", "3 1")
    ),
    "zaber device": zaber((ZaberDevice(("x", "y", "z")),), ("", "", "")),
    "tango": Kind(
        lambda axes: TangoController(axes, SIMULATION),
        TangoDialect,
        (
            AxisSettings(offset_um=10.0, lower_um=10.0, upper_um=39_900.0),
            AxisSettings(offset_um=10.0, lower_um=10.0, upper_um=19_900.0),
            AxisSettings(direction=-1, offset_um=990.0, lower_um=10.0, upper_um=990.0),
        ),
        27,
        "TANGO",
    ),
}


class Bench:
    """An emulated controller and the axes that it really moves."""

    def __init__(self, kind: Kind, line: ServedLine | None = None) -> None:
        self.kind = kind
        self.axes = SeparateAxes(SIMULATION)
        self.server = ServedController(kind.emulate(self.axes), line=line)

    @property
    def z_um(self) -> float:
        return self.axes.position_at(time.monotonic_ns())[2]

    @property
    def rests(self) -> bool:
        return self.axes.rests_at(time.monotonic_ns())

    def inject(self, faults: FaultScript) -> None:
        self.server.inject(faults)

    @contextmanager
    def connected(self) -> Iterator[SerialStage]:
        settings = self.kind.settings(self.server.url)
        stage = SerialStage(settings, self.kind.speak(settings))
        stage.connect()
        try:
            yield stage
        finally:
            stage.close()


def eventually(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never happened"
        time.sleep(0.005)


@pytest.fixture(params=["zaber chain", "tango"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    bench = Bench(KINDS[request.param])
    with bench.server:
        yield bench


@pytest.fixture
def stage(bench: Bench) -> Iterator[SerialStage]:
    with bench.connected() as stage:
        yield stage


@pytest.fixture
def homed(stage: SerialStage) -> SerialStage:
    stage.home().wait(PATIENCE_S)
    return stage


def under_way(bench: Bench, stage: SerialStage, to_um: float = 500.0) -> Move:
    start_um = bench.z_um
    move = stage.sweep_z(to_um, 40.0)
    eventually(lambda: bench.z_um < start_um - 2.0)
    return move


def test_it_connects_and_moves_nothing(bench: Bench, stage: SerialStage) -> None:
    assert bench.kind.name in stage.name
    assert stage.state().phase is StagePhase.IDLE
    assert not stage.state().referenced
    with pytest.raises(NotReferenced):
        stage.move_to(z_um=900.0)
    assert bench.axes.position_at(time.monotonic_ns()) == SIMULATION.start_um
    z = stage.caps.z
    assert z.max_speed_um_per_s == pytest.approx(Z_SPEED, rel=1e-3)
    assert z.acceleration_um_per_s2 == pytest.approx(Z_ACCELERATION, rel=0.05)
    assert z.resolution_um <= 0.1


@pytest.mark.parametrize("kind", list(KINDS))
def test_another_controller_is_refused_and_quoted(kind: str) -> None:
    x, y, z = SIMULATION.travel_um
    motion = StageMotion(SIMULATION.start_um, (0, 0, 0), ((0, x), (0, y), (0, z)), Tremor(0.0, 1))
    with ServedController(GrblController(motion, SIMULATION)) as server:
        settings = KINDS[kind].settings(server.url)
        stage = SerialStage(settings, KINDS[kind].speak(settings))
        with pytest.raises(BadReply, match=r"Grbl|error:"):
            stage.connect()
        assert stage.state().phase is StagePhase.DISCONNECTED


@pytest.mark.parametrize(
    ("speaker", "answerer"), [("zaber chain", "tango"), ("tango", "zaber chain")]
)
def test_a_controller_that_does_not_understand_is_refused(speaker: str, answerer: str) -> None:
    bench = Bench(KINDS[answerer])
    with bench.server:
        settings = KINDS[speaker].settings(bench.server.url)
        with pytest.raises((BadReply, ConnectionLost)):
            SerialStage(settings, KINDS[speaker].speak(settings)).connect()
        assert bench.axes.position_at(time.monotonic_ns()) == SIMULATION.start_um


def test_homing_moves_and_limits(bench: Bench, homed: SerialStage) -> None:
    assert homed.state().referenced
    homed.move_to(x_um=1500.0, y_um=900.0, z_um=930.0).wait(PATIENCE_S)
    truth = bench.axes.position_at(time.monotonic_ns())
    assert truth == pytest.approx((1500.0, 900.0, 930.0), abs=0.6)
    here = homed.position()
    assert (here.x_um, here.y_um, here.z_um) == pytest.approx(truth, abs=0.6)
    assert homed.state().phase is StagePhase.IDLE
    wishes: list[Callable[[], Move]] = [
        lambda: homed.move_to(z_um=-0.5),
        lambda: homed.move_to(z_um=1000.5),
        lambda: homed.move_to(x_um=-5.0),
        lambda: homed.sweep_z(900.0, 1e4),
        lambda: homed.sweep_z(900.0, 1e-6),
    ]
    for wish in wishes:
        with pytest.raises(LimitExceeded):
            wish()
    assert bench.rests


@pytest.mark.parametrize("speed", [8.0, 60.0])
def test_a_sweep_says_where_it_is_while_it_moves(
    bench: Bench, homed: SerialStage, speed: float
) -> None:
    homed.move_to(z_um=960.0).wait(PATIENCE_S)
    samples: list[PositionSample] = []
    end = homed.subscribe(samples.append)
    homed.sweep_z(960.0 - 2 * speed, speed).wait(PATIENCE_S)
    end()
    assert homed.position().z_um == pytest.approx(960.0 - 2 * speed, abs=0.1)
    steady = [s for s in samples if s.moving and 0.1 < (960.0 - s.z_um) / speed < 1.9]
    assert len(steady) >= 5
    resolution_um = homed.caps.z.resolution_um
    for sample in steady:
        early, late = (
            bench.axes.position_at(t)[2] for t in (sample.t_asked_ns, sample.t_answered_ns)
        )
        assert late - resolution_um <= sample.z_um <= early + resolution_um
    t_s = (np.array([s.t_ns for s in steady]) - steady[0].t_ns) / 1e9
    slope = np.polyfit(t_s, [s.z_um for s in steady], 1)[0]
    assert -slope == pytest.approx(speed, rel=0.05)


def test_stop_from_another_thread(bench: Bench, homed: SerialStage) -> None:
    move = under_way(bench, homed)
    threads = [threading.Thread(target=homed.stop) for _ in range(3)]
    for thread in threads:
        thread.start()
    with pytest.raises(MoveStopped):
        move.wait(PATIENCE_S)
    for thread in threads:
        thread.join()
    halted_um = bench.z_um
    assert bench.rests
    assert halted_um > 500.0
    assert homed.position().z_um == pytest.approx(halted_um, abs=0.1)
    assert homed.state().referenced
    homed.move_to(z_um=900.0).wait(PATIENCE_S)


def test_a_lost_stop_is_sent_again(bench: Bench, homed: SerialStage) -> None:
    move = under_way(bench, homed)
    bench.inject(FaultScript(drop_stops=frozenset({1})))
    assert homed.stop().attempts >= 2
    assert move.done()
    assert bench.rests
    assert bench.z_um > 500.0


def test_stop_while_homing(bench: Bench, stage: SerialStage) -> None:
    move = stage.home()
    eventually(lambda: not bench.rests)
    stage.stop()
    with pytest.raises(MoveStopped):
        move.wait(PATIENCE_S)
    assert bench.rests
    with pytest.raises(NotReferenced):
        stage.move_to(z_um=900.0)
    stage.home().wait(PATIENCE_S)
    assert stage.state().referenced


def test_a_homing_that_finds_nothing(bench: Bench, stage: SerialStage) -> None:
    bench.inject(FaultScript(homing_fails=True))
    with pytest.raises(DeviceError):
        stage.home().wait(PATIENCE_S)
    assert not stage.state().referenced


def reconnects(bench: Bench, stage: SerialStage) -> None:
    """Without a restart, and with the position still known."""
    bench.inject(FaultScript())
    stage.connect()
    assert stage.state().phase is StagePhase.IDLE
    assert stage.state().referenced
    assert bench.rests
    stage.move_to(z_um=900.0).wait(PATIENCE_S)
    assert bench.z_um == pytest.approx(900.0, abs=0.1)


def test_a_pulled_cable_in_mid_sweep(bench: Bench, homed: SerialStage) -> None:
    move = under_way(bench, homed)
    bench.inject(FaultScript(close_at_s=0.0))
    with pytest.raises(ConnectionLost):
        move.wait(PATIENCE_S)
    assert homed.state().phase is StagePhase.DISCONNECTED
    reconnects(bench, homed)


def test_silence_in_mid_sweep(bench: Bench, homed: SerialStage) -> None:
    move = under_way(bench, homed, to_um=100.0)
    bench.inject(FaultScript(silent_at_s=0.0))
    with pytest.raises(ConnectionLost):
        move.wait(PATIENCE_S)
    # It still hears, and has been told to stop.
    eventually(lambda: bench.rests)
    assert bench.z_um > 100.0
    reconnects(bench, homed)


def test_a_flood_of_garbage_in_mid_sweep(bench: Bench, homed: SerialStage) -> None:
    move = under_way(bench, homed, to_um=900.0)
    bench.inject(FaultScript(flood_at_s=((0.0, 0.7),)))
    try:
        move.wait(PATIENCE_S)
    except DeviceError:
        eventually(lambda: bench.rests)
        assert bench.z_um >= 899.9
    reconnects(bench, homed)


def test_lost_and_cut_replies_do_not_end_a_sweep(bench: Bench, homed: SerialStage) -> None:
    move = under_way(bench, homed, to_um=930.0)
    bench.inject(FaultScript(drop_reply_every=13, cut_reply_every=17))
    move.wait(PATIENCE_S)
    bench.inject(FaultScript())
    assert homed.position().z_um == pytest.approx(930.0, abs=0.1)


def test_a_restart_in_mid_sweep_loses_the_position(bench: Bench, homed: SerialStage) -> None:
    move = under_way(bench, homed)
    bench.inject(FaultScript(reset_at_s=(0.0,)))
    with pytest.raises(DeviceError):
        move.wait(PATIENCE_S)
    assert bench.rests
    assert not homed.state().referenced
    with pytest.raises((NotReferenced, Alarm)):
        homed.move_to(z_um=900.0)
    homed.close()
    homed.connect()
    homed.home().wait(PATIENCE_S)
    homed.move_to(z_um=900.0).wait(PATIENCE_S)
    assert bench.z_um == pytest.approx(900.0, abs=0.1)


def test_a_limit_switch_in_mid_sweep(bench: Bench, homed: SerialStage) -> None:
    move = under_way(bench, homed)
    bench.inject(FaultScript(limit_at_s=(0.0,)))
    with pytest.raises(Alarm):
        move.wait(PATIENCE_S)
    assert bench.rests
    assert homed.state().phase is StagePhase.ALARM
    with pytest.raises(Alarm):
        homed.move_to(z_um=900.0)
    homed.unlock()
    homed.home().wait(PATIENCE_S)
    homed.move_to(z_um=900.0).wait(PATIENCE_S)


def test_an_alarm_in_mid_sweep_ends_it_until_it_is_cleared(
    bench: Bench, homed: SerialStage
) -> None:
    move = under_way(bench, homed)
    bench.inject(FaultScript(alarm_at_s=((0.0, bench.kind.alarm),)))
    with pytest.raises(DeviceError):
        move.wait(PATIENCE_S)
    assert bench.rests
    assert homed.state().phase is StagePhase.ALARM
    assert str(bench.kind.alarm) in (homed.state().alarm or "")
    with pytest.raises(Alarm):
        homed.move_to(z_um=900.0)
    homed.unlock()
    homed.move_to(z_um=900.0).wait(PATIENCE_S)
    assert bench.z_um == pytest.approx(900.0, abs=0.1)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a pty")
@pytest.mark.parametrize("kind", ["zaber device", "tango"])
def test_the_same_through_what_looks_like_a_serial_port(kind: str) -> None:
    from drivers.simulated.pty_line import PtyLine

    bench = Bench(KINDS[kind], PtyLine())
    with bench.server, bench.connected() as stage:
        stage.home().wait(PATIENCE_S)
        move = under_way(bench, stage)
        bench.inject(FaultScript(close_at_s=0.0))
        with pytest.raises(ConnectionLost):
            move.wait(PATIENCE_S)
        bench.inject(FaultScript())

        def plugged_in_again() -> bool:
            try:
                stage.connect()
            except ConnectionLost:
                return False
            return True

        eventually(plugged_in_again)
        stage.move_to(z_um=950.0).wait(PATIENCE_S)
        assert bench.z_um == pytest.approx(950.0, abs=0.1)
