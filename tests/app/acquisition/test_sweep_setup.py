"""What would come of what the operator has set; nothing moves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.acquisition.sweep_setup import RangeMode, SweepRange, preview_sweep
from app.profiles import load_profile
from drivers.simulated.readout import caps_of, default_settings
from drivers.simulated.settings import SimulationSettings
from drivers.stage import AxisCaps, StageCaps

PROFILE = load_profile("simulated")
SIMULATION = SimulationSettings()
SETTINGS = default_settings(SIMULATION)
CAMERA = caps_of(SIMULATION, SETTINGS)
Z = AxisCaps(0, 1000, 1.7, 500, 5000, 0.1)
STAGE = StageCaps(Z, Z, Z, can_home=True, poll_hz=40)


def preview(wanted, z_um=500.0, **changes):
    profile = PROFILE.model_copy(update=changes.pop("profile", {}))
    return preview_sweep(
        profile, CAMERA, SETTINGS, STAGE, wanted, z_um=z_um, free_bytes=changes.get("free_bytes")
    )


def test_ends_are_swept_as_they_were_set():
    seen = preview(SweepRange(RangeMode.ENDS, 450.0, 480.0))
    assert not seen.reason
    assert not seen.estimated
    assert (seen.plan.z_from_um, seen.plan.z_to_um) == (450.0, 480.0)
    assert 0 < seen.step_share <= PROFILE.step_fraction
    assert 0 < seen.blur_share <= 0.25


@pytest.mark.parametrize(
    ("ends", "missing"), [((None, 480.0), "bottom"), ((450.0, None), "top"), ((None,) * 2, "top")]
)
def test_a_missing_end_is_named(ends, missing):
    seen = preview(SweepRange(RangeMode.ENDS, *ends))
    assert seen.plan is None
    assert missing in seen.reason


def test_around_follows_the_stage():
    wanted = SweepRange(RangeMode.AROUND, half_um=20)
    for z_um in (300.0, 600.0):
        plan = preview(wanted, z_um).plan
        assert (plan.z_from_um, plan.z_to_um) == (z_um - 20, z_um + 20)
    assert "home" in preview(wanted, None).reason


@given(z_um=st.floats(0, 1000))
def test_the_automatic_range_is_always_possible_and_called_an_estimate(z_um):
    seen = preview(SweepRange(), z_um)
    assert seen.estimated
    assert seen.plan is not None
    assert Z.contains(seen.plan.start_um)
    assert Z.contains(seen.plan.end_um)


def test_the_automatic_range_needs_no_position():
    assert preview(SweepRange(), None).plan is not None


@pytest.mark.parametrize(
    ("wanted", "free_bytes", "words"),
    [
        (SweepRange(RangeMode.ENDS, 0.0, 50.0), None, "lower limit"),
        (SweepRange(RangeMode.ENDS, 950.0, 1000.0), None, "upper limit"),
        (SweepRange(RangeMode.ENDS, 100.0, 900.0), 1000, "disk"),
    ],
)
def test_an_impossible_sweep_says_why(wanted, free_bytes, words):
    seen = preview(wanted, free_bytes=free_bytes)
    assert seen.plan is None
    assert words in seen.reason


def test_a_finer_step_takes_more_frames():
    wanted = SweepRange(RangeMode.ENDS, 400.0, 500.0)
    coarse = preview(wanted, profile={"step_fraction": 1.0})
    fine = preview(wanted, profile={"step_fraction": 0.25})
    assert fine.plan.expected_frames > 3 * coarse.plan.expected_frames
    assert fine.step_share < coarse.step_share


def test_limits_too_narrow_for_any_sweep_are_a_reason_and_no_error():
    narrow = replace(STAGE, z=replace(Z, upper_um=1.0))
    seen = preview_sweep(PROFILE, CAMERA, SETTINGS, narrow, SweepRange(), z_um=0.5)
    assert seen.plan is None
    assert seen.reason
