"""The emulated Grbl's resets, alarms and scripted faults."""

from __future__ import annotations

import pytest

from drivers.simulated.faults import FaultScript


def test_reset_in_motion_loses_the_position(make_board) -> None:
    board = make_board()
    board.ask("$J=G90 Z-9 F300")
    board.wait(0.5)
    board.send(b"\x18")
    assert board.wait(0.2) == [
        "ALARM:3",
        "Grbl 1.1h ['$' for help]",
        "[MSG:'$H'|'$X' to unlock]",
    ]
    believed = board.mpos()[2] * 100 + 1000
    assert believed - board.z_um() == pytest.approx(500**2 / (2 * 5000), abs=0.1)
    assert board.state() == "Alarm"


def test_reset_at_rest_keeps_all(make_board) -> None:
    board = make_board()
    board.send(b"\x18")
    assert board.wait(0.2) == ["Grbl 1.1h ['$' for help]"]
    assert board.state() == "Idle"
    assert board.mpos() == (-1.0, -1.0, -1.0)


def test_reset_while_homing(make_board) -> None:
    board = make_board(homed=False)
    board.send("$H\n")
    board.wait(0.3)
    board.send(b"\x18")
    assert board.wait(0.2)[0] == "ALARM:6"
    assert board.state() == "Alarm"


def test_hard_limit_locks_until_it_asked_for_a_reset(make_board) -> None:
    board = make_board(homed=False)
    board.ask("$21=1")
    board.ask("$X")
    # Not homed: 700 µm up, 0 in the firmware's eyes; the end of the axis is 300 µm away.
    board.ask("$20=0")
    assert board.ask("$J=G91 Z5 F60") == ["ok"]
    assert board.wait(2.98) == ["ALARM:1"]
    board.send("?\n")
    board.send(b"\x18")
    assert board.wait(0.2) == ["[MSG:Reset to continue]"], "an early reset is forgotten"
    board.send(b"\x18")
    assert board.wait(0.2)[-1] == "[MSG:'$H'|'$X' to unlock]"
    assert board.z_um() == 1000.0
    board.send("$H\n")
    assert board.wait(20) == ["ok"]
    assert board.mpos() == (-1.0, -1.0, -1.0)


def test_faults_come_as_scripted(make_board) -> None:
    board = make_board(FaultScript(drop_reply_every=3))
    answered = []
    for _ in range(9):
        board.send("?")
        answered.append(len(board.wait(0.05)))
    assert answered == [1, 1, 0] * 3

    board = make_board(FaultScript(drop_stops=frozenset({1})))
    board.ask("$J=G90 Z-9 F60")
    board.send(b"\x85")
    board.wait(0.1)
    assert board.state() == "Jog"
    board.send(b"\x85")
    board.wait(0.1)
    assert board.state() == "Idle"

    board = make_board(FaultScript(lines_at_s=((0.5, b"<Idl|MP\xff\r\n"),), alarm_at_s=((1.0, 2),)))
    assert board.wait(0.4) == []
    assert board.wait(0.2) == ["<Idl|MP\xff"]
    assert board.wait(1.0) == ["ALARM:2", "[MSG:Reset to continue]"]

    board = make_board(FaultScript(reset_at_s=(0.5,)))
    board.ask("$J=G90 Z-9 F60")
    assert board.wait(1.0)[0] == "Grbl 1.1h ['$' for help]"
    assert board.mpos() == (0.0, 0.0, 0.0)
    assert board.state() == "Alarm"

    board = make_board(FaultScript(homing_fails=True))
    board.send("$H\n")
    assert board.wait(20)[0] == "ALARM:9"

    board = make_board(FaultScript(silent_at_s=0.1))
    board.wait(0.2)
    board.send("?$I\n")
    assert board.wait(1.0) == []

    board = make_board(FaultScript(close_at_s=0.1))
    board.wait(0.2)
    assert board.controller.line_broken
