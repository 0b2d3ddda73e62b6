from __future__ import annotations

import numpy as np
import pytest

from app.captures.export.plan import (
    MARKED,
    TABLE,
    check_export,
    clean_name,
    free_folder,
    plan_export,
)
from app.captures.layout import FUSED, MEASUREMENTS, RESULT_NAMES, WEIGHTS
from app.captures.results import ResultError, results_bytes
from app.captures.stack import FrameFormat

FORMAT = FrameFormat(100, 200, colour=True, dtype=np.dtype(np.uint16))


def names(plan):
    return [file.path.name for file in plan.files]


def test_the_plan_lists_what_is_wanted(tmp_path):
    plan = plan_export(tmp_path, {"results", "marked", "measurements"}, FORMAT, 10)
    assert set(names(plan)) == {*RESULT_NAMES, MARKED, TABLE, MEASUREMENTS}
    assert plan.taken == ()
    assert names(plan_export(tmp_path, {"marked"}, FORMAT, 10)) == [MARKED]
    assert plan_export(tmp_path, (), FORMAT, 10).files == ()


def test_results_take_as_much_space_as_their_writer_asks_for(tmp_path):
    assert plan_export(tmp_path, {"results"}, FORMAT, 10).most_bytes == results_bytes(FORMAT, 10)


def test_files_that_are_there_are_marked_and_not_replaced_unasked(tmp_path):
    (tmp_path / FUSED).touch()
    (tmp_path / WEIGHTS).symlink_to(tmp_path / "gone")
    plan = plan_export(tmp_path, {"results"}, FORMAT, 10)
    assert {file.path.name for file in plan.taken} == {FUSED, WEIGHTS}
    with pytest.raises(ResultError, match=FUSED):
        check_export(tmp_path, RESULT_NAMES, replace=False)
    check_export(tmp_path, RESULT_NAMES, replace=True)
    check_export(tmp_path / "other", RESULT_NAMES, replace=False)


def test_a_free_folder_is_missing_or_empty(tmp_path):
    assert free_folder(tmp_path, "a") == tmp_path / "a"
    (tmp_path / "a").mkdir()
    assert free_folder(tmp_path, "a") == tmp_path / "a"
    (tmp_path / "a" / "file").touch()
    (tmp_path / "a_2").touch()
    assert free_folder(tmp_path, "a") == tmp_path / "a_3"


@pytest.mark.parametrize(
    ("name", "clean"),
    [("slide 7", "slide 7"), ("a/b:c", "a_b_c"), ("..", "export"), (" x. ", "x"), ("", "export")],
)
def test_names_suit_all_systems(name, clean):
    assert clean_name(name) == clean
