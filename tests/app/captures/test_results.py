"""Results on disk: what they hold, and that they are whole or not there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

from app.captures.fusion_record import FusionRecord
from app.captures.fusion_settings import FusionSettings
from app.captures.layout import RESULT_NAMES
from app.captures.open_stack import open_stack
from app.captures.origin import Origin
from app.captures.results import ResultError, check_output, results_bytes, write_results
from app.captures.selection import Selection
from app.captures.stack import FrameFormat, StackError
from models.wearif.fusion import Fusion, fuse
from models.wearif.weights import load_model

COUNT = 4


@pytest.fixture(scope="module")
def model():
    return load_model("wearif")


@pytest.fixture(params=["rgb 8", "rgb 16", "grey 8", "grey 16"])
def fused(request, tmp_path, picture, save, model):
    """A stack on disk and its fusion."""
    kind, bits = request.param.split()
    dtype = np.uint8 if bits == "8" else np.uint16
    return make(tmp_path, picture, save, model, (40, 48, 3)[: 3 if kind == "rgb" else 2], dtype)


def make(folder: Path, picture, save, model, shape, dtype=np.uint8):
    frames = folder / "frames"
    frames.mkdir()
    for i in range(COUNT):
        save(frames / f"{i}.png", picture(i, shape, dtype))
    stack = Selection(open_stack(frames), range(COUNT), z_um=[0.0, 1.5, 2.0, 4.0])
    return stack, fuse(stack, model, stack.z_um)


def test_results_hold_the_fusion(tmp_path, fused):
    stack, fusion = fused
    out = tmp_path / "new" / "results"
    told = []
    record = write_results(
        out,
        fusion,
        stack,
        Origin(frames=(3, 4, 7, 9), settings=FusionSettings(frames=4)),
        lambda done, total: told.append((done, total)),
    )
    assert sorted(path.name for path in out.iterdir()) == sorted(RESULT_NAMES)
    assert told == [(i + 1, COUNT) for i in range(COUNT)]

    image = cv2.imread(str(out / "fused.png"), cv2.IMREAD_UNCHANGED)
    assert image.dtype == stack.format.dtype
    np.testing.assert_array_equal(image[..., ::-1] if stack.format.colour else image, fusion.fused)

    height = tifffile.imread(out / "height.tif")
    assert height.dtype == np.float32
    np.testing.assert_array_equal(height, fusion.height)
    with tifffile.TiffFile(out / "height.tif") as tif:
        described = tif.imagej_metadata["Info"].splitlines()[0]
        assert described.startswith("Height map")
        assert described.endswith("in um")

    confidence = cv2.imread(str(out / "confidence.png"), cv2.IMREAD_UNCHANGED)
    assert confidence.dtype == np.uint8
    np.testing.assert_allclose(confidence / 255, fusion.confidence, atol=0.5 / 255 + 1e-6)

    weights = tifffile.imread(out / "weights.tif")
    assert weights.dtype == np.uint16
    assert weights.shape == (COUNT, *fusion.height.shape)
    assert np.abs(weights.astype(int).sum(axis=0) - 65535).max() <= COUNT
    np.testing.assert_allclose(weights[2] / 65535, fusion.weight_map(2, stack[2]), atol=1e-5)
    assert open_stack(out / "weights.tif").z_um == stack.z_um
    with tifffile.TiffFile(out / "weights.tif") as tif:
        assert "page by page: 3, 4, 7, 9" in tif.ome_metadata
        assert {page.compression.name for page in tif.pages} == {"ADOBE_DEFLATE"}

    assert FusionRecord.model_validate_json((out / "fusion.json").read_bytes()) == record
    assert [(f.index, f.z_um) for f in record.frames] == [(3, 0.0), (4, 1.5), (7, 2.0), (9, 4.0)]
    assert (record.model, record.weights_sha256, record.height_unit) == (
        "wearif",
        fusion.weights_sha256,
        "µm",
    )
    assert record.input == "frames"
    for result in record.results:
        content = (out / result.file).read_bytes()
        assert result.bytes == len(content)
        assert result.sha256 == hashlib.sha256(content).hexdigest()


def test_without_z_heights_are_frame_numbers(tmp_path, picture, save, model):
    stack, _fusion = make(tmp_path, picture, save, model, (40, 48))
    stack = open_stack(tmp_path / "frames")
    record = write_results(tmp_path / "out", fuse(stack, model), stack)
    assert record.height_unit == "frame"
    assert [f.z_um for f in record.frames] == [None] * COUNT
    with tifffile.TiffFile(tmp_path / "out" / "height.tif") as tif:
        assert "frame numbers" in tif.imagej_metadata["Info"]


def test_earlier_results_are_replaced(tmp_path, fused):
    stack, fusion = fused
    (tmp_path / "fused.png").write_bytes(b"old")
    write_results(tmp_path, fusion, stack)
    assert (tmp_path / "fused.png").read_bytes() != b"old"


def fails(out: Path, fusion: Fusion, stack, on_progress=None) -> str:
    with pytest.raises(ResultError) as caught:
        write_results(out, fusion, stack, on_progress=on_progress)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_disk_that_fills_up_leaves_the_old_results_and_no_rest(
    tiny_disk, tmp_path, picture, save, model
):
    stack, fusion = make(tmp_path, picture, save, model, (160, 160, 3))
    write_results(tiny_disk, fusion, stack)
    before = {path.name: path.read_bytes() for path in tiny_disk.iterdir()}

    def fill(_done, _total):
        with (tiny_disk / "other").open("ab") as other:
            while True:
                try:
                    other.write(bytes(4096))
                    other.flush()
                except OSError:
                    # What the failed write left in the buffer fits nowhere either.
                    other.detach().close()
                    return

    text = fails(tiny_disk, fusion, stack, fill)
    assert text.startswith(str(tiny_disk))
    assert text.endswith("cannot be written: No space left on device")
    (tiny_disk / "other").unlink()
    assert {path.name: path.read_bytes() for path in tiny_disk.iterdir()} == before


def test_too_small_a_disk_is_told_in_advance(tiny_disk):
    with pytest.raises(ResultError) as caught:
        check_output(tiny_disk, FrameFormat(1000, 1000, True, np.dtype(np.uint8)), 100)
    assert str(caught.value).startswith(
        f"{tiny_disk}: not enough space: the results may take 208.0 MB, 1.0 MB are free"
    )
    assert list(tiny_disk.iterdir()) == []


def test_the_estimate_is_no_less_than_what_is_written(tmp_path, fused):
    """Noise cannot be compressed; metadata and the formats' own overhead come on top."""
    stack, fusion = fused
    record = write_results(tmp_path / "out", fusion, stack)
    overhead = 20_000
    assert sum(r.bytes for r in record.results) <= results_bytes(stack.format, COUNT) + overhead


