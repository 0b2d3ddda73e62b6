"""A peer on a socket that says exactly what a test tells it to, and a GrblStage on it."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from drivers.grbl import GrblStage
from drivers.grbl_axes import GrblSettings
from drivers.stage import Move, StagePhase

PATIENCE_S = 20.0
BANNER = "Grbl 1.1h ['$' for help]"
SETTINGS = {10: 1, 13: 0, 20: 1, 21: 1, 22: 1, 100: 80, 101: 80, 102: 400, 110: 1200, 111: 1200,
            112: 600, 120: 500, 121: 500, 122: 500, 130: 75, 131: 50, 132: 30}  # fmt: skip
REALTIME = re.compile(rb"[?!~\x18\x80-\xff]")


class Peer:
    """The other end of the line: a Grbl whose stage moves when the test says so."""

    def __init__(self) -> None:
        self.state = "Idle"
        self.place = [-10.0, -10.0, -10.0]
        self.extra = ""
        self.template = "<{state}|MPos:{x:.3f},{y:.3f},{z:.3f}|FS:0,0{extra}>"
        self.settings = dict(SETTINGS)
        self.answers = {"$I": ["[VER:1.1h.20190830:]", "[OPT:V,15,128]", "ok"], "$X": ["ok"]}
        self.deaf_to = b""
        """Real-time bytes that are lost, one occurrence each."""
        self.silent = False
        """No answer to any ``?``."""
        self.unanswered = 0
        """How many ``?`` were met with silence."""
        self.on_byte: Callable[[bytes], None] = lambda _: None
        """Told each real-time byte before it is obeyed."""
        self.lines: list[str] = []
        self.bytes = b""
        self._target: list[float] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self._client: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"socket://127.0.0.1:{self._server.getsockname()[1]}"

    def say(self, *lines: str) -> None:
        assert self._client is not None
        with suppress(OSError):  # the stage may have hung up
            self._client.sendall("".join(f"{line}\r\n" for line in lines).encode("latin-1"))

    def report(self) -> None:
        x, y, z = self.place
        self.say(self.template.format(state=self.state, x=x, y=y, z=z, extra=self.extra))

    def arrive(self, share: float = 1.0) -> None:
        """Bring the jog to its target, or to a part of the way."""
        self.place = [
            here + share * (there - here)
            for here, there in zip(self.place, self._target, strict=True)
        ]
        if share == 1.0:
            self.state = "Idle"

    @staticmethod
    def until(condition: Callable[[], bool]) -> None:
        """Wait for something to happen."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline_s, "it never happened"
            time.sleep(0.005)

    def under_way(self, stage: GrblStage) -> Move:
        """Begin a sweep and bring it half-way."""
        move = stage.sweep_z(-20_000, 100)
        self.until(lambda: stage.state().phase is StagePhase.MOVING)
        self.arrive(0.5)
        return move

    def finish_homing(self) -> None:
        self.place = [-1.0, -1.0, -1.0]
        self.state = "Idle"
        self.say("ok")

    def unplug(self) -> None:
        assert self._client is not None
        with suppress(OSError):  # the stage may have hung up first
            self._client.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        # Waking accept() up by connecting works everywhere; closing the server does not.
        if self._client is None:
            socket.create_connection(self._server.getsockname()).close()
        else:
            self.unplug()
        self._thread.join()
        if self._client is not None:
            self._client.close()
        self._server.close()

    def _serve(self) -> None:
        self._client, _ = self._server.accept()
        self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = b""
        while received := self._receive():
            for byte in REALTIME.findall(received):
                self._hear(byte)
            line += REALTIME.sub(b"", received)
            *whole, line = line.split(b"\n")
            for text in whole:
                self._execute(text.decode())

    def _receive(self) -> bytes:
        assert self._client is not None
        try:
            return self._client.recv(4096)
        except OSError:
            return b""

    def _hear(self, byte: bytes) -> None:
        if byte != b"?":
            self.bytes += byte
        self.on_byte(byte)
        if byte in self.deaf_to:
            self.deaf_to = self.deaf_to.replace(byte, b"", 1)
        elif byte == b"?" and self.silent:
            self.unanswered += 1
        elif byte == b"?":
            self.report()
        elif byte == b"\x85" and self.state == "Jog":
            self.state = "Idle"
        elif byte == b"\x18":
            if self.state == "Home":
                self.say("ALARM:6")
            self.state, self.silent = "Alarm", False
            self.say("", BANNER, "[MSG:'$H'|'$X' to unlock]")

    def _execute(self, line: str) -> None:
        self.lines.append(line)
        if line in self.answers:
            self.say(*self.answers[line])
        elif line == "$$":
            self.say(*(f"${key}={value}" for key, value in self.settings.items()), "ok")
        elif line.startswith("$J="):
            words = dict(re.findall(r"([XYZ])(-?[0-9.]+)", line))
            self._target = [float(words.get(a, p)) for a, p in zip("XYZ", self.place, strict=True)]
            self.state = "Jog"
            self.say("ok")
        elif line == "$H":
            self.state = "Home"


@pytest.fixture
def peer() -> Iterator[Peer]:
    grbl = Peer()
    yield grbl
    grbl.close()


@pytest.fixture
def stage(peer: Peer) -> Iterator[GrblStage]:
    """Connected."""
    grbl = GrblStage(GrblSettings(peer.url, poll_hz=100.0, connect_timeout_s=2.0))
    grbl.connect()
    yield grbl
    grbl.close()


@pytest.fixture
def homed(peer: Peer, stage: GrblStage) -> GrblStage:
    move = stage.home()
    peer.until(lambda: "$H" in peer.lines)
    peer.finish_homing()
    move.wait(PATIENCE_S)
    return stage
