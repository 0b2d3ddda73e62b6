"""What is peculiar to the TANGO, on its emulated firmware: ranges, errors, speeds, unasked lines.

What it shares with Zaber stages is in `referenced_stages`.
"""

from __future__ import annotations

import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from drivers.errors import Alarm, MoveStopped, Rejected
from drivers.serial_stage.settings import AxisSettings, StageSettings
from drivers.serial_stage.stage import SerialStage
from drivers.simulated.faults import FaultScript
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.served_controller import ServedController
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.tango_controller import TangoController
from drivers.stage import StagePhase
from drivers.tango import TangoDialect

PATIENCE_S = 60.0
SIMULATION = SimulationSettings(
    latency_ms=2.0,
    jitter_ms=0.5,
    tremor_um=0.0,
    backlash_um=(0.0, 0.0, 0.0),
    travel_um=(2000.0, 2000.0, 1000.0),
    start_um=(100.0, 100.0, 950.0),
    max_speed_um_per_s=(2000.0, 2000.0, 2000.0),
    acceleration_um_per_s2=(20_000.0, 20_000.0, 20_000.0),
)
DOWNWARDS = AxisSettings(direction=-1, offset_um=990.0, lower_um=10.0, upper_um=990.0)


def eventually(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never happened"
        time.sleep(0.005)


class Bench:
    """A controller that was switched on just now, or has measured its ranges already."""

    def __init__(self, *, measured: bool = False) -> None:
        self.axes = SeparateAxes(SIMULATION)
        self.controller = TangoController(self.axes, SIMULATION)
        self.server = ServedController(self.controller)
        if measured:
            self.tell("!cal")
            self.tell("!rm")

    @property
    def z_um(self) -> float:
        return self.axes.position_at(time.monotonic_ns())[2]

    def tell(self, line: str) -> None:
        """Have an order carried out before time begins."""
        self.controller.receive(f"{line}\r".encode(), 0)
        while (due_ns := self.controller.next_event_ns()) is not None:
            self.controller.take(due_ns)

    def talk(self, *lines: str) -> str:
        """Say lines on a line of one's own, once the driver has hung up; return the last answer."""
        parts = urlsplit(self.server.url)
        answer = b""
        with socket.create_connection(("127.0.0.1", parts.port or 0), timeout=20) as line:
            line.sendall("".join(f"{text}\r" for text in lines).encode())
            while not answer.endswith(b"\r"):
                answer += line.recv(100)
        return answer.decode().strip()

    @contextmanager
    def connected(self, z: AxisSettings = DOWNWARDS) -> Iterator[SerialStage]:
        across = AxisSettings(offset_um=10.0, lower_um=10.0, upper_um=1990.0)
        settings = StageSettings(self.server.url, x=across, y=across, z=z, poll_hz=50.0)
        stage = SerialStage(settings, TangoDialect(settings))
        stage.connect()
        try:
            yield stage
        finally:
            stage.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    with bench.server:
        yield bench


@pytest.fixture
def homed(bench: Bench) -> Iterator[SerialStage]:
    with bench.connected() as stage:
        stage.home().wait(PATIENCE_S)
        yield stage


def test_a_range_that_was_never_measured_has_to_be_in_the_profile(bench: Bench) -> None:
    with (
        pytest.raises(Rejected, match="the range has not been measured"),
        bench.connected(AxisSettings(direction=-1)),
    ):
        pass


@pytest.mark.timeout(60)
def test_a_measured_range_and_reference_are_believed() -> None:
    bench = Bench(measured=True)
    # Measuring took simulated time.
    eventually(lambda: bench.axes.rests_at(time.monotonic_ns()))
    with bench.server, bench.connected(AxisSettings(direction=-1, offset_um=990.0)) as stage:
        assert stage.state().referenced
        z = stage.caps.z
        assert (z.lower_um, z.upper_um) == pytest.approx((10.0, 990.0))
        stage.move_to(z_um=100.0).wait(PATIENCE_S)
        assert bench.z_um == pytest.approx(100.0, abs=0.1)


def test_it_is_told_to_say_nothing_unasked_and_to_speak_in_mm(
    bench: Bench, homed: SerialStage
) -> None:
    homed.close()
    assert bench.talk("?autostatus") == "0"
    assert bench.talk("?dim") == "9 9 9"


def test_the_speed_of_a_sweep_is_put_back(
    bench: Bench, homed: SerialStage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "drivers.line")
    homed.sweep_z(975.0, 20.0).wait(PATIENCE_S)
    eventually(lambda: len(re.findall("> b'!vel z", caplog.text)) == 2)
    homed.close()
    assert bench.talk("?vel z") == "2.000000"


def test_an_emergency_stop_at_rest_is_heard_of(bench: Bench, homed: SerialStage) -> None:
    bench.server.inject(FaultScript(alarm_at_s=((0.0, 27),)))
    eventually(lambda: homed.state().phase is StagePhase.ALARM)
    with pytest.raises(Alarm, match="emergency stop"):
        homed.move_to(z_um=900.0)
    homed.unlock()
    homed.move_to(z_um=900.0).wait(PATIENCE_S)


def test_the_narrower_of_both_limits_counts(bench: Bench, homed: SerialStage) -> None:
    homed.close()
    assert bench.talk("!dim z 1", "!lim z 0 100", "?err") == "0"
    with bench.connected(DOWNWARDS) as stage:
        assert stage.caps.z.lower_um == pytest.approx(890.0)


def test_a_deaf_line_reader_still_sees_the_abort_byte(bench: Bench, homed: SerialStage) -> None:
    """The line ``a`` is lost twice; the byte that needs no line ends the sweep."""
    move = homed.sweep_z(500.0, 40.0)
    eventually(lambda: bench.z_um < 985.0)
    bench.server.inject(FaultScript(drop_stops=frozenset({1, 2})))
    assert homed.stop().attempts >= 3
    with pytest.raises(MoveStopped):
        move.wait(PATIENCE_S)
    assert bench.z_um > 500.0
