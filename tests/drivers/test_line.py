from __future__ import annotations

import os
import queue
import socket
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from drivers.errors import ConnectionLost
from drivers.line import LONGEST_LINE, Line

PATIENCE_S = 10.0


class Ends:
    """A line and the socket at its other end."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._server.getsockname()[1]}"
        self.lines: queue.Queue[tuple[str, int]] = queue.Queue()
        self.losses: queue.Queue[ConnectionLost] = queue.Queue()
        self.line = Line(
            "a device",
            self.url,
            115200,
            on_line=lambda text, t_ns: self.lines.put((text, t_ns)),
            on_lost=self.losses.put,
        )
        self.line.open()
        self.peer, _ = self._server.accept()
        self.peer.settimeout(PATIENCE_S)

    def close(self) -> None:
        self.line.close()
        self.peer.close()
        self._server.close()

    def next_line(self) -> str:
        return self.lines.get(timeout=PATIENCE_S)[0]


@pytest.fixture
def ends() -> Iterator[Ends]:
    both = Ends()
    yield both
    both.close()


def test_lines_are_put_together_from_pieces(ends: Ends) -> None:
    ends.peer.sendall(b"<Idle|MPo")
    ends.peer.sendall(b"s:1>\r\nok\r\n\r")
    ends.peer.sendall(b"\nrest")
    assert [ends.next_line() for _ in range(3)] == ["<Idle|MPos:1>", "ok", ""]
    assert ends.lines.empty()


def test_arrival_is_stamped_on_the_monotonic_clock(ends: Ends) -> None:
    before_ns = time.monotonic_ns()
    ends.peer.sendall(b"ok\n")
    _, arrived_ns = ends.lines.get(timeout=PATIENCE_S)
    assert before_ns <= arrived_ns <= time.monotonic_ns()


def test_noise_is_passed_on_without_raising(ends: Ends) -> None:
    ends.peer.sendall(bytes(range(128, 256)) + b"\n" + b"ok\n")
    assert len(ends.next_line()) == 128
    assert ends.next_line() == "ok"


def test_endless_noise_is_dropped(ends: Ends) -> None:
    ends.peer.sendall(b"\xff" * (3 * LONGEST_LINE))
    ends.peer.sendall(b"\nok\n")
    assert len(ends.next_line()) <= 2 * LONGEST_LINE
    assert ends.next_line() == "ok"


def test_writing_reports_when_the_bytes_were_handed_over(ends: Ends) -> None:
    before_ns = time.monotonic_ns()
    ends.line.write_line("$J=X1")
    written_ns = ends.line.write_now(b"\x85")
    assert before_ns <= written_ns <= time.monotonic_ns()
    received = b""
    while len(received) < 7:
        received += ends.peer.recv(100)
    assert received == b"$J=X1\n\x85"


def test_many_threads_may_write(ends: Ends) -> None:
    threads = [
        threading.Thread(target=lambda n=n: [ends.line.write_line(f"{n:03d}") for _ in range(50)])
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    received = b""
    while len(received) < 4 * 50 * 4:
        received += ends.peer.recv(4096)
    for thread in threads:
        thread.join()
    counts = {text: received.split(b"\n").count(text) for text in (b"000", b"001", b"002", b"003")}
    assert set(counts.values()) == {50}


def test_loss_of_the_port_is_reported_once(ends: Ends) -> None:
    ends.peer.close()
    loss = ends.losses.get(timeout=PATIENCE_S)
    assert "a device" in str(loss)
    assert ends.url in str(loss)
    ends.line.close()
    with pytest.raises(ConnectionLost):
        ends.line.write_line("?")
    assert ends.losses.empty()


def test_closing_is_no_loss(ends: Ends) -> None:
    ends.line.close()
    ends.line.close()
    with pytest.raises(ConnectionLost, match="closed"):
        ends.line.write_now(b"?")
    assert ends.losses.empty()


@pytest.mark.parametrize("url", ["socket://127.0.0.1:1", "/dev/no-such-port", "what://is:this"])
def test_a_port_that_cannot_be_opened(url: str) -> None:
    line = Line("a device", url, 115200, on_line=lambda *_: None, on_lost=lambda _: None)
    with pytest.raises(ConnectionLost, match="a device: open"):
        line.open()
    line.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
def test_a_serial_port_speaks_and_is_seen_to_go_away() -> None:
    tty = pytest.importorskip("tty")
    controller, terminal = os.openpty()
    tty.setraw(terminal)
    lines: queue.Queue[str] = queue.Queue()
    losses: queue.Queue[ConnectionLost] = queue.Queue()
    line = Line(
        "a device",
        os.ttyname(terminal),
        115200,
        on_line=lambda text, _: lines.put(text),
        on_lost=losses.put,
    )
    line.open()
    os.close(terminal)
    os.write(controller, b"Grbl 1.1h\r\nok\r\n")
    assert [lines.get(timeout=PATIENCE_S) for _ in range(2)] == ["Grbl 1.1h", "ok"]
    line.write_line("$$")
    line.write_now(b"\x85")
    received = b""
    while len(received) < 4:
        received += os.read(controller, 100)
    assert received == b"$$\n\x85"
    os.close(controller)
    assert "a device" in str(losses.get(timeout=PATIENCE_S))
    line.close()
