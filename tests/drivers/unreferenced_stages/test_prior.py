"""What is peculiar to Prior's ProScan: speeds in percent, and when it says that a move ended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.errors import Rejected
from drivers.prior import PriorDialect
from drivers.serial_stage.settings import AxisSettings
from drivers.serial_stage.stage import SerialStage
from drivers.stage import PositionSample, StagePhase

PATIENCE_S = 60.0
only = pytest.mark.parametrize("bench", ["prior"], indirect=True)


@only
def test_it_connects_and_says_what_it_found_without_moving(bench, stage):
    assert "Prior ProScan 2.70" in stage.name
    assert stage.state().phase is StagePhase.IDLE
    assert stage.state().referenced
    here = stage.position()
    assert (here.x_um, here.y_um, here.z_um) == (20_000.0, 10_000.0, 500.0)
    assert bench.rests
    assert stage.caps.z.min_speed_um_per_s == 5.0
    assert stage.caps.z.resolution_um == 0.1


@only
def test_nothing_connects_without_limits(bench):
    wanted = replace(bench.settings, z=AxisSettings(lower_um=0.0))
    stage = SerialStage(wanted, PriorDialect(wanted))
    with pytest.raises(Rejected, match="limits of z"):
        stage.connect()
    assert stage.state().phase is StagePhase.DISCONNECTED


@pytest.mark.parametrize("bench", ["prior", "late prior"], indirect=True)
def test_a_sweep_is_read_while_it_runs_whenever_r_comes(bench, stage, speed_of):
    samples: list[PositionSample] = []
    stage.subscribe(samples.append)
    stage.sweep_z(540.0, 20.0).wait(PATIENCE_S)
    up = [s for s in samples if s.moving and 505 < s.z_um < 535]
    assert len(up) >= 5
    assert speed_of(up) == pytest.approx(20.0, rel=0.1)
    # The end of the first move may be told while the next one runs.
    stage.sweep_z(520.0, 20.0).wait(PATIENCE_S)
    assert stage.position().z_um == pytest.approx(520.0, abs=0.1)


@only
def test_a_speed_between_two_percentages_is_refused_with_the_one_that_fits(bench, stage):
    with pytest.raises(Rejected, match="Sweep at 20 µm/s"):
        stage.sweep_z(540.0, 22.0)
    assert stage.state().phase is StagePhase.IDLE


@pytest.mark.parametrize("bench", ["prior of unknown speed"], indirect=True)
def test_the_full_speed_is_measured_where_nobody_knows_it(bench, stage, speed_of):
    # 10 % of the assumed 1000 µm/s are 50 µm/s on this drive.
    with pytest.raises(Rejected, match=r"Sweep at (4\d|5\d)(\.\d+)? µm/s"):
        stage.sweep_z(700.0, 100.0)
    start_um = bench.z_um
    samples: list[PositionSample] = []
    stage.subscribe(samples.append)
    stage.move_to(z_um=start_um + 100.0, speed_um_per_s=50.0).wait(PATIENCE_S)
    way = [s for s in samples if s.moving and 10 < s.z_um - start_um < 90]
    assert speed_of(way) == pytest.approx(50.0, rel=0.25)


@only
def test_homing_goes_to_the_corner_that_is_its_zero(bench, stage):
    stage.home().wait(PATIENCE_S)
    assert bench.place_um == (0.0, 0.0, 500.0)
