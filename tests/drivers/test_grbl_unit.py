from __future__ import annotations

import pytest

from drivers.errors import LimitExceeded
from drivers.grbl_axes import GrblAxis, GrblSettings, plan_jog, read_caps
from drivers.grbl_unit import finer_unit

TRUE_MM = {
    13: 0, 22: 1,
    100: 80, 101: 80, 102: 400,
    110: 1200, 111: 1200, 112: 600,
    120: 50, 121: 50, 122: 20,
    130: 75, 131: 50, 132: 30,
}  # fmt: skip
TENTHS = {**TRUE_MM, 102: 40, 112: 6000, 122: 200, 132: 300}


def settings(um_per_unit: float) -> GrblSettings:
    return GrblSettings("COM3", z=GrblAxis(um_per_unit=um_per_unit))


def test_a_true_millimetre_is_told_with_its_cure() -> None:
    caps = read_caps("stage", settings(1000), TRUE_MM)
    assert caps.z.slower_by == (
        "Set $102=40 (now 400), $112=6000 (now 600), $122=200 (now 20) and $132=300 (now 30) in "
        "the controller and um_per_unit to 100 for z in the profile: then z goes as slowly as "
        "1.67 µm/s and is read back to 0.1 µm."
    )
    (note,) = caps.notes
    assert "no slower than 16.7 µm/s" in note
    assert "read back to 1 µm" in note
    assert caps.z.slower_by in note


def test_the_cure_changes_nothing_but_the_floor_and_the_digits() -> None:
    before = read_caps("stage", settings(1000), TRUE_MM).z
    after = read_caps("stage", settings(100), TENTHS).z
    assert (after.lower_um, after.upper_um) == (before.lower_um, before.upper_um)
    assert after.max_speed_um_per_s == pytest.approx(before.max_speed_um_per_s)
    assert after.acceleration_um_per_s2 == pytest.approx(before.acceleration_um_per_s2)
    assert after.min_speed_um_per_s == pytest.approx(before.min_speed_um_per_s / 10)
    assert after.resolution_um == pytest.approx(before.resolution_um / 10)


def test_a_scaled_unit_needs_no_cure_told() -> None:
    (note,) = read_caps("stage", settings(100), TENTHS).notes
    assert "2.5 µm. It goes no slower than 1.67 µm/s and is read back to 0.1 µm." in note
    assert "Set $" not in note


def test_a_controller_that_was_scaled_without_its_profile() -> None:
    notes = read_caps("stage", settings(1000), TENTHS).notes
    assert "no focus drive" in notes[1]
    assert "um_per_unit is 100" in notes[1]


def test_a_profile_that_was_scaled_without_its_controller() -> None:
    """The dangerous way round: z goes ten times as far as anybody thinks."""
    fine_drive = {**TRUE_MM, 102: 64_000, 112: 18}
    assert len(read_caps("stage", settings(1000), fine_drive).notes) == 1
    notes = read_caps("stage", settings(100), fine_drive).notes
    assert "10 times as far as is shown" in notes[1]


def test_too_slow_a_move_names_the_cure_and_too_fast_a_one_does_not() -> None:
    there = settings(1000)
    caps = read_caps("stage", there, TRUE_MM)
    with pytest.raises(LimitExceeded, match=r"5 µm/s.*\$102=40 \(now 400\).*um_per_unit to 100"):
        plan_jog("stage", there, caps, (0, 0, -100), {"z": -200}, 5.0)
    with pytest.raises(LimitExceeded) as caught:
        plan_jog("stage", there, caps, (0, 0, -100), {"z": -200}, 50_000.0)
    assert "$102" not in str(caught.value)


@pytest.mark.parametrize("missing", [102, 112, 122, 132])
def test_without_the_numbers_there_is_no_advice(missing: int) -> None:
    numbers = {key: value for key, value in TRUE_MM.items() if key != missing}
    assert finer_unit("z", 1000, numbers) == ""
