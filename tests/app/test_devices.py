"""What answers on a port, the profile made of it, and a controller put to the test."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.cli_fail import BAD_INPUT
from app.devices import CameraFound, PortFound, probe_ports, show_devices, write_profile
from app.profiles import AxisProfile, ProfileError, load_profile, save_profile
from app.stage_probe import ProbeError, probe_stage, stage_to_probe
from drivers.errors import BadReply, ConnectionLost
from drivers.port_probe import Finding
from drivers.serial_stage.settings import AxisSettings, StageSettings
from drivers.serial_stage.stage import SerialStage
from drivers.simulated.asi_controller import AsiController
from drivers.simulated.grbl_controller import GrblController
from drivers.simulated.motion import StageMotion, Tremor
from drivers.simulated.prior_controller import PriorController
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.served_controller import EmulatedController, ServedController
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.tango_controller import TangoController
from drivers.simulated.zaber_controller import ZaberController
from drivers.simulated.zaber_device import ZaberDevice
from drivers.tango import TangoDialect

SIMULATION = replace(
    SimulationSettings(latency_ms=2.0, jitter_ms=0.5, tremor_um=0.0),
    backlash_um=(0.0, 0.0, 0.0),
    start_um=(400.0, 400.0, 500.0),
)


def grbl(_: SeparateAxes) -> EmulatedController:
    x, y, z = SIMULATION.travel_um
    motion = StageMotion(SIMULATION.start_um, (0, 0, 0), ((0, x), (0, y), (0, z)), Tremor(0.0, 1))
    return GrblController(motion, SIMULATION)


EMULATORS: dict[str, Callable[[SeparateAxes], EmulatedController]] = {
    "grbl": grbl,
    "zaber": lambda axes: ZaberController(axes, SIMULATION, (ZaberDevice(("x", "y", "z")),)),
    "prior": lambda axes: PriorController(axes, SIMULATION),
    "asi": lambda axes: AsiController(axes, SIMULATION),
    "tango": lambda axes: TangoController(axes, SIMULATION),
}


class TestAskingPorts:
    @pytest.mark.parametrize("kind", list(EMULATORS))
    def test_each_controller_is_recognised_and_stays_where_it_is(self, kind: str) -> None:
        axes = SeparateAxes(SIMULATION)
        with ServedController(EMULATORS[kind](axes)) as server:
            told: list[PortFound] = []
            (found,) = probe_ports([(server.url, "")], told.append)
        assert told == [found]
        assert found.finding is not None
        assert (found.finding.kind, bool(found.finding.said)) == (kind, True)
        assert kind in str(found)
        assert axes.position_at(time.monotonic_ns()) == SIMULATION.start_um

    def test_a_stranger_is_quoted(self, stranger: Stranger) -> None:
        (found,) = probe_ports([(stranger.url, "")], lambda _: None)
        assert found.finding is not None
        assert found.finding.kind is None
        assert "what do you mean" in str(found)

    def test_strangers_hear_bare_questions_only(self, stranger: Stranger) -> None:
        probe_ports([(stranger.url, "")], lambda _: None)
        words = {word.strip(b"\n") for word in stranger.heard.split(b"\r")}
        assert words <= {b"", b"/", b"?", b"?version"}

    def test_a_port_that_cannot_be_opened(self) -> None:
        (found,) = probe_ports([("socket://127.0.0.1:1", "")], lambda _: None)
        assert found.finding is None
        assert "refused" in str(found)


class Stranger:
    """Answers every line with the same words."""

    def __init__(self) -> None:
        self.heard = b""
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"socket://127.0.0.1:{self._server.getsockname()[1]}"

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                with client:
                    while data := client.recv(100):
                        self.heard += data
                        client.sendall(b"what do you mean?\r\n" * data.count(b"\r"))

    def close(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    stranger = Stranger()
    yield stranger
    stranger.close()


class TestWritingAProfile:
    PORT = PortFound("/dev/ttyUSB0", "adapter", Finding("prior", 9600, "270"))

    def test_it_can_be_opened(self, tmp_path: Path) -> None:
        camera = CameraFound("basler", "0815-0000", "camera Basler")
        path = write_profile("lab 1", [self.PORT], [camera], tmp_path)
        profile = load_profile(path)
        assert (profile.stage.driver, profile.stage.url) == ("prior", "/dev/ttyUSB0")
        assert profile.stage.baud == 9600
        assert profile.camera.serial == "0815-0000"

    def test_nothing_is_overwritten(self, tmp_path: Path) -> None:
        write_profile("lab", [self.PORT], [], tmp_path)
        with pytest.raises(ProfileError, match="already"):
            write_profile("lab", [self.PORT], [], tmp_path)

    def test_there_has_to_be_a_stage(self, tmp_path: Path) -> None:
        silent = PortFound("COM1", "", Finding(None, None, ""))
        with pytest.raises(ProfileError, match="no stage has answered"):
            write_profile("lab", [silent], [], tmp_path)

    def test_what_was_found_is_told(self, stranger: Stranger) -> None:
        lines: list[str] = []
        show_devices([stranger.url], "", lines.append)
        assert lines[0].startswith(f"port    {stranger.url}")
        assert any(line.startswith("camera") for line in lines)


@pytest.fixture
def tango_url() -> Iterator[str]:
    with ServedController(TangoController(SeparateAxes(SIMULATION), SIMULATION)) as server:
        yield server.url


class TestCommand:
    def test_it_lists_what_answers(self, tango_url: str) -> None:
        result = CliRunner().invoke(app, ["devices", "--port", tango_url])
        assert result.exit_code == 0, result.output
        assert "tango" in result.output

    def test_a_test_shows_the_conversation(self, tango_url: str, tmp_path: Path) -> None:
        profile = load_profile("tango_basler")
        axis = AxisProfile(lower_um=0.0, upper_um=1000.0)
        stage = profile.stage.model_copy(update={"x": axis, "y": axis, "z": axis})
        path = tmp_path / "lab.toml"
        save_profile(profile.model_copy(update={"stage": stage}), path)
        command = ["devices", "--probe", tango_url, "--microscope", str(path)]
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 0, result.output
        assert "?version" in result.output
        assert "read-back at rest" in result.output

    @pytest.mark.parametrize(
        ("command", "reason"),
        [
            (["--probe", "COM1"], "needs --controller"),
            (["--probe", "COM1", "--microscope", "simulated"], "on no port"),
            (["--probe", "COM1", "--controller", "sutter"], "no such controller"),
            (["--probe", "socket://127.0.0.1:1", "--controller", "asi"], "refused"),
        ],
    )
    def test_mistakes_are_one_line(self, command: list[str], reason: str) -> None:
        result = CliRunner().invoke(app, ["devices", *command])
        assert result.exit_code == BAD_INPUT
        assert reason in result.output


class TestProbing:
    def test_the_conversation_is_told_and_nothing_moves(self, tango_url: str) -> None:
        lines: list[str] = []
        axes = SeparateAxes(SIMULATION)
        probe_stage(tango(tango_url), lines.append)
        told = "\n".join(lines)
        assert "> b'?version\\r'" in told
        assert "< b'TANGO" in told
        assert "read-back at rest" in told
        assert "moa" not in told
        assert axes.position_at(time.monotonic_ns()) == SIMULATION.start_um

    def test_speed_reading_and_stop_are_measured(self, tango_url: str) -> None:
        lines: list[str] = []
        asked: list[str] = []

        def confirm(question: str) -> bool:
            asked.append(question)
            return True

        stage = tango(tango_url)
        stage.connect()
        if not stage.state().referenced:
            stage.home().wait(60)
        stage.close()
        start = probed_z(tango_url)
        probe_stage(tango(tango_url), lines.append, move_um=60.0, confirm=confirm)
        assert len(asked) == 1
        told = "\n".join(lines)
        assert "speed: asked 30 µm/s, measured" in told
        assert "read-back in motion" in told
        assert "STOP at 30 µm/s" in told
        assert probed_z(tango_url) == pytest.approx(start, abs=1)

    def test_nothing_moves_without_consent(self, tango_url: str) -> None:
        lines: list[str] = []
        probe_stage(tango(tango_url), lines.append, move_um=20.0, confirm=lambda _: False)
        assert lines[-1] == "nothing was moved"

    def test_a_way_beyond_the_limits(self, tango_url: str) -> None:
        with pytest.raises(ProbeError, match="lies outside"):
            probe_stage(tango(tango_url), lambda _: None, move_um=1e6, confirm=lambda _: True)

    def test_the_wrong_controller(self, tango_url: str) -> None:
        with pytest.raises((BadReply, ConnectionLost), match="LUX-3"):
            probe_stage(stage_to_probe(tango_url, "example"), lambda _: None)

    def test_controllers_that_nobody_knows(self) -> None:
        with pytest.raises(ProfileError, match="no such controller"):
            stage_to_probe("COM1", "sutter")
        assert "GRBL" in stage_to_probe("COM1", "grbl").name


def tango(url: str) -> SerialStage:
    span = AxisSettings(lower_um=0.0, upper_um=1000.0)
    settings = StageSettings(url, x=span, y=span, z=span)
    return SerialStage(settings, TangoDialect(settings))


def probed_z(url: str) -> float:
    stage = tango(url)
    stage.connect()
    try:
        return stage.position().z_um
    finally:
        stage.close()
