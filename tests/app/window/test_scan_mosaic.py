"""Where fields overlap, what is captured is seen and chosen."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.window.scan_mosaic import MosaicView, ScanMosaic
from app.window.scan_progress import FieldRow, FieldStage

FIELD_UM = (200.0, 100.0)
RED = np.full((10, 20, 3), (255, 0, 0), np.uint8)


@pytest.mark.parametrize("captured", [0, 1])
def test_a_field_that_waits_hides_nothing_of_a_captured_one(qapp, captured):
    rows = [FieldRow("left", 0, 0), FieldRow("right", 150, 0)]
    rows[captured] = FieldRow(rows[captured].name, rows[captured].x_um, 0, FieldStage.FUSED)
    mosaic = ScanMosaic()
    mosaic.resize(800, 420)
    mosaic.show_view(MosaicView(tuple(rows), FIELD_UM, {captured: RED}))
    chosen = []
    mosaic.chosen.connect(chosen.append)

    overlap = mosaic.box_of(0).intersected(mosaic.box_of(1)).center().toPoint()

    assert mosaic.grab().toImage().pixelColor(overlap).getRgb()[:3] == (255, 0, 0)
    QTest.mouseClick(mosaic, Qt.MouseButton.LeftButton, pos=overlap)
    assert chosen == [captured]
