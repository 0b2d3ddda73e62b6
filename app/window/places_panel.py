"""Going to numbers and to stored positions."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QPushButton

from app.window.commands import Actions
from app.window.control_state import ControlState, Link
from app.window.jog import AXES, Aim, Point
from app.window.language import said
from app.window.stage_map import StageMap
from app.window.stage_work import StageWork
from app.window.widgets import ActionButton, Card, Translated, label, number_box
from drivers.stage import StageState


class PlacesPanel(Translated, Card):
    """A map, three numbers to go to, and the positions that were stored.

    Parameters
    ----------
    actions : Actions
    stage : StageWork
    """

    def __init__(self, actions: Actions, stage: StageWork) -> None:
        super().__init__("")
        self._stage = stage
        self._zero = Point()
        self.map = StageMap()
        self.map.chosen.connect(self._chosen)
        self.fields = {axis: number_box(1) for axis in AXES}
        for box in self.fields.values():
            box.setRange(-1e6, 1e6)
        self.go = QPushButton()
        self.go.clicked.connect(self._go)
        self.here = QPushButton()
        self.here.clicked.connect(self._take_here)
        self.names = QComboBox()
        self.names.setEditable(True)
        self.names.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.go_to_place = QPushButton()
        self.go_to_place.clicked.connect(self._go_to_place)
        self.delete = QPushButton()
        self.delete.clicked.connect(self._delete)
        self.store = ActionButton(actions["store_place"])
        self._reason = label(style="problem", wraps=True)
        self._titles = {key: label(style="cardTitle") for key in ("go", "places")}
        self._position: Point | None = None
        self._filled = False
        self._lay_out()
        self.retranslate()

    def retranslate(self) -> None:
        """Write all texts anew."""
        self.set_title(self.tr("Map, µm"))
        self._titles["go"].setText(self.tr("Go to, µm"))
        self._titles["places"].setText(self.tr("Stored positions"))
        self.go.setText(self.tr("Go"))
        self.go.setToolTip(self.tr("Go there: up first, then across, then down"))
        self.here.setText(self.tr("Here"))
        self.here.setToolTip(self.tr("Put the present position into the fields"))
        self.go_to_place.setText(self.tr("Go"))
        self.go_to_place.setToolTip(self.tr("Go to the position of this name"))
        self.delete.setText(self.tr("Delete"))
        self.delete.setToolTip(self.tr("Forget the position of this name"))
        self.names.setAccessibleName(self.tr("Name of a stored position"))
        self.names.lineEdit().setPlaceholderText(self.tr("Name, or leave empty"))
        for axis, box in self.fields.items():
            box.setPrefix(f"{axis}  ")
            name = self.tr("{axis} to go to, in µm").format(axis=axis)
            box.setAccessibleName(name)
            box.setToolTip(name)

    @property
    def name(self) -> str:
        """What the operator calls a position."""
        return self.names.currentText()

    def show_state(
        self,
        state: ControlState,
        stage: StageState | None,
        picture: tuple[int, int] | None,
    ) -> None:
        """Show the map and what is stored; ``picture`` is (H, W) of the live picture."""
        self._zero = state.zero
        known = stage is not None and stage.referenced and stage.position is not None
        self._position = Point.of(stage.position) if known else None
        ready = known and state.link is Link.READY and not state.capturing
        stored = bool(state.settings.places)
        self.go.setEnabled(ready)
        self.here.setEnabled(ready)
        self.store.setEnabled(ready)
        self.go_to_place.setEnabled(ready and stored)
        self.delete.setEnabled(stored)
        field_um = None
        if picture is not None and state.pixel_um is not None:
            height, width = picture
            field_um = state.orientation.size_on_stage(
                width * state.pixel_um, height * state.pixel_um
            )
        self.map.show_map(state.caps, self._position, field_um, state.settings.places)
        self._show_names(tuple(place.name for place in state.settings.places))
        if ready and not self._filled:
            self._take_here()
        outside = self._aim().refusal(state.caps) if state.caps is not None and ready else ""
        self._reason.setText(said(outside))
        self._reason.setVisible(bool(self._reason.text()))

    def _show_names(self, names: tuple[str, ...]) -> None:
        if names == tuple(self.names.itemText(n) for n in range(self.names.count())):
            return
        typed = self.names.currentText()
        with QSignalBlocker(self.names):
            self.names.clear()
            self.names.addItems(list(names))
            self.names.setEditText(typed if typed in names else (names[-1] if names else ""))

    def _aim(self) -> Aim:
        x_um, y_um, z_um = (self.fields[axis].value() + self._zero[axis] for axis in AXES)
        return Aim(x_um, y_um, z_um)

    def store_here(self) -> None:
        """Store where the stage is, under the name that was typed or the next number."""
        stored = {self.names.itemText(n) for n in range(self.names.count())}
        # A name chosen from the list is not meant to be overwritten.
        self._stage.store_place("" if self.name in stored else self.name)

    @Slot()
    def _go(self) -> None:
        for box in self.fields.values():
            box.interpretText()
        self._stage.go_to(self._aim())

    @Slot()
    def _take_here(self) -> None:
        if self._position is not None:
            self._filled = True
            for axis, box in self.fields.items():
                box.setValue(self._position[axis] - self._zero[axis])

    @Slot()
    def _go_to_place(self) -> None:
        self._stage.go_to_place(self.name)

    @Slot()
    def _delete(self) -> None:
        self._stage.delete_place(self.name)

    @Slot(object)
    def _chosen(self, at_um: tuple[float, float]) -> None:
        self._stage.go_to(Aim(*at_um))

    def _lay_out(self) -> None:
        self.body.addWidget(self.map)
        self.body.addWidget(self._titles["go"])
        grid = QGridLayout()
        grid.setSpacing(6)
        for column, box in enumerate(self.fields.values()):
            box.setMinimumWidth(70)
            grid.addWidget(box, 0, column)
        self.body.addLayout(grid)
        buttons = QHBoxLayout()
        buttons.addWidget(self.here)
        buttons.addWidget(self.go, 1)
        self.body.addLayout(buttons)
        self.body.addWidget(self._reason)
        self.body.addWidget(self._titles["places"])
        self.body.addWidget(self.names)
        places = QHBoxLayout()
        places.addWidget(self.store, 1)
        places.addWidget(self.go_to_place)
        places.addWidget(self.delete)
        self.body.addLayout(places)
        self.body.addStretch(1)
