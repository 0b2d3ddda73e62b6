from __future__ import annotations

import numpy as np
import pytest

from app.trials.focusing import try_focusing
from app.trials.pixel import try_pixel
from app.trials.ranging import try_ranging
from app.trials.tagging import try_tagging

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_tags_are_right_and_know_how_right() -> None:
    trial = try_tagging(5, seed=3)
    assert trial.rms_um < 0.06
    assert 0.85 < trial.coverage <= 1.0
    assert trial.calibration_s < 60
    assert "RMS error" in trial.table()


def test_tags_without_calibration_are_less_right_and_admit_it() -> None:
    trial = try_tagging(10, seed=3, calibrated=False)
    assert trial.rms_um < 0.3
    assert np.median(trial.sigmas_um) > 0.03


def test_focus_is_found_fast_within_the_depth_of_field() -> None:
    trial = try_focusing(3, seed=11)
    assert trial.errors_um.max() < trial.depth_of_field_um
    assert np.median(trial.durations_s) < 2.0
    assert trial.beyond_limits == 0
    assert "within the depth of field" in trial.table()


def test_ranges_cover_their_fields() -> None:
    trial = try_ranging(2, seed=11)
    assert trial.covered.min() > 0.98
    assert trial.lengths.max() < 2.0
    assert "covered, worst field" in trial.table()


def test_the_pixel_is_right_and_knows_how_right() -> None:
    trial = try_pixel(1, seed=11)
    assert np.abs(trial.errors).max() < 0.002
    assert trial.sigmas_off.max() < 3
    assert "within 0.2 %" in trial.table()
