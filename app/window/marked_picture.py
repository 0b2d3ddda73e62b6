"""A fused image with what was drawn on it and a scale bar."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from app.captures.measurements import Shape, readings
from app.window.measuring import Ground
from app.window.picture import Pixels
from app.window.reading_words import caption
from app.window.scale_bar import draw_scale_bar, scale_bar
from app.window.shape_painter import draw_shapes
from app.window.theme import text_font

SCREEN_PX: Final = 1100
"""Lines and letters are as large as on a screen on which the picture is so wide."""


def marked_picture(pixels: Pixels, shapes: tuple[Shape, ...], ground: Ground) -> QImage:
    """Draw shapes, their values and a scale bar into a copy of a picture; on any thread.

    Parameters
    ----------
    pixels : ndarray
        (H, W) or (H, W, 3) uint8.
    shapes : tuple of Shape
    ground : Ground
        What was measured in; without a size of its pixels there is no scale bar.
    """
    rgb = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB) if pixels.ndim == 2 else pixels
    rgb = np.ascontiguousarray(rgb)
    height, width = rgb.shape[:2]
    # A QImage does not keep the array alive, so it gets a copy.
    image = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    scale = max(1.0, max(width, height) / SCREEN_PX)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(text_font())
    painter.scale(scale, scale)
    draw_shapes(
        painter,
        shapes,
        lambda point: QPointF(*point) / scale,
        lambda shape: caption(shape, readings(shape, ground.pixel_um, ground.heights)),
    )
    if ground.pixel_um is not None:
        view = QRectF(0, 0, width / scale, height / scale)
        bar = scale_bar(ground.pixel_um * scale, view.width())
        draw_scale_bar(painter, view, bar, text_font())
    painter.end()
    return image


def marked_pixels(pixels: Pixels, shapes: tuple[Shape, ...], ground: Ground) -> NDArray[np.uint8]:
    """Return `marked_picture` as (H, W, 3) RGB."""
    image = marked_picture(pixels, shapes, ground).convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
