"""Where to export to, what, and which files that makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.captures.export_plan import Content, ExportPlan, clean_name, free_folder, plan_export
from app.window.export_extras import Extras, export_extras
from app.window.measuring import Measuring
from app.window.sheet import Sheet
from app.window.subject import Subject
from app.window.widgets import label, size_text

CONTENTS: tuple[Content, ...] = ("results", "marked", "measurements")


@dataclass(frozen=True, slots=True, eq=False)
class ExportWish:
    """What the operator wants exported."""

    folder: Path
    results: bool
    extras: Extras
    replace: bool


class ExportSheet(Sheet):
    """Lists the files before anything is written, and names those that are there already.

    ``wanted`` carries an `ExportWish`.
    """

    wanted = Signal(object)

    def __init__(self, parent: QWidget, start: Path) -> None:
        super().__init__(parent, 620, 520)
        self._subject: Subject | None = None
        self._measuring: Measuring | None = None
        self.place = QLineEdit(str(start))
        self.browse = QPushButton()
        self.name = QLineEdit()
        self.boxes = {key: QCheckBox() for key in CONTENTS}
        self.files = QTableWidget(0, 3)
        self.replace = QCheckBox()
        self._words = label(style="muted", wraps=True)
        self.export = QPushButton()
        self.export.setObjectName("primary")
        self.export.setMinimumHeight(40)
        self._captions = {key: label(style="muted") for key in ("place", "name")}
        # The list is about the disk as it is; somebody else may write there meanwhile.
        self._watch = QTimer(self)
        self._watch.setInterval(1000)
        self._watch.timeout.connect(self._show_plan)
        self._lay_out()
        for line in (self.place, self.name):
            line.textChanged.connect(self._place_changed)
        for box in self.boxes.values():
            box.toggled.connect(self._show_plan)
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
        wanted = [key for key, box in self.boxes.items() if box.isChecked()]
        return plan_export(self.folder, wanted, subject.stack.format, len(subject.used))

    def offer(self, subject: Subject, measuring: Measuring) -> None:
        """Offer to export what is under review."""
        self._subject, self._measuring = subject, measuring
        measured = bool(measuring.shapes)
        for key in ("marked", "measurements"):
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
        self.boxes["results"].setText(
            self.tr("Results, untouched: fused image, weights, height and confidence map, record")
        )
        self.boxes["marked"].setText(
            self.tr("Fused image with scale bar and measurements drawn in, as a file of its own")
        )
        self.boxes["measurements"].setText(self.tr("Measurements as a table, and as drawn"))
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
        wanted = {key for key, box in self.boxes.items() if box.isChecked()}
        extras = export_extras(wanted, subject.fused, measuring.shapes, measuring.ground)
        replace = self.replace.isChecked()
        self.wanted.emit(ExportWish(self.folder, "results" in wanted, extras, replace))
        self.hide()

    def _lay_out(self) -> None:
        place = QHBoxLayout()
        place.addWidget(self.place, 1)
        place.addWidget(self.browse)
        form = QFormLayout()
        form.setVerticalSpacing(8)
        form.addRow(self._captions["place"], place)
        form.addRow(self._captions["name"], self.name)
        self.column.addLayout(form)
        for box in self.boxes.values():
            self.column.addWidget(box)
        self.files.verticalHeader().hide()
        self.files.setShowGrid(False)
        self.files.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        header = self.files.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.column.addWidget(self.files, 1)
        self.column.addWidget(self._words)
        self.column.addWidget(self.replace)
        self.column.addWidget(self.export)
