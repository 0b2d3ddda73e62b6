"""What ASI and Prior stages do alike when all goes well, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.errors import BadReply, LimitExceeded
from drivers.serial_stage.stage import SerialStage

PATIENCE_S = 60.0


def test_another_driver_is_refused_and_moves_nothing(bench):
    wanted = replace(bench.settings, connect_timeout_s=1.0)
    stranger = SerialStage(wanted, bench.kind.stranger(wanted))
    with pytest.raises(BadReply, match=bench.kind.refusal):
        stranger.connect()
    assert bench.z_um == 500.0


def test_moves_and_limits(stage):
    stage.move_to(x_um=20_100.0, y_um=9_950.0).wait(PATIENCE_S)
    stage.move_to(z_um=520.0).wait(PATIENCE_S)
    stage.move_to(x_um=20_050.0, z_um=510.0, speed_um_per_s=300.0).wait(PATIENCE_S)
    here = stage.position()
    assert (here.x_um, here.y_um) == pytest.approx((20_050.0, 9_950.0), abs=1.0)
    assert here.z_um == pytest.approx(510.0, abs=0.1)
    for wish in ({"z_um": 800.5}, {"x_um": 0.0}, {"z_um": 510.0, "speed_um_per_s": 1e6}):
        with pytest.raises(LimitExceeded):
            stage.move_to(**wish)


def test_homing_leaves_z_alone(bench, stage):
    stage.home().wait(PATIENCE_S)
    assert bench.z_um == 500.0
    assert bench.place_um[:2] != (20_000.0, 10_000.0)
    assert stage.state().alarm is None
