"""GrblStage comes to rest, whatever else goes on."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import pytest

from drivers.errors import ConnectionLost, DeviceError, MoveStopped, NotReferenced, Rejected
from drivers.grbl import GrblStage
from drivers.line import Line
from drivers.stage import Move, PositionSample, StagePhase

PATIENCE_S = 20.0


def test_stop_halts_a_sweep_and_measures(peer, homed: GrblStage) -> None:
    move = peer.under_way(homed)
    report = homed.stop()
    assert peer.bytes == b"\x85"
    assert report.attempts == 1
    assert report.t_called_ns <= report.t_on_wire_ns <= report.t_halted_ns
    assert not report.position.moving
    with pytest.raises(MoveStopped):
        move.wait(PATIENCE_S)
    assert homed.state().referenced


def test_a_lost_stop_byte_is_sent_again(peer, homed: GrblStage) -> None:
    peer.under_way(homed)
    peer.deaf_to = b"\x85"
    report = homed.stop()
    assert report.attempts == peer.bytes.count(b"\x85") >= 2
    assert homed.state().referenced


def test_a_stage_that_does_not_listen_is_reset(peer, homed: GrblStage) -> None:
    move = peer.under_way(homed)
    peer.deaf_to = b"\x85" * 99
    report = homed.stop()
    assert report.attempts > 2
    assert peer.bytes.index(b"!") < peer.bytes.index(b"\x18")
    state = homed.state()
    assert (state.phase, state.referenced) == (StagePhase.ALARM, False)
    assert "position is lost" in (state.alarm or "")
    with pytest.raises(MoveStopped):
        move.wait(PATIENCE_S)
    with pytest.raises(NotReferenced, match="Home the stage"):
        homed.move_to(z_um=-5000)


def test_a_stage_whose_answers_are_lost_too_is_reset(peer, homed: GrblStage) -> None:
    peer.under_way(homed)
    peer.deaf_to = b"\x85" * 99
    peer.silent = True
    homed.stop()
    assert peer.bytes.index(b"!") < peer.bytes.index(b"\x18")
    assert peer.state != "Jog"


def test_a_computer_that_is_held_up_does_not_put_off_the_reset(
    peer, homed: GrblStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every wait looks as if the program had been held up in it.
    monkeypatch.setattr("drivers.patience.HELD_UP_S", -1.0)
    peer.under_way(homed)
    peer.deaf_to = b"\x85" * 99
    peer.silent = True
    started_s = time.monotonic()
    stopping = threading.Thread(target=homed.stop)
    stopping.start()
    peer.until(lambda: b"\x18" in peer.bytes)
    # About 0.9 s, and more where other programs are busy.
    assert time.monotonic() - started_s < 1.8
    stopping.join(PATIENCE_S)
    assert not stopping.is_alive()


def test_time_that_ran_out_before_the_reset_does_not_spare_it(
    peer, homed: GrblStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it does where the whole program was held up for that long."""
    monkeypatch.setattr("drivers.rest.GIVE_UP_S", 0.1)
    peer.under_way(homed)
    peer.deaf_to = b"\x85" * 99
    with pytest.raises(ConnectionLost, match="not seen standing still"):
        homed.stop()
    peer.until(lambda: b"\x18" in peer.bytes)
    peer.until(lambda: peer.state != "Jog")


