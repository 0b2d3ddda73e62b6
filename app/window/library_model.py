"""The captures as a table for Qt's views."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import (
    QT_TRANSLATE_NOOP,
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QIcon, QImage, QPixmap

from app.captures.library import CaptureEntry, Order, arranged
from app.window.picture import Pixels

THUMBNAIL: Final = QSize(84, 56)
_T = QT_TRANSLATE_NOOP
COLUMNS: Final[tuple[tuple[Order, str], ...]] = (
    ("name", _T("library", "Capture")),
    ("date", _T("library", "Date")),
    ("slide", _T("library", "Slide")),
    ("sample", _T("library", "Sample")),
    ("machine", _T("library", "Machine")),
    ("operator", _T("library", "Operator")),
    ("frames", _T("library", "Frames")),
    ("state", _T("library", "State")),
)
_STATES: Final = {
    "recording": _T("library", "recording"),
    "complete": _T("library", "complete"),
    "cancelled": _T("library", "cancelled"),
    "failed": _T("library", "failed"),
    "interrupted": _T("library", "interrupted"),
    "unreadable": _T("library", "unreadable"),
}
Index = QModelIndex | QPersistentModelIndex


class LibraryModel(QAbstractTableModel):
    """Shows the entries that were found, in an order.

    ``wanted`` carries the folder of a capture whose small picture is looked at but not there yet.
    """

    wanted = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._entries: tuple[CaptureEntry, ...] = ()
        self._found: frozenset[Path] | None = None
        self._order: Order = "date"
        self._descending = True
        self._shown: tuple[CaptureEntry, ...] = ()
        self._thumbnails: dict[object, QPixmap] = {}
        self._icons: dict[object, QIcon] = {}
        blank = QPixmap(THUMBNAIL)
        blank.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(blank)
        self._asked: set[object] = set()

    @property
    def entries(self) -> tuple[CaptureEntry, ...]:
        """All captures."""
        return self._entries

    @property
    def shown(self) -> tuple[CaptureEntry, ...]:
        """Those that are found, row by row."""
        return self._shown

    def set_entries(self, entries: tuple[CaptureEntry, ...]) -> None:
        """Show other captures, or the same as they are now."""
        fused_now = {entry.folder for entry in entries if entry.fused}
        fused_before = {entry.folder for entry in self._entries if entry.fused}
        for folder in fused_now - fused_before:
            # There is a better picture than the one shown so far, if any.
            self._thumbnails.pop(folder, None)
            self._icons.pop(folder, None)
            self._asked.discard(folder)
        self._entries = entries
        self._arrange()

    def set_found(self, folders: frozenset[Path] | None) -> None:
        """Show the captures in these folders only; None shows all."""
        if folders != self._found:
            self._found = folders
            self._arrange()

    def set_thumbnail(self, folder: object, pixels: Pixels | None) -> None:
        """Show a capture's small picture."""
        if pixels is None:
            return
        rgb = np.ascontiguousarray(pixels)
        height, width = rgb.shape[:2]
        image = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        self._thumbnails[folder] = QPixmap.fromImage(image)
        self._icons.pop(folder, None)
        for row, entry in enumerate(self._shown):
            if entry.folder == folder:
                place = self.index(row, 0)
                self.dataChanged.emit(place, place, [Qt.ItemDataRole.DecorationRole])

    def thumbnail(self, entry: CaptureEntry) -> QPixmap | None:
        """Return a capture's small picture; one that is not there is asked for once."""
        found = self._thumbnails.get(entry.folder)
        if found is None and entry.folder not in self._asked:
            self._asked.add(entry.folder)
            self.wanted.emit(entry.folder)
        return found

    def _icon(self, entry: CaptureEntry) -> QIcon:
        """Return what is shown beside the name; nothing, but as large, while there is none."""
        icon = self._icons.get(entry.folder)
        if icon is not None:
            return icon
        picture = self.thumbnail(entry)
        if picture is None:
            return self._blank
        made = self._icons[entry.folder] = _icon_of(picture)
        return made

    def row_of(self, folder: object) -> int | None:
        """Return where a capture is shown."""
        rows = (row for row, entry in enumerate(self._shown) if entry.folder == folder)
        return next(rows, None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """See Qt's documentation."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """See Qt's documentation."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """See Qt's documentation."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(COLUMNS[section][0])
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return QCoreApplication.translate("library", COLUMNS[section][1])

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """See Qt's documentation."""
        entry, order = self._shown[index.row()], COLUMNS[index.column()][0]
        if role == Qt.ItemDataRole.DecorationRole and order == "name":
            return self._icon(entry)
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_words(entry, order)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return entry.fault or entry.labels.notes or cell_words(entry, order)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(order)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """See Qt's documentation."""
        self._order = COLUMNS[column][0]
        self._descending = order is Qt.SortOrder.DescendingOrder
        self._arrange()

    def _arrange(self) -> None:
        wanted = self._found
        found = (entry for entry in self._entries if wanted is None or entry.folder in wanted)
        shown = arranged(found, self._order, descending=self._descending)
        if [entry.folder for entry in shown] == [entry.folder for entry in self._shown]:
            # The rows stay where they are, and so does what is chosen.
            self._shown = shown
            if shown:
                last = self.index(len(shown) - 1, len(COLUMNS) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()


def _icon_of(picture: QPixmap) -> QIcon:
    """Return the middle of a picture, of one size for all, and not tinted when it is chosen."""
    ratio = picture.devicePixelRatio() * 2
    wide = picture.scaled(
        THUMBNAIL * ratio,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    width, height = round(THUMBNAIL.width() * ratio), round(THUMBNAIL.height() * ratio)
    left, top = (wide.width() - width) // 2, (wide.height() - height) // 2
    cut = wide.copy(left, top, width, height)
    cut.setDevicePixelRatio(ratio)
    icon = QIcon(cut)
    icon.addPixmap(cut, QIcon.Mode.Selected)
    return icon


def cell_words(entry: CaptureEntry, order: Order) -> str:
    """Return what a cell says."""
    match order:
        case "name":
            return entry.name
        case "date":
            return entry.created.strftime("%Y-%m-%d %H:%M")
        case "frames":
            return str(entry.frames)
        case "state":
            return state_words(entry)
        case _:
            return str(getattr(entry.labels, order))


def state_words(entry: CaptureEntry) -> str:
    """Return in which state a capture is."""
    return QCoreApplication.translate("library", _STATES[entry.state])


def _alignment(order: str) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if order == "frames" else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
