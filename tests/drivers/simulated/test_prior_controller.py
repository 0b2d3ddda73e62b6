from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.simulated.faults import FaultScript
from drivers.simulated.prior_controller import PriorController
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.settings import SimulationSettings

SECOND = 1_000_000_000
SETTINGS = replace(
    SimulationSettings(latency_ms=4.0, jitter_ms=0.0, tremor_um=0.0),
    backlash_um=(0.0, 0.0, 0.0),
    start_um=(20_000.0, 10_000.0, 500.0),
)


class Desk:
    """A controller on a fake clock."""

    def __init__(self, faults: FaultScript | None = None, *, late: bool = False) -> None:
        self.axes = SeparateAxes(SETTINGS)
        self.controller = PriorController(self.axes, SETTINGS, acknowledges_at_end=late)
        self.t_ns = SECOND
        self.controller.plug_in(faults or FaultScript(), self.t_ns)

    def send(self, line: str) -> None:
        self.controller.receive(line.encode("latin-1") + b"\r", self.t_ns)

    def wait(self, seconds: float) -> list[str]:
        """Let time pass event by event; return the lines that came."""
        end_ns = self.t_ns + round(seconds * SECOND)
        received = b""
        while (due_ns := self.controller.next_event_ns()) is not None and due_ns <= end_ns:
            self.t_ns = max(due_ns, self.t_ns)
            received += self.controller.take(self.t_ns)
        self.t_ns = end_ns
        return received.decode("latin-1").split("\r")[:-1]

    def ask(self, line: str) -> list[str]:
        self.send(line)
        return self.wait(0.01)

    @property
    def z_um(self) -> float:
        return self.axes.position_at(self.t_ns)[2]


def test_it_introduces_itself() -> None:
    desk = Desk()
    answer = desk.ask("?")
    assert answer[0] == "PROSCAN INFORMATION"
    assert answer[-1] == "END"
    assert desk.ask("COMP 0") == ["0"]
    assert desk.ask("COMP") == ["0"]
    assert desk.ask("SERIAL")[0].isdecimal()
    assert desk.ask("STAGE")[-1] == desk.ask("FOCUS")[-1] == "END"


def test_power_up_is_zero_wherever_the_stage_stands() -> None:
    desk = Desk()
    assert desk.ask("P") == ["0,0,0"]
    assert desk.ask("$") == ["0"]


@pytest.mark.parametrize("line", ["G,1000,2000", "G 1000 2000", "g\t1000;2000", "G=1000:2000"])
def test_every_separator_will_do(line: str) -> None:
    desk = Desk()
    assert desk.ask(line) == ["R"]
    desk.wait(2.0)
    assert desk.ask("PS") == ["1000,2000"]


def test_focus_moves_in_tenths_of_a_micrometre_and_is_read_while_it_moves() -> None:
    desk = Desk()
    assert desk.ask("V,1000") == ["R"]
    desk.wait(0.1)
    assert desk.ask("$") == ["4"]
    assert 100 < int(desk.ask("PZ")[0]) < 900
    desk.wait(2.0)
    assert desk.ask("PZ") == ["1000"]
    assert desk.z_um == pytest.approx(600.0)
    assert desk.ask("D,500") == ["R"]
    desk.wait(2.0)
    assert desk.ask("PZ") == ["500"]
    assert desk.ask("RES,Z") == ["0.1"]
    assert desk.ask("RES,Z,1.0") == ["0"]
    assert desk.ask("PZ") == ["50"]


def test_speed_in_per_cent_bounds_the_run() -> None:
    desk = Desk()
    assert desk.ask("SMZ,2") == ["0"]
    assert desk.ask("SMZ") == ["2"]
    desk.ask("V,2000")
    desk.wait(1.0)
    before = desk.z_um
    desk.wait(1.0)
    assert desk.z_um - before == pytest.approx(0.02 * SETTINGS.max_speed_um_per_s[2])


def test_velocity_runs_until_it_is_set_to_zero() -> None:
    desk = Desk()
    assert desk.ask("VZ,20.03") == ["R"]
    desk.wait(0.5)
    before = desk.z_um
    desk.wait(2.0)
    # Rounded down to whole motor steps of 0.05 µm per second.
    assert desk.z_um - before == pytest.approx(40.0)
    assert desk.ask("VZ,0") == ["R"]
    desk.wait(0.1)
    assert desk.ask("$") == ["0"]
    assert desk.ask("VS,-100,50") == ["R"]
    desk.wait(1.0)
    assert desk.ask("$") == ["3"]
    assert desk.ask("I") == ["R"]
    desk.wait(0.1)
    x, y = map(int, desk.ask("PS")[0].split(","))
    assert x == pytest.approx(-100, abs=3)
    assert y == pytest.approx(50, abs=3)


def test_a_velocity_ends_at_the_limit_switch() -> None:
    desk = Desk()
    assert desk.ask("LMT") == ["00"]
    desk.ask("VZ,500")
    desk.wait(3.0)
    assert desk.ask("$") == ["0"]
    assert desk.ask("LMT") == ["10"]
    desk.ask("V,0")
    desk.wait(3.0)
    assert desk.ask("LMT") == ["00"]
    assert desk.ask("=") == ["10"]
    assert desk.ask("=") == ["00"]


