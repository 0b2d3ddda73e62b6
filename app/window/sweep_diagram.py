"""The next sweep along z: run-up, frames, run-down, against the limits."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.acquisition.sweep_plan import SweepPlan
from app.window.theme import Role, colour, digits_font
from app.window.widgets import Translated, micrometres

MOST_TICKS = 90
"""More frames than that would run into one another; only every second, fifth … is drawn."""


class SweepDiagram(Translated, QWidget):
    """A line from where the stage starts to where it rests, with a tick for each frame."""

    def __init__(self) -> None:
        super().__init__()
        self._plan: SweepPlan | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.retranslate()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return QSize(280, 46)

    def retranslate(self) -> None:
        """Write all texts anew."""
        self.setAccessibleName(self.tr("The sweep along z"))
        self.setToolTip(
            self.tr(
                "From the left, which is near the slide, to the right: the run-up in which the "
                "stage gains its speed, the frames, and the run-down."
            )
        )

    def show_plan(self, plan: SweepPlan | None) -> None:
        """Show a sweep; None shows nothing."""
        if plan != self._plan:
            self._plan = plan
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        if self._plan is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(digits_font(7.5))
        self._draw(painter, self._plan)
        painter.end()

    def _draw(self, painter: QPainter, plan: SweepPlan) -> None:
        left, right, y = 4.0, self.width() - 4.0, 14.0
        scale = (right - left) / (plan.end_um - plan.start_um)

        def x(z_um: float) -> float:
            return left + (z_um - plan.start_um) * scale

        painter.setPen(QPen(colour(Role.FAINT), 2))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        painter.setPen(QPen(colour(Role.ACCENT), 4))
        painter.drawLine(QPointF(x(plan.z_from_um), y), QPointF(x(plan.z_to_um), y))
        painter.setPen(QPen(colour(Role.TEXT), 1))
        positions_um = plan.positions_um
        every = -(-len(positions_um) // MOST_TICKS)
        for z_um in positions_um[::every]:
            painter.drawLine(QPointF(x(z_um), y - 7), QPointF(x(z_um), y + 7))
        painter.setPen(colour(Role.MUTED))
        line = painter.fontMetrics().height()
        box = QRectF(left, y + 12, right - left, line)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft, micrometres(plan.start_um))
        painter.drawText(box, Qt.AlignmentFlag.AlignRight, f"z {micrometres(plan.end_um)} µm")
        middle = f"{micrometres(plan.z_from_um)} … {micrometres(plan.z_to_um)}"
        painter.setPen(colour(Role.TEXT))
        painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, middle)
