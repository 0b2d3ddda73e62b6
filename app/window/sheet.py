"""A sheet beside the window: never modal, so that STOP stays within reach."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.window.widgets import Translated


class Sheet(Translated, QDialog):
    """What shortcuts, log and the like are shown in.

    Parameters
    ----------
    parent : QWidget
        The window; the sheet stays above it and goes with it.
    width, height : int
        To begin with.
    """

    def __init__(self, parent: QWidget, width: int, height: int) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, on=False)
        self._begins_px: tuple[int, int] | None = (width, height)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(18, 16, 18, 16)
        self.column.setSpacing(12)

    def bring(self) -> None:
        """Show it, above whatever else is open."""
        if self._begins_px is not None:
            # Only now the window has the size that it is seen in.
            width, height = self._begins_px
            self.resize(
                min(width, self.parentWidget().width()), min(height, self.parentWidget().height())
            )
            self._begins_px = None
        self.show()
        self.raise_()
        self.activateWindow()
