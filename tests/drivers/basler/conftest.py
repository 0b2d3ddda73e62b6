"""BaslerCamera on the camera emulation that comes with Basler's own library."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.basler import BaslerCamera
from drivers.camera import CameraSettings, Frame, Region

PATIENCE_S = 20.0
EMULATION = "BaslerCamEmu"
FAST = CameraSettings(exposure_ms=2.0, gain_db=0.0, fps=90.0)


@pytest.fixture(autouse=True)
def emulation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYLON_CAMEMU", "2")


@pytest.fixture
def open_camera() -> Iterator[Callable[..., BaslerCamera]]:
    """Opens a small and fast camera; all are closed in the end."""
    cameras: list[BaslerCamera] = []

    def make(pixel_formats: tuple[str, ...], size: tuple[int, int] = (64, 48)) -> BaslerCamera:
        camera = BaslerCamera("0815-0000", pixel_formats=pixel_formats, device_class=EMULATION)
        cameras.append(camera)
        camera.open()
        camera.configure(replace(FAST, region=Region(0, 0, *size)))
        return camera

    yield make
    for camera in cameras:
        camera.close()


@pytest.fixture
def camera(open_camera: Callable[..., BaslerCamera]) -> BaslerCamera:
    """Open, mono, small and fast."""
    return open_camera(("Mono8",))


@pytest.fixture
def show() -> Callable[[BaslerCamera, Path], None]:
    """Lets the emulation see the pictures of a folder."""

    def see(camera: BaslerCamera, folder: Path) -> None:
        camera._camera.TestImageSelector.Value = "Off"
        camera._camera.ImageFilename.Value = str(folder)
        camera._camera.ImageFileMode.Value = "On"

    return see


@pytest.fixture
def grab() -> Callable[..., list[Frame]]:
    """Takes a number of frames."""

    def take(camera: BaslerCamera, count: int, *, every_frame: bool = True) -> list[Frame]:
        frames: queue.Queue[Frame] = queue.Queue()
        camera.start(frames.put, every_frame=every_frame)
        taken = [frames.get(timeout=PATIENCE_S) for _ in range(count)]
        camera.stop()
        return taken

    return take


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Waits for something to happen."""

    def wait(condition: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline_s, "it never happened"
            time.sleep(0.005)

    return wait
