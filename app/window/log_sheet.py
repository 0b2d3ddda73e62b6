"""Shows what the program has done."""

from __future__ import annotations

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from app.program_log import LINES_KEPT, ProgramLog
from app.window.bridge import Bridge
from app.window.sheet import Sheet
from app.window.theme import digits_font
from app.window.widgets import label


class LogSheet(Sheet):
    """The last lines of the log, and where its file lies.

    Parameters
    ----------
    program_log : ProgramLog
    parent : QWidget
    """

    def __init__(self, program_log: ProgramLog, parent: QWidget) -> None:
        super().__init__(parent, 980, 560)
        self._log = program_log
        self._news = Bridge(self)
        self._news.received.connect(self._add)
        self._wanted = QLineEdit()
        self._wanted.setClearButtonEnabled(True)
        self._wanted.textChanged.connect(self._fill)
        self.lines = QPlainTextEdit()
        self.lines.setReadOnly(True)
        self.lines.setMaximumBlockCount(LINES_KEPT)
        self.lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.lines.setFont(digits_font(8.5))
        self._where = label(style="muted", wraps=True)
        self._copy = QPushButton()
        self._copy.clicked.connect(self._copy_all)
        self._open = QPushButton()
        self._open.clicked.connect(self._open_folder)
        line = QHBoxLayout()
        line.addWidget(self._where, 1)
        line.addWidget(self._copy)
        line.addWidget(self._open)
        self.column.addWidget(self._wanted)
        self.column.addWidget(self.lines, 1)
        self.column.addLayout(line)
        self.retranslate()
        program_log.memory.listener = self._news.post

    def retranslate(self) -> None:
        """See `Translated`."""
        self.setWindowTitle(self.tr("Log"))
        self._wanted.setPlaceholderText(self.tr("Show only lines with this text"))
        self._wanted.setAccessibleName(self._wanted.placeholderText())
        self.lines.setAccessibleName(self.tr("Lines of the log"))
        self._copy.setText(self.tr("Copy"))
        self._open.setText(self.tr("Open the folder"))
        self._where.setText(
            self.tr("No log file: {trouble}").format(trouble=self._log.trouble)
            if self._log.trouble
            else self.tr("Written to {path}").format(path=self._log.path)
        )

    def bring(self) -> None:
        """Show it with all that there is."""
        self._fill()
        super().bring()

    @Slot()
    def _fill(self, *_text: str) -> None:
        lines = [line for line in self._log.memory.lines() if self._shows(line)]
        self.lines.setPlainText("\n".join(lines))
        self.lines.verticalScrollBar().setValue(self.lines.verticalScrollBar().maximum())

    @Slot(object)
    def _add(self, line: str) -> None:
        if self.isVisible() and self._shows(line):
            self.lines.appendPlainText(line)

    def _shows(self, line: str) -> bool:
        return self._wanted.text().casefold() in line.casefold()

    @Slot()
    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self.lines.toPlainText())

    @Slot()
    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log.folder)))
