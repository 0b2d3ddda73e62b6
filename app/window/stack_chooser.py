"""Lets the operator point at a stack on disk, with STOP within reach all the while."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget


class StackChooser(QObject):
    """``chosen`` carries the path of a folder or a file.

    Parameters
    ----------
    window : QWidget
    captures : Path
        Where to look first.
    """

    chosen = Signal(object)

    def __init__(self, window: QWidget, captures: Path) -> None:
        super().__init__(window)
        self._window = window
        self._captures = captures

    @Slot()
    def choose_folder(self) -> None:
        """Ask for a capture or a folder of images."""
        title = self.tr("Open a capture or a folder of images")
        self._ask(title, QFileDialog.FileMode.Directory)

    @Slot()
    def choose_file(self) -> None:
        """Ask for a file that holds a stack."""
        title = self.tr("Open a multi-page TIFF or a video")
        self._ask(title, QFileDialog.FileMode.ExistingFile)

    def _ask(self, title: str, mode: QFileDialog.FileMode) -> None:
        start = self._captures if self._captures.is_dir() else Path.home()
        dialog = QFileDialog(self._window, title, str(start))
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        dialog.setFileMode(mode)
        dialog.fileSelected.connect(self._selected)
        dialog.show()

    @Slot(str)
    def _selected(self, name: str) -> None:
        self.chosen.emit(Path(name))
