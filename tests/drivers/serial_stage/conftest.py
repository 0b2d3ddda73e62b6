"""A toy controller that misbehaves as a test tells it to, and a SerialStage on it."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

import pytest

from drivers.errors import BadReply
from drivers.serial_stage.dialect import Framing, Notice, Status, Talk
from drivers.serial_stage.settings import StageSettings
from drivers.serial_stage.stage import SerialStage
from drivers.stage import AxisCaps, AxisName, Move, StageCaps, StagePhase

PATIENCE_S = 20.0
AXES: tuple[AxisName, ...] = ("x", "y", "z")


class ToyDialect:
    """Positions in µm; ``W`` asks for ``P x y z moving referenced``."""

    kind = "Toy"
    framing = Framing(9600, b"\r", b"\r")
    stop_bytes = (b"!", b"#")

    def refusal(self, line: str) -> str | None:
        return "refused" if line.startswith("E ") else None

    def notice(self, line: str) -> Notice | None:
        if line.startswith("!restart"):
            return Notice(line, position_lost=True)
        return Notice(line, alarm=True) if line.startswith("!alarm") else None

    def identify(self, talk: Talk) -> str:
        version = talk.ask("V", lambda line: line or None, timeout_s=0.3)
        if not version.startswith("Toy "):
            raise BadReply("stage Toy", "connect", f"not Toy; it said {version!r}")
        return version

    def read_caps(self, talk: Talk) -> StageCaps:
        axis = AxisCaps(0, 1000, 1, 2000, 10_000, 0.1)
        return StageCaps(axis, axis, axis, can_home=True, poll_hz=50)

    def read_status(self, talk: Talk) -> Status:
        found = talk.ask("W", re.compile(r"P (\S+) (\S+) (\S+) ([01]) ([01])( .*)?").fullmatch)
        x, y, z, moving, referenced, alarm = found.groups()
        return Status(float(x), float(y), float(z), moving == "1", referenced == "1", alarm)

    def begin_move(
        self, talk: Talk, targets_um: Mapping[AxisName, float], speed_um_per_s: float
    ) -> float:
        kept = talk.ask(f"S{speed_um_per_s:g}", re.compile(r"S (\S+)").fullmatch)
        words = ",".join(f"{axis}{um:.1f}" for axis, um in targets_um.items())
        talk.ask(f"G{words}", re.compile(r"G").fullmatch)
        return float(kept[1])

    def begin_home(self, talk: Talk) -> None:
        talk.ask("H", re.compile(r"H").fullmatch)

    def clear_alarm(self, talk: Talk) -> None:
        talk.ask("C", re.compile(r"C").fullmatch)


class Peer:
    """The other end: a controller that moves in real time."""

    def __init__(self) -> None:
        self.place = {"x": 100.0, "y": 100.0, "z": 100.0}
        self.referenced = True
        self.alarm = ""
        self.version = "Toy 1.0"
        self.fastest = 1e9
        """Speeds are silently clamped to this."""
        self.silent = False
        self.deaf_to = b""
        """Stop bytes that are lost, one occurrence each."""
        self.lose = 0
        """How many of the next answers get lost."""
        self.delay_s = 0.0
        """How late the next answer comes."""
        self.refuse = ""
        """The request that is refused."""
        self.before_answer: Callable[[], None] = lambda: None
        self.before_go: Callable[[], None] = lambda: None
        self.stops = b""
        self.stop_times_ns: list[int] = []
        self.requests: list[str] = []
        self._speed = 100.0
        self._targets: dict[str, float] = {}
        self._since_s = 0.0
        self._homing = False
        self._lock = threading.RLock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._client: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"socket://127.0.0.1:{self._server.getsockname()[1]}"

    def make_stage(
        self, dialect: ToyDialect | None = None, connect_timeout_s: float = 3.0
    ) -> SerialStage:
        """Return a stage on this controller, not connected yet."""
        settings = StageSettings(self.url, connect_timeout_s=connect_timeout_s)
        return SerialStage(settings, dialect or ToyDialect())

    @staticmethod
    def until(condition: Callable[[], bool]) -> None:
        """Wait for something to happen."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline_s, "it never happened"
            time.sleep(0.005)

    def under_way(self, stage: SerialStage, speed: float = 50.0) -> Move:
        """Begin a sweep and see that it moves."""
        move = stage.sweep_z(900, speed)
        self.until(lambda: self.moving)
        self.until(lambda: stage.state().phase is StagePhase.MOVING)
        return move

    def say(self, data: bytes) -> None:
        client = self._client
        assert client is not None
        with suppress(OSError):
            client.sendall(data)

    def go(self, **targets: float) -> None:
        with self._lock:
            self._advance()
            self._targets = targets

    def halt(self) -> None:
        with self._lock:
            self._advance()
            self._targets, self._homing = {}, False

    def restart(self) -> None:
        self.halt()
        self.place = dict.fromkeys(self.place, 0.0)
        self.referenced = False

    def break_line(self) -> None:
        client = self._client
        assert client is not None
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        client.close()

    @property
    def moving(self) -> bool:
        with self._lock:
            self._advance()
            return bool(self._targets)

    def close(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        if self._client is not None:
            self._client.close()
        self._thread.join()

    def _advance(self) -> None:
        now_s = time.monotonic()
        way = self._speed * (now_s - self._since_s)
        self._since_s = now_s
        for axis, target in list(self._targets.items()):
            left = target - self.place[axis]
            if abs(left) <= way:
                self.place[axis] = target
                del self._targets[axis]
            else:
                self.place[axis] += way if left > 0 else -way
        if self._homing and not self._targets:
            self.referenced, self._homing = True, False

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client = client
            with client, suppress(OSError):
                self._talk(client)

    def _talk(self, client: socket.socket) -> None:
        pending = b""
        while data := client.recv(4096):
            for byte in (data[i : i + 1] for i in range(len(data))):
                if byte in b"!#":
                    self._stop(byte)
                elif byte == b"\r":
                    request, pending = pending.decode(), b""
                    self._hear(request)
                else:
                    pending += byte

    def _stop(self, byte: bytes) -> None:
        self.stop_times_ns.append(time.monotonic_ns())
        self.stops += byte
        if byte in self.deaf_to:
            self.deaf_to = self.deaf_to.replace(byte, b"", 1)
            return
        self.halt()

    def _hear(self, request: str) -> None:
        self.requests.append(request)
        self.before_answer()
        if self.silent:
            return
        if self.lose:
            self.lose -= 1
            return
        if request.startswith("G"):
            self.before_go()
        answer = self._answer(request)
        if self.refuse and request.startswith(self.refuse):
            answer = "E 5"
        if self.delay_s:
            delay_s, self.delay_s = self.delay_s, 0.0
            time.sleep(delay_s)
        self.say(f"{answer}\r".encode())

    def _answer(self, request: str) -> str:
        with self._lock:
            self._advance()
            match request[:1]:
                case "V":
                    return self.version
                case "W":
                    place = " ".join(f"{self.place[axis]:.1f}" for axis in AXES)
                    alarm = f" {self.alarm}" if self.alarm else ""
                    return f"P {place} {int(bool(self._targets))} {int(self.referenced)}{alarm}"
                case "S":
                    self._speed = min(self.fastest, float(request[1:]))
                    return f"S {self._speed:g}"
                case "G" if not self.refuse:
                    self._targets = {word[0]: float(word[1:]) for word in request[1:].split(",")}
                    return "G"
                case "H":
                    self._targets, self._homing = {"z": 0.0}, True
                    self.referenced = False
                    return "H"
                case "C":
                    self.alarm = ""
                    return "C"
        return "E 1"


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture
def dialect() -> ToyDialect:
    return ToyDialect()


@pytest.fixture
def stage(peer: Peer) -> Iterator[SerialStage]:
    """Connected."""
    stage = peer.make_stage(connect_timeout_s=1.0)
    stage.connect()
    yield stage
    stage.close()
