"""The library: all captures, what is said about them, and their fusions."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QSignalBlocker,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.captures.fusion_settings import FusionSettings
from app.captures.fusions import FusionEntry
from app.captures.library import CaptureEntry, Query
from app.window.commands import Actions
from app.window.comparison import Comparison
from app.window.empty_state import EmptyState
from app.window.fusion_pair import FusionPair
from app.window.fusions_panel import FusionsPanel
from app.window.labels_panel import LabelsPanel
from app.window.library_control import (
    FusedAgain,
    FusingAgain,
    FusionsKnown,
    LibraryControl,
    LibraryEvent,
    LibraryFound,
    LibraryKnown,
    ThumbnailKnown,
)
from app.window.library_filters import LibraryFilters
from app.window.library_model import COLUMNS, THUMBNAIL, LibraryModel
from app.window.picture_canvas import PictureCanvas
from app.window.side_tabs import SideTabs
from app.window.widgets import ActionButton, Translated, label

WIDTHS_PX = (230, 140, 84, 150, 118, 104, 76, 98)
ROW_PX = THUMBNAIL.height() + 8


class LibraryPage(Translated, QWidget):
    """A list of captures with their labels and fusions; ``opened`` carries a path to review."""

    opened = Signal(object)

    def __init__(self, control: LibraryControl, actions: Actions) -> None:
        super().__init__()
        self._control = control
        self._chosen: tuple[CaptureEntry, ...] = ()
        self.filters = LibraryFilters()
        self.model = LibraryModel(self)
        self.table = QTableView()
        self._empty = EmptyState()
        self._list = QStackedWidget()
        self._count = label(style="muted")
        self.labels = LabelsPanel()
        self.fusions = FusionsPanel()
        self.pair = FusionPair(self.fusions.words)
        self.sides = SideTabs()
        self._pages = QStackedWidget()
        self._renew = QTimer(self)
        self._renew.setSingleShot(True)
        self._renew.setInterval(150)
        self._set_up_table()
        self._lay_out(actions)
        self._connect()
        self.retranslate()

    @property
    def canvases(self) -> tuple[PictureCanvas, ...]:
        """The pictures that are compared."""
        return self.pair.canvases

    @property
    def chosen(self) -> tuple[CaptureEntry, ...]:
        """The captures chosen in the list."""
        return self._chosen

    def show_event(self, event: LibraryEvent) -> None:
        """Show what the control has to tell."""
        match event:
            case LibraryKnown(entries, recent):
                self._show_entries(entries)
                self.filters.offer_recent(recent)
            case LibraryFound(query, folders):
                if query == self.filters.query:
                    self._show_found(folders)
            case ThumbnailKnown(folder, pixels):
                self.model.set_thumbnail(folder, pixels)
                if len(self._chosen) == 1 and self._chosen[0].folder == folder:
                    self._show_chosen()
            case FusionsKnown():
                self.fusions.show_known(event)
            case FusingAgain():
                self.fusions.show_progress(event)
            case FusedAgain(capture, _folder):
                self.fusions.show_progress(event)
                self._control.list_fusions(capture)
            case Comparison():
                self.pair.show_pair(event)
                self._pages.setCurrentWidget(self.pair)

    def search(self) -> None:
        """Let the operator type what to look for."""
        self._pages.setCurrentIndex(0)
        self.filters.search.setFocus()
        self.filters.search.selectAll()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.table.setAccessibleName(self.tr("Captures"))
        self._write_count()

    def showEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        super().showEvent(event)
        self._control.scan()

    def _show_entries(self, entries: tuple[CaptureEntry, ...]) -> None:
        if entries is self.model.entries:
            return
        folders = {entry.folder for entry in self._chosen}
        self.model.set_entries(entries)
        self.filters.offer(entries)
        self.labels.suggest(entries)
        self._choose(folders)
        self._write_count()

    def _choose(self, folders: set[Path]) -> None:
        """Choose captures again after the rows have changed."""
        rows = [row for row in map(self.model.row_of, folders) if row is not None]
        selection = self.table.selectionModel()
        flags = QItemSelectionModel.SelectionFlag
        with QSignalBlocker(selection):
            selection.clearSelection()
            for row in rows:
                selection.select(self.model.index(row, 0), flags.Select | flags.Rows)
        self.table.viewport().update()
        self._selected()

    def _write_count(self) -> None:
        shown, known = len(self.model.shown), len(self.model.entries)
        if known == 0:
            words = ""
        elif shown == known:
            words = self.tr("1 capture") if known == 1 else self.tr("{n} captures").format(n=known)
        else:
            words = self.tr("{n} of {total} captures").format(n=shown, total=known)
        self._count.setText(words)
        self._write_emptiness()

    def _write_emptiness(self) -> None:
        """Say why the list is empty, where it is, and what fills it."""
        if not self.model.entries:
            self._empty.set_words(
                self.tr("No captures yet"),
                self.tr("Capture on the page Live, or drop a folder of images here to fuse it."),
            )
        else:
            self._empty.set_words(
                self.tr("Nothing found"),
                self.tr("No capture fits the search and the choices above."),
            )
        self._list.setCurrentWidget(self.table if self.model.shown else self._empty)

    @Slot(object)
    def _look_for(self, query: Query) -> None:
        if query == Query():
            self._show_found(None)
        else:
            self._control.search(query)

    def _show_found(self, found: frozenset[Path] | None) -> None:
        folders = {entry.folder for entry in self._chosen}
        self.model.set_found(found)
        self._choose(folders)
        self._write_count()

    @Slot()
    def _selected(self) -> None:
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        before = self._chosen
        self._chosen = tuple(self.model.shown[row] for row in rows)
        if self._chosen != before:
            self._show_chosen()
            # Not for each row that the arrow keys pass.
            self._renew.start()

    def _show_chosen(self) -> None:
        one = self._chosen[0] if len(self._chosen) == 1 else None
        self.labels.show_chosen(self._chosen, None if one is None else self.model.thumbnail(one))
        self.fusions.show_capture(one)

    @Slot()
    def _list_fusions(self) -> None:
        if len(self._chosen) == 1:
            self._control.list_fusions(self._chosen[0].folder)

    @Slot(QModelIndex)
    def _double_clicked(self, index: QModelIndex) -> None:
        self.opened.emit(self.model.shown[index.row()].folder)

    @Slot()
    def _open(self) -> None:
        if len(self._chosen) == 1:
            self.opened.emit(self._chosen[0].folder)

    @Slot(object)
    def _relabel(self, changes: dict[str, str]) -> None:
        self._control.relabel([entry.folder for entry in self._chosen], changes)

    @Slot(object)
    def _fuse_again(self, settings: FusionSettings) -> None:
        if len(self._chosen) == 1:
            self._control.fuse_again(self._chosen[0].folder, settings)

    @Slot(object, object)
    def _compare(self, left: FusionEntry, right: FusionEntry) -> None:
        self._control.compare(left, right)

    @Slot()
    def _back(self) -> None:
        self._pages.setCurrentIndex(0)
        self.table.setFocus()

    def _connect(self) -> None:
        self.model.wanted.connect(self._control.want_thumbnail)
        self.filters.changed.connect(self._look_for)
        self.filters.reopened.connect(self.opened)
        self.table.selectionModel().selectionChanged.connect(self._selected)
        self.table.activated.connect(self._double_clicked)
        self._renew.timeout.connect(self._list_fusions)
        self.labels.changed.connect(self._relabel)
        self.labels.opened.connect(self._open)
        self.fusions.wanted.connect(self._fuse_again)
        self.fusions.given_up.connect(self._control.give_up)
        self.fusions.compared.connect(self._compare)
        self.pair.closed.connect(self._back)

    def _set_up_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setIconSize(THUMBNAIL)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSortIndicator(
            [key for key, _title in COLUMNS].index("date"), Qt.SortOrder.DescendingOrder
        )
        table.setSortingEnabled(True)
        for column, width in enumerate(WIDTHS_PX):
            table.setColumnWidth(column, width)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(56)

    def _lay_out(self, actions: Actions) -> None:
        foot = QHBoxLayout()
        foot.addWidget(self._count, 1)
        for key in ("library_refresh", "open_folder", "open_file"):
            foot.addWidget(ActionButton(actions[key]))
        listing = QWidget()
        column = QVBoxLayout(listing)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.filters)
        for each in (self.table, self._empty):
            self._list.addWidget(each)
        column.addWidget(self._list, 1)
        column.addLayout(foot)
        self._pages.addWidget(listing)
        self._pages.addWidget(self.pair)
        self.sides.add("labels", lambda: self.tr("Labels"), self.labels)
        self.sides.add("fusions", lambda: self.tr("Fusions"), self.fusions)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 12, 4, 14)
        line.setSpacing(14)
        line.addWidget(self._pages, 1)
        line.addWidget(self.sides)
