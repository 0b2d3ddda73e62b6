import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.simulated.motion import Profile, StageMotion, Tremor

SECOND = 1_000_000_000
FAR = ((-1e9, 1e9), (-1e9, 1e9), (-1e9, 1e9))
distances = st.floats(1e-3, 1e5)
speeds = st.floats(1e-2, 1e4)
accelerations = st.floats(1.0, 1e5)


def stage(backlash_um: float = 0.0, tremor_um: float = 0.0) -> StageMotion:
    return StageMotion((0.0, 0.0, 0.0), (0.0, 0.0, backlash_um), FAR, Tremor(tremor_um, 1))


def go(motion: StageMotion, t_s: float, z_um: float, speed: float = 100.0) -> float:
    """Move z and return when it has arrived."""
    start = motion.commanded_at(motion.t_rest_ns)[2]
    profile = Profile.trapezoid(abs(z_um - start), speed, 1000.0)
    move = motion.move(round(t_s * SECOND), (0.0, 0.0, z_um), profile, 1000.0)
    return move.t_end_ns / SECOND


def z_at(motion: StageMotion, t_s: float) -> float:
    return motion.position_at(round(t_s * SECOND))[2]


def test_trapezoid_follows_the_textbook() -> None:
    # 100 µm at 50 µm/s with 250 µm/s²: 0.2 s and 5 µm per ramp, 90 µm of cruise in 1.8 s.
    profile = Profile.trapezoid(100.0, 50.0, 250.0)
    assert profile.duration_s == pytest.approx(2.2)
    expected = {0.0: (0, 0), 0.1: (1.25, 25), 0.2: (5, 50), 1.2: (55, 50), 2.1: (98.75, 25)}
    for t_s, (distance, speed) in expected.items():
        assert profile.at(t_s) == pytest.approx((distance, speed))
    assert profile.at(9.9) == (100.0, 0.0)


def test_short_way_never_reaches_the_speed() -> None:
    profile = Profile.trapezoid(1.0, 50.0, 100.0)
    assert profile.duration_s == pytest.approx(2 * math.sqrt(1 / 100))
    assert profile.at(0.1)[1] == pytest.approx(10.0)


@given(distances, speeds, accelerations, st.floats(0, 1), st.floats(0, 1))
def test_profile_is_monotone_within_speed_and_ends_at_its_distance(
    distance: float, speed: float, acceleration: float, one: float, other: float
) -> None:
    profile = Profile.trapezoid(distance, speed, acceleration)
    early, late = sorted((one * profile.duration_s, other * profile.duration_s))
    (there, _), (further, fastness) = profile.at(early), profile.at(late)
    slack = 1e-9 * distance
    assert -slack <= there <= further + slack <= distance + 2 * slack
    assert fastness <= speed * (1 + 1e-9)
    assert further - there <= speed * (late - early) * (1 + 1e-6) + slack
    before_end = profile.at(profile.duration_s * (1 - 1e-9))[0]
    assert before_end == pytest.approx(distance, rel=1e-6)


@given(distances, speeds, accelerations, st.floats(0, 1))
def test_halting_decelerates_and_never_overshoots_the_target(
    distance: float, speed: float, acceleration: float, share: float
) -> None:
    motion = stage()
    profile = Profile.trapezoid(distance, speed, acceleration)
    motion.move(0, (0.0, 0.0, distance), profile, acceleration)
    t_ns = round(share * profile.duration_s * SECOND)
    here, fastness = motion.commanded_at(t_ns)[2], motion.speed_at(t_ns)
    rest_ns = motion.halt(t_ns)
    assert (rest_ns - t_ns) / SECOND == pytest.approx(fastness / acceleration, abs=2e-9)
    there = motion.commanded_at(rest_ns)[2]
    assert there == pytest.approx(here + fastness**2 / (2 * acceleration), rel=1e-6, abs=1e-6)
    assert there <= distance * (1 + 1e-9)
    assert motion.commanded_at(rest_ns + SECOND)[2] == there


