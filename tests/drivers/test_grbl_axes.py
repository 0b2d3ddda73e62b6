from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadReply, LimitExceeded, Rejected
from drivers.grbl_axes import GrblAxis, GrblSettings, arrival_tolerance_um, plan_jog, read_caps

NUMBERS = {
    13: 0, 20: 1, 21: 1, 22: 1,
    100: 80, 101: 80, 102: 400,
    110: 1200, 111: 1200, 112: 600,
    120: 50, 121: 50, 122: 20,
    130: 75, 131: 50, 132: 30,
}  # fmt: skip
FINE_Z = GrblSettings(
    "COM3", z=GrblAxis(um_per_unit=100.0, sign=-1, offset_um=500.0, lower_um=600.0)
)


def feed_of(line: str) -> float:
    found = re.search(r" F([0-9.]+)$", line)
    assert found
    return float(found[1])


def test_caps_come_from_the_controller_in_the_stages_own_frame() -> None:
    caps = read_caps("stage", FINE_Z, NUMBERS)
    assert (caps.x.lower_um, caps.x.upper_um) == (-75_000, 0)
    assert caps.x.max_speed_um_per_s == pytest.approx(20_000)
    assert caps.x.min_speed_um_per_s == pytest.approx(1000 / 60)
    assert caps.x.acceleration_um_per_s2 == pytest.approx(50_000)
    assert caps.x.resolution_um == pytest.approx(1)
    # 30 units of 100 µm, turned round and shifted by 500 µm: 500 ... 3500, cut by the profile.
    assert (caps.z.lower_um, caps.z.upper_um) == (600, 3500)
    assert caps.z.max_speed_um_per_s == pytest.approx(1000)
    assert caps.z.min_speed_um_per_s == pytest.approx(100 / 60)
    assert caps.z.resolution_um == pytest.approx(0.1)
    assert caps.can_home


@pytest.mark.parametrize(("bits", "can_home"), [(0, False), (1, True), (5, True), (4, False)])
def test_homing_is_bit_0(bits: int, can_home: bool) -> None:
    assert read_caps("stage", FINE_Z, {**NUMBERS, 22: bits}).can_home is can_home


def test_inches_are_refused() -> None:
    with pytest.raises(Rejected, match=r"inches.*\$13=0"):
        read_caps("stage", FINE_Z, {**NUMBERS, 13: 1})


@pytest.mark.parametrize("missing", [13, 22, 110, 121, 132])
def test_a_missing_setting_is_named(missing: int) -> None:
    with pytest.raises(BadReply, match=rf"\${missing}"):
        read_caps("stage", FINE_Z, {key: NUMBERS[key] for key in NUMBERS if key != missing})


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan])
def test_senseless_settings_are_refused(bad: float) -> None:
    with pytest.raises(BadReply, match=r"\$122"):
        read_caps("stage", FINE_Z, {**NUMBERS, 122: bad})


def test_limits_that_miss_the_travel_are_refused() -> None:
    settings = GrblSettings("COM3", x=GrblAxis(lower_um=10.0, upper_um=20.0))
    with pytest.raises(Rejected, match=r"limits of x"):
        read_caps("stage", settings, NUMBERS)


@given(
    st.floats(0.1, 10_000),
    st.sampled_from([1, -1]),
    st.floats(-1e5, 1e5),
    st.floats(-1e3, 1e3),
)
def test_units_and_back(um_per_unit: float, sign: int, offset_um: float, units: float) -> None:
    axis = GrblAxis(um_per_unit=um_per_unit, sign=1 if sign > 0 else -1, offset_um=offset_um)
    assert axis.to_units(axis.to_um(units)) == pytest.approx(units, abs=1e-6)


def test_a_sweep_runs_at_the_speed_asked_for() -> None:
    caps = read_caps("stage", FINE_Z, NUMBERS)
    jog = plan_jog("stage", FINE_Z, caps, (0, 0, 1000), {"z": 2000}, 14.2)
    assert jog.line.startswith("$J=G53 G21 G90 Z-15.0000 F")
    assert feed_of(jog.line) == pytest.approx(14.2 * 60 / 100, abs=1e-3)


here = st.tuples(st.floats(-75_000, 0), st.floats(-50_000, 0), st.floats(600, 3500))


@given(here, here, st.floats(1, 20_000))
def test_the_path_takes_as_long_as_its_length_over_the_speed(
    start: tuple[float, float, float], end: tuple[float, float, float], speed: float
) -> None:
    """The firmware's own arithmetic, path in its units over feed, gives the speed back."""
    caps = read_caps("stage", FINE_Z, NUMBERS)
    length_um = math.dist(start, end)
    if length_um < 1:
        return
    target = dict(zip("xyz", end, strict=True))
    try:
        jog = plan_jog("stage", FINE_Z, caps, start, target, speed)
    except LimitExceeded:
        return
    path_units = math.hypot(
        *(
            abs(b - a) / FINE_Z.axis(n).um_per_unit
            for n, a, b in zip("xyz", start, end, strict=True)
        )
    )
    seconds = path_units / (feed_of(jog.line) / 60)
    assert length_um / seconds == pytest.approx(speed, rel=1e-3)
    for name, a, b in zip("xyz", start, end, strict=True):
        assert abs(b - a) / seconds <= caps.axis(name).max_speed_um_per_s * 1.001


@given(here, here)
def test_without_a_speed_no_axis_is_too_fast(
    start: tuple[float, float, float], end: tuple[float, float, float]
) -> None:
    caps = read_caps("stage", FINE_Z, NUMBERS)
    jog = plan_jog("stage", FINE_Z, caps, start, dict(zip("xyz", end, strict=True)), None)
    length_um = math.dist(start, end)
    for name, a, b in zip("xyz", start, end, strict=True):
        share = abs(b - a) / length_um if length_um else 0
        limit = caps.axis(name).max_speed_um_per_s
        assert jog.speed_um_per_s * share <= limit * (1 + 1e-6)
    assert 0 < jog.braking_s < 60


@pytest.mark.parametrize("speed", [1.6, 1001.0, 0.0, -5.0, math.nan, math.inf])
def test_a_speed_that_would_be_clamped_is_refused(speed: float) -> None:
    caps = read_caps("stage", FINE_Z, NUMBERS)
    with pytest.raises(LimitExceeded, match=r"1\.667 to 1000"):
        plan_jog("stage", FINE_Z, caps, (0, 0, 1000), {"z": 2000}, speed)


@pytest.mark.parametrize("target", [599.9, 3500.1, math.nan, -math.inf])
def test_a_target_outside_the_limits_is_refused(target: float) -> None:
    caps = read_caps("stage", FINE_Z, NUMBERS)
    with pytest.raises(LimitExceeded, match="limits of z are 600 to 3500"):
        plan_jog("stage", FINE_Z, caps, (0, 0, 1000), {"z": target}, None)


def test_one_fast_axis_does_not_excuse_a_slow_one() -> None:
    caps = read_caps("stage", FINE_Z, NUMBERS)
    with pytest.raises(LimitExceeded, match="move x and z"):
        plan_jog("stage", FINE_Z, caps, (-1000, 0, 1000), {"x": 0, "z": 2000}, 10_000)


def test_arrival_allows_for_rounding_to_whole_steps() -> None:
    tolerance = arrival_tolerance_um(FINE_Z, NUMBERS)
    assert 1000 / 80 / 2 < tolerance["x"] < 1000 / 80
    assert 100 / 400 / 2 < tolerance["z"] < 100 / 400 + 0.1
