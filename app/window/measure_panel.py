"""The tools to measure with, and the list of what was measured."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QLineEdit,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.captures.measurement_file import measurements_table
from app.captures.measurements import height_profile
from app.captures.shape_history import Shapes
from app.window.commands import Actions
from app.window.measure_layer import MeasureLayer
from app.window.measuring import TOOLS, Ground, Measuring, Tool
from app.window.picture_canvas import PictureCanvas
from app.window.profile_plot import ProfilePlot
from app.window.reading_words import kind_words, name_words, short_words, value_words
from app.window.widgets import ActionButton, Card, CommandButton, Translated, label, readout

COLUMNS = 4
_EMPTY = "—"


class MeasurePanel(Translated, QWidget):
    """Tools, list, values and profile; measures on every canvas it is attached to.

    ``edited`` carries the shapes after each change that is to be kept.
    """

    edited = Signal(object)

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.measuring = Measuring(self._show, self._edited)
        self._layer = MeasureLayer(self.measuring)
        self._canvases: list[PictureCanvas] = []
        self._revealed: int | None = None
        self._actions = actions
        self._hint = label(style="muted", wraps=True)
        self.table = QTableWidget(0, 3)
        self.name = QLineEdit()
        # The commands serve the retouching as well: only the buttons know what is measured.
        self.undo = CommandButton(actions["undo"])
        self.redo = CommandButton(actions["redo"])
        self._values: list[tuple[object, object]] = []
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self.plot = ProfilePlot()
        self._tools = Card("")
        self._list = Card("")
        self._lay_out()
        self.table.itemSelectionChanged.connect(self._row_chosen)
        self.name.editingFinished.connect(self._named)
        self.retranslate()

    def attach(self, canvas: PictureCanvas) -> None:
        """Measure on one more picture; all of them show the same shapes."""
        self._canvases.append(canvas)
        canvas.add_layer(self._layer)

    def open(self, ground: Ground | None, shapes: Shapes = ()) -> None:
        """Begin with another stack and what was measured in it before."""
        self.measuring.open(ground, shapes)
        self.take(self.measuring.tool)

    def take(self, tool: Tool) -> None:
        """Take a tool in hand."""
        self.measuring.take(tool)
        self._actions.check(f"measure_{tool}")
        self._hint.setText(self._hint_words(tool))
        cursor = Qt.CursorShape.CrossCursor if tool in TOOLS[2:] else Qt.CursorShape.ArrowCursor
        for canvas in self._canvases:
            canvas.viewport().setCursor(cursor)

    def copy_table(self) -> str:
        """Put all values on the clipboard as CSV and return them."""
        ground = self.measuring.ground or Ground(0, 0)
        text = measurements_table(self.measuring.shapes, ground.pixel_um, ground.heights)
        QGuiApplication.clipboard().setText(text)
        return text

    def retranslate(self) -> None:
        """See `Translated`."""
        self._tools.set_title(self.tr("Tools"))
        self._list.set_title(self.tr("Measurements"))
        self.table.setHorizontalHeaderLabels(["#", self.tr("Value"), self.tr("Label")])
        self.table.setAccessibleName(self.tr("Measurements"))
        self.name.setPlaceholderText(self.tr("Label of the chosen measurement"))
        self.name.setAccessibleName(self.name.placeholderText())
        self.plot.setAccessibleName(self.tr("Height along the chosen line"))
        self._hint.setText(self._hint_words(self.measuring.tool))
        self._show()

    def _edited(self, shapes: Shapes) -> None:
        self.edited.emit(shapes)
        if self.measuring.tool == "text" and self.measuring.selected is not None:
            # A text says nothing until somebody has typed it.
            self.name.setFocus()

    def _show(self) -> None:
        self._show_rows()
        self._show_chosen()
        for canvas in self._canvases:
            canvas.refresh()
        measuring = self.measuring
        self._actions["measure_delete"].setEnabled(measuring.selected is not None)
        self._actions["measure_copy"].setEnabled(bool(measuring.shapes))
        self.undo.setEnabled(measuring.can_undo)
        self.redo.setEnabled(measuring.can_redo)

    def _show_rows(self) -> None:
        shapes = self.measuring.shapes
        with QSignalBlocker(self.table):
            self.table.setRowCount(len(shapes))
            for row, shape in enumerate(shapes):
                value = short_words(self.measuring.readings(shape)) or kind_words(shape.kind)
                for column, text in enumerate((str(row + 1), value, shape.label)):
                    item = self.table.item(row, column) or QTableWidgetItem()
                    item.setText(text)
                    item.setToolTip(f"{kind_words(shape.kind)}  {text}".strip())
                    item.setFlags(Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled)
                    if self.table.item(row, column) is None:
                        self.table.setItem(row, column, item)
            if self.measuring.selected is None:
                self.table.clearSelection()
            else:
                self.table.selectRow(self.measuring.selected)

    @Slot()
    def _reveal(self) -> None:
        index = self.measuring.selected
        if index is not None and index < self.table.rowCount():
            self.table.scrollToItem(self.table.item(index, 0))

    def _show_chosen(self) -> None:
        measuring, index = self.measuring, self.measuring.selected
        if index != self._revealed:
            self._revealed = index
            # The values below take room from the list first.
            QTimer.singleShot(0, self._reveal)
        shape = None if index is None else measuring.shapes[index]
        self.name.setEnabled(shape is not None)
        self.name.setText("" if shape is None else shape.label)
        rows = () if shape is None else measuring.readings(shape)
        while len(self._values) < len(rows):
            self._add_value_row()
        for number, (name, value) in enumerate(self._values):
            known = number < len(rows)
            name.setVisible(known)
            value.setVisible(known)
            if known:
                name.setText(name_words(rows[number].name))
                value.setText(value_words(rows[number]))
        ground = measuring.ground
        heights = None if ground is None else ground.heights
        if shape is None or shape.kind != "profile" or ground is None or heights is None:
            self.plot.show_profile(None)
        else:
            self.plot.show_profile(height_profile(shape, ground.pixel_um, heights))

    def _add_value_row(self) -> None:
        name, value = label(style="muted"), readout(_EMPTY)
        value.setAlignment(Qt.AlignmentFlag.AlignRight)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = len(self._values)
        self._grid.addWidget(name, row, 0)
        self._grid.addWidget(value, row, 1)
        self._values.append((name, value))

    @Slot()
    def _row_chosen(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        self.measuring.select(rows[0].row() if rows else None)

    @Slot()
    def _named(self) -> None:
        index = self.measuring.selected
        if index is not None and self.name.text() != self.measuring.shapes[index].label:
            self.measuring.relabel(index, self.name.text())

    def _hint_words(self, tool: Tool) -> str:
        drags = self.tr("Drag from end to end, or click both ends. The right button moves.")
        return {
            "look": self.tr("Choose a tool. The mouse moves the picture."),
            "select": self.tr("Click a measurement; drag it, or one of its points."),
            "ruler": drags,
            "profile": drags,
            "arrow": self.tr("Drag from the tail to the tip. The right button moves."),
            "circle": self.tr("Drag from the centre to the edge. The right button moves."),
            "polygon": self.tr("Click the corners; a double click closes. The right button moves."),
            "text": self.tr("Click where it belongs, then type it as the label."),
        }[tool]

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(6)
        for number, tool in enumerate(TOOLS):
            button = ActionButton(self._actions[f"measure_{tool}"], "tool")
            button.setSizePolicy(
                button.sizePolicy().Policy.Ignored, button.sizePolicy().Policy.Fixed
            )
            grid.addWidget(button, number // COLUMNS, number % COLUMNS)
        for column in range(COLUMNS):
            grid.setColumnStretch(column, 1)
        self._tools.body.addLayout(grid)
        self._hint.setMinimumHeight(2 * self._hint.fontMetrics().lineSpacing())
        self._hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._tools.body.addWidget(self._hint)
        self._set_up_table()
        body = self._list.body
        body.addWidget(self.table, 1)
        body.addWidget(self.name)
        body.addLayout(self._grid)
        body.addWidget(self.plot)
        line = QGridLayout()
        line.setSpacing(6)
        line.addWidget(self.undo, 0, 0)
        line.addWidget(self.redo, 0, 1)
        line.addWidget(self._button("measure_delete"), 1, 0)
        line.addWidget(self._button("measure_copy"), 1, 1)
        body.addLayout(line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._tools)
        column.addWidget(self._list, 1)

    def _button(self, key: str) -> ActionButton:
        button = ActionButton(self._actions[key], "tool")
        button.setSizePolicy(button.sizePolicy().Policy.Ignored, button.sizePolicy().Policy.Fixed)
        return button

    def _set_up_table(self) -> None:
        table = self.table
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setMinimumHeight(124)
        table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        header = table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
