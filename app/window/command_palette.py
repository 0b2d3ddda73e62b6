"""Runs a command by a part of its name, and lists all commands with their keys."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.window.command_search import Entry, matching
from app.window.commands import COMMANDS, MENUS, Actions, keys_of
from app.window.sheet import Sheet
from app.window.widgets import label

_MARK = re.compile(r"\(&\w\)|&")
"""Of the letter that opens a menu; in Chinese it follows in brackets."""
_PASSED_ON = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


def entries(actions: Actions) -> list[Entry]:
    """Return all commands in the order of the menus, in the language of the window."""
    by_key = {command.key: command for command in COMMANDS}
    return [
        Entry(
            key,
            _MARK.sub("", QCoreApplication.translate("commands", title)),
            actions[key].text(),
            QCoreApplication.translate("commands", by_key[key].tip),
            keys_of(by_key[key]),
        )
        for title, keys in MENUS
        for key in keys
        if key
    ]


class CommandPalette(Sheet):
    """A field to type into above a table of commands.

    Parameters
    ----------
    actions : Actions
    parent : QWidget
    runs : bool
        True: Enter or a click runs a command and closes the palette. False: a sheet to read.
    """

    def __init__(self, actions: Actions, parent: QWidget, *, runs: bool) -> None:
        super().__init__(parent, 1020, 620)
        self._actions = actions
        self._runs = runs
        self._shown: list[Entry] = []
        self.typed = QLineEdit()
        self.typed.setClearButtonEnabled(True)
        self.typed.textChanged.connect(self._fill)
        self.typed.returnPressed.connect(self._run)
        self.typed.installEventFilter(self)
        self.table = QTableWidget(0, 4)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.verticalHeader().hide()
        self.table.setWordWrap(False)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if runs:
            self.table.cellClicked.connect(self._run)
        self._hint = label(style="muted", wraps=True)
        for each in (self.typed, self.table, self._hint):
            self.column.addWidget(each)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.setWindowTitle(
            self.tr("Find a command") if self._runs else self.tr("Keys and commands")
        )
        self.typed.setPlaceholderText(self.tr("Type a part of a name, of a key or of what it does"))
        self.typed.setAccessibleName(self.windowTitle())
        self.table.setAccessibleName(self.tr("Commands"))
        self.table.setHorizontalHeaderLabels(
            [self.tr("Menu"), self.tr("Command"), self.tr("Keys"), self.tr("What it does")]
        )
        self._hint.setText(
            self.tr("Enter runs the marked command. Esc closes, and stops the stage as always.")
            if self._runs
            else self.tr(
                "Mouse over the live picture: the wheel moves z by its step in µm, with Shift ten "
                "times, with Ctrl a tenth of it. Esc stops the stage, wherever you are."
            )
        )
        self._fill(self.typed.text())

    def bring(self) -> None:
        """Show it, ready to be typed into."""
        self.typed.clear()
        self._fill("")
        super().bring()
        self.typed.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Let the arrow keys move through the table while the field has the focus."""
        if (
            watched is self.typed
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in _PASSED_ON
        ):
            self.table.event(event)
            return True
        return super().eventFilter(watched, event)

    @Slot(str)
    def _fill(self, typed: str) -> None:
        self._shown = matching(entries(self._actions), typed)
        self.table.setRowCount(len(self._shown))
        for row, entry in enumerate(self._shown):
            enabled = self._actions[entry.key].isEnabled() or not self._runs
            for column, text in enumerate((entry.menu, entry.text, entry.keys, entry.tip)):
                item = QTableWidgetItem(text)
                item.setToolTip(entry.tip)
                if not enabled:
                    item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
                self.table.setItem(row, column, item)
        if self._shown:
            self.table.selectRow(0)

    @Slot()
    def _run(self, *_cell: int) -> None:
        row = self.table.currentRow()
        if not self._runs or not 0 <= row < len(self._shown):
            return
        action = self._actions[self._shown[row].key]
        if action.isEnabled():
            self.hide()
            action.trigger()
