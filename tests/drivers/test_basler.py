"""BaslerCamera on the camera emulation that comes with Basler's own library."""

from __future__ import annotations

import itertools
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from drivers.basler import BaslerCamera, CameraAddress, list_cameras
from drivers.basler_formats import (
    COLOUR_FORMATS,
    DEEP_MONO_FORMATS,
    MONO_FORMATS,
    choose_format,
    to_image,
)
from drivers.basler_grab import BlockCounter
from drivers.basler_nodes import first_node
from drivers.camera import CameraSettings, Frame, Region, WhiteBalance
from drivers.errors import BadReply, ConnectionLost, DeviceError, LimitExceeded, Rejected

PATIENCE_S = 20.0
EMULATION = "BaslerCamEmu"
FAST = CameraSettings(exposure_ms=2.0, gain_db=0.0, fps=90.0)


def eventually(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never happened"
        time.sleep(0.005)


@pytest.fixture(autouse=True)
def emulation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYLON_CAMEMU", "2")


def opened(pixel_formats: tuple[str, ...], size: tuple[int, int] = (64, 48)) -> BaslerCamera:
    camera = BaslerCamera("0815-0000", pixel_formats=pixel_formats, device_class=EMULATION)
    camera.open()
    camera.configure(replace(FAST, region=Region(0, 0, *size)))
    return camera


@pytest.fixture
def camera() -> Iterator[BaslerCamera]:
    """Open, mono, small and fast."""
    basler = opened(MONO_FORMATS)
    yield basler
    basler.close()


def show(camera: BaslerCamera, folder: Path) -> None:
    """Let the emulation see the pictures of a folder."""
    camera._camera.TestImageSelector.Value = "Off"
    camera._camera.ImageFilename.Value = str(folder)
    camera._camera.ImageFileMode.Value = "On"


def grab(camera: BaslerCamera, count: int, *, every_frame: bool = True) -> list[Frame]:
    frames: queue.Queue[Frame] = queue.Queue()
    camera.start(frames.put, every_frame=every_frame)
    taken = [frames.get(timeout=PATIENCE_S) for _ in range(count)]
    camera.stop()
    return taken


def test_cameras_are_listed() -> None:
    assert list_cameras(EMULATION) == (
        CameraAddress("0815-0000", "Emulation"),
        CameraAddress("0815-0001", "Emulation"),
    )


class TestOpening:
    def test_the_name_tells_model_and_serial(self, camera: BaslerCamera) -> None:
        assert camera.name == "camera Basler Emulation (0815-0000)"

    def test_without_a_serial_the_first_is_taken(self) -> None:
        camera = BaslerCamera(device_class=EMULATION)
        camera.open()
        assert camera.name.endswith("(0815-0000)")
        camera.close()

    def test_a_camera_that_is_not_there(self) -> None:
        camera = BaslerCamera("1234", device_class=EMULATION)
        with pytest.raises(ConnectionLost, match=r"camera Basler \(1234\): open"):
            camera.open()
        camera.close()

    def test_without_the_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pypylon", None)
        with pytest.raises(ConnectionLost, match="pip install pypylon"):
            BaslerCamera().open()
        with pytest.raises(ConnectionLost, match="pip install pypylon"):
            list_cameras()

    def test_a_closed_camera_says_so(self) -> None:
        camera = BaslerCamera(device_class=EMULATION)
        with pytest.raises(ConnectionLost, match="not open"):
            camera.configure(FAST)
        with pytest.raises(ConnectionLost, match="not open"):
            camera.start(lambda _: None, every_frame=True)
        camera.close()

    def test_it_can_be_opened_again(self, camera: BaslerCamera) -> None:
        grab(camera, 2)
        camera.close()
        camera.open()
        assert len(grab(camera, 2)) == 2

    def test_the_capabilities_are_those_of_the_camera(self) -> None:
        camera = opened(DEEP_MONO_FORMATS)
        caps = camera.caps
        assert (caps.colour, caps.bits, caps.pixel_um) == (False, 12, None)
        assert caps.exposure_ms == (0.001, 10_000)
        assert caps.gain_db[0] == 0
        camera.close()

    def test_no_suitable_pixel_format(self) -> None:
        camera = BaslerCamera(pixel_formats=("YUV422_8",), device_class=EMULATION)
        with pytest.raises(BadReply, match=r"YUV422_8.*offers Mono8"):
            camera.open()


class TestGrabbing:
    def test_every_frame_arrives_in_order(self, camera: BaslerCamera) -> None:
        before_ns = time.monotonic_ns()
        frames = grab(camera, 20)
        assert [frame.index for frame in frames] == list(range(20))
        assert all(frame.lost_before == 0 for frame in frames)
        for frame in frames:
            assert frame.image.shape == (48, 64)
            assert frame.image.dtype == np.uint8
            assert not frame.image.flags.writeable
            assert frame.exposure_ms == pytest.approx(2.0)
            assert frame.clock == "host"
            assert frame.t_sigma_ns > 0
        times = [frame.t_mid_ns for frame in frames]
        assert before_ns - 2_000_000 < times[0]
        assert times[-1] < time.monotonic_ns()
        assert all(a < b for a, b in itertools.pairwise(times))

    def test_pictures_are_not_overwritten_by_later_ones(self, camera: BaslerCamera) -> None:
        frames = grab(camera, 5)  # the emulation's test picture scrolls
        assert len({frame.image.tobytes() for frame in frames}) == 5

    def test_statistics_count_from_each_start(self, camera: BaslerCamera) -> None:
        grab(camera, 5)
        frames: queue.Queue[Frame] = queue.Queue()
        camera.start(frames.put, every_frame=True)
        assert frames.get(timeout=PATIENCE_S).index == 0
        statistics = camera.stop()
        assert statistics.delivered == 1 + frames.qsize()
        assert (statistics.lost, statistics.incomplete) == (0, 0)
        assert camera.statistics() == statistics
        assert camera.stop() == statistics

    def test_damaged_pictures_are_counted_and_leave_a_gap(self, camera: BaslerCamera) -> None:
        frames: queue.Queue[Frame] = queue.Queue()
        camera.start(frames.put, every_frame=True)
        first = frames.get(timeout=PATIENCE_S)
        camera._camera.ForceFailedBufferCount.Value = 3
        camera._camera.ForceFailedBuffer.Execute()
        eventually(lambda: camera.statistics().incomplete == 3)
        count = camera.statistics().delivered
        eventually(lambda: camera.statistics().delivered > count)
        statistics = camera.stop()
        assert (statistics.lost, statistics.incomplete) == (3, 3)
        rest = [frames.get_nowait() for _ in range(frames.qsize())]
        gaps = [frame.lost_before for frame in rest if frame.lost_before]
        assert gaps == [3]
        for before, after in itertools.pairwise([first, *rest]):
            assert after.index == before.index + after.lost_before + 1

    def test_a_live_view_skips_what_it_cannot_show(self, camera: BaslerCamera) -> None:
        frames: list[Frame] = []

        def slow(frame: Frame) -> None:
            frames.append(frame)
            time.sleep(0.1)

        camera.start(slow, every_frame=False)
        eventually(lambda: len(frames) >= 4)
        statistics = camera.stop()
        assert frames[-1].index > 2 * len(frames)
        assert all(frame.lost_before == 0 for frame in frames)
        assert statistics.lost == 0

    def test_starting_twice_is_refused(self, camera: BaslerCamera) -> None:
        camera.start(lambda _: None, every_frame=True)
        with pytest.raises(Rejected, match="runs already"):
            camera.start(lambda _: None, every_frame=True)
        camera.stop()

    def test_the_sink_is_not_called_after_stop(self, camera: BaslerCamera) -> None:
        frames: list[Frame] = []
        camera.start(frames.append, every_frame=True)
        eventually(lambda: len(frames) > 2)
        camera.stop()
        count = len(frames)
        assert not any(thread.name.startswith("grab") for thread in threading.enumerate())
        assert len(frames) == count

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
    def test_a_failing_sink_is_told_at_stop(self, camera: BaslerCamera) -> None:
        def fail(_: Frame) -> None:
            raise RuntimeError("disk full")

        camera.start(fail, every_frame=True)
        eventually(lambda: camera.statistics().delivered == 1)
        with pytest.raises(DeviceError, match="disk full"):
            camera.stop()
        assert len(grab(camera, 1)) == 1


class TestPictures:
    @pytest.mark.parametrize(
        ("pixel_format", "white"),
        [
            ("RGB8Packed", 255),
            ("BGR8Packed", 255),
            *((f"Bayer{order}8", 255) for order in ("RG", "GB", "GR", "BG")),
            *((f"Bayer{order}10", 1023) for order in ("RG", "GB", "GR", "BG")),
            *((f"Bayer{order}12", 4095) for order in ("RG", "GB", "GR", "BG")),
        ],
    )
    def test_colours_are_red_green_blue(
        self, pixel_format: str, white: int, tmp_path: Path
    ) -> None:
        """Four fields of different colours: their order shows whether rows or columns shift."""
        colours = np.array([[(200, 100, 20), (20, 200, 100)], [(90, 30, 220), (240, 240, 10)]])
        picture = np.kron(colours, np.ones((24, 32, 1))).astype(np.uint8)
        cv2.imwrite(str(tmp_path / "a.png"), picture[..., ::-1])
        camera = opened((pixel_format,))
        show(camera, tmp_path)
        image = grab(camera, 1)[0].image
        caps = camera.caps
        camera.close()
        assert (caps.colour, caps.bits) == (True, white.bit_length())
        assert image.shape == (48, 64, 3)
        assert image.dtype == (np.uint8 if white == 255 else np.uint16)
        seen = image.reshape(2, 24, 2, 32, 3)[:, 6:-6, :, 6:-6].mean((1, 3)) * 255 / white
        np.testing.assert_allclose(seen, colours, atol=1.5)

    @pytest.mark.slow
    def test_a_mosaic_is_turned_into_colour_fast_enough(
        self, record_property: Callable[[str, object], None]
    ) -> None:
        """2448x2048 at 30 frames per second leave 33 ms per frame."""
        mosaic = np.random.default_rng(1).integers(0, 256, (2048, 2448), np.uint8)
        durations_ms = []
        for _ in range(15):
            began_ns = time.perf_counter_ns()
            to_image(mosaic, "BayerRG8")
            durations_ms.append((time.perf_counter_ns() - began_ns) / 1e6)
        record_property("ms", [round(each, 2) for each in durations_ms])
        print(f"2448x2048 mosaic to RGB: median {np.median(durations_ms):.2f} ms")
        assert min(durations_ms) < 33

    def test_deep_pictures_are_right_aligned(self) -> None:
        camera = opened(DEEP_MONO_FORMATS)
        image = grab(camera, 1)[0].image
        camera.close()
        assert image.dtype == np.uint16
        assert 255 < image.max() < 4096

    @pytest.mark.parametrize(
        ("offered", "chosen"),
        [
            (("Mono8", "RGB8", "BayerRG8"), "BayerRG8"),
            (("Mono8", "RGB8Packed"), "RGB8Packed"),
            (("Mono8", "BayerRG8", "YUV422"), "BayerRG8"),
            (("Mono8", "Mono12"), "Mono8"),
            (("YUV422",), None),
        ],
    )
    def test_the_best_colour_format_is_chosen(
        self, offered: tuple[str, ...], chosen: str | None
    ) -> None:
        assert choose_format(offered, COLOUR_FORMATS) == chosen


class TestSettings:
    def test_what_was_taken_is_returned(self, camera: BaslerCamera) -> None:
        taken = camera.configure(CameraSettings(exposure_ms=12.345, gain_db=6.0, fps=25.0))
        assert taken.exposure_ms == pytest.approx(12.345, abs=0.01)
        assert taken.gain_db == pytest.approx(6.0, abs=0.01)
        assert taken.fps == pytest.approx(25.0)
        assert camera.settings == taken

    def test_they_may_change_while_grabbing(self, camera: BaslerCamera) -> None:
        frames: queue.Queue[Frame] = queue.Queue()
        camera.start(frames.put, every_frame=True)
        camera.configure(CameraSettings(exposure_ms=5.0, gain_db=0.0, fps=50.0))
        eventually(lambda: frames.get(timeout=PATIENCE_S).exposure_ms == 5.0)
        camera.stop()

    def test_what_is_left_out_stays(self, camera: BaslerCamera) -> None:
        camera.configure(replace(FAST, black_level=12.0, pixel_format="Mono12"))
        taken = camera.configure(FAST)
        assert (taken.black_level, taken.pixel_format) == (12.0, "Mono12")
        assert camera.caps.bits == 12

    def test_a_region(self, camera: BaslerCamera) -> None:
        region = Region(left=100, top=40, width=80, height=60)
        taken = camera.configure(replace(FAST, region=region))
        assert taken.region == region
        assert (camera.caps.width, camera.caps.height) == (80, 60)
        assert grab(camera, 1)[0].image.shape == (60, 80)
        # Wider than what is left beside the present offset.
        whole = camera.caps.whole
        assert whole == Region(0, 0, 4096, 4096)
        assert camera.configure(replace(FAST, region=whole)).region == whole

    def test_binning_keeps_to_the_same_part_of_the_sensor(self, camera: BaslerCamera) -> None:
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
    def test_images_keep_their_shape_during_a_run(
        self, camera: BaslerCamera, change: dict[str, Any]
    ) -> None:
        camera.start(lambda _: None, every_frame=True)
        with pytest.raises(Rejected, match="the camera runs"):
            camera.configure(replace(FAST, **change))
        # To ask for what is so anyway is no change.
        camera.configure(camera.settings)
        camera.stop()

    def test_what_the_camera_has_not(self, camera: BaslerCamera) -> None:
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
        self, camera: BaslerCamera, wanted: CameraSettings, named: str
    ) -> None:
        before = camera.settings
        with pytest.raises(LimitExceeded, match=named):
            camera.configure(wanted)
        assert camera.settings == before

    def test_older_names_are_found(self, camera: BaslerCamera) -> None:
        node = first_node(camera._camera, ("ExposureTimeOfTheFuture", "ExposureTimeAbs"))
        assert node is not None
        # The emulation keeps the two apart; the newer one stands at 2000 µs here.
        assert node.Value == 10_000
        assert first_node(camera._camera, ("Nonsense",)) is None


