"""Uses the window as nobody would, while things go wrong, and sees whether it bears it.

python -m app.window.monkey --runs 50

Everything follows from the seed but for the machine's own timing.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import resource
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QFileDialog

import app.window.qt_environment  # noqa: F401 - before anything else of Qt
from app.acquisition.microscope import Microscope, open_microscope
from app.captures.capture import Capture
from app.captures.layout import capture_folders
from app.profiles import load_profile
from app.window.application import make_application
from app.window.commands import COMMANDS
from app.window.main_window import MainWindow
from drivers.simulated.faults import CameraFaults, FaultScript
from drivers.simulated.truth import Truth
from drivers.stage import StagePhase

ACTIONS: Final = 200
SLACK_UM: Final = 5.0
"""Backlash and tremor: the read-back knows neither."""
ROOM_BYTES: Final = 20_000
"""Left for each file on a full disk: records still fit, frames do not."""
CLOSE_TIMEOUT_S: Final = 60.0
NOT_TOUCHED: Final = frozenset({"quit", "setup"})
"""Commands that would end the run, or ask what hangs on this computer's ports."""
KEYS: Final = (
    *(Qt.Key.Key_Escape, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down),
    *(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Space, Qt.Key.Key_Return),
    *(Qt.Key.Key_Tab, Qt.Key.Key_Delete, Qt.Key.Key_5, Qt.Key.Key_Minus),
)
MODIFIERS: Final = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


class MonkeyFailure(Exception):
    """The window did not bear something; the message says what, and what came before."""


class _Swallow(QObject):
    """Takes what would be opened on the desktop, and leaves it."""

    @Slot("QUrl")
    def open(self, _url: QUrl) -> None:
        """Open nothing."""


