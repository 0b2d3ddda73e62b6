"""What Zaber and TANGO stages share: real time, motion and sockets."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from drivers.errors import (
    BadReply,
    ConnectionLost,
    DeviceError,
    LimitExceeded,
    MoveStopped,
    NotReferenced,
)
from drivers.serial_stage.stage import SerialStage
from drivers.simulated.faults import FaultScript
from drivers.simulated.grbl_controller import GrblController
from drivers.simulated.motion import StageMotion, Tremor
from drivers.simulated.served_controller import ServedController
from drivers.simulated.settings import SimulationSettings
from drivers.stage import Move, PositionSample, StagePhase

PATIENCE_S = 60.0
START_UM = (400.0, 400.0, 950.0)
Z_SPEED, Z_ACCELERATION = 2000.0, 20_000.0


def test_it_connects_and_moves_nothing(bench, stage: SerialStage) -> None:
    assert bench.kind.name in stage.name
    assert stage.state().phase is StagePhase.IDLE
    assert not stage.state().referenced
    with pytest.raises(NotReferenced):
        stage.move_to(z_um=900.0)
    assert bench.place_um == START_UM
    z = stage.caps.z
    assert z.max_speed_um_per_s == pytest.approx(Z_SPEED, rel=1e-3)
    assert z.acceleration_um_per_s2 == pytest.approx(Z_ACCELERATION, rel=0.05)
    assert z.resolution_um <= 0.1


@pytest.mark.parametrize("kind", ["zaber chain", "zaber device", "tango"])
def test_another_controller_is_refused_and_quoted(kind: str, kinds) -> None:
    simulation = SimulationSettings(latency_ms=2.0, jitter_ms=0.5)
    x, y, z = simulation.travel_um
    motion = StageMotion(START_UM, (0, 0, 0), ((0, x), (0, y), (0, z)), Tremor(0.0, 1))
    with ServedController(GrblController(motion, simulation)) as server:
        stage = kinds[kind].stage(server.url)
        with pytest.raises(BadReply, match=r"Grbl|error:"):
            stage.connect()
        assert stage.state().phase is StagePhase.DISCONNECTED


@pytest.mark.parametrize(
    ("speaker", "answerer"), [("zaber chain", "tango"), ("tango", "zaber chain")]
)
def test_a_controller_that_does_not_understand_is_refused(
    speaker: str, answerer: str, kinds, make_bench
) -> None:
    bench = make_bench(answerer)
    with bench.server:
        with pytest.raises((BadReply, ConnectionLost)):
            kinds[speaker].stage(bench.server.url).connect()
        assert bench.place_um == START_UM


def test_homing_moves_and_limits(bench, homed: SerialStage) -> None:
    assert homed.state().referenced
    homed.move_to(x_um=1500.0, y_um=900.0, z_um=930.0).wait(PATIENCE_S)
    truth = bench.place_um
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
    bench, homed: SerialStage, speed: float, speed_of
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
    assert -speed_of(steady) == pytest.approx(speed, rel=0.05)


def test_stop_from_another_thread(bench, homed: SerialStage) -> None:
    move = bench.under_way(homed)
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


def test_a_lost_stop_is_sent_again(bench, homed: SerialStage) -> None:
    move = bench.under_way(homed)
    bench.inject(FaultScript(drop_stops=frozenset({1})))
    assert homed.stop().attempts >= 2
    assert move.done()
    assert bench.rests
    assert bench.z_um > 500.0


def test_stop_while_homing(bench, stage: SerialStage) -> None:
    move = stage.home()
    bench.until(lambda: not bench.rests)
    stage.stop()
    with pytest.raises(MoveStopped):
        move.wait(PATIENCE_S)
    assert bench.rests
    with pytest.raises(NotReferenced):
        stage.move_to(z_um=900.0)
    stage.home().wait(PATIENCE_S)
    assert stage.state().referenced


def test_a_homing_that_finds_nothing(bench, stage: SerialStage) -> None:
    bench.inject(FaultScript(homing_fails=True))
    with pytest.raises(DeviceError):
        stage.home().wait(PATIENCE_S)
    assert not stage.state().referenced
