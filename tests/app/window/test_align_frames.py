"""Stacks whose frames drift are laid on one another before they are reviewed."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from app.captures.capture import Capture
from app.captures.capture_record import CaptureRecord
from app.captures.fusion_record import FusionRecord
from app.captures.fusions import read_fusion_record
from app.captures.layout import FUSION
from app.captures.open_stack import open_stack
from app.captures.recorder import FrameTag, Recorder
from app.captures.results import write_results
from app.captures.retouch_record import load_edits
from app.fuse import fuse_input
from app.repeat import repeat_export
from app.window.export_work import ExportWish
from app.window.retouching import Edited, EditsSaved
from app.window.review_control import Exported, FrameRead, Opened
from drivers.camera import Frame
from models.wearif.fusion import fuse
from models.wearif.weights import load_model

COUNT, STEP_PX = 3, 3
HEIGHT, WIDTH = 144, 192
INNER = np.s_[16:-16, 16:-16]


def drifting_frames() -> list[np.ndarray]:
    noise = np.random.default_rng(5).integers(0, 256, (HEIGHT, WIDTH + 20, 3), np.uint8)
    texture = cv2.GaussianBlur(noise, (0, 0), 1.5)
    texture = cv2.normalize(texture, None, 0, 255, cv2.NORM_MINMAX)
    return [
        np.ascontiguousarray(texture[:, STEP_PX * k : STEP_PX * k + WIDTH]) for k in range(COUNT)
    ]


@pytest.fixture
def folder(tmp_path) -> Path:
    """An imported stack that drifts sideways."""
    folder = tmp_path / "drifting"
    folder.mkdir()
    for index, frame in enumerate(drifting_frames()):
        cv2.imwrite(str(folder / f"{index}.png"), frame[..., ::-1])
    return folder


@pytest.fixture
def drifting_capture(tmp_path) -> Capture:
    """A capture that drifts; it was fused while it came in."""
    capture = capture_of(drifting_frames(), tmp_path / "one")
    write_results(capture.folder, fuse(capture, load_model(), capture.z_um), capture)
    return capture


def capture_of(frames: list[np.ndarray], folder: Path) -> Capture:
    record = CaptureRecord(
        microscope="bench", objective="20x", na=0.4, magnification=20.0, pixel_um=0.2, sweep={}
    )
    recorder = Recorder(folder, record)
    for k, frame in enumerate(frames):
        recorder.record(Frame(frame, k, 0, 1_000_000 * k, 500, "camera", 2.5))
    recorder.close({k: FrameTag(2.0 * k, 0.1, used=True) for k in range(COUNT)})
    return Capture(folder)


@pytest.fixture
def desk(review_desk):
    return review_desk


def exported(desk, folder: Path) -> FusionRecord:
    desk.control.export(ExportWish(folder))
    desk.wait_for(Exported)
    return read_fusion_record(folder)


def off(picture: np.ndarray, frame: np.ndarray) -> int:
    return int(np.abs(picture[INNER].astype(int) - frame[INNER]).max())


def test_an_imported_stack_is_aligned_when_it_is_opened(desk, folder, tmp_path):
    subject = desk.open(folder)
    assert subject.prepared.moved_px == pytest.approx(STEP_PX, abs=0.1)
    middle = open_stack(folder)[1]
    assert off(subject.fused, middle) <= 10
    for index in range(COUNT):
        desk.control.ask(index)
        shown = desk.wait_for(lambda e, i=index: getattr(e, "index", None) == i)
        assert off(shown.frame, middle) <= 10
    desk.control.read(2)
    assert off(desk.wait_for(FrameRead).pixels, middle) <= 10
    record = exported(desk, tmp_path / "out")
    fuse_input(folder, tmp_path / "command")
    assert record.frames == read_fusion_record(tmp_path / "command").frames
    repeat_export(tmp_path / "out" / "fused.png", tmp_path / "again", device="cpu")
    assert read_fusion_record(tmp_path / "again").frames == record.frames


def test_without_the_switch_the_frames_stay_as_they_are(desk, folder, tmp_path):
    aligned = desk.open(folder)
    desk.control.align(False)
    plain = desk.wait_anew()
    stack = open_stack(folder)
    np.testing.assert_array_equal(plain.fused, fuse(stack, load_model(), stack.z_um).fused)
    assert off(plain.fused, aligned.fused) > 20
    assert plain.prepared.moved_px is None
    assert [frame.warp for frame in exported(desk, tmp_path / "out").frames] == [None] * COUNT
    # It holds for what is opened next, until it is switched on again.
    again = desk.open(folder)
    np.testing.assert_array_equal(again.fused, plain.fused)
    desk.control.align(True)
    np.testing.assert_array_equal(desk.wait_anew().fused, aligned.fused)


def test_frames_that_are_left_out_leave_the_others_where_they_are(desk, folder, tmp_path):
    before = desk.open(folder)
    desk.control.exclude(frozenset({0}))
    subject = desk.wait_anew()
    assert subject.prepared.warps == before.prepared.warps
    frames = exported(desk, tmp_path / "out").frames
    assert [(frame.index, frame.warp) for frame in frames] == [
        (index, before.prepared.warps[index]) for index in (1, 2)
    ]
    repeat_export(tmp_path / "out" / "fused.png", tmp_path / "again", device="cpu")


def test_a_capture_is_shown_at_once_and_aligned_when_it_proves_to_drift(desk, drifting_capture):
    at_once = desk.open(drifting_capture.folder)
    assert at_once.prepared.warps is None
    subject = desk.wait_anew()
    assert subject.prepared.moved_px == pytest.approx(STEP_PX, abs=0.1)
    assert off(subject.fused, drifting_capture[1]) <= 10
    assert off(at_once.fused, subject.fused) > 20


def test_a_capture_that_lies_well_keeps_its_results(desk, tmp_path):
    still = [cv2.GaussianBlur(drifting_frames()[0], (0, 0), 0.5 + k / 2) for k in range(COUNT)]
    capture = capture_of(still, tmp_path / "still")
    write_results(capture.folder, fuse(capture, load_model(), capture.z_um), capture)
    at_once = desk.open(capture.folder)
    assert not at_once.measured
    known = desk.wait_for(Edited)
    assert not known.fused_anew
    assert known.subject.measured
    assert known.subject.prepared.moved_px <= 0.2
    np.testing.assert_array_equal(known.subject.fused, at_once.fused)


def test_what_is_painted_on_aligned_frames_stays_there(desk, drifting_capture, tmp_path):
    capture = drifting_capture
    (capture.folder / FUSION).unlink()
    subject = desk.open(capture.folder)
    desk.control.retouching.paint(0, [(96, 72)], 20)
    desk.control.retouching.end_stroke()
    desk.wait_for(EditsSaved)
    painted = desk.control.retouching.subject
    core = np.s_[66:78, 90:102]
    np.testing.assert_array_equal(painted.fused[core], subject.stack[0][core])
    assert load_edits(capture).warps == subject.prepared.warps
    # Nothing moves under what was painted.
    desk.control.align(False)
    again = desk.open(capture.folder)
    assert again.prepared.warps == subject.prepared.warps
    np.testing.assert_array_equal(again.fused, painted.fused)
    record = exported(desk, tmp_path / "out")
    assert [frame.index for frame in record.painted] == [0]
    repeat_export(tmp_path / "out" / "fused.png", tmp_path / "again", device="cpu")
    fuse_input(capture.folder, tmp_path / "command", device="cpu")
    assert read_fusion_record(tmp_path / "command").frames == record.frames


def test_a_stack_is_given_up_when_another_is_opened(desk, drifting_capture, folder):
    desk.control.open_path(drifting_capture.folder)
    desk.control.open_path(folder)
    desk.wait_for(lambda e: isinstance(e, Opened) and e.subject.path == folder)
    assert desk.control.retouching.subject.path == folder


def test_the_switch_in_the_window(opened, folder):
    window, wait_until = opened.window, opened.wait_until
    window.open_path(folder)
    page = window.review_page
    wait_until(lambda: page.subject is not None, "the stack was opened")
    aligned = page.subject.fused
    assert page.side.aligns.isChecked()
    assert page.side.aligns.toolTip()
    assert "moved by up to 3.0 px" in page.side.about
    height, width = aligned.shape[:2]
    assert f"{width} × {height} RGB, 8 bits" in page.side.about
    page.side.aligns.click()
    wait_until(lambda: page.subject.prepared.warps is None, "it was fused as it lies")
    assert "moved" not in page.side.about
    assert off(page.subject.fused, aligned) > 20
    page.side.aligns.click()
    wait_until(lambda: page.subject.prepared.warps is not None, "it was aligned again")
    np.testing.assert_array_equal(page.subject.fused, aligned)


def test_a_lamp_that_fades_is_evened_out_and_repeatable(desk, tmp_path):
    folder = tmp_path / "fading"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(60, 180, (192, 224), dtype=np.uint8)
    gains = (1.2, 1.1, 1.0, 0.9, 0.8)
    for index, gain in enumerate(gains):
        frame = cv2.GaussianBlur(noise, (0, 0), 0.5 + abs(index - 2))
        cv2.imwrite(str(folder / f"{index}.png"), np.rint(frame * gain).astype(np.uint8))
    subject = desk.open(folder)
    assert subject.prepared.brightness == pytest.approx(gains, rel=0.01)
    desk.control.exclude(frozenset({4}))
    desk.wait_anew()
    record = exported(desk, tmp_path / "out")
    assert record.brightness == "measured"
    assert [frame.brightness for frame in record.frames] == pytest.approx(gains[:4], rel=0.01)
    repeat_export(tmp_path / "out" / "fused.png", tmp_path / "again", device="cpu")
    assert read_fusion_record(tmp_path / "again").frames == record.frames
