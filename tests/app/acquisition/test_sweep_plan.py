from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from app.acquisition.depth_of_field import depth_of_field
from app.acquisition.sweep_needs import frame_bytes
from app.acquisition.sweep_plan import (
    PlanError,
    SweepPlan,
    plan_sweep,
    reachable_range,
    run_up_um,
)
from app.profiles import Objective
from drivers.camera import CameraCaps, CameraSettings
from drivers.stage import AxisCaps, StageCaps

Z = AxisCaps(
    lower_um=-1000,
    upper_um=1000,
    min_speed_um_per_s=1.7,
    max_speed_um_per_s=2000,
    acceleration_um_per_s2=10_000,
    resolution_um=0.1,
)
STAGE = StageCaps(x=Z, y=Z, z=Z, can_home=True, poll_hz=25)
CAMERA = CameraCaps(
    width=910,
    height=512,
    colour=True,
    bits=8,
    pixel_um=3.45,
    exposure_ms=(0.01, 1000),
    gain_db=(0, 24),
    max_fps=90,
)
SETTINGS = CameraSettings(exposure_ms=4, gain_db=0, fps=30)
TEN = Objective(name="10x/0.25", magnification=10, na=0.25)
HUNDRED = Objective(name="100x/0.80", magnification=100, na=0.8)

OBJECTIVES = [(4, 0.10), (10, 0.25), (20, 0.40), (40, 0.65), (50, 0.80), (100, 0.80)]


def plan(
    low: float = 0,
    high: float = 100,
    objective: Objective = TEN,
    settings: CameraSettings = SETTINGS,
    stage: StageCaps = STAGE,
    **more: float,
) -> SweepPlan:
    return plan_sweep(
        objective,
        CAMERA,
        settings,
        stage,
        sensor_pixel_um=3.45,
        z_from_um=low,
        z_to_um=high,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("magnification", "na", "wave_um", "geometric_um"),
    [
        (10, 0.25, 8.80, 1.38),
        (20, 0.40, 3.44, 0.43),
        (40, 0.65, 1.30, 0.13),
        (50, 0.80, 0.86, 0.09),
    ],
)
def test_paraxial_depth_of_field_of_common_objectives(
    magnification: float, na: float, wave_um: float, geometric_um: float
) -> None:
    dof = depth_of_field(
        Objective(name="o", magnification=magnification, na=na), 3.45, paraxial=True
    )
    assert dof.wave_um == pytest.approx(wave_um, abs=0.005)
    assert dof.geometric_um == pytest.approx(geometric_um, abs=0.005)


@pytest.mark.parametrize(("na", "wave_um"), [(0.65, 1.15), (0.80, 0.69)])
def test_high_apertures_take_the_smaller_wave_term(na: float, wave_um: float) -> None:
    objective = Objective(name="o", magnification=50, na=na)
    assert depth_of_field(objective, 3.45).wave_um == pytest.approx(wave_um, abs=0.005)
    assert depth_of_field(objective, 3.45, paraxial=False).wave_um == pytest.approx(
        wave_um, abs=0.005
    )


def test_ten_times_plan_in_numbers() -> None:
    result = plan()
    # 8.66 (non-paraxial) + 1.38 µm; half of it is 5.02 µm, which fits 19.9 times into 100 µm.
    assert result.depth_of_field_um == pytest.approx(10.04, abs=0.01)
    assert result.expected_frames == 21
    assert result.step_um == pytest.approx(5.0)
    assert result.speed_um_per_s == pytest.approx(150)
    assert result.motion_blur_um == pytest.approx(0.6)
    assert result.run_up_um == pytest.approx(150**2 / 20_000 + 15)
    assert result.notes == ()


ranges = st.tuples(st.floats(-500, 500), st.floats(0.5, 400)).map(lambda t: (t[0], t[0] + t[1]))


