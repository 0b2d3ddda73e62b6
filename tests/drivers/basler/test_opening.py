"""BaslerCamera is found, opened and let go of."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from drivers.basler import BaslerCamera, CameraAddress, list_cameras
from drivers.camera import CameraSettings
from drivers.errors import BadReply, ConnectionLost

EMULATION = "BaslerCamEmu"
FAST = CameraSettings(exposure_ms=2.0, gain_db=0.0, fps=90.0)


def test_cameras_are_listed() -> None:
    assert list_cameras(EMULATION) == (
        CameraAddress("0815-0000", "Emulation"),
        CameraAddress("0815-0001", "Emulation"),
    )


def test_the_name_tells_model_and_serial(camera: BaslerCamera) -> None:
    assert camera.name == "camera Basler Emulation (0815-0000)"


def test_without_a_serial_the_first_is_taken() -> None:
    camera = BaslerCamera(device_class=EMULATION)
    camera.open()
    assert camera.name.endswith("(0815-0000)")
    camera.close()


def test_a_camera_that_is_not_there() -> None:
    camera = BaslerCamera("1234", device_class=EMULATION)
    with pytest.raises(ConnectionLost, match=r"camera Basler \(1234\): open"):
        camera.open()
    camera.close()


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypylon", None)
    with pytest.raises(ConnectionLost, match="pip install pypylon"):
        BaslerCamera().open()
    with pytest.raises(ConnectionLost, match="pip install pypylon"):
        list_cameras()


def test_a_closed_camera_says_so() -> None:
    camera = BaslerCamera(device_class=EMULATION)
    with pytest.raises(ConnectionLost, match="not open"):
        camera.configure(FAST)
    with pytest.raises(ConnectionLost, match="not open"):
        camera.start(lambda _: None, every_frame=True)
    camera.close()


def test_it_can_be_opened_again(camera: BaslerCamera, grab) -> None:
    grab(camera, 2)
    camera.close()
    camera.open()
    assert len(grab(camera, 2)) == 2


def test_the_capabilities_are_those_of_the_camera(open_camera) -> None:
    camera = open_camera(("Mono12",))
    caps = camera.caps
    assert (caps.colour, caps.bits, caps.pixel_um) == (False, 12, None)
    assert caps.exposure_ms == (0.001, 10_000)
    assert caps.gain_db[0] == 0
    camera.close()


def test_no_suitable_pixel_format() -> None:
    camera = BaslerCamera(pixel_formats=("YUV422_8",), device_class=EMULATION)
    with pytest.raises(BadReply, match=r"YUV422_8.*offers Mono8"):
        camera.open()


OPEN = """
from drivers.basler import BaslerCamera
camera = BaslerCamera(device_class="BaslerCamEmu")
camera.open()
"""
GRAB = """
frames = []
camera.start(frames.append, every_frame=True)
while len(frames) < 3:
    pass
"""


@pytest.mark.parametrize("end", ["", "camera.close()", "raise SystemExit(0)", "del camera"])
@pytest.mark.parametrize("way", [OPEN, OPEN + GRAB])
def test_a_program_that_ends_without_closing_ends_cleanly(way: str, end: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", way + end],
        env={**os.environ, "PYLON_CAMEMU": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
