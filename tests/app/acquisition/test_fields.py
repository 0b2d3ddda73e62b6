from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.acquisition.fields import (
    FERROGRAM_MM,
    Field,
    FieldsError,
    check_reachable,
    ferrogram_fields,
    grid_fields,
    read_fields,
)
from drivers.stage import AxisCaps, StageCaps


def test_a_grid_goes_to_and_fro() -> None:
    fields = grid_fields((1000, 500), 3, 2, (100, 50))
    assert [(f.x_um, f.y_um) for f in fields] == [
        (900, 475),
        (1000, 475),
        (1100, 475),
        (1100, 525),
        (1000, 525),
        (900, 525),
    ]
    assert fields[3].name == "row02_column03"


@given(st.integers(1, 12), st.integers(1, 12), st.floats(1, 1e4), st.floats(1, 1e4))
def test_a_grid_holds_each_place_once_and_never_jumps(
    columns: int, rows: int, step_x: float, step_y: float
) -> None:
    fields = grid_fields((0, 0), columns, rows, (step_x, step_y))
    assert len({field.name for field in fields}) == columns * rows
    assert sum(field.x_um for field in fields) == pytest.approx(0, abs=1e-6 * step_x * 144)
    for one, other in pairwise(fields):
        way = math.hypot(other.x_um - one.x_um, other.y_um - one.y_um)
        assert way == pytest.approx(step_x) or way == pytest.approx(step_y)


@pytest.mark.parametrize(("columns", "rows", "step"), [(0, 1, 10), (1, -1, 10), (2, 2, 0)])
def test_a_grid_of_nothing_is_refused(columns: int, rows: int, step: float) -> None:
    with pytest.raises(FieldsError, match="give at least 1 x 1 fields and a positive distance"):
        grid_fields((0, 0), columns, rows, (step, 10))


@pytest.mark.parametrize(
    ("direction", "last"),
    [
        ("+x", (46_000, 2000)),
        ("-x", (-44_000, 2000)),
        ("+y", (1000, 47_000)),
        ("-y", (1000, -43_000)),
    ],
)
def test_a_ferrogram_is_read_from_its_entry(direction, last) -> None:
    fields = ferrogram_fields((1000, 2000), direction)
    assert (fields[0].x_um, fields[0].y_um) == (1000, 2000)
    assert (fields[-1].x_um, fields[-1].y_um) == last
    assert len(fields) == len(FERROGRAM_MM)
    assert [field.name for field in fields][:3] == ["00.0mm", "05.0mm", "15.0mm"]


def test_a_list_is_read(tmp_path: Path) -> None:
    path = tmp_path / "fields.csv"
    path.write_text("name,x_um,y_um\nleft/edge,1.5,-2\n,3,4e2\n", encoding="utf-8")
    assert read_fields(path) == (Field("left_edge", 1.5, -2.0), Field("field002", 3.0, 400.0))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x_um,y_um\n1,two\n", "line 2: needs numbers in the columns x_um and y_um"),
        ("x,y\n1,2\n", "line 2: needs numbers"),
        ("x_um,y_um\n1,inf\n", "line 2: x_um and y_um must be finite"),
        ("x_um,y_um\n", "holds no field"),
        ("name,x_um,y_um\na,1,2\na,3,4\n", "two fields have the same name"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_wrong_list_is_named(tmp_path: Path, text: str | None, fault: str) -> None:
    path = tmp_path / "fields.csv"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(FieldsError, match=fault):
        read_fields(path)


def test_fields_beyond_the_limits_are_named_before_anything_moves() -> None:
    axis = AxisCaps(0, 40_000, 1, 1000, 1000, 1)
    caps = StageCaps(axis, axis, axis, can_home=True, poll_hz=10)
    check_reachable(ferrogram_fields((0, 0), "+x", (0, 40)), caps)
    with pytest.raises(FieldsError) as caught:
        check_reachable(ferrogram_fields((0, 0), "+x"), caps)
    assert str(caught.value) == (
        "The stage cannot go to 45.0mm (x 45000 µm, y 0 µm): x reaches from 0 to 40000 µm and y "
        "from 0 to 40000 µm. Shift or shrink the scan, or widen the limits."
    )
