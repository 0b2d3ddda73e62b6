"""How sharp the live picture is, against the sharpest since the last reset."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.acquisition.focus_hold import FocusHold
from app.window.theme import Role, colour
from app.window.widgets import Translated

NEAR_PEAK = 0.9
"""Share of the peak from which on the picture counts as sharp."""


class FocusMeter(Translated, QWidget):
    """A bar that fills up to a tick at the peak."""

    def __init__(self) -> None:
        super().__init__()
        self._hold = FocusHold()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.retranslate()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return QSize(200, 18)

    def retranslate(self) -> None:
        """Write all texts anew."""
        self.setAccessibleName(self.tr("Sharpness of the picture"))
        self.setToolTip(
            self.tr(
                "Sharpness as the autofocus measures it. The tick keeps the sharpest picture so "
                "far; when the bar reaches it again, you are back in focus."
            )
        )

    def show_focus(self, hold: FocusHold) -> None:
        """Show the present value and the peak."""
        self._hold = hold
        if hold.share is not None:
            self.setAccessibleDescription(f"{hold.share:.0%}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 3.5, -0.5, -3.5)
        painter.setPen(QPen(colour(Role.LINE), 1))
        painter.setBrush(colour(Role.BACKGROUND))
        painter.drawRoundedRect(box, 4, 4)
        share = self._hold.share
        if share is not None:
            # The peak does not lie at the end, so that a new one is seen to come.
            peak_x = box.left() + 0.92 * box.width()
            filled = QRectF(box)
            filled.setRight(box.left() + share * (peak_x - box.left()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(Role.GOOD if share >= NEAR_PEAK else Role.ACCENT))
            painter.drawRoundedRect(filled, 4, 4)
            painter.setPen(QPen(colour(Role.TEXT), 2))
            painter.drawLine(QPointF(peak_x, 0), QPointF(peak_x, self.height()))
        painter.end()
