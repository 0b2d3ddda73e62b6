"""One question at a time, whatever comes back and whenever."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.errors import ConnectionLost, MoveStopped, Rejected, ReplyTimeout
from drivers.serial_stage.conversation import Conversation
from drivers.serial_stage.dialect import Framing

PATIENCE_S = 10.0
SHORT_S = 0.1


class Ends:
    """A conversation and the socket at its other end."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.unasked: list[str] = []
        self.losses: list[ConnectionLost] = []
        self.conversation = Conversation(
            "a device",
            f"socket://127.0.0.1:{self._server.getsockname()[1]}",
            9600,
            Framing(9600, b"\r", b"\r"),
            dtr=False,
            refusal=lambda line: "refused" if line.startswith("E") else None,
            on_unasked=self.unasked.append,
            on_lost=self.losses.append,
        )
        self.conversation.open()
        self.peer, _ = self._server.accept()
        self.peer.settimeout(PATIENCE_S)
        self.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        self.conversation.close()
        self.peer.close()
        self._server.close()

    def ask(self, timeout_s: float = PATIENCE_S) -> int:
        with self.conversation.turn() as talk:
            return talk.ask("?", number, timeout_s=timeout_s)


def number(line: str) -> int | None:
    return int(line) if line.isascii() and line.isdigit() else None


@pytest.fixture
def ends() -> Iterator[Ends]:
    both = Ends()
    yield both
    both.close()


def test_lines_of_another_shape_are_waited_past(ends: Ends) -> None:
    ends.peer.sendall(b"hello\r")
    while not ends.unasked:
        time.sleep(0.005)
    threading.Timer(0.05, lambda: ends.peer.sendall(b"\xff\r!\r\r\n42\r")).start()
    assert ends.ask() == 42
    assert ends.unasked == ["hello", "�", "!"]


def test_a_refusal_is_quoted(ends: Ends) -> None:
    threading.Timer(0.05, lambda: ends.peer.sendall(b"E 5\r")).start()
    with pytest.raises(Rejected, match=r"send \?: 'E 5' \(refused\)"):
        ends.ask()


def test_what_came_instead_of_an_answer_is_quoted(ends: Ends) -> None:
    threading.Timer(0.05, lambda: ends.peer.sendall(b"who?\r")).start()
    with pytest.raises(ReplyTimeout, match="it said 'who\\?'"):
        ends.ask(0.3)


def test_a_late_answer_is_not_that_to_the_next_question(ends: Ends) -> None:
    with pytest.raises(ReplyTimeout):
        ends.ask(SHORT_S)
    assert ends.conversation.owed_since_ns is not None
    threading.Timer(0.05, lambda: ends.peer.sendall(b"1\r2\r")).start()
    assert ends.ask() == 2
    assert ends.conversation.owed_since_ns is None


def test_a_lost_answer_is_not_waited_for_any_longer(ends: Ends) -> None:
    with pytest.raises(ReplyTimeout):
        ends.ask(SHORT_S)
    threading.Timer(0.05, lambda: ends.peer.sendall(b"2\r")).start()
    assert ends.ask() == 2
    assert ends.conversation.owed_since_ns is None


def test_a_guard_keeps_a_request_from_the_wire(ends: Ends) -> None:
    def refuse() -> None:
        raise MoveStopped("a device", "move", "STOP was called")

    with ends.conversation.turn(guard=refuse) as talk:
        with pytest.raises(MoveStopped):
            talk.tell("go")
        with pytest.raises(MoveStopped):
            talk.ask("go", number)
    ends.conversation.send_now(b"stop")
    assert ends.peer.recv(100) == b"stop"


def test_urgent_bytes_wait_for_nobody(ends: Ends) -> None:
    asking = threading.Thread(target=lambda: suppressed(ends))
    asking.start()
    assert ends.peer.recv(100) == b"?\r"
    ends.conversation.send_now(b"\x1b")
    assert ends.peer.recv(100) == b"\x1b"
    ends.peer.sendall(b"7\r")
    asking.join()


def suppressed(ends: Ends) -> None:
    with suppress(ReplyTimeout):
        ends.ask()


def test_a_turn_that_does_not_end_is_told(ends: Ends) -> None:
    with (
        ends.conversation.turn(),
        pytest.raises(ReplyTimeout, match="another question"),
        ends.conversation.turn(within_s=0.05),
    ):
        pass


def test_losing_the_port_ends_the_waiting(ends: Ends) -> None:
    threading.Timer(0.05, ends.peer.close).start()
    with pytest.raises(ConnectionLost):
        ends.ask()
    assert len(ends.losses) == 1


def test_closing_ends_the_waiting(ends: Ends) -> None:
    threading.Timer(0.05, ends.conversation.close).start()
    with pytest.raises(ConnectionLost, match="closed"):
        ends.ask()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    fates=st.lists(st.sampled_from(["answered", "lost", "late", "noisy"]), max_size=6),
    cuts=st.lists(st.integers(1, 5), max_size=5),
)
def test_no_answer_is_older_than_its_question(fates: list[str], cuts: list[int]) -> None:
    """Each question is answered by its number: in time, late, or not at all."""
    ends = Ends()

    def serve() -> None:
        asked = 0
        owed = b""
        with suppress(OSError):
            while data := ends.peer.recv(1):
                if data != b"\r":
                    continue
                asked += 1
                fate = fates[asked - 1] if asked <= len(fates) else "answered"
                answer = f"{asked}\r".encode()
                if fate == "late":
                    owed += answer
                    continue
                if fate == "lost":
                    continue
                noise = b"\xfe#\rP 1\r" if fate == "noisy" else b""
                rest, owed = owed + noise + answer, b""
                for cut in cuts:
                    ends.peer.sendall(rest[:cut])
                    rest = rest[cut:]
                ends.peer.sendall(rest)

    serving = threading.Thread(target=serve)
    serving.start()
    try:
        for question in range(1, len(fates) + 2):
            fate = fates[question - 1] if question <= len(fates) else "answered"
            if fate in ("late", "lost"):
                with pytest.raises(ReplyTimeout):
                    ends.ask(0.02)
            else:
                assert ends.ask() == question
    finally:
        ends.conversation.close()
        serving.join()
        ends.close()
