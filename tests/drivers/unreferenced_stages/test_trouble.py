"""What ASI and Prior stages do alike when they are stopped or something fails in mid-sweep."""

from __future__ import annotations

import re
import threading
import time

import pytest

from drivers.errors import Alarm, ConnectionLost, DeviceError, MoveStopped
from drivers.simulated.faults import FaultScript
from drivers.stage import StagePhase

PATIENCE_S = 60.0


def test_stop_from_another_thread(bench, stage):
    move = bench.under_way(stage)
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


def test_a_lost_stop_is_sent_again(bench, stage):
    move = bench.under_way(stage)
    bench.inject(FaultScript(drop_stops=frozenset({1})))
    assert stage.stop().attempts >= 2
    assert move.done()
    assert bench.z_um < 650.0


def fails(move, expected):
    with pytest.raises(expected):
        move.wait(PATIENCE_S)


def test_a_pulled_cable_in_mid_sweep(bench, stage):
    move = bench.under_way(stage)
    bench.inject(FaultScript(close_at_s=0.0))
    fails(move, ConnectionLost)
    assert stage.state().phase is StagePhase.DISCONNECTED
    # What the controller was told last is bounded by itself.
    bench.inject(FaultScript())
    stage.connect()
    assert stage.state().phase is StagePhase.IDLE
    assert bench.z_um <= 700.0
    stage.move_to(z_um=520.0).wait(PATIENCE_S)


def test_a_restart_in_mid_sweep(bench, stage):
    stage.move_to(z_um=600.0).wait(PATIENCE_S)
    move = stage.sweep_z(700.0, 20.0)
    bench.until(lambda: stage.position().z_um > 605.0)
    bench.inject(FaultScript(reset_at_s=(0.0,)))
    with pytest.raises(DeviceError):
        move.wait(PATIENCE_S)
    bench.until(lambda: stage.state().phase is StagePhase.ALARM)
    assert "0,0,0" in (stage.state().alarm or "")
    with pytest.raises(DeviceError):
        stage.move_to(z_um=510.0)
    assert bench.rests


def test_silence_in_mid_sweep(bench, stage):
    move = bench.under_way(stage)
    bench.inject(FaultScript(silent_at_s=0.0))
    fails(move, ConnectionLost)
    bench.inject(FaultScript())
    stage.connect()
    stage.move_to(z_um=520.0).wait(PATIENCE_S)


def test_a_flood_of_garbage_in_mid_sweep(bench, stage):
    move = bench.under_way(stage)
    bench.inject(FaultScript(flood_at_s=((0.0, 0.5),)))
    try:
        move.wait(PATIENCE_S)
    except DeviceError:
        bench.inject(FaultScript())
        stage.connect()
    bench.until(lambda: not stage.position().moving)
    stage.move_to(z_um=520.0).wait(PATIENCE_S)
    assert stage.position().z_um == pytest.approx(520.0, abs=0.1)


@pytest.mark.parametrize(
    "faults",
    [FaultScript(drop_reply_every=17), FaultScript(cut_reply_every=29)],
    ids=["lost", "cut"],
)
def test_lost_or_cut_replies(bench, stage, faults):
    move = stage.sweep_z(560.0, 20.0)
    bench.inject(faults)
    move.wait(PATIENCE_S)
    bench.inject(FaultScript())
    assert stage.position().z_um == pytest.approx(560.0, abs=0.1)


def test_a_limit_switch_in_mid_sweep(bench, stage):
    move = bench.under_way(stage)
    bench.inject(FaultScript(limit_at_s=(0.0,)))
    with pytest.raises(DeviceError):
        move.wait(PATIENCE_S)
    bench.until(lambda: stage.state().phase is StagePhase.ALARM)
    assert re.search(bench.kind.switch, stage.state().alarm or "")
    with pytest.raises(Alarm):
        stage.move_to(z_um=510.0)
    stage.unlock()
    stage.move_to(z_um=510.0).wait(PATIENCE_S)
    assert stage.state().phase is StagePhase.IDLE
