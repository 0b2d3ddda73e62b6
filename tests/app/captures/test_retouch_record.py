"""Edits in the folder of their capture, and what a fusion of the capture makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

from app.captures.alignment import AlignedStack
from app.captures.capture import Capture
from app.captures.capture_record import CaptureRecord
from app.captures.fusion_record import FusionRecord
from app.captures.fusion_settings import FusionSettings
from app.captures.image_folder import ImageFolder
from app.captures.layout import RETOUCH
from app.captures.recorder import FrameTag, Recorder
from app.captures.retouch_record import Edits, RetouchError, load_edits, save_edits
from app.captures.stack import StackError
from app.fuse import fuse_input
from drivers.camera import Frame
from models.wearif.choice import REACH

COUNT = 6
SHAPE = (64, 96)


@pytest.fixture
def capture(tmp_path: Path) -> Capture:
    """Six frames of a texture, each sharp in another strip."""
    rng = np.random.default_rng(1)
    texture = cv2.GaussianBlur(rng.integers(0, 256, (*SHAPE, 3), np.uint8), (0, 0), 0.7)
    recorder = Recorder(
        tmp_path / "one",
        CaptureRecord(
            microscope="bench",
            objective="20x",
            na=0.4,
            magnification=20.0,
            pixel_um=0.17,
            sweep={},
        ),
    )
    strip = np.arange(SHAPE[1]) * COUNT // SHAPE[1]
    for k in range(COUNT):
        image = np.empty_like(texture)
        for j in range(COUNT):
            soft = cv2.GaussianBlur(texture, (0, 0), 0.05 + abs(j - k))
            image[:, strip == j] = soft[:, strip == j]
        recorder.record(Frame(image, k, 0, 1_000_000 * k, 500, "camera", 2.5))
    recorder.close({k: FrameTag(2.0 * k, 0.1, used=True) for k in range(COUNT)})
    return Capture(tmp_path / "one")


def painted(index: int) -> Edits:
    choice = np.zeros(SHAPE, np.uint16)
    choice[10:50, 20:70] = index + 1
    return Edits(choice)


def files(capture: Capture) -> list[str]:
    return sorted(path.name for path in capture.folder.glob("retouch*"))


def test_edits_are_read_as_they_were_saved(capture):
    assert load_edits(capture).empty
    edits = Edits(painted(3).choice, frozenset({1, 5}))
    save_edits(capture, edits)
    read = load_edits(Capture(capture.folder))
    np.testing.assert_array_equal(read.choice, edits.choice)
    assert read.excluded == {1, 5}
    said = json.loads((capture.folder / RETOUCH).read_text())
    assert said["painted"] == [{"index": 3, "z_um": 6.0, "pixels": 2000}]
    mask = cv2.imread(str(capture.folder / said["mask"]), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(mask, edits.choice)


def test_saving_again_leaves_one_mask_and_no_edits_leave_no_file(capture):
    save_edits(capture, painted(3))
    first = files(capture)
    save_edits(capture, painted(2))
    second = files(capture)
    assert len(first) == len(second) == 2
    assert first != second
    save_edits(capture, Edits(np.zeros(SHAPE, np.uint16), frozenset({0})))
    assert files(capture) == [RETOUCH]
    assert load_edits(capture).excluded == {0}
    save_edits(capture, Edits.none(capture))
    assert files(capture) == []


def test_the_capture_itself_stays_as_it_was(capture):
    before = [frame.copy() for frame in capture]
    save_edits(capture, painted(3))
    again = Capture(capture.folder)
    assert len(again) == COUNT
    for frame, old in zip(again, before, strict=True):
        np.testing.assert_array_equal(frame, old)


def change(capture: Capture, **fields: object) -> None:
    path = capture.folder / RETOUCH
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"frames": 7}, "made for 7 frames of 96x64 pixels, the stack has 6"),
        ({"width": 90}, "90x64"),
        ({"excluded": [9]}, "frame 9 of 6"),
        ({"excluded": [0, 1, 2, 3, 4, 5]}, "none to fuse"),
        ({"mask_sha256": "0"}, "is not the mask"),
        ({"mask": "gone.png"}, "gone.png: cannot be read"),
        ({"mask": "../../gone.png"}, "no path inside the folder"),
        ({"schema_version": 2}, "schema_version"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_edits_that_do_not_belong_are_refused(capture, fields, words):
    save_edits(capture, painted(3))
    change(capture, **fields)
    with pytest.raises(StackError, match=words) as refusal:
        load_edits(capture)
    assert str(capture.folder) in str(refusal.value)


def test_a_folder_that_cannot_be_written_is_named(capture):
    (capture.folder / f"{RETOUCH}.part").mkdir()
    with pytest.raises(RetouchError, match=r"retouch\.json: cannot be written"):
        save_edits(capture, painted(3))


def test_a_folder_of_images_has_no_edits(capture, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for k, frame in enumerate(capture):
        cv2.imwrite(str(folder / f"{k}.png"), frame)
    assert load_edits(ImageFolder(folder)).empty


def test_frames_have_their_own_numbers_in_a_fusion_of_some():
    choice = np.array([[0, 1, 2], [3, 4, 5]], np.uint16)
    np.testing.assert_array_equal(Edits(choice).choice_among((1, 2, 4)), [[0, 0, 1], [2, 0, 3]])


def fused(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, FusionRecord]:
    record = FusionRecord.model_validate_json((folder / "fusion.json").read_bytes())
    image = cv2.imread(str(folder / "fused.png"))[..., ::-1]
    heights, weights = (tifffile.imread(folder / name) for name in ("height.tif", "weights.tif"))
    return image, heights, weights, record


def test_a_fusion_of_the_capture_does_what_was_edited(capture, tmp_path):
    save_edits(capture, Edits(painted(3).choice, frozenset({1})))
    report = fuse_input(capture.folder, tmp_path / "out")
    image, heights, weights, record = fused(tmp_path / "out")
    core = np.s_[10 + REACH : 50 - REACH, 20 + REACH : 70 - REACH]
    np.testing.assert_array_equal(image[core], capture[3][core])
    np.testing.assert_allclose(heights[core], 6.0, atol=1e-4)
    assert [frame.index for frame in record.frames] == [0, 2, 3, 4, 5]
    assert (weights[2][core] >= 65534).all()
    assert record.excluded == (1,)
    assert [(frame.index, frame.z_um) for frame in record.painted] == [(3, 6.0)]
    assert "1 frames excluded, 1 painted with" in str(report)

    fuse_input(capture.folder, tmp_path / "plain", FusionSettings(retouched=False))
    plain, _heights, _weights, untouched = fused(tmp_path / "plain")
    assert not np.array_equal(plain[core], image[core])
    assert len(untouched.frames) == COUNT
    assert not untouched.painted


def test_painting_with_a_frame_that_was_excluded_has_no_effect(capture, tmp_path):
    save_edits(capture, Edits(np.zeros(SHAPE, np.uint16), frozenset({3})))
    fuse_input(capture.folder, tmp_path / "excluded")
    save_edits(capture, Edits(painted(3).choice, frozenset({3})))
    report = fuse_input(capture.folder, tmp_path / "out")
    assert report.edits == (1, 0)
    images = [fused(tmp_path / name)[0] for name in ("excluded", "out")]
    np.testing.assert_array_equal(*images)
    # It comes back with the frame.
    assert load_edits(capture).choice.any()


def test_a_frame_that_is_painted_with_is_kept_among_the_sharpest(capture, tmp_path):
    plain = fuse_input(
        capture.folder, tmp_path / "plain", FusionSettings(frames=2, retouched=False)
    ).frames
    other = next(k for k in range(COUNT) if k not in plain)
    save_edits(capture, painted(other))
    assert set(fuse_input(capture.folder, tmp_path / "out", FusionSettings(frames=2)).frames) == {
        *plain,
        other,
    }


def test_frames_that_would_be_moved_are_not_retouched(tmp_path, capture):
    rng = np.random.default_rng(2)
    texture = cv2.GaussianBlur(rng.integers(0, 256, (160, 220, 3), np.uint8), (0, 0), 1.5)
    recorder = Recorder(tmp_path / "drifting", capture.record.model_copy(update={"frames": ()}))
    for k in range(3):
        image = np.ascontiguousarray(texture[8:152, 8 + 4 * k : 200 + 4 * k])
        recorder.record(Frame(image, k, 0, 1_000_000 * k, 500, "camera", 2.5))
    recorder.close({k: FrameTag(2.0 * k, 0.1, used=True) for k in range(3)})
    drifting = Capture(tmp_path / "drifting")
    choice = np.zeros((144, 192), np.uint16)
    choice[50:90, 50:90] = 1
    save_edits(drifting, Edits(choice))
    with pytest.raises(StackError, match="without aligning or retouching"):
        fuse_input(drifting.folder, tmp_path / "out", FusionSettings(align=True))


def test_what_was_painted_on_moved_frames_is_done_on_frames_that_lie_so(tmp_path, capture):
    warps = tuple(((1.0, 0.0, 1.5 * k), (0.0, 1.0, 0.0)) for k in range(COUNT))
    edits = Edits(painted(3).choice, frozenset({1}), warps)
    save_edits(capture, edits)
    assert load_edits(capture).warps == warps
    report = fuse_input(capture.folder, tmp_path / "out")
    assert "as when they were painted with" in str(report)
    image, _heights, _weights, record = fused(tmp_path / "out")
    assert [frame.warp for frame in record.frames] == [
        warp for index, warp in enumerate(warps) if index != 1
    ]
    core = np.s_[25:35, 38:52]
    np.testing.assert_array_equal(image[core], AlignedStack(capture, warps)[3][core])
    with pytest.raises(StackError, match="moved frames"):
        fuse_input(capture.folder, tmp_path / "out", FusionSettings(align=False))
    save_edits(capture, Edits(edits.choice, frozenset(), warps[:2]))
    with pytest.raises(StackError, match="how 2 frames lay"):
        load_edits(capture)
