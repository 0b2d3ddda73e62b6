"""Cards of which one is seen at a time, with a row of names above them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QSizePolicy,
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
        self._cards = tuple(cards)
        self._number = 0
        self._group = QButtonGroup(self)
        names = QHBoxLayout()
        names.setSpacing(2)
        names.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(names)
        # All names come before the cards, so that the tab key passes them first.
        for number in range(len(self._cards)):
            names.addWidget(self._name(number), 1)
        for number, card in enumerate(self._cards):
            # Not in a stacked widget: that is as high as the highest card, also when another shows.
            column.addWidget(card, 1)
            card.setVisible(number == self._number)
        self._group.idClicked.connect(self.show_number)
        self._group.button(0).setChecked(True)

    @property
    def current(self) -> QWidget:
        """The card that is seen."""
        return self._cards[self._number]

    @property
    def number(self) -> int:
        """Which one it is, counted from 0."""
        return self._number

    @Slot(int)
    def show_number(self, number: int) -> None:
        """Show one of the cards by its number; nothing where there is none such."""
        if 0 <= number < len(self._cards):
            self.current.hide()
            self._number = number
            self.current.show()
            self._group.button(number).setChecked(True)

    def set_names(self, names: Sequence[str]) -> None:
        """Write the names, in the order of the cards."""
        for number, name in enumerate(names):
            self._group.button(number).setText(name)

    def show_card(self, card: QWidget) -> None:
        """Show one of the cards."""
        self.show_number(self._cards.index(card))

    def _name(self, number: int) -> QToolButton:
        button = QToolButton()
        button.setObjectName("tab")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._group.addButton(button, number)
        return button
