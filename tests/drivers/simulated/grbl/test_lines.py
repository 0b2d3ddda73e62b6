"""What the emulated Grbl answers to lines and realtime bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

HOMED = (39_000.0, 19_000.0, 900.0)


def test_greeting_and_lock_before_homing(make_board) -> None:
    board = make_board(homed=False)
    assert board.greeting == ["Grbl 1.1h ['$' for help]", "[MSG:'$H'|'$X' to unlock]"]
    assert board.status() == "<Alarm|MPos:0.000,0.000,0.000|FS:0,0|WCO:0.000,0.000,0.000>"
    assert board.status() == "<Alarm|MPos:0.000,0.000,0.000|FS:0,0|Ov:100,100,100>"
    assert board.status() == "<Alarm|MPos:0.000,0.000,0.000|FS:0,0>"
    assert board.ask("$J=G91 Z-1 F60") == ["error:8"]
    assert board.ask("G90") == ["error:9"]
    assert board.ask("$X") == ["[MSG:Caution: Unlocked]", "ok"]
    assert board.state() == "Idle"


def test_homing_finds_the_switches_and_backs_off(make_board) -> None:
    board = make_board(homed=False)
    board.send("$H\n")
    answered = 0
    replies: list[str] = []
    for _ in range(200):
        board.send("?")
        lines = board.wait(0.05)
        answered += sum(line.startswith("<Home|") for line in lines)
        replies += [line for line in lines if not line.startswith("<")]
        if replies:
            break
    assert replies == ["ok"]
    assert 0 < answered < 25, "reports are rare while homing"
    assert board.state() == "Idle"
    assert board.mpos() == (-1.0, -1.0, -1.0)
    assert board.motion.commanded_at(board.t_ns) == pytest.approx(HOMED)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("", ["ok"]),
        ("  ", ["ok"]),
        ("(a comment)", ["ok"]),
        ("; another", ["ok"]),
        ("g21 g90", ["ok"]),
        ("$J=G91 G21 Z-2 F60", ["ok"]),
        ("$j=g91 g21 z-2 f60 (lower case)", ["ok"]),
        ("$J=G53 G21 G90 X-10 Y-5.5 Z-4 F60", ["ok"]),
        ("$J=G91 Z-1", ["error:22"]),
        ("$J=G91 Z-1 F0", ["error:22"]),
        ("$J=G91 Z-1 F-5", ["error:4"]),
        ("$J=G90 Z0.5 F60", ["error:15"]),
        ("$J=G90 Z-10.5 F60", ["error:15"]),
        ("$J=G91 Y5 F60", ["error:15"]),
        ("$J=G1 Z-1 F60", ["error:16"]),
        ("$J=G91 Z-1 F60 S100", ["error:16"]),
        ("$J=G91 G90 Z-1 F60", ["error:21"]),
        ("$J=G91 Z-1 Z-2 F60", ["error:25"]),
        ("$J=G91 Z F60", ["error:2"]),
        ("$J=5", ["error:1"]),
        ("$J", ["error:3"]),
        ("G1 X5", ["error:20"]),
        ("$X", ["ok"]),
        ("$I", ["[VER:1.1h.20190830:]", "[OPT:V,15,128]", "ok"]),
        ("$N", ["$N0=", "$N1=", "ok"]),
        ("$102=500", ["ok"]),
        ("$102=abc", ["error:2"]),
        ("$102", ["error:3"]),
        ("$199=1", ["error:3"]),
        ("$102=-1", ["error:4"]),
        ("$0=2", ["error:6"]),
        ("$Q", ["error:2"]),
        ("G21" + " G90" * 40, ["error:11"]),
        ("$J=G91 Z-1 F60" + " " * 200, ["ok"]),
    ],
)
def test_answers(make_board, line: str, answer: list[str]) -> None:
    assert make_board().ask(line) == answer


def test_settings_are_printed_stored_and_used(make_board) -> None:
    board = make_board()
    lines = board.ask("$$")
    assert lines[-1] == "ok"
    for expected in ("$10=1", "$20=1", "$22=1", "$102=2000.000", "$112=300.000", "$132=10.000"):
        assert expected in lines
    assert board.ask("$112=120") == ["ok"]
    assert "$112=120.000" in board.ask("$$")
    assert board.ask("$22=0") == ["ok"]
    assert board.ask("$20=1") == ["error:10"]
    assert board.ask("$H") == ["error:5"]


def test_offsets_and_parser_state(make_board) -> None:
    board = make_board()
    lines = board.ask("$#")
    assert lines[0] == "[G54:0.000,0.000,0.000]"
    assert lines[-2:] == ["[PRB:0.000,0.000,0.000:0]", "ok"]
    assert board.ask("$G")[0].startswith("[GC:G0 G54")


def test_carriage_return_and_newline_are_two_lines(make_board) -> None:
    board = make_board()
    board.send("G21\r\n")
    assert board.wait(0.05) == ["ok", "ok"]


def test_realtime_bytes_are_kept_with_their_times(make_board) -> None:
    board = make_board()
    t_ns = board.t_ns
    before = len(board.controller.received_realtime)
    board.send(b"?\x85$I\x90\n!~")
    assert board.controller.received_realtime[before:] == [(byte, t_ns) for byte in b"?\x85\x90!~"]
    assert "ok" in board.wait(0.1)


def test_hold_and_resume_at_rest(make_board) -> None:
    board = make_board()
    board.send("!")
    assert board.state() == "Hold:0"
    board.send("~")
    assert board.state() == "Idle"


def test_second_question_before_the_answer_is_the_same_question(make_board) -> None:
    board = make_board()
    board.send("???")
    assert len(board.wait(0.1)) == 1


@given(st.binary(max_size=120))
def test_no_bytes_upset_it(make_board, data: bytes) -> None:
    board = make_board()
    board.send(data + b"\n")
    board.wait(30.0)
    board.send(b"\x18\n")
    board.wait(1.0)
    assert board.state() in ("Idle", "Alarm")


@given(
    st.lists(st.sampled_from(["", "$I", "$$", "$J=G91 Z-1", "G21", "zz", "$9999=1"]), max_size=9)
)
def test_each_line_gets_exactly_one_answer(make_board, lines: list[str]) -> None:
    board = make_board()
    board.send("".join(f"{line}\n" for line in lines))
    answers = [a for a in board.wait(1.0) if a == "ok" or a.startswith("error:")]
    assert len(answers) == len(lines)
