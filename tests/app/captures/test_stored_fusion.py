"""A fusion that was written and is read back instead of being made again."""

import cv2
import numpy as np
import pytest
import tifffile

from app.captures.capture import Capture
from app.captures.capture_record import CaptureRecord
from app.captures.fusion_settings import FusionSettings
from app.captures.fusions import read_fusion_record
from app.captures.image_file import read_image
from app.captures.layout import CONFIDENCE, FUSED, FUSION, HEIGHT, WEIGHTS
from app.captures.origin import Origin
from app.captures.recorder import FrameTag, Recorder
from app.captures.results import write_results
from app.captures.selection import Selection
from app.captures.stored_fusion import stored_fusion
from app.fuse import fuse_input
from drivers.camera import Frame
from models.wearif.fusion import fuse
from models.wearif.weights import load_model, weights_sha256

COUNT, SHAPE = 4, (48, 64)


@pytest.fixture
def capture(tmp_path):
    record = CaptureRecord(
        microscope="bench", objective="20x", na=0.4, magnification=20.0, pixel_um=0.2, sweep={}
    )
    recorder = Recorder(tmp_path / "one", record)
    sharp = np.random.default_rng(3).integers(0, 256, (*SHAPE, 3), np.uint8)
    for index in range(COUNT):
        image = cv2.GaussianBlur(sharp, (0, 0), 2)
        columns = slice(index * SHAPE[1] // COUNT, (index + 1) * SHAPE[1] // COUNT)
        image[:, columns] = sharp[:, columns]
        recorder.record(Frame(image, index, 0, 1_000_000 * index, 500, "camera", 2.5))
    recorder.close({index: FrameTag(2.0 * index, 0.1, used=True) for index in range(COUNT)})
    return Capture(tmp_path / "one")


@pytest.fixture
def fusion(capture):
    fusion = fuse(capture, load_model(), capture.z_um)
    write_results(capture.folder, fusion, capture)
    return fusion


def read_back(capture, frames=range(COUNT), model="wearif"):
    stored = stored_fusion(capture, tuple(frames), weights_sha256(model))
    return None if stored is None else stored.fusion


def test_what_was_written_comes_back(capture, fusion):
    stored = read_back(capture)
    np.testing.assert_array_equal(stored.fused, fusion.fused)
    np.testing.assert_array_equal(stored.height, fusion.height)
    np.testing.assert_allclose(stored.confidence, fusion.confidence, atol=0.5001 / 255)
    assert stored.brightness == pytest.approx(fusion.brightness)
    assert (stored.model, stored.weights_sha256) == (fusion.model, fusion.weights_sha256)
    for index in range(COUNT):
        np.testing.assert_allclose(
            stored.weight_map(index, capture[index]),
            fusion.weight_map(index, capture[index]),
            atol=0.5001 / 65535,
        )


def test_writing_it_once_more_changes_no_result(capture, fusion, tmp_path):
    write_results(tmp_path / "again", read_back(capture), capture)
    for name in (FUSED, HEIGHT, CONFIDENCE, WEIGHTS):
        # Files also tell when they were made.
        read = tifffile.imread if name.endswith(".tif") else read_image
        first, second = (read(folder / name) for folder in (capture.folder, tmp_path / "again"))
        np.testing.assert_array_equal(first, second)


def test_a_stack_without_results_has_none(capture):
    assert read_back(capture) is None


@pytest.mark.usefixtures("fusion")
def test_other_frames_or_another_model_ask_for_another_fusion(capture):
    assert read_back(capture) is not None
    assert read_back(capture, frames=(0, 1, 3)) is None
    assert read_back(capture, model="published") is None


@pytest.mark.usefixtures("fusion")
def test_new_weights_under_the_same_name_ask_for_another_fusion(capture):
    path = capture.folder / FUSION
    path.write_text(path.read_text().replace(weights_sha256(), 64 * "0"))
    assert read_fusion_record(capture.folder).model == "wearif"
    assert read_back(capture) is None


def test_a_fusion_of_fewer_frames_is_taken_for_those_alone(capture):
    kept = Selection(capture, (0, 1, 3))
    write_results(
        capture.folder, fuse(kept, load_model(), kept.z_um), kept, Origin(frames=kept.indices)
    )
    assert read_back(capture) is None
    assert read_back(capture, frames=(0, 1, 3)).frame_count == 3


@pytest.mark.parametrize("name", [FUSED, WEIGHTS, HEIGHT, CONFIDENCE, FUSION])
@pytest.mark.parametrize("harm", ["cut", "gone"])
@pytest.mark.usefixtures("fusion")
def test_damaged_results_do_not_count(capture, name, harm, caplog):
    path = capture.folder / name
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-40])
    else:
        path.unlink()
    assert read_back(capture) is None
    # What was never there is no fault.
    assert ("is fused again" in caplog.text) == ((name, harm) != (FUSION, "gone"))


@pytest.mark.usefixtures("fusion")
def test_a_picture_that_somebody_has_edited_does_not_count(capture):
    path = capture.folder / CONFIDENCE
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    assert read_back(capture) is None


@pytest.mark.usefixtures("fusion")
def test_other_heights_of_the_frames_ask_for_another_fusion(capture):
    path = capture.folder / FUSION
    path.write_text(path.read_text().replace('"z_um": 4.0', '"z_um": 4.5'))
    assert read_back(capture) is None


def test_moved_frames_come_back_moved_unless_they_shall_not_be(tmp_path):
    drifting = drifting_capture(tmp_path / "drifting")
    fuse_input(drifting.folder, drifting.folder)
    stored = stored_fusion(drifting, range(3), weights_sha256())
    assert stored.measured
    record = read_fusion_record(drifting.folder)
    assert stored.prepared.warps == tuple(frame.warp for frame in record.frames)
    assert stored.prepared.moved_px == pytest.approx(4, abs=0.1)
    assert stored.prepared.source is drifting
    moved = stored.prepared.stack[2][8:-8, 8:-8].astype(int)
    assert np.abs(moved - drifting[1][8:-8, 8:-8]).max() <= 8
    assert stored_fusion(drifting, range(3), weights_sha256(), align=False) is None


def test_it_is_told_whether_anybody_knows_how_the_frames_lie(tmp_path):
    drifting = drifting_capture(tmp_path / "drifting")
    write_results(drifting.folder, fuse(drifting, load_model(), drifting.z_um), drifting)
    assert not stored_fusion(drifting, range(3), weights_sha256()).measured
    fuse_input(drifting.folder, drifting.folder, FusionSettings(align=False))
    stored = stored_fusion(drifting, range(3), weights_sha256(), align=False)
    assert not stored.measured
    assert stored.prepared.warps is None


def drifting_capture(folder):
    """Return three frames that lie 4 px from each other."""
    record = CaptureRecord(
        microscope="bench", objective="20x", na=0.4, magnification=20.0, pixel_um=0.2, sweep={}
    )
    noise = np.random.default_rng(2).integers(0, 256, (160, 220, 3), np.uint8)
    texture = cv2.GaussianBlur(noise, (0, 0), 1.5)
    recorder = Recorder(folder, record)
    for k in range(3):
        image = np.ascontiguousarray(texture[8:152, 8 + 4 * k : 200 + 4 * k])
        recorder.record(Frame(image, k, 0, 1_000_000 * k, 500, "camera", 2.5))
    recorder.close({k: FrameTag(2.0 * k, 0.1, used=True) for k in range(3)})
    return Capture(folder)
