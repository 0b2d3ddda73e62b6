"""Starts the window."""

from __future__ import annotations

import logging
import signal
import sys
from pathlib import Path
from types import FrameType, TracebackType

import pyqtgraph as pg
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

import app.window.qt_environment  # noqa: F401 - before anything else of Qt
from app.acquisition.microscope import Microscope, open_microscope
from app.captures.layout import default_captures_folder
from app.profiles import load_profile
from app.window.main_window import MainWindow
from app.window.theme import apply_theme
from app.window.trouble import describe

SMALLEST = (1180, 680)
log = logging.getLogger(__name__)


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
    window = MainWindow(lambda: _make(microscope), default_captures_folder())
    fit_to_screen(window, application)
    window.start()
    window.show()
    _show_crashes(window)
    heartbeat = _let_signals_close(window)
    status = application.exec()
    heartbeat.stop()
    return status


def make_application() -> QApplication:
    """Return the application with its looks; the present one if there is one."""
    present = QApplication.instance()
    application = present if isinstance(present, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("WearIF")
    pg.setConfigOptions(imageAxisOrder="row-major", useOpenGL=False, antialias=True)
    apply_theme(application)
    return application


def fit_to_screen(window: MainWindow, application: QApplication) -> None:
    """Take most of the screen, and never more than there is."""
    room = application.primaryScreen().availableGeometry()
    window.setMinimumSize(min(SMALLEST[0], room.width()), min(SMALLEST[1], room.height()))
    window.setGeometry(room)


def _make(microscope: str) -> Microscope:
    name = Path(microscope) if microscope.endswith(".toml") else microscope
    return open_microscope(load_profile(name))


def _show_crashes(window: MainWindow) -> None:
    """Show in the window what nobody has caught, instead of only on a terminal nobody sees."""

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("not caught", exc_info=(kind, error, trace))
        window.error_bar.show_trouble(describe(error, "The program", window.control.stage_state()))

    sys.excepthook = show


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
