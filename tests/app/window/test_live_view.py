"""What the live picture makes of a frame; no Qt."""

import threading
import time

import numpy as np
import pytest

from app.acquisition.frame_report import report_on
from app.window import live_feed
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


@pytest.fixture
def feed():
    feed = LiveFeed()
    yield feed
    assert feed.close(10)


def taken(take):
    """Wait for what a thread makes."""
    end_s = time.monotonic() + 20
    while (made := take()) is None:
        assert time.monotonic() < end_s
        time.sleep(0.005)
    return made


def test_the_feed_reports_and_keeps_the_newest_frame(feed):
    feed.put(frame(RAMP))
    assert taken(feed.take).pixels is RAMP
    assert taken(feed.take_report).histogram.sum() == RAMP.size
    assert feed.newest.image is RAMP
    feed.forget()
    assert feed.newest is None


def test_all_frames_are_shown_and_not_all_measured(feed, monkeypatch):
    monkeypatch.setattr(live_feed, "REPORT_PERIOD_S", 3600)
    feed.put(frame(RAMP))
    assert taken(feed.take).pixels is RAMP
    taken(feed.take_report)
    brighter = RAMP + 1
    feed.put(frame(brighter, 1))
    assert taken(feed.take).pixels is brighter
    time.sleep(0.1)
    assert feed.take_report() is None


def test_no_picture_waits_for_a_report(feed, monkeypatch):
    goes_on = threading.Event()

    def slowly(*measured):
        assert goes_on.wait(20)
        return report_on(*measured)

    monkeypatch.setattr(live_feed, "report_on", slowly)
    feed.put(frame(RAMP))
    assert taken(feed.take).pixels is RAMP
    assert feed.take_report() is None
    goes_on.set()
    assert taken(feed.take_report).focus > 0
