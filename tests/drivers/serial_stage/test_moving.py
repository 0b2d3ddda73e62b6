"""SerialStage within its limits, and only as it was asked to."""

from __future__ import annotations

import itertools

import pytest

from drivers.errors import LimitExceeded, MoveStopped, NotReferenced, Rejected, ReplyTimeout
from drivers.serial_stage.stage import SerialStage
from drivers.stage import PositionSample, StagePhase

PATIENCE_S = 20.0


def test_moves_arrive(stage: SerialStage) -> None:
    stage.move_to(x_um=130, z_um=140, speed_um_per_s=500).wait(PATIENCE_S)
    place = stage.position()
    assert (place.x_um, place.y_um, place.z_um) == (130, 100, 140)
    assert stage.state().phase is StagePhase.IDLE


@pytest.mark.parametrize(
    "wish", [{"z_um": 1001}, {"x_um": -1}, {"z_um": 5, "speed_um_per_s": 3000}]
)
def test_nothing_is_sent_beyond_the_limits(
    peer, stage: SerialStage, wish: dict[str, float]
) -> None:
    with pytest.raises(LimitExceeded):
        stage.move_to(**wish)
    assert not [request for request in peer.requests if request[0] in "GS"]


def test_an_unreferenced_stage_is_not_moved_until_homed(peer, stage: SerialStage) -> None:
    peer.referenced = False
    peer.until(lambda: not stage.state().referenced)
    with pytest.raises(NotReferenced, match="Home the stage"):
        stage.sweep_z(200, 50)
    home = stage.home()
    assert stage.state().phase is StagePhase.HOMING
    home.wait(PATIENCE_S)
    assert stage.state().referenced
    stage.sweep_z(20, 100).wait(PATIENCE_S)


def test_positions_are_told_while_moving(stage: SerialStage) -> None:
    samples: list[PositionSample] = []
    end = stage.subscribe(samples.append)
    stage.sweep_z(300, 80).wait(PATIENCE_S)
    end()
    moving = [sample for sample in samples if sample.moving]
    assert len(moving) > 5
    assert all(a.z_um <= b.z_um for a, b in itertools.pairwise(moving))
    assert all(sample.t_asked_ns <= sample.t_answered_ns for sample in samples)


def test_a_sweep_at_another_speed_is_refused_and_stopped(peer, stage: SerialStage) -> None:
    peer.fastest = 40.0
    with pytest.raises(Rejected, match="reads back 40"):
        stage.sweep_z(900, 50)
    assert not peer.moving
    assert stage.state().phase is StagePhase.IDLE
    stage.sweep_z(110, 40).wait(PATIENCE_S)


def test_a_second_motion_is_refused(peer, stage: SerialStage) -> None:
    peer.under_way(stage)
    with pytest.raises(Rejected, match="moving"):
        stage.move_to(x_um=5)


def test_a_refused_move_is_reported_and_stopped(peer, stage: SerialStage) -> None:
    peer.refuse = "G"
    with pytest.raises(Rejected, match="E 5"):
        stage.move_to(z_um=300)
    assert peer.stops.startswith(b"!")
    assert stage.state().phase is StagePhase.IDLE


def test_a_wait_that_lasts_too_long_stops(peer, stage: SerialStage) -> None:
    move = peer.under_way(stage)
    with pytest.raises(ReplyTimeout, match="has been stopped"):
        move.wait(0.05)
    assert not peer.moving


def test_a_move_that_ends_early_is_no_arrival(peer, stage: SerialStage) -> None:
    move = peer.under_way(stage)
    peer.halt()
    with pytest.raises(MoveStopped, match="the controller ended it"):
        move.wait(PATIENCE_S)
