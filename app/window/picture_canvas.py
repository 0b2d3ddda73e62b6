"""A picture that can be zoomed and dragged, with an overlay, a scale bar and a crosshair."""

from __future__ import annotations

from enum import Enum

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.window.canvas_layer import CanvasLayer, PicturePoint
from app.window.picture import Pixels
from app.window.scale_bar import draw_scale_bar, scale_bar
from app.window.theme import Role, colour

ZOOM_STEP = 1.25
REACH_PX = 8
"""As far as the mouse may miss a thing on the screen."""


class Wheel(Enum):
    """What the mouse wheel does over a picture."""

    ZOOM = "zoom"
    FOCUS = "focus"


class PictureCanvas(pg.GraphicsView):
    """Shows one picture, row by row from the top left.

    ``hovered`` carries the pixel under the mouse as (column, row), or None; ``clicked`` the pixel
    clicked at; ``wheeled`` the notches and the modifiers, where the wheel does not zoom;
    ``ranged`` fires when the visible part has changed.
    """

    hovered = Signal(object)
    clicked = Signal(object)
    wheeled = Signal(object)
    ranged = Signal(object)

    def __init__(self, wheel: Wheel = Wheel.ZOOM, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, background=colour(Role.BACKGROUND), useOpenGL=False)
        self.pixel_um: float | None = None
        self._wheel = wheel
        self._crosshair = False
        self._follows_size = True
        self._notches = 0.0
        self._mark: QPointF | None = None
        self._box = pg.ViewBox(lockAspect=True, enableMenu=False, invertY=True, border=None)
        self._box.setBackgroundColor(None)
        self._box.setMouseEnabled(x=False, y=False)
        self._image = pg.ImageItem(axisOrder="row-major", levels=None)
        self._overlay = pg.ImageItem(axisOrder="row-major")
        self._overlay.setZValue(1)
        self._overlay.setVisible(False)
        for item in (self._image, self._overlay):
            self._box.addItem(item)
        self.setCentralItem(self._box)
        self.setMouseTracking(True)
        # What is dropped on it is meant for the window; a scene would take it and do nothing.
        self.setAcceptDrops(False)
        self.setMinimumSize(120, 80)
        # It takes no keys: the tab key would stop at each picture, twice, and nothing show it.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._layers: list[CanvasLayer] = []
        self._holder: CanvasLayer | None = None
        self._pressed: QPointF | None = None
        self._dragged = False
        self._box.sigRangeChanged.connect(self._range_changed)
        self._box.sigResized.connect(self._resized)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Take up the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.setBackground(colour(Role.BACKGROUND))

    @property
    def shape(self) -> tuple[int, int] | None:
        """(H, W) of the picture shown."""
        image = self._image.image
        return None if image is None else (image.shape[0], image.shape[1])

    @property
    def picture(self) -> Pixels | None:
        """What is shown; another object after each call of `show_picture`."""
        return self._image.image

    @property
    def visible_rect(self) -> QRectF:
        """The visible part, in pixels of the picture."""
        return self._box.viewRect()

    @property
    def fitted(self) -> bool:
        """Whether the whole picture is shown, and will be after every resize."""
        return self._follows_size

    def show_picture(self, pixels: Pixels) -> None:
        """Show a picture; whoever hands it over does not write to it any more."""
        before = self.shape
        if self._image.lut is not None:
            self._image.setLookupTable(None, update=False)
        self._image.setImage(pixels, levels=None, autoLevels=False)
        if self.shape != before:
            self.fit()

    def show_mapped(self, pixels: Pixels, colours: np.ndarray) -> None:
        """Show a map (H, W) of 0..255 in 256 colours."""
        before = self.shape
        self._image.setLookupTable(colours)
        self._image.setImage(pixels, levels=(0, 255), autoLevels=False)
        if self.shape != before:
            self.fit()

    def show_overlay(self, pixels: Pixels | None, colours: np.ndarray | None = None) -> None:
        """Lay a map (H, W) of 0..255 over the picture; None takes it away."""
        self._overlay.setVisible(pixels is not None)
        if pixels is not None:
            self._overlay.setLookupTable(colours)
            self._overlay.setImage(pixels, levels=(0, 255), autoLevels=False)

    @property
    def overlay(self) -> Pixels | None:
        """What lies over the picture."""
        return self._overlay.image if self._overlay.isVisible() else None

    def set_overlay_opacity(self, opacity: float) -> None:
        """Let an overlay shine through, 0..1."""
        self._overlay.setOpacity(opacity)

    def clear_picture(self) -> None:
        """Show nothing."""
        self._image.clear()
        self._overlay.setVisible(False)
        self._mark = None

    def set_crosshair(self, shown: bool) -> None:
        """Mark the middle of the picture."""
        self._crosshair = shown
        self.viewport().update()

    def set_mark(self, column: float, row: float) -> None:
        """Mark one pixel."""
        self._mark = QPointF(column + 0.5, row + 0.5)
        self.viewport().update()

    def add_layer(self, layer: CanvasLayer) -> None:
        """Lay something over the picture, on top of what lies there already."""
        self._layers.append(layer)

    def refresh(self) -> None:
        """Draw what lies over the picture once more."""
        self.viewport().update()

    def fit(self) -> None:
        """Show the whole picture, now and after every resize."""
        self._follows_size = True
        if self.shape is not None:
            height, width = self.shape
            self._box.setRange(QRectF(0, 0, width, height), padding=0)

    def one_to_one(self) -> None:
        """Show one pixel of the picture on one of the screen, around the present middle."""
        ratio = self.devicePixelRatioF()
        width, height = self._box.width() * ratio, self._box.height() * ratio
        self._show(self.visible_rect.center(), width, height)

    def zoom(self, factor: float, around: QPointF | None = None) -> None:
        """Zoom in (factor above 1) or out; ``around`` stays where it is."""
        self._follows_size = False
        centre = around if around is not None else self.visible_rect.center()
        self._box.scaleBy((1 / factor, 1 / factor), center=centre)

    def show_range(self, rect: QRectF) -> None:
        """Show the same part as another picture of the same size."""
        if self.shape is not None and rect != self.visible_rect:
            self._follows_size = False
            self._box.setRange(rect, padding=0)

    def _show(self, centre: QPointF, width: float, height: float) -> None:
        self._follows_size = False
        corner = QPointF(centre.x() - width / 2, centre.y() - height / 2)
        self._box.setRange(QRectF(corner.x(), corner.y(), width, height), padding=0)

    @Slot(object)
    def _range_changed(self, *_ignored: object) -> None:
        self.viewport().update()
        if self.shape is not None:
            self.ranged.emit(self.visible_rect)

    @Slot(object)
    def _resized(self, _box: object) -> None:
        if self._follows_size:
            self.fit()

    def drawForeground(self, painter: QPainter, _rect: QRectF) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        if self.shape is None:
            return
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view = QRectF(self.viewport().rect())
        if self._crosshair:
            self._draw_crosshair(painter)
        if self._mark is not None:
            self._draw_mark(painter, self._mark)
        for layer in self._layers:
            painter.save()
            layer.draw(painter, lambda point: self._on_screen(QPointF(*point)))
            painter.restore()
        if self.pixel_um is not None and view.width() > 200:
            um_per_px = self.pixel_um * self.visible_rect.width() / max(view.width(), 1)
            shown = view.intersected(self._picture_on_screen())
            if um_per_px > 0 and shown.width() > 100:
                draw_scale_bar(painter, shown, scale_bar(um_per_px, shown.width()), self.font())
        painter.restore()

    def _draw_crosshair(self, painter: QPainter) -> None:
        shown = self._picture_on_screen()
        middle, low, high = shown.center(), shown.topLeft(), shown.bottomRight()
        for shade, thickness in ((QColor(0, 0, 0, 150), 3), (QColor(255, 255, 255, 210), 1)):
            painter.setPen(QPen(shade, thickness))
            painter.drawLine(QPointF(low.x(), middle.y()), QPointF(high.x(), middle.y()))
            painter.drawLine(QPointF(middle.x(), low.y()), QPointF(middle.x(), high.y()))

    def _draw_mark(self, painter: QPainter, pixel: QPointF) -> None:
        at = self._on_screen(pixel)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for shade, thickness in ((QColor(0, 0, 0, 170), 4), (QColor("white"), 1.6)):
            painter.setPen(QPen(shade, thickness))
            painter.drawEllipse(at, 7, 7)

    def _picture_on_screen(self) -> QRectF:
        height, width = self.shape or (0, 0)
        low, high = self._on_screen(QPointF(0, 0)), self._on_screen(QPointF(width, height))
        return QRectF(low, high)

    def place_of(self, column: int, row: int) -> QPoint:
        """Return where the middle of a pixel is on the canvas."""
        return self._on_screen(QPointF(column + 0.5, row + 0.5)).toPoint()

    def _on_screen(self, pixel: QPointF) -> QPointF:
        scene = self._box.mapViewToScene(pixel)
        return QPointF(self.mapFromScene(scene))

    def _pixel_at(self, position: QPointF) -> QPointF:
        return self._box.mapSceneToView(self.mapToScene(position.toPoint()))

    def _point_at(self, position: QPointF) -> PicturePoint:
        pixel = self._pixel_at(position)
        return pixel.x(), pixel.y()

    def _reach(self) -> float:
        return REACH_PX * self.visible_rect.width() / max(self.viewport().width(), 1)

    def _inside(self, pixel: QPointF) -> tuple[int, int] | None:
        height, width = self.shape or (0, 0)
        column, row = int(np.floor(pixel.x())), int(np.floor(pixel.y()))
        return (column, row) if 0 <= column < width and 0 <= row < height else None

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        delta = event.angleDelta()
        # With Alt, and on some systems with Shift, the wheel reports sideways.
        notches = (delta.y() or delta.x()) / 120
        event.accept()
        if self._wheel is Wheel.ZOOM:
            self.zoom(ZOOM_STEP**notches, self._pixel_at(event.position()))
            return
        self._notches += notches
        whole = int(self._notches)
        if whole:
            self._notches -= whole
            self.wheeled.emit((whole, event.modifiers()))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        event.accept()
        if self.shape is not None and event.button() == Qt.MouseButton.LeftButton:
            point, reach = self._point_at(event.position()), self._reach()
            taken = (layer for layer in reversed(self._layers) if layer.press(point, reach))
            self._holder = next(taken, None)
            if self._holder is not None:
                return
        self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        here = event.position()
        if self._holder is not None:
            self._holder.drag(self._point_at(here))
        elif self._pressed is None and self.shape is not None:
            for layer in self._layers:
                layer.hover(self._point_at(here), self._reach())
        if self._pressed is not None:
            moved = here - self._pressed
            if self._dragged or moved.manhattanLength() > 4:
                self._drag(self._pressed, here)
                self._pressed, self._dragged = here, True
        self.hovered.emit(self._inside(self._pixel_at(here)) if self.shape else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        if self._holder is not None:
            holder, self._holder = self._holder, None
            holder.release(self._point_at(event.position()), self._reach())
            return
        if not self._dragged and self.shape is not None:
            pixel = self._inside(self._pixel_at(event.position()))
            if pixel is not None:
                self.clicked.emit(pixel)
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        event.accept()
        if self.shape is None or event.button() != Qt.MouseButton.LeftButton:
            return
        point, reach = self._point_at(event.position()), self._reach()
        taken = (layer for layer in reversed(self._layers) if layer.double_click(point, reach))
        # What follows is the second release.
        self._holder = next(taken, None)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        self.hovered.emit(None)
        super().leaveEvent(event)

    def _drag(self, start: QPointF, end: QPointF) -> None:
        self._follows_size = False
        shift = self._pixel_at(start) - self._pixel_at(end)
        self._box.translateBy(x=shift.x(), y=shift.y())
