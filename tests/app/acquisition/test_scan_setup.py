"""Which fields a scan would have and what it would take; nothing moves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.acquisition.fields import Field
from app.acquisition.operator_settings import Place
from app.acquisition.scan_setup import (
    FieldSource,
    ScanSetup,
    positions_of,
    preview_scan,
)
from app.acquisition.sweep_setup import SweepPreview, SweepRange, preview_sweep
from app.profiles import load_profile
from drivers.simulated.readout import caps_of, default_settings
from drivers.simulated.settings import SimulationSettings
from drivers.stage import AxisCaps, StageCaps

SIMULATION = SimulationSettings()
SETTINGS = default_settings(SIMULATION)
Z = AxisCaps(0, 1000, 1.7, 500, 5000, 0.1)
STAGE = StageCaps(
    replace(Z, upper_um=40_000), replace(Z, upper_um=20_000), Z, can_home=True, poll_hz=40
)
SWEEP = preview_sweep(
    load_profile("simulated"),
    caps_of(SIMULATION, SETTINGS),
    SETTINGS,
    STAGE,
    SweepRange(),
    z_um=None,
    free_bytes=10**11,
)
FIELD_UM = (450.0, 250.0)
PLACES = tuple(
    Place(name=name, x_um=x_um, y_um=5000, z_um=400)
    for name, x_um in (("a/1", 1000), ("a:1", 2000), ("钢", 3000))
)


def preview(setup, here_um=(20_000, 10_000), sweep=SWEEP, **changes):
    return preview_scan(
        setup, sweep, STAGE, here_um=here_um, field_um=FIELD_UM, places=PLACES, **changes
    )


@given(columns=st.integers(1, 12), rows=st.integers(1, 12), overlap=st.floats(0, 0.9))
def test_a_grid_lies_around_its_middle_and_overlaps_as_asked(columns, rows, overlap):
    seen = preview(ScanSetup(columns=columns, rows=rows, overlap=overlap))
    assert not seen.reason
    assert len(seen.fields) == columns * rows
    xs = sorted({round(field.x_um, 6) for field in seen.fields})
    assert len(xs) == columns
    assert sum(xs) / columns == pytest.approx(20_000)
    if columns > 1:
        assert xs[1] - xs[0] == pytest.approx(FIELD_UM[0] * (1 - overlap), abs=1e-5)
    assert seen.size_bytes == SWEEP.plan.size_bytes * columns * rows
    assert seen.duration_s > SWEEP.plan.duration_s * columns * rows


def test_the_middle_stays_where_it_was_held():
    held = ScanSetup(columns=1, rows=1, anchor_um=(5000.0, 6000.0))
    for here_um in ((20_000, 10_000), (100, 100)):
        (field,) = preview(held, here_um).fields
        assert (field.x_um, field.y_um) == (5000, 6000)


def test_the_standard_positions_follow_the_oil():
    setup = ScanSetup(FieldSource.FERROGRAM, direction="-y", positions_mm=(0, 2.5))
    assert [(f.name, f.x_um, f.y_um) for f in preview(setup).fields] == [
        ("00.0mm", 20_000, 10_000),
        ("02.5mm", 20_000, 7_500),
    ]


def test_stored_positions_are_scanned_but_for_those_left_out():
    seen = preview(ScanSetup(FieldSource.PLACES))
    assert [field.name for field in seen.fields] == ["a_1", "a_1_2", "钢"]
    seen = preview(ScanSetup(FieldSource.PLACES, left_out=frozenset({"a/1", "钢"})))
    assert [field.x_um for field in seen.fields] == [2000]


@pytest.mark.parametrize(
    ("setup", "words"),
    [
        (ScanSetup(FieldSource.PLACES, left_out=frozenset(p.name for p in PLACES)), "chosen"),
        (ScanSetup(FieldSource.LIST), "choose a file"),
        (ScanSetup(FieldSource.FERROGRAM, positions_mm=()), "name at least one"),
        (ScanSetup(columns=99, rows=99), "Too many fields, 99 x 99"),
        (ScanSetup(FieldSource.FERROGRAM), "The same holds for 2 others"),
        (ScanSetup(FieldSource.LIST, listed=(Field("far", 50_000, 0),)), "cannot go to far"),
    ],
)
def test_what_is_not_possible_is_said(setup, words):
    assert words in preview(setup).reason


def test_a_stage_that_is_not_homed_plans_nothing():
    seen = preview(ScanSetup(), here_um=None)
    assert "home the stage" in seen.reason
    assert not seen.fields


def test_a_full_disk_is_said_beforehand():
    seen = preview(ScanSetup(), sweep=replace(SWEEP, free_bytes=SWEEP.plan.size_bytes * 8))
    assert "choose fewer fields" in seen.reason
    assert not preview(ScanSetup(columns=2), sweep=SWEEP).reason


def test_what_hinders_a_sweep_hinders_a_scan():
    seen = preview(ScanSetup(), sweep=SweepPreview(None, "The lamp is off."))
    assert seen.reason == "The lamp is off."
    assert len(seen.fields) == 9


def test_what_fields_have_taken_counts_more_than_what_was_guessed():
    assert preview(ScanSetup(), field_s=7.0).duration_s == 63.0


@given(st.lists(st.floats(0, 100).map(lambda mm: round(mm, 1)), max_size=6))
def test_distances_are_read_as_they_are_written(positions_mm):
    for mark in (", ", ";", " ", "，"):
        assert positions_of(mark.join(map(str, positions_mm))) == tuple(positions_mm)


@pytest.mark.parametrize("text", ["1, a", "1..2", "inf", "nan"])
def test_what_is_no_distance_is_refused(text):
    with pytest.raises(ValueError, match=r"could not convert|not all are finite"):
        positions_of(text)
