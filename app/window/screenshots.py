r"""Takes pictures of the window: drives the real program on the simulated microscope.

python -m app.window.screenshots FOLDER            every screen, in every look
python -m app.window.screenshots --readme docs     the pictures of the README
python -m app.window.screenshots FOLDER --only review --capture CAPTURE \
    --size 1366x768 --theme dark --language en     one look, of a capture that is there already

For screens of high density set QT_SCALE_FACTOR, such as 1.5: sizes count in logical pixels.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

import app.window.qt_environment  # noqa: F401 - before anything else of Qt
from app.acquisition.microscope import open_microscope
from app.profiles import load_profile
from app.program_log import ProgramLog
from app.window.application import make_application
from app.window.language import Language
from app.window.main_window import MainWindow
from app.window.screens import (
    SCREENS,
    Screen,
    ScreenshotError,
    open_fusion,
    open_review,
    wait_until,
)
from app.window.surroundings import Surroundings
from app.window.theme import Scheme

SIZES = ((1366, 768), (1920, 1080))
GREY_STEP = 3
"""Of 255, invisible."""
SMALLEST = 9
"""Compression of PNG that takes longest."""
TRIES = 5
"""For a screen that goes away by itself before all looks of it are taken."""


@dataclass(frozen=True, slots=True)
class Look:
    """A way in which a screen can be shown."""

    scheme: Scheme
    language: Language
    size: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.size[0]}x{self.size[1]}_{self.scheme.value}_{self.language.value}"

    def apply(self, window: MainWindow) -> None:
        """Show the window so."""
        window.actions_[f"theme_{self.scheme.value}"].setChecked(True)
        window.actions_[f"language_{self.language.value}"].setChecked(True)
        if (window.width(), window.height()) != self.size:
            window.resize(*self.size)
        QTest.qWait(120)


LOOKS = tuple(Look(*each) for each in product(Scheme, Language, SIZES))


def take_all(
    folder: Path,
    screens: tuple[Screen, ...] = SCREENS,
    looks: tuple[Look, ...] = LOOKS,
    on_saved: Callable[[Path], None] = lambda _path: None,
    capture: Path | None = None,
) -> list[Path]:
    """Save every screen in every look, as ``NAME_SIZE_THEME_LANGUAGE.png``.

    Parameters
    ----------
    folder : Path
        Where to save them.
    screens, looks
        Which ones.
    on_saved : callable
        Called with each picture.
    capture : Path, optional
        What to review; without it the screens of the review need that of a capture before them.

    Raises
    ------
    ScreenshotError
        A screen could not be brought up, or a file not be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    saved: list[Path] = []
    with _window() as window:
        if capture is not None:
            window.open_path(capture)
        for screen in screens:
            for path in _looks_of(window, screen, looks, folder):
                saved.append(path)
                on_saved(path)
        LOOKS[0].apply(window)
    return saved


def chosen_looks(sizes: str, themes: str, languages: str) -> tuple[Look, ...]:
    """Return the looks that fit; an empty text stands for all, commas separate several.

    Raises
    ------
    ScreenshotError
        None fits.
    """
    wanted = [frozenset(each.split(",")) for each in (sizes, themes, languages)]
    fitting = tuple(
        look
        for look in LOOKS
        if all(
            not text or part in parts
            for text, part, parts in zip(
                (sizes, themes, languages), str(look).split("_", 2), wanted, strict=True
            )
        )
    )
    if not fitting:
        raise ScreenshotError(f"no look fits; there are {', '.join(map(str, LOOKS))}")
    return fitting


def take_readme(folder: Path) -> tuple[Path, Path]:
    """Save the window while a capture grows and while it is reviewed.

    Returns
    -------
    tuple of Path
        ``capture.png`` and ``review.png``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _window() as window:
        open_fusion(window)
        capture = _save(window, None, folder / "capture.png", SMALLEST)
        open_review(window)
        return capture, _save(window, None, folder / "review.png", SMALLEST)


@contextmanager
def _window() -> Iterator[MainWindow]:
    """Open a window with nothing remembered, and shut it down whatever happens."""
    make_application()
    with tempfile.TemporaryDirectory() as folder:
        program_log = ProgramLog(Path(folder) / "log")
        program_log.open()
        window = MainWindow(
            lambda: open_microscope(load_profile("simulated")),
            Path(folder) / "captures",
            Surroundings(log=program_log),
        )
        window.resize(*SIZES[0])
        window.start()
        window.show()
        try:
            yield window
        finally:
            window.error_bar.hide()
            window.close()
            wait_until(window, lambda: window.closed, "the window was closed")
            program_log.close()


def _looks_of(
    window: MainWindow, screen: Screen, looks: tuple[Look, ...], folder: Path
) -> Iterator[Path]:
    sheet = screen.open(window)
    left = list(looks)
    for _ in range(TRIES):
        while left and screen.holds(window):
            left[0].apply(window)
            if not screen.holds(window):
                break
            yield _save(window, sheet, folder / f"{screen.name}_{left.pop(0)}.png")
        if not left:
            break
        wait_until(window, lambda: not window.control.state.capturing, "the capture had ended")
        sheet = screen.open(window)
    if left:
        raise ScreenshotError(f"{screen.name}: went away {TRIES} times before all was taken")
    screen.shut(window)


def _save(window: MainWindow, sheet: QWidget | None, path: Path, compression: int = 3) -> Path:
    QTest.qWait(50)
    picture = window.grab()
    if sheet is not None:
        painter = QPainter(picture)
        painter.fillRect(picture.rect(), "#66000000")
        size = window.size() - sheet.size()
        painter.drawPixmap(QPoint(size.width() // 2, size.height() // 2), sheet.grab())
        painter.end()
    grabbed = picture.toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(grabbed.constBits(), np.uint8).reshape(grabbed.height(), -1)
    bgr = rows[:, : 4 * grabbed.width()].reshape(grabbed.height(), grabbed.width(), 4)[..., :3]
    # Noise does not compress: without its last bits the file is a third smaller.
    coarse = np.minimum(np.rint(bgr / GREY_STEP) * GREY_STEP, 255).astype(np.uint8)
    if not cv2.imwrite(str(path), coarse, [cv2.IMWRITE_PNG_COMPRESSION, compression]):
        raise ScreenshotError(f"{path}: cannot be written")
    return path


def main() -> None:
    """Entry point of ``python -m app.window.screenshots``."""
    parser = argparse.ArgumentParser(description="Take pictures of the window.")
    parser.add_argument("folder", type=Path, help="where to save them")
    parser.add_argument("--readme", action="store_true", help="only those of the README")
    parser.add_argument("--only", default="", help="only screens whose names begin so")
    parser.add_argument("--capture", type=Path, help="what to review, instead of a new capture")
    parser.add_argument("--size", default="", help="only this one, such as 1366x768")
    parser.add_argument("--theme", default="", help="only this one: dark or light")
    parser.add_argument("--language", default="", help="only this one: en or zh_CN")
    wanted = parser.parse_args()
    if wanted.readme:
        print(*take_readme(wanted.folder), sep="\n")
        return
    screens = tuple(each for each in SCREENS if each.name.startswith(tuple(wanted.only.split(","))))
    looks = chosen_looks(wanted.size, wanted.theme, wanted.language)
    take_all(wanted.folder, screens, looks, lambda path: print(path, flush=True), wanted.capture)


if __name__ == "__main__":
    main()
