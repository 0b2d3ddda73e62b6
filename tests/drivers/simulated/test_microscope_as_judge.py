"""python-microscope, a client that others wrote, has to get on with the emulated controllers."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from drivers.simulated.asi_controller import AsiController
from drivers.simulated.prior_controller import PriorController
from drivers.simulated.pty_line import PtyLine
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.served_controller import EmulatedController, ServedController
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.zaber_controller import ZaberController
from drivers.simulated.zaber_device import ZaberDevice

pytest.importorskip("microscope", reason="python-microscope is not installed")
pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="python-microscope opens serial ports only, so it needs a pty"
)

SETTINGS = replace(
    SimulationSettings(latency_ms=1.0, jitter_ms=0.5),
    start_um=(2000.0, 1000.0, 500.0),
    travel_um=(4000.0, 2000.0, 1000.0),
    max_speed_um_per_s=(20_000.0, 20_000.0, 5000.0),
    acceleration_um_per_s2=(200_000.0, 200_000.0, 50_000.0),
)
PATIENCE_S = 2.0
"""Of the client with an answer; by itself it has half a second, and a busy computer needs more."""


@contextmanager
def served(controller: EmulatedController) -> Iterator[str]:
    with ServedController(controller, line=PtyLine()) as server:
        yield server.url


def test_prior() -> None:
    from microscope.controllers.prior import ProScanIII

    controller = PriorController(SeparateAxes(SETTINGS), SETTINGS)
    with served(controller) as path:
        judge = ProScanIII(path, timeout=PATIENCE_S)
        assert judge.devices == {}
        connection = judge._conn
        connection.set_command(b"COMP 0")
        connection.set_command(b"SMZ 100")
        assert connection.get_command(b"PZ") == b"0\r"
        connection.move_command(b"V 1000")
        while connection.get_command(b"$") != b"0\r":
            pass
        assert connection.get_command(b"P") == b"0,0,1000\r"
        judge._conn._serial.close()
    assert [line for line, _ in controller.received][:4] == [
        "?",
        "FILTER 1",
        "FILTER 2",
        "FILTER 3",
    ]


def test_prior_acknowledging_at_the_end() -> None:
    from microscope.controllers.prior import ProScanIII

    axes = SeparateAxes(SETTINGS)
    with served(PriorController(axes, SETTINGS, acknowledges_at_end=True)) as path:
        connection = ProScanIII(path, timeout=PATIENCE_S)._conn
        # Waits for the R of the move, which comes when it is over.
        connection.move_command(b"U 2000")
        assert connection.get_command(b"$") == b"0\r"
        assert connection.get_command(b"PZ") == b"2000\r"
        connection._serial.close()


@pytest.mark.slow
def test_asi(capsys: pytest.CaptureFixture[str]) -> None:
    from microscope.controllers.asi import ASIMS2000

    axes = SeparateAxes(SETTINGS)
    with served(AsiController(axes, SETTINGS)) as path:
        judge = ASIMS2000(path, timeout=PATIENCE_S, lights=[])
        stage = judge.devices["stage"]
        assert set(stage.axes) == {"X", "Y", "Z"}
        assert stage.get_setting("Max Lim Z") == 110.0
        assert stage.get_setting("Ramp Time Z") == 100
        assert stage.may_move_on_enable()
        stage.enable()  # runs every axis from one limit switch to the other, and back to the middle
        for name, travel_um in zip("XYZ", SETTINGS.travel_um, strict=True):
            assert stage.axes[name].limits.upper == pytest.approx(travel_um * 10, abs=1)
            assert stage.axes[name].position == pytest.approx(travel_um * 5, abs=1)
        stage.axes["Z"].move_by(-1000)
        assert stage.axes["Z"].position == pytest.approx(4000, abs=1)
        stage.axes["Z"].move_to(1234)
        assert stage.axes["Z"].position == pytest.approx(1234, abs=1)
        judge._conn._serial.close()


def test_zaber() -> None:
    from microscope.controllers.zaber import ZaberDaisyChain, ZaberDeviceType

    box = (ZaberDevice(("x", "y", "z"), device_id=30342),)
    with served(ZaberController(SeparateAxes(SETTINGS), SETTINGS, box)) as path:
        judge = ZaberDaisyChain(path, {1: ZaberDeviceType.STAGE})
        stage = judge.devices["1"]
        assert set(stage.axes) == {"1", "2", "3"}
        assert stage.may_move_on_enable()
        stage.enable()
        stage._dev_conn.wait_until_idle(30.0)
        assert not stage.may_move_on_enable()
        stage.move_to({"1": 500, "3": 2000})
        assert stage.position == {"1": 500, "2": 0, "3": 2000}
        stage.axes["3"].move_by(-500)
        assert stage.axes["3"].position == 1500
        assert stage.axes["3"].limits.upper == 20_000
        judge._conn._serial.close()
