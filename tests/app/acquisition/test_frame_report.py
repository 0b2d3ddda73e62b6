"""What a live frame says about exposure and focus."""

import cv2
import numpy as np
import pytest

from app.acquisition.focus_hold import FocusHold
from app.acquisition.frame_report import clipped_share, contrast_limits, histogram_of, report_on
from drivers.auto_exposure import TARGET

RANDOM = np.random.default_rng(3)
TEXTURE = RANDOM.integers(60, 160, (120, 160, 3), dtype=np.uint8)


def test_every_value_is_counted_once():
    histogram = histogram_of(TEXTURE, 8)
    assert histogram.shape == (3, 256)
    assert (histogram.sum(axis=1) == 120 * 160).all()
    for colour in range(3):
        expected = np.bincount(TEXTURE[..., colour].ravel(), minlength=256)
        np.testing.assert_array_equal(histogram[colour], expected)


def test_a_12_bit_image_fills_the_same_bins():
    grey = RANDOM.integers(0, 4096, (64, 64), dtype=np.uint16)
    expected = np.bincount((grey >> 4).ravel(), minlength=256)
    np.testing.assert_array_equal(histogram_of(grey, 12)[0], expected)


def test_a_pixel_is_clipped_if_one_of_its_colours_is():
    image = TEXTURE.copy()
    image[:12, :16, 1] = 255
    assert clipped_share(image, 8) == pytest.approx(12 * 16 / (120 * 160))
    report = report_on(image, 8, 4.0)
    assert not report.is_clipped
    assert report_on(np.full_like(image, 255), 8, 4.0).is_clipped


def test_the_advised_exposure_brings_the_bright_part_to_its_place():
    report = report_on((TEXTURE * 0.4).astype(np.uint8), 8, 2.0)
    assert report.advised_exposure_ms == pytest.approx(2.0 * TARGET / report.bright)
    assert report.advised_exposure_ms > 2.0


@pytest.mark.parametrize("value", [0, 255])
def test_a_black_or_clipped_frame_advises_nothing(value):
    assert report_on(np.full((64, 64), value, np.uint8), 8, 4.0).advised_exposure_ms is None


def test_a_sharp_picture_has_more_focus_than_a_blurred_one():
    blurred = cv2.GaussianBlur(TEXTURE, (0, 0), 2)
    assert report_on(TEXTURE, 8, 4.0).focus > 2 * report_on(blurred, 8, 4.0).focus


def test_contrast_limits_enclose_what_there_is():
    low, high = contrast_limits(histogram_of(TEXTURE, 8))
    assert 58 <= low <= 62
    assert 157 <= high <= 160


@pytest.mark.parametrize("value", [0, 7, 255])
def test_contrast_limits_of_one_value_still_differ(value):
    low, high = contrast_limits(histogram_of(np.full((8, 8), value, np.uint8), 8))
    assert 0 <= low < high <= 255


def test_the_peak_is_held_with_its_z():
    hold = FocusHold()
    for step, focus in enumerate([1.0, 3.0, 9.0, 4.0, 2.0]):
        hold = hold.after(focus, 100.0 + step)
    assert hold.peak_z_um == 102.0
    assert hold.value < hold.peak
    assert hold.share == pytest.approx(hold.value / hold.peak)
    assert FocusHold().share is None
