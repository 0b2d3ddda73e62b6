"""A window on a small simulated microscope, without a screen."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.acquisition.microscope import Microscope, open_microscope
from app.profiles import MicroscopeProfile, load_profile
from app.window.application import make_application
from app.window.main_window import MainWindow
from app.window.surroundings import Surroundings
from drivers.stage import StagePhase, StageState

TIMEOUT_S = 60.0
OUR_THREADS = {
    "microscope",
    "review",
    "retouch",
    "stop",
    "live picture",
    "weight maps",
    "shut down",
    "recorder",
    "fuser",
    "focus meter",
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


def small_profile() -> MicroscopeProfile:
    profile = load_profile("simulated")
    simulation = profile.simulation.model_copy(update={"width": 256, "height": 192})
    return profile.model_copy(update={"simulation": simulation})


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
    left = {t.name for t in threading.enumerate() if t not in threads and t.name in OUR_THREADS}
    assert not left


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
