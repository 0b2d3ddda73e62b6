from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.simulated.asi_controller import AsiController
from drivers.simulated.faults import FaultScript
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.settings import SimulationSettings

SECOND = 1_000_000_000
SETTINGS = replace(
    SimulationSettings(latency_ms=4.0, jitter_ms=0.0, tremor_um=0.0),
    backlash_um=(0.0, 0.0, 0.0),
    start_um=(20_000.0, 10_000.0, 500.0),
)
FINE = ":A "


class Desk:
    """A controller on a fake clock."""

    def __init__(self, faults: FaultScript | None = None, *, tiger: bool = False) -> None:
        self.axes = SeparateAxes(SETTINGS)
        self.controller = AsiController(self.axes, SETTINGS, tiger=tiger)
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
        return received.decode("latin-1").split("\r\n")[:-1]

    def ask(self, line: str) -> str:
        self.send(line)
        (answer,) = self.wait(0.01)
        return answer

    def z_units(self) -> float:
        return float(self.ask("W Z")[3:])

    def status(self) -> int:
        return int(self.ask("RS Z")[3:])

    @property
    def z_um(self) -> float:
        return self.axes.position_at(self.t_ns)[2]


def still(faults: FaultScript | None = None) -> Desk:
    """Return a desk whose z takes up no backlash."""
    desk = Desk(faults)
    assert desk.ask("B Z=0") == FINE
    return desk


def test_it_introduces_itself() -> None:
    assert Desk().ask("N") == ":A ASI-MS2000-XYBR-Z-USB"
    assert Desk().ask("VERSION") == ":A Version: USB-9.2m "
    assert "Motor Axes: X Y Z" in Desk().ask("BU X")
    assert "TIGER_COMM" in Desk(tiger=True).ask("WHO")


def test_moves_are_in_tenths_of_a_micrometre_and_are_read_while_they_last() -> None:
    desk = still()
    assert desk.ask("S Z=0.1") == FINE
    assert desk.ask("M Z=1000") == FINE
    desk.wait(0.5)
    assert desk.ask("/") == "B"
    assert desk.status() & 0b111 == 0b111
    assert 0 < desk.z_units() < 1000
    desk.wait(1.0)
    assert desk.ask("STATUS") == "N"
    assert desk.ask("WHERE Z Y X") == ":A 0 0 1000 "
    assert desk.z_um == pytest.approx(600.0)
    assert desk.ask("MOVREL Z=-500") == FINE
    desk.wait(1.0)
    assert desk.z_units() == 500


def test_hundredths_can_be_asked_for() -> None:
    desk = still()
    desk.ask("M Z=1000.5")
    desk.wait(2.0)
    desk.controller.receive(b"\xffH", desk.t_ns)
    assert desk.ask("W Z") == ":A 1000.5 "
    desk.controller.receive(b"\xffT", desk.t_ns)
    assert "." not in desk.ask("W Z")


def test_speed_bounds_the_run_and_too_high_a_speed_is_cut_in_silence() -> None:
    desk = still()
    assert desk.ask("SPEED Z=100000000") == FINE
    assert desk.ask("S Z?") == ":A Z=0.500000"
    desk.ask("S Z=0.02")
    desk.ask("M Z=2000")
    desk.wait(1.0)
    before = desk.z_um
    desk.wait(1.0)
    assert desk.z_um - before == pytest.approx(20.0)


def test_velocity_runs_until_it_is_set_to_zero_and_is_no_commanded_move() -> None:
    desk = Desk()
    assert desk.ask("VE Z=0.05") == FINE
    desk.wait(0.5)
    before = desk.z_um
    desk.wait(2.0)
    assert desk.z_um - before == pytest.approx(100.0)
    assert desk.ask("/") == "N"
    assert desk.status() & 0b100
    assert desk.ask("VE Z?") == ":A Z=0.050000"
    assert desk.ask("VECTOR Z=0") == FINE
    desk.wait(0.2)
    assert not desk.status() & 0b100


@pytest.mark.parametrize("stop", ["HALT", "\\"])
def test_a_halt_says_that_a_move_was_cut_short(stop: str) -> None:
    desk = still()
    assert desk.ask(stop) == FINE
    desk.ask("S Z=0.1")
    desk.ask("M Z=2000")
    desk.wait(0.5)
    assert desk.ask(stop) == ":N-21"
    desk.wait(0.2)
    assert desk.ask("/") == "N"
    assert 400 < desk.z_units() < 700


def test_the_backslash_needs_no_line_end() -> None:
    desk = still()
    desk.ask("M Z=2000")
    desk.controller.receive(b"\\", desk.t_ns)
    assert desk.wait(0.2) == [":N-21"]


def test_busy_drops_before_backlash_is_taken_up() -> None:
    desk = Desk()
    desk.ask("B Z=0.02")
    desk.ask("S Z=0.1")
    desk.ask("M Z=1000")
    busy = [desk.ask("/") for _ in range(150)]
    drops = "".join(busy).rstrip("N").count("BN")
    assert drops == 1
    assert desk.z_units() == 1000


