"""What is peculiar to ASI's MS-2000 and Tiger: limits, anti-backlash, motors switched off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.asi import AsiDialect
from drivers.errors import DeviceError, Rejected
from drivers.serial_stage.settings import AxisSettings
from drivers.serial_stage.stage import SerialStage
from drivers.simulated.faults import FaultScript
from drivers.stage import PositionSample, StagePhase

PATIENCE_S = 60.0
only = pytest.mark.parametrize("bench", ["asi"], indirect=True)


@pytest.mark.parametrize(
    ("bench", "version"), [("asi", "USB-9.2m"), ("tiger", "v3.35")], indirect=["bench"]
)
def test_it_connects_and_says_what_it_found_without_moving(bench, stage, version):
    assert f"ASI {version}" in stage.name
    assert stage.state().phase is StagePhase.IDLE
    here = stage.position()
    assert (here.x_um, here.y_um, here.z_um) == (20_000.0, 10_000.0, 500.0)
    assert bench.rests
    assert not bench.heard("M ")
    assert stage.caps.z.max_speed_um_per_s == pytest.approx(500.0)
    assert stage.caps.z.acceleration_um_per_s2 == pytest.approx(5000.0)
    # The trial of speeds has left nothing behind.
    assert bench.heard("S ")[-1].startswith("S X=13.4")


@only
def test_the_default_limits_of_the_firmware_are_none(bench):
    wanted = replace(bench.settings, z=AxisSettings(lower_um=0.0))
    stage = SerialStage(wanted, AsiDialect(wanted))
    with pytest.raises(Rejected, match="its defaults"):
        stage.connect()
    assert stage.state().phase is StagePhase.DISCONNECTED


@only
def test_a_sweep_is_read_while_it_runs_and_never_goes_past_its_target(bench, stage, speed_of):
    samples: list[PositionSample] = []
    stage.subscribe(samples.append)
    stage.sweep_z(540.0, 13.7).wait(PATIENCE_S)
    way = [s for s in samples if s.moving and 505 < s.z_um < 535]
    assert len(way) >= 5
    assert speed_of(way) == pytest.approx(13.7, rel=0.1)
    assert max(s.z_um for s in samples) <= 540.1
    # The controller's own anti-backlash would have come from below, after the run.
    assert bench.heard("B Z=")[0] == "B Z=0.000000"
    bench.until(lambda: bench.heard("B Z=")[-1] == "B Z=0.010000")


@only
def test_a_broken_sweep_leaves_the_anti_backlash_as_it_was(bench, stage):
    bench.under_way(stage)
    stage.stop()
    bench.until(lambda: bench.heard("B Z=")[-1] == "B Z=0.010000")


@only
def test_a_motor_that_was_switched_off_is_an_alarm(bench, stage):
    move = bench.under_way(stage)
    bench.inject(FaultScript(alarm_at_s=((0.0, 30),)))
    with pytest.raises(DeviceError):
        move.wait(PATIENCE_S)
    bench.until(lambda: stage.state().phase is StagePhase.ALARM)
    assert "disabled" in (stage.state().alarm or "")
    bench.inject(FaultScript())
    stage.unlock()
    stage.move_to(z_um=510.0).wait(PATIENCE_S)
