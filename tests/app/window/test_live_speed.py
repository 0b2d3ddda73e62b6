"""How much of a processor one live picture takes, from the camera's frame to the screen."""

import time

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from app.window.live_feed import LiveFeed
from app.window.live_view import ViewSettings
from app.window.picture_canvas import PictureCanvas
from drivers.camera import Frame

FRAMES = 40
TEXTURES = {
    size: np.random.default_rng(5).integers(0, 256, (*size, 3), dtype=np.uint8)
    for size in ((512, 910), (2048, 2448))
}


def cpu_ms_of_a_picture(size, view):
    """Processor time, not time: other programs may run as well."""
    image = TEXTURES[size]
    feed, canvas = LiveFeed(), PictureCanvas()
    feed.view = view
    canvas.resize(1000, 560)
    canvas.show()
    shown = 0
    try:
        began_s = time.process_time()
        for index in range(FRAMES):
            feed.put(Frame(image, index, 0, 33_000_000 * (index + 1), 1000, "camera", 4.0))
            end_s = time.monotonic() + 10
            while (picture := feed.take()) is None and time.monotonic() < end_s:
                time.sleep(0.001)
            canvas.show_picture(picture.pixels)
            canvas.viewport().repaint()
            QApplication.processEvents()
            shown += 1
        return 1000 * (time.process_time() - began_s) / shown
    finally:
        canvas.close()
        assert feed.close(10)


@pytest.mark.slow
@pytest.mark.parametrize("view", [ViewSettings(), ViewSettings(auto_contrast=True, zebra=True)])
@pytest.mark.parametrize(("size", "fps"), [((512, 910), 30), ((2048, 2448), 15)])
def test_one_processor_shows_enough_pictures(qapp, record_property, size, fps, view):
    taken_ms = cpu_ms_of_a_picture(size, view)
    record_property("cpu_ms", taken_ms)
    print(f"{size[1]} x {size[0]}, {view}: {taken_ms:.1f} ms of one processor for a picture")
    # Processor time of all threads: on two processors they share it.
    assert taken_ms < 1000 / fps
