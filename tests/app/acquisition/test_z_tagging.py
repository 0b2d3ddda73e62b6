from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.acquisition.position_log import PositionLog
from app.acquisition.sweep_plan import SweepPlan, plan_sweep
from app.acquisition.z_tagging import (
    FrameTime,
    TaggingError,
    fit_track,
    in_range,
    interpolate_z,
    is_steady,
    tag_frames,
)
from app.profiles import Objective
from drivers.camera import CameraCaps, CameraSettings
from drivers.stage import AxisCaps, PositionSample, StageCaps

Z = AxisCaps(-1000, 1000, 1.0, 2000, 10_000, 1.0)
CAMERA = CameraCaps(910, 512, True, 8, 3.45, (0.01, 1000), (0, 24), 90)
S = 1_000_000_000


def sweep_plan(length_um: float = 150, magnification: float = 10, na: float = 0.25) -> SweepPlan:
    return plan_sweep(
        Objective(name="o", magnification=magnification, na=na),
        CAMERA,
        CameraSettings(4, 0, 30),
        StageCaps(Z, Z, Z, can_home=True, poll_hz=25),
        sensor_pixel_um=3.45,
        z_from_um=0,
        z_to_um=length_um,
    )


def true_z(plan: SweepPlan, t_s: float) -> float:
    """Where a stage that obeys the plan is, t_s after it has started."""
    v, a = plan.speed_um_per_s, Z.acceleration_um_per_s2
    ramp_s = v / a
    if t_s <= 0:
        return plan.start_um
    if t_s < ramp_s:
        return plan.start_um + a * t_s**2 / 2
    left_s = max(0.0, plan.duration_s - t_s)
    if left_s < ramp_s:
        return plan.end_um - a * left_s**2 / 2
    return plan.start_um + v * (t_s - ramp_s / 2)


def read_positions(
    plan: SweepPlan,
    rng: np.random.Generator,
    *,
    period_s: float = 0.04,
    latency_s: float = 0.01,
    resolution_um: float = 1.0,
    lag_s: float = 0.0,
) -> list[PositionSample]:
    """Poll a true stage over a jittery line that rounds to its resolution."""
    samples = []
    t_s = -0.1
    while t_s < plan.duration_s + 0.1:
        out_s, back_s = rng.uniform(0, latency_s, 2)
        z_um = round(true_z(plan, t_s + out_s - lag_s) / resolution_um) * resolution_um
        asked, answered = round(t_s * S), round((t_s + out_s + back_s) * S)
        moving = 0 < t_s < plan.duration_s
        samples.append(PositionSample(asked + 10 * S, answered + 10 * S, 0, 0, z_um, moving))
        t_s += period_s + out_s + back_s
    return samples


def frame_times(plan: SweepPlan, t_sigma_ns: int = 200_000) -> list[FrameTime]:
    count = int(plan.duration_s * plan.fps)
    return [FrameTime(i, round(i / plan.fps * S) + 10 * S, t_sigma_ns) for i in range(count)]


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    latency_s=st.floats(0.0, 0.03),
    resolution_um=st.sampled_from([0.1, 1.0]),
)
def test_rounded_jittery_positions_give_z_far_below_the_depth_of_field(
    seed: int, latency_s: float, resolution_um: float
) -> None:
    plan = sweep_plan()
    samples = read_positions(
        plan, np.random.default_rng(seed), latency_s=latency_s, resolution_um=resolution_um
    )
    track = fit_track(samples, plan, resolution_um)
    errors = [
        track.z_um(10 * S + round(t * S)) - true_z(plan, t)
        for t in np.linspace(0.2, plan.duration_s - 0.2, 20)
    ]
    assert np.sqrt(np.mean(np.square(errors))) < plan.depth_of_field_um / 10


def test_speed_and_sigma_are_honest() -> None:
    plan = sweep_plan()
    pulls = []
    for seed in range(60):
        samples = read_positions(plan, np.random.default_rng(seed))
        track = fit_track(samples, plan, 1.0, lag_sigma_s=0.0)
        assert track.speed_um_per_s == pytest.approx(plan.speed_um_per_s, rel=0.05)
        middle = track.t0_ns
        error = track.z_um(middle) - true_z(plan, middle / S - 10)
        pulls.append(error / track.z_sigma_um(middle, 0))
    # An honest sigma makes the pulls' standard deviation 1; half to twice is good enough.
    assert 0.4 < np.std(pulls) < 2.0


def test_rounding_alone_makes_the_line_no_more_uncertain_than_it_is() -> None:
    plan = sweep_plan()
    pulls = []
    for seed in range(100):
        random = np.random.default_rng(seed)
        samples = read_positions(plan, random, period_s=random.uniform(0.02, 0.04), latency_s=1e-6)
        track = fit_track(samples, plan, 1.0, lag_sigma_s=0.0)
        error = track.z_um(track.t0_ns) - true_z(plan, track.t0_ns / S - 10)
        pulls.append(error / track.z0_sigma_um)
    assert 0.8 < np.sqrt(np.mean(np.square(pulls))) < 1.2


