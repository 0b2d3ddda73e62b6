"""A made-up controller that no code knows, driven by the shipped example of a declaration."""

from __future__ import annotations

import re
import socket
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from drivers.declaration import DeclarationError, load_controller, shipped_controllers
from drivers.declared import DeclaredDialect
from drivers.errors import Alarm, BadReply, LimitExceeded, MoveStopped, NotReferenced, Rejected
from drivers.serial_stage.settings import AxisSettings, StageSettings
from drivers.serial_stage.stage import SerialStage
from drivers.stage import PositionSample, StagePhase

PATIENCE_S = 20.0
EXAMPLE = shipped_controllers() / "example.toml"
UNIT_UM = 0.05


class Lux:
    """The imaginary LUX-3 behind a socket, by the words of its imaginary manual."""

    def __init__(self) -> None:
        self.counts = {"1": 0.0, "2": 0.0, "3": 0.0}
        self.speeds = dict.fromkeys(self.counts, 100.0)
        self.homed = True
        self.stalled = False
        self.fastest = 1e9
        self.requests: list[str] = []
        self._targets: dict[str, float] = {}
        self._since_s = time.monotonic()
        self._lock = threading.RLock()
        self._client: socket.socket | None = None
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"socket://127.0.0.1:{self._server.getsockname()[1]}"

    @property
    def moving(self) -> bool:
        with self._lock:
            self._advance()
            return bool(self._targets)

    def say(self, line: str) -> None:
        assert self._client is not None
        with suppress(OSError):
            self._client.sendall(f"{line}\r\n".encode())

    def close(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                self._client, _ = self._server.accept()
            except OSError:
                return
            self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._client as client, suppress(OSError):
                pending = b""
                while data := client.recv(4096):
                    if b"\x1b" in data:
                        self._halt()
                    *lines, pending = (pending + data.replace(b"\x1b", b"")).split(b"\r")
                    for line in lines:
                        self._hear(line.decode())

    def _hear(self, request: str) -> None:
        self.requests.append(request)
        with self._lock:
            self._advance()
            answer = self._answer(request)
        self.say(answer)

    def _answer(self, request: str) -> str:
        match re.fullmatch(r"(\?SP|SP|GO|Q|LIM|ZERO)(\d)(?: (.*))?", request), request:
            case None, "who":
                return "LUX-3 v2.4"
            case None, "echo off":
                return "ok"
            case None, "B":
                busy = sum(1 << (int(axis) - 1) for axis in self._targets)
                return f"B {9 if self.stalled else busy or (0 if self.homed else 8)}"
            case None, "HALT":
                self._halt()
                return "ok"
            case None, "ack":
                self.stalled = False
                return "ok"
            case None, _:
                return "no: what?"
            case found, _:
                return self._answer_of_axis(found[1], found[2], found[3])

    def _answer_of_axis(self, word: str, axis: str, value: str | None) -> str:
        match word:
            case "Q":
                return f"={axis}:{self.counts[axis]:+08.0f}"
            case "LIM":
                return f"LIM{axis} -40000 40000"
            case "?SP":
                return f"SP{axis} {self.speeds[axis]:.1f}"
            case "SP":
                self.speeds[axis] = min(self.fastest, float(value or ""))
                return "ok"
            case "ZERO":
                self._targets[axis] = 0.0
                self.homed = True
                return "ok"
        if self.stalled or not self.homed:
            return "no: not ready"
        self._targets[axis] = float(value or "")
        return "ok"

    def _halt(self) -> None:
        with self._lock:
            self._advance()
            self._targets = {}

    def _advance(self) -> None:
        now_s = time.monotonic()
        elapsed_s, self._since_s = now_s - self._since_s, now_s
        for axis, target in list(self._targets.items()):
            way = self.speeds[axis] / UNIT_UM * elapsed_s
            left = target - self.counts[axis]
            if abs(left) <= way:
                self.counts[axis] = target
                del self._targets[axis]
            else:
                self.counts[axis] += way if left > 0 else -way


@pytest.fixture
def lux() -> Iterator[Lux]:
    lux = Lux()
    yield lux
    lux.close()


@pytest.fixture
def stage(lux: Lux) -> Iterator[SerialStage]:
    settings = StageSettings(lux.url, z=AxisSettings(direction=-1, offset_um=500, lower_um=-400))
    stage = SerialStage(settings, DeclaredDialect(settings, load_controller("example")))
    stage.connect()
    yield stage
    stage.close()


def eventually(condition: Any) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never happened"
        time.sleep(0.005)


class TestDriving:
    def test_it_is_identified_and_its_limits_are_read(self, lux: Lux, stage: SerialStage) -> None:
        assert stage.name == f"stage LUX-3 2.4 on {lux.url}"
        assert (stage.caps.x.lower_um, stage.caps.x.upper_um) == (-2000, 2000)
        # The profile's direction and offset turn z round; its own limit is narrower.
        assert (stage.caps.z.lower_um, stage.caps.z.upper_um) == (-400, 2500)
        assert stage.caps.can_home
        assert not lux.moving

    def test_it_goes_where_it_is_sent(self, lux: Lux, stage: SerialStage) -> None:
        stage.move_to(x_um=30, y_um=-40, z_um=450, speed_um_per_s=400).wait(PATIENCE_S)
        place = stage.position()
        assert (place.x_um, place.y_um, place.z_um) == (30, -40, 450)
        assert lux.counts == {"1": 600, "2": -800, "3": 1000}

    def test_all_axes_of_a_slanted_way_arrive_together(self, lux: Lux, stage: SerialStage) -> None:
        stage.move_to(x_um=30, y_um=40, speed_um_per_s=100).wait(PATIENCE_S)
        assert (lux.speeds["1"], lux.speeds["2"]) == (60, 80)

    def test_it_sweeps_at_the_speed_that_was_asked_for(
        self, stage: SerialStage, speed_of: Callable[[list[PositionSample]], float]
    ) -> None:
        samples: list[PositionSample] = []
        stage.subscribe(samples.append)
        stage.sweep_z(340, 80).wait(PATIENCE_S)
        moving = [sample for sample in samples if sample.moving]
        assert len(moving) >= 5
        assert speed_of(moving) == pytest.approx(-80, rel=0.2)

    def test_a_speed_that_it_does_not_keep_is_refused(self, lux: Lux, stage: SerialStage) -> None:
        lux.fastest = 50
        with pytest.raises(Rejected, match="reads back 50"):
            stage.sweep_z(0, 80)
        assert not lux.moving

    def test_limits(self, lux: Lux, stage: SerialStage) -> None:
        with pytest.raises(LimitExceeded):
            stage.move_to(z_um=-401)
        assert not [request for request in lux.requests if request.startswith("GO")]

    def test_stop(self, lux: Lux, stage: SerialStage) -> None:
        move = stage.sweep_z(-400, 100)
        eventually(lambda: lux.moving)
        report = stage.stop()
        assert not lux.moving
        assert "HALT" in lux.requests
        assert report.t_on_wire_ns >= report.t_called_ns
        with pytest.raises(MoveStopped):
            move.wait(PATIENCE_S)

    def test_a_stall_waits_for_the_operator(self, lux: Lux, stage: SerialStage) -> None:
        move = stage.sweep_z(-400, 100)
        lux.stalled = True
        lux.say("*** stall 3")
        with pytest.raises(Alarm, match=r"stall 3|'9'"):
            move.wait(PATIENCE_S)
        assert "ack" not in lux.requests
        stage.unlock()
        stage.move_to(z_um=500, speed_um_per_s=1000).wait(PATIENCE_S)

    def test_a_restart_needs_homing(self, lux: Lux, stage: SerialStage) -> None:
        lux.say("*** reset")
        lux.homed = False
        eventually(lambda: stage.state().phase is StagePhase.ALARM)
        with pytest.raises(NotReferenced):
            stage.move_to(z_um=450)
        stage.home().wait(PATIENCE_S)
        assert [request for request in lux.requests if request.startswith("ZERO")] == [
            "ZERO3",
            "ZERO1",
            "ZERO2",
        ]
        stage.move_to(z_um=490).wait(PATIENCE_S)

    def test_another_controller_is_refused_and_quoted(self, lux: Lux, tmp_path: Path) -> None:
        other = changed(tmp_path, lambda it: it["identify"].update(reply="MUX-4 .*"))
        settings = StageSettings(lux.url, connect_timeout_s=0.5)
        stage = SerialStage(settings, DeclaredDialect(settings, load_controller(other)))
        with pytest.raises(BadReply, match=r"LUX-3 v2\.4"):
            stage.connect()

    def test_a_controller_that_never_answers_sets_is_checked(
        self, lux: Lux, tmp_path: Path
    ) -> None:
        def without_answers(it: dict[str, Any]) -> None:
            for table in ("speed", "move"):
                del it[table]["reply"]
            it["check"] = {"send": "who", "reply": "LUX-3 .*"}

        settings = StageSettings(lux.url)
        path = changed(tmp_path, without_answers)
        stage = SerialStage(settings, DeclaredDialect(settings, load_controller(path)))
        stage.connect()
        lux.homed = False
        lux.requests.clear()
        with pytest.raises((Rejected, NotReferenced)):
            stage.move_to(z_um=10)
        lux.homed = True
        stage.connect()
        stage.move_to(z_um=10).wait(PATIENCE_S)
        assert "who" in lux.requests
        stage.close()

    def test_one_answer_may_say_everything(self, lux: Lux, tmp_path: Path) -> None:
        def all_in_one(it: dict[str, Any]) -> None:
            it["position"] = {"send": "Q3", "reply": "=3:<x>(?P<y>)(?P<z>)(?P<state>)"}

        with pytest.raises(DeclarationError, match=r"status\.reply|state"):
            load_controller(changed(tmp_path, lambda it: it["status"].pop("reply")))
        path = changed(tmp_path, lambda it: (all_in_one(it), it["status"].pop("send")))
        assert load_controller(path).status.request is None


def changed(folder: Path, change: Any) -> Path:
    """Write the example with a change; return its path."""
    content = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    change(content)
    path = folder / "changed.toml"
    path.write_text(tomli_w.dumps(content), encoding="utf-8")
    return path


class TestReading:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda it: it.pop("stop"), "stop: Field required"),
            (lambda it: it.update(stopp=1), "stopp: Extra inputs"),
            (lambda it: it["move"].update(send="GO{axis}"), r"move\.send must have"),
            (lambda it: it["move"].update(send="GO{axis} {tgt}"), r"move\.send must have"),
            (lambda it: it["position"].update(reply="=.*"), r"position\.reply must say .* <value>"),
            (lambda it: it["position"].update(reply="=("), r"position\.reply"),
            (lambda it: it["identify"].pop("reply"), r"identify\.reply is missing"),
            (lambda it: it["speed"].update(send="SP"), "{speed}"),
            (lambda it: it["speed"].update(send="SP{axis} {fast}"), "{fast}"),
            (lambda it: it["axes"]["z"].update(um_per_unit=0), r"axes\.z\.um_per_unit"),
            (lambda it: it["axes"]["x"].update(lower_um=5, upper_um=1), "must be below"),
            (lambda it: it["framing"].update(baud=-1), r"framing\.baud"),
            (lambda it: it["status"].pop("send"), "position.reply has no group"),
            (lambda it: it["identify"].update(send="wer da? µ"), "not ASCII"),
        ],
    )
    def test_mistakes_are_named(self, tmp_path: Path, change: Any, reason: str) -> None:
        path = changed(tmp_path, change)
        with pytest.raises(DeclarationError, match=reason) as caught:
            load_controller(path)
        assert str(caught.value).startswith(str(path))
        assert "\n" not in str(caught.value)

    def test_files_that_are_none(self, tmp_path: Path) -> None:
        with pytest.raises(DeclarationError, match=r"no such controller; there are .*example"):
            load_controller("nothing")
        with pytest.raises(DeclarationError, match="cannot be read"):
            load_controller(tmp_path / "nothing.toml")
        (tmp_path / "broken.toml").write_text("name = ")
        with pytest.raises(DeclarationError, match="is not TOML"):
            load_controller("broken", tmp_path)
        (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
        with pytest.raises(DeclarationError, match="UTF-8"):
            load_controller(tmp_path / "binary.toml")

    @given(st.floats(-1e7, 1e7, allow_nan=False))
    def test_numbers_are_read_however_they_are_written(self, number: float) -> None:
        reply = load_controller(EXAMPLE).position.reply
        assert reply is not None
        for text in (f"{number:.3f}", f"{number:+.0f}", f"{number:+e}", f"{number:.0f}."):
            found = reply.fullmatch(f"=3:{text}")
            assert found is not None
            assert float(found["value"]) == float(text)

    @given(st.text(max_size=40))
    def test_whatever_arrives_is_borne(self, line: str) -> None:
        settings = StageSettings("COM1")
        dialect = DeclaredDialect(settings, load_controller(EXAMPLE))
        dialect.notice(line)
        dialect.refusal(line)

    def test_limits_have_to_come_from_somewhere(self, lux: Lux, tmp_path: Path) -> None:
        path = changed(tmp_path, lambda it: it.pop("limits"))
        settings = StageSettings(lux.url)
        stage = SerialStage(settings, DeclaredDialect(settings, load_controller(path)))
        with pytest.raises(Rejected, match="limits of x"):
            stage.connect()
        span = AxisSettings(lower_um=-10, upper_um=10)
        settings = StageSettings(lux.url, x=span, y=span, z=span)
        stage = SerialStage(settings, DeclaredDialect(settings, load_controller(path)))
        stage.connect()
        assert stage.caps.x.upper_um == 10
        stage.close()