@rules(deadline=None)
@given(
    span=ranges,
    objective=st.sampled_from(OBJECTIVES).map(
        lambda o: Objective(name="o", magnification=o[0], na=o[1])
    ),
    fps=st.floats(1, 90),
    exposure_ms=st.floats(0.05, 30),
    backlash_um=st.floats(0, 20),
    step_fraction=st.floats(0.1, 1),
)
def test_every_plan_keeps_its_promises(
    span: tuple[float, float],
    objective: Objective,
    fps: float,
    exposure_ms: float,
    backlash_um: float,
    step_fraction: float,
) -> None:
    settings = CameraSettings(exposure_ms, 0, fps)
    try:
        result = plan(
            *span, objective, settings, backlash_um=backlash_um, step_fraction=step_fraction
        )
    except PlanError:
        assume(False)
    positions = result.positions_um
    assert len(positions) == result.expected_frames
    assert positions[0] == pytest.approx(span[0])
    assert positions[-1] == pytest.approx(span[1])
    assert all(b > a for a, b in pairwise(positions))
    dof_um = result.depth_of_field_um
    assert result.step_um <= step_fraction * dof_um * (1 + 1e-9)
    assert result.speed_um_per_s == pytest.approx(result.step_um * result.fps)
    assert Z.min_speed_um_per_s <= result.speed_um_per_s * (1 + 1e-9)
    assert result.speed_um_per_s <= Z.max_speed_um_per_s * (1 + 1e-9)
    assert result.motion_blur_um <= dof_um / 4 * (1 + 1e-9)
    assert result.fps <= min(CAMERA.max_fps, 1000 / exposure_ms) * (1 + 1e-9)
    assert result.run_up_um == pytest.approx(
        backlash_um + result.speed_um_per_s**2 / 20_000 + 0.1 * result.speed_um_per_s
    )
    assert Z.lower_um <= result.start_um <= result.cruise_from_um <= result.z_from_um
    assert result.z_to_um <= result.cruise_to_um <= result.end_um <= Z.upper_um
    assert result.size_bytes >= result.expected_frames * frame_bytes(CAMERA)
    assert result.duration_s >= (result.end_um - result.start_um) / result.speed_um_per_s


@rules(deadline=None)
@given(st.floats(20, 200), st.floats(1, 200))
def test_a_longer_range_needs_more_of_everything(length_um: float, more_um: float) -> None:
    short, long = plan(0, length_um), plan(0, length_um + more_um)
    assert long.expected_frames >= short.expected_frames
    assert long.end_um > short.end_um - 1  # the rounded step changes the run-down a little
    assert long.size_bytes >= short.size_bytes - 2 * frame_bytes(CAMERA)


@rules(deadline=None)
@given(st.floats(1, 4000), st.floats(1, 4000), st.floats(100, 1e5), st.floats(0, 1))
def test_run_up_grows_with_speed(a: float, b: float, acceleration: float, settle_s: float) -> None:
    slow, fast = sorted((a, b))
    assert run_up_um(slow, acceleration, settle_s, 2) <= run_up_um(fast, acceleration, settle_s, 2)
    assert run_up_um(slow, acceleration, settle_s, 2) >= 2 + slow**2 / (2 * acceleration)


def test_direction_of_the_range_does_not_matter_the_sweep_goes_up() -> None:
    assert plan(100, 0) == plan(0, 100)
    assert plan(100, 0).start_um < 0


def test_slow_stage_lowers_the_frame_rate_and_says_so() -> None:
    slow = replace(STAGE, z=replace(Z, max_speed_um_per_s=60))
    result = plan(stage=slow)
    assert result.speed_um_per_s == pytest.approx(60)
    assert result.fps == pytest.approx(12)
    assert "limited by the stage" in result.notes[0]


def test_long_exposure_lowers_the_frame_rate_until_the_blur_fits() -> None:
    result = plan(settings=CameraSettings(25, 0, 30))
    assert result.motion_blur_um == pytest.approx(result.depth_of_field_um / 4)
    assert result.fps < 30
    assert "blur" in result.notes[0]


def test_speed_floor_raises_the_frame_rate_and_says_so() -> None:
    coarse_unit = replace(STAGE, z=replace(Z, min_speed_um_per_s=16.67, resolution_um=1.0))
    result = plan(0, 30, HUNDRED, stage=coarse_unit)
    assert result.speed_um_per_s == pytest.approx(16.67)
    assert result.fps > 30
    assert "keeps no speed below 16.67" in result.notes[0]
    assert "coarser" in result.notes[1]


def test_impossible_speed_names_exposure_step_and_unit() -> None:
    advice = "Set $102=40 and um_per_unit to 100 for z."
    coarse_unit = replace(STAGE, z=replace(Z, min_speed_um_per_s=16.67, slower_by=advice))
    with pytest.raises(PlanError, match="Expose for at most") as caught:
        plan(0, 30, HUNDRED, CameraSettings(40, 0, 20), stage=coarse_unit)
    message = str(caught.value)
    assert message.endswith(f"Or let the stage go slower. {advice}")
    assert "steps of at least" in message
    fits_ms = float(message.split("Expose for at most ")[1].split(" ms")[0])
    fitting = CameraSettings(fits_ms, 0, 20)
    assert plan(0, 30, HUNDRED, fitting, stage=coarse_unit).expected_frames > 1


