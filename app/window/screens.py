"""The screens of which pictures are taken; a new part of the window adds its own here."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication, QEventLoop, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.acquisition.scan_setup import FieldSource
from app.window.main_window import MainWindow
from app.window.trouble import describe
from drivers.errors import LimitExceeded

TIMEOUT_S: Final = 600.0
FUSED_FIELDS: Final = 2
"""Of a scan that is shown under way."""


class ScreenshotError(Exception):
    """The program did not get to the state that was to be shown."""


@dataclass(frozen=True, slots=True)
class Screen:
    """Something to be seen of the window."""

    name: str
    """Of the file."""
    open: Callable[[MainWindow], QWidget | None]
    """Brings it up, from whatever came before; returns a sheet that lies over the window."""
    passing: bool = False
    """Whether it goes away by itself: then it may have to be brought up again."""
    holds: Callable[[MainWindow], bool] = lambda _window: True
    """Whether it can still be seen."""
    shut: Callable[[MainWindow], None] = lambda _window: None
    """Takes it away."""


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


def open_live(window: MainWindow) -> None:
    """Wait for a live picture in focus."""
    page = window.live_page
    # The action is enabled until the window has looked for the first time; the button is not.
    wait_until(window, page.capture_panel.capture.isEnabled, "the microscope was ready")
    wait_until(window, lambda: page.live.canvas.shape is not None, "a live picture came")
    window.actions_["page_live"].trigger()


def open_fusion(window: MainWindow) -> None:
    """Capture, until half of the frames are fused."""
    control = window.control
    open_live(window)
    QTest.mouseClick(window.live_page.capture_panel.capture, Qt.MouseButton.LeftButton)
    wait_until(window, lambda: control.progress.plan is not None, "the sweep was planned")
    half = (control.progress.plan.expected_frames if control.progress.plan else 0) // 2
    wait_until(window, lambda: control.progress.fused >= half, "half of the frames were fused")
    page = window.live_page
    wait_until(window, lambda: page.canvas is not page.live.canvas, "the fused image showed")
    wait_until(window, lambda: page.canvas.shape is not None, "the fused image was there")


def open_review(window: MainWindow) -> None:
    """Look at the most telling frame of the capture that has just been made."""
    page = window.review_page
    wait_until(window, lambda: page.subject is not None, "the review began")
    window.actions_["page_review"].trigger()
    maps = window.review_control.maps
    if page.subject is None or maps is None:
        raise ScreenshotError("there is nothing to review")
    wait_until(window, lambda: maps.complete, "all weight maps were computed")
    wait_until(window, page.side.export.isEnabled, "the frames were aligned")
    maps = window.review_control.maps or maps
    wait_until(window, lambda: maps.complete, "the weight maps of aligned frames were computed")
    index = maps.most_telling()
    page.slider.setValue(index)
    wait_until(window, lambda: page.shown_index == index, "the frame was shown")
    column, row = maps.strongest_pixel(index)
    place = page.overview.weights.canvas.place_of(column, row)
    viewport = page.overview.weights.canvas.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(viewport, place + QPoint(1, 0))
    QTest.mouseMove(viewport, place)
    QTest.qWait(300)


def _sheet(command: str) -> Callable[[MainWindow], QWidget | None]:
    def bring(window: MainWindow) -> QWidget | None:
        window.actions_[command].trigger()
        return window.help_desk.sheet(command)

    return bring


def _shut_sheet(command: str) -> Callable[[MainWindow], None]:
    def shut(window: MainWindow) -> None:
        sheet = window.help_desk.sheet(command)
        if sheet is not None:
            sheet.hide()

    return shut


def _setup(step: int) -> Callable[[MainWindow], QWidget | None]:
    def bring(window: MainWindow) -> QWidget | None:
        window.setup_desk.open()
        sheet = window.setup_desk.sheet
        if sheet is not None:
            sheet.steps.setCurrentRow(step)
        return sheet

    return bring


def _shut_setup(window: MainWindow) -> None:
    if window.setup_desk.sheet is not None:
        window.setup_desk.sheet.close()


def _beyond_limits() -> LimitExceeded:
    return LimitExceeded(
        "stage GRBL",
        "move z to 1250 µm",
        "the limits of z are 0 to 1000 µm",
        "Choose a target within the limits.",
    )


def _error(window: MainWindow) -> None:
    window.error_bar.show_trouble(
        describe(_beyond_limits(), "Moving", window.control.stage_state())
    )


def _card(number: int) -> Callable[[MainWindow], None]:
    def bring(window: MainWindow) -> None:
        page = window.live_page
        cards = (page.stage_panel, page.places_panel, page.sweep_panel, page.camera_panel)
        page.cards.show_card(cards[number])

    return bring


def _command(*keys: str) -> Callable[[MainWindow], None]:
    def bring(window: MainWindow) -> None:
        for key in keys:
            window.actions_[key].trigger()
        QTest.qWait(500)

    return bring


def _surface(window: MainWindow) -> None:
    window.actions_["review_surface"].trigger()
    canvas = window.review_page.surface.canvas
    wait_until(window, lambda: canvas.picture is not None, "the surface was rendered")
    QTest.qWait(500)


def _library(window: MainWindow) -> None:
    # A capture that ends brings up the review of what it has made.
    wait_until(window, lambda: not window.control.state.capturing, "the capture had ended")
    QTest.qWait(500)
    _command("page_library", "library_refresh")(window)


def _library_chosen(window: MainWindow) -> None:
    page = window.library_page
    page.table.selectRow(0)
    page.sides.turn_to("fusions")
    QTest.qWait(600)


def _library_left(window: MainWindow) -> None:
    window.library_page.sides.turn_to("labels")


def _export(window: MainWindow) -> QWidget:
    window.actions_["export"].trigger()
    return window.export_sheet


def _ferrogram(window: MainWindow) -> None:
    window.control.scan.change(source=FieldSource.FERROGRAM)
    QTest.qWait(200)


def _grid_again(window: MainWindow) -> None:
    window.control.scan.change(source=FieldSource.GRID)


def _labels(window: MainWindow) -> None:
    written = {"slide": "S-0412", "sample": "Oil of 20 November", "machine": "Gearbox 2"}
    for key, text in written.items():
        window.control.labels.write(key, text)
    window.actions_["labels"].trigger()
    window.live_page.setFocus()
    QTest.qWait(200)


def _scan_plan(window: MainWindow) -> None:
    open_live(window)
    window.control.scan.change(columns=4, rows=3)
    window.actions_["page_scan"].trigger()
    wait_until(window, window.scan_page.run_card.start.isEnabled, "a scan was planned")


def _scan_run(window: MainWindow) -> None:
    """Scan, until two fields are fused and the next one grows."""
    scan = window.control.scan
    scan.forget()
    _scan_plan(window)
    QTest.mouseClick(window.scan_page.run_card.start, Qt.MouseButton.LeftButton)
    wait_until(
        window,
        lambda: scan.progress is not None and scan.progress.fused >= FUSED_FIELDS,
        "fields were fused",
    )
    wait_until(window, lambda: window.control.runs.newest is not None, "the next one grew")


def _scanning(window: MainWindow) -> bool:
    progress = window.control.scan.progress
    return progress is not None and progress.running and progress.fused >= FUSED_FIELDS


def _scan_over(window: MainWindow) -> None:
    window.actions_["scan_stop"].trigger()
    wait_until(window, lambda: not window.control.state.capturing, "the scan was stopped")
    window.scan_page.choose(1)
    QTest.qWait(300)


def _capturing(window: MainWindow) -> bool:
    return window.control.state.capturing and window.live_page.canvas.shape is not None


SCREENS: Final = (
    Screen("live", open_live),
    Screen("places", _card(1)),
    Screen("sweep", _card(2)),
    Screen("camera", _card(3), shut=_card(0)),
    Screen("labels", _labels, shut=_card(0)),
    Screen("homing", lambda window: window.homing_bar.ask(), shut=lambda w: w.homing_bar.offer()),
    Screen("error", _error, shut=lambda window: window.error_bar.hide()),
    Screen("commands", _sheet("palette"), shut=_shut_sheet("palette")),
    Screen("keys", _sheet("shortcuts"), shut=_shut_sheet("shortcuts")),
    Screen("log", _sheet("log"), shut=_shut_sheet("log")),
    Screen("about", _sheet("about"), shut=_shut_sheet("about")),
    Screen("setup_stage", _setup(0), shut=_shut_setup),
    Screen("setup_camera", _setup(1), shut=_shut_setup),
    Screen("setup_objectives", _setup(2), shut=_shut_setup),
    Screen("setup_pixel", _setup(3), shut=_shut_setup),
    Screen("setup_save", _setup(4), shut=_shut_setup),
    Screen("library_empty", _command("page_library", "library_refresh")),
    Screen("fusion", open_fusion, passing=True, holds=_capturing),
    Screen("review", open_review),
    Screen("compare", _command("review_compare")),
    Screen("surface", _surface),
    Screen("retouch", _command("review_retouch")),
    Screen("measure", _command("review_overview", "measure_ruler")),
    Screen("export", _export, shut=lambda window: window.export_sheet.close()),
    Screen("library", _library),
    Screen("fusions", _library_chosen, shut=_library_left),
    Screen("scan_plan", _scan_plan),
    Screen("scan_ferrogram", _ferrogram, shut=_grid_again),
    Screen("scan_run", _scan_run, passing=True, holds=_scanning),
    Screen("scan_over", _scan_over),
)
"""In the order in which they are opened: each may rest on what those before it have left."""
