"""GrblStage against a peer that says exactly what a test tells it to."""

from __future__ import annotations

import itertools
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from drivers.errors import (
    Alarm,
    BadReply,
    ConnectionLost,
    DeviceError,
    LimitExceeded,
    MoveStopped,
    NotReferenced,
    Rejected,
    ReplyTimeout,
)
from drivers.grbl import GrblStage
from drivers.grbl_axes import GrblSettings
from drivers.grbl_codec import SOFT_RESET
from drivers.grbl_link import GrblLink
from drivers.line import Line
from drivers.stage import Move, PositionSample, StagePhase

PATIENCE_S = 20.0
BANNER = "Grbl 1.1h ['$' for help]"
SETTINGS = {10: 1, 13: 0, 20: 1, 21: 1, 22: 1, 100: 80, 101: 80, 102: 400, 110: 1200, 111: 1200,
            112: 600, 120: 500, 121: 500, 122: 500, 130: 75, 131: 50, 132: 30}  # fmt: skip
REALTIME = re.compile(rb"[?!~\x18\x80-\xff]")


def eventually(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never happened"
        time.sleep(0.005)


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
    eventually(lambda: "$H" in peer.lines)
    peer.finish_homing()
    move.wait(PATIENCE_S)
    return stage


def under_way(peer: Peer, stage: GrblStage) -> Move:
    move = stage.sweep_z(-20_000, 100)
    eventually(lambda: stage.state().phase is StagePhase.MOVING)
    peer.arrive(0.5)
    return move


class TestConnecting:
    def test_nothing_moves_and_nothing_is_written(self, peer: Peer, stage: GrblStage) -> None:
        assert peer.lines == ["$I", "$$"]
        assert peer.bytes == b""
        state = stage.state()
        assert (state.phase, state.referenced, state.alarm) == (StagePhase.IDLE, False, None)
        assert state.position is not None
        assert state.position.z_um == -10_000

    def test_the_name_says_what_answered(self, peer: Peer, stage: GrblStage) -> None:
        assert stage.name == f"stage GRBL 1.1h on {peer.url}"
        assert stage.controller.numbers[112] == 600

    def test_grblhal_that_is_homed_is_believed(self, peer: Peer) -> None:
        peer.answers["$I"] = ["[VER:1.1f.20240812:]", "[FIRMWARE:grblHAL]", "ok"]
        peer.extra = "|H:1,7"
        stage = GrblStage(GrblSettings(peer.url))
        stage.connect()
        assert stage.name.startswith("stage grblHAL 1.1f")
        assert stage.state().referenced
        stage.close()

    def test_a_jog_left_behind_is_stopped(self, peer: Peer) -> None:
        peer.state = "Jog"
        stage = GrblStage(GrblSettings(peer.url))
        stage.connect()
        assert peer.state == "Idle"
        stage.close()

    def test_work_positions_get_their_offset(self, peer: Peer) -> None:
        peer.template = "<{state}|WPos:{x:.3f},{y:.3f},{z:.3f}|FS:0,0|WCO:1.000,2.000,3.000>"
        stage = GrblStage(GrblSettings(peer.url))
        stage.connect()
        position = stage.position()
        assert (position.x_um, position.y_um, position.z_um) == (-9_000, -8_000, -7_000)
        stage.close()

    def test_something_else_is_refused_and_quoted(self, peer: Peer) -> None:
        peer.template = "start echo:Marlin 2.1"
        stage = GrblStage(GrblSettings(peer.url, connect_timeout_s=0.6))
        with pytest.raises(BadReply, match=r"Marlin 2\.1"):
            stage.connect()
        assert stage.state().phase is StagePhase.DISCONNECTED

    def test_an_old_version_is_refused_and_quoted(self, peer: Peer) -> None:
        peer.answers["$I"] = ["[0.9j.20160317:]", "ok"]
        stage = GrblStage(GrblSettings(peer.url))
        with pytest.raises(BadReply, match=r"not Grbl 1\.1"):
            stage.connect()

    def test_silence_is_a_lost_connection(self, peer: Peer) -> None:
        peer.silent = True
        peer.deaf_to = b"\x18" * 9
        stage = GrblStage(GrblSettings(peer.url, connect_timeout_s=0.6))
        with pytest.raises(ConnectionLost, match="nothing answered"):
            stage.connect()

    def test_a_controller_struck_dumb_by_an_alarm_is_reset(self, peer: Peer) -> None:
        peer.silent = True
        stage = GrblStage(GrblSettings(peer.url, connect_timeout_s=2.0))
        stage.connect()
        assert peer.bytes == b"\x18"
        assert not stage.state().referenced
        stage.close()

    def test_nobody_there(self) -> None:
        stage = GrblStage(GrblSettings("socket://127.0.0.1:1"))
        with pytest.raises(ConnectionLost, match=r"127\.0\.0\.1:1"):
            stage.connect()
        stage.close()

    def test_a_stage_that_is_not_connected_says_so(self) -> None:
        stage = GrblStage(GrblSettings("socket://127.0.0.1:1"))
        for attempt in (stage.home, stage.stop, stage.position, stage.unlock):
            with pytest.raises(ConnectionLost, match="not connected"):
                attempt()
        with pytest.raises(ConnectionLost):
            stage.move_to(z_um=0)


class TestMoving:
    def test_homing_ends_with_a_known_position(self, peer: Peer, stage: GrblStage) -> None:
        move = stage.home()
        eventually(lambda: "$H" in peer.lines)
        assert stage.state().phase is StagePhase.HOMING
        assert not move.done()
        peer.finish_homing()
        move.wait(PATIENCE_S)
        state = stage.state()
        assert (state.phase, state.referenced) == (StagePhase.IDLE, True)
        assert state.position is not None
        assert state.position.x_um == -1000

    def test_a_homing_without_answers_to_questions_is_no_loss(
        self, peer: Peer, stage: GrblStage
    ) -> None:
        move = stage.home()
        eventually(lambda: "$H" in peer.lines)
        peer.silent = True
        time.sleep(2.5)  # longer than three questions are waited for
        assert stage.state().phase is StagePhase.HOMING
        peer.silent = False
        peer.finish_homing()
        move.wait(PATIENCE_S)

    def test_a_homing_that_finds_no_switch(self, peer: Peer, stage: GrblStage) -> None:
        move = stage.home()
        eventually(lambda: "$H" in peer.lines)
        peer.state = "Alarm"
        peer.say("ALARM:9", BANNER)
        with pytest.raises(Alarm, match=r"ALARM:9 .*no limit switch"):
            move.wait(PATIENCE_S)
        assert stage.state().phase is StagePhase.ALARM
        assert not stage.state().referenced

    def test_homing_switched_off_is_refused(self, peer: Peer) -> None:
        peer.settings[22] = 0
        stage = GrblStage(GrblSettings(peer.url))
        stage.connect()
        with pytest.raises(Rejected, match=r"\$22"):
            stage.home()
        stage.close()

    def test_nothing_moves_before_homing(self, peer: Peer, stage: GrblStage) -> None:
        with pytest.raises(NotReferenced):
            stage.move_to(z_um=-5000)
        with pytest.raises(NotReferenced):
            stage.sweep_z(-5000, 100)
        assert not any(line.startswith("$J") for line in peer.lines)

    def test_a_move_ends_at_its_target(self, peer: Peer, homed: GrblStage) -> None:
        move = homed.move_to(x_um=-2000, z_um=-3000)
        assert peer.lines[-1].startswith("$J=G53 G21 G90 X-2.0000 Z-3.0000 F")
        eventually(lambda: homed.state().phase is StagePhase.MOVING)
        peer.arrive(0.5)
        assert not move.done()
        peer.arrive()
        move.wait(PATIENCE_S)
        assert homed.state().phase is StagePhase.IDLE
        assert homed.position().z_um == -3000

    def test_a_way_of_no_length_ends_at_once(self, peer: Peer, homed: GrblStage) -> None:
        move = homed.move_to(z_um=-1000)
        peer.arrive()
        move.wait(PATIENCE_S)

    def test_only_one_motion_at_a_time(self, peer: Peer, homed: GrblStage) -> None:
        under_way(peer, homed)
        for attempt in (homed.home, lambda: homed.move_to(x_um=-5000), homed.unlock):
            with pytest.raises(Rejected, match="the stage is moving"):
                attempt()

    def test_limits_are_kept_without_asking_the_controller(
        self, peer: Peer, homed: GrblStage
    ) -> None:
        before = len(peer.lines)
        with pytest.raises(LimitExceeded):
            homed.move_to(z_um=1)
        with pytest.raises(LimitExceeded):
            homed.sweep_z(-5000, 16.0)
        with pytest.raises(LimitExceeded):
            homed.sweep_z(-30_001, 100)
        assert len(peer.lines) == before

    def test_a_refusal_is_quoted_with_its_meaning(self, peer: Peer, homed: GrblStage) -> None:
        peer.answers["$J=G53 G21 G90 Z-5.0000 F6.000"] = ["error:15"]
        with pytest.raises(Rejected, match=r"error:15 .*beyond the controller's travel"):
            homed.sweep_z(-5000, 100)
        assert homed.state().phase is StagePhase.IDLE

    def test_a_line_without_an_answer_stops_the_stage(self, peer: Peer, homed: GrblStage) -> None:
        peer.answers["$J=G53 G21 G90 Z-5.0000 F6.000"] = []
        with pytest.raises(ReplyTimeout, match="no answer"):
            homed.sweep_z(-5000, 100)
        eventually(lambda: b"\x85" in peer.bytes)

    def test_a_move_that_takes_too_long_is_stopped(self, peer: Peer, homed: GrblStage) -> None:
        move = under_way(peer, homed)
        with pytest.raises(ReplyTimeout, match="has been stopped"):
            move.wait(0.2)
        assert peer.state == "Idle"

    def test_a_move_ended_by_the_controller_has_not_arrived(
        self, peer: Peer, homed: GrblStage
    ) -> None:
        move = under_way(peer, homed)
        peer.state = "Idle"
        with pytest.raises(MoveStopped, match="the controller ended it"):
            move.wait(PATIENCE_S)

    def test_positions_are_told_with_the_times_of_asking_and_answer(
        self, peer: Peer, homed: GrblStage
    ) -> None:
        samples: list[PositionSample] = []
        end = homed.subscribe(samples.append)
        under_way(peer, homed)
        eventually(lambda: sum(sample.moving for sample in samples) > 5)
        end()
        for before, after in itertools.pairwise(samples):
            assert before.t_asked_ns < before.t_answered_ns <= after.t_asked_ns

    def test_a_failing_listener_does_not_end_the_watch(self, homed: GrblStage) -> None:
        samples: list[PositionSample] = []

        def fail(_: PositionSample) -> None:
            raise RuntimeError("a listener's own fault")

        homed.subscribe(fail)
        homed.subscribe(samples.append)
        eventually(lambda: len(samples) > 3)


class TestStopping:
    def test_stop_halts_a_sweep_and_measures(self, peer: Peer, homed: GrblStage) -> None:
        move = under_way(peer, homed)
        report = homed.stop()
        assert peer.bytes == b"\x85"
        assert report.attempts == 1
        assert report.t_called_ns <= report.t_on_wire_ns <= report.t_halted_ns
        assert not report.position.moving
        with pytest.raises(MoveStopped):
            move.wait(PATIENCE_S)
        assert homed.state().referenced

    def test_a_lost_stop_byte_is_sent_again(self, peer: Peer, homed: GrblStage) -> None:
        under_way(peer, homed)
        peer.deaf_to = b"\x85"
        report = homed.stop()
        assert report.attempts == 2
        assert homed.state().referenced

    def test_a_stage_that_does_not_listen_is_reset(self, peer: Peer, homed: GrblStage) -> None:
        move = under_way(peer, homed)
        peer.deaf_to = b"\x85" * 99
        report = homed.stop()
        assert report.attempts > 2
        assert peer.bytes.index(b"!") < peer.bytes.index(b"\x18")
        state = homed.state()
        assert (state.phase, state.referenced) == (StagePhase.ALARM, False)
        assert "position is lost" in (state.alarm or "")
        with pytest.raises(MoveStopped):
            move.wait(PATIENCE_S)
        with pytest.raises(NotReferenced, match="Home the stage"):
            homed.move_to(z_um=-5000)

    def test_a_stage_that_cannot_be_stopped_is_told(
        self, peer: Peer, homed: GrblStage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("drivers.rest.GIVE_UP_S", 1.0)
        under_way(peer, homed)
        peer.deaf_to = b"\x85" * 99 + b"\x18" * 99
        with pytest.raises(ConnectionLost, match="not seen standing still"):
            homed.stop()

    def test_stop_during_homing_needs_a_reset(self, peer: Peer, stage: GrblStage) -> None:
        move = stage.home()
        eventually(lambda: peer.state == "Home")
        stage.stop()
        assert peer.bytes.startswith(b"\x85\x18")
        with pytest.raises(MoveStopped):
            move.wait(PATIENCE_S)
        with pytest.raises(NotReferenced):
            stage.move_to(z_um=-5000)
        again = stage.home()
        eventually(lambda: peer.lines.count("$H") == 2)
        peer.finish_homing()
        again.wait(PATIENCE_S)
        assert stage.state().referenced

    def test_a_homing_that_begins_after_the_stop_is_ended(
        self, peer: Peer, stage: GrblStage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """STOP falls between the last check and the write, so that its reset overtakes the line."""
        write_line = Line.write_line
        about_to_write, may_write = threading.Event(), threading.Event()

        def held(line: Line, text: str) -> int:
            if text == "$H":
                about_to_write.set()
                assert may_write.wait(PATIENCE_S)
            return write_line(line, text)

        monkeypatch.setattr(Line, "write_line", held)
        moves: list[Move] = []
        homer = threading.Thread(target=lambda: moves.append(stage.home()))
        homer.start()
        assert about_to_write.wait(PATIENCE_S)
        stage.stop()
        resets = peer.bytes.count(b"\x18")
        assert stage.state().phase is StagePhase.HOMING  # a further STOP has to reset as well
        may_write.set()
        homer.join()
        assert "$H" in peer.lines
        assert peer.bytes.count(b"\x18") > resets
        assert peer.state != "Home"
        with pytest.raises(MoveStopped):
            moves[0].wait(PATIENCE_S)
        assert stage.state().phase is StagePhase.ALARM

    def test_a_question_without_an_answer_does_not_hold_up_the_stop(
        self, peer: Peer, homed: GrblStage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("drivers.grbl_poll.PATIENCE_S", (10 * PATIENCE_S,))
        under_way(peer, homed)
        peer.silent = True
        eventually(lambda: peer.unanswered > 0)
        peer.deaf_to = b"\x85"
        stopper = threading.Thread(target=homed.stop)
        stopper.start()
        eventually(lambda: peer.bytes.count(b"\x85") > 1)
        peer.silent = False
        peer.report()
        stopper.join()
        assert peer.state != "Jog"

    def test_stop_at_rest_is_harmless(self, homed: GrblStage) -> None:
        assert homed.stop().attempts == 1
        assert homed.state().phase is StagePhase.IDLE
        assert homed.state().referenced

    def test_many_may_stop_at_once(self, peer: Peer, homed: GrblStage) -> None:
        under_way(peer, homed)
        errors: list[DeviceError] = []

        def stop() -> None:
            try:
                homed.stop()
            except DeviceError as error:
                errors.append(error)

        threads = [threading.Thread(target=stop) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not errors
        assert peer.bytes.count(b"\x85") >= 5
        assert homed.state().phase is StagePhase.IDLE

    def test_a_listener_may_stop(self, peer: Peer, homed: GrblStage) -> None:
        stops: list[int] = []

        def watch(sample: PositionSample) -> None:
            if sample.moving and not stops:
                stops.append(1)
                homed.stop()

        homed.subscribe(watch)
        move = homed.sweep_z(-20_000, 100)
        with pytest.raises(MoveStopped):
            move.wait(PATIENCE_S)
        assert peer.state == "Idle"

    def test_no_motion_begins_while_stopping(self, peer: Peer, homed: GrblStage) -> None:
        under_way(peer, homed)
        peer.deaf_to = b"\x85" * 2
        stopper = threading.Thread(target=homed.stop)
        stopper.start()
        eventually(lambda: homed.state().phase is StagePhase.STOPPING)
        with pytest.raises((Rejected, MoveStopped)):
            homed.move_to(z_um=-5000)
        stopper.join()

    def test_a_jog_whose_answer_is_awaited_is_stopped_too(
        self, peer: Peer, homed: GrblStage
    ) -> None:
        """The stop byte overtakes the line: the jog begins only after it."""
        line = "$J=G53 G21 G90 Z-5.0000 F6.000"
        peer.answers[line] = []
        outcome: list[object] = []

        def sweep() -> None:
            outcome.append(homed.sweep_z(-5000, 100))

        sweeper = threading.Thread(target=sweep)
        sweeper.start()
        eventually(lambda: line in peer.lines)
        stopper = threading.Thread(target=homed.stop)
        stopper.start()
        eventually(lambda: b"\x85" in peer.bytes)
        peer._target = [-1.0, -1.0, -5.0]
        peer.state = "Jog"
        peer.say("ok")
        stopper.join()
        sweeper.join()
        assert peer.state == "Idle"
        assert homed.state().phase is StagePhase.IDLE


class TestTrouble:
    def test_an_alarm_ends_the_move_and_bars_the_next(self, peer: Peer, homed: GrblStage) -> None:
        move = under_way(peer, homed)
        peer.state, peer.silent = "Alarm", True
        peer.say("ALARM:1", "[MSG:Reset to continue]")
        with pytest.raises(Alarm, match=r"ALARM:1 .*limit switch"):
            move.wait(PATIENCE_S)
        state = homed.state()
        assert (state.phase, state.referenced) == (StagePhase.ALARM, False)
        assert "ALARM:1" in (state.alarm or "")
        with pytest.raises(Alarm, match="ALARM:1"):
            homed.move_to(z_um=-5000)
        assert "$X" not in peer.lines

    def test_unlocking_waits_until_the_controller_takes_a_reset(
        self, peer: Peer, homed: GrblStage
    ) -> None:
        peer.state = "Alarm"
        peer.say("ALARM:1", "[MSG:Reset to continue]")
        eventually(lambda: homed.state().phase is StagePhase.ALARM)
        peer.deaf_to = b"\x18"
        homed.unlock()
        assert peer.bytes == b"\x18\x18"
        assert peer.lines[-1] == "$X"
        assert homed.state().alarm is None
        with pytest.raises(NotReferenced):
            homed.move_to(z_um=-5000)

    def test_a_restart_loses_the_position(self, peer: Peer, homed: GrblStage) -> None:
        move = under_way(peer, homed)
        peer.say("\xf0\xffGrbl 1.1h ['$' for help]")
        peer.state = "Alarm"
        with pytest.raises(Alarm, match="restarted"):
            move.wait(PATIENCE_S)
        state = homed.state()
        assert (state.phase, state.referenced) == (StagePhase.ALARM, False)
        with pytest.raises(NotReferenced, match="restarted"):
            homed.move_to(z_um=-5000)
        again = homed.home()
        eventually(lambda: peer.state == "Home")
        peer.finish_homing()
        again.wait(PATIENCE_S)
        assert homed.state().alarm is None

    def test_an_alarm_whose_line_got_lost_is_seen_in_the_status(
        self, peer: Peer, homed: GrblStage
    ) -> None:
        move = under_way(peer, homed)
        peer.state = "Alarm:1"
        with pytest.raises(Alarm, match="alarm 1 "):
            move.wait(PATIENCE_S)

    def test_an_unplugged_stage_ends_everything(self, peer: Peer, homed: GrblStage) -> None:
        move = under_way(peer, homed)
        peer.unplug()
        with pytest.raises(ConnectionLost):
            move.wait(PATIENCE_S)
        assert homed.state().phase is StagePhase.DISCONNECTED
        for attempt in (homed.home, homed.stop, homed.position):
            with pytest.raises(ConnectionLost):
                attempt()

    def test_three_unanswered_questions_are_a_lost_connection(
        self, peer: Peer, homed: GrblStage
    ) -> None:
        move = under_way(peer, homed)
        peer.silent = True
        with pytest.raises(ConnectionLost, match="3 questions"):
            move.wait(PATIENCE_S)
        eventually(lambda: b"\x85" in peer.bytes)

    def test_one_unanswered_question_is_none(self, peer: Peer, homed: GrblStage) -> None:
        samples: list[PositionSample] = []
        homed.subscribe(samples.append)
        move = under_way(peer, homed)
        peer.deaf_to = b"??"
        eventually(lambda: peer.deaf_to == b"")
        count = len(samples)
        eventually(lambda: len(samples) > count + 2)
        assert not move.done()
        # The answer came to a later question: the uncertainty tells.
        assert max(sample.t_sigma_ns for sample in samples) > 100_000_000

    def test_garbage_changes_nothing(self, peer: Peer, homed: GrblStage) -> None:
        move = under_way(peer, homed)
        for noise in ("\x80\xff", "<Idle|MPos:0.0", "ok", "error:9", "$110=", "[", "<>", "ALARM:"):
            peer.say(noise)
        peer.arrive()
        move.wait(PATIENCE_S)
        assert homed.state().referenced


def test_closing_stops_the_motion(peer: Peer, homed: GrblStage) -> None:
    under_way(peer, homed)
    homed.close()
    eventually(lambda: b"\x85" in peer.bytes)
    assert homed.state().phase is StagePhase.DISCONNECTED
    homed.close()


def test_closing_does_not_cut_a_stop_short(peer: Peer, homed: GrblStage) -> None:
    under_way(peer, homed)
    peer.deaf_to = b"\x85" * 99

    def stop() -> None:
        with suppress(ConnectionLost):  # the stop of closing may see the rest first
            homed.stop()

    stopper = threading.Thread(target=stop)
    stopper.start()
    eventually(lambda: homed.state().phase is StagePhase.STOPPING)
    homed.close()
    stopper.join()
    assert peer.state != "Jog"


def test_closing_stops_a_stage_that_fell_silent(peer: Peer, homed: GrblStage) -> None:
    move = under_way(peer, homed)
    peer.deaf_to = b"\x85"
    peer.silent = True
    with pytest.raises(ConnectionLost):
        move.wait(PATIENCE_S)
    eventually(lambda: peer.deaf_to == b"")
    assert homed.state().phase is StagePhase.DISCONNECTED
    homed.close()
    eventually(lambda: peer.state == "Idle")


def test_a_line_is_not_sent_after_a_restart_that_ended_it(peer: Peer) -> None:
    link = GrblLink(
        "stage",
        peer.url,
        115_200,
        dtr=False,
        on_event=lambda _: None,
        on_report=lambda _: None,
        on_lost=lambda _: None,
    )
    link.open()

    def restart() -> None:
        link.send_now(SOFT_RESET)
        eventually(lambda: link.unanswered is None)

    try:
        with pytest.raises(Rejected, match="restarted"):
            link.begin("$H", guard=restart)
        link.command("$X")
        assert peer.lines == ["$X"]
    finally:
        link.close()
