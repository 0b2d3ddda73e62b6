import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.simulated.faults import FaultScript
from drivers.simulated.grbl_controller import GrblController
from drivers.simulated.motion import StageMotion, Tremor
from drivers.simulated.settings import SimulationSettings

SECOND = 1_000_000_000
SETTINGS = SimulationSettings(latency_ms=4.0, jitter_ms=0.0, tremor_um=0.0)
HOMED = (39_000.0, 19_000.0, 900.0)


class Board:
    """A controller on a fake clock."""

    def __init__(self, faults: FaultScript | None = None, homed: bool = True) -> None:
        x, y, z = SETTINGS.travel_um
        self.motion = StageMotion(
            SETTINGS.start_um, (0.0, 0.0, 0.0), ((0, x), (0, y), (0, z)), Tremor(0.0, 1)
        )
        self.controller = GrblController(self.motion, SETTINGS)
        self.t_ns = SECOND
        self.controller.plug_in(FaultScript(), self.t_ns)
        self.greeting = self.wait(0.1)
        if homed:
            self.send("$H\n")
            assert self.wait(20.0) == ["ok"]
        self.controller.inject(faults or FaultScript(), self.t_ns)

    def send(self, text: str | bytes) -> None:
        data = text if isinstance(text, bytes) else text.encode("latin-1")
        self.controller.receive(data, self.t_ns)

    def wait(self, seconds: float) -> list[str]:
        """Let time pass event by event; return the lines that came, without empty ones."""
        end_ns = self.t_ns + round(seconds * SECOND)
        received = b""
        while (due_ns := self.controller.next_event_ns()) is not None and due_ns <= end_ns:
            self.t_ns = max(due_ns, self.t_ns)
            received += self.controller.take(self.t_ns)
        self.t_ns = end_ns
        return [line for line in received.decode("latin-1").split("\r\n") if line]

    def ask(self, line: str) -> list[str]:
        self.send(line + "\n")
        return self.wait(0.05)

    def status(self) -> str:
        self.send("?")
        replies = self.wait(0.01)
        assert len(replies) == 1, replies
        return replies[0]

    def state(self) -> str:
        return re.split(r"[|<]", self.status())[1]

    def mpos(self) -> tuple[float, float, float]:
        match = re.search(r"MPos:(-?\d+\.\d{3}),(-?\d+\.\d{3}),(-?\d+\.\d{3})\|", self.status())
        assert match is not None
        return float(match[1]), float(match[2]), float(match[3])

    def z_um(self) -> float:
        return self.motion.position_at(self.t_ns)[2]


def test_greeting_and_lock_before_homing() -> None:
    board = Board(homed=False)
    assert board.greeting == ["Grbl 1.1h ['$' for help]", "[MSG:'$H'|'$X' to unlock]"]
    assert board.status() == "<Alarm|MPos:0.000,0.000,0.000|FS:0,0|WCO:0.000,0.000,0.000>"
    assert board.status() == "<Alarm|MPos:0.000,0.000,0.000|FS:0,0|Ov:100,100,100>"
    assert board.status() == "<Alarm|MPos:0.000,0.000,0.000|FS:0,0>"
    assert board.ask("$J=G91 Z-1 F60") == ["error:8"]
    assert board.ask("G90") == ["error:9"]
    assert board.ask("$X") == ["[MSG:Caution: Unlocked]", "ok"]
    assert board.state() == "Idle"


def test_homing_finds_the_switches_and_backs_off() -> None:
    board = Board(homed=False)
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
def test_answers(line: str, answer: list[str]) -> None:
    assert Board().ask(line) == answer


def test_settings_are_printed_stored_and_used() -> None:
    board = Board()
    lines = board.ask("$$")
    assert lines[-1] == "ok"
    for expected in ("$10=1", "$20=1", "$22=1", "$102=2000.000", "$112=300.000", "$132=10.000"):
        assert expected in lines
    assert board.ask("$112=120") == ["ok"]
    assert "$112=120.000" in board.ask("$$")
    assert board.ask("$22=0") == ["ok"]
    assert board.ask("$20=1") == ["error:10"]
    assert board.ask("$H") == ["error:5"]


