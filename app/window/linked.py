"""Pictures that show the same part of the field."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QRectF

from app.window.picture_canvas import PictureCanvas


class Linked(QObject):
    """Lets canvases of equal size follow each other's zoom and place.

    Parameters
    ----------
    canvases : PictureCanvas
    """

    def __init__(self, *canvases: PictureCanvas) -> None:
        super().__init__(canvases[0])
        self._canvases = canvases
        self._busy = False
        for canvas in canvases:
            # The canvas is a QObject of this thread, and so is this.
            canvas.ranged.connect(partial(self._follow, canvas))

    def _follow(self, source: PictureCanvas, rect: QRectF) -> None:
        if self._busy:
            return
        self._busy = True
        for canvas in self._canvases:
            if canvas is source:
                continue
            if source.fitted:
                # Whole pictures stay whole: each fits its own room, now and after every resize.
                canvas.fit()
            else:
                canvas.show_range(rect)
        self._busy = False
