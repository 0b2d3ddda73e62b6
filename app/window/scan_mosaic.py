"""All fields of a scan in one picture, which grows while the scan runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.captures.overview import GAP, overview_places
from app.window.picture import Pixels
from app.window.scan_progress import FieldRow, FieldStage
from app.window.scan_words import stage_role, stage_words
from app.window.theme import Role, colour, digits_font
from app.window.widgets import Translated

MARGIN_PX: Final = 14
TAGGED_PX: Final = 34
"""Smaller fields bear no number ..."""
WORDED_PX: Final = 110
"""... and narrower ones no words."""
TAG: Final = (26, 17)
PLAIN: Final = (FieldStage.WAITING, FieldStage.FUSED)


@dataclass(frozen=True, slots=True, eq=False)
class MosaicView:
    """What is to be seen."""

    rows: tuple[FieldRow, ...] = ()
    field_um: tuple[float, float] | None = None
    """How far a field reaches along x and y."""
    tiles: Mapping[int, Pixels] = field(default_factory=dict)
    """Fused images by the number of their field."""
    growing: Pixels | None = None
    """The fused image of the field that the microscope works at, so far."""
    here_um: tuple[float, float] | None = None
    selected: int | None = None

    def same(self, other: MosaicView) -> bool:
        """Say whether it looks the same as another."""
        return (
            self.rows == other.rows
            and (self.field_um, self.here_um, self.selected)
            == (other.field_um, other.here_um, other.selected)
            and self.tiles is other.tiles
            and self.growing is other.growing
        )


class ScanMosaic(Translated, QWidget):
    """The fields to scale or, where they lie far apart, side by side, as in ``overview.png``.

    ``chosen`` carries the number of a field that was clicked, ``opened`` of one clicked twice.
    """

    chosen = Signal(int)
    opened = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._view = MosaicView()
        self._boxes: tuple[QRectF, ...] = ()
        self._origin = QPointF()
        self._scale = 0.0
        """Pixels of the screen per µm; 0 where the fields lie side by side."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(300, 160)
        self.retranslate()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return QSize(800, 420)

    def retranslate(self) -> None:
        """See `Translated`."""
        self.setAccessibleName(self.tr("Overview of the fields"))
        self.update()

    def show_view(self, view: MosaicView) -> None:
        """Show something else."""
        if not view.same(self._view):
            self._view = view
            self.update()

    def box_of(self, number: int) -> QRectF:
        """Return where a field is drawn."""
        self._arrange()
        return self._boxes[number]

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose a field."""
        number = self._number_at(event.position())
        if number is not None:
            self.chosen.emit(number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Open a field."""
        number = self._number_at(event.position())
        if number is not None:
            self.opened.emit(number)

    def event(self, event: QEvent) -> bool:
        """Say what the field under the mouse is."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = self._number_at(QPointF(event.pos()))
            row = None if number is None else self._view.rows[number]
            text = "" if row is None else f"{row.name}\n{stage_words(row)}"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        self._arrange()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), colour(Role.SURFACE))
        if not self._boxes:
            painter.setPen(colour(Role.MUTED))
            words = self.tr("The fields appear here once it is known where they lie.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)
        for number in self._from_below():
            self._draw(painter, number, self._boxes[number])
        self._draw_here(painter)
        if self._view.selected is not None and self._view.selected < len(self._boxes):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour(Role.TEXT), 2))
            painter.drawRect(self._boxes[self._view.selected].adjusted(1, 1, -1, -1))
        # On top of all frames, whose lines would cross them.
        for number, box in enumerate(self._boxes):
            self._draw_words(painter, number, box)
        painter.end()

    def _draw(self, painter: QPainter, number: int, box: QRectF) -> None:
        row = self._view.rows[number]
        picture = self._picture_of(number)
        if picture is None:
            painter.fillRect(box, colour(Role.BACKGROUND))
        else:
            painter.drawImage(box, _image(picture))
        role = stage_role(row.stage)
        plain = row.stage in PLAIN
        style = Qt.PenStyle.DashLine if row.stage is FieldStage.WAITING else Qt.PenStyle.SolidLine
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(Role.FAINT if plain else role), 1 if plain else 2, style))
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))

    def _draw_words(self, painter: QPainter, number: int, box: QRectF) -> None:
        row = self._view.rows[number]
        role = stage_role(row.stage)
        if min(box.width(), box.height()) >= TAGGED_PX:
            self._draw_tag(painter, number, box, role)
        # That a field waits is said by its dashed frame, and by the list.
        worded = row.stage not in PLAIN and self._picture_of(number) is None
        if worded and box.width() >= WORDED_PX:
            self._draw_stage(painter, row, box, role)

    def _draw_stage(self, painter: QPainter, row: FieldRow, box: QRectF, role: Role) -> None:
        painter.setFont(self.font())
        words = stage_words(row).partition(":")[0]
        flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
        inside = box.adjusted(8, TAG[1], -8, -6)
        around = painter.boundingRect(inside, flags, words).adjusted(-6, -2, 6, 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(Role.RAISED))
        painter.drawRoundedRect(around, 4, 4)
        painter.setPen(colour(role))
        painter.drawText(inside, flags, words)

    def _picture_of(self, number: int) -> Pixels | None:
        busy = self._view.rows[number].stage.is_busy
        return self._view.growing if busy else self._view.tiles.get(number)

    def _draw_tag(self, painter: QPainter, number: int, box: QRectF, role: Role) -> None:
        tag = QRectF(box.left() + 4, box.top() + 4, *TAG)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(Role.RAISED))
        painter.drawRoundedRect(tag, 4, 4)
        painter.setBrush(colour(role))
        painter.drawEllipse(QPointF(tag.left() + 6.5, tag.center().y()), 2.5, 2.5)
        painter.setPen(colour(Role.TEXT))
        painter.setFont(digits_font(7.5))
        painter.drawText(tag.adjusted(8, 0, 0, 0), Qt.AlignmentFlag.AlignCenter, str(number + 1))

    def _draw_here(self, painter: QPainter) -> None:
        view = self._view
        if not self._scale or view.here_um is None or view.field_um is None:
            return
        centre = self._origin + QPointF(*view.here_um) * self._scale
        width, height = (side * self._scale for side in view.field_um)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(Role.ACCENT), 1.5, Qt.PenStyle.DotLine))
        painter.drawRect(QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height))

    def _number_at(self, at: QPointF) -> int | None:
        self._arrange()
        on_top = reversed(self._from_below())
        return next((each for each in on_top if self._boxes[each].contains(at)), None)

    def _from_below(self) -> list[int]:
        # Fields that wait would hide the overlap of what is captured.
        stages = [row.stage for row in self._view.rows]
        return sorted(
            range(len(self._boxes)), key=lambda each: stages[each] is not FieldStage.WAITING
        )

    def _arrange(self) -> None:
        """Find out where the fields lie on the screen."""
        view = self._view
        self._boxes, self._scale = (), 0.0
        if not view.rows or view.field_um is None:
            return
        width_um, height_um = view.field_um
        corners, (high_um, wide_um) = overview_places(view.rows, 1.0, height_um, width_um)
        left_um = min(row.x_um for row in view.rows) - width_um / 2
        top_um = min(row.y_um for row in view.rows) - height_um / 2
        to_scale = all(
            abs(y - (row.y_um - height_um / 2 - top_um)) < 1
            and abs(x - (row.x_um - width_um / 2 - left_um)) < 1
            for row, (y, x) in zip(view.rows, corners, strict=True)
        )
        room = QRectF(self.rect()).adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -MARGIN_PX)
        if not to_scale:
            corners, (high_um, wide_um) = _side_by_side(
                len(view.rows), height_um, width_um, room.height() / room.width()
            )
        scale = min(room.width() / wide_um, room.height() / high_um)
        left = room.center().x() - wide_um * scale / 2
        top = room.center().y() - high_um * scale / 2
        self._boxes = tuple(
            QRectF(left + x * scale, top + y * scale, width_um * scale, height_um * scale)
            for y, x in corners
        )
        if to_scale:
            self._scale = scale
            self._origin = QPointF(left - left_um * scale, top - top_um * scale)


def _side_by_side(
    count: int, height: float, width: float, slope: float
) -> tuple[list[tuple[float, float]], tuple[float, float]]:
    """Lay fields out so that they fill a room whose height is ``slope`` times its width.

    Returns what `overview_places` returns.
    """
    step = 1 + GAP

    def size(columns: int) -> tuple[float, float]:
        rows = math.ceil(count / columns)
        return (rows * step - GAP) * height, (columns * step - GAP) * width

    def narrowest(columns: int) -> float:
        high, wide = size(columns)
        return max(high / slope, wide)

    columns = min(range(1, count + 1), key=narrowest)
    corners = [(n // columns * height * step, n % columns * width * step) for n in range(count)]
    return corners, size(columns)


def _image(pixels: Pixels) -> QImage:
    height, width = pixels.shape[:2]
    grey = pixels.ndim == 2
    kind = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    return QImage(pixels.data, width, height, pixels.strides[0], kind)