def test_a_stage_that_cannot_be_stopped_is_told(
    peer, homed: GrblStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.rest.GIVE_UP_S", 1.0)
    peer.under_way(homed)
    peer.deaf_to = b"\x85" * 99 + b"\x18" * 99
    with pytest.raises(ConnectionLost, match="not seen standing still"):
        homed.stop()


def test_stop_during_homing_needs_a_reset(peer, stage: GrblStage) -> None:
    move = stage.home()
    peer.until(lambda: peer.state == "Home")
    stage.stop()
    assert peer.bytes.startswith(b"\x85\x18")
    with pytest.raises(MoveStopped):
        move.wait(PATIENCE_S)
    with pytest.raises(NotReferenced):
        stage.move_to(z_um=-5000)
    again = stage.home()
    peer.until(lambda: peer.lines.count("$H") == 2)
    peer.finish_homing()
    again.wait(PATIENCE_S)
    assert stage.state().referenced


def test_a_homing_that_begins_after_the_stop_is_ended(
    peer, stage: GrblStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """STOP falls between the last check and the write, so that its reset overtakes the line."""
    write_line = Line.write_line
    about_to_write, may_write = threading.Event(), threading.Event()

    def held(line: Line, text: str) -> int:
        if text == "$H":
            about_to_write.set()
            assert may_write.wait(PATIENCE_S)
        return write_line(line, text)

    monkeypatch.setattr(Line, "write_line", held)
    moves: list[Move] = []
    homer = threading.Thread(target=lambda: moves.append(stage.home()))
    homer.start()
    assert about_to_write.wait(PATIENCE_S)
    stage.stop()
    resets = peer.bytes.count(b"\x18")
    assert stage.state().phase is StagePhase.HOMING  # a further STOP has to reset as well
    may_write.set()
    homer.join()
    assert "$H" in peer.lines
    assert peer.bytes.count(b"\x18") > resets
    assert peer.state != "Home"
    with pytest.raises(MoveStopped):
        moves[0].wait(PATIENCE_S)
    assert stage.state().phase is StagePhase.ALARM


def test_a_question_without_an_answer_does_not_hold_up_the_stop(
    peer, homed: GrblStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.grbl_poll.PATIENCE_S", (10 * PATIENCE_S,))
    peer.under_way(homed)
    peer.silent = True
    peer.until(lambda: peer.unanswered > 0)
    peer.deaf_to = b"\x85"
    stopper = threading.Thread(target=homed.stop)
    stopper.start()
    peer.until(lambda: peer.bytes.count(b"\x85") > 1)
    peer.silent = False
    peer.report()
    stopper.join()
    assert peer.state != "Jog"


def test_stop_at_rest_is_harmless(homed: GrblStage) -> None:
    assert homed.stop().attempts == 1
    assert homed.state().phase is StagePhase.IDLE
    assert homed.state().referenced


def test_many_may_stop_at_once(peer, homed: GrblStage) -> None:
    peer.under_way(homed)
    errors: list[DeviceError] = []

    def stop() -> None:
        try:
            homed.stop()
        except DeviceError as error:
            errors.append(error)

    threads = [threading.Thread(target=stop) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert peer.bytes.count(b"\x85") >= 5
    assert homed.state().phase is StagePhase.IDLE


def test_a_listener_may_stop(peer, homed: GrblStage) -> None:
    stops: list[int] = []

    def watch(sample: PositionSample) -> None:
        if sample.moving and not stops:
            stops.append(1)
            homed.stop()

    homed.subscribe(watch)
    move = homed.sweep_z(-20_000, 100)
    with pytest.raises(MoveStopped):
        move.wait(PATIENCE_S)
    assert peer.state == "Idle"


def test_no_motion_begins_while_stopping(peer, homed: GrblStage) -> None:
    peer.under_way(homed)
    peer.deaf_to = b"\x85" * 2
    stopper = threading.Thread(target=homed.stop)
    stopper.start()
    peer.until(lambda: homed.state().phase is StagePhase.STOPPING)
    with pytest.raises((Rejected, MoveStopped)):
        homed.move_to(z_um=-5000)
    stopper.join()


def test_a_jog_whose_answer_is_awaited_is_stopped_too(peer, homed: GrblStage) -> None:
    """The stop byte overtakes the line: the jog begins only after it."""
    line = "$J=G53 G21 G90 Z-5.0000 F6.000"
    peer.answers[line] = []
    outcome: list[object] = []

    def sweep() -> None:
        outcome.append(homed.sweep_z(-5000, 100))

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    peer.until(lambda: line in peer.lines)
    stopper = threading.Thread(target=homed.stop)
    stopper.start()
    peer.until(lambda: b"\x85" in peer.bytes)
    peer._target = [-1.0, -1.0, -5.0]
    peer.state = "Jog"
    peer.say("ok")
    stopper.join()
    sweeper.join()
    assert peer.state == "Idle"
    assert homed.state().phase is StagePhase.IDLE


def test_closing_stops_the_motion(peer, homed: GrblStage) -> None:
    peer.under_way(homed)
    homed.close()
    peer.until(lambda: b"\x85" in peer.bytes)
    assert homed.state().phase is StagePhase.DISCONNECTED
    homed.close()


def test_closing_does_not_cut_a_stop_short(peer, homed: GrblStage) -> None:
    peer.under_way(homed)
    peer.deaf_to = b"\x85" * 99

    def stop() -> None:
        with suppress(ConnectionLost):  # the stop of closing may see the rest first
            homed.stop()

    stopper = threading.Thread(target=stop)
    stopper.start()
    peer.until(lambda: homed.state().phase is StagePhase.STOPPING)
    homed.close()
    stopper.join()
    assert peer.state != "Jog"


def test_closing_stops_a_stage_that_fell_silent(peer, homed: GrblStage) -> None:
    move = peer.under_way(homed)
    peer.deaf_to = b"\x85"
    peer.silent = True
    with pytest.raises(ConnectionLost):
        move.wait(PATIENCE_S)
    peer.until(lambda: peer.deaf_to == b"")
    assert homed.state().phase is StagePhase.DISCONNECTED
    homed.close()
    peer.until(lambda: peer.state == "Idle")


def test_a_hold_that_finds_the_stage_at_rest_is_taken_back(peer, homed: GrblStage) -> None:
    """Answers fail to come, so the stop is escalated, although it had worked."""

    def take(byte: bytes) -> None:
        if byte == b"!":
            peer.state, peer.silent = "Hold:0", False
        elif byte == b"~":
            peer.state = "Idle"

    peer.silent = True
    peer.on_byte = take
    homed.stop()
    peer.until(lambda: b"~" in peer.bytes)
    assert homed.state().referenced
    peer.under_way(homed)
