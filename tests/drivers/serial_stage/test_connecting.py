"""SerialStage finds its controller, and says what it found instead."""

from __future__ import annotations

import pytest

from drivers.errors import Alarm, BadReply, ConnectionLost
from drivers.serial_stage.settings import StageSettings
from drivers.serial_stage.stage import SerialStage
from drivers.stage import StagePhase

PATIENCE_S = 20.0


def test_it_says_what_it_is_and_nothing_moves(peer, stage: SerialStage) -> None:
    assert stage.name == f"stage Toy 1.0 on {peer.url}"
    state = stage.state()
    assert (state.phase, state.referenced) == (StagePhase.IDLE, True)
    assert stage.position().z_um == 100
    assert not [request for request in peer.requests if request[0] in "GSHC"]
    assert peer.stops == b""


def test_something_else_is_quoted(peer) -> None:
    peer.version = "Marlin 2.1"
    stage = peer.make_stage()
    with pytest.raises(BadReply, match=r"Marlin 2\.1"):
        stage.connect()
    assert stage.state().phase is StagePhase.DISCONNECTED


def test_nothing_answers(peer) -> None:
    peer.silent = True
    stage = peer.make_stage(connect_timeout_s=0.2)
    with pytest.raises(ConnectionLost, match="nothing answered"):
        stage.connect()


def test_unfinished_words_are_quoted(peer) -> None:
    peer.silent = True
    peer.before_answer = lambda: peer.say(b"Hello stranger\n")
    stage = peer.make_stage(connect_timeout_s=0.5)
    with pytest.raises(BadReply, match="Hello stranger"):
        stage.connect()


def test_a_controller_that_is_still_booting_is_waited_for(peer) -> None:
    peer.lose = 2
    stage = peer.make_stage(connect_timeout_s=5.0)
    stage.connect()
    stage.close()


def test_what_a_crashed_program_left_moving_is_stopped(peer) -> None:
    peer.go(z=900)
    stage = peer.make_stage()
    stage.connect()
    assert not peer.moving
    assert stage.state().phase is StagePhase.IDLE
    stage.close()


def test_an_alarm_is_not_cleared_by_connecting(peer) -> None:
    peer.alarm = "limit switch x"
    stage = peer.make_stage()
    stage.connect()
    assert stage.state().phase is StagePhase.ALARM
    with pytest.raises(Alarm, match="limit switch x"):
        stage.move_to(z_um=200)
    assert "C" not in peer.requests
    stage.unlock()
    stage.move_to(z_um=200).wait(PATIENCE_S)
    stage.close()


def test_it_has_to_be_connected(dialect) -> None:
    stage = SerialStage(StageSettings("COM99"), dialect)
    for wish in (stage.position, stage.stop, stage.home, lambda: stage.caps):
        with pytest.raises(ConnectionLost, match="Connect the stage first"):
            wish()
    stage.close()


def test_the_rate_of_reading_back_is_measured(stage: SerialStage) -> None:
    assert 2 < stage.caps.poll_hz <= 50
