"""What becomes of Zaber and TANGO stages when a controller or a line fails in mid-sweep."""

from __future__ import annotations

import sys

import pytest

from drivers.errors import (
    Alarm,
    ConnectionLost,
    DeviceError,
    NotReferenced,
)
from drivers.serial_stage.stage import SerialStage
from drivers.simulated.faults import FaultScript
from drivers.stage import StagePhase

PATIENCE_S = 60.0


def reconnects(bench, stage: SerialStage) -> None:
    """Without a restart, and with the position still known."""
    bench.inject(FaultScript())
    stage.connect()
    assert stage.state().phase is StagePhase.IDLE
    assert stage.state().referenced
    assert bench.rests
    stage.move_to(z_um=900.0).wait(PATIENCE_S)
    assert bench.z_um == pytest.approx(900.0, abs=0.1)


def test_a_pulled_cable_in_mid_sweep(bench, homed: SerialStage) -> None:
    move = bench.under_way(homed)
    bench.inject(FaultScript(close_at_s=0.0))
    with pytest.raises(ConnectionLost):
        move.wait(PATIENCE_S)
    assert homed.state().phase is StagePhase.DISCONNECTED
    reconnects(bench, homed)


def test_silence_in_mid_sweep(bench, homed: SerialStage) -> None:
    move = bench.under_way(homed, to_um=100.0)
    bench.inject(FaultScript(silent_at_s=0.0))
    with pytest.raises(ConnectionLost):
        move.wait(PATIENCE_S)
    # It still hears, and has been told to stop.
    bench.until(lambda: bench.rests)
    assert bench.z_um > 100.0
    reconnects(bench, homed)


def test_a_flood_of_garbage_in_mid_sweep(bench, homed: SerialStage) -> None:
    move = bench.under_way(homed, to_um=900.0)
    bench.inject(FaultScript(flood_at_s=((0.0, 0.7),)))
    try:
        move.wait(PATIENCE_S)
    except DeviceError:
        bench.until(lambda: bench.rests)
        assert bench.z_um >= 899.9
    reconnects(bench, homed)


@pytest.mark.parametrize(
    "faults",
    [FaultScript(drop_reply_every=13), FaultScript(cut_reply_every=17)],
    ids=["lost", "cut"],
)
def test_lost_or_cut_replies_do_not_end_a_sweep(
    bench, homed: SerialStage, faults: FaultScript
) -> None:
    move = bench.under_way(homed, to_um=930.0)
    bench.inject(faults)
    move.wait(PATIENCE_S)
    bench.inject(FaultScript())
    assert homed.position().z_um == pytest.approx(930.0, abs=0.1)


def test_a_restart_in_mid_sweep_loses_the_position(bench, homed: SerialStage) -> None:
    move = bench.under_way(homed)
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


def test_a_limit_switch_in_mid_sweep(bench, homed: SerialStage) -> None:
    move = bench.under_way(homed)
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


def test_an_alarm_in_mid_sweep_ends_it_until_it_is_cleared(bench, homed: SerialStage) -> None:
    move = bench.under_way(homed)
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
def test_the_same_through_what_looks_like_a_serial_port(kind: str, make_bench) -> None:
    from drivers.simulated.pty_line import PtyLine

    bench = make_bench(kind, PtyLine())
    with bench.server, bench.connected() as stage:
        stage.home().wait(PATIENCE_S)
        move = bench.under_way(stage)
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

        bench.until(plugged_in_again)
        stage.move_to(z_um=950.0).wait(PATIENCE_S)
        assert bench.z_um == pytest.approx(950.0, abs=0.1)
