"""Cards of which one is seen at a time, with a row of names above them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)


class CardStack(QWidget):
    """Shows one card and hides the others.

    Parameters
    ----------
    cards : sequence of QWidget
    """

    def __init__(self, cards: Sequence[QWidget]) -> None:
        super().__init__()
        self._stack = QStackedWidget()
        self._group = QButtonGroup(self)
        names = QHBoxLayout()
        names.setSpacing(2)
        names.setContentsMargins(0, 0, 0, 0)
        for number, card in enumerate(cards):
            self._stack.addWidget(card)
            names.addWidget(self._name(number), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(names)
        column.addWidget(self._stack, 1)
        self._group.idClicked.connect(self._stack.setCurrentIndex)
        self._group.button(0).setChecked(True)

    @property
    def current(self) -> QWidget:
        """The card that is seen."""
        return self._stack.currentWidget()

    @property
    def number(self) -> int:
        """Which one it is, counted from 0."""
        return self._stack.currentIndex()

    def show_number(self, number: int) -> None:
        """Show one of the cards by its number; nothing where there is none such."""
        if 0 <= number < self._stack.count():
            self.show_card(self._stack.widget(number))

    def set_names(self, names: Sequence[str]) -> None:
        """Write the names, in the order of the cards."""
        for number, name in enumerate(names):
            self._group.button(number).setText(name)

    def show_card(self, card: QWidget) -> None:
        """Show one of the cards."""
        self._stack.setCurrentWidget(card)
        self._group.button(self._stack.currentIndex()).setChecked(True)

    def _name(self, number: int) -> QToolButton:
        button = QToolButton()
        button.setObjectName("tab")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._group.addButton(button, number)
        return button
