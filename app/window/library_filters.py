"""What the operator looks for in the library."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QMenu, QToolButton, QWidget

from app.captures.library import CaptureEntry, Query, label_values
from app.window.widgets import Translated

LABELS = ("slide", "sample", "machine", "operator")
DAYS = (None, 0, 6, 29, 364)
"""How long ago a capture may have been made, in days; None for any time."""
CHOICE_PX = 126
_FIXED = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon


class LibraryFilters(Translated, QWidget):
    """A search field, a choice for each label and for the date, and what was opened last.

    ``changed`` carries the `Query`, ``reopened`` a path that was opened before.
    """

    changed = Signal(object)
    reopened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.choices = {key: QComboBox() for key in LABELS}
        for choice in self.choices.values():
            choice.addItem("")
        self.when = QComboBox()
        self.when.addItems([""] * len(DAYS))
        self.recent = QToolButton()
        self.recent.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.recent.setMenu(QMenu(self.recent))
        self.recent.setEnabled(False)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.search, 2)
        for choice in (*self.choices.values(), self.when):
            choice.setSizeAdjustPolicy(_FIXED)
            choice.setMinimumWidth(CHOICE_PX)
            line.addWidget(choice, 1)
            choice.currentIndexChanged.connect(self._tell)
        line.addWidget(self.recent)
        self.search.textChanged.connect(self._tell)
        self.retranslate()

    @property
    def query(self) -> Query:
        """What is looked for."""
        days = DAYS[max(0, self.when.currentIndex())]
        # The operator's own day counts, not that of Greenwich.
        since = None if days is None else date.today() - timedelta(days)  # noqa: DTZ011
        chosen = {
            key: choice.currentText() if choice.currentIndex() > 0 else ""
            for key, choice in self.choices.items()
        }
        return Query(self.search.text(), **chosen, since=since)

    def offer(self, entries: Sequence[CaptureEntry]) -> None:
        """Offer the labels that there are; what is chosen stays so where it still exists."""
        for key, choice in self.choices.items():
            chosen = choice.currentText() if choice.currentIndex() > 0 else ""
            values = label_values(entries, key)
            with QSignalBlocker(choice):
                while choice.count() > 1:
                    choice.removeItem(1)
                choice.addItems(list(values))
                choice.setCurrentIndex(values.index(chosen) + 1 if chosen in values else 0)
        self._tell()

    def offer_recent(self, paths: Sequence[Path]) -> None:
        """Offer what was opened last."""
        menu = self.recent.menu()
        menu.clear()
        for path in paths:
            action = menu.addAction(f"{path.name}    {path.parent}")
            action.setData(path)
            action.triggered.connect(self._reopen)
        self.recent.setEnabled(bool(paths))

    def retranslate(self) -> None:
        """See `Translated`."""
        self.search.setPlaceholderText(self.tr("Search labels, notes, names"))
        self.search.setAccessibleName(self.search.placeholderText())
        any_of = {
            "slide": self.tr("All slides"),
            "sample": self.tr("All samples"),
            "machine": self.tr("All machines"),
            "operator": self.tr("All operators"),
        }
        for key, choice in self.choices.items():
            choice.setItemText(0, any_of[key])
            choice.setAccessibleName(any_of[key])
        times = (
            self.tr("Any time"),
            self.tr("Today"),
            self.tr("Last 7 days"),
            self.tr("Last 30 days"),
            self.tr("Last year"),
        )
        for index, words in enumerate(times):
            self.when.setItemText(index, words)
        self.when.setAccessibleName(self.tr("When it was captured"))
        self.recent.setText(self.tr("Recent"))
        self.recent.setToolTip(self.tr("Open again what was opened last"))

    @Slot()
    def _tell(self) -> None:
        self.changed.emit(self.query)

    @Slot()
    def _reopen(self) -> None:
        self.reopened.emit(self.sender().data())
