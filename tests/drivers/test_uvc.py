"""UvcCamera on real `VideoCapture` sources: a stream over HTTP, and a file."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.camera import CameraSettings, Frame, WhiteBalance
from drivers.errors import ConnectionLost, DeviceError, LimitExceeded, Rejected
from drivers.uvc import UvcCamera, list_cameras

PATIENCE_S = 30.0
FPS = 20.0
SIZE = (96, 160)
COLOUR = (180, 120, 40)
SETTINGS = CameraSettings(exposure_ms=5.0, gain_db=0.0, fps=FPS)


def eventually(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never happened"
        time.sleep(0.005)


def numbered(number: int) -> np.ndarray:
    """Return a picture with its number in 16 black and white squares along the top."""
    picture = np.empty((*SIZE, 3), np.uint8)
    picture[:] = COLOUR
    bits = [255 * (number >> bit & 1) for bit in range(10)]
    picture[:16] = np.kron(bits, np.ones((16, 16)))[..., None]
    return picture


def number_of(image: np.ndarray) -> int:
    squares = image[:16].reshape(16, 10, 16, 3)[4:-4, :, 4:-4].mean((0, 2, 3))
    return sum(int(square > 128) << bit for bit, square in enumerate(squares))


class NetworkCamera:
    """Sends a numbered JPEG picture 20 times a second to whoever asks.

    Like any camera it goes by its clock: pictures that a busy machine keeps it from sending in
    their time are skipped.
    """

    def __init__(self, port: int = 0) -> None:
        camera = self
        self.skip = threading.Event()
        self.silent = threading.Event()
        self.unplugged = threading.Event()
        self.taken_ns: dict[int, int] = {}
        self.skipped: set[int] = set()

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
                self.end_headers()
                try:
                    camera.stream(self.wfile.write)
                except OSError:
                    return  # whoever asked has gone

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def stream(self, write: Callable[[bytes], object]) -> None:
        began_s = time.monotonic()
        for number in itertools.count():
            _, data = cv2.imencode(".jpg", numbered(number)[..., ::-1])
            while time.monotonic() < began_s + number / FPS:
                if self.unplugged.wait(0.001):
                    return
            if self.silent.is_set():
                self.unplugged.wait()
                return
            due_s = began_s + number / FPS
            if self.skip.is_set() or time.monotonic() > due_s + 1 / FPS:
                self.skipped.add(number)
                continue
            head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {data.size}\r\n\r\n"
            self.taken_ns[number] = round(due_s * 1e9)
            write(head.encode() + data.tobytes() + b"\r\n")

    def unplug(self) -> None:
        self.unplugged.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def network() -> Iterator[NetworkCamera]:
    source = NetworkCamera()
    yield source
    if not source.unplugged.is_set():
        source.unplug()


@pytest.fixture
def camera(network: NetworkCamera) -> Iterator[UvcCamera]:
    uvc = UvcCamera(network.url)
    uvc.open()
    yield uvc
    uvc.close()


def grab(camera: UvcCamera, count: int) -> list[Frame]:
    frames: queue.Queue[Frame] = queue.Queue()
    camera.start(frames.put, every_frame=True)
    taken = [frames.get(timeout=PATIENCE_S) for _ in range(count)]
    camera.stop()
    return taken


class TestOpening:
    def test_cameras_are_listed(self) -> None:
        indices = [each.index for each in list_cameras()]
        assert indices == sorted(indices)

    @pytest.mark.parametrize("source", ["4711", "no such camera", "http://127.0.0.1:9/"])
    def test_a_camera_that_is_not_there(self, source: str) -> None:
        camera = UvcCamera(source)
        with pytest.raises(ConnectionLost, match=f"{source}.*open"):
            camera.open()
        with pytest.raises(ConnectionLost, match="not open"):
            camera.configure(SETTINGS)
        with pytest.raises(ConnectionLost, match="not open"):
            camera.start(lambda _: None, every_frame=True)
        camera.close()

    def test_what_it_is_and_does(self, camera: UvcCamera) -> None:
        caps = camera.caps
        assert (caps.height, caps.width) == SIZE
        assert (caps.colour, caps.bits, caps.pixel_um) == (True, 8, None)
        # Measured: the stream itself claims 25.
        assert camera.settings.fps == pytest.approx(FPS, rel=0.3)
        assert caps.max_fps >= camera.settings.fps
        assert str(camera.settings.pixel_format).endswith("160x96")


class TestGrabbing:
    def test_every_frame_arrives_in_order(self, camera: UvcCamera, network: NetworkCamera) -> None:
        frames = grab(camera, 25)
        numbers = [number_of(frame.image) for frame in frames]
        sent = sorted(network.taken_ns)
        assert numbers == sent[sent.index(numbers[0]) :][:25]
        for frame, number in zip(frames, numbers, strict=True):
            assert frame.image.shape == (*SIZE, 3)
            assert not frame.image.flags.writeable
            assert frame.clock == "host"
            assert frame.exposure_ms == camera.settings.exposure_ms
            # It was taken when half of its exposure was over, and not before.
            assert frame.t_mid_ns >= network.taken_ns[number] - frame.exposure_ms * 1e6
            assert frame.t_sigma_ns > 0
        for before, after in itertools.pairwise(frames):
            assert after.index == before.index + after.lost_before + 1
            assert after.t_mid_ns > before.t_mid_ns
        np.testing.assert_allclose(frames[0].image[40:].mean((0, 1)), COLOUR, atol=4)

    def test_lost_frames_are_told_by_the_gap(
        self, camera: UvcCamera, network: NetworkCamera
    ) -> None:
        frames: list[Frame] = []
        camera.start(frames.append, every_frame=True)
        # Losses can be told from the time when the frame rate is known.
        eventually(lambda: len(frames) > 20)
        before = len(network.skipped)
        network.skip.set()
        eventually(lambda: len(network.skipped) >= before + 6)
        network.skip.clear()
        count = len(frames)
        eventually(lambda: len(frames) > count + 5)
        statistics = camera.stop()
        assert statistics.delivered == len(frames)
        assert statistics.lost == sum(frame.lost_before for frame in frames)
        # Also what a busy computer made of late frames, in either direction.
        known = frames[20:]
        first, last = (number_of(frame.image) for frame in (frames[19], known[-1]))
        skipped = sum(first < number < last for number in network.skipped)
        assert abs(sum(frame.lost_before for frame in known) - skipped) <= 3
        gap = max(known, key=lambda frame: frame.lost_before)
        assert gap.lost_before >= 3
        assert gap.t_sigma_ns > 1e9 / FPS
        assert statistics.incomplete == 0

    def test_a_slow_sink_sees_the_newest(self, camera: UvcCamera) -> None:
        frames: list[Frame] = []

        def slow(frame: Frame) -> None:
            frames.append(frame)
            time.sleep(0.3)

        camera.start(slow, every_frame=False)
        eventually(lambda: len(frames) >= 4)
        statistics = camera.stop()
        numbers = [number_of(frame.image) for frame in frames]
        assert numbers[-1] - numbers[0] >= 9
        assert all(frame.lost_before == 0 for frame in frames)
        assert statistics.lost == 0

    def test_a_slow_sink_does_not_spoil_the_times(self, camera: UvcCamera) -> None:
        frames: list[Frame] = []

        def slow_at_first(frame: Frame) -> None:
            frames.append(frame)
            if len(frames) == 1:
                time.sleep(0.8)

        camera.start(slow_at_first, every_frame=True)
        eventually(lambda: len(frames) >= 20)
        camera.stop()
        intervals_ms = np.diff([frame.t_mid_ns for frame in frames]) / 1e6
        assert np.median(intervals_ms) == pytest.approx(1000 / FPS, rel=0.2)

    def test_starting_twice_is_refused(self, camera: UvcCamera) -> None:
        camera.start(lambda _: None, every_frame=True)
        with pytest.raises(Rejected, match="runs already"):
            camera.start(lambda _: None, every_frame=True)
        camera.stop()
        assert not [t for t in threading.enumerate() if camera.name in t.name]

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
    def test_a_failing_sink_is_told_at_stop(self, camera: UvcCamera) -> None:
        def fail(_: Frame) -> None:
            raise RuntimeError("disk full")

        camera.start(fail, every_frame=True)
        eventually(lambda: camera.statistics().delivered == 1)
        with pytest.raises(DeviceError, match="disk full"):
            camera.stop()
        assert len(grab(camera, 1)) == 1


class TestSettings:
    def test_what_it_did_not_take_is_said(self, camera: UvcCamera) -> None:
        """A stream over the network takes nothing at all."""
        taken = camera.configure(replace(SETTINGS, gain_db=3.0, fps=5.0))
        assert taken.exposure_ms == pytest.approx(1000 / taken.fps)
        assert taken.gain_db == 0
        notes = " ".join(camera.caps.notes)
        assert "takes no exposure time" in notes
        assert "takes no gain" in notes
        assert "frames/s instead of 5" in notes

    def test_white_balance_is_done_here(self, camera: UvcCamera) -> None:
        balance = WhiteBalance(0.5, 1.0, 2.0)
        assert camera.configure(replace(SETTINGS, white_balance=balance)).white_balance == balance
        image = grab(camera, 1)[0].image
        expected = np.array(COLOUR) * (0.5, 1.0, 2.0)
        np.testing.assert_allclose(image[40:].mean((0, 1)), expected, atol=6)
        # What is left out stays.
        assert camera.configure(SETTINGS).white_balance == balance

    def test_they_may_change_while_grabbing(self, camera: UvcCamera) -> None:
        frames: list[Frame] = []
        camera.start(frames.append, every_frame=True)
        eventually(lambda: len(frames) > 2)
        camera.configure(replace(SETTINGS, white_balance=WhiteBalance(0.5, 0.5, 0.5)))
        eventually(lambda: frames[-1].image[40:].mean() < 100)
        with pytest.raises(Rejected, match="the camera runs"):
            camera.configure(replace(SETTINGS, pixel_format="MJPG 640x480"))
        camera.stop()

    def test_a_mode_that_it_does_not_have(self, camera: UvcCamera) -> None:
        with pytest.raises(Rejected, match=r"mode YUYV 640x480: it took .*160x96 instead"):
            camera.configure(replace(SETTINGS, pixel_format="YUYV 640x480"))
        with pytest.raises(Rejected, match="pixel format to BayerRG8"):
            camera.configure(replace(SETTINGS, pixel_format="BayerRG8"))
        assert len(grab(camera, 1)) == 1

    def test_limits(self, camera: UvcCamera) -> None:
        with pytest.raises(LimitExceeded, match="exposure to 0 ms"):
            camera.configure(replace(SETTINGS, exposure_ms=0.0))
        with pytest.raises(Rejected, match="black level: the camera has none"):
            camera.configure(replace(SETTINGS, black_level=1.0))


class TestLoss:
    def test_an_unplugged_camera_keeps_its_frames_and_comes_back(
        self, camera: UvcCamera, network: NetworkCamera
    ) -> None:
        camera.configure(replace(SETTINGS, white_balance=WhiteBalance(0.5, 1.0, 1.0)))
        frames: list[Frame] = []
        camera.start(frames.append, every_frame=True)
        eventually(lambda: len(frames) > 3)
        network.unplug()
        eventually(lambda: not any(t.name.startswith("grab") for t in threading.enumerate()))
        with pytest.raises(ConnectionLost, match="none comes any more"):
            camera.stop()
        assert camera.statistics().delivered == len(frames)
        with pytest.raises(ConnectionLost, match="open"):
            camera.open()
        again = NetworkCamera(network.port)
        try:
            camera.open()
            assert camera.settings.white_balance == WhiteBalance(0.5, 1.0, 1.0)
            assert len(grab(camera, 2)) == 2
        finally:
            camera.close()
            again.unplug()

    def test_a_silent_camera_is_lost(self, camera: UvcCamera, network: NetworkCamera) -> None:
        frames: list[Frame] = []
        camera.start(frames.append, every_frame=True)
        eventually(lambda: len(frames) > 3)
        network.silent.set()
        eventually(lambda: not any(t.name.startswith("grab") for t in threading.enumerate()))
        with pytest.raises(ConnectionLost, match="none comes any more"):
            camera.stop()
        # The settings cannot be changed any more, and that is said at once.
        with pytest.raises(ConnectionLost):
            camera.configure(SETTINGS)


def test_a_film_plays_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "film.avi"
    film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30.0, SIZE[::-1])
    for number in range(60):
        film.write(np.ascontiguousarray(numbered(number)[..., ::-1]))
    film.release()
    camera = UvcCamera(str(path))
    camera.open()
    frames: list[Frame] = []
    camera.start(frames.append, every_frame=True)
    eventually(lambda: not any(t.name.startswith("grab") for t in threading.enumerate()))
    with pytest.raises(ConnectionLost, match="none comes any more"):
        camera.stop()
    numbers = [number_of(frame.image) for frame in frames]
    assert numbers == list(range(60 - len(numbers), 60))
    assert len(numbers) >= 30
    camera.close()
