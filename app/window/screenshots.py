"""Takes the pictures of the README: drives the real program on the simulated microscope.

python -m app.window.screenshots docs
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QCoreApplication, QEventLoop, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

import app.window.qt_environment  # noqa: F401 - before anything else of Qt
from app.acquisition.microscope import open_microscope
from app.profiles import load_profile
from app.window.application import make_application
from app.window.main_window import MainWindow

SIZE = (1366, 768)
TIMEOUT_S = 180.0
GREY_STEP = 3
"""Of 255, invisible."""


class ScreenshotError(Exception):
    """The program did not get to the state that was to be shown."""


def wait_until(window: MainWindow, condition: Callable[[], bool], what: str) -> None:
    """Let the window work until something holds.

    Raises
    ------
    ScreenshotError
        It did not within `TIMEOUT_S`, or the window shows an error.
    """
    end_s = time.monotonic() + TIMEOUT_S
    while not condition():
        if window.error_bar.isVisible():
            raise ScreenshotError(f"before {what}: {window.error_bar.text}")
        if time.monotonic() > end_s:
            raise ScreenshotError(f"waited {TIMEOUT_S:.0f} s in vain until {what}")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.005)


def take_screenshots(folder: Path) -> tuple[Path, Path]:
    """Capture a field and save the window while it grows and while it is reviewed.

    Returns
    -------
    tuple of Path
        ``capture.png`` and ``review.png``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    make_application()
    with tempfile.TemporaryDirectory() as captures:
        window = MainWindow(lambda: open_microscope(load_profile("simulated")), Path(captures))
        window.resize(*SIZE)
        window.start()
        window.show()
        try:
            paths = _capture(window, folder), _review(window, folder)
        finally:
            window.error_bar.hide()
            window.close()
            wait_until(window, lambda: window.closed, "the window was closed")
    return paths


def _capture(window: MainWindow, folder: Path) -> Path:
    control = window.control
    button = window.live_page.capture_panel.capture
    wait_until(window, button.isEnabled, "the microscope was ready")
    wait_until(
        window, lambda: window.live_page.live.canvas.shape is not None, "a live picture came"
    )
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    wait_until(window, lambda: control.progress.plan is not None, "the sweep was planned")
    half = (control.progress.plan.expected_frames if control.progress.plan else 0) // 2
    wait_until(window, lambda: control.progress.fused >= half, "half of the frames were fused")
    wait_until(
        window, lambda: window.live_page.fused.canvas.shape is not None, "the fused image showed"
    )
    return _save(window, folder / "capture.png")


def _review(window: MainWindow, folder: Path) -> Path:
    page = window.review_page
    wait_until(window, lambda: page.subject is not None, "the review began")
    maps = window.review_control.maps
    if page.subject is None or maps is None:
        raise ScreenshotError("there is nothing to review")
    wait_until(window, lambda: maps.complete, "all weight maps were computed")
    index = maps.most_telling()
    page.slider.setValue(index)
    wait_until(window, lambda: page.shown_index == index, "the frame was shown")
    column, row = maps.strongest_pixel(index)
    place = page.weights.canvas.place_of(column, row)
    QTest.mouseClick(page.weights.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(page.weights.canvas.viewport(), place + QPoint(1, 0))
    QTest.mouseMove(page.weights.canvas.viewport(), place)
    QTest.qWait(300)
    return _save(window, folder / "review.png")


def _save(window: MainWindow, path: Path) -> Path:
    QTest.qWait(50)
    grabbed = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(grabbed.constBits(), np.uint8).reshape(grabbed.height(), -1)
    bgr = rows[:, : 4 * grabbed.width()].reshape(grabbed.height(), grabbed.width(), 4)[..., :3]
    # Noise does not compress: without its last bits the file is a third smaller.
    coarse = np.minimum(np.rint(bgr / GREY_STEP) * GREY_STEP, 255).astype(np.uint8)
    if not cv2.imwrite(str(path), coarse, [cv2.IMWRITE_PNG_COMPRESSION, 9]):
        raise ScreenshotError(f"{path}: cannot be written")
    return path


def main() -> None:
    """Entry point of ``python -m app.window.screenshots``."""
    parser = argparse.ArgumentParser(description="Take the pictures of the README.")
    parser.add_argument("folder", type=Path, help="where to save capture.png and review.png")
    for path in take_screenshots(parser.parse_args().folder):
        print(path)


if __name__ == "__main__":
    main()
