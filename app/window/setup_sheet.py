"""The setup of a microscope, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.acquisition.pixel_size import PixelSize
from app.profiles import MicroscopeProfile, ProfileError
from app.window.bridge import Bridge
from app.window.language import said
from app.window.setup_control import SetupControl, SetupState
from app.window.setup_draft import Draft
from app.window.setup_objectives import ObjectivesStep, PixelStep
from app.window.setup_steps import CameraStep, Form, StageStep
from app.window.sheet import Sheet
from app.window.widgets import Card, Translated, label, readout

CLOSE_TIMEOUT_S = 10.0


class SaveStep(Translated, QWidget):
    """The name, and where the profile will lie."""

    def __init__(self, save: Callable[[], None]) -> None:
        super().__init__()
        self._about = label(style="muted", wraps=True)
        self.name = QLineEdit()
        self.save = QPushButton()
        self.save.setObjectName("primary")
        self.save.setMinimumHeight(44)
        self.save.clicked.connect(save)
        self.done = label(wraps=True)
        self._parts = Card("")
        self._summary = [readout() for _ in range(4)]
        rows = Form()
        for line in self._summary:
            rows.add(line)
        self._rows = rows
        self._parts.body.addLayout(rows)
        self._form = Form()
        self._form.add(self.name)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addWidget(self._about)
        column.addLayout(self._form)
        column.addWidget(self._parts)
        column.addWidget(self.save)
        column.addWidget(self.done)
        column.addStretch(1)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self._about.setText(
            self.tr(
                "One file per microscope. Limits, directions and units of the axes stay as they "
                "are in the profile this began from: check them before the stage moves."
            )
        )
        self._form.name([self.tr("Name of the microscope")])
        self.save.setText(self.tr("Save and connect"))
        self._parts.set_title(self.tr("What is saved"))
        self._rows.name(
            [self.tr("Stage"), self.tr("Camera"), self.tr("Objective"), self.tr("Pixel")]
        )

    def show_profile(self, profile: MicroscopeProfile | None) -> None:
        """Show the most important of what would be saved; nothing while something is wrong."""
        self._parts.setVisible(profile is not None)
        if profile is None:
            return
        stage, camera = profile.stage, profile.camera
        texts = (
            " · ".join(filter(None, (stage.driver, stage.url))),
            " · ".join(filter(None, (camera.driver, camera.serial, f"{camera.exposure_ms:g} ms"))),
            profile.objective,
            f"{profile.pixel_um:.3f} µm",
        )
        for line, text in zip(self._summary, texts, strict=True):
            line.setText(text)


class SetupSheet(Sheet):
    """Steps at the left, the chosen one at the right, what is being done below.

    ``used`` carries the profile that has been saved; ``ended`` fires when the sheet is closed.

    Parameters
    ----------
    profile : MicroscopeProfile
        To begin from.
    let_go : callable
        See `SetupControl`.
    parent : QWidget
    folder : Path, optional
        Where profiles are saved.
    """

    used = Signal(object)
    ended = Signal()

    def __init__(
        self,
        profile: MicroscopeProfile,
        let_go: Callable[[], None],
        parent: QWidget,
        folder: Path | None = None,
    ) -> None:
        super().__init__(parent, 900, 660)
        self._base = profile
        self._shown = SetupState()
        self._wanted: MicroscopeProfile | None = None
        self._news = Bridge(self)
        self._news.received.connect(self._show_state)
        self.control = SetupControl(self._news.post, let_go, folder)
        self.steps = QListWidget()
        self.steps.setFixedWidth(170)
        self.stage = StageStep(self.control.find, self._test_stage)
        self.camera = CameraStep(self._test_camera)
        self.objectives = ObjectivesStep()
        self.pixel = PixelStep(self.control.measure_ruling, self._measure_move)
        self.saving = SaveStep(self._save)
        self._pages = QStackedWidget()
        for page in (self.stage, self.camera, self.objectives, self.pixel, self.saving):
            self._pages.addWidget(page)
            self.steps.addItem("")
        self.steps.currentRowChanged.connect(self._open_step)
        self._status = label(wraps=True)
        self.stop = QPushButton()
        self.stop.setObjectName("stop")
        self.stop.setFixedSize(120, 40)
        self.stop.pressed.connect(self.control.stop)
        self.next = QPushButton()
        self.next.clicked.connect(self._next)
        # STOP is found where it was, also on the last step.
        policy = self.next.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.next.setSizePolicy(policy)
        self._lay_out()
        draft = Draft.of(profile)
        for step in (self.stage, self.camera, self.objectives):
            step.show_draft(draft)
        self.saving.name.setText(draft.name)
        self.steps.setCurrentRow(0)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.setWindowTitle(self.tr("Set up a microscope"))
        names = (
            self.tr("1  Stage"),
            self.tr("2  Camera"),
            self.tr("3  Objectives"),
            self.tr("4  Pixel size"),
            self.tr("5  Save"),
        )
        for row, name in enumerate(names):
            self.steps.item(row).setText(name)
        self.steps.setAccessibleName(self.tr("Steps of the setup"))
        self.stop.setText(self.tr("STOP"))
        self.stop.setAccessibleName(self.tr("STOP: halt all motion"))
        self.next.setText(self.tr("Next"))
        self._show_words()

    def draft(self) -> Draft:
        """Return what has been entered so far.

        Raises
        ------
        ProfileError
            A number is none.
        """
        draft = replace(Draft.of(self._base), name=self.saving.name.text().strip())
        for step in (self.stage, self.camera, self.objectives):
            draft = replace(draft, **step.values())
        return draft

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """End what is under way; the window takes its microscope up again."""
        super().closeEvent(event)
        self._end()

    def reject(self) -> None:
        """Close; for Esc."""
        super().reject()
        self._end()

    def _end(self) -> None:
        self.control.stop()
        self.ended.emit()

    def _profile(self) -> MicroscopeProfile | None:
        """Return the profile so far; None if something is wrong with it, which is shown."""
        try:
            return self.draft().profile(self._base)
        except ProfileError as error:
            self._status.setText(self.tr("Not yet: {reason}").format(reason=error))
            return None

    def _test_stage(self) -> None:
        profile = self._profile()
        if profile is not None and not profile.is_simulated:
            self.control.test_stage(profile.stage)
        elif profile is not None:
            self._status.setText(self.tr("The simulated stage needs no test."))

    def _test_camera(self) -> None:
        profile = self._profile()
        if profile is not None:
            self.control.test_camera(profile)

    def _measure_move(self, clear: bool) -> None:
        profile = self._profile()
        if profile is not None and clear:
            self.control.measure_move(profile, home=True)

    def _save(self) -> None:
        self._wanted = self._profile()
        if self._wanted is not None:
            self.control.save(self._wanted, self.draft().file_name)

    @Slot(int)
    def _open_step(self, row: int) -> None:
        self._pages.setCurrentIndex(row)
        last = row == self.steps.count() - 1
        self.next.setVisible(not last)
        if last:
            self.saving.show_profile(self._profile())

    @Slot()
    def _next(self) -> None:
        self.steps.setCurrentRow(min(self.steps.currentRow() + 1, self.steps.count() - 1))

    @Slot(object)
    def _show_state(self, state: SetupState) -> None:
        before, self._shown = self._shown, state
        self.stage.show_state(state)
        self.camera.show_state(state)
        self.pixel.show_state(state)
        if state.pixel is not None and before.pixel is not state.pixel:
            self._take_pixel(state.pixel)
            if state.pixel.orientation is not None:
                self.camera.set_orientation(state.pixel.orientation)
        busy = bool(state.busy)
        for button in (self.stage.find, self.stage.test, self.camera.test, self.pixel.choose):
            button.setEnabled(not busy)
        self.pixel.move_stage.setEnabled(not busy and self.pixel.clear.isChecked())
        self.saving.save.setEnabled(not busy)
        self._show_words()
        if state.saved is not None and before.saved is None and self._wanted is not None:
            self.saving.done.setText(self.tr("Saved as {path}").format(path=state.saved))
            self.used.emit(self._wanted)

    def _take_pixel(self, pixel: PixelSize) -> None:
        try:
            profile = self.draft().profile(self._base)
        except ProfileError:
            profile = self._base
        better = pixel.improves(profile)
        self.pixel.kept.setVisible(not better)
        if better:
            binning = self._base.camera.binning
            self.objectives.set_pixel(pixel.pixel_um / binning, pixel.sigma_um / binning)

    def _show_words(self) -> None:
        state = self._shown
        if state.trouble is not None:
            trouble = state.trouble
            parts = (said(trouble.title), said(trouble.stage), said(trouble.remedy))
            self._status.setText(" ".join(part for part in parts if part))
        else:
            self._status.setText(f"{said(state.busy)} …" if state.busy else "")

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self.steps)
        middle.addWidget(self._pages, 1)
        below = QHBoxLayout()
        below.setSpacing(10)
        below.addWidget(self._status, 1)
        below.addWidget(self.stop)
        below.addWidget(self.next)
        self.column.addLayout(middle, 1)
        self.column.addLayout(below)
