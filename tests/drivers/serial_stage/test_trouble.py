"""SerialStage with a controller or a line that fails: told, stopped, and got over."""

from __future__ import annotations

import time

import pytest

from drivers.errors import Alarm, ConnectionLost, NotReferenced
from drivers.serial_stage.stage import SerialStage
from drivers.stage import PositionSample, StagePhase

PATIENCE_S = 20.0


def test_a_silent_controller_is_given_up_and_stopped(peer, stage: SerialStage) -> None:
    move = peer.under_way(stage)
    peer.silent = True
    with pytest.raises(ConnectionLost, match="three times in a row"):
        move.wait(PATIENCE_S)
    peer.until(lambda: not peer.moving)
    assert stage.state().phase is StagePhase.DISCONNECTED
    with pytest.raises(ConnectionLost):
        stage.move_to(z_um=200)
    peer.silent = False
    stage.connect()
    stage.move_to(z_um=200).wait(PATIENCE_S)


@pytest.mark.parametrize("lost", [1, 2])
def test_single_lost_answers_are_borne(peer, stage: SerialStage, lost: int) -> None:
    move = peer.under_way(stage, speed=300)
    peer.lose = lost
    move.wait(PATIENCE_S)
    assert stage.position().z_um == 900


def test_a_late_answer_is_not_taken_for_the_next(peer, stage: SerialStage) -> None:
    peer.under_way(stage, speed=50)
    peer.delay_s = 0.5
    peer.until(lambda: peer.delay_s == 0.0)
    time.sleep(1.2)
    for _ in range(5):
        before = peer.place["z"]
        sample = stage.position()
        assert sample.z_um >= before - 0.1


def test_garbage_and_partial_lines_are_borne(peer, stage: SerialStage) -> None:
    move = peer.under_way(stage, speed=300)
    for _ in range(20):
        peer.say(b"\xff\xfe\x00garbage\rP 1 2\r\n\r")
        time.sleep(0.02)
    move.wait(PATIENCE_S)


def test_a_restart_in_mid_move(peer, stage: SerialStage) -> None:
    move = peer.under_way(stage)
    peer.say(b"!restart Toy 1.0\r")
    peer.restart()
    with pytest.raises(Alarm, match=r"!restart|lost its position"):
        move.wait(PATIENCE_S)
    assert not stage.state().referenced
    with pytest.raises(NotReferenced, match="Home the stage"):
        stage.move_to(z_um=200)
    stage.home().wait(PATIENCE_S)
    stage.move_to(z_um=20).wait(PATIENCE_S)


def test_a_restart_without_a_word(peer, stage: SerialStage) -> None:
    move = peer.under_way(stage)
    peer.restart()
    with pytest.raises(Alarm, match="lost its position"):
        move.wait(PATIENCE_S)


def test_an_alarm_in_mid_move_waits_for_the_operator(peer, stage: SerialStage) -> None:
    move = peer.under_way(stage)
    peer.say(b"!alarm stalled\r")
    with pytest.raises(Alarm, match="stalled"):
        move.wait(PATIENCE_S)
    peer.until(lambda: not peer.moving)
    with pytest.raises(Alarm, match="unlock"):
        stage.move_to(z_um=200)
    stage.unlock()
    stage.move_to(z_um=200).wait(PATIENCE_S)


def test_the_cable_is_pulled_and_put_back(peer, stage: SerialStage) -> None:
    move = peer.under_way(stage)
    peer.break_line()
    with pytest.raises(ConnectionLost):
        move.wait(PATIENCE_S)
    with pytest.raises(ConnectionLost):
        stage.stop()
    stage.connect()
    assert not peer.moving
    stage.move_to(z_um=200).wait(PATIENCE_S)


def test_a_failing_listener_harms_nobody(
    peer, stage: SerialStage, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: PositionSample) -> None:
        raise RuntimeError("a listener's own fault")

    samples: list[PositionSample] = []
    stage.subscribe(fail)
    stage.subscribe(samples.append)
    peer.until(lambda: len(samples) > 3)
    assert "a listener's own fault" in caplog.text
