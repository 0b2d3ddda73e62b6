"""GrblStage in alarms, restarts, noise and silence."""

from __future__ import annotations

import pytest

from drivers.errors import Alarm, ConnectionLost, NotReferenced, Rejected
from drivers.grbl import GrblStage
from drivers.grbl_codec import SOFT_RESET
from drivers.grbl_link import GrblLink
from drivers.stage import PositionSample, StagePhase

PATIENCE_S = 20.0


def test_an_alarm_ends_the_move_and_bars_the_next(peer, homed: GrblStage) -> None:
    move = peer.under_way(homed)
    peer.state, peer.silent = "Alarm", True
    peer.say("ALARM:1", "[MSG:Reset to continue]")
    with pytest.raises(Alarm, match=r"ALARM:1 .*limit switch"):
        move.wait(PATIENCE_S)
    state = homed.state()
    assert (state.phase, state.referenced) == (StagePhase.ALARM, False)
    assert "ALARM:1" in (state.alarm or "")
    with pytest.raises(Alarm, match="ALARM:1"):
        homed.move_to(z_um=-5000)
    assert "$X" not in peer.lines


def test_unlocking_waits_until_the_controller_takes_a_reset(peer, homed: GrblStage) -> None:
    peer.say("ALARM:1", "[MSG:Reset to continue]")
    peer.state = "Alarm"
    peer.until(lambda: homed.state().phase is StagePhase.ALARM)
    peer.deaf_to = b"\x18"
    homed.unlock()
    assert peer.bytes == b"\x18\x18"
    assert peer.lines[-1] == "$X"
    assert homed.state().alarm is None
    with pytest.raises(NotReferenced):
        homed.move_to(z_um=-5000)


def test_a_restart_loses_the_position(peer, homed: GrblStage) -> None:
    move = peer.under_way(homed)
    peer.say("\xf0\xffGrbl 1.1h ['$' for help]")
    peer.state = "Alarm"
    with pytest.raises(Alarm, match="restarted"):
        move.wait(PATIENCE_S)
    state = homed.state()
    assert (state.phase, state.referenced) == (StagePhase.ALARM, False)
    with pytest.raises(NotReferenced, match="restarted"):
        homed.move_to(z_um=-5000)
    again = homed.home()
    peer.until(lambda: peer.state == "Home")
    peer.finish_homing()
    again.wait(PATIENCE_S)
    assert homed.state().alarm is None


def test_an_alarm_whose_line_got_lost_is_seen_in_the_status(peer, homed: GrblStage) -> None:
    move = peer.under_way(homed)
    peer.state = "Alarm:1"
    with pytest.raises(Alarm, match="alarm 1 "):
        move.wait(PATIENCE_S)


def test_an_unplugged_stage_ends_everything(peer, homed: GrblStage) -> None:
    move = peer.under_way(homed)
    peer.unplug()
    with pytest.raises(ConnectionLost):
        move.wait(PATIENCE_S)
    assert homed.state().phase is StagePhase.DISCONNECTED
    for attempt in (homed.home, homed.stop, homed.position):
        with pytest.raises(ConnectionLost):
            attempt()


def test_the_trace_of_a_lost_connection_does_not_grow_with_each_attempt(peer, homed) -> None:
    peer.unplug()
    peer.until(lambda: homed.state().phase is StagePhase.DISCONNECTED)
    for attempt in (homed.stop, homed.position):
        depths = []
        for _ in range(10):
            with pytest.raises(ConnectionLost) as raised:
                attempt()
            depths.append(len(raised.traceback))
        assert depths[-1] <= max(depths[:5])


def test_three_unanswered_questions_are_a_lost_connection(peer, homed: GrblStage) -> None:
    move = peer.under_way(homed)
    peer.silent = True
    with pytest.raises(ConnectionLost, match="3 questions"):
        move.wait(PATIENCE_S)
    peer.until(lambda: b"\x85" in peer.bytes)


def test_one_unanswered_question_is_none(peer, homed: GrblStage) -> None:
    samples: list[PositionSample] = []
    homed.subscribe(samples.append)
    move = peer.under_way(homed)
    peer.deaf_to = b"??"
    peer.until(lambda: peer.deaf_to == b"")
    count = len(samples)
    peer.until(lambda: len(samples) > count + 2)
    assert not move.done()
    # The answer came to a later question: the uncertainty tells.
    assert max(sample.t_sigma_ns for sample in samples) > 100_000_000


def test_garbage_changes_nothing(peer, homed: GrblStage) -> None:
    move = peer.under_way(homed)
    for noise in ("\x80\xff", "<Idle|MPos:0.0", "ok", "error:9", "$110=", "[", "<>", "ALARM:"):
        peer.say(noise)
    peer.arrive()
    move.wait(PATIENCE_S)
    assert homed.state().referenced


def test_a_line_is_not_sent_after_a_restart_that_ended_it(peer) -> None:
    link = GrblLink(
        "stage",
        peer.url,
        115_200,
        dtr=False,
        on_event=lambda _: None,
        on_report=lambda _: None,
        on_lost=lambda _: None,
    )
    link.open()

    def restart() -> None:
        link.send_now(SOFT_RESET)
        peer.until(lambda: link.unanswered is None)

    try:
        with pytest.raises(Rejected, match="restarted"):
            link.begin("$H", guard=restart)
        link.command("$X")
        assert peer.lines == ["$X"]
    finally:
        link.close()
