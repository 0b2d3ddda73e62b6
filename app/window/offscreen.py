"""The window's pictures where there is no window."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QGuiApplication

from app.captures.export.exportable import Exportable
from app.window.marked_picture import marked_pixels
from app.window.measuring import Ground


def marked_offscreen(exported: Exportable) -> NDArray[np.uint8]:
    """Draw scale bar and measurements into a fused image, (H, W, 3) RGB; needs no screen."""
    # Letters need an application.
    application = QGuiApplication.instance()
    if application is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        application = QGuiApplication(["wearif"])
    rows, columns = exported.height.shape
    ground = Ground(columns, rows, exported.pixel_um, exported.heights)
    pixels = marked_pixels(exported.picture, exported.shapes, ground)
    # It has to live until here.
    del application
    return pixels
