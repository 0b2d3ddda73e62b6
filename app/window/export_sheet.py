"""Where to export to, what, and which files that makes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.captures.export.exportable import Exportable
from app.captures.export.needs import INSTALL, can_write
from app.captures.export.plan import Content, ExportPlan, Preset, clean_name, free_folder
from app.captures.export.products import Taste
from app.captures.export.report_words import ReportLanguage
from app.captures.measurements import Shape
from app.window.export_work import ExportWish, plan_of
from app.window.marked_picture import marked_pixels
from app.window.measuring import Ground, Measuring
from app.window.picture import Pixels
from app.window.sheet import Sheet
from app.window.subject import Subject
from app.window.widgets import label, size_text

CONTENTS: Final[dict[str, tuple[Content, ...]]] = {
    "results": ("results",),
    "marked": ("marked",),
    "measurements": ("measurements", "profiles"),
    "report": ("report",),
    "jpeg": ("jpeg", "marked_jpeg"),
    "tiff": ("tiff", "ome"),
    "grey_height": ("grey_height",),
    "zarr": ("zarr",),
    "surface": ("surface",),
    "video": ("video",),
}
"""What each box stands for."""
_MEASURED: Final = ("marked", "measurements")
PRESETS: Final[dict[Preset, tuple[str, ...]]] = {
    "report": ("marked", "measurements", "report", "jpeg"),
    "programs": ("results", "tiff", "grey_height", "zarr", "surface"),
    "everything": tuple(CONTENTS),
}
"""Which boxes each button ticks."""


class ExportSheet(Sheet):
    """Lists the files before anything is written, and names those that are there already.

    ``wanted`` carries an `ExportWish`.
    """

    wanted = Signal(object)

    def __init__(self, parent: QWidget, start: Path) -> None:
        super().__init__(parent, 820, 700)
        self._subject: Subject | None = None
        self._measuring: Measuring | None = None
        self.place = QLineEdit(str(start))
        self.browse = QPushButton()
        self.name = QLineEdit()
        self.boxes = {key: QCheckBox() for key in CONTENTS}
        self.presets = {key: QPushButton() for key in PRESETS}
        self.files = QTableWidget(0, 3)
        self.replace = QCheckBox()
        self._words = label(style="muted", wraps=True)
        self.export = QPushButton()
        self.export.setObjectName("primary")
        self.export.setMinimumHeight(40)
        self._captions = {key: label(style="muted") for key in ("place", "name", "what")}
        # The list is about the disk as it is; somebody else may write there meanwhile.
        self._watch = QTimer(self)
        self._watch.setInterval(1000)
        self._watch.timeout.connect(self._show_plan)
        self._lay_out()
        for line in (self.place, self.name):
            line.textChanged.connect(self._place_changed)
        for box in self.boxes.values():
            box.toggled.connect(self._show_plan)
        for preset, button in self.presets.items():
            button.clicked.connect(partial(self.choose, preset))
        self.boxes["results"].setChecked(True)
        self.replace.toggled.connect(self._show_plan)
        self.browse.clicked.connect(self._browse)
        self.export.clicked.connect(self._export)
        self.retranslate()

    @property
    def folder(self) -> Path:
        """Where to."""
        return Path(self.place.text()).expanduser() / clean_name(self.name.text())

    @property
    def plan(self) -> ExportPlan | None:
        """What would be written now."""
        subject = self._subject
        if subject is None:
            return None
        return plan_of(subject, self.folder, self.contents, self._shapes)

    @property
    def contents(self) -> frozenset[Content]:
        """What is ticked."""
        ticked = (key for key, box in self.boxes.items() if box.isChecked())
        return frozenset(content for key in ticked for content in CONTENTS[key])

    @property
    def _shapes(self) -> tuple[Shape, ...]:
        return self._measuring.shapes if self._measuring is not None else ()

    def choose(self, preset: Preset, _clicked: bool = False) -> None:
        """Tick what one kind of reader wants, as far as it can be had."""
        for key, box in self.boxes.items():
            with QSignalBlocker(box):
                box.setChecked(key in PRESETS[preset] and box.isEnabled())
        self._show_plan()

    def offer(self, subject: Subject, measuring: Measuring) -> None:
        """Offer to export what is under review."""
        self._subject, self._measuring = subject, measuring
        measured = bool(measuring.shapes)
        for key in _MEASURED:
            self.boxes[key].setChecked(measured)
        self.boxes["measurements"].setEnabled(measured)
        with QSignalBlocker(self.name):
            start = Path(self.place.text()).expanduser()
            self.name.setText(free_folder(start, Path(subject.stack.name).stem).name)
        self._place_changed()
        self._watch.start()
        self.bring()

    def hideEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        self._watch.stop()
        super().hideEvent(event)

    def retranslate(self) -> None:
        """See `Translated`."""
        self.setWindowTitle(self.tr("Export"))
        self._captions["place"].setText(self.tr("In folder"))
        self._captions["name"].setText(self.tr("New folder"))
        self.place.setAccessibleName(self._captions["place"].text())
        self.name.setAccessibleName(self._captions["name"].text())
        self.browse.setText(self.tr("Browse…"))
        boxes = {
            "results": self.tr("Results: image, weights, heights, confidence, record"),
            "marked": self.tr("Image with scale bar and measurements (PNG)"),
            "measurements": self.tr("Measurements and height profiles (CSV)"),
            "report": self.tr("Report on one page, to print"),
            "jpeg": self.tr("Image for slides and mails, plain and marked (JPEG)"),
            "tiff": self.tr("Image for ImageJ and others (16-bit TIFF, OME-TIFF)"),
            "grey_height": self.tr("Heights in grey (16-bit PNG)"),
            "zarr": self.tr("Weights for napari and others (OME-Zarr)"),
            "surface": self.tr("Surface with the image on it (glTF, PLY)"),
            "video": self.tr("The sweep as a video (MP4)"),
        }
        for key, text in boxes.items():
            self.boxes[key].setText(text)
            if not all(map(can_write, CONTENTS[key])):
                self.boxes[key].setToolTip(
                    self.tr("Needs more libraries: {command}").format(command=INSTALL)
                )
        presets: dict[Preset, str] = {
            "report": self.tr("For a report"),
            "programs": self.tr("For other programs"),
            "everything": self.tr("Everything"),
        }
        for preset, text in presets.items():
            self.presets[preset].setText(text)
        self._captions["what"].setText(self.tr("What"))
        self.replace.setText(self.tr("Replace the files that are there already"))
        self.export.setText(self.tr("Export"))
        self.files.setHorizontalHeaderLabels(
            [self.tr("File"), self.tr("At most"), self.tr("On disk now")]
        )
        self.files.setAccessibleName(self.tr("Files that will be written"))
        self._show_plan()

    @Slot()
    def _place_changed(self) -> None:
        self.replace.setChecked(False)
        self._show_plan()

    @Slot()
    def _show_plan(self) -> None:
        plan = self.plan
        if plan is None:
            return
        self.files.setRowCount(len(plan.files))
        for row, file in enumerate(plan.files):
            there = self.tr("is there already") if file.exists else "—"
            size = size_text(file.most_bytes) if file.most_bytes >= 5e5 else "< 1 MB"
            for column, text in enumerate((file.path.name, size, there)):
                item = self.files.item(row, column)
                if item is None:
                    item = QTableWidgetItem()
                    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                    self.files.setItem(row, column, item)
                item.setText(text)
        taken = len(plan.taken)
        self.replace.setVisible(taken > 0)
        words = self.tr("{n} files, {size} at most, go to {folder}").format(
            n=len(plan.files), size=size_text(plan.most_bytes), folder=plan.folder
        )
        if taken:
            words += "\n" + self.tr(
                "{n} of them are there already: choose another name, or allow replacing."
            ).format(n=taken)
        self._words.setText(words)
        self.export.setEnabled(bool(plan.files) and (taken == 0 or self.replace.isChecked()))

    @Slot()
    def _browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Export to a folder in"), self.place.text())
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setModal(False)
        dialog.fileSelected.connect(self.place.setText)
        dialog.show()

    @Slot()
    def _export(self) -> None:
        subject, measuring = self._subject, self._measuring
        if subject is None or measuring is None or measuring.ground is None:
            return
        taste = Taste(partial(_marked, subject.fused, measuring.ground), _language())
        replace = self.replace.isChecked()
        self.wanted.emit(ExportWish(self.folder, self.contents, measuring.shapes, taste, replace))
        self.hide()

    def _lay_out(self) -> None:
        place = QHBoxLayout()
        place.setSpacing(8)
        place.addWidget(self.place, 1)
        place.addWidget(self.browse)
        form = QFormLayout()
        form.setVerticalSpacing(8)
        form.addRow(self._captions["place"], place)
        form.addRow(self._captions["name"], self.name)
        presets = QHBoxLayout()
        presets.setSpacing(8)
        for button in self.presets.values():
            presets.addWidget(button)
        presets.addStretch(1)
        form.addRow(self._captions["what"], presets)
        self.column.addLayout(form)
        boxes = QGridLayout()
        boxes.setHorizontalSpacing(18)
        boxes.setVerticalSpacing(6)
        half = (len(self.boxes) + 1) // 2
        for number, (key, box) in enumerate(self.boxes.items()):
            box.setEnabled(all(map(can_write, CONTENTS[key])))
            boxes.addWidget(box, number % half, number // half)
        self.column.addLayout(boxes)
        self.files.verticalHeader().hide()
        self.files.setShowGrid(False)
        self.files.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        header = self.files.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.column.addWidget(self.files, 1)
        self.column.addWidget(self._words)
        self.column.addWidget(self.replace)
        self.column.addWidget(self.export)


def _marked(fused: Pixels, ground: Ground, exported: Exportable) -> Pixels:
    return marked_pixels(fused, exported.shapes, ground)


def _language() -> ReportLanguage:
    """Return the language of the window, as `use_language` has set it."""
    return "zh_CN" if QLocale().language() == QLocale.Language.Chinese else "en"
