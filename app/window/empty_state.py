"""What is shown in place of something that is empty."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QListWidget, QVBoxLayout

from app.window.theme import Role, colour
from app.window.widgets import label


class EmptyState(QFrame):
    """Says in the middle that nothing is there, and how that changes."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self._title = label(style="headline")
        self._words = label(style="muted", wraps=True)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(1)
        for each in (self._title, self._words):
            each.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(each)
        # A little above the middle looks like the middle.
        column.addStretch(2)

    def set_words(self, title: str, words: str) -> None:
        """Say something else."""
        self._title.setText(title)
        self._words.setText(words)


class HintedList(QListWidget):
    """A list that says, as long as it is empty, what will be in it."""

    def __init__(self) -> None:
        super().__init__()
        self._hint = ""

    def set_hint(self, hint: str) -> None:
        """Say something else."""
        self._hint = hint
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        super().paintEvent(event)
        if self.count():
            return
        painter = QPainter(self.viewport())
        painter.setPen(colour(Role.MUTED))
        box = QRectF(self.viewport().rect()).adjusted(16, 8, -16, -8)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(box, int(flags), self._hint)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Take up the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.viewport().update()
