"""A window on a small simulated microscope, without a screen."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.acquisition.microscope import Microscope, open_microscope
from app.captures.capture import Capture
from app.captures.capture_record import CaptureRecord, FrameEntry, write_record
from app.captures.open_stack import open_stack
from app.captures.recorder import FrameTag, Recorder
from app.captures.results import write_results
from app.profiles import MicroscopeProfile, load_profile
from app.window.application import make_application
from app.window.main_window import MainWindow
from app.window.retouching import Edited
from app.window.review_control import Opened, ReviewControl
from app.window.subject import Subject
from app.window.surroundings import Surroundings
from app.window.trouble import Trouble
from drivers.camera import Frame
from drivers.stage import StagePhase, StageState
from models.wearif.fusion import fuse
from models.wearif.weights import load_model

TIMEOUT_S = 200.0
OUR_THREADS = {
    "microscope",
    "review",
    "retouch",
    "stop",
    "live picture",
    "live report",
    "weight maps",
    "shut down",
    "recorder",
    "fuser",
    "focus meter",
    "library",
    "searching",
    "thumbnails",
    "fusing again",
    "measurements",
}


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Let the window work until something holds."""
    end_s = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end_s, f"waited {TIMEOUT_S:.0f} s in vain until {what}"
        QCoreApplication.processEvents()
        time.sleep(0.005)


@dataclass
class Desk:
    """A window, and the microscopes behind it for a look at the truth."""

    window: MainWindow
    microscopes: list[Microscope]
    captures: Path
    settings: Path

    @property
    def microscope(self) -> Microscope:
        return self.microscopes[-1]

    @property
    def ready(self) -> bool:
        return self.window.live_page.capture_panel.capture.isEnabled()

    @property
    def stage_state(self) -> StageState:
        return self.microscope.stage.state()

    @staticmethod
    def wait_until(condition: Callable[[], bool], what: str) -> None:
        wait_until(condition, what)

    def truly_rests(self) -> bool:
        truth, now_ns = self.microscope.simulation.truth, time.monotonic_ns()
        return truth.position_at(now_ns)[:2] == truth.position_at(now_ns + 10**8)[:2]

    def begin_long_move(self) -> None:
        wait_until(lambda: self.stage_state.phase is StagePhase.IDLE, "the stage stood still")
        stage, x_um = self.microscope.stage, self.stage_state.position.x_um
        ends = (stage.caps.x.lower_um, stage.caps.x.upper_um)
        stage.move_to(x_um=max(ends, key=lambda end: abs(end - x_um)), speed_um_per_s=400)
        wait_until(lambda: self.stage_state.phase is StagePhase.MOVING, "the stage moved")
        assert not self.truly_rests()

    def wait_for_halt(self) -> None:
        wait_until(lambda: "Halted after" in self.window.top.message, "the stage was halted")
        assert self.truly_rests()
        assert self.stage_state.phase is StagePhase.IDLE
        self.window.top.clear_message()


class ReviewDesk:
    """A review without a window, and what it has told."""

    def __init__(self) -> None:
        self.events: list[object] = []
        self._told = threading.Condition()
        self.control = ReviewControl(self._tell)

    def _tell(self, event: object) -> None:
        with self._told:
            self.events.append(event)
            self._told.notify_all()

    def wait_for(self, what: object) -> object:
        """Wait for an event of a kind, or one that answers a question, and take all up to it."""
        ask = (lambda event: isinstance(event, what)) if isinstance(what, type) else what
        end_s = time.monotonic() + TIMEOUT_S
        with self._told:
            while True:
                for place, event in enumerate(self.events):
                    assert not isinstance(event, Trouble), event
                    if ask(event):
                        del self.events[: place + 1]
                        return event
                assert self._told.wait(end_s - time.monotonic()), f"waited in vain for {what}"

    def open(self, path: Path) -> Subject:
        """Open a stack and wait until it is fused."""
        self.control.open_path(path)
        return self.wait_for(Opened).subject

    def wait_anew(self) -> Subject:
        """Wait until it is fused anew."""
        return self.wait_for(lambda event: isinstance(event, Edited) and event.fused_anew).subject


@pytest.fixture
def review_desk() -> Iterator[ReviewDesk]:
    desk = ReviewDesk()
    yield desk
    assert desk.control.close(30)


def small_profile() -> MicroscopeProfile:
    """Small pictures are quickly made; of slow sweeps enough is seen on a busy machine too."""
    profile = load_profile("simulated")
    simulation = profile.simulation.model_copy(update={"width": 256, "height": 192})
    camera = profile.camera.model_copy(update={"fps": 15.0})
    return profile.model_copy(update={"simulation": simulation, "camera": camera})