def test_limits_name_the_range_that_would_fit() -> None:
    with pytest.raises(PlanError, match="below the stage's lower limit") as caught:
        plan(-999, -900)
    fits_um = float(str(caught.value).split("begin the range at ")[1].split(" ")[0])
    assert plan(fits_um + 0.1, -900).start_um >= Z.lower_um
    with pytest.raises(PlanError, match="above the stage's upper limit"):
        plan(900, 999)


@rules(deadline=None)
@given(st.sampled_from([0.5, 1.0, 2.0]), st.floats(0, 30))
def test_reachable_range_can_be_planned(step_fraction: float, backlash_um: float) -> None:
    low, high = reachable_range(
        TEN,
        SETTINGS,
        STAGE,
        sensor_pixel_um=3.45,
        step_fraction=step_fraction,
        backlash_um=backlash_um,
    )
    result = plan(
        low,
        high,
        step_fraction=step_fraction,
        backlash_um=backlash_um,
        max_blur_fraction=1.0,
    )
    assert result.start_um >= Z.lower_um
    assert result.end_um <= Z.upper_um


def test_short_fast_range_is_slowed_until_the_position_is_read_often_enough() -> None:
    seldom = replace(STAGE, poll_hz=5)
    result = plan(0, 60, stage=seldom)
    assert (result.z_to_um - result.z_from_um) / result.speed_um_per_s * 5 >= 8 - 1e-6
    assert "position" in result.notes[0]


def test_too_many_bytes_for_the_disk() -> None:
    with pytest.raises(PlanError, match=r"the disk has 0\.00 GB left"):
        plan(free_bytes=1_000_000)


def test_too_little_memory_names_what_would_help() -> None:
    needed = plan().memory_bytes
    assert plan(free_memory_bytes=needed).notes == ()
    assert "close other programs" in plan(free_memory_bytes=needed - 1).notes[0]


def test_memory_is_bounded_however_long_the_sweep() -> None:
    long = plan(-900, 900)
    assert long.memory_bytes < 2 * 1024**3
    assert plan(0, 20).memory_bytes < long.memory_bytes


def test_the_longest_exposure_keeps_the_blur_and_the_frame_rate() -> None:
    result = plan()
    again = plan(settings=replace(SETTINGS, exposure_ms=0.999 * result.longest_exposure_ms))
    assert again.fps == pytest.approx(result.fps)
    longer = plan(settings=replace(SETTINGS, exposure_ms=1.01 * result.longest_exposure_ms))
    assert longer.fps < result.fps
    assert longer.notes


def test_an_overridden_blur_is_kept_and_told() -> None:
    result = plan(settings=replace(SETTINGS, exposure_ms=30), max_blur_fraction=1.0)
    assert result.fps == SETTINGS.fps
    assert result.motion_blur_um > result.depth_of_field_um / 4
    assert "lose detail" in result.notes[0]


def test_both_terms_of_the_depth_of_field_and_the_light_enter_the_plan() -> None:
    result, red = plan(), plan(wavelength_um=0.65)
    assert result.wave_um + result.geometric_um == pytest.approx(result.depth_of_field_um)
    assert red.wave_um == pytest.approx(result.wave_um * 0.65 / 0.55)
    assert red.geometric_um == result.geometric_um


def test_immersion_deepens_the_field() -> None:
    dry = Objective(name="dry", magnification=60, na=0.9)
    oil = Objective(name="oil", magnification=60, na=0.9, immersion_index=1.515)
    assert depth_of_field(oil, 3.45).total_um > 1.5 * depth_of_field(dry, 3.45).total_um
    # Non-paraxial, Born and Wolf 8.8: 0.55 / (2 * 1.515 * (1 - sqrt(1 - (0.9 / 1.515)^2))).
    assert depth_of_field(oil, 3.45).wave_um == pytest.approx(0.928, abs=0.002)


def test_empty_range() -> None:
    with pytest.raises(PlanError, match="widen it"):
        plan(5, 5)


def test_a_stage_of_few_speeds_gets_one_that_it_keeps() -> None:
    stepped = replace(STAGE, z=replace(Z, min_speed_um_per_s=7, speed_step_um_per_s=7))
    free, kept = plan(), plan(stage=stepped)
    assert kept.speed_um_per_s % 7 == pytest.approx(0, abs=1e-9)
    assert free.speed_um_per_s - 7 < kept.speed_um_per_s <= free.speed_um_per_s
    assert kept.fps * kept.step_um == pytest.approx(kept.speed_um_per_s)
    assert any("multiples of 7 µm/s" in note for note in kept.notes)
