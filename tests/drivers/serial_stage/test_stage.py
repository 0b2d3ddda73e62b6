"""SerialStage on a toy protocol, against a peer that misbehaves as a test tells it to."""

from __future__ import annotations

import itertools
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

import pytest

from drivers.errors import (
    Alarm,
    BadReply,
    ConnectionLost,
    LimitExceeded,
    MoveStopped,
    NotReferenced,
    Rejected,
    ReplyTimeout,
)
from drivers.serial_stage.dialect import Framing, Notice, Status, Talk
from drivers.serial_stage.settings import StageSettings
from drivers.serial_stage.stage import SerialStage
from drivers.stage import AxisCaps, AxisName, Move, PositionSample, StageCaps, StagePhase

PATIENCE_S = 20.0
AXES: tuple[AxisName, ...] = ("x", "y", "z")


def eventually(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never happened"
        time.sleep(0.005)


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
def stage(peer: Peer) -> Iterator[SerialStage]:
    stage = SerialStage(StageSettings(peer.url, connect_timeout_s=1.0), ToyDialect())
    stage.connect()
    yield stage
    stage.close()


def under_way(peer: Peer, stage: SerialStage, speed: float = 50.0) -> Move:
    move = stage.sweep_z(900, speed)
    eventually(lambda: peer.moving)
    eventually(lambda: stage.state().phase is StagePhase.MOVING)
    return move


class TestConnecting:
    def test_it_says_what_it_is_and_nothing_moves(self, peer: Peer, stage: SerialStage) -> None:
        assert stage.name == f"stage Toy 1.0 on {peer.url}"
        state = stage.state()
        assert (state.phase, state.referenced) == (StagePhase.IDLE, True)
        assert stage.position().z_um == 100
        assert not [request for request in peer.requests if request[0] in "GSHC"]
        assert peer.stops == b""

    def test_something_else_is_quoted(self, peer: Peer) -> None:
        peer.version = "Marlin 2.1"
        stage = SerialStage(StageSettings(peer.url), ToyDialect())
        with pytest.raises(BadReply, match=r"Marlin 2\.1"):
            stage.connect()
        assert stage.state().phase is StagePhase.DISCONNECTED

    def test_nothing_answers(self, peer: Peer) -> None:
        peer.silent = True
        stage = SerialStage(StageSettings(peer.url, connect_timeout_s=0.2), ToyDialect())
        with pytest.raises(ConnectionLost, match="nothing answered"):
            stage.connect()

    def test_unfinished_words_are_quoted(self, peer: Peer) -> None:
        peer.silent = True
        stage = SerialStage(StageSettings(peer.url, connect_timeout_s=0.5), ToyDialect())
        speaker = threading.Timer(0.2, lambda: peer.say(b"Hello stranger\n"))
        speaker.start()
        with pytest.raises(BadReply, match="Hello stranger"):
            stage.connect()
        speaker.join()

    def test_a_controller_that_is_still_booting_is_waited_for(self, peer: Peer) -> None:
        peer.lose = 2
        stage = SerialStage(StageSettings(peer.url, connect_timeout_s=5.0), ToyDialect())
        stage.connect()
        stage.close()

    def test_what_a_crashed_program_left_moving_is_stopped(self, peer: Peer) -> None:
        peer.go(z=900)
        stage = SerialStage(StageSettings(peer.url), ToyDialect())
        stage.connect()
        assert not peer.moving
        assert stage.state().phase is StagePhase.IDLE
        stage.close()

    def test_an_alarm_is_not_cleared_by_connecting(self, peer: Peer) -> None:
        peer.alarm = "limit switch x"
        stage = SerialStage(StageSettings(peer.url), ToyDialect())
        stage.connect()
        assert stage.state().phase is StagePhase.ALARM
        with pytest.raises(Alarm, match="limit switch x"):
            stage.move_to(z_um=200)
        assert "C" not in peer.requests
        stage.unlock()
        stage.move_to(z_um=200).wait(PATIENCE_S)
        stage.close()

    def test_it_has_to_be_connected(self) -> None:
        stage = SerialStage(StageSettings("COM99"), ToyDialect())
        for wish in (stage.position, stage.stop, stage.home, lambda: stage.caps):
            with pytest.raises(ConnectionLost, match="Connect the stage first"):
                wish()
        stage.close()

    def test_the_rate_of_reading_back_is_measured(self, stage: SerialStage) -> None:
        assert 2 < stage.caps.poll_hz <= 50


class TestMoving:
    def test_moves_arrive(self, stage: SerialStage) -> None:
        stage.move_to(x_um=130, z_um=140, speed_um_per_s=500).wait(PATIENCE_S)
        place = stage.position()
        assert (place.x_um, place.y_um, place.z_um) == (130, 100, 140)
        assert stage.state().phase is StagePhase.IDLE

    @pytest.mark.parametrize(
        "wish", [{"z_um": 1001}, {"x_um": -1}, {"z_um": 5, "speed_um_per_s": 3000}]
    )
    def test_nothing_is_sent_beyond_the_limits(
        self, peer: Peer, stage: SerialStage, wish: dict[str, float]
    ) -> None:
        with pytest.raises(LimitExceeded):
            stage.move_to(**wish)
        assert not [request for request in peer.requests if request[0] in "GS"]

    def test_an_unreferenced_stage_is_not_moved_until_homed(
        self, peer: Peer, stage: SerialStage
    ) -> None:
        peer.referenced = False
        eventually(lambda: not stage.state().referenced)
        with pytest.raises(NotReferenced, match="Home the stage"):
            stage.sweep_z(200, 50)
        home = stage.home()
        assert stage.state().phase is StagePhase.HOMING
        home.wait(PATIENCE_S)
        assert stage.state().referenced
        stage.sweep_z(20, 100).wait(PATIENCE_S)

    def test_positions_are_told_while_moving(self, stage: SerialStage) -> None:
        samples: list[PositionSample] = []
        end = stage.subscribe(samples.append)
        stage.sweep_z(300, 200).wait(PATIENCE_S)
        end()
        moving = [sample for sample in samples if sample.moving]
        assert len(moving) > 5
        assert all(a.z_um <= b.z_um for a, b in itertools.pairwise(moving))
        assert all(sample.t_asked_ns <= sample.t_answered_ns for sample in samples)

    def test_a_sweep_at_another_speed_is_refused_and_stopped(
        self, peer: Peer, stage: SerialStage
    ) -> None:
        peer.fastest = 40.0
        with pytest.raises(Rejected, match="reads back 40"):
            stage.sweep_z(900, 50)
        assert not peer.moving
        assert stage.state().phase is StagePhase.IDLE
        stage.sweep_z(110, 40).wait(PATIENCE_S)

    def test_a_second_motion_is_refused(self, peer: Peer, stage: SerialStage) -> None:
        under_way(peer, stage)
        with pytest.raises(Rejected, match="moving"):
            stage.move_to(x_um=5)

    def test_a_refused_move_is_reported_and_stopped(self, peer: Peer, stage: SerialStage) -> None:
        peer.refuse = "G"
        with pytest.raises(Rejected, match="E 5"):
            stage.move_to(z_um=300)
        assert peer.stops.startswith(b"!")
        assert stage.state().phase is StagePhase.IDLE

    def test_a_wait_that_lasts_too_long_stops(self, peer: Peer, stage: SerialStage) -> None:
        move = under_way(peer, stage)
        with pytest.raises(ReplyTimeout, match="has been stopped"):
            move.wait(0.05)
        assert not peer.moving

    def test_a_move_that_ends_early_is_no_arrival(self, peer: Peer, stage: SerialStage) -> None:
        move = under_way(peer, stage)
        peer.halt()
        with pytest.raises(MoveStopped, match="the controller ended it"):
            move.wait(PATIENCE_S)


class TestStopping:
    def test_stop_halts_and_measures(self, peer: Peer, stage: SerialStage) -> None:
        move = under_way(peer, stage)
        report = stage.stop()
        assert (peer.stops, report.attempts) == (b"!", 1)
        assert report.t_called_ns <= report.t_on_wire_ns <= report.t_halted_ns
        assert not report.position.moving
        with pytest.raises(MoveStopped):
            move.wait(PATIENCE_S)
        assert stage.state().referenced

    def test_a_lost_stop_is_sent_again(self, peer: Peer, stage: SerialStage) -> None:
        under_way(peer, stage)
        peer.deaf_to = b"!"
        assert stage.stop().attempts == 2
        assert peer.stops == b"!!"

    def test_a_stop_that_is_not_heeded_escalates(self, peer: Peer, stage: SerialStage) -> None:
        under_way(peer, stage)
        peer.deaf_to = b"!" * 99
        assert stage.stop().attempts > 2
        assert peer.stops.endswith(b"#")
        assert not peer.moving

    def test_a_stage_that_cannot_be_stopped_is_told(
        self, peer: Peer, stage: SerialStage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("drivers.rest.GIVE_UP_S", 1.0)
        under_way(peer, stage)
        peer.deaf_to = b"!" * 99 + b"#" * 99
        with pytest.raises(ConnectionLost, match="not seen standing still"):
            stage.stop()
        peer.deaf_to = b""

    def test_stop_waits_for_no_answer(self, peer: Peer, stage: SerialStage) -> None:
        under_way(peer, stage)
        peer.silent = True
        asking = threading.Thread(target=lambda: suppress_errors(stage.position))
        asking.start()
        time.sleep(0.05)
        with suppress(ConnectionLost):
            stage.stop()
        assert not peer.moving
        asking.join()

    def test_stop_during_homing(self, peer: Peer, stage: SerialStage) -> None:
        move = stage.home()
        eventually(lambda: peer.moving)
        stage.stop()
        with pytest.raises(MoveStopped):
            move.wait(PATIENCE_S)
        with pytest.raises(NotReferenced):
            stage.move_to(z_um=200)

    def test_no_request_of_a_move_follows_a_stop(self, peer: Peer, stage: SerialStage) -> None:
        """STOP falls between the requests of a move: the last of them is never sent."""
        reports = []
        ask = ToyDialect.begin_move

        class Hesitant(ToyDialect):
            def begin_move(
                self, talk: Talk, targets_um: Mapping[AxisName, float], speed_um_per_s: float
            ) -> float:
                talk.ask("S50", re.compile(r"S (\S+)").fullmatch)
                stopper = threading.Thread(target=lambda: reports.append(hesitant.stop()))
                stopper.start()
                eventually(lambda: peer.stops != b"")
                try:
                    return ask(self, talk, targets_um, speed_um_per_s)
                finally:
                    stoppers.append(stopper)

        stage.close()
        stoppers: list[threading.Thread] = []
        hesitant = SerialStage(StageSettings(peer.url), Hesitant())
        hesitant.connect()
        with pytest.raises(MoveStopped, match="before it began"):
            hesitant.sweep_z(900, 50)
        stoppers[0].join()
        assert not [request for request in peer.requests if request.startswith("G")]
        assert len(reports) == 1
        hesitant.close()

    def test_a_stop_while_the_move_is_being_answered(self, peer: Peer, stage: SerialStage) -> None:
        """The controller takes the move and answers late; STOP comes meanwhile."""
        peer.delay_s = 0.0
        gone = threading.Event()

        def wait_for_stop() -> None:
            gone.set()
            time.sleep(0.2)

        peer.before_go = wait_for_stop
        errors: list[BaseException] = []

        def sweep() -> None:
            try:
                stage.sweep_z(900, 50).wait(PATIENCE_S)
            except MoveStopped as error:
                errors.append(error)

        sweeping = threading.Thread(target=sweep)
        sweeping.start()
        assert gone.wait(PATIENCE_S)
        stage.stop()
        sweeping.join()
        assert len(errors) == 1
        time.sleep(0.1)
        assert not peer.moving

    def test_closing_stops(self, peer: Peer, stage: SerialStage) -> None:
        under_way(peer, stage)
        stage.close()
        assert not peer.moving


def suppress_errors(action: Callable[[], object]) -> None:
    with suppress(ConnectionLost, ReplyTimeout):
        action()


class TestTrouble:
    def test_a_silent_controller_is_given_up_and_stopped(
        self, peer: Peer, stage: SerialStage
    ) -> None:
        move = under_way(peer, stage)
        peer.silent = True
        with pytest.raises(ConnectionLost, match="three times in a row"):
            move.wait(PATIENCE_S)
        eventually(lambda: not peer.moving)
        assert stage.state().phase is StagePhase.DISCONNECTED
        with pytest.raises(ConnectionLost):
            stage.move_to(z_um=200)
        peer.silent = False
        stage.connect()
        stage.move_to(z_um=200).wait(PATIENCE_S)

    @pytest.mark.parametrize("lost", [1, 2])
    def test_single_lost_answers_are_borne(self, peer: Peer, stage: SerialStage, lost: int) -> None:
        move = under_way(peer, stage, speed=1000)
        peer.lose = lost
        move.wait(PATIENCE_S)
        assert stage.position().z_um == 900

    def test_a_late_answer_is_not_taken_for_the_next(self, peer: Peer, stage: SerialStage) -> None:
        under_way(peer, stage, speed=50)
        peer.delay_s = 0.5
        eventually(lambda: peer.delay_s == 0.0)
        time.sleep(1.2)
        for _ in range(5):
            before = peer.place["z"]
            sample = stage.position()
            assert sample.z_um >= before - 0.1

    def test_garbage_and_partial_lines_are_borne(self, peer: Peer, stage: SerialStage) -> None:
        move = under_way(peer, stage, speed=1000)
        for _ in range(20):
            peer.say(b"\xff\xfe\x00garbage\rP 1 2\r\n\r")
            time.sleep(0.02)
        move.wait(PATIENCE_S)

    def test_a_restart_in_mid_move(self, peer: Peer, stage: SerialStage) -> None:
        move = under_way(peer, stage)
        peer.restart()
        peer.say(b"!restart Toy 1.0\r")
        with pytest.raises(Alarm, match=r"!restart|lost its position"):
            move.wait(PATIENCE_S)
        assert not stage.state().referenced
        with pytest.raises(NotReferenced, match="Home the stage"):
            stage.move_to(z_um=200)
        stage.home().wait(PATIENCE_S)
        stage.move_to(z_um=20).wait(PATIENCE_S)

    def test_a_restart_without_a_word(self, peer: Peer, stage: SerialStage) -> None:
        move = under_way(peer, stage)
        peer.restart()
        with pytest.raises(Alarm, match="lost its position"):
            move.wait(PATIENCE_S)

    def test_an_alarm_in_mid_move_waits_for_the_operator(
        self, peer: Peer, stage: SerialStage
    ) -> None:
        move = under_way(peer, stage)
        peer.say(b"!alarm stalled\r")
        with pytest.raises(Alarm, match="stalled"):
            move.wait(PATIENCE_S)
        eventually(lambda: not peer.moving)
        with pytest.raises(Alarm, match="unlock"):
            stage.move_to(z_um=200)
        stage.unlock()
        stage.move_to(z_um=200).wait(PATIENCE_S)

    def test_the_cable_is_pulled_and_put_back(self, peer: Peer, stage: SerialStage) -> None:
        move = under_way(peer, stage)
        peer.break_line()
        with pytest.raises(ConnectionLost):
            move.wait(PATIENCE_S)
        with pytest.raises(ConnectionLost):
            stage.stop()
        stage.connect()
        assert not peer.moving
        stage.move_to(z_um=200).wait(PATIENCE_S)

    def test_a_failing_listener_harms_nobody(
        self, stage: SerialStage, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fail(_: PositionSample) -> None:
            raise RuntimeError("a listener's own fault")

        samples: list[PositionSample] = []
        stage.subscribe(fail)
        stage.subscribe(samples.append)
        eventually(lambda: len(samples) > 3)


BUSY = "while True: pass"


@pytest.mark.slow
def test_stop_goes_to_the_wire_at_once_under_load(
    peer: Peer, stage: SerialStage, record_property: Callable[[str, object], None]
) -> None:
    """With two busy processes beside both ends of the line; 20 stops."""
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(2)]
    handed_over_ms, received_ms, halted_ms = [], [], []
    try:
        for turn in range(20):
            stage.sweep_z(100 if turn % 2 else 900, 50)
            eventually(lambda: stage.state().phase is StagePhase.MOVING)
            known = len(peer.stop_times_ns)
            report = stage.stop()
            handed_over_ms.append((report.t_on_wire_ns - report.t_called_ns) / 1e6)
            received_ms.append((peer.stop_times_ns[known] - report.t_called_ns) / 1e6)
            halted_ms.append((report.t_halted_ns - report.t_called_ns) / 1e6)
            assert not report.position.moving
    finally:
        for process in busy:
            process.kill()
            process.wait()
    for name, values in (
        ("handed_over_ms", handed_over_ms),
        ("received_ms", received_ms),
        ("seen_at_rest_ms", halted_ms),
    ):
        values.sort()
        record_property(name, [round(value, 3) for value in values])
        print(f"{name}: median {values[10]:.3f}, worst {values[-1]:.3f}")
    assert handed_over_ms[10] < 20
    assert received_ms[10] < 20
