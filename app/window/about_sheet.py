"""Says what the program is and what it is built on."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from app.versions import program_version, versions
from app.window.sheet import Sheet
from app.window.widgets import label, readout


class AboutSheet(Sheet):
    """Versions, to read and to copy into a report.

    Parameters
    ----------
    parent : QWidget
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, 520, 460)
        self._title = label(f"WearIF {program_version()}", style="headline")
        self._what = label(style="muted", wraps=True)
        self._versions = versions()
        self._copy = QPushButton()
        self._copy.clicked.connect(self._copy_all)
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setColumnStretch(1, 1)
        self._names = {name: label(name, style="muted") for name in self._versions}
        for row, (name, text) in enumerate(self._versions.items()):
            grid.addWidget(self._names[name], row, 0)
            value = readout(text)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(value, row, 1)
        for each in (self._title, self._what):
            self.column.addWidget(each)
        self.column.addLayout(grid)
        self.column.addStretch(1)
        self.column.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignRight)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.setWindowTitle(self.tr("About WearIF"))
        self._what.setText(
            self.tr(
                "Captures and fuses focus stacks of ferrograms. Free software under the "
                "BSD 3-Clause licence."
            )
        )
        self._names["System"].setText(self.tr("System"))
        self._copy.setText(self.tr("Copy"))

    @property
    def text(self) -> str:
        """All versions, one in a line."""
        return "\n".join(f"{name}: {text}" for name, text in self._versions.items())

    @Slot()
    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
