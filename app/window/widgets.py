"""The few small pieces that several parts of the window are built of."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.window.theme import digits_font


def label(text: str = "", *, style: str = "", wraps: bool = False) -> QLabel:
    """Return a text; ``style`` names its entry in the style sheet."""
    made = QLabel(text)
    made.setObjectName(style)
    made.setWordWrap(wraps)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


def readout(text: str = "", points: float = 9.5) -> QLabel:
    """Return a text with digits of equal width."""
    made = label(text)
    made.setFont(digits_font(points))
    return made


class ActionButton(QToolButton):
    """A button that stands for one command and tells the screen reader what it does."""

    def __init__(self, action: QAction, style: str = "", text: str | None = None) -> None:
        super().__init__()
        self.setObjectName(style)
        self.setDefaultAction(action)
        self._text = text
        if text is not None:
            action.changed.connect(self._keep_text)
            self._keep_text()
        self.setAccessibleName(action.toolTip())
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _keep_text(self) -> None:
        if self._text is not None:
            self.setText(self._text)


class Card(QFrame):
    """A group of controls with a title."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(14, 10, 14, 14)
        self.body.setSpacing(10)
        if title:
            self.body.addWidget(label(title, style="cardTitle"))


def scrolling(content: QWidget, width: int) -> QScrollArea:
    """Return a column of cards that scrolls where there is too little room for it.

    Error bars on a small screen must not make the window higher than the screen.
    """
    content.setFixedWidth(width)
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFixedWidth(width + 12)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def stretch() -> QWidget:
    """Return something that takes the room that is left, sideways."""
    made = QWidget()
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return made


def micrometres(value_um: float, digits: int = 1) -> str:
    """Return a length as text, with thin spaces between thousands and a real minus sign."""
    return f"{value_um:,.{digits}f}".replace(",", "\u2009").replace("-", "−")
