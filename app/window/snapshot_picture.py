"""A picture to show: the frame with its scale bar burnt in."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QRectF
from PySide6.QtGui import QFont, QImage, QPainter

from app.window.picture import Pixels
from app.window.scale_bar import draw_scale_bar, scale_bar
from app.window.theme import text_font

TEXT_SHARE = 0.028
"""Height of the scale bar's text as a share of the picture's."""


def png_with_scale(pixels: Pixels, pixel_um: float) -> bytes:
    """Return a PNG of a picture with a scale bar in its lower right corner; any thread.

    Parameters
    ----------
    pixels : ndarray of shape (H, W) or (H, W, 3), uint8
    pixel_um : float
        Side of a pixel at the object; the PNG says it too.
    """
    rgb = np.ascontiguousarray(pixels if pixels.ndim == 3 else np.dstack([pixels] * 3))
    height, width = rgb.shape[:2]
    image = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    painter = QPainter(image)
    try:
        font = QFont(text_font())
        font.setPixelSize(max(12, round(TEXT_SHARE * height)))
        view = QRectF(0, 0, width, height)
        draw_scale_bar(painter, view, scale_bar(pixel_um, width), font)
    finally:
        painter.end()
    # Not before: fonts of a size in points would grow with the pixels per metre.
    per_metre = round(1e6 / pixel_um)
    image.setDotsPerMeterX(per_metre)
    image.setDotsPerMeterY(per_metre)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())