def test_offsets_and_parser_state() -> None:
    board = Board()
    lines = board.ask("$#")
    assert lines[0] == "[G54:0.000,0.000,0.000]"
    assert lines[-2:] == ["[PRB:0.000,0.000,0.000:0]", "ok"]
    assert board.ask("$G")[0].startswith("[GC:G0 G54")


def test_carriage_return_and_newline_are_two_lines() -> None:
    board = Board()
    board.send("G21\r\n")
    assert board.wait(0.05) == ["ok", "ok"]


def test_jog_moves_at_the_speed_asked_for() -> None:
    board = Board()
    # 36 units/min of 100 µm are 60 µm/s.
    assert board.ask("$J=G53 G21 G90 Z-5 F36") == ["ok"]
    before = board.z_um()
    assert board.state() == "Jog"
    assert "|FS:36,0" in board.status()
    board.wait(0.98)
    assert before - board.z_um() == pytest.approx(60.0, abs=0.1)
    assert board.ask("$I") == ["error:8"]
    assert board.ask("G90") == ["error:9"]
    board.wait(20)
    assert board.state() == "Idle"
    assert board.mpos() == (-1.0, -1.0, -5.0)
    assert board.z_um() == pytest.approx(500.0)


@pytest.mark.parametrize(("feed", "um_per_s"), [(0.1, 1 / 0.6), (3000, 500.0)])
def test_feed_is_silently_kept_within_limits(feed: float, um_per_s: float) -> None:
    board = Board()
    assert board.ask(f"$J=G91 Z-8 F{feed}") == ["ok"]
    board.wait(0.5)
    before = board.z_um()
    board.wait(0.2)
    assert before - board.z_um() == pytest.approx(0.2 * um_per_s, rel=1e-3)


def test_slowest_axis_limits_a_diagonal() -> None:
    board = Board()
    assert board.ask("$J=G91 X-3 Z-4 F100000") == ["ok"]
    board.wait(0.5)
    # z may do 300 units/min and has 4/5 of the way: 375 along the path.
    assert "|FS:375,0" in board.status()


def test_jog_without_an_axis_goes_to_zero() -> None:
    board = Board()
    assert board.ask("$J=G91 F600") == ["ok"]
    board.wait(20)
    assert board.mpos() == (0.0, 0.0, 0.0)


def test_jog_in_inches() -> None:
    board = Board()
    assert board.ask("$J=G91 G20 Z-0.1 F10") == ["ok"]
    board.wait(20)
    assert board.mpos()[2] == pytest.approx(-3.54)


@pytest.mark.parametrize("stop", [b"\x85", b"!"])
def test_cancel_decelerates_and_forgets_what_was_planned(stop: bytes) -> None:
    board = Board()
    board.ask("$J=G90 Z-9 F60")
    board.ask("$J=G90 Z-2 F60")
    board.wait(1)
    at_stop = board.z_um()
    board.send(stop)
    board.send("$J=G90 Z-1 F60\n")
    board.wait(0.5)
    # 100 µm/s at 5000 µm/s² come to rest within 1 µm.
    assert at_stop - board.z_um() == pytest.approx(1.0, abs=0.05)
    assert board.state() == "Idle"
    board.wait(5)
    assert at_stop - board.z_um() == pytest.approx(1.0, abs=0.05), "a jog sent too early moves"
    assert board.ask("$J=G91 Z1 F60") == ["ok"]
    assert board.state() == "Jog"


def test_realtime_bytes_are_kept_with_their_times() -> None:
    board = Board()
    t_ns = board.t_ns
    before = len(board.controller.received_realtime)
    board.send(b"?\x85$I\x90\n!~")
    assert board.controller.received_realtime[before:] == [(byte, t_ns) for byte in b"?\x85\x90!~"]
    assert "ok" in board.wait(0.1)


def test_hold_and_resume_at_rest() -> None:
    board = Board()
    board.send("!")
    assert board.state() == "Hold:0"
    board.send("~")
    assert board.state() == "Idle"


def test_second_question_before_the_answer_is_the_same_question() -> None:
    board = Board()
    board.send("???")
    assert len(board.wait(0.1)) == 1


