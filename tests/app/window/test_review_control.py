"""What the review does with a stack, without a window."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

from app.captures.fusion_record import FusionRecord
from app.captures.layout import RETOUCH
from app.window.export_work import ExportWish
from app.window.retouching import Edited, EditsSaved
from app.window.review_control import Exported, Idle, Opened, OtherFusion
from app.window.trouble import Trouble

COUNT = 5
SHAPE = (72, 100)
CORE = np.s_[31:41, 45:55]
"""Deep within a stroke of radius 12 at the middle."""


@pytest.fixture
def desk(review_desk):
    # Drawn strips this small seem to breathe; see test_align_frames for how frames are laid.
    review_desk.control.align(False)
    return review_desk


def opened(desk, path: Path):
    subject = desk.open(path)
    desk.wait_for(lambda _event: desk.control.maps.complete)
    return subject


def stroke(desk, index: int | None, radius: float = 12):
    desk.control.retouching.paint(index, [(50, 36)], radius)
    desk.control.retouching.end_stroke()
    desk.wait_for(EditsSaved)
    return desk.control.retouching.subject


def test_a_stroke_shows_everywhere(desk, capture):
    before = opened(desk, capture.folder)
    after = stroke(desk, 4)
    np.testing.assert_array_equal(after.fused[CORE], capture[4][CORE])
    assert not np.array_equal(before.fused[CORE], after.fused[CORE])
    np.testing.assert_array_equal(before.fused[:, :10], after.fused[:, :10])
    np.testing.assert_allclose(after.heights[CORE], 8.0, atol=1e-4)
    assert (after.confidence[CORE] == 255).all()
    maps = desk.control.maps
    assert maps.curve(50, 36) == [(2.0 * k, pytest.approx(float(k == 4))) for k in range(COUNT)]
    assert maps.weight(4, 50, 36) == pytest.approx(1)
    desk.control.ask(4)
    weighed = desk.wait_for(lambda event: getattr(event, "index", None) == 4)
    assert (weighed.weights[CORE] == 255).all()


def test_strokes_are_taken_back_and_done_again(desk, capture):
    before = opened(desk, capture.folder)
    after, retouching = stroke(desk, 4), desk.control.retouching
    for step, expected, files in ((retouching.undo, before, 0), (retouching.redo, after, 2)):
        step()
        desk.wait_for(EditsSaved)
        np.testing.assert_array_equal(retouching.subject.fused, expected.fused)
        np.testing.assert_array_equal(retouching.subject.heights, expected.heights)
        assert len(list(capture.folder.glob("retouch*"))) == files
    erased = stroke(desk, None, 20)
    np.testing.assert_array_equal(erased.fused, before.fused)
    assert retouching.can_undo
    assert not retouching.can_redo


def test_edits_are_there_when_the_capture_is_opened_again(desk, capture):
    opened(desk, capture.folder)
    after = stroke(desk, 4)
    desk.control.exclude(frozenset({0}))
    desk.wait_anew()
    desk.wait_for(EditsSaved)
    again = opened(desk, capture.folder)
    assert again.edits.excluded == {0}
    np.testing.assert_array_equal(again.edits.choice, after.edits.choice)
    np.testing.assert_array_equal(again.fused, desk.control.retouching.subject.fused)
    np.testing.assert_array_equal(again.fused[CORE], capture[4][CORE])


def test_what_is_exported_was_edited(desk, capture, tmp_path):
    opened(desk, capture.folder)
    stroke(desk, 4)
    desk.control.exclude(frozenset({1}))
    desk.wait_anew()
    desk.control.export(ExportWish(tmp_path / "out"))
    desk.wait_for(Exported)
    subject = desk.control.retouching.subject
    image = cv2.imread(str(tmp_path / "out" / "fused.png"))[..., ::-1]
    np.testing.assert_array_equal(image, subject.fusion.fused)
    np.testing.assert_array_equal(image[CORE], capture[4][CORE])
    weights = tifffile.imread(tmp_path / "out" / "weights.tif")
    assert weights.shape == (COUNT - 1, *SHAPE)
    assert (weights[3][CORE] >= 65534).all()
    heights = tifffile.imread(tmp_path / "out" / "height.tif")
    np.testing.assert_allclose(heights[CORE], 8.0, atol=1e-4)
    record = FusionRecord.model_validate_json((tmp_path / "out" / "fusion.json").read_bytes())
    assert record.excluded == (1,)
    assert [frame.index for frame in record.frames] == [0, 2, 3, 4]
    assert [frame.index for frame in record.painted] == [4]


def test_an_excluded_frame_has_no_share_and_the_picture_changes(desk, capture):
    before = opened(desk, capture.folder)
    desk.control.exclude(frozenset({2}))
    subject = desk.wait_anew()
    desk.wait_for(lambda _event: desk.control.maps.complete)
    assert len(subject.used) == COUNT - 1
    middle = np.s_[:, 45:55]
    assert np.abs(subject.fused[middle].astype(int) - before.fused[middle]).max() > 10
    maps = desk.control.maps
    assert maps.weight(2, 50, 36) == 0
    assert [z for z, _weight in maps.curve(50, 36)] == [0.0, 2.0, 6.0, 8.0]
    desk.control.ask(2)
    assert not desk.wait_for(lambda event: getattr(event, "index", None) == 2).weights.any()
    # Nobody paints with a frame that was excluded.
    retouching = desk.control.retouching
    retouching.paint(2, [(50, 36)], 12)
    retouching.end_stroke()
    desk.wait_for(EditsSaved)
    assert not retouching.can_undo

    desk.control.exclude(frozenset())
    back = desk.wait_anew()
    np.testing.assert_array_equal(back.fused, before.fused)


def test_the_last_frame_cannot_be_excluded(desk, capture):
    opened(desk, capture.folder)
    desk.control.exclude(frozenset(range(COUNT)))
    desk.control.exclude(frozenset(range(1, COUNT)))
    subject = desk.wait_anew()
    assert subject.used.indices == (0,)
    np.testing.assert_array_equal(subject.fused, capture[0])


def test_of_exclusions_in_a_row_the_last_one_counts(desk, capture):
    opened(desk, capture.folder)
    for excluded in ({0}, {0, 1}, {0, 1, 2}):
        desk.control.exclude(frozenset(excluded))
    desk.wait_for(
        lambda event: isinstance(event, Edited) and event.subject.edits.excluded == {0, 1, 2}
    )


def test_another_model_fuses_the_same_frames(desk, capture):
    subject = opened(desk, capture.folder)
    desk.control.fuse_with("published")
    other = desk.wait_for(OtherFusion)
    desk.wait_for(Idle)
    assert other.model == "published"
    assert other.fused.shape == subject.fused.shape
    assert not np.array_equal(other.fused, subject.fused)


def test_frames_are_sketched_for_the_filmstrip(desk, capture):
    opened(desk, capture.folder)
    sketches = desk.control.maps.sketches
    assert sorted(sketches) == list(range(COUNT))
    assert all(sketch.thumbnail.shape[0] == 56 for sketch in sketches.values())
    assert all(sketch.sharpness > 0 for sketch in sketches.values())


def test_what_is_no_capture_is_edited_but_not_written_to(desk, capture, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for k, frame in enumerate(capture):
        cv2.imwrite(str(folder / f"{k}.png"), frame[..., ::-1])
    before = sorted(folder.iterdir())
    opened(desk, folder)
    retouching = desk.control.retouching
    retouching.paint(4, [(50, 36)], 12)
    retouching.end_stroke()
    desk.wait_for(lambda _event: retouching.can_undo)
    np.testing.assert_array_equal(retouching.subject.fused[CORE], capture[4][CORE])
    assert sorted(folder.iterdir()) == before


def test_edits_that_cannot_be_saved_are_told(desk, capture):
    opened(desk, capture.folder)
    (capture.folder / f"{RETOUCH}.part").mkdir()
    desk.control.retouching.paint(4, [(50, 36)], 12)
    desk.control.retouching.end_stroke()
    end_s = time.monotonic() + 200
    while not any(isinstance(event, Trouble) for event in desk.events):
        assert time.monotonic() < end_s
        time.sleep(0.01)
    trouble = next(event for event in desk.events if isinstance(event, Trouble))
    assert RETOUCH in f"{trouble.title} {trouble.details}"
    # The edit is there all the same.
    np.testing.assert_array_equal(desk.control.retouching.subject.fused[CORE], capture[4][CORE])


def opening(desk, path):
    """What was said to be done until a stack was open."""
    desk.events.clear()
    desk.control.open_path(path)
    said = []
    subject = desk.wait_for(
        lambda event: said.append(getattr(event, "what", "")) or isinstance(event, Opened)
    ).subject
    return subject, set(said)


def test_a_capture_with_results_is_opened_without_fusing_it_again(desk, fused_capture, tmp_path):
    path = fused_capture(tmp_path / "one")
    subject, said = opening(desk, path)
    assert "fusing" not in said
    desk.wait_for(lambda _event: desk.control.maps.complete)
    total = sum(desk.control.maps.weight(index, 20, 30) for index in range(len(subject.stack)))
    assert total == pytest.approx(1, abs=len(subject.stack) / 510)


def test_once_a_frame_is_left_out_it_is_fused_again(desk, fused_capture, tmp_path):
    path = fused_capture(tmp_path / "one")
    opening(desk, path)
    desk.control.exclude(frozenset({1}))
    desk.wait_for(EditsSaved)
    subject, said = opening(desk, path)
    assert "fusing" in said
    assert subject.edits.excluded == {1}
    desk.control.exclude(frozenset())
    desk.wait_for(EditsSaved)
    assert "fusing" not in opening(desk, path)[1]


def test_what_was_painted_is_worked_into_the_stored_fusion(desk, fused_capture, tmp_path):
    path = fused_capture(tmp_path / "one")
    subject, _said = opening(desk, path)
    desk.control.retouching.paint(0, [(50, 30)], 8)
    desk.control.retouching.end_stroke()
    desk.wait_for(EditsSaved)
    again, said = opening(desk, path)
    assert "fusing" not in said
    np.testing.assert_array_equal(again.fused[30, 50], subject.stack[0][30, 50])
