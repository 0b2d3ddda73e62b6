"""Exposure and white balance on the simulated camera, whose pictures follow both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.auto_exposure import (
    BALANCED,
    TARGET,
    TOLERANCE,
    balance_once,
    bright_level,
    expose_once,
    white_level,
)
from drivers.basler import BaslerCamera
from drivers.camera import Camera, CameraSettings, Frame, Region, WhiteBalance
from drivers.errors import Rejected
from drivers.simulated.camera import SimulatedCamera
from drivers.simulated.microscope import SimulatedMicroscope
from drivers.simulated.settings import SimulationSettings

SETTINGS = SimulationSettings(
    width=160, height=96, fps=50.0, start_um=(39_500.0, 19_500.0, 880.0), latency_ms=2.0
)


@pytest.fixture(scope="module")
def looking() -> Iterator[SimulatedMicroscope]:
    with SimulatedMicroscope(SETTINGS) as microscope:
        microscope.camera.open()
        yield microscope


@pytest.fixture
def camera(looking: SimulatedMicroscope) -> SimulatedCamera:
    neutral = WhiteBalance(1.0, 1.0, 1.0)
    looking.camera.configure(CameraSettings(4.0, 0.0, 50.0, white_balance=neutral))
    return looking.camera


def look(camera: Camera) -> np.ndarray:
    frames: list[Frame] = []
    camera.start(frames.append, every_frame=True)
    while not frames:
        pass
    camera.stop()
    return frames[0].image


@pytest.mark.parametrize("exposure_ms", [0.05, 1.0, 4.0, 20.0])
def test_the_exposure_is_found_from_anywhere(camera: SimulatedCamera, exposure_ms: float) -> None:
    camera.configure(CameraSettings(exposure_ms, 0.0, 50.0))
    taken = expose_once(camera)
    assert camera.settings == taken
    assert bright_level(look(camera), 8) == pytest.approx(TARGET, abs=TOLERANCE + 0.02)
    # It is the same wherever the search began.
    assert taken.exposure_ms == pytest.approx(7.5, rel=0.25)
    assert taken.fps == 50.0


def test_too_dark_is_said_and_nothing_has_changed(camera: SimulatedCamera) -> None:
    before = camera.configure(CameraSettings(0.1, 0.0, 50.0))
    with pytest.raises(Rejected, match=r"too dark.*0\.2 ms.*lamp up"):
        expose_once(camera, longest_ms=0.2)
    assert camera.settings == before


def test_too_bright_is_said() -> None:
    glaring = replace(SETTINGS, exposure_ms=0.001)
    with SimulatedMicroscope(glaring) as microscope:
        camera = microscope.camera
        camera.open()
        before = camera.configure(CameraSettings(4.0, 0.0, 50.0))
        with pytest.raises(Rejected, match=r"too bright.*0\.05 ms.*lamp down"):
            expose_once(camera)
        assert camera.settings == before


def test_a_picture_that_does_not_follow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """pylon's emulation shows the same whatever the exposure."""
    monkeypatch.setenv("PYLON_CAMEMU", "1")
    camera = BaslerCamera(device_class="BaslerCamEmu", pixel_formats=("Mono8",))
    camera.open()
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((1040, 1024), 100, np.uint8))
    camera._camera.TestImageSelector.Value = "Off"
    camera._camera.ImageFilename.Value = str(tmp_path)
    camera._camera.ImageFileMode.Value = "On"
    before = camera.configure(CameraSettings(2.0, 0.0, 30.0))
    with pytest.raises(Rejected, match="does not change"):
        expose_once(camera)
    assert camera.settings == before
    camera.close()


def test_white_becomes_white(camera: SimulatedCamera) -> None:
    camera.configure(CameraSettings(2.0, 0.0, 50.0, white_balance=WhiteBalance(0.5, 1.0, 1.7)))
    taken = balance_once(camera)
    assert taken == camera.settings
    red, green, blue = white_level("camera", look(camera), 8)
    assert red / green == pytest.approx(1, abs=2 * BALANCED)
    assert blue / green == pytest.approx(1, abs=2 * BALANCED)


def test_without_anything_white(camera: SimulatedCamera) -> None:
    before = camera.configure(CameraSettings(1000.0, 24.0, 1.0))
    with pytest.raises(Rejected, match="neither clipped nor black"):
        balance_once(camera)
    assert camera.settings == before


def test_a_grey_camera_has_no_white_balance(camera: SimulatedCamera) -> None:
    colour = camera.settings
    camera.configure(replace(colour, pixel_format="Mono8"))
    with pytest.raises(Rejected, match="the camera has none"):
        balance_once(camera)
    assert expose_once(camera).pixel_format == "Mono8"
    camera.configure(colour)


def test_glints_do_not_decide() -> None:
    image = np.full((200, 200, 3), 100, np.uint8)
    assert bright_level(image, 8) == pytest.approx(100 / 255)
    image[:16, :16] = 255  # 0.64 %
    assert bright_level(image, 8) == pytest.approx(100 / 255)
    image[:40, :40] = 255  # 4 %
    assert bright_level(image, 8) == 1.0
    assert bright_level(np.full((40, 40), 2048, np.uint16), 12) == pytest.approx(2048 / 4095)


def test_the_balance_can_be_taken_from_a_piece_of_the_image(camera: SimulatedCamera) -> None:
    camera.configure(CameraSettings(3.0, 0.0, 50.0, white_balance=WhiteBalance(1.6, 1.0, 0.6)))
    part = Region(40, 20, 48, 48)
    balance_once(camera, part)
    image = look(camera)[part.top : part.top + part.height, part.left : part.left + part.width]
    red, green, blue = white_level("camera", image, 8)
    assert abs(red / green - 1) < 2 * BALANCED
    assert abs(blue / green - 1) < 2 * BALANCED
