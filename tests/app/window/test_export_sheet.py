"""The sheet that offers exports: presets, and what it asks for."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QWidget

from app.captures.export.plan import PRESETS as KINDS_OF
from app.captures.export.read_recipe import read_recipe
from app.captures.image_file import read_image
from app.captures.measurements import Shape
from app.captures.open_stack import open_stack
from app.captures.result_error import ResultError
from app.captures.selection import Selection
from app.window.export_sheet import CONTENTS, ExportSheet
from app.window.export_work import ExportWish, write_export
from app.window.measuring import Ground, Measuring
from app.window.subject import Subject
from models.wearif.fusion import fuse
from models.wearif.weights import load_model

LINE = Shape(kind="profile", points=((5.0, 5.0), (60.0, 40.0)))


@pytest.fixture
def subject(tmp_path):
    folder = tmp_path / "stack"
    folder.mkdir()
    for index, frame in enumerate(np.random.default_rng(0).integers(0, 256, (3, 48, 80), np.uint8)):
        cv2.imwrite(str(folder / f"{index}.png"), frame)
    stack = open_stack(folder)
    used = Selection(stack, range(3))
    return Subject.of(stack, fuse(used, load_model()), used=used, path=folder)


@pytest.fixture
def sheet(qtbot, subject, tmp_path):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1366, 768)
    measuring = Measuring(lambda: None, lambda _shapes: None)
    measuring.open(Ground(80, 48, 0.5), (LINE,))
    sheet = ExportSheet(window, tmp_path)
    sheet.offer(subject, measuring)
    # The window goes, and the sheet with it, when nobody holds it any more.
    yield sheet
    window.close()


@pytest.mark.parametrize("contents", [{"results"}, {"jpeg"}])
def test_nothing_is_put_among_the_frames(subject, contents):
    before = {path.name for path in subject.path.iterdir()}
    wish = ExportWish(subject.path / ".." / "stack", frozenset(contents), replace=True)
    with pytest.raises(ResultError, match="holds the stack"):
        write_export(subject, wish, lambda _done, _total: None)
    assert {path.name for path in subject.path.iterdir()} == before


@pytest.mark.parametrize("preset", ["report", "programs", "everything"])
def test_a_preset_ticks_what_the_command_line_means_by_it(sheet, preset):
    sheet.presets[preset].click()
    # The results of the window's fusion are one box.
    results = {"png", "weights", "height"}
    meant = set(KINDS_OF[preset]) - results
    assert sheet.contents - {"results", "profiles"} == meant - {"profiles"}
    assert ("results" in sheet.contents) == (preset != "report")
    assert all(sheet.boxes[key].text() for key in CONTENTS)


def test_everything_is_written_and_can_be_made_again(sheet, subject, qtbot, tmp_path):
    sheet.presets["everything"].click()
    planned = {file.path.name for file in sheet.plan.files}
    with qtbot.waitSignal(sheet.wanted) as asked:
        sheet.export.click()
    wish = asked.args[0]
    assert write_export(subject, wish, lambda _done, _total: None) == len(planned)
    assert {path.name for path in wish.folder.iterdir()} == planned
    for name in ("fused.png", "fused.ome.tif", "report.html", "profile_1.csv"):
        recipe = read_recipe(wish.folder / name)
        assert Path(recipe.source) == subject.path
    marked = read_image(wish.folder / "fused_marked.png")
    assert (marked != cv2.cvtColor(subject.fused, cv2.COLOR_GRAY2RGB)).any()
