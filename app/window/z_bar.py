"""Where z is between its soft limits."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.window.theme import Role, colour, digits_font
from app.window.widgets import Translated, micrometres
from drivers.stage import AxisCaps

NEAR_LIMIT = 0.02
"""Share of the travel at which a limit counts as near."""


class ZBar(Translated, QWidget):
    """A vertical bar: soft limits at its ends, the range to sweep, and the present z."""

    def __init__(self) -> None:
        super().__init__()
        self._limits: AxisCaps | None = None
        self._z_um: float | None = None
        self._range: tuple[float | None, float | None] = (None, None)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.setAccessibleName(self.tr("z between its soft limits"))
        self.setToolTip(
            self.tr(
                "z in µm between the soft limits; up is away from the slide. The coloured "
                "bracket is the range of the sweep."
            )
        )

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return QSize(78, 200)

    def show_z(
        self,
        limits: AxisCaps | None,
        z_um: float | None,
        swept_um: tuple[float | None, float | None],
    ) -> None:
        """Show limits, position and the ends of the range."""
        if (limits, z_um, swept_um) == (self._limits, self._z_um, self._range):
            return
        self._limits, self._z_um, self._range = limits, z_um, swept_um
        if limits is not None and z_um is not None:
            self.setAccessibleDescription(
                f"z {z_um:.1f} µm, limits {limits.lower_um:.0f} to {limits.upper_um:.0f} µm"
            )
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(digits_font(8))
        text_height = painter.fontMetrics().height()
        bar = QRectF(4, text_height + 4, 14, self.height() - 2 * text_height - 8)
        painter.setPen(QPen(colour(Role.LINE), 1))
        painter.setBrush(colour(Role.BACKGROUND))
        painter.drawRoundedRect(bar, 4, 4)
        if self._limits is None:
            painter.end()
            return
        self._draw_ends(painter, bar, self._limits)
        self._draw_range(painter, bar, self._limits)
        self._draw_z(painter, bar, self._limits)
        painter.end()

    def _draw_ends(self, painter: QPainter, bar: QRectF, limits: AxisCaps) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(colour(Role.STOP), Qt.BrushStyle.BDiagPattern))
        painter.drawRect(QRectF(bar.left() + 1, bar.top() + 1, bar.width() - 2, 8))
        painter.drawRect(QRectF(bar.left() + 1, bar.bottom() - 9, bar.width() - 2, 8))
        painter.setPen(colour(Role.MUTED))
        line = painter.fontMetrics().height()
        top = QRectF(0, 0, self.width(), line)
        bottom = QRectF(0, self.height() - line, self.width(), line)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(top, left, f"{micrometres(limits.upper_um, 0)} µm")
        painter.drawText(bottom, left, f"{micrometres(limits.lower_um, 0)} µm")

    def _draw_range(self, painter: QPainter, bar: QRectF, limits: AxisCaps) -> None:
        bottom_um, top_um = self._range
        accent = colour(Role.ACCENT)
        painter.setPen(QPen(accent, 2))
        for end_um in (bottom_um, top_um):
            if end_um is not None:
                y = self._y(bar, limits, end_um)
                painter.drawLine(QPointF(bar.left(), y), QPointF(bar.right(), y))
        if bottom_um is not None and top_um is not None:
            low, high = self._y(bar, limits, bottom_um), self._y(bar, limits, top_um)
            accent.setAlpha(120)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(accent)
            painter.drawRect(QRectF(bar.left(), high, bar.width(), max(low - high, 2)))

    def _draw_z(self, painter: QPainter, bar: QRectF, limits: AxisCaps) -> None:
        if self._z_um is None:
            return
        margin = NEAR_LIMIT * (limits.upper_um - limits.lower_um)
        near = not limits.lower_um + margin <= self._z_um <= limits.upper_um - margin
        shade = colour(Role.WARNING if near else Role.TEXT)
        y = self._y(bar, limits, self._z_um)
        tip = QPointF(bar.right() - 3, y)
        painter.setPen(QPen(shade, 2))
        painter.drawLine(QPointF(bar.left(), y), tip)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        painter.drawPolygon(QPolygonF([tip, tip + QPointF(9, -6), tip + QPointF(9, 6)]))
        line = painter.fontMetrics().height()
        box = QRectF(bar.right() + 9, y - line / 2, self.width() - bar.right() - 9, line)
        box.moveTop(min(max(box.top(), bar.top()), bar.bottom() - line))
        painter.setPen(shade if near else colour(Role.FAINT))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, "z")

    def _y(self, bar: QRectF, limits: AxisCaps, z_um: float) -> float:
        share = (z_um - limits.lower_um) / (limits.upper_um - limits.lower_um)
        return bar.bottom() - min(max(share, 0.0), 1.0) * bar.height()
