"""Columns of controls that take turns at the side of a page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.window.widgets import Translated, scrolling

WIDTH_PX = 300


class SideTabs(Translated, QWidget):
    """Shows one of several columns; a row of buttons above them chooses which.

    ``turned`` carries the key of the column that is shown, whenever another one is.
    """

    turned = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._stack = QStackedWidget()
        self._buttons: dict[str, QToolButton] = {}
        self._titles: dict[str, Callable[[], str]] = {}
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 12, 0)
        self._row.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._row)
        column.addWidget(self._stack, 1)
        self.setFixedWidth(WIDTH_PX + 12)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all columns."""
        return tuple(self._buttons)

    @property
    def shown(self) -> str:
        """The key of the column that is shown."""
        return list(self._buttons)[self._stack.currentIndex()]

    def button(self, key: str) -> QToolButton:
        """Return the button of a column."""
        return self._buttons[key]

    def add(
        self, key: str, title: Callable[[], str], column: QWidget, foot: QWidget | None = None
    ) -> None:
        """Add a column.

        Parameters
        ----------
        key : str
        title : callable
            Returns what its button says, in the language of the window.
        column : QWidget
        foot : QWidget, optional
            What stays in sight below it when it scrolls.
        """
        button = QToolButton()
        button.setObjectName("page")
        button.setCheckable(True)
        button.setChecked(not self._buttons)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Fixed)
        button.clicked.connect(lambda: self.turn_to(key))
        self._group.addButton(button)
        before = next(reversed(self._buttons.values()), None)
        self._buttons[key], self._titles[key] = button, title
        self._row.addWidget(button)
        area = scrolling(column, WIDTH_PX)
        self._stack.addWidget(area if foot is None else _above(area, foot))
        if before is not None:
            # Next to each other for the tab key too, not with a column between them.
            QWidget.setTabOrder(before, button)
        for each in self._buttons.values():
            each.setVisible(len(self._buttons) > 1)
        self.retranslate()

    def turn_to(self, key: str) -> None:
        """Show one of the columns."""
        if key == self.shown:
            return
        self._buttons[key].setChecked(True)
        self._stack.setCurrentIndex(list(self._buttons).index(key))
        self.turned.emit(key)

    def retranslate(self) -> None:
        """See `Translated`."""
        for key, button in self._buttons.items():
            button.setText(self._titles[key]())
            button.setAccessibleName(button.text())


def _above(area: QWidget, foot: QWidget) -> QWidget:
    foot.setFixedWidth(WIDTH_PX)
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    column.addWidget(area, 1)
    column.addWidget(foot)
    return holder
