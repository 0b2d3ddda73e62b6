"""The window: puts the pages together and passes wishes and news between them and the controls."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.acquisition.events import Finished, Phase
from app.acquisition.microscope import Microscope
from app.window.bridge import Bridge
from app.window.commands import Actions
from app.window.control import MicroscopeControl
from app.window.control_state import Closed, ControlEvent, Link, Notice, ScanOver, StopDone
from app.window.crash_bar import CrashBar
from app.window.drops import Drops
from app.window.export_sheet import ExportSheet
from app.window.help_desk import HelpDesk
from app.window.keys import KeyFilter
from app.window.language import said
from app.window.library_desk import LibraryDesk
from app.window.live_callbacks import live_callbacks
from app.window.live_page import LivePage
from app.window.looks import Looks
from app.window.notice_bar import ErrorBar, HomingBar
from app.window.picture_canvas import ZOOM_STEP, PictureCanvas
from app.window.remembered import keep_parts, restore_parts
from app.window.review_callbacks import review_callbacks
from app.window.review_control import Exported, ReviewControl, ReviewEvent
from app.window.review_page import ReviewPage
from app.window.scan_page import ScanPage, scan_callbacks
from app.window.scan_words import over_words
from app.window.setup_desk import SetupDesk
from app.window.stack_chooser import StackChooser
from app.window.stage_panel import DIRECTIONS, KEYS
from app.window.surroundings import Surroundings
from app.window.top_bar import TopBar
from app.window.trouble import Trouble, describe
from drivers.stage import StagePhase

log = logging.getLogger(__name__)

TICK_MS: Final = 33
"""The screen is renewed 30 times a second."""
CLOSE_TIMEOUT_S: Final = 20.0
REVIEW_CLOSE_TIMEOUT_S: Final = 5.0


class MainWindow(QMainWindow):
    """The operator's window.

    Parameters
    ----------
    make : callable
        Makes the microscope; called on a worker thread.
    captures : Path
        The captures folder.
    around : Surroundings, optional
        Where it remembers, writes its log and finds crash reports.
    """

    def __init__(
        self,
        make: Callable[[], Microscope],
        captures: Path,
        around: Surroundings | None = None,
    ) -> None:
        super().__init__()
        self._around = around or Surroundings()
        self.looks = Looks(self._around.memory)
        self.help_desk = HelpDesk(self, self._around.log)
        self.crash_bar = CrashBar(self._around.crashes)
        self.setWindowTitle("WearIF")
        self._closing_since_s: float | None = None
        self._closed = False
        self._microscope_news = Bridge(self)
        self._review_news = Bridge(self)
        self._microscope_news.received.connect(self._on_control_event)
        self._review_news.received.connect(self._on_review_event)
        self.control = MicroscopeControl(
            make, captures, self._microscope_news.post, self._around.settings
        )
        self.review_control = ReviewControl(self._review_news.post)
        self.setup_desk = SetupDesk(self.control, self)
        self.library = LibraryDesk(captures, self)
        self.library.opened.connect(self.open_path)
        self.library.trouble.connect(self.show_trouble)
        self._chooser = StackChooser(self, captures)
        self._chooser.chosen.connect(self.open_path)
        self._drops = Drops(self)
        self._drops.dropped.connect(self._open_dropped)
        self.homing_bar = HomingBar()
        self.actions_ = Actions(self._callbacks(), self)
        self.addActions(list(self.actions_.all()))
        self.top = TopBar(self.actions_)
        self.error_bar = ErrorBar()
        self.live_page = LivePage(self.control, self.actions_)
        self.scan_page = ScanPage(self.control, self.actions_)
        self.scan_page.opened.connect(self.open_path)
        self.review_page = ReviewPage(self.review_control, self.actions_)
        self.library_page = self.library.make_page(self.actions_)
        self.export_sheet = ExportSheet(self, captures.parent)
        self.export_sheet.wanted.connect(self.review_control.export)
        self._pages = QStackedWidget()
        self._lay_out()
        self._keys = KeyFilter(self._halt, self._stage_key, self)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._open_page("page_live")
        self.help_desk.begin(self.actions_)
        self.looks.begin(self.actions_)
        if self._around.memory is not None:
            restore_parts(self._around.memory, self)

    def start(self) -> None:
        """Begin to connect and to show pictures."""
        self._timer.start()
        self.crash_bar.look()
        self.live_page.setFocus()
        self.control.connect()

    @property
    def closed(self) -> bool:
        """Whether everything has been shut down."""
        return self._closed

    @Slot(object)
    def open_path(self, path: Path) -> None:
        """Review a capture, a folder or a file."""
        self._open_page("page_review")
        self.library.control.opened(path)
        self.review_control.open_path(path)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Shut down first, then close; the window stays until the stage stands still."""
        if self._closed:
            self._timer.stop()
            self._keys.close()
            self.setup_desk.close()
            if self._around.memory is not None:
                keep_parts(self._around.memory, self)
                self._around.memory.keep_layout(self)
            event.accept()
            return
        event.ignore()
        if self._closing_since_s is None:
            self._closing_since_s = time.monotonic()
            self.top.say(self.tr("Stopping the stage, keeping what was captured …"))
            self.control.close(CLOSE_TIMEOUT_S)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Change the language of the commands before that of whoever shows them."""
        if event.type() == QEvent.Type.LanguageChange:
            self.actions_.retranslate()
        super().changeEvent(event)

    def _callbacks(self) -> dict[str, Callable[..., None]]:
        jogs = {key: partial(self._pad_clicked, key) for key in DIRECTIONS}
        return {
            "stop": self._stop,
            "capture": self._capture,
            "cancel": self._cancel,
            "labels": self._write_labels,
            "home": self.homing_bar.ask,
            "reconnect": self._reconnect,
            "set_bottom": partial(self.control.sweep.set_end, bottom=True),
            "set_top": partial(self.control.sweep.set_end, bottom=False),
            "clear_range": self.control.sweep.clear_range,
            "open_folder": self._chooser.choose_folder,
            "open_file": self._chooser.choose_file,
            "export": self._choose_export,
            "quit": self.close,
            "page_live": partial(self._open_page, "page_live"),
            "page_review": partial(self._open_page, "page_review"),
            "fit": partial(self._on_canvases, PictureCanvas.fit),
            "one_to_one": partial(self._on_canvases, PictureCanvas.one_to_one),
            "zoom_in": partial(self._zoom, ZOOM_STEP),
            "zoom_out": partial(self._zoom, 1 / ZOOM_STEP),
            "previous_frame": lambda: self.review_page.step(-1),
            "next_frame": lambda: self.review_page.step(1),
            **jogs,
            **live_callbacks(self.control, lambda: self.live_page),
            **scan_callbacks(
                self.control, lambda: self.scan_page, partial(self._open_page, "page_scan")
            ),
            **review_callbacks(lambda: self.review_page, partial(self._open_page, "page_review")),
            **self.library.callbacks(partial(self._open_page, "page_library")),
            **self.looks.callbacks(),
            **self.help_desk.callbacks(),
            **self.setup_desk.callbacks(),
        }

    @Slot()
    def _tick(self) -> None:
        self.control.check_stage()
        state, stage = self.control.state, self.control.stage_state()
        self.top.show_state(state, stage)
        self.live_page.tick(state, stage)
        self.scan_page.tick(state, stage)
        # A stage that does not answer has to be connected before it can be homed.
        gone = stage is None or stage.phase is StagePhase.DISCONNECTED
        homed = gone or (stage is not None and stage.referenced)
        # One that is homed may be homed again, after a collision say.
        unwanted = homed and (gone or not self.homing_bar.asking)
        if unwanted or state.link is not Link.READY or state.capturing:
            self.homing_bar.hide()
        elif not self.homing_bar.isVisible():
            self.homing_bar.offer()
            self.homing_bar.show()
        self.actions_["capture"].setEnabled(
            state.link is Link.READY and homed and not gone and not state.capturing
        )
        self.actions_["cancel"].setEnabled(state.capturing)
        self.actions_["home"].setEnabled(
            state.link is Link.READY and not gone and not state.capturing
        )
        self.actions_["reconnect"].setEnabled(
            state.link in (Link.READY, Link.LOST) and not state.capturing
        )

    @Slot(object)
    def _on_control_event(self, event: ControlEvent) -> None:
        match event:
            case Trouble():
                self.show_trouble(event)
            case StopDone(report):
                took_ms = (report.t_halted_ns - report.t_called_ns) / 1e6
                self.top.say(
                    self.tr("Halted after {ms:.0f} ms at z {z:.1f} µm").format(
                        ms=took_ms, z=report.position.z_um
                    )
                )
            case Notice(text):
                log.info("%s", text)
                self.top.say(said(text))
            case Finished():
                self._on_finished(event)
            case ScanOver():
                self.top.say(over_words(event))
            case Closed():
                self.review_control.close(REVIEW_CLOSE_TIMEOUT_S)
                self.library.close()
                self._closed = True
                self.close()

    @Slot(object)
    def show_trouble(self, trouble: Trouble) -> None:
        """Show an error and write it into the log."""
        log.error("%s %s %s\n%s", trouble.title, trouble.stage, trouble.remedy, trouble.details)
        self.error_bar.show_trouble(trouble)

    @Slot(object)
    def show_crash(self, crash: tuple[BaseException, Path | None]) -> None:
        """Show an error that nobody has caught, and where its report lies."""
        error, report = crash
        trouble = describe(error, "The program", self.control.stage_state())
        if report is not None:
            trouble = replace(trouble, details=f"{report}\n\n{trouble.details}")
        self.error_bar.show_trouble(trouble)

    def _on_finished(self, finished: Finished) -> None:
        if finished.phase is Phase.CANCELLED:
            kept = finished.folder is not None
            self.top.say(
                self.tr("Cancelled; what was captured is kept.")
                if kept
                else self.tr("Cancelled before the first frame.")
            )
        if finished.folder is None or finished.fusion is None or self._closing_since_s is not None:
            return
        self._open_page("page_review")
        self.review_control.open_capture(finished.folder, finished.fusion)

    @Slot(object)
    def _on_review_event(self, event: ReviewEvent) -> None:
        match event:
            case Trouble():
                self.show_trouble(event)
            case Exported(folder, files):
                self.top.say(
                    self.tr("{n} files written to {folder}").format(n=files, folder=folder.name)
                )
            case _:
                self.review_page.show_event(event)

    def _halt(self) -> None:
        self.control.stop()
        self.setup_desk.stop()

    def _stop(self) -> None:
        self._halt()
        self.top.say(self.tr("Stopping …"))

    def _capture(self) -> None:
        self.error_bar.hide()
        self._open_page("page_live")
        self.live_page.setFocus()
        self.control.capture()

    def _write_labels(self) -> None:
        self._open_page("page_live")
        self.live_page.write_labels()

    def _cancel(self) -> None:
        self.top.say(self.tr("Cancelling …"))
        self.control.stop()

    def _reconnect(self) -> None:
        self.error_bar.hide()
        self.control.connect()

    @Slot()
    def _home(self) -> None:
        self.error_bar.hide()
        self.homing_bar.offer()
        self.homing_bar.hide()
        self.control.home()

    def _pad_clicked(self, key: str) -> None:
        self.live_page.stage_panel.step_of_button(key)

    def _stage_key(self, key: Qt.Key, factor: float, repeated: bool) -> bool:
        if self._pages.currentWidget() is not self.live_page:
            return False
        self.live_page.stage_panel.jog(KEYS[key], factor, repeated=repeated)
        return True

    def _open_page(self, key: str) -> None:
        pages = {
            "page_live": self.live_page,
            "page_scan": self.scan_page,
            "page_review": self.review_page,
            "page_library": self.library_page,
        }
        self._pages.setCurrentWidget(pages[key])
        self.top.mark_page(key)

    def _on_canvases(self, act: Callable[[PictureCanvas], None]) -> None:
        if self._pages.currentWidget() is self.review_page:
            for canvas in self.review_page.canvases:
                act(canvas)
        else:
            act(self.live_page.canvas)

    def _zoom(self, factor: float) -> None:
        if self._pages.currentWidget() is self.review_page:
            # The others follow.
            self.review_page.canvases[0].zoom(factor)
        else:
            self.live_page.canvas.zoom(factor)

    def _choose_export(self) -> None:
        if self.review_page.subject is None:
            self.top.say(self.tr("There is nothing to export yet."))
            return
        self.export_sheet.offer(self.review_page.subject, self.review_page.measure.measuring)

    @Slot(object)
    def _open_dropped(self, paths: tuple[Path, ...]) -> None:
        self.open_path(paths[0])
        if len(paths) > 1:
            self.top.say(self.tr("Only the first of {n} is opened.").format(n=len(paths)))

    def _lay_out(self) -> None:
        for page in (self.live_page, self.scan_page, self.review_page, self.library_page):
            self._pages.addWidget(page)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for each in (self.top, self.crash_bar, self.error_bar, self.homing_bar):
            column.addWidget(each)
        column.addWidget(self._pages, 1)
        central = QWidget()
        central.setLayout(column)
        self.setCentralWidget(central)
        self.homing_bar.confirm.clicked.connect(self._home)
        self.error_bar.reconnect.clicked.connect(self._reconnect)
