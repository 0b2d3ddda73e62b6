"""All frames of a stack in one strip, and how sharp each is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.window.theme import Role, colour
from app.window.weight_maps import THUMBNAIL_HEIGHT, FrameSketch
from app.window.widgets import Translated

CURVE_SHARE: Final = 0.55
"""Of the strip's height; the curve lies over the lower part of the pictures."""


class Filmstrip(Translated, QWidget):
    """Small pictures from the lowest frame to the highest, under a curve of their sharpness.

    ``chosen`` carries the number of the frame that was clicked at or dragged to.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._shown = 0
        self._excluded: Collection[int] = ()
        self._sketches: Mapping[int, FrameSketch] = {}
        self._images: dict[int, QImage] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(THUMBNAIL_HEIGHT + 6)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self.setAccessibleName(self.tr("Filmstrip with the sharpness of each frame"))
        self.setToolTip(
            self.tr(
                "Frames from the lowest z to the highest; the curve is how sharp each is as a whole"
            )
        )

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        return QSize(400, THUMBNAIL_HEIGHT + 6)

    @property
    def sharpness(self) -> list[tuple[int, float]]:
        """The curve: (frame, sharpness as a share of the sharpest)."""
        known = sorted(self._sketches.items())
        most = max((sketch.sharpness for _index, sketch in known), default=0.0) or 1.0
        return [(index, sketch.sharpness / most) for index, sketch in known]

    def open(self, count: int) -> None:
        """Show another stack of so many frames, of which nothing is known yet."""
        self._count, self._sketches, self._excluded = count, {}, ()
        self._images.clear()
        self.update()

    def show_sketches(self, sketches: Mapping[int, FrameSketch]) -> None:
        """Show what is known of the frames by now."""
        self._sketches = sketches
        self.update()

    def mark(self, shown: int, excluded: Collection[int]) -> None:
        """Mark the frame that is shown, and those that are left out."""
        self._shown, self._excluded = shown, excluded
        self.update()

    def place_of(self, index: int) -> QPointF:
        """Return where the middle of a frame's part is."""
        return QPointF((index + 0.5) * self.width() / max(self._count, 1), self.height() / 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        self._choose(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event)

    def _choose(self, event: QMouseEvent) -> None:
        if self._count:
            index = int(event.position().x() * self._count / max(self.width(), 1))
            self.chosen.emit(min(max(index, 0), self._count - 1))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), colour(Role.SURFACE))
        if self._count:
            self._draw_pictures(painter)
            self._draw_excluded(painter)
            self._draw_curve(painter)
            self._draw_shown(painter)
        painter.end()

    def _draw_pictures(self, painter: QPainter) -> None:
        first = next(iter(self._sketches.values()), None)
        if first is None:
            return
        rows, columns = first.thumbnail.shape[:2]
        width = max(self.height() * columns / rows, self.width() / self._count)
        places = max(1, round(self.width() / width))
        width = self.width() / places
        for place in range(places):
            index = int((place + 0.5) * self._count / places)
            if index in self._sketches:
                box = QRectF(place * width, 0, width - 1, self.height())
                painter.drawImage(box, self._image(index), self._cut(index, box))

    def _image(self, index: int) -> QImage:
        if index not in self._images:
            pixels = self._sketches[index].thumbnail
            grey = pixels.ndim == 2
            form = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
            rows, columns = pixels.shape[:2]
            self._images[index] = QImage(pixels.data, columns, rows, pixels.strides[0], form)
        return self._images[index]

    def _cut(self, index: int, box: QRectF) -> QRectF:
        """Return the part of a small picture that fills a box without being stretched."""
        image = QRectF(self._image(index).rect())
        scale = max(box.width() / image.width(), box.height() / image.height())
        part = QRectF(0, 0, box.width() / scale, box.height() / scale)
        part.moveCenter(image.center())
        return part

    def _draw_excluded(self, painter: QPainter) -> None:
        width = self.width() / self._count
        veil = colour(Role.BACKGROUND)
        veil.setAlpha(200)
        for index in self._excluded:
            box = QRectF(index * width, 0, width, self.height())
            painter.fillRect(box, veil)
            painter.setPen(QPen(colour(Role.STOP), 1.5))
            inner = box.adjusted(2, 4, -2, -4)
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.bottomLeft(), inner.topRight())

    def _draw_curve(self, painter: QPainter) -> None:
        points = [
            QPointF(
                self.place_of(index).x(), self.height() - 3 - share * CURVE_SHARE * self.height()
            )
            for index, share in self.sharpness
        ]
        if len(points) < 2:
            return
        # Dark below, bright above: seen on any picture in any theme.
        for pen in (QPen(QColor(0, 0, 0, 170), 4), QPen(QColor(255, 214, 92), 1.8)):
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(points))

    def _draw_shown(self, painter: QPainter) -> None:
        width = self.width() / self._count
        box = QRectF(self._shown * width, 0, width, self.height())
        middle = box.center().x()
        box.setWidth(max(width, 6))
        box.moveCenter(QPointF(middle, self.height() / 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour(Role.ACCENT), 2.4))
        painter.drawRect(box.adjusted(1, 1.2, -1, -1.2))
