"""What numbers mean to each interface; a stand-in answers as OpenCV's sources say it does."""

from __future__ import annotations

import cv2
import pytest

from drivers.camera import CameraSettings
from drivers.uvc_controls import (
    is_mode,
    read_mode,
    set_exposure,
    set_gain,
    set_mode,
    stop_white_balance,
)
from drivers.uvc_notes import uvc_notes

MJPG, YUYV = (cv2.VideoWriter.fourcc(*letters) for letters in ("MJPG", "YUYV"))


class Interface:
    """A camera that keeps what it is told of the properties that it has, and rounds sizes."""

    def __init__(self, name: str, **properties: float) -> None:
        self.name = name
        self.values = {getattr(cv2, f"CAP_PROP_{key}"): value for key, value in properties.items()}
        self.fixed: set[int] = set()

    def get(self, key: int) -> float:
        return self.values.get(key, -1.0)

    def set(self, key: int, value: float) -> bool:
        if key not in self.values:
            return False
        if key not in self.fixed:
            self.values[key] = value
        return True

    def getBackendName(self) -> str:  # noqa: N802 - OpenCV's name
        return self.name


@pytest.mark.parametrize(("exposure_ms", "units"), [(5.0, 50), (0.1, 1), (0.01, 1), (33.33, 333)])
def test_v4l2_counts_in_a_tenth_of_a_millisecond(exposure_ms: float, units: int) -> None:
    camera = Interface("V4L2", AUTO_EXPOSURE=3, EXPOSURE=157)
    assert set_exposure(camera, exposure_ms) == units / 10
    assert camera.get(cv2.CAP_PROP_AUTO_EXPOSURE) == 1
    assert camera.get(cv2.CAP_PROP_EXPOSURE) == units


def test_an_automatic_that_stays_on() -> None:
    camera = Interface("V4L2", AUTO_EXPOSURE=3, EXPOSURE=157)
    camera.fixed.add(cv2.CAP_PROP_AUTO_EXPOSURE)
    assert set_exposure(camera, 5.0) is None
    assert camera.get(cv2.CAP_PROP_EXPOSURE) == 157


@pytest.mark.parametrize("interface", ["MSMF", "DSHOW"])
@pytest.mark.parametrize(("exposure_ms", "power"), [(31.25, -5), (5.0, -8), (0.1, -13)])
def test_windows_takes_powers_of_two(interface: str, exposure_ms: float, power: int) -> None:
    camera = Interface(interface, EXPOSURE=-6)
    assert set_exposure(camera, exposure_ms) == 2**power * 1000
    assert camera.get(cv2.CAP_PROP_EXPOSURE) == power


@pytest.mark.parametrize("interface", ["V4L2", "MSMF", "AVFOUNDATION"])
def test_a_camera_without_any_of_it(interface: str) -> None:
    camera = Interface(interface)
    assert set_exposure(camera, 5.0) is None
    assert set_gain(camera, 3.0) is None
    assert not stop_white_balance(camera)


def test_gain_is_read_back() -> None:
    camera = Interface("V4L2", GAIN=64)
    assert set_gain(camera, 12.3) == 12
    camera.fixed.add(cv2.CAP_PROP_GAIN)
    assert set_gain(camera, 40) == 12


def test_automatic_white_balance_is_seen_to_be_off() -> None:
    camera = Interface("V4L2", AUTO_WB=1)
    assert stop_white_balance(camera)
    camera = Interface("V4L2", AUTO_WB=1)
    camera.fixed.add(cv2.CAP_PROP_AUTO_WB)
    assert not stop_white_balance(camera)


def test_modes() -> None:
    camera = Interface("V4L2", FOURCC=YUYV, FRAME_WIDTH=640, FRAME_HEIGHT=480)
    assert read_mode(camera) == "YUYV 640x480"
    assert set_mode(camera, "MJPG 1920x1080") == "MJPG 1920x1080"
    assert camera.get(cv2.CAP_PROP_FOURCC) == MJPG
    assert set_mode(camera, "1280x720") == "MJPG 1280x720"
    camera.fixed |= {cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT}
    assert set_mode(camera, "YUYV 2592x1944") == "YUYV 1280x720"


@pytest.mark.parametrize("text", ["", "MJPG", "BayerRG8", "Mono8 640x480", "MJPG 0x1", "640 x 480"])
def test_what_is_no_mode(text: str) -> None:
    assert not is_mode(text)
    with pytest.raises(ValueError, match="no mode"):
        set_mode(Interface("V4L2"), text)


def test_a_compressed_mode_is_told() -> None:
    wanted = CameraSettings(5.0, 0.0, 30.0)
    for mode, is_told in (("MJPG 1920x1080", True), ("YUYV 640x480", False)):
        settings = CameraSettings(5.0, 0.0, 30.0, pixel_format=mode)
        told = " ".join(uvc_notes(settings, wanted, 5.0, 0.0, fixed_colours=True))
        assert ("compressed" in told) is is_told
        assert "takes no" not in told