def test_halting_forgets_planned_moves() -> None:
    motion = stage()
    first = go(motion, 0.0, 50.0)
    go(motion, 0.0, 500.0)
    motion.halt(round(first * 0.5 * SECOND))
    assert z_at(motion, 1000.0) < 50.0


def test_moves_wait_for_each_other_and_the_past_stays_known() -> None:
    motion = stage()
    first = go(motion, 1.0, 50.0)
    second = go(motion, 1.0, 0.0)
    assert z_at(motion, 0.5) == 0.0
    assert z_at(motion, first) == pytest.approx(50.0)
    assert z_at(motion, (1.0 + first) / 2) == pytest.approx(25.0)
    assert z_at(motion, second) == pytest.approx(0.0)
    assert not motion.rests_at(round((first + 0.01) * SECOND))
    assert motion.rests_at(round(second * SECOND) + 1)


def test_backlash_is_taken_up_on_reversal_only() -> None:
    motion = stage(backlash_um=3.0)
    up = go(motion, 0.0, 20.0)
    assert z_at(motion, up) == pytest.approx(20.0)
    down = go(motion, up, 10.0)
    assert z_at(motion, down) == pytest.approx(13.0)
    further = go(motion, down, 5.0)
    assert z_at(motion, further) == pytest.approx(8.0)
    nudged = go(motion, further, 7.0)
    assert z_at(motion, nudged) == pytest.approx(8.0), "the motor turned within the slack"
    assert z_at(motion, go(motion, nudged, 30.0)) == pytest.approx(30.0)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.floats(0, 5))
def test_stage_is_never_outside_the_slack(targets: list[float], backlash_um: float) -> None:
    motion = stage(backlash_um=backlash_um)
    for target in targets:
        go(motion, 0.0, target)
    for step in range(40):
        t_ns = motion.t_rest_ns * step // 39
        lag = motion.position_at(t_ns)[2] - motion.commanded_at(t_ns)[2]
        assert -1e-6 <= lag <= backlash_um + 1e-6


def test_stage_stays_within_its_mechanical_ends() -> None:
    motion = StageMotion(
        (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), ((0, 1), (0, 1), (-5, 5)), Tremor(0.0, 1)
    )
    profile = Profile.trapezoid(50.0, 10.0, 100.0)
    move = motion.move(0, (0.0, 0.0, 50.0), profile, 100.0)
    assert z_at(motion, 3.0) == 5.0
    crossing = motion.crossing_ns(move)
    assert crossing is not None
    assert motion.commanded_at(crossing)[2] == pytest.approx(5.0, abs=1e-3)


def test_tremor_has_the_promised_size_and_is_a_function_of_time() -> None:
    motion, twin = stage(tremor_um=0.5), stage(tremor_um=0.5)
    trembling = [z_at(motion, 0.00731 * n) for n in range(4000)]
    rms = math.sqrt(sum(z * z for z in trembling) / len(trembling))
    assert rms == pytest.approx(0.5, rel=0.1)
    assert trembling[::100] == [z_at(twin, 0.00731 * n) for n in range(0, 4000, 100)]


def test_a_stage_that_got_stuck_stays_behind_for_good() -> None:
    motion = stage(backlash_um=2.0)
    go(motion, 0.0, 100.0)
    stuck_um = z_at(motion, 0.5)
    motion.stick(SECOND // 2)
    for t_s in (0.5, 0.8, 3.0):
        assert z_at(motion, t_s) == pytest.approx(stuck_um)
    assert motion.commanded_at(3 * SECOND)[2] == 100.0
    go(motion, 3.0, 120.0)
    assert z_at(motion, 4.0) == pytest.approx(stuck_um + 20.0)
    go(motion, 4.0, 100.0)
    assert z_at(motion, 5.0) == pytest.approx(stuck_um + 2.0)


def test_moves_planned_before_it_got_stuck_carry_the_loss() -> None:
    motion = stage()
    go(motion, 0.0, 100.0)
    go(motion, 0.0, 150.0)
    stuck_um = z_at(motion, 0.5)
    motion.stick(SECOND // 2)
    assert z_at(motion, 5.0) == pytest.approx(stuck_um + 50.0)