def test_what_no_number_of_samples_averages_out_is_in_the_uncertainty() -> None:
    plan = sweep_plan()
    samples = read_positions(plan, np.random.default_rng(0), latency_s=0.02)
    unknown = fit_track(samples, plan, 1.0)
    measured = fit_track(samples, plan, 1.0, lag_sigma_s=0.0002)
    trembling = fit_track(samples, plan, 1.0, lag_sigma_s=0.0002, vibration_um=2.0)
    half_s = np.median([sample.t_sigma_ns for sample in samples]) * 1e-9
    assert unknown.lag_sigma_s == pytest.approx(half_s / np.sqrt(3), rel=0.1)
    middle = unknown.t0_ns
    assert unknown.z_sigma_um(middle, 0) > plan.speed_um_per_s * unknown.lag_sigma_s
    assert measured.z_sigma_um(middle, 0) < unknown.z_sigma_um(middle, 0)
    assert trembling.z_sigma_um(middle, 0) == pytest.approx(
        np.hypot(measured.z_sigma_um(middle, 0), 2.0)
    )


def test_late_answers_do_not_tilt_the_line() -> None:
    plan = sweep_plan()
    samples = read_positions(plan, np.random.default_rng(3), latency_s=0.004)
    last = samples[-8]
    late = replace(last, z_um=last.z_um - 30)
    track = fit_track([*samples[:-8], late, *samples[-7:]], plan, 1.0)
    assert track.speed_um_per_s == pytest.approx(plan.speed_um_per_s, rel=0.02)


def test_constant_lag_is_taken_out() -> None:
    plan = sweep_plan()
    samples = read_positions(plan, np.random.default_rng(1), latency_s=0.002, lag_s=0.05)
    t_ns = 10 * S + round(0.6 * S)
    without = fit_track(samples, plan, 1.0).z_um(t_ns) - true_z(plan, 0.6)
    with_lag = fit_track(samples, plan, 1.0, lag_s=0.05).z_um(t_ns) - true_z(plan, 0.6)
    assert without == pytest.approx(-0.05 * plan.speed_um_per_s, abs=1)
    assert with_lag == pytest.approx(0, abs=0.5)


def test_tags_carry_the_decision_and_interpolate_the_rest() -> None:
    plan = sweep_plan()
    samples = read_positions(plan, np.random.default_rng(2), latency_s=0.002)
    frames = frame_times(plan)
    used = {f.index for f in frames if is_steady(true_z(plan, f.t_mid_ns / S - 10), plan)}
    tags = tag_frames(frames, samples, plan, resolution_um=1.0, used=used)
    assert list(tags) == [frame.index for frame in frames]
    assert {index for index, tag in tags.items() if tag.used} == used
    assert abs(len(used) - plan.expected_frames) <= 1
    for frame in frames:
        tag = tags[frame.index]
        assert tag.z_um is not None
        assert tag.z_sigma_um is not None
        error = abs(tag.z_um - true_z(plan, frame.t_mid_ns / S - 10))
        assert error < (1.0 if tag.used else 3.0)
        assert error < 4 * tag.z_sigma_um + 0.5
    sigmas = {
        used: [tag.z_sigma_um for tag in tags.values() if tag.used is used]
        for used in (True, False)
    }
    assert max(sigmas[True]) < min(sigmas[False])


def test_uncertain_frame_times_widen_sigma_by_speed() -> None:
    plan = sweep_plan()
    track = fit_track(read_positions(plan, np.random.default_rng(0)), plan, 1.0)
    wide = track.z_sigma_um(track.t0_ns, S // 10)
    assert wide == pytest.approx(track.speed_um_per_s / 10, rel=0.01)


@pytest.mark.parametrize("count", [0, 2])
def test_too_few_positions_are_an_error(count: int) -> None:
    plan = sweep_plan()
    samples = [PositionSample(i * S, i * S + 1000, 0, 0, 50.0 + i, True) for i in range(count)]
    with pytest.raises(TaggingError, match="position"):
        tag_frames(frame_times(plan), samples, plan, resolution_um=1.0, used={0})


def test_interpolation_between_two_positions() -> None:
    before = PositionSample(0, 0, 0, 0, 10, moving=True)
    after = PositionSample(S, S, 0, 0, 20, moving=True)
    assert interpolate_z(before, after, S // 4) == pytest.approx(12.5)
    assert interpolate_z(before, after, S // 4, lag_s=0.25) == pytest.approx(15)


def test_frames_of_the_rest_after_a_pause_of_the_computer_are_not_in_the_range() -> None:
    plan = sweep_plan()
    speed, middle_um = plan.speed_um_per_s, (plan.z_from_um + plan.z_to_um) / 2
    before = PositionSample(0, S // 500, 0.0, 0.0, middle_um, moving=True)
    end_s = (plan.end_um - middle_um) / speed
    # Asked when the stage had come to rest, and answered two seconds late.
    asked_ns = round((end_s + 0.1) * S)
    after = PositionSample(asked_ns, asked_ns + 2 * S, 0.0, 0.0, plan.end_um, moving=False)
    left_s = (plan.z_to_um - middle_um) / speed
    for share, expected in ((0.1, True), (0.9, True), (1.1, False), (1.5, False)):
        t_ns = before.t_ns + round(share * left_s * S)
        assert in_range(before, after, t_ns, plan) is expected
        assert in_range(before, after, t_ns - S // 100, plan, lag_s=0.01) is expected


def test_log_answers_once_a_later_position_is_in_and_gives_up_when_closed() -> None:
    log = PositionLog()
    first, second = (PositionSample(t, t, 0, 0, 0, moving=True) for t in (100, 200))
    log.append(first)
    assert log.around(150, timeout_s=0.01) is None
    log.append(second)
    assert log.around(150, timeout_s=0.01) == (first, second)
    assert log.around(50, timeout_s=0.01) is None
    log.close()
    assert log.around(250, timeout_s=60) is None
    assert log.samples() == (first, second)
