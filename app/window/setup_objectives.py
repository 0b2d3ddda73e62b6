"""The steps of the setup on objectives: what the turret holds, and how large a pixel is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.profiles import ProfileError
from app.window.setup_control import SetupState
from app.window.setup_draft import Draft, ObjectiveDraft
from app.window.setup_steps import number
from app.window.widgets import Card, Translated, label, readout


class ObjectivesStep(Translated, QWidget):
    """The table of objectives, and the one in use."""

    def __init__(self) -> None:
        super().__init__()
        self._about = label(style="muted", wraps=True)
        self.table = QTableWidget(0, 4)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.itemChanged.connect(self._names_changed)
        self.add = QPushButton()
        self.add.clicked.connect(self._add)
        self.remove = QPushButton()
        self.remove.clicked.connect(self._remove)
        self._caption = label(style="muted")
        self.current = QComboBox()
        line = QHBoxLayout()
        for each in (self.add, self.remove):
            line.addWidget(each)
        line.addStretch(1)
        line.addWidget(self._caption)
        line.addWidget(self.current)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(self._about)
        column.addWidget(self.table, 1)
        column.addLayout(line)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self._about.setText(
            self.tr(
                "As engraved on the barrels. The numerical aperture decides the depth of field, "
                "and with it the step of a sweep."
            )
        )
        self.table.setHorizontalHeaderLabels(
            [
                self.tr("Name"),
                self.tr("Magnification"),
                self.tr("Numerical aperture"),
                self.tr("Measured pixel, µm"),
            ]
        )
        self.table.setAccessibleName(self.tr("Objectives"))
        self.add.setText(self.tr("Add"))
        self.remove.setText(self.tr("Remove"))
        self._caption.setText(self.tr("In use"))
        self.current.setAccessibleName(self.tr("Objective in use"))

    def show_draft(self, draft: Draft) -> None:
        """Show what is there to begin with."""
        self.table.setRowCount(0)
        for each in draft.objectives:
            self._append(each)
        self.current.setCurrentText(draft.objective)

    def values(self) -> dict[str, object]:
        """Return what was entered.

        Raises
        ------
        ProfileError
            A cell that should hold a number does not.
        """
        objectives = tuple(self._row(row) for row in range(self.table.rowCount()))
        return {"objectives": objectives, "objective": self.current.currentText()}

    def set_pixel(self, pixel_um: float, sigma_um: float | None) -> None:
        """Write the measured pixel of the objective in use into the table."""
        for row in range(self.table.rowCount()):
            if self._text(row, 0) == self.current.currentText():
                self._write_pixel(self.table.item(row, 3), pixel_um, sigma_um)

    def _write_pixel(self, item: QTableWidgetItem, pixel_um: float, sigma_um: float | None) -> None:
        # The sigma is that of the number written here: whoever types another one takes it away.
        item.setText(f"{pixel_um:.5f}")
        item.setData(Qt.ItemDataRole.UserRole, (item.text(), sigma_um))

    def _sigma_um(self, row: int) -> float | None:
        item = self.table.item(row, 3)
        measured = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return measured[1] if measured is not None and measured[0] == item.text() else None

    def _row(self, row: int) -> ObjectiveDraft:
        name = self._text(row, 0)
        pixel = self._text(row, 3)
        try:
            draft = ObjectiveDraft(name, float(self._text(row, 1)), float(self._text(row, 2)))
            if not pixel:
                return draft
            sigma_um = self._sigma_um(row)
            return replace(draft, object_pixel_um=float(pixel), object_pixel_sigma_um=sigma_um)
        except ValueError as error:
            raise ProfileError(f"objective {name or row + 1}: {error}") from error

    def _text(self, row: int, column: int) -> str:
        item = self.table.item(row, column)
        return item.text().strip().replace(",", ".") if item is not None else ""

    def _append(self, each: ObjectiveDraft) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        texts = (each.name, f"{each.magnification:g}", f"{each.na:g}", "")
        for column, text in enumerate(texts):
            self.table.setItem(row, column, QTableWidgetItem(text))
        if each.object_pixel_um is not None:
            pixel = self.table.item(row, 3)
            self._write_pixel(pixel, each.object_pixel_um, each.object_pixel_sigma_um)

    @Slot()
    def _add(self) -> None:
        self._append(ObjectiveDraft(self.tr("new"), 10, 0.25))

    @Slot()
    def _remove(self) -> None:
        self.table.removeRow(self.table.currentRow())
        self._names_changed()

    @Slot()
    def _names_changed(self, *_item: object) -> None:
        chosen = self.current.currentText()
        self.current.clear()
        self.current.addItems([self._text(row, 0) for row in range(self.table.rowCount())])
        self.current.setCurrentText(chosen)


class PixelStep(Translated, QWidget):
    """Measures the side of a pixel at the object, in one of two ways."""

    def __init__(self, ruling: Callable[[Path, float], None], move: Callable[[bool], None]) -> None:
        super().__init__()
        self._ruling = ruling
        self._about = label(style="muted", wraps=True)
        self._of_ruling, self._of_move = Card(""), Card("")
        self._ruling_words = label(style="muted", wraps=True)
        self.spacing = number(0.1, 10_000, 2, "µm")
        self.spacing.setValue(10)
        self.choose = QPushButton()
        self.choose.clicked.connect(self._choose)
        self._move_words = label(style="muted", wraps=True)
        self.clear = QCheckBox()
        self.move_stage = QPushButton()
        self.move_stage.setEnabled(False)
        self.clear.toggled.connect(self.move_stage.setEnabled)
        self.move_stage.clicked.connect(lambda: move(self.clear.isChecked()))
        self.result = readout(points=11)
        self.kept = label(style="muted", wraps=True)
        self.kept.hide()
        line = QHBoxLayout()
        line.addWidget(self.spacing)
        line.addWidget(self.choose)
        line.addStretch(1)
        self._of_ruling.body.addWidget(self._ruling_words)
        self._of_ruling.body.addLayout(line)
        self._of_move.body.addWidget(self._move_words)
        self._of_move.body.addWidget(self.clear)
        self._of_move.body.addWidget(self.move_stage, 0, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        for each in (self._about, self._of_ruling, self._of_move, self.result, self.kept):
            column.addWidget(each)
        column.addStretch(1)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self._about.setText(
            self.tr("For the objective in use. Without it, the engraved magnification counts.")
        )
        self._of_ruling.set_title(self.tr("With a stage micrometer"))
        self._ruling_words.setText(
            self.tr(
                "Save a picture of its lines, sharp and filling the field. Then say how far "
                "apart the lines are and choose the picture."
            )
        )
        self.spacing.setAccessibleName(self.tr("Distance of the lines in µm"))
        self.spacing.setToolTip(self.spacing.accessibleName())
        self.choose.setText(self.tr("Choose the picture…"))
        self._of_move.set_title(self.tr("By moving the stage"))
        self._move_words.setText(
            self.tr(
                "Focus on a field with many edges. The stage goes up to half a field to either "
                "side in x and y, and the shift of the picture is measured; z stays. A stage that "
                "is not homed is homed first. STOP or Esc halts it."
            )
        )
        self.clear.setText(self.tr("The way is clear, also to the end switches"))
        self.move_stage.setText(self.tr("Move and measure"))
        self.kept.setText(
            self.tr(
                "The table of objectives keeps its own pixel, which is more certain. To have this "
                "one, empty that cell and measure again."
            )
        )

    def show_state(self, state: SetupState) -> None:
        """Show what was measured."""
        pixel = state.pixel
        if pixel is None:
            self.result.setText("")
            self.kept.hide()
            return
        self.result.setText(
            self.tr("Pixel {um:.5f} µm ± {sigma:.5f} µm ({how})").format(
                um=pixel.pixel_um, sigma=pixel.sigma_um, how=pixel.how
            )
        )

    @Slot()
    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Picture of a stage micrometer"))
        dialog.setNameFilter("*.png *.tif *.tiff *.jpg *.jpeg *.bmp")
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        dialog.fileSelected.connect(self.measure_picture)
        dialog.show()

    @Slot(str)
    def measure_picture(self, name: str) -> None:
        """Measure a picture of a stage micrometer."""
        self._ruling(Path(name), self.spacing.value())