class TestLoss:
    def test_an_unplugged_camera_keeps_its_frames(self, camera: BaslerCamera) -> None:
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
        self, camera: BaslerCamera, monkeypatch: pytest.MonkeyPatch
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

    def test_a_dead_link_is_told_at_stop(self, camera: BaslerCamera) -> None:
        frames: list[Frame] = []
        camera.start(frames.append, every_frame=True)
        eventually(lambda: len(frames) > 3)
        camera._camera.StreamGrabber.ImposedError.Value = "the link is dead"
        eventually(lambda: not any(t.name.startswith("grab") for t in threading.enumerate()))
        with pytest.raises(ConnectionLost, match="the link is dead"):
            camera.stop()
        assert camera.statistics().delivered == len(frames)

    def test_a_silent_camera_is_lost(self, camera: BaslerCamera) -> None:
        frames: list[Frame] = []
        camera.start(frames.append, every_frame=True)
        eventually(lambda: len(frames) > 3)
        camera._camera.TriggerSelector.Value = "FrameStart"
        camera._camera.TriggerMode.Value = "On"
        eventually(lambda: not any(t.name.startswith("grab") for t in threading.enumerate()))
        with pytest.raises(ConnectionLost, match="no image for"):
            camera.stop()


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


@pytest.mark.parametrize(
    ("block_ids", "indices"),
    [
        ([0, 1, 2, 5, 6], [0, 1, 2, 5, 6]),
        ([1, 2, 4], [0, 1, 3]),
        ([65534, 65535, 1, 2], [0, 1, 2, 3]),
        ([65533, 2], [0, 4]),
        ([2**64 - 1] * 3, [0, 1, 2]),
        ([0, 0, 0], [0, 1, 2]),
        ([2**40, 2**40 + 2], [0, 2]),
    ],
)
def test_block_numbers_become_indices(block_ids: list[int], indices: list[int]) -> None:
    blocks = BlockCounter()
    assert [blocks.advance(block_id) for block_id in block_ids] == indices
