"""Micro-Manager's own demonstration camera, compiled, behind our camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.camera import CameraSettings, Frame, Region
from drivers.errors import ConnectionLost, DeviceError, LimitExceeded, Rejected
from drivers.micromanager_axes import MicroManagerSettings
from drivers.micromanager_camera import MicroManagerCamera
from drivers.micromanager_core import MicroManagerCore
from drivers.micromanager_images import received_ns, to_image
from drivers.micromanager_speed import SpeedProperty, find_speed_property
from drivers.micromanager_stage import MicroManagerStage
from drivers.serial_stage.settings import AxisSettings

PATIENCE_S = 30.0


def eventually(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never happened"
        time.sleep(0.005)


@pytest.fixture
def core() -> MicroManagerCore:
    adapters = pytest.importorskip("mm_test_adapters")
    pytest.importorskip("pymmcore_plus")
    folder = Path(adapters.device_adapter_path())
    return MicroManagerCore(folder / "MMConfig_demo.cfg", folder)


@pytest.fixture
def camera(core: MicroManagerCore) -> Iterator[MicroManagerCamera]:
    mounted = MicroManagerCamera(core)
    mounted.open()
    yield mounted
    mounted.close()


def run(camera: MicroManagerCamera, count: int, *, every_frame: bool = True) -> list[Frame]:
    frames: list[Frame] = []
    camera.start(frames.append, every_frame=every_frame)
    eventually(lambda: len(frames) >= count)
    camera.stop()
    return frames


def test_frames_come_in_order_with_their_times(camera: MicroManagerCamera) -> None:
    camera.configure(CameraSettings(exposure_ms=20.0, gain_db=0.0, fps=30.0))
    began_ns = time.monotonic_ns()
    frames = run(camera, 12)
    ended_ns = time.monotonic_ns()
    assert [f.index for f in frames] == list(range(len(frames)))
    assert [f.lost_before for f in frames] == [0] * len(frames)
    stamps = [f.t_mid_ns for f in frames]
    assert stamps == sorted(stamps)
    # Exposures lie within the run, and follow one another no faster than they last.
    assert began_ns - 1e6 <= stamps[0] <= stamps[-1] <= ended_ns
    assert np.median(np.diff(stamps)) >= 15e6
    assert {f.clock for f in frames} == {"host"}
    assert {f.exposure_ms for f in frames} == {20.0}
    assert camera.statistics().delivered == len(frames)
    assert 1 < camera.settings.fps <= 60


def test_grey_and_colour(camera: MicroManagerCamera) -> None:
    wanted = CameraSettings(exposure_ms=10.0, gain_db=0.0, fps=30.0)
    shapes = {}
    for name in ("8bit", "16bit", "32bitRGB", "64bitRGB"):
        camera.configure(replace(wanted, pixel_format=name))
        image = run(camera, 2)[-1].image
        assert image.shape[:2] == (camera.caps.height, camera.caps.width)
        shapes[name] = (image.ndim, image.dtype.name, camera.caps.colour)
    assert shapes == {
        "8bit": (2, "uint8", False),
        "16bit": (2, "uint16", False),
        "32bitRGB": (3, "uint8", True),
        "64bitRGB": (3, "uint16", True),
    }
    with pytest.raises(Rejected, match="neither grey nor RGB"):
        camera.configure(replace(wanted, pixel_format="32bit"))


def test_region_and_binning(camera: MicroManagerCamera) -> None:
    wanted = CameraSettings(exposure_ms=10.0, gain_db=0.0, fps=30.0)
    region = Region(64, 32, 128, 96)
    taken = camera.configure(replace(wanted, region=region))
    assert taken.region == region
    assert run(camera, 1)[0].image.shape == (96, 128)
    taken = camera.configure(replace(wanted, binning=2))
    assert taken.binning == 2
    assert camera.caps.whole == taken.region
    assert run(camera, 1)[0].image.shape == (256, 256)
    with pytest.raises(LimitExceeded):
        camera.configure(replace(wanted, region=Region(0, 0, 5000, 10)))


def test_what_micro_manager_has_not_is_refused(camera: MicroManagerCamera) -> None:
    wanted = CameraSettings(exposure_ms=10.0, gain_db=0.0, fps=30.0)
    with pytest.raises(LimitExceeded, match="gain"):
        camera.configure(replace(wanted, gain_db=6.0))
    with pytest.raises(LimitExceeded, match="exposure"):
        camera.configure(replace(wanted, exposure_ms=1e6))
    assert any("no frame rate" in note for note in camera.caps.notes)


def test_exposure_changes_during_a_run_and_the_shape_does_not(camera: MicroManagerCamera) -> None:
    frames: list[Frame] = []
    camera.start(frames.append, every_frame=True)
    with pytest.raises(Rejected, match="runs"):
        camera.configure(CameraSettings(10.0, 0.0, 30.0, binning=2))
    with pytest.raises(Rejected, match="runs already"):
        camera.start(frames.append, every_frame=True)
    eventually(lambda: len(frames) >= 2)
    camera.stop()


def test_a_live_view_shows_the_newest_image(camera: MicroManagerCamera) -> None:
    camera.configure(CameraSettings(exposure_ms=10.0, gain_db=0.0, fps=30.0))
    frames: list[Frame] = []

    def slow(frame: Frame) -> None:
        frames.append(frame)
        time.sleep(0.15)

    camera.start(slow, every_frame=False)
    eventually(lambda: len(frames) >= 4)
    assert camera.stop().lost == 0
    assert frames[-1].index > len(frames) - 1
    ages = np.diff([f.t_mid_ns for f in frames])
    assert ages.max() >= 0.1e9


def test_a_failing_sink_ends_the_run_and_is_told(
    camera: MicroManagerCamera, recwarn: pytest.WarningsRecorder
) -> None:
    def broken(_frame: Frame) -> None:
        raise ValueError("full")

    died = threading.Event()
    threading.excepthook, before = lambda _args: died.set(), threading.excepthook
    try:
        camera.start(broken, every_frame=True)
        assert died.wait(PATIENCE_S)
    finally:
        threading.excepthook = before
    with pytest.raises(DeviceError, match="full"):
        camera.stop()
    assert run(camera, 1)


def test_images_lost_in_a_full_buffer_are_counted(
    camera: MicroManagerCamera, core: MicroManagerCore
) -> None:
    camera.configure(CameraSettings(exposure_ms=5.0, gain_db=0.0, fps=30.0))
    core.call("test", "shrink", lambda mm: mm.setCircularBufferMemoryFootprint(1))
    frames: list[Frame] = []

    def slow(frame: Frame) -> None:
        frames.append(frame)
        time.sleep(0.2)

    camera.start(slow, every_frame=True)
    eventually(lambda: camera.statistics().lost > 0)
    counts = camera.stop()
    assert counts.lost == sum(frame.lost_before for frame in frames)
    assert counts.delivered == len(frames)
    assert frames[-1].index == counts.delivered + counts.lost - 1


def test_close_and_open_again(camera: MicroManagerCamera) -> None:
    taken = camera.configure(CameraSettings(exposure_ms=33.0, gain_db=0.0, fps=10.0))
    camera.start(lambda _frame: None, every_frame=True)
    camera.close()
    with pytest.raises(ConnectionLost, match="not open"):
        camera.start(lambda _frame: None, every_frame=True)
    camera.open()
    assert camera.settings.exposure_ms == taken.exposure_ms
    assert run(camera, 1)


def test_stage_and_camera_share_one_configuration(core: MicroManagerCore) -> None:
    span = AxisSettings(lower_um=-100.0, upper_um=100.0)
    stage = MicroManagerStage(core, MicroManagerSettings(x=span, y=span, z=span))
    camera = MicroManagerCamera(core)
    stage.connect()
    camera.open()
    frames: list[Frame] = []
    camera.start(frames.append, every_frame=True)
    stage.move_to(z_um=12.0).wait(PATIENCE_S)
    eventually(lambda: len(frames) >= 3)
    stage.close()
    assert camera.stop().delivered >= 3
    camera.close()
    with pytest.raises(ConnectionLost):
        stage.position()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Position", "MotorSpeed-S(mm/s)", "JoystickFastSpeed(mm/s)"], 1000.0),
        (["SpeedZ [mm/s]", "Acceleration Z [m/s^2]"], 1000.0),
        (["Velocity (um/s)"], 1.0),
        (["Speed"], None),
        (["SpeedX [mm/s]", "SpeedY [mm/s]"], None),
        (["Maximum Speed (Do Not Change)(mm/s)"], None),
    ],
)
def test_a_speed_property_is_known_by_its_unit(names: list[str], expected: float | None) -> None:
    found = find_speed_property(names)
    assert (None if found is None else found.um_per_s) == expected


@given(st.floats(1e-3, 1e5), st.floats(1e-3, 1e4), st.booleans())
def test_speeds_are_written_as_they_are_read(speed: float, scale: float, is_pace: bool) -> None:
    written = SpeedProperty("S", scale, is_pace)
    assert written.speed_um_per_s(written.value(speed)) == pytest.approx(speed)


def test_a_stamp_of_the_core_is_local_time() -> None:
    now_s, monotonic_ns = 1_700_000_000.25, 5_000_000_000
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now_s)) + ".250000"
    clock_ns = round(now_s * 1e9) + 30_000_000
    assert received_ns(stamp, clock_ns, monotonic_ns) == pytest.approx(4_970_000_000, abs=1000)


def test_packed_colours_come_out_as_rgb() -> None:
    packed = np.array([[0x00112233]], np.uint32)
    assert to_image(packed).tolist() == [[[0x11, 0x22, 0x33]]]
    deep = np.array([[0x0000_0111_0222_0333]], np.uint64)
    assert to_image(deep).tolist() == [[[0x111, 0x222, 0x333]]]
