"""Any emulated controller over TCP and over a pty, with the faults of its line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

import pytest

from drivers.errors import ConnectionLost
from drivers.line import Line
from drivers.simulated.faults import FaultScript
from drivers.simulated.served_controller import ServedController
from drivers.simulated.served_line import ServedLine, TcpLine
from drivers.simulated.wire import Wire

PATIENCE_S = 20.0


class Echo:
    """The simplest controller: says each line back."""

    def __init__(self) -> None:
        self._wire = Wire(latency_ms=1.0, jitter_ms=0.5, seed=1)
        self._line = b""
        self.suffered: list[str] = []

    @property
    def line_broken(self) -> bool:
        return self._wire.broken

    def plug_in(self, faults: FaultScript, t_ns: int) -> None:
        self._line = b""
        self.suffered.append("plug in")
        self._wire.forget_sent()
        self.inject(faults, t_ns)

    def inject(self, faults: FaultScript, t_ns: int) -> None:
        self._wire.inject(faults, self, t_ns)

    def receive(self, data: bytes, t_ns: int) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            self._wire.answer(t_ns, lambda _, line=line: [line + b"\n"])  # type: ignore[misc]

    def take(self, t_ns: int) -> bytes:
        return self._wire.take(t_ns)

    def next_event_ns(self) -> int | None:
        return self._wire.next_event_ns()

    def power_up(self, t_ns: int) -> None:
        self.suffered.append("reset")

    def alarm(self, code: int | str, t_ns: int) -> None:
        self.suffered.append(f"alarm {code}")

    def hit_limit(self, t_ns: int) -> None:
        self.suffered.append("limit")

    def stall(self, t_ns: int) -> None:
        self.suffered.append("stall")


class Client:
    """What a driver sees."""

    def __init__(self, url: str) -> None:
        self.lines: list[str] = []
        self.lost: list[ConnectionLost] = []
        self.line = Line(
            "echo",
            url,
            115_200,
            on_line=lambda text, _: self.lines.append(text),
            on_lost=self.lost.append,
        )
        self.line.open()

    def ask(self, text: str) -> None:
        before = len(self.lines)
        self.line.write_line(text)
        eventually(lambda: text in self.lines[before:])


def eventually(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never happened"
        time.sleep(0.002)


def make_line(kind: str) -> ServedLine:
    if kind == "tcp":
        return TcpLine()
    if not sys.platform.startswith("linux"):
        pytest.skip("a pty that tells when it is opened exists on Linux only")
    from drivers.simulated.pty_line import PtyLine

    return PtyLine()


@pytest.fixture(params=["tcp", "pty"])
def served(request: pytest.FixtureRequest) -> Iterator[ServedController]:
    with ServedController(Echo(), line=make_line(request.param)) as controller:
        yield controller


@pytest.fixture
def client(served: ServedController) -> Iterator[Client]:
    client = Client(served.url)
    yield client
    client.line.close()


def test_it_answers_and_a_second_client_finds_it_again(served: ServedController) -> None:
    for _ in range(3):
        client = Client(served.url)
        for turn in range(20):
            client.ask(f"line {turn}")
        assert not client.lost
        client.line.close()


def test_a_pulled_cable_ends_the_conversation_and_can_be_put_back(
    served: ServedController, client: Client
) -> None:
    client.ask("before")
    served.inject(FaultScript(close_at_s=0.0))
    eventually(lambda: bool(client.lost))
    served.inject(FaultScript())
    again: list[Client] = []

    def reconnect() -> bool:
        try:
            again.append(Client(served.url))
        except ConnectionLost:
            return False
        return True

    eventually(reconnect)
    again[0].ask("after")
    again[0].line.close()


def test_silence(served: ServedController, client: Client) -> None:
    served.inject(FaultScript(silent_at_s=0.0))
    client.line.write_line("heard?")
    time.sleep(0.1)
    assert client.lines == []
    served.inject(FaultScript())
    client.ask("again")


def test_a_flood_of_garbage_passes(served: ServedController, client: Client) -> None:
    served.inject(FaultScript(flood_at_s=((0.0, 0.3),)))
    client.line.write_line("in the flood")
    eventually(lambda: sum(map(len, client.lines)) > 1000)
    client.line.write_line("ends the last line of garbage")
    client.ask("after the flood")


def test_closing_ends_the_conversation_and_the_name(
    served: ServedController, client: Client
) -> None:
    client.ask("open")
    served.close()
    eventually(lambda: bool(client.lost))
    served.close()
    with pytest.raises(RuntimeError, match="not been started"):
        _ = served.url
