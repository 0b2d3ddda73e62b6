"""The emulated TANGO on a fake clock."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.simulated.faults import FaultScript
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.tango_controller import VERSION, TangoController

SECOND = 1_000_000_000
SETTINGS = SimulationSettings(
    latency_ms=4.0, jitter_ms=0.0, tremor_um=0.0, backlash_um=(0.0, 0.0, 0.0)
)


class Board:
    """A controller on a fake clock; calibrated, with z in µm, unless told otherwise."""

    def __init__(self, faults: FaultScript | None = None, *, ready: bool = True) -> None:
        self.axes = SeparateAxes(SETTINGS)
        self.controller = TangoController(self.axes, SETTINGS)
        self.t_ns = SECOND
        self.controller.plug_in(FaultScript(), self.t_ns)
        if ready:
            self.tell("!autostatus 0", "!dim 1 1 1", "!cal", wait_s=30.0)
            self.tell("!rm", wait_s=30.0)
            assert self.ask("?err") == "0"
        self.controller.inject(faults or FaultScript(), self.t_ns)

    def wait(self, seconds: float) -> list[str]:
        end_ns = self.t_ns + round(seconds * SECOND)
        received = b""
        while (due_ns := self.controller.next_event_ns()) is not None and due_ns <= end_ns:
            self.t_ns = max(due_ns, self.t_ns)
            received += self.controller.take(self.t_ns)
        self.t_ns = end_ns
        return [line for line in received.decode("latin-1").split("\r") if line]

    def tell(self, *lines: str, wait_s: float = 0.005) -> None:
        self.controller.receive("".join(f"{line}\r" for line in lines).encode(), self.t_ns)
        assert self.wait(wait_s) == []

    def ask(self, line: str) -> str:
        self.controller.receive(f"{line}\r".encode(), self.t_ns)
        (answer,) = self.wait(0.005)
        return answer

    def z_um(self) -> float:
        return self.axes.position_at(self.t_ns)[2]


def test_switched_on() -> None:
    board = Board(ready=False)
    assert board.ask("?version") == VERSION
    assert int(board.ask("?det")) >> 4 & 0xF == 3
    assert board.ask("?pos") == "0.0000 0.0000 0.0000"
    assert board.ask("?statusaxis") == "@@@-."
    assert board.ask("?statusaxis z") == "@"
    assert board.ask("?calst") == "0 0 0"
    assert board.ask("?autostatus") == "1"
    assert board.ask("?status") == "OK..."
    assert board.ask("?pitch z") == "1.0000"
    assert board.ask("?dim") == "2 2 2"


def test_calibration_finds_both_ends() -> None:
    board = Board()
    assert board.ask("?calst") == "3 3 3"
    assert board.ask("?statusaxis") == "DDD-."
    # From one released switch to the other, 10 µm each.
    assert board.ask("?lim z") == "0.0 980.0"
    assert board.ask("?lim x") == "0.0 39980.0"
    assert board.ask("?pos z") == "980.0"
    assert board.z_um() == pytest.approx(10.0)
    board.tell("!dim z 2")
    assert board.ask("?lim z") == "0.0000 0.9800"


def test_units_of_lengths_and_speeds() -> None:
    board = Board()
    board.tell("!moa z 100", wait_s=10)
    for dim, pos, vel in ((0, "81920", "0.500000"), (1, "100.0", "0.500000"),
                          (2, "0.1000", "0.500000"), (9, "0.1000", "0.500000")):  # fmt: skip
        board.tell(f"!dim z {dim}")
        assert (board.ask("?pos z"), board.ask("?vel z")) == (pos, vel)
    assert board.ask("?accel z") == "0.005000"
    board.tell("!vel z 0.014", "!accel z 0.001")
    assert (board.ask("?vel z"), board.ask("?accel z")) == ("0.014000", "0.001000")


def test_a_bounded_run_keeps_its_speed() -> None:
    board = Board()
    board.tell("!moa z 100", wait_s=10)
    board.tell("!dim z 9", "!vel z 0.1", "!dim z 1", "!moa z 600")
    board.wait(1)
    before = board.z_um()
    assert board.ask("?statusaxis z") == "M"
    assert float(board.ask("?pos z")) == pytest.approx(990 - before, abs=1.2)
    board.wait(0.99)
    assert before - board.z_um() == pytest.approx(100.0, abs=0.1)
    board.wait(10)
    assert board.ask("?statusaxis z") == "@"
    assert board.ask("?pos z") == "600.0"


def test_a_velocity_runs_until_stopped_or_at_the_limit() -> None:
    board = Board()
    board.tell("!moa z 100", wait_s=10)
    board.tell("!dim z 9", "!speed z 0.1", wait_s=2)
    board.tell("!speed z 0", wait_s=1)
    assert float(board.ask("?pos z")) == pytest.approx(0.3, abs=0.002)
    board.tell("!speed z 0.5", wait_s=10)
    assert board.ask("?pos z") == "0.9800"
    board.tell("!speed z -0.5", wait_s=10)
    assert board.ask("?pos z") == "0.0000"


@pytest.mark.parametrize("stop", ["a z\r", "a\r", "!a\r", "\x03"])
def test_abort(stop: str) -> None:
    board = Board()
    board.tell("!moa z 100", wait_s=1)
    at_stop = board.z_um()
    board.controller.receive(stop.encode(), board.t_ns)
    board.wait(0.5)
    # 500 µm/s at 5000 µm/s² brake within 25 µm.
    assert 0 < board.z_um() - at_stop < 30
    assert board.ask("?statusaxis z") == "@"
    assert board.ask("?err") == "0"


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("!moa z 100", 0),
        ("MOA Z 100", 0),
        ("!moa 10 10 100", 0),
        ("!mor z -1", 0),
        ("!moa z 981", 32),
        ("!moa z -1", 32),
        ("!mor z 5", 32),
        ("!moa q 5", 5),
        ("!moa", 6),
        ("!moa z", 6),
        ("!moa z 1 2", 6),
        ("!moa 1 2 3 4", 6),
        ("!moa z up", 5),
        ("!moa z nan", 5),
        ("!vel z 0", 5),
        ("!vel z 99", 5),
        ("!accel z -1", 5),
        ("!dim z 4", 5),
        ("!lim z 5", 6),
        ("!lim z 5 1", 5),
        ("!lim q 1 5", 1),
        ("!autostatus 7", 5),
        ("!cal q", 1),
        ("!fly", 4),
        ("?fly", 4),
        ("vel z 0.1", 7),
        ("!moa z " + "1" * 300, 3),
    ],
)
def test_orders_are_answered_by_the_error_number_alone(line: str, number: int) -> None:
    board = Board()
    board.tell(line)
    assert board.ask("?status") == (f"ERR {number}" if number else "OK...")
    assert board.ask("?err") == str(number)
    assert board.ask("?err") == "0"


def test_limits_and_positions_can_be_set() -> None:
    board = Board()
    board.tell("!lim z 100 500", "!moa z 501")
    assert board.ask("?err") == "32"
    board.tell("!moa z 400", wait_s=10)
    board.tell("!pos z 0")
    assert board.ask("?pos z") == "0.0"
    assert board.ask("?lim z") == "-300.0 100.0"


def test_autostatus_tells_the_end_of_a_move_unasked() -> None:
    board = Board()
    board.tell("!autostatus 1", "!moa 100 100 100")
    assert board.wait(10) == ["@@@-."]


def test_faults() -> None:
    def running(script: FaultScript) -> Board:
        board = Board()
        board.tell("!moa z 100")
        board.wait(0.5)
        board.controller.inject(script, board.t_ns)
        board.wait(0.5)
        return board

    board = running(FaultScript(limit_at_s=(0.1,)))
    assert board.ask("?statusaxis") == "DDS-."
    assert board.ask("?err") == "12"
    board.tell("!moa z 500", wait_s=10)
    assert board.ask("?statusaxis z") == "@"

    board = running(FaultScript(alarm_at_s=((0.1, 27),)))
    assert board.ask("?statusaxis z") == "@"
    assert [board.ask("?err"), board.ask("?err")] == ["27", "27"]
    board.tell("!moa z 500")
    assert board.ask("?statusaxis z") == "@"
    board.tell("!err", "!moa z 500")
    assert board.ask("?statusaxis z") == "M"

    board = running(FaultScript(reset_at_s=(0.1,)))
    assert board.ask("?calst") == "0 0 0"
    assert board.ask("?pos") == "0.0000 0.0000 0.0000"

    board = running(FaultScript(stall_at_s=(0.1,)))
    board.wait(10)
    assert board.ask("?pos z") == "100.0"
    assert board.z_um() < 800

    board = running(FaultScript(drop_stops=frozenset({1})))
    board.tell("a")
    assert board.ask("?statusaxis z") == "M"
    board.tell("a", wait_s=0.5)
    assert board.ask("?statusaxis z") == "@"

    board = Board(FaultScript(homing_fails=True))
    board.tell("!cal z", wait_s=20)
    assert board.ask("?statusaxis z") == "E"
    assert board.ask("?err") == "14"


def test_running_into_a_switch() -> None:
    board = Board(ready=False)
    board.tell("!autostatus 0", "!dim z 9", "!speed z 0.5", wait_s=20)
    assert board.ask("?statusaxis z") == "S"
    assert board.ask("?err") == "12"
    assert board.z_um() == 0.0
    board.tell("!speed z -0.5")
    assert board.ask("?statusaxis z") == "M"


def test_reconnecting_finds_everything_as_it_was() -> None:
    board = Board()
    board.tell("!moa z 100")
    board.controller.plug_in(FaultScript(), board.t_ns)
    board.wait(20)
    assert board.ask("?pos z") == "100.0"


@settings(max_examples=50)
@given(st.binary(max_size=120))
def test_no_bytes_upset_it(data: bytes) -> None:
    board = Board(ready=False)
    board.controller.receive(data + b"\r", board.t_ns)
    board.wait(30.0)
    assert board.ask("?version") == VERSION