def test_moves_queue_and_a_stop_empties_the_queue() -> None:
    desk = Desk()
    assert [desk.ask("U,200")[0] for _ in range(3)] == ["R"] * 3
    desk.wait(3.0)
    assert desk.ask("PZ") == ["600"]
    desk.ask("SMZ,1")
    replies = [desk.ask("U,1000")[0] for _ in range(105)]
    assert replies[:101] == ["R"] * 101
    assert replies[101:] == ["E,18"] * 4
    assert desk.ask("K") == ["R"]
    desk.wait(0.5)
    here = desk.ask("PZ")
    desk.wait(5.0)
    assert desk.ask("PZ") == here


def test_the_manual_acknowledges_a_move_at_its_end() -> None:
    desk = Desk(late=True)
    assert desk.ask("V,1000") == []
    assert desk.ask("$") == ["4"]
    assert desk.wait(2.0) == ["R"]
    desk.ask("V,0")
    assert desk.ask("I") == ["R"]
    assert desk.wait(2.0) == []


def test_compatibility_mode_takes_one_move_at_a_time() -> None:
    desk = Desk()
    desk.ask("COMP,1")
    assert desk.ask("V,1000") == []
    assert desk.ask("V,0") == ["E,2"]
    assert desk.wait(2.0) == ["R"]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("NONSENSE", "E,5"),
        (",;", "E,4"),
        ("SMZ,200", "E,8"),
        ("SMZ,x", "E,10"),
        ("G,1,y", "E,11"),
        ("VZ,1e9", "E,10"),
        ("VZ,100000", "E,8"),
        ("BAUD,12", "E,8"),
        ("V", "E,10"),
        ("P" * 300, "E,4"),
    ],
)
def test_refusals(line: str, answer: str) -> None:
    assert Desk().ask(line) == [answer]


def test_refusals_in_words() -> None:
    desk = Desk()
    desk.ask("ERROR,1")
    assert desk.ask("NONSENSE") == ["COMMAND NOT FOUND"]


def test_positions_can_be_set_at_rest_only() -> None:
    desk = Desk()
    assert desk.ask("PZ,100") == ["0"]
    assert desk.ask("PZ") == ["100"]
    desk.ask("V,2000")
    assert desk.ask("PZ,0") == ["E,2"]


def test_sis_finds_the_switches_of_the_stage_alone() -> None:
    desk = Desk()
    assert desk.ask("SIS") == ["R"]
    assert desk.ask("$") == ["3"]
    desk.wait(5.0)
    assert desk.ask("P") == ["0,0,0"]
    assert desk.axes.position_at(desk.t_ns) == (0.0, 0.0, 500.0)


def test_switches_that_are_never_found() -> None:
    desk = Desk(FaultScript(homing_fails=True))
    desk.ask("SIS")
    desk.wait(20.0)
    assert desk.ask("$") == ["3"]
    desk.ask("I")
    assert desk.ask("$") == ["0"]


def test_a_limit_switch_hit_in_mid_move() -> None:
    desk = Desk(FaultScript(limit_at_s=(0.3,)))
    desk.ask("SMZ,10")
    desk.ask("V,1000")
    desk.wait(1.0)
    assert desk.ask("$") == ["0"]
    assert desk.ask("LMT") == ["10"]
    assert 0 < int(desk.ask("PZ")[0]) < 1000


def test_a_stall_goes_unnoticed() -> None:
    desk = Desk(FaultScript(stall_at_s=(0.5,)))
    desk.ask("SMZ,10")
    desk.ask("V,1000")
    desk.wait(5.0)
    assert desk.ask("PZ") == ["1000"]
    assert 510 < desk.z_um < 540


def test_a_brown_out_makes_zero_of_where_it_stands() -> None:
    desk = Desk(FaultScript(reset_at_s=(1.0,)))
    desk.ask("SMZ,10")
    desk.ask("V,1000")
    desk.wait(2.0)
    assert desk.ask("P") == ["0,0,0"]
    assert desk.ask("SMZ") == ["100"]
    assert 530 < desk.z_um < 560


def test_a_lost_stop() -> None:
    desk = Desk(FaultScript(drop_stops=frozenset({1})))
    desk.ask("VZ,50")
    assert desk.ask("K") == []
    assert desk.ask("$") == ["4"]
    assert desk.ask("K") == ["R"]
    assert desk.ask("$") == ["0"]


def test_no_alarms() -> None:
    with pytest.raises(ValueError, match="no alarms"):
        Desk(FaultScript(alarm_at_s=((1.0, 3),)))


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_bytes_are_survived(pieces: list[bytes]) -> None:
    desk = Desk()
    for piece in pieces:
        desk.controller.receive(piece, desk.t_ns)
        desk.wait(0.05)
    desk.controller.receive(b"\rERROR 0\rK\r", desk.t_ns)
    desk.wait(1.0)
    assert desk.ask("$") == ["0"]
    x, y, z = desk.axes.position_at(desk.t_ns)
    assert 0 <= x <= SETTINGS.travel_um[0]
    assert 0 <= y <= SETTINGS.travel_um[1]
    assert 0 <= z <= SETTINGS.travel_um[2]