def test_status_is_sampled_before_it_arrives() -> None:
    board = Board()
    board.ask("$J=G90 Z-9 F60")
    board.wait(1)
    board.send("?")
    asked_um = board.z_um()
    assert board.wait(0.0039) == []
    (report,) = board.wait(0.0002)
    reported = float(report.split("|")[1].split(",")[2]) * 100 + 1000
    # 4 ms at 100 µm/s are 0.4 µm; the position is read after three tenths of it.
    assert asked_um - reported == pytest.approx(0.12, abs=0.051)


def test_reset_in_motion_loses_the_position() -> None:
    board = Board()
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


def test_reset_at_rest_keeps_all() -> None:
    board = Board()
    board.send(b"\x18")
    assert board.wait(0.2) == ["Grbl 1.1h ['$' for help]"]
    assert board.state() == "Idle"
    assert board.mpos() == (-1.0, -1.0, -1.0)


def test_reset_while_homing() -> None:
    board = Board(homed=False)
    board.send("$H\n")
    board.wait(0.3)
    board.send(b"\x18")
    assert board.wait(0.2)[0] == "ALARM:6"
    assert board.state() == "Alarm"


def test_hard_limit_locks_until_it_asked_for_a_reset() -> None:
    board = Board(homed=False)
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


def test_faults_come_as_scripted() -> None:
    board = Board(FaultScript(drop_reply_every=3))
    answered = []
    for _ in range(9):
        board.send("?")
        answered.append(len(board.wait(0.05)))
    assert answered == [1, 1, 0] * 3

    board = Board(FaultScript(drop_stops=frozenset({1})))
    board.ask("$J=G90 Z-9 F60")
    board.send(b"\x85")
    board.wait(0.1)
    assert board.state() == "Jog"
    board.send(b"\x85")
    board.wait(0.1)
    assert board.state() == "Idle"

    board = Board(FaultScript(lines_at_s=((0.5, b"<Idl|MP\xff\r\n"),), alarm_at_s=((1.0, 2),)))
    assert board.wait(0.4) == []
    assert board.wait(0.2) == ["<Idl|MP\xff"]
    assert board.wait(1.0) == ["ALARM:2", "[MSG:Reset to continue]"]

    board = Board(FaultScript(reset_at_s=(0.5,)))
    board.ask("$J=G90 Z-9 F60")
    assert board.wait(1.0)[0] == "Grbl 1.1h ['$' for help]"
    assert board.mpos() == (0.0, 0.0, 0.0)
    assert board.state() == "Alarm"

    board = Board(FaultScript(homing_fails=True))
    board.send("$H\n")
    assert board.wait(20)[0] == "ALARM:9"

    board = Board(FaultScript(silent_at_s=0.1))
    board.wait(0.2)
    board.send("?$I\n")
    assert board.wait(1.0) == []

    board = Board(FaultScript(close_at_s=0.1))
    board.wait(0.2)
    assert board.controller.line_broken


@given(st.binary(max_size=120))
def test_no_bytes_upset_it(data: bytes) -> None:
    board = Board()
    board.send(data + b"\n")
    board.wait(30.0)
    board.send(b"\x18\n")
    board.wait(1.0)
    assert board.state() in ("Idle", "Alarm")


@given(
    st.lists(st.sampled_from(["", "$I", "$$", "$J=G91 Z-1", "G21", "zz", "$9999=1"]), max_size=9)
)
def test_each_line_gets_exactly_one_answer(lines: list[str]) -> None:
    board = Board()
    board.send("".join(f"{line}\n" for line in lines))
    answers = [a for a in board.wait(1.0) if a == "ok" or a.startswith("error:")]
    assert len(answers) == len(lines)


def test_latency_trembles_by_the_seed() -> None:
    def arrivals(seed: int) -> list[int]:
        settings = replace(SETTINGS, seed=seed, jitter_ms=2.0)
        motion = Board().motion
        controller = GrblController(motion, settings)
        times = []
        for n in range(20):
            controller.receive(b"G21\n", n * SECOND)
            due_ns = controller.next_event_ns()
            assert due_ns is not None
            times.append(due_ns - n * SECOND)
            controller.take(due_ns)
        return times

    assert arrivals(1) == arrivals(1) != arrivals(2)
    assert min(arrivals(1)) >= 4_000_000
    assert max(arrivals(1)) > 5_000_000
