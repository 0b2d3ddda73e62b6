"""GrblStage homes, moves and reads positions."""

from __future__ import annotations

import itertools
import time

import pytest

from drivers.errors import Alarm, LimitExceeded, MoveStopped, NotReferenced, Rejected, ReplyTimeout
from drivers.grbl import GrblStage
from drivers.grbl_axes import GrblSettings
from drivers.stage import PositionSample, StagePhase

PATIENCE_S = 20.0
BANNER = "Grbl 1.1h ['$' for help]"


def test_homing_ends_with_a_known_position(peer, stage: GrblStage) -> None:
    move = stage.home()
    peer.until(lambda: "$H" in peer.lines)
    assert stage.state().phase is StagePhase.HOMING
    assert not move.done()
    peer.finish_homing()
    move.wait(PATIENCE_S)
    state = stage.state()
    assert (state.phase, state.referenced) == (StagePhase.IDLE, True)
    assert state.position is not None
    assert state.position.x_um == -1000


def test_a_homing_without_answers_to_questions_is_no_loss(peer, stage: GrblStage) -> None:
    move = stage.home()
    peer.until(lambda: "$H" in peer.lines)
    peer.silent = True
    time.sleep(2.5)  # longer than three questions are waited for
    assert stage.state().phase is StagePhase.HOMING
    peer.silent = False
    peer.finish_homing()
    move.wait(PATIENCE_S)


def test_a_homing_that_finds_no_switch(peer, stage: GrblStage) -> None:
    move = stage.home()
    peer.until(lambda: "$H" in peer.lines)
    peer.state = "Alarm"
    peer.say("ALARM:9", BANNER)
    with pytest.raises(Alarm, match=r"ALARM:9 .*no limit switch"):
        move.wait(PATIENCE_S)
    assert stage.state().phase is StagePhase.ALARM
    assert not stage.state().referenced


def test_homing_switched_off_is_refused(peer) -> None:
    peer.settings[22] = 0
    stage = GrblStage(GrblSettings(peer.url))
    stage.connect()
    with pytest.raises(Rejected, match=r"\$22"):
        stage.home()
    stage.close()


def test_nothing_moves_before_homing(peer, stage: GrblStage) -> None:
    with pytest.raises(NotReferenced):
        stage.move_to(z_um=-5000)
    with pytest.raises(NotReferenced):
        stage.sweep_z(-5000, 100)
    assert not any(line.startswith("$J") for line in peer.lines)


def test_a_move_ends_at_its_target(peer, homed: GrblStage) -> None:
    move = homed.move_to(x_um=-2000, z_um=-3000)
    assert peer.lines[-1].startswith("$J=G53 G21 G90 X-2.0000 Z-3.0000 F")
    peer.until(lambda: homed.state().phase is StagePhase.MOVING)
    peer.arrive(0.5)
    assert not move.done()
    peer.arrive()
    move.wait(PATIENCE_S)
    assert homed.state().phase is StagePhase.IDLE
    assert homed.position().z_um == -3000


def test_a_way_of_no_length_ends_at_once(peer, homed: GrblStage) -> None:
    move = homed.move_to(z_um=-1000)
    peer.arrive()
    move.wait(PATIENCE_S)


def test_only_one_motion_at_a_time(peer, homed: GrblStage) -> None:
    peer.under_way(homed)
    for attempt in (homed.home, lambda: homed.move_to(x_um=-5000), homed.unlock):
        with pytest.raises(Rejected, match="the stage is moving"):
            attempt()


def test_limits_are_kept_without_asking_the_controller(peer, homed: GrblStage) -> None:
    before = len(peer.lines)
    with pytest.raises(LimitExceeded):
        homed.move_to(z_um=1)
    with pytest.raises(LimitExceeded):
        homed.sweep_z(-5000, 16.0)
    with pytest.raises(LimitExceeded):
        homed.sweep_z(-30_001, 100)
    assert len(peer.lines) == before


def test_a_refusal_is_quoted_with_its_meaning(peer, homed: GrblStage) -> None:
    peer.answers["$J=G53 G21 G90 Z-5.0000 F6.000"] = ["error:15"]
    with pytest.raises(Rejected, match=r"error:15 .*beyond the controller's travel"):
        homed.sweep_z(-5000, 100)
    assert homed.state().phase is StagePhase.IDLE


def test_a_line_without_an_answer_stops_the_stage(peer, homed: GrblStage) -> None:
    peer.answers["$J=G53 G21 G90 Z-5.0000 F6.000"] = []
    with pytest.raises(ReplyTimeout, match="no answer"):
        homed.sweep_z(-5000, 100)
    peer.until(lambda: b"\x85" in peer.bytes)


def test_a_move_that_takes_too_long_is_stopped(peer, homed: GrblStage) -> None:
    move = peer.under_way(homed)
    with pytest.raises(ReplyTimeout, match="has been stopped"):
        move.wait(0.2)
    assert peer.state == "Idle"


def test_a_move_ended_by_the_controller_has_not_arrived(peer, homed: GrblStage) -> None:
    move = peer.under_way(homed)
    peer.state = "Idle"
    with pytest.raises(MoveStopped, match="the controller ended it"):
        move.wait(PATIENCE_S)


def test_positions_are_told_with_the_times_of_asking_and_answer(peer, homed: GrblStage) -> None:
    samples: list[PositionSample] = []
    end = homed.subscribe(samples.append)
    peer.under_way(homed)
    peer.until(lambda: sum(sample.moving for sample in samples) > 5)
    end()
    for before, after in itertools.pairwise(samples):
        assert before.t_asked_ns < before.t_answered_ns <= after.t_asked_ns


def test_a_failing_listener_does_not_end_the_watch(peer, homed: GrblStage) -> None:
    samples: list[PositionSample] = []

    def fail(_: PositionSample) -> None:
        raise RuntimeError("a listener's own fault")

    homed.subscribe(fail)
    homed.subscribe(samples.append)
    peer.until(lambda: len(samples) > 3)
