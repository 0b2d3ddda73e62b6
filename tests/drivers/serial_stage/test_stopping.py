"""SerialStage comes to rest, whatever else goes on."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import pytest

from drivers.errors import ConnectionLost, MoveStopped, NotReferenced, ReplyTimeout
from drivers.serial_stage.dialect import Talk
from drivers.serial_stage.stage import SerialStage
from drivers.stage import AxisName, StagePhase

PATIENCE_S = 20.0


def test_stop_halts_and_measures(peer, stage: SerialStage) -> None:
    move = peer.under_way(stage)
    report = stage.stop()
    assert (peer.stops, report.attempts) == (b"!", 1)
    assert report.t_called_ns <= report.t_on_wire_ns <= report.t_halted_ns
    assert not report.position.moving
    with pytest.raises(MoveStopped):
        move.wait(PATIENCE_S)
    assert stage.state().referenced


def test_a_lost_stop_is_sent_again(peer, stage: SerialStage) -> None:
    peer.under_way(stage)
    peer.deaf_to = b"!"
    report = stage.stop()
    assert report.attempts == len(peer.stops) >= 2
    assert not peer.moving


def test_a_stop_that_is_not_heeded_escalates(peer, stage: SerialStage) -> None:
    peer.under_way(stage)
    peer.deaf_to = b"!" * 99
    assert stage.stop().attempts >= 2
    assert peer.stops.endswith(b"#")
    assert not peer.moving


def test_a_stage_that_cannot_be_stopped_is_told(
    peer, stage: SerialStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.rest.GIVE_UP_S", 1.0)
    peer.under_way(stage)
    peer.deaf_to = b"!" * 99 + b"#" * 99
    with pytest.raises(ConnectionLost, match="not seen standing still"):
        stage.stop()
    peer.deaf_to = b""


def test_stop_waits_for_no_answer(peer, stage: SerialStage) -> None:
    peer.under_way(stage)
    peer.silent = True
    asking = threading.Thread(target=lambda: suppress_errors(stage.position))
    asking.start()
    time.sleep(0.05)
    with suppress(ConnectionLost):
        stage.stop()
    assert not peer.moving
    asking.join()


def test_stop_during_homing(peer, stage: SerialStage) -> None:
    move = stage.home()
    peer.until(lambda: peer.moving)
    stage.stop()
    with pytest.raises(MoveStopped):
        move.wait(PATIENCE_S)
    with pytest.raises(NotReferenced):
        stage.move_to(z_um=200)


def test_no_request_of_a_move_follows_a_stop(
    peer, dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """STOP falls between the requests of a move: the last of them is never sent."""
    stage = peer.make_stage(dialect)
    begin_move = dialect.begin_move
    reports, stoppers = [], []

    def hesitate(talk: Talk, targets_um: Mapping[AxisName, float], speed_um_per_s: float) -> float:
        talk.ask("S50", re.compile(r"S (\S+)").fullmatch)
        stopper = threading.Thread(target=lambda: reports.append(stage.stop()))
        stopper.start()
        peer.until(lambda: peer.stops != b"")
        try:
            return begin_move(talk, targets_um, speed_um_per_s)
        finally:
            stoppers.append(stopper)

    monkeypatch.setattr(dialect, "begin_move", hesitate)
    stage.connect()
    with pytest.raises(MoveStopped, match="before it began"):
        stage.sweep_z(900, 50)
    stoppers[0].join()
    assert not [request for request in peer.requests if request.startswith("G")]
    assert len(reports) == 1
    stage.close()


def test_a_stop_while_the_move_is_being_answered(peer, stage: SerialStage) -> None:
    """The controller takes the move and answers late; STOP comes meanwhile."""
    peer.delay_s = 0.0
    gone = threading.Event()

    def wait_for_stop() -> None:
        gone.set()
        time.sleep(0.2)

    peer.before_go = wait_for_stop
    errors: list[BaseException] = []

    def sweep() -> None:
        try:
            stage.sweep_z(900, 50).wait(PATIENCE_S)
        except MoveStopped as error:
            errors.append(error)

    sweeping = threading.Thread(target=sweep)
    sweeping.start()
    assert gone.wait(PATIENCE_S)
    stage.stop()
    sweeping.join()
    assert len(errors) == 1
    # The last stop has been sent, and is on its way.
    peer.until(lambda: not peer.moving)


def test_closing_stops(peer, stage: SerialStage) -> None:
    peer.under_way(stage)
    stage.close()
    assert not peer.moving


def suppress_errors(action: Callable[[], object]) -> None:
    with suppress(ConnectionLost, ReplyTimeout):
        action()


BUSY = "while True: pass"


@pytest.mark.slow
def test_stop_goes_to_the_wire_at_once_under_load(
    peer,
    stage: SerialStage,
    byte_ms: Callable[[], float],
    record_property: Callable[[str, object], None],
) -> None:
    """With two busy processes beside both ends of the line; 20 stops.

    They wait for nothing: at half of them the byte arrives as fast as any byte does.
    """
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(2)]
    handed_over_ms, received_ms, halted_ms, any_byte_ms = [], [], [], []
    try:
        for turn in range(20):
            stage.sweep_z(100 if turn % 2 else 900, 50)
            peer.until(lambda: stage.state().phase is StagePhase.MOVING)
            any_byte_ms.append(byte_ms())
            known = len(peer.stop_times_ns)
            report = stage.stop()
            handed_over_ms.append((report.t_on_wire_ns - report.t_called_ns) / 1e6)
            received_ms.append((peer.stop_times_ns[known] - report.t_called_ns) / 1e6)
            halted_ms.append((report.t_halted_ns - report.t_called_ns) / 1e6)
            assert not report.position.moving
    finally:
        for process in busy:
            process.kill()
            process.wait()
    for name, values in (
        ("handed_over_ms", handed_over_ms),
        ("received_ms", received_ms),
        ("seen_at_rest_ms", halted_ms),
        ("any_byte_ms", any_byte_ms),
    ):
        values.sort()
        record_property(name, [round(value, 3) for value in values])
        print(f"{name}: median {values[10]:.3f}, worst {values[-1]:.3f}")
    assert handed_over_ms[10] < 20 + any_byte_ms[10]
    assert received_ms[10] < 20 + 2 * any_byte_ms[10]
