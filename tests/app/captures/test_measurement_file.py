from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from app.captures.image_folder import frame_files
from app.captures.measurement_file import (
    measurements_path,
    measurements_table,
    read_measurements,
    write_measurements,
)
from app.captures.measurements import Heights, Measurements, Shape
from app.captures.shape_history import ShapeHistory
from app.captures.stack import StackError

RULER = Shape(kind="ruler", points=((0, 0), (30, 40)), label="scratch, “deep”")
CIRCLE = Shape(kind="circle", points=((100, 50), (110, 50)))
TEXT = Shape(kind="text", points=((1, 2),), label="磨损 износ")


def test_what_is_written_is_read_again(tmp_path):
    written = Measurements(pixel_um=0.345, shapes=(RULER, CIRCLE, TEXT))
    write_measurements(tmp_path, written)
    assert read_measurements(tmp_path) == written
    assert measurements_path(tmp_path).parent == tmp_path


def test_a_stack_in_a_file_keeps_them_beside_it(tmp_path):
    file = tmp_path / "stack.tif"
    file.write_bytes(b"")
    write_measurements(file, Measurements(shapes=(RULER,)))
    assert measurements_path(file).name == "stack.tif.measurements.json"
    assert read_measurements(file).shapes == (RULER,)


def test_they_are_no_frames_of_a_folder_of_images(tmp_path, save, picture):
    for seed in range(3):
        save(tmp_path / f"{seed}.png", picture(seed))
    write_measurements(tmp_path, Measurements(shapes=(RULER,)))
    assert len(frame_files(tmp_path)) == 3


def test_nothing_measured_is_no_error(tmp_path):
    assert read_measurements(tmp_path) == Measurements()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"shapes": [{"kind": "star", "points": []}]}', b'{"schema_version": 2}'],
)
def test_a_damaged_file_is_named(tmp_path, content):
    measurements_path(tmp_path).write_bytes(content)
    with pytest.raises(StackError, match=r"measurements\.json"):
        read_measurements(tmp_path)


def test_the_table_has_a_line_for_each_shape_and_names_the_units():
    heights = Heights(np.zeros((100, 200), np.float32), "µm")
    profile = Shape(kind="profile", points=((0, 0), (10, 0)))
    table = measurements_table((RULER, CIRCLE, TEXT, profile), 0.5, heights)
    rows = list(csv.DictReader(table.splitlines()))
    assert [row["kind"] for row in rows] == ["ruler", "circle", "text", "profile"]
    assert [row["number"] for row in rows] == ["1", "2", "3", "4"]
    assert rows[0]["label"] == RULER.label
    assert rows[0]["length_um"] == "25.000"
    assert rows[1]["diameter_um"] == "10.000"
    assert rows[1]["area_um2"] == "78.540"
    assert (rows[1]["x_um"], rows[1]["y_um"]) == ("50.000", "25.000")
    assert rows[2]["length_um"] == ""
    assert rows[3]["rise_um"] == "0.000"


def test_the_table_of_an_uncalibrated_picture_is_in_pixels():
    rows = list(csv.DictReader(measurements_table((RULER,), None).splitlines()))
    assert rows[0]["length_px"] == "50.000"
    assert "length_um" not in rows[0]


def test_every_change_can_be_undone_and_redone():
    history = ShapeHistory((RULER,))
    assert not history.can_undo
    assert history.add(CIRCLE) == 1
    history.replace(0, TEXT)
    history.remove(1)
    states = [history.shapes]
    while history.can_undo:
        history.undo()
        states.append(history.shapes)
    assert states == [(TEXT,), (TEXT, CIRCLE), (RULER, CIRCLE), (RULER,)]
    while history.can_redo:
        history.redo()
    assert history.shapes == (TEXT,)


def test_a_new_change_takes_the_place_of_those_undone():
    history = ShapeHistory()
    history.add(RULER)
    history.undo()
    history.add(CIRCLE)
    assert not history.can_redo
    assert history.shapes == (CIRCLE,)


def test_no_change_is_nothing_to_undo():
    history = ShapeHistory((RULER,))
    history.replace(0, RULER)
    assert not history.can_undo
    history.undo()
    history.redo()
    assert history.shapes == (RULER,)


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1", "\r=1"])
def test_no_spreadsheet_program_runs_a_label(label):
    shape = Shape(kind="text", points=((1, 2),), label=label)
    (row,) = csv.DictReader(io.StringIO(measurements_table([shape], None), newline=""))
    assert row["label"] == "'" + label.replace("\r", "\n")


def test_no_line_break_in_a_label_begins_a_row():
    shape = Shape(kind="text", points=((1, 2),), label="a\r=1\r\n=2\n=3")
    (row,) = csv.DictReader(io.StringIO(measurements_table([shape], None), newline=""))
    assert row["label"] == "a\n=1\n=2\n=3"
