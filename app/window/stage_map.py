"""Where the field is on the slide: limits, stored positions and the field, seen from above."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.acquisition.operator_settings import Place
from app.window.jog import Point
from app.window.theme import Role, colour, digits_font
from app.window.widgets import Translated, micrometres
from drivers.stage import StageCaps

SMALLEST_PX = 5.0
"""A field that would be drawn smaller is drawn so large."""


@dataclass(frozen=True, slots=True)
class MapField:
    """A field of a scan, drawn in the colour of its state."""

    x_um: float
    y_um: float
    role: Role


class StageMap(Translated, QWidget):
    """x to the right and y downwards, as in the picture; a double click goes there.

    ``chosen`` carries x and y in µm.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._caps: StageCaps | None = None
        self._here: Point | None = None
        self._field_um: tuple[float, float] | None = None
        self._places: tuple[Place, ...] = ()
        self._fields: tuple[MapField, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.retranslate()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return QSize(280, 150)

    def retranslate(self) -> None:
        """Write all texts anew."""
        self.setAccessibleName(self.tr("Map of the stage"))
        self.setToolTip(
            self.tr("The frame is what the stage can reach, in µm. Double-click to go there.")
        )

    def show_map(
        self,
        caps: StageCaps | None,
        here: Point | None,
        field_um: tuple[float, float] | None,
        places: tuple[Place, ...],
        fields: tuple[MapField, ...] = (),
    ) -> None:
        """Show limits, position, the size of a field in x and y, stored positions, a scan."""
        shown = (caps, here, field_um, places, fields)
        if shown != (self._caps, self._here, self._field_um, self._places, self._fields):
            self._caps, self._here, self._field_um, self._places, self._fields = shown
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Go there."""
        if self._caps is None:
            return
        frame = self._frame(self._caps)
        if frame.contains(event.position()):
            x_um = self._caps.x.lower_um + (event.position().x() - frame.left()) / self._scale
            y_um = self._caps.y.lower_um + (event.position().y() - frame.top()) / self._scale
            self.chosen.emit((x_um, y_um))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(digits_font(7.5))
        if self._caps is not None:
            self._draw(painter, self._caps)
        painter.end()

    def _draw(self, painter: QPainter, caps: StageCaps) -> None:
        frame = self._frame(caps)
        painter.setPen(QPen(colour(Role.STOP), 1, Qt.PenStyle.DashLine))
        painter.setBrush(colour(Role.BACKGROUND))
        painter.drawRect(frame)
        self._draw_ends(painter, caps, frame)
        painter.setPen(QPen(colour(Role.WARNING), 1.5))
        for place in self._places:
            at = self._at(frame, caps, place.x_um, place.y_um)
            painter.drawLine(at - QPointF(4, 0), at + QPointF(4, 0))
            painter.drawLine(at - QPointF(0, 4), at + QPointF(0, 4))
        for each in self._fields:
            at = self._at(frame, caps, each.x_um, each.y_um)
            painter.setPen(QPen(colour(each.role), 1))
            painter.setBrush(colour(each.role))
            painter.drawRect(self._field(at, SMALLEST_PX / 2))
        if self._here is not None:
            at = self._at(frame, caps, self._here.x_um, self._here.y_um)
            painter.setPen(QPen(colour(Role.ACCENT), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._field(at, SMALLEST_PX))

    def _field(self, at: QPointF, smallest_px: float) -> QRectF:
        width_um, height_um = self._field_um or (0.0, 0.0)
        width = max(width_um * self._scale, smallest_px)
        height = max(height_um * self._scale, smallest_px)
        return QRectF(at.x() - width / 2, at.y() - height / 2, width, height)

    def _draw_ends(self, painter: QPainter, caps: StageCaps, frame: QRectF) -> None:
        painter.setPen(colour(Role.MUTED))
        line = painter.fontMetrics().height()
        below = QRectF(frame.left(), frame.bottom() + 1, frame.width(), line)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        painter.drawText(below, left, micrometres(caps.x.lower_um, 0))
        painter.drawText(below, right, f"x {micrometres(caps.x.upper_um, 0)}")
        inside = frame.adjusted(4, 2, -4, -2)
        painter.drawText(inside, right, micrometres(caps.y.lower_um, 0))
        bottom = right | Qt.AlignmentFlag.AlignBottom
        painter.drawText(inside, bottom, f"y {micrometres(caps.y.upper_um, 0)}")

    def _frame(self, caps: StageCaps) -> QRectF:
        line = 14
        room = QRectF(self.rect()).adjusted(1, 1, -1, -1 - line)
        width_um = caps.x.upper_um - caps.x.lower_um
        height_um = caps.y.upper_um - caps.y.lower_um
        self._scale = min(room.width() / width_um, room.height() / height_um)
        width, height = width_um * self._scale, height_um * self._scale
        return QRectF(room.center().x() - width / 2, room.top(), width, height)

    def _at(self, frame: QRectF, caps: StageCaps, x_um: float, y_um: float) -> QPointF:
        return QPointF(
            frame.left() + (x_um - caps.x.lower_um) * self._scale,
            frame.top() + (y_um - caps.y.lower_um) * self._scale,
        )