@contextmanager
def open_desk(captures: Path) -> Iterator[Desk]:
    """Open a window that connects; shut it down properly, with nothing left over."""
    microscopes: list[Microscope] = []

    def make() -> Microscope:
        microscopes.append(open_microscope(small_profile()))
        return microscopes[-1]

    before = set(QApplication.topLevelWidgets())
    threads = set(threading.enumerate())
    settings = captures.parent / "settings"
    window = MainWindow(make, captures, Surroundings(settings=settings))
    window.resize(1366, 768)
    window.start()
    window.show()
    yield Desk(window, microscopes, captures, settings)
    window.close()
    wait_until(lambda: window.closed, "the window was closed")
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert set(QApplication.topLevelWidgets()) <= before
    wait_until(
        lambda: (
            not any(
                thread.name in OUR_THREADS
                for thread in threading.enumerate()
                if thread not in threads
            )
        ),
        "none of its threads was left",
    )


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    return make_application()


@pytest.fixture
def opened(qapp: QApplication, tmp_path: Path) -> Iterator[Desk]:
    """A window that still connects."""
    with open_desk(tmp_path / "captures") as desk:
        yield desk


@pytest.fixture
def desk(opened: Desk) -> Desk:
    """A window whose microscope is ready; one's own, to do harm to."""
    wait_until(lambda: opened.ready, "the microscope was ready")
    return opened


@pytest.fixture(scope="module")
def shared_desk(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A window for all tests of a module that leave the stage standing."""
    with open_desk(tmp_path_factory.mktemp("captures")) as desk:
        wait_until(lambda: desk.ready, "the microscope was ready")
        yield desk


@pytest.fixture
def capture(tmp_path: Path) -> Capture:
    """Five frames of 100x72 pixels, 2 µm apart; each is sharp in another strip of a texture."""
    count, shape = 5, (72, 100)
    rng = np.random.default_rng(1)
    texture = cv2.GaussianBlur(rng.integers(0, 256, (*shape, 3), np.uint8), (0, 0), 0.7)
    record = CaptureRecord(
        microscope="bench", objective="20x", na=0.4, magnification=20.0, pixel_um=0.2, sweep={}
    )
    recorder = Recorder(tmp_path / "one", record)
    strip = np.arange(shape[1]) * count // shape[1]
    for k in range(count):
        image = np.empty_like(texture)
        for j in range(count):
            soft = cv2.GaussianBlur(texture, (0, 0), 0.05 + abs(j - k))
            image[:, strip == j] = soft[:, strip == j]
        recorder.record(Frame(image, k, 0, 1_000_000 * k, 500, "camera", 2.5))
    recorder.close({k: FrameTag(2.0 * k, 0.1, used=True) for k in range(count)})
    return Capture(tmp_path / "one")


CAPTURE_PX = 64


def make_capture(folder: Path, count: int = 4) -> Path:
    """A capture whose frames are sharp one after the other, from left to right."""
    (folder / "frames").mkdir(parents=True)
    values = np.random.default_rng(7)
    sharp = values.integers(40, 200, (CAPTURE_PX, CAPTURE_PX, 3), dtype=np.uint8)
    soft = cv2.GaussianBlur(sharp, (0, 0), 3)
    entries = []
    for index in range(count):
        frame = soft.copy()
        columns = slice(index * CAPTURE_PX // count, (index + 1) * CAPTURE_PX // count)
        frame[:, columns] = sharp[:, columns]
        file = f"frames/{index:04d}.png"
        cv2.imwrite(str(folder / file), frame)
        entries.append(
            FrameEntry(
                index=index,
                file=file,
                t_mid_ns=index,
                t_sigma_ns=0,
                exposure_ms=1,
                lost_before=0,
                z_um=2.0 * index,
            )
        )
    record = CaptureRecord(
        state="complete",
        microscope="bench",
        objective="20x",
        na=0.4,
        magnification=20,
        pixel_um=0.5,
        sweep={},
        frames=tuple(entries),
    )
    write_record(folder, record)
    return folder


def make_fused_capture(folder: Path) -> Path:
    make_capture(folder)
    stack = open_stack(folder)
    write_results(folder, fuse(stack, load_model(), stack.z_um), stack)
    return folder


@pytest.fixture
def bare_capture() -> Callable[[Path], Path]:
    """Makes a capture that nobody has fused."""
    return make_capture


@pytest.fixture
def fused_capture() -> Callable[[Path], Path]:
    """Makes a small capture with its results."""
    return make_fused_capture
