"""What the live picture makes of a frame; no Qt."""

import threading

import numpy as np

from app.window.live_feed import LiveFeed
from app.window.live_view import ZEBRA, ViewSettings, render
from drivers.camera import Frame

RAMP = np.tile(np.arange(64, 128, dtype=np.uint8), (32, 1))


def frame(image, index=0):
    return Frame(image, index, 0, 10_000_000 * (index + 1), 1000, "camera", 4.0)


def test_untouched_unless_asked_for():
    assert render(RAMP, ViewSettings(), (64, 127)) is RAMP


def test_contrast_is_stretched_in_the_view_alone():
    before = RAMP.copy()
    shown = render(RAMP, ViewSettings(auto_contrast=True), (64, 127))
    assert (shown.min(), shown.max()) == (0, 255)
    np.testing.assert_array_equal(RAMP, before)


def test_stripes_lie_on_what_is_clipped_and_nowhere_else():
    image = np.full((40, 40, 3), 90, np.uint8)
    image[10:30, 10:30, 2] = 255
    shown = render(image, ViewSettings(zebra=True), None)
    changed = (shown != image).any(axis=2)
    assert changed[10:30, 10:30].all()
    assert changed.sum() == 400
    colours = {tuple(pixel) for pixel in shown[10:30, 10:30].reshape(-1, 3)}
    assert colours == {ZEBRA, (0, 0, 0)}


def test_stripes_are_judged_by_the_frame_and_not_by_the_stretched_view():
    shown = render(RAMP, ViewSettings(auto_contrast=True, zebra=True), (64, 100))
    assert shown.ndim == 2


def test_a_grey_clipped_picture_gets_coloured_stripes():
    shown = render(np.full((16, 16), 255, np.uint8), ViewSettings(zebra=True), None)
    assert shown.shape == (16, 16, 3)
    assert (shown == ZEBRA).all(axis=2).any()


def test_the_feed_reports_and_keeps_the_newest_frame():
    feed = LiveFeed()
    came = threading.Event()
    try:
        feed.put(frame(RAMP))
        picture = None
        for _ in range(600):
            if (picture := feed.take()) is not None:
                break
            came.wait(0.02)
        assert picture is not None
        assert picture.report is not None
        assert picture.report.histogram.sum() == RAMP.size
        assert feed.newest.image is RAMP
        feed.forget()
        assert feed.newest is None
    finally:
        assert feed.close(10)
