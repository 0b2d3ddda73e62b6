"""Choosing the fields of the next scan."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.acquisition.fields import Direction
from app.acquisition.operator_settings import Place
from app.acquisition.scan_setup import FieldSource, positions_of
from app.window.commands import Actions
from app.window.control_state import ControlState
from app.window.scan_control import ScanControl
from app.window.widgets import ActionButton, Card, Translated, count_box, label, micrometres

DIRECTIONS: Final[tuple[Direction, ...]] = ("+x", "-x", "+y", "-y")
PAGE_PX: Final = 122


class ScanSetupCard(Translated, Card):
    """A grid, the standard positions of a ferrogram, stored positions or a file.

    Parameters
    ----------
    actions : Actions
    scan : ScanControl
    """

    def __init__(self, actions: Actions, scan: ScanControl) -> None:
        super().__init__("")
        self._scan = scan
        self._names = {
            key: label(style="muted")
            for key in ("columns", "rows", "overlap", "direction", "positions")
        }
        self.sources = {source: self._source(source) for source in FieldSource}
        self.columns, self.rows, self.overlap = count_box(1, 99), count_box(1, 99), count_box(0, 90)
        self.direction = QComboBox()
        self.direction.addItems([""] * len(DIRECTIONS))
        self.positions = QLineEdit()
        self.places = QListWidget()
        self.choose_file = QPushButton()
        self._listed = label(style="muted", wraps=True)
        self.follow = QCheckBox()
        self._anchor = label(style="muted")
        self._here = ActionButton(actions["scan_here"])
        self._anchor_row = QWidget()
        self._pages = QStackedWidget()
        self._known: tuple[Place, ...] | None = None
        self._connect()
        self._lay_out()
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.set_title(self.tr("Fields"))
        sources = {
            FieldSource.GRID: (self.tr("Grid"), self.tr("Fields side by side")),
            FieldSource.FERROGRAM: (
                self.tr("Ferrogram"),
                self.tr("At the standard distances from the entry of the deposit"),
            ),
            FieldSource.PLACES: (self.tr("Places"), self.tr("Stored positions of the stage")),
            FieldSource.LIST: (self.tr("File"), self.tr("A list of x and y in a CSV file")),
        }
        for source, (name, tip) in sources.items():
            self.sources[source].setText(name)
            self.sources[source].setToolTip(tip)
        names = {
            "columns": self.tr("Columns"),
            "rows": self.tr("Rows"),
            "overlap": self.tr("Overlap"),
            "direction": self.tr("Oil flows"),
            "positions": self.tr("Distances, mm"),
        }
        boxes = (self.columns, self.rows, self.overlap, self.direction, self.positions)
        for box, (key, name) in zip(boxes, names.items(), strict=True):
            self._names[key].setText(name)
            box.setAccessibleName(name)
        self.columns.setToolTip(self.tr("Fields beside each other, along x"))
        self.rows.setToolTip(self.tr("Fields below each other, along y"))
        self.direction.setToolTip(self.tr("Along which axis the oil flowed, from the entry on"))
        self.overlap.setSuffix(" %")
        self.overlap.setToolTip(self.tr("Of neighbouring fields, as a share of the field"))
        self.positions.setToolTip(self.tr("From the entry, in mm, separated by commas"))
        ways = (
            self.tr("to the right, +x"),
            self.tr("to the left, −x"),
            self.tr("down, +y"),
            self.tr("up, −y"),
        )
        for number, way in enumerate(ways):
            self.direction.setItemText(number, way)
        self.places.setAccessibleName(self.tr("Stored positions to scan"))
        self.choose_file.setText(self.tr("Choose a file…"))
        self.choose_file.setToolTip(
            self.tr("CSV whose first line names the columns: x_um, y_um and, if wanted, name")
        )
        self._write_anchor()

    def show_state(self, state: ControlState) -> None:
        """Show what is chosen."""
        setup = self._scan.setup
        self.sources[setup.source].setChecked(True)
        self._pages.setCurrentIndex(list(FieldSource).index(setup.source))
        self._anchor_row.setVisible(setup.source in (FieldSource.GRID, FieldSource.FERROGRAM))
        for box, value in (
            (self.columns, setup.columns),
            (self.rows, setup.rows),
            (self.overlap, round(100 * setup.overlap)),
        ):
            if not box.hasFocus() and box.value() != value:
                with QSignalBlocker(box):
                    box.setValue(value)
        with QSignalBlocker(self.direction):
            self.direction.setCurrentIndex(DIRECTIONS.index(setup.direction))
        if not self.positions.hasFocus():
            with QSignalBlocker(self.positions):
                self.positions.setText(", ".join(f"{mm:g}" for mm in setup.positions_mm))
        self._show_places(state.settings.places)
        self._write_anchor()

    def _write_anchor(self) -> None:
        setup = self._scan.setup
        grid = setup.source is FieldSource.GRID
        self.follow.setText(
            self.tr("Middle follows the stage") if grid else self.tr("Entry follows the stage")
        )
        with QSignalBlocker(self.follow):
            self.follow.setChecked(setup.anchor_um is None)
        if setup.anchor_um is None:
            self._anchor.setText("")
        else:
            x_um, y_um = (micrometres(each, 0) for each in setup.anchor_um)
            self._anchor.setText(f"x {x_um} · y {y_um} µm")
        self._anchor.setVisible(setup.anchor_um is not None)
        count = len(setup.listed)
        self._listed.setText(
            self.tr("{n} fields read").format(n=count)
            if count
            else self.tr("A CSV file with the columns x_um, y_um and, if wanted, name.")
        )

    def _show_places(self, places: tuple[Place, ...]) -> None:
        if places == self._known:
            return
        self._known = places
        with QSignalBlocker(self.places):
            self.places.clear()
            for place in places:
                item = QListWidgetItem(place.name)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                wanted = place.name not in self._scan.setup.left_out
                item.setCheckState(Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)
                self.places.addItem(item)

    @Slot()
    def _grid_changed(self) -> None:
        self._scan.change(
            columns=self.columns.value(),
            rows=self.rows.value(),
            overlap=self.overlap.value() / 100,
        )

    @Slot(int)
    def _direction_chosen(self, number: int) -> None:
        self._scan.change(direction=DIRECTIONS[number])

    @Slot(str)
    def _positions_typed(self, text: str) -> None:
        try:
            positions_mm = positions_of(text)
        except ValueError:
            # Half a number: it will be a whole one.
            return
        self._scan.change(positions_mm=positions_mm)

    @Slot()
    def _places_chosen(self) -> None:
        items = [self.places.item(n) for n in range(self.places.count())]
        left_out = {i.text() for i in items if i.checkState() is not Qt.CheckState.Checked}
        self._scan.change(left_out=frozenset(left_out))

    @Slot(bool)
    def _follow_chosen(self, follows: bool) -> None:
        if follows:
            self._scan.change(anchor_um=None)
        else:
            self._here.defaultAction().trigger()

    @Slot()
    def _ask_for_file(self) -> None:
        # Not modal: STOP has to be reachable.
        dialog = QFileDialog(self, self.tr("List of fields"))
        dialog.setNameFilter("CSV (*.csv *.txt)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._file_chosen)
        dialog.setModal(False)
        dialog.show()

    @Slot(str)
    def _file_chosen(self, path: str) -> None:
        self._scan.read_list(Path(path))

    def _source(self, source: FieldSource) -> QToolButton:
        button = QToolButton()
        button.setObjectName("tool")
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self._scan.change(source=source))
        return button

    def _connect(self) -> None:
        for box in (self.columns, self.rows, self.overlap):
            box.valueChanged.connect(self._grid_changed)
        self.direction.currentIndexChanged.connect(self._direction_chosen)
        self.positions.textEdited.connect(self._positions_typed)
        self.places.itemChanged.connect(self._places_chosen)
        self.choose_file.clicked.connect(self._ask_for_file)
        self.follow.toggled.connect(self._follow_chosen)

    def _lay_out(self) -> None:
        sources = QHBoxLayout()
        sources.setSpacing(4)
        group = QButtonGroup(self)
        for button in self.sources.values():
            group.addButton(button)
            sources.addWidget(button, 1)
        grid = _form(
            (self._names["columns"], self.columns),
            (self._names["rows"], self.rows),
            (self._names["overlap"], self.overlap),
        )
        ferrogram = _form(
            (self._names["direction"], self.direction),
            (self._names["positions"], self.positions),
        )
        listed = QWidget()
        column = QVBoxLayout(listed)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._listed)
        column.addWidget(self.choose_file)
        column.addStretch(1)
        for page in (grid, ferrogram, self.places, listed):
            self._pages.addWidget(page)
        self._pages.setFixedHeight(PAGE_PX)
        anchor = QVBoxLayout(self._anchor_row)
        anchor.setContentsMargins(0, 0, 0, 0)
        anchor.setSpacing(6)
        line = QHBoxLayout()
        line.addWidget(self.follow, 1)
        line.addWidget(self._here)
        anchor.addLayout(line)
        anchor.addWidget(self._anchor)
        self.body.addLayout(sources)
        self.body.addWidget(self._pages)
        self.body.addWidget(self._anchor_row)


def _form(*rows: tuple[QWidget, QWidget]) -> QWidget:
    page = QWidget()
    form = QFormLayout(page)
    form.setContentsMargins(0, 0, 0, 0)
    form.setVerticalSpacing(8)
    form.setHorizontalSpacing(10)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    for name, box in rows:
        form.addRow(name, box)
    return page
