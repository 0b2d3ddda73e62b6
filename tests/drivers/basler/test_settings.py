"""BaslerCamera takes what it can be set to, and refuses the rest."""

from __future__ import annotations

import queue
from dataclasses import replace
from typing import Any

import pytest

from drivers.basler import BaslerCamera
from drivers.basler_nodes import first_node
from drivers.camera import CameraSettings, Frame, Region, WhiteBalance
from drivers.errors import LimitExceeded, Rejected

PATIENCE_S = 20.0
FAST = CameraSettings(exposure_ms=2.0, gain_db=0.0, fps=90.0)


def test_what_was_taken_is_returned(camera: BaslerCamera) -> None:
    taken = camera.configure(CameraSettings(exposure_ms=12.345, gain_db=6.0, fps=25.0))
    assert taken.exposure_ms == pytest.approx(12.345, abs=0.01)
    assert taken.gain_db == pytest.approx(6.0, abs=0.01)
    assert taken.fps == pytest.approx(25.0)
    assert camera.settings == taken


def test_they_may_change_while_grabbing(camera: BaslerCamera, eventually) -> None:
    frames: queue.Queue[Frame] = queue.Queue()
    camera.start(frames.put, every_frame=True)
    camera.configure(CameraSettings(exposure_ms=5.0, gain_db=0.0, fps=50.0))
    eventually(lambda: frames.get(timeout=PATIENCE_S).exposure_ms == 5.0)
    camera.stop()


def test_what_is_left_out_stays(camera: BaslerCamera) -> None:
    camera.configure(replace(FAST, black_level=12.0, pixel_format="Mono12"))
    taken = camera.configure(FAST)
    assert (taken.black_level, taken.pixel_format) == (12.0, "Mono12")
    assert camera.caps.bits == 12


def test_a_region(camera: BaslerCamera, grab) -> None:
    region = Region(left=100, top=40, width=80, height=60)
    taken = camera.configure(replace(FAST, region=region))
    assert taken.region == region
    assert (camera.caps.width, camera.caps.height) == (80, 60)
    assert grab(camera, 1)[0].image.shape == (60, 80)
    # Wider than what is left beside the present offset.
    whole = camera.caps.whole
    assert whole == Region(0, 0, 4096, 4096)
    assert camera.configure(replace(FAST, region=whole)).region == whole


def test_binning_keeps_to_the_same_part_of_the_sensor(camera: BaslerCamera, grab) -> None:
    camera.configure(replace(FAST, region=Region(100, 40, 80, 60)))
    taken = camera.configure(replace(FAST, binning=2))
    assert (taken.binning, taken.region) == (2, Region(50, 20, 40, 30))
    assert grab(camera, 1)[0].image.shape == (30, 40)
    taken = camera.configure(replace(FAST, binning=1))
    assert (taken.binning, taken.region) == (1, Region(100, 40, 80, 60))


@pytest.mark.parametrize(
    "change",
    [{"pixel_format": "Mono12"}, {"binning": 2}, {"region": Region(0, 0, 32, 32)}],
)
def test_images_keep_their_shape_during_a_run(camera: BaslerCamera, change: dict[str, Any]) -> None:
    camera.start(lambda _: None, every_frame=True)
    with pytest.raises(Rejected, match="the camera runs"):
        camera.configure(replace(FAST, **change))
    # To ask for what is so anyway is no change.
    camera.configure(camera.settings)
    camera.stop()


def test_what_the_camera_has_not(camera: BaslerCamera) -> None:
    assert (camera.caps.white_balance, camera.settings.white_balance) == (None, None)
    with pytest.raises(Rejected, match="white balance of red: the camera has none"):
        camera.configure(replace(FAST, white_balance=WhiteBalance(1.2, 1.0, 1.5)))
    with pytest.raises(Rejected, match=r"YUV422_8: the camera offers Mono8, Mono10"):
        camera.configure(replace(FAST, pixel_format="YUV422_8"))


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        (CameraSettings(0.0, 0.0, 10.0), r"exposure to 0 ms.*0\.001 to 10000 ms"),
        (CameraSettings(20_000.0, 0.0, 10.0), "exposure"),
        (CameraSettings(1.0, -1.0, 10.0), "gain to -1 dB.*0 to 48 dB"),
        (CameraSettings(1.0, 0.0, 0.0), "frame rate"),
        (CameraSettings(1.0, 0.0, 1e6), "frame rate.*5000"),
        (CameraSettings(float("nan"), 0.0, 10.0), "exposure"),
        (replace(FAST, black_level=2000.0), "black level to 2000.*0 to 1023"),
        (replace(FAST, binning=5), "binning to 5.*1 to 4"),
        (replace(FAST, region=Region(4000, 0, 97, 10)), "97x10 pixels from 4000.*4096x4096"),
        (replace(FAST, region=Region(0, -1, 10, 10)), "10x10 pixels from 0, -1"),
        (replace(FAST, region=Region(0, 0, 0, 10)), "0x10 pixels"),
    ],
)
def test_what_the_camera_cannot_do_is_refused(
    camera: BaslerCamera, wanted: CameraSettings, named: str
) -> None:
    before = camera.settings
    with pytest.raises(LimitExceeded, match=named):
        camera.configure(wanted)
    assert camera.settings == before


def test_older_names_are_found(camera: BaslerCamera) -> None:
    node = first_node(camera._camera, ("ExposureTimeOfTheFuture", "ExposureTimeAbs"))
    assert node is not None
    # The emulation keeps the two apart; the newer one stands at 2000 µs here.
    assert node.Value == 10_000
    assert first_node(camera._camera, ("Nonsense",)) is None
