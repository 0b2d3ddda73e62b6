"""How the bars under the top of the window are laid out: words, buttons, details on request."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
)

from app.window.theme import digits_font

_MARGINS = (16, 10, 16, 10)


def notice_line(title: QLabel, text: QLabel, *buttons: QPushButton) -> QHBoxLayout:
    """Return two lines of words with buttons behind them."""
    words = QVBoxLayout()
    words.setSpacing(3)
    words.addWidget(title)
    words.addWidget(text)
    line = QHBoxLayout()
    line.setSpacing(8)
    line.addLayout(words, 1)
    for button in buttons:
        line.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
    return line


def details_field(height: int) -> QPlainTextEdit:
    """Return a hidden field for a report or a traceback; ``height`` in pixels."""
    field = QPlainTextEdit()
    field.setReadOnly(True)
    field.setFont(digits_font(8.5))
    field.setFixedHeight(height)
    field.hide()
    return field


def lay_out_notice(bar: QFrame, line: QHBoxLayout, details: QPlainTextEdit | None = None) -> None:
    """Fill a bar with its line, and with details below."""
    column = QVBoxLayout(bar)
    column.setContentsMargins(*_MARGINS)
    column.setSpacing(8)
    column.addLayout(line)
    if details is not None:
        column.addWidget(details)