def test_a_frame_that_cannot_be_read_any_more(tmp_path, fused):
    stack, fusion = fused
    (tmp_path / "frames" / "2.png").unlink()
    with pytest.raises(StackError, match=r"2\.png: cannot be read: No such file"):
        write_results(tmp_path / "out", fusion, stack)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_under_a_results_name(tmp_path, fused):
    stack, fusion = fused
    (tmp_path / "weights.tif").mkdir()
    text = fails(tmp_path, fusion, stack)
    assert text == f"{tmp_path}/weights.tif: cannot be written: a folder has that name"


def test_a_name_that_is_taken_meanwhile(tmp_path, fused):
    """The rename at the end fails; nothing of the new results stays half done."""
    stack, fusion = fused
    out = tmp_path / "out"

    def take(done, _total):
        if done == COUNT:
            (out / "fused.png").mkdir()

    assert fails(out, fusion, stack, take) == f"{out}/fused.png: cannot be written: Is a directory"
    assert not list(out.glob("*.part"))


def test_an_output_folder_that_is_a_file(tmp_path, fused):
    stack, fusion = fused
    (tmp_path / "out").write_text("")
    assert fails(tmp_path / "out", fusion, stack) == (
        f"{tmp_path}/out: cannot be written: File exists"
    )


def test_a_folder_without_write_permission(ordinary_user_folder):
    closed = ordinary_user_folder / "closed"
    closed.mkdir(0o555)
    frame_format = FrameFormat(4, 4, False, np.dtype(np.uint8))
    for out in (closed, closed / "new"):
        with pytest.raises(ResultError) as caught:
            check_output(out, frame_format, 2)
        assert str(caught.value) == f"{out}: cannot be written: Permission denied"
