"""The window's pictures where there is no window."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication

from app.captures.export.exportable import Exportable
from app.window.marked_picture import marked_pixels
from app.window.measuring import Ground


def marked_offscreen(exported: Exportable) -> NDArray[np.uint8]:
    """Draw scale bar and measurements into a fused image, (H, W, 3) RGB; needs no screen."""
    # Letters need an application; Qt keeps the one that was made.
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        QApplication(["wearif"])
    rows, columns = exported.height.shape
    ground = Ground(columns, rows, exported.pixel_um, exported.heights)
    return marked_pixels(exported.picture, exported.shapes, ground)
