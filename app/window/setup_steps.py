"""The steps of the setup: each edits a part of the draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.orientation import ORIENTATIONS, Orientation
from app.window.empty_state import HintedList
from app.window.picture_canvas import PictureCanvas
from app.window.setup_control import SetupState
from app.window.setup_draft import CAMERA_DRIVERS, STAGE_DRIVERS, Draft, camera_of, stage_of
from app.window.widgets import Translated, label, number_box, readout

SHORT_PX: Final = 180
"""Of fields for a number, or for one of a few words."""


def number(low: float, high: float, digits: int, unit: str) -> QDoubleSpinBox:
    """Return a field for a number with its unit."""
    field = number_box(digits)
    field.setRange(low, high)
    field.setSuffix(f" {unit}")
    return field


class Form(QGridLayout):
    """Captions beside fields."""

    def __init__(self) -> None:
        super().__init__()
        self.setHorizontalSpacing(12)
        self.setVerticalSpacing(8)
        self.setColumnStretch(1, 1)
        self._captions: list[QWidget] = []

    def add(self, field: QWidget) -> None:
        """Add a row."""
        caption = label(style="muted")
        row = self.rowCount()
        self.addWidget(caption, row, 0)
        self.addWidget(field, row, 1)
        caption.setBuddy(field)
        self._captions.append(field)

    def name(self, names: list[str]) -> None:
        """Write the captions, in the order of the rows."""
        for field, text in zip(self._captions, names, strict=True):
            caption = self.itemAtPosition(self.getItemPosition(self.indexOf(field))[0], 0).widget()
            caption.setText(text)
            field.setAccessibleName(text)


class StageStep(Translated, QWidget):
    """Which stage, on which port, and what it answers."""

    def __init__(self, find: Callable[[], None], test: Callable[[], None]) -> None:
        super().__init__()
        self._about = label(style="muted", wraps=True)
        self.find = QPushButton()
        self.find.clicked.connect(find)
        self.ports = HintedList()
        self.ports.itemClicked.connect(self._choose)
        self.driver = QComboBox()
        self.driver.addItems(STAGE_DRIVERS)
        self.url = QLineEdit()
        self.test = QPushButton()
        self.test.clicked.connect(test)
        self.answer = readout()
        self.answer.setWordWrap(True)
        self.answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._baud: int | None = None
        self._shown: tuple[object, ...] = ()
        self._form = Form()
        for field in (self.driver, self.url):
            self._form.add(field)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(self._about)
        column.addWidget(self.find, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.ports, 1)
        column.addLayout(self._form)
        column.addWidget(self.test, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.answer)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self._about.setText(
            self.tr(
                "Asks on every port which controller is there; nothing moves. Then choose what "
                "answered, or write driver and port yourself."
            )
        )
        self.find.setText(self.tr("Find stages and cameras"))
        self.ports.setAccessibleName(self.tr("Ports and what answered on them"))
        self.ports.set_hint(self.tr("Ports and what answered on them appear here."))
        self._form.name([self.tr("Driver"), self.tr("Port")])
        self.url.setPlaceholderText("COM3, /dev/ttyACM0, socket://host:port")
        self.test.setText(self.tr("Test the stage"))
        self.test.setToolTip(self.tr("Connects, and shows position and limits in µm; no motion"))

    def show_draft(self, draft: Draft) -> None:
        """Show what is there to begin with."""
        self.driver.setCurrentText(draft.stage_driver)
        self.url.setText(draft.url)
        self._baud = draft.baud

    def values(self) -> dict[str, object]:
        """Return what was entered."""
        return {
            "stage_driver": self.driver.currentText(),
            "url": self.url.text().strip(),
            "baud": self._baud,
        }

    def show_state(self, state: SetupState) -> None:
        """Show what was found and what answered."""
        if state.ports != self._shown:
            self._shown = state.ports
            self.ports.clear()
            for port in state.ports:
                item = QListWidgetItem(str(port))
                item.setData(Qt.ItemDataRole.UserRole, stage_of(port))
                self.ports.addItem(item)
        self.answer.setText("\n".join(state.stage_answer))

    def _choose(self, item: QListWidgetItem) -> None:
        driver, url, self._baud = item.data(Qt.ItemDataRole.UserRole)
        self.url.setText(url)
        if driver:
            self.driver.setCurrentText(driver)


class CameraStep(Translated, QWidget):
    """Which camera, and what it sees."""

    def __init__(self, test: Callable[[], None]) -> None:
        super().__init__()
        self.cameras = HintedList()
        self.cameras.setMaximumHeight(110)
        self.cameras.itemClicked.connect(self._choose)
        self.driver = QComboBox()
        self.driver.addItems(CAMERA_DRIVERS)
        self.serial = QLineEdit()
        self.pixel = number(0.1, 100, 3, "µm")
        self.exposure = number(0.001, 10_000, 3, "ms")
        self.orientation = QComboBox()
        self.orientation.addItems([""] * len(ORIENTATIONS))
        self.test = QPushButton()
        self.test.clicked.connect(test)
        self.answer = readout()
        self.answer.setWordWrap(True)
        self.picture = PictureCanvas()
        self._shown: tuple[object, ...] = ()
        self._form = Form()
        for field in (self.driver, self.serial, self.pixel, self.exposure, self.orientation):
            self._form.add(field)
        for field in (self.pixel, self.exposure, self.orientation):
            field.setMaximumWidth(SHORT_PX)
        beside = QHBoxLayout()
        left = QVBoxLayout()
        left.addWidget(self.test, 0, Qt.AlignmentFlag.AlignLeft)
        left.addWidget(self.answer)
        left.addStretch(1)
        beside.addLayout(left, 1)
        beside.addWidget(self.picture, 1)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(self.cameras)
        column.addLayout(self._form)
        column.addLayout(beside, 1)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.cameras.setAccessibleName(self.tr("Cameras that were found"))
        self.cameras.set_hint(
            self.tr("Cameras appear here once step 1 has looked for stages and cameras.")
        )
        self._form.name(
            [
                self.tr("Driver"),
                self.tr("Serial number"),
                self.tr("Pitch of the sensor's pixels"),
                self.tr("Exposure"),
                self.tr("Picture turned clockwise by"),
            ]
        )
        for row, each in enumerate(ORIENTATIONS):
            words = self.tr("{deg}°, mirrored") if each.mirrored else "{deg}°"
            self.orientation.setItemText(row, words.format(deg=each.rotation_deg))
        self.orientation.setToolTip(
            self.tr(
                "What lays the picture on the stage's axes, x to the right and y downwards. "
                "Step 4 measures it"
            )
        )
        self.serial.setPlaceholderText(self.tr("Empty takes the first camera"))
        self.pixel.setToolTip(self.tr("In µm, from the camera's data sheet, not binned"))
        self.test.setText(self.tr("Test the camera"))
        self.test.setToolTip(self.tr("Takes one picture and shows what the camera tells"))
        self.picture.setAccessibleName(self.tr("Picture of the test"))

    def show_draft(self, draft: Draft) -> None:
        """Show what is there to begin with."""
        self.driver.setCurrentText(draft.camera_driver)
        self.serial.setText(draft.serial)
        self.pixel.setValue(draft.sensor_pixel_um)
        self.exposure.setValue(draft.exposure_ms)
        self.set_orientation(draft.orientation)

    def set_orientation(self, orientation: Orientation) -> None:
        """Show how the picture lies on the stage's axes."""
        self.orientation.setCurrentIndex(ORIENTATIONS.index(orientation))

    def values(self) -> dict[str, object]:
        """Return what was entered."""
        return {
            "camera_driver": self.driver.currentText(),
            "serial": self.serial.text().strip(),
            "sensor_pixel_um": self.pixel.value(),
            "exposure_ms": self.exposure.value(),
            "orientation": ORIENTATIONS[self.orientation.currentIndex()],
        }

    def show_state(self, state: SetupState) -> None:
        """Show what was found and what answered."""
        found = (state.cameras, state.camera_troubles)
        if found != self._shown:
            self._shown = found
            self.cameras.clear()
            for camera in state.cameras:
                item = QListWidgetItem(str(camera))
                item.setData(Qt.ItemDataRole.UserRole, camera_of(camera))
                self.cameras.addItem(item)
            for trouble in state.camera_troubles:
                item = QListWidgetItem(trouble)
                item.setFlags(Qt.ItemFlag.NoItemFlags)
                self.cameras.addItem(item)
        self.answer.setText("\n".join(state.camera_answer))
        if state.picture is not None:
            self.picture.show_picture(state.picture)
        elif self.picture.shape is not None:
            self.picture.clear_picture()

    def _choose(self, item: QListWidgetItem) -> None:
        driver, serial = item.data(Qt.ItemDataRole.UserRole)
        self.driver.setCurrentText(driver)
        self.serial.setText(serial)
