"""The few small pieces that several parts of the window are built of."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
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


class Translated:
    """Mixed into a widget whose texts are to follow the language of the window.

    It writes all of them in ``retranslate``, and calls that once itself when it is built.
    """

    def retranslate(self) -> None:
        """Write all texts anew."""
        raise NotImplementedError

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()


class ActionButton(QToolButton):
    """A button that stands for one command and tells the screen reader what it does.

    Parameters
    ----------
    action : QAction
    style : str
        Its entry in the style sheet.
    text : str, optional
        A symbol to show instead of the command's text.
    """

    def __init__(self, action: QAction, style: str = "", text: str | None = None) -> None:
        super().__init__()
        self.setObjectName(style)
        self.setDefaultAction(action)
        self._symbol = text
        action.changed.connect(self._follow)
        self._follow()
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @Slot()
    def _follow(self) -> None:
        action = self.defaultAction()
        self.setText(self._symbol or action.text())
        self.setAccessibleName(action.toolTip())


class CommandButton(QPushButton):
    """A plain button that stands for one command; whoever shows it says when it is enabled."""

    def __init__(self, action: QAction) -> None:
        super().__init__()
        self._action = action
        action.changed.connect(self._follow)
        self.clicked.connect(action.trigger)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        self.setText(self._action.text())
        self.setToolTip(self._action.toolTip())
        self.setAccessibleName(self._action.toolTip())


class Card(QFrame):
    """A group of controls with a title."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(14, 10, 14, 14)
        self.body.setSpacing(10)
        self._title = label(title, style="cardTitle")
        self.body.addWidget(self._title)
        self._title.setVisible(bool(title))

    def set_title(self, title: str) -> None:
        """Change the title."""
        self._title.setText(title)
        self._title.setVisible(bool(title))


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


def micrometres(value_um: float, digits: int = 1) -> str:
    """Return a length as text, with thin spaces between thousands and a real minus sign."""
    return f"{value_um:,.{digits}f}".replace(",", "\u2009").replace("-", "−")


def size_text(size_bytes: int) -> str:
    """Return a size on disk as text."""
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.0f} MB"


def number_box(digits: int) -> QDoubleSpinBox:
    """Return a field for a number; it tells of it when it has been typed, not while."""
    box = QDoubleSpinBox()
    box.setDecimals(digits)
    box.setKeyboardTracking(False)
    box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
    # The style sheet does not reach the margins of the text inside.
    box.lineEdit().setTextMargins(7, 0, 7, 0)
    return box


def count_box(lowest: int, highest: int) -> QSpinBox:
    """Return a field for a whole number."""
    box = QSpinBox()
    box.setRange(lowest, highest)
    box.lineEdit().setTextMargins(7, 0, 7, 0)
    return box