def test_soft_limits_bound_moves_and_velocities() -> None:
    desk = still()
    assert desk.ask("SU Z=0.1") == FINE
    assert desk.ask("SL Z=-0.05") == FINE
    assert desk.ask("SU Z? Y?") == ":A Y=110.000000 Z=0.100000"
    desk.ask("M Z=5000")
    desk.wait(2.0)
    assert desk.z_units() == 1000
    assert desk.status() & 0b1100_0000 == 0b0100_0000
    desk.ask("VE Z=-0.1")
    desk.wait(4.0)
    assert desk.z_units() == -500
    assert desk.status() & 0b1100_0000 == 0b1000_0000


def test_settings_answer_in_both_of_their_styles() -> None:
    desk = Desk()
    assert desk.ask("AC Z?") == ":Z=100 A"
    assert desk.ask("B X?") == ":X=0.040000 A"
    assert desk.ask("PC Z?") == ":A Z=0.000024"
    assert desk.ask("OS Z?") == ":A Z=0.000000"


def test_the_ramp_time_is_that_to_full_speed() -> None:
    desk = still()
    desk.ask("AC Z=1000")
    desk.ask("VE Z=0.1")
    desk.wait(0.1)
    assert desk.status() & 0b110000 == 0b010000
    desk.wait(0.4)
    assert desk.status() & 0b110000 == 0


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("NONSENSE", ":N-1"),
        ("M Q=1", ":N-2"),
        ("W", ":N-3"),
        ("S Z", ":N-3"),
        ("S Z=-1", ":N-4"),
        ("AC Z=0", ":N-4"),
        ("M Z=one", ":N-6"),
        ("M 17", ":N-6"),
    ],
)
def test_refusals(line: str, answer: str) -> None:
    assert Desk().ask(line) == answer


def test_a_tiger_takes_card_addresses() -> None:
    desk = Desk(tiger=True)
    assert desk.ask("2B Z=0") == FINE
    assert desk.ask("NONSENSE") == ":N-6"


def test_home_runs_to_the_upper_switch() -> None:
    desk = still()
    assert desk.ask("! Z") == FINE
    desk.wait(3.0)
    assert desk.z_um == SETTINGS.travel_um[2]
    assert desk.status() & 0b0100_0000
    assert desk.ask("H Z=0") == FINE
    assert desk.z_units() == 0


def test_a_switch_that_is_never_found() -> None:
    desk = still(FaultScript(homing_fails=True))
    desk.ask("! Z")
    desk.wait(30.0)
    assert desk.ask("/") == "B"
    assert desk.ask("HALT") == ":N-21"
    assert desk.ask("/") == "N"


def test_an_error_switches_the_motors_off_until_they_are_switched_on() -> None:
    desk = still(FaultScript(alarm_at_s=((0.5, 30),)))
    desk.ask("S Z=0.1")
    desk.ask("M Z=2000")
    desk.wait(1.0)
    assert desk.ask("/") == "N"
    assert not desk.status() & 0b10
    assert desk.ask("M Z=0") == ":N-5"
    assert desk.ask("DU Y") == "30"
    assert desk.ask("MC X+ Y+ Z+") == FINE
    assert desk.ask("M Z=0") == FINE


def test_the_encoder_notices_a_stall() -> None:
    desk = still(FaultScript(stall_at_s=(0.5,)))
    desk.ask("S Z=0.1")
    desk.ask("M Z=2000")
    desk.wait(3.0)
    assert desk.ask("/") == "N"
    assert 300 < desk.z_units() < 700
    assert desk.z_um - 500 == pytest.approx(desk.z_units() / 10, abs=0.1)


def test_a_limit_switch_hit_in_mid_move_and_a_lost_halt() -> None:
    desk = still(FaultScript(limit_at_s=(0.5,), drop_stops=frozenset({1})))
    desk.ask("S Z=0.1")
    desk.ask("M Z=2000")
    desk.send("HALT")
    assert desk.wait(0.2) == []
    assert desk.ask("/") == "B"
    desk.wait(1.0)
    assert desk.ask("/") == "N"
    assert desk.status() & 0b0100_0000


def test_a_brown_out_makes_zero_of_where_it_stands() -> None:
    desk = still(FaultScript(reset_at_s=(0.5,)))
    desk.ask("M Z=2000")
    desk.wait(1.0)
    assert desk.ask("W X Y Z") == ":A 0 0 0 "


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_bytes_are_survived(pieces: list[bytes]) -> None:
    desk = Desk()
    for piece in pieces:
        desk.controller.receive(piece, desk.t_ns)
        desk.wait(0.05)
    desk.controller.receive(b"\r\r\\", desk.t_ns)
    desk.wait(1.0)
    assert desk.ask("/") == "N"
    x, y, z = desk.axes.position_at(desk.t_ns)
    assert 0 <= x <= SETTINGS.travel_um[0]
    assert 0 <= y <= SETTINGS.travel_um[1]
    assert 0 <= z <= SETTINGS.travel_um[2]
