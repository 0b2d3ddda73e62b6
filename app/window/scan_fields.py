"""The fields of a scan as a list."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.window.scan_progress import FieldRow
from app.window.scan_words import stage_role, stage_words, time_words
from app.window.theme import colour
from app.window.widgets import Translated, micrometres

NUMBER, NAME, X, Y, FOCUS, TIME, STATE = range(7)
WIDTHS_PX: Final = (44, 170, 84, 84, 84, 72)
ROW_PX: Final = 26
_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT: Final = QModelIndex()


class FieldsModel(QAbstractTableModel):
    """Rows and columns of the list."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[FieldRow, ...] = ()

    def show_rows(self, rows: tuple[FieldRow, ...]) -> None:
        """Show other fields, or the same ones with what has become of them."""
        if rows == self.rows:
            return
        if len(rows) != len(self.rows):
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        self.rows = rows
        self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, STATE))

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return 0 if parent.isValid() else STATE + 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's
        """See Qt's documentation."""
        row, column = self.rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._words(index.row(), row, column)
            case Qt.ItemDataRole.ToolTipRole if column in (NAME, STATE):
                return self._words(index.row(), row, column)
            case Qt.ItemDataRole.ForegroundRole if column == STATE and row.stage.value != "waiting":
                return colour(stage_role(row.stage))
            case Qt.ItemDataRole.TextAlignmentRole if column in (NUMBER, X, Y, FOCUS, TIME):
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            case _:
                return None

    def headerData(  # noqa: N802 - Qt's name
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:  # noqa: ANN401 - Qt's
        """See Qt's documentation."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            right = section in (NUMBER, X, Y, FOCUS, TIME)
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            self.tr("No."),
            self.tr("Field"),
            "x, µm",
            "y, µm",
            self.tr("Focus, µm"),
            self.tr("Time"),
            self.tr("State"),
        )[section]

    @staticmethod
    def _words(number: int, row: FieldRow, column: int) -> str:
        texts = {
            NUMBER: str(number + 1),
            NAME: row.name,
            X: micrometres(row.x_um, 0),
            Y: micrometres(row.y_um, 0),
            FOCUS: "" if row.best_z_um is None else micrometres(row.best_z_um),
            TIME: "" if row.duration_s is None else time_words(row.duration_s),
            STATE: stage_words(row),
        }
        return texts[column]


class FieldsTable(Translated, QTableView):
    """``chosen`` carries the number of the field whose row was chosen, ``opened`` of one opened."""

    chosen = Signal(int)
    opened = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.fields = FieldsModel()
        self.setModel(self.fields)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(40)
        for column, width in enumerate(WIDTHS_PX):
            self.setColumnWidth(column, width)
        header.setSectionResizeMode(STATE, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        self.activated.connect(self._activated)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.setAccessibleName(self.tr("Fields of the scan"))
        self.fields.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, STATE)
        self.viewport().update()

    def choose(self, number: int | None) -> None:
        """Choose a row."""
        if number is None:
            self.clearSelection()
        elif number != self.currentIndex().row() or not self.selectionModel().hasSelection():
            self.selectRow(number)

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(index.row())

    @Slot(QModelIndex)
    def _activated(self, index: QModelIndex) -> None:
        self.opened.emit(index.row())
