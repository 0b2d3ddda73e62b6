"""BaslerCamera is unplugged, falls silent or loses its link."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from drivers.basler import BaslerCamera
from drivers.camera import CameraSettings, Frame, Region
from drivers.errors import ConnectionLost

FAST = CameraSettings(exposure_ms=2.0, gain_db=0.0, fps=90.0)


def test_an_unplugged_camera_keeps_its_frames(camera: BaslerCamera, grab, eventually) -> None:
    frames: list[Frame] = []
    camera.start(frames.append, every_frame=True)
    eventually(lambda: len(frames) > 3)
    camera._camera.FirePnPCallback.Execute()
    eventually(lambda: not any(t.name.startswith("grab") for t in threading.enumerate()))
    with pytest.raises(ConnectionLost, match="unplugged"):
        camera.stop()
    assert camera.statistics().delivered == len(frames) > 3
    with pytest.raises(ConnectionLost):
        camera.configure(FAST)
    camera.open()
    assert len(grab(camera, 2)) == 2


def test_after_replugging_it_is_set_as_before(
    camera: BaslerCamera, monkeypatch: pytest.MonkeyPatch, grab, eventually
) -> None:
    wanted = CameraSettings(
        7.0, 3.0, 60.0, black_level=5.0, pixel_format="Mono12", binning=2,
        region=Region(10, 20, 96, 64),
    )  # fmt: skip
    before = camera.configure(wanted)
    camera.start(lambda _: None, every_frame=True)
    eventually(lambda: camera.statistics().delivered > 0)
    monkeypatch.setenv("PYLON_CAMEMU", "0")
    camera._camera.FirePnPCallback.Execute()
    eventually(camera._removed.is_set)
    with pytest.raises(ConnectionLost, match="unplugged"):
        camera.stop()
    with pytest.raises(ConnectionLost, match="Check cable and power"):
        camera.open()
    with pytest.raises(ConnectionLost, match="not open"):
        camera.start(lambda _: None, every_frame=True)
    monkeypatch.setenv("PYLON_CAMEMU", "2")
    camera.open()
    assert camera.settings == before
    frame = grab(camera, 1)[0]
    assert (frame.image.shape, frame.image.dtype) == ((64, 96), np.uint16)


def test_a_dead_link_is_told_at_stop(camera: BaslerCamera, eventually) -> None:
    frames: list[Frame] = []
    camera.start(frames.append, every_frame=True)
    eventually(lambda: len(frames) > 3)
    camera._camera.StreamGrabber.ImposedError.Value = "the link is dead"
    eventually(lambda: not any(t.name.startswith("grab") for t in threading.enumerate()))
    with pytest.raises(ConnectionLost, match="the link is dead"):
        camera.stop()
    assert camera.statistics().delivered == len(frames)


def test_a_silent_camera_is_lost(camera: BaslerCamera, eventually) -> None:
    frames: list[Frame] = []
    camera.start(frames.append, every_frame=True)
    eventually(lambda: len(frames) > 3)
    camera._camera.TriggerSelector.Value = "FrameStart"
    camera._camera.TriggerMode.Value = "On"
    eventually(lambda: not any(t.name.startswith("grab") for t in threading.enumerate()))
    with pytest.raises(ConnectionLost, match="no image for"):
        camera.stop()