class Monkey:
    """One run.

    Parameters
    ----------
    seed : int
    captures : Path
        A folder of its own.
    """

    def __init__(self, seed: int, captures: Path) -> None:
        self._random = random.Random(seed)
        self._captures = captures
        self._microscopes: list[Microscope] = []
        self._window = MainWindow(self._make, captures)
        self._window.resize(1366, 768)
        self.done: list[str] = []
        self.uncaught: list[str] = []

    def run(self, actions: int) -> None:
        """Do so many things, then stop and close.

        Raises
        ------
        MonkeyFailure
        """
        hooks = sys.excepthook, threading.excepthook
        sys.excepthook = self._on_uncaught
        threading.excepthook = lambda args: self._on_uncaught(
            args.exc_type, args.exc_value, args.exc_traceback
        )
        try:
            before = set(threading.enumerate())
            self._window.start()
            self._window.show()
            self._live(self._random.uniform(0, 3))
            for _ in range(actions):
                self._act()
                self._check()
            self._end()
            self._check_threads(before)
        finally:
            _limit_files(None)
            sys.excepthook, threading.excepthook = hooks

    def _act(self) -> None:
        kinds: list[tuple[int, Callable[[], str]]] = [
            (30, self._command),
            (25, self._key),
            (20, self._click),
            (8, self._choose),
            (6, self._resize),
            (5, self._fault),
            (3, self._camera_fault),
            (2, self._fill_disk),
            (6, self._answer),
        ]
        weights, acts = zip(*kinds, strict=True)
        (act,) = self._random.choices(acts, weights)
        self.done.append(act())
        self._live(self._random.choice((0.0, 0.0, 0.01, 0.05, 0.2)))
        for each in QApplication.topLevelWidgets():
            if isinstance(each, QFileDialog):
                each.reject()

    def _command(self) -> str:
        key = self._random.choice([c.key for c in COMMANDS if c.key not in NOT_TOUCHED])
        self._window.actions_[key].trigger()
        return f"command {key}"

    def _key(self) -> str:
        key, modifier = self._random.choice(KEYS), self._random.choice(MODIFIERS)
        target = QApplication.focusWidget() or self._window
        QTest.keyClick(target, key, modifier)
        return f"key {key.name} {modifier.name}"

    def _click(self) -> str:
        button = self._one_of(QAbstractButton)
        if button is None:
            return "click on nothing"
        name = button.text() or button.accessibleName() or type(button).__name__
        action = getattr(button, "defaultAction", lambda: None)()
        if action is not None and action in [self._window.actions_[key] for key in NOT_TOUCHED]:
            return f"left {name} alone"
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        return f"click {name}"

    def _choose(self) -> str:
        if self._random.random() < 0.5:
            slider = self._one_of(QAbstractSlider)
            if slider is not None:
                slider.setValue(self._random.randint(slider.minimum(), slider.maximum()))
            return "slider"
        box = self._one_of(QComboBox)
        if box is not None and box.count():
            box.setCurrentIndex(self._random.randrange(box.count()))
        return "box"

    def _resize(self) -> str:
        size = self._random.choice(((1366, 768), (1920, 1080), (1180, 680)))
        self._window.resize(*size)
        place = QPoint(self._random.randrange(size[0]), self._random.randrange(size[1]))
        QTest.mouseClick(self._window, Qt.MouseButton.LeftButton, pos=place)
        return f"resize {size[0]}x{size[1]}"

    def _fault(self) -> str:
        fault = self._random.choice(
            (
                FaultScript(drop_reply_every=7),
                FaultScript(cut_reply_every=9),
                FaultScript(drop_stops=frozenset({1})),
                FaultScript(lines_at_s=((0.0, b"<Idle|MPos:gar\xffbage\r\n"),)),
                FaultScript(flood_at_s=((0.0, 0.3),)),
                FaultScript(alarm_at_s=((0.0, 1),)),
                FaultScript(limit_at_s=(0.0,)),
                FaultScript(reset_at_s=(0.0,)),
                FaultScript(silent_at_s=0.0),
                FaultScript(close_at_s=0.0),
                FaultScript(),
            )
        )
        if self._microscopes and self._microscopes[-1].simulation is not None:
            self._microscopes[-1].simulation.firmware.inject(fault)
        return f"fault {fault}"

    def _camera_fault(self) -> str:
        soon = self._random.randrange(1, 60)
        fault = self._random.choice(
            (
                CameraFaults(unplugged_at=soon),
                CameraFaults(stalls_at=soon),
                CameraFaults(incomplete=frozenset(range(soon, soon + 5))),
                CameraFaults(),
            )
        )
        if self._microscopes and self._microscopes[-1].simulation is not None:
            self._microscopes[-1].simulation.camera.faults = fault
        return f"fault {fault}"

    def _fill_disk(self) -> str:
        """Let the system refuse to write more than a little to any file, or allow it again."""
        full = self._random.random() < 0.5
        _limit_files(ROOM_BYTES if full else None)
        return "disk full" if full else "room on the disk"

    def _answer(self) -> str:
        """Say yes to what the window asks, so that the run gets on."""
        window = self._window
        if window.homing_bar.isVisible():
            window.homing_bar.ask()
            window.homing_bar.confirm.click()
            return "homing"
        window.actions_["reconnect"].trigger()
        return "connect again"

    def _one_of(self, kind: type) -> QAbstractButton | QAbstractSlider | QComboBox | None:
        found = [
            each
            for each in self._window.findChildren(kind)
            if each.isVisible() and each.isEnabled()
        ]
        return self._random.choice(found) if found else None

    def _check(self) -> None:
        if self.uncaught:
            self._fail(f"nobody caught\n{self.uncaught[0]}")
        if QApplication.activeModalWidget() is not None:
            self._fail("something modal hides STOP")
        stop = self._window.top.stop
        if not (stop.isVisible() and stop.isEnabled()):
            self._fail("STOP was out of reach")
        if self._microscopes:
            self._check_limits(self._microscopes[-1])

    def _check_limits(self, microscope: Microscope) -> None:
        """See that the stage is truly within its limits, whatever it tells."""
        state = microscope.stage.state()
        moving = state.phase in (StagePhase.IDLE, StagePhase.MOVING)
        if microscope.simulation is None or not (state.referenced and moving):
            return
        place = microscope.simulation.truth.position_at(time.monotonic_ns())
        caps = microscope.stage.caps
        for name, where_um, axis in zip("xyz", place, (caps.x, caps.y, caps.z), strict=True):
            if not axis.lower_um - SLACK_UM <= where_um <= axis.upper_um + SLACK_UM:
                self._fail(f"{name} was at {where_um:.1f} µm, outside its limits")

    def _end(self) -> None:
        window = self._window
        _limit_files(None)
        QTest.mouseClick(window.top.stop, Qt.MouseButton.LeftButton)
        window.close()
        self._until(lambda: window.closed, CLOSE_TIMEOUT_S, "the window did not close")
        for microscope in self._microscopes:
            truth = microscope.simulation.truth if microscope.simulation is not None else None
            if truth is not None:
                self._until(lambda t=truth: _rests(t), 5.0, "the stage did not come to rest")
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        for folder in capture_folders(self._captures):
            Capture(folder)
        self._check_uncaught()

    def _check_threads(self, before: set[threading.Thread]) -> None:
        end_s = time.monotonic() + CLOSE_TIMEOUT_S
        while left := set(threading.enumerate()) - before:
            if time.monotonic() > end_s:
                faulthandler.dump_traceback()
                self._fail(f"threads were left over: {', '.join(each.name for each in left)}")
            self._live(0.01)

    def _check_uncaught(self) -> None:
        if self.uncaught:
            self._fail(f"nobody caught\n{self.uncaught[0]}")

    def _until(self, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
        end_s = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > end_s:
                self._fail(f"{what} within {timeout_s:.0f} s")
            self._live(0.01)

    def _fail(self, what: str) -> None:
        raise MonkeyFailure(f"{what}; before it: {'; '.join(self.done[-12:])}")

    def _make(self) -> Microscope:
        profile = load_profile("simulated")
        simulation = profile.simulation.model_copy(update={"width": 256, "height": 192})
        self._microscopes.append(
            open_microscope(profile.model_copy(update={"simulation": simulation}))
        )
        return self._microscopes[-1]

    def _on_uncaught(
        self,
        kind: type[BaseException],
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.uncaught.append("".join(traceback.format_exception(kind, error, trace)))

    @staticmethod
    def _live(seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while True:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
            if time.monotonic() >= end_s:
                return
            time.sleep(0.002)


def _limit_files(most_bytes: int | None) -> None:
    """Set how large a file this process may write; None for as large as ever.

    Like a full disk this makes the system itself refuse, in whatever place a file is written.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if most_bytes is None else most_bytes, hard))


def _rests(truth: Truth) -> bool:
    now_ns = time.monotonic_ns()
    return truth.position_at(now_ns)[:2] == truth.position_at(now_ns + 10**8)[:2]


def run_monkey(seed: int, actions: int = ACTIONS) -> int:
    """Do one run in a folder that goes away; return how many things were done.

    Raises
    ------
    MonkeyFailure
        The window did not bear it.
    """
    make_application()
    # A desktop's file manager has no business here.
    swallow = _Swallow()
    QDesktopServices.setUrlHandler("file", swallow, "open")
    try:
        with tempfile.TemporaryDirectory() as folder:
            monkey = Monkey(seed, Path(folder))
            monkey.run(actions)
            return len(monkey.done)
    finally:
        QDesktopServices.unsetUrlHandler("file")


def main() -> None:
    """Entry point of ``python -m app.window.monkey``."""
    parser = argparse.ArgumentParser(description="Use the window as nobody would.")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--actions", type=int, default=ACTIONS)
    parser.add_argument("--seed", type=int, default=0, help="of the first run")
    wanted = parser.parse_args()
    failures = 0
    for seed in range(wanted.seed, wanted.seed + wanted.runs):
        began_s = time.monotonic()
        try:
            run_monkey(seed, wanted.actions)
        except MonkeyFailure as failure:
            failures += 1
            print(f"seed {seed}: {failure}", flush=True)
        else:
            print(f"seed {seed}: borne in {time.monotonic() - began_s:.0f} s", flush=True)
    print(f"{wanted.runs - failures} of {wanted.runs} runs borne")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
