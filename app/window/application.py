"""Starts the window."""

from __future__ import annotations

import logging
import signal
import sys
from types import FrameType

import pyqtgraph as pg
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

import app.window.qt_environment  # noqa: F401 - before anything else of Qt
from app.acquisition.microscope import Microscope, open_microscope
from app.acquisition.operator_settings import settings_folder
from app.captures.layout import default_captures_folder
from app.crash_reports import CrashReports
from app.profiles import load_profile
from app.program_log import ProgramLog
from app.versions import versions
from app.window.bridge import Bridge
from app.window.main_window import MainWindow
from app.window.memory import Memory
from app.window.surroundings import Surroundings
from app.window.theme import apply_theme

log = logging.getLogger(__name__)

SMALLEST = (1180, 680)


def run_window(microscope: str) -> int:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    microscope : str
        A profile's name or file.

    Returns
    -------
    int
        The exit status.
    """
    application = make_application()
    program_log = ProgramLog()
    program_log.open()
    log.info("started: %s", ", ".join(f"{name} {text}" for name, text in versions().items()))
    crashes = CrashReports(program_log.folder / "crashes", program_log.memory.lines)
    around = Surroundings(Memory(), program_log, crashes, settings_folder())
    window = MainWindow(lambda: _make(microscope), default_captures_folder(), around)
    place(window, application, around.memory)
    _show_crashes(window, crashes)
    window.start()
    window.show()
    heartbeat = _let_signals_close(window)
    status = application.exec()
    heartbeat.stop()
    crashes.close()
    program_log.close()
    return status


def make_application() -> QApplication:
    """Return the application with its looks; the present one if there is one."""
    present = QApplication.instance()
    application = present if isinstance(present, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("WearIF")
    pg.setConfigOptions(imageAxisOrder="row-major", useOpenGL=False, antialias=True)
    apply_theme(application)
    return application


def place(window: MainWindow, application: QApplication, memory: Memory | None) -> None:
    """Put the window where it was, or let it take the screen; never more than there is."""
    room = application.primaryScreen().availableGeometry()
    window.setMinimumSize(min(SMALLEST[0], room.width()), min(SMALLEST[1], room.height()))
    if memory is None or not memory.restore_layout(window):
        window.setGeometry(room)


def _make(microscope: str) -> Microscope:
    return open_microscope(load_profile(microscope))


def _show_crashes(window: MainWindow, crashes: CrashReports) -> None:
    """Show in the window what nobody has caught, instead of only on a terminal nobody sees."""
    news = Bridge(window)
    # The window is a QObject of this thread, so the slot runs here whatever thread has failed.
    news.received.connect(window.show_crash)
    crashes.watch(lambda error, report: news.post((error, report)))


def _let_signals_close(window: MainWindow) -> QTimer:
    """Close properly on Ctrl+C and on termination: the stage must not be left moving."""

    def close(_number: int, _frame: FrameType | None) -> None:
        window.close()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, close)
    # Python looks at signals only between its own instructions; Qt's loop runs none when idle.
    heartbeat = QTimer(window)
    heartbeat.timeout.connect(lambda: None)
    heartbeat.start(200)
    return heartbeat
