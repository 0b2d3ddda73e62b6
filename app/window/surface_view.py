"""The height map as a surface that can be turned."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from app.window.bridge import Bridge
from app.window.colour_bar import ColourBar, colour_table
from app.window.picture import Pixels
from app.window.subject import Subject
from app.window.surface import SurfaceView
from app.window.surface_painter import Rendered, Surface, SurfacePainter, SurfaceWish
from app.window.theme import Role, colour
from app.window.widgets import Translated, label

DEGREES_PER_PX: Final = 0.4
KEY_DEGREES: Final = 10.0
ZOOM_STEP: Final = 1.15
REST_MS: Final = 150
"""After the last turn, before the surface is shown finely."""
STEPS: Final = 4
"""Of the slider of heights, per factor of 2."""
KEYS: Final = {
    Qt.Key.Key_Left: (-KEY_DEGREES, 0.0),
    Qt.Key.Key_Right: (KEY_DEGREES, 0.0),
    Qt.Key.Key_Up: (0.0, KEY_DEGREES),
    Qt.Key.Key_Down: (0.0, -KEY_DEGREES),
}


class SurfaceCanvas(QWidget):
    """Shows a surface; drag or arrow keys turn it, the wheel brings it nearer."""

    def __init__(self) -> None:
        super().__init__()
        self._news = Bridge(self)
        self._news.received.connect(self._show)
        self._painter = SurfacePainter(self._news.post)
        self._image: QImage | None = None
        self._pixels: Pixels | None = None
        self._dragged: QPointF | None = None
        self._has_surface = False
        self.view = SurfaceView()
        self.exaggeration = 1.0
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(REST_MS)
        self._resting.timeout.connect(self._rest)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 150)

    @property
    def picture(self) -> Pixels | None:
        """What is seen, once it has been rendered."""
        return self._pixels

    def show_surface(self, surface: Surface) -> None:
        """Show another surface from the same side."""
        self._painter.show(surface)
        self._has_surface = True
        self.ask(quick=False)

    def set_view(self, view: SurfaceView) -> None:
        """Look from another side."""
        self.view = view
        self.ask(quick=True)
        self._resting.start()

    def reset(self) -> None:
        """Look at the whole surface, from where the first look was."""
        self.set_view(SurfaceView(exaggeration=self.view.exaggeration))

    def ask(self, *, quick: bool) -> None:
        """Have the surface rendered."""
        if not self._has_surface or not self.isVisible():
            return
        back = colour(Role.BACKGROUND)
        ratio = self.devicePixelRatioF()
        size = max(2, round(self.width() * ratio)), max(2, round(self.height() * ratio))
        rgb = back.red(), back.green(), back.blue()
        self._painter.ask(SurfaceWish(self.view, size, rgb, quick))

    @Slot()
    def _rest(self) -> None:
        self.ask(quick=False)

    @Slot(object)
    def _show(self, rendered: Rendered) -> None:
        self._pixels = rendered.picture
        self.exaggeration = rendered.exaggeration
        rows, columns = rendered.picture.shape[:2]
        # The image shares the memory of the array, which is kept beside it.
        self._image = QImage(
            rendered.picture.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888
        )
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour(Role.BACKGROUND))
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(self.rect()), self._image)
            self._write(painter)
        elif self._has_surface:
            painter.setPen(colour(Role.MUTED))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.tr("Rendering …"))
        if self.hasFocus():
            painter.setPen(QColor(colour(Role.ACCENT)))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _write(self, painter: QPainter) -> None:
        painter.setPen(colour(Role.MUTED))
        text = self.tr("Heights ×{factor:g} · drag or arrow keys: turn · wheel: zoom").format(
            factor=round(self.exaggeration, 2)
        )
        box = QRectF(self.rect()).adjusted(12, 8, -12, -8)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Take up the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.ask(quick=False)

    def showEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        super().showEvent(event)
        self.ask(quick=False)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        super().resizeEvent(event)
        self.ask(quick=False)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        self._dragged = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        if self._dragged is None:
            return
        moved, self._dragged = event.position() - self._dragged, event.position()
        self.set_view(self.view.turned(-DEGREES_PER_PX * moved.x(), DEGREES_PER_PX * moved.y()))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        self._dragged = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        event.accept()
        self.set_view(self.view.zoomed(ZOOM_STEP ** (event.angleDelta().y() / 120)))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        by = KEYS.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.set_view(self.view.turned(*by))


class SurfacePage(Translated, QWidget):
    """The surface, what is laid over it, and how high heights are drawn."""

    def __init__(self) -> None:
        super().__init__()
        self._subject: Subject | None = None
        self._colours = colour_table("cividis")
        self.canvas = SurfaceCanvas()
        self.cover = QComboBox()
        self.cover.addItems(["", ""])
        self.cover.currentIndexChanged.connect(self._cover_chosen)
        self.heights = QSlider(Qt.Orientation.Horizontal)
        self.heights.setRange(-2 * STEPS, 2 * STEPS)
        self.heights.setFixedWidth(160)
        self.heights.valueChanged.connect(self._heights_chosen)
        self._cover_label = label(style="muted")
        self._heights_label = label(style="muted")
        self.bar = ColourBar(self._colours, "")
        self._lay_out()
        self.retranslate()

    def retranslate(self) -> None:
        """See `Translated`."""
        self._cover_label.setText(self.tr("Surface shows"))
        self._heights_label.setText(self.tr("Exaggeration"))
        self.cover.setItemText(0, self.tr("Fused image"))
        self.cover.setItemText(1, self.tr("Heights in colour"))
        self.cover.setAccessibleName(self._cover_label.text())
        self.heights.setAccessibleName(self._heights_label.text())
        self.heights.setToolTip(self.tr("How high heights are drawn, against lengths in x and y"))
        self.canvas.setAccessibleName(self.tr("Height map as a surface"))
        self.bar.set_name(self.tr("Height"))
        if self._subject is not None:
            self.show_subject(self._subject)

    def show_subject(self, subject: Subject) -> None:
        """Show a stack's heights, or what an edit has made of them."""
        self._subject = subject
        in_um = subject.fusion.height_unit == "µm"
        cover = subject.fused
        if self.cover.currentIndex() == 1:
            cover = self._colours[subject.height]
        pixel_um = subject.stack.pixel_um if in_um else None
        self.canvas.show_surface(Surface(subject.heights, subject.span, cover, pixel_um))
        self.bar.set_span(*subject.span, "µm" if in_um else self.tr("frame"))
        self.bar.setVisible(self.cover.currentIndex() == 1)

    @Slot(int)
    def _cover_chosen(self, _index: int) -> None:
        if self._subject is not None:
            self.show_subject(self._subject)

    @Slot(int)
    def _heights_chosen(self, step: int) -> None:
        self.canvas.set_view(self.canvas.view.exaggerated(2 ** (step / STEPS)))

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(10)
        for each in (self._cover_label, self.cover):
            line.addWidget(each)
        line.addSpacing(16)
        for each in (self._heights_label, self.heights):
            line.addWidget(each)
        line.addStretch(1)
        pictures = QHBoxLayout()
        pictures.setSpacing(14)
        pictures.addWidget(self.canvas, 1)
        pictures.addWidget(self.bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(line)
        column.addLayout(pictures, 1)
