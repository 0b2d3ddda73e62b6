"""An exported file says all it takes to make its pixels again."""

from __future__ import annotations

import shutil

import cv2
import numpy as np
import pytest
import tifffile
from typer.testing import CliRunner

from app.captures.export.read_recipe import read_recipe
from app.captures.fusion_settings import FusionSettings
from app.captures.image_file import read_image
from app.captures.part import Part
from app.captures.retouch_record import Edits, save_edits
from app.cli import app
from app.export import export_results
from app.fuse import fuse_input
from app.repeat import RepeatError, repeat_export
from models.wearif.weights import load_model, save_model

COUNT, SHAPE = 5, (64, 96)


@pytest.fixture
def stack(tmp_path):
    """A folder of frames that drift by 1.3 pixels and darken, one part sharp in each."""
    folder = tmp_path / "stack"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (*SHAPE, 3), np.uint8)
    sharp = cv2.GaussianBlur(noise, (0, 0), 0.8)
    for index in range(COUNT):
        frame = cv2.GaussianBlur(sharp, (0, 0), 2.5)
        columns = slice(index * SHAPE[1] // COUNT, (index + 1) * SHAPE[1] // COUNT)
        frame[:, columns] = sharp[:, columns]
        moved = np.float64([[1, 0, 1.3 * index], [0, 1, 0.4 * index]])
        frame = cv2.warpAffine(frame, moved, SHAPE[::-1], borderMode=cv2.BORDER_REFLECT)
        cv2.imwrite(str(folder / f"{index}.png"), np.rint(frame * (1 - 0.04 * index)))
    return folder


def fused(folder):
    return read_image(folder / "fused.png")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"frames": 3, "z_step_um": -1.7},
        {"align": False, "equalise": False},
        {"model": "published"},
    ],
    ids=["prepared", "fewer", "untouched", "published"],
)
def test_the_same_pixels_come_again(stack, tmp_path, options):
    out, again = tmp_path / "out", tmp_path / "again"
    first = fuse_input(stack, out, FusionSettings(**options), device="cpu")
    report = repeat_export(out / "fused.png", again, device="cpu")
    assert str(report.source) == str(stack)
    np.testing.assert_array_equal(fused(again), fused(out))
    heights = [tifffile.imread(folder / "height.tif") for folder in (out, again)]
    np.testing.assert_array_equal(*heights)
    weights = [tifffile.imread(folder / "weights.tif") for folder in (out, again)]
    np.testing.assert_array_equal(*weights)
    told = [read_recipe(folder / "fused.png").fusion for folder in (out, again)]
    assert told[0].frames == told[1].frames
    assert [frame.index for frame in told[1].frames] == list(first.frames)


def test_the_stack_was_really_moved_and_evened_out(stack, tmp_path):
    fuse_input(stack, tmp_path / "out", device="cpu")
    recipe = read_recipe(tmp_path / "out" / "fused.png")
    assert max(abs(frame.warp[0][2]) for frame in recipe.fusion.frames) > 1
    assert max(recipe.brightness) / min(recipe.brightness) > 1.1


def test_one_stack_of_several_is_named(stack, tmp_path):
    frames = np.stack([cv2.imread(str(stack / f"{n}.png"), 0) for n in range(COUNT)])
    both = np.stack([frames, frames[::-1] // 2], axis=1)
    tifffile.imwrite(tmp_path / "two.tif", both, imagej=True, metadata={"axes": "ZCYX"})
    fuse_input(
        tmp_path / "two.tif", tmp_path / "out", FusionSettings(part=Part(channel=1)), device="cpu"
    )
    repeat_export(tmp_path / "out" / "weights.tif", tmp_path / "again", device="cpu")
    np.testing.assert_array_equal(fused(tmp_path / "again"), fused(tmp_path / "out"))


def test_every_kind_of_export_gives_the_same_pixels(stack, tmp_path):
    fuse_input(stack, tmp_path / "out", FusionSettings(frames=2), device="cpu")
    files = tmp_path / "files"
    kinds = ("png", "jpeg", "tiff", "ome", "height", "report", "surface")
    export_results(tmp_path / "out", files, kinds, marker=lambda exported: exported.picture)
    for name in ("fused.jpg", "fused.tif", "fused.ome.tif", "report.html", "surface.ply"):
        repeat_export(files / name, tmp_path / name, device="cpu")
        np.testing.assert_array_equal(fused(tmp_path / name), fused(tmp_path / "out"))


def test_edits_of_a_capture_come_again_though_it_was_edited_since(make_capture, tmp_path):
    capture = make_capture(tmp_path / "one")
    choice = np.zeros((capture.format.height, capture.format.width), np.uint16)
    choice[8:24, 10:40] = 2
    save_edits(capture, Edits(choice, frozenset({0})))
    fuse_input(capture.folder, tmp_path / "out", device="cpu")
    save_edits(capture, Edits(np.zeros_like(choice)))
    fuse_input(capture.folder, tmp_path / "unedited", device="cpu")
    assert (fused(tmp_path / "unedited") != fused(tmp_path / "out")).any()
    repeat_export(tmp_path / "out" / "fused.png", tmp_path / "again", device="cpu")
    np.testing.assert_array_equal(fused(tmp_path / "again"), fused(tmp_path / "out"))


def test_a_capture_that_was_moved_is_found_around_its_results(make_capture, tmp_path):
    capture = make_capture(tmp_path / "one")
    shutil.move(capture.folder, tmp_path / "two")
    repeat_export(tmp_path / "two" / "fused.png", tmp_path / "again", device="cpu")
    np.testing.assert_array_equal(fused(tmp_path / "again"), fused(tmp_path / "two"))


def test_other_frames_are_refused(stack, tmp_path):
    fuse_input(stack, tmp_path / "out", device="cpu")
    export = tmp_path / "out" / "fused.png"
    image = cv2.imread(str(stack / "2.png"))
    image[0, 0] ^= 1
    cv2.imwrite(str(stack / "2.png"), image)
    with pytest.raises(RepeatError, match=r"stack: its frames are not those that fused.png"):
        repeat_export(export, tmp_path / "again", device="cpu")
    (stack / "4.png").unlink()
    with pytest.raises(Exception, match="holds 4 frames; frame 4 is not there"):
        repeat_export(export, tmp_path / "again", device="cpu")
    shutil.rmtree(stack)
    with pytest.raises(Exception, match=r"no more at .*stack; say where it is"):
        repeat_export(export, tmp_path / "again", device="cpu")
    assert not list((tmp_path / "again").glob("*"))


def test_other_weights_are_refused(stack, tmp_path):
    own = tmp_path / "own.safetensors"
    save_model(load_model("wearif"), own, "card")
    fuse_input(stack, tmp_path / "out", FusionSettings(model=str(own)), device="cpu")
    export = tmp_path / "out" / "fused.png"
    moved = own.rename(tmp_path / "moved.safetensors")
    repeat_export(export, tmp_path / "again", model=str(moved), device="cpu")
    with pytest.raises(RepeatError, match=r"made with other weights: .* but published here is"):
        repeat_export(export, tmp_path / "other", model="published", device="cpu")
    assert not (tmp_path / "other").exists()


def test_the_command_says_in_one_line_what_differs(stack, tmp_path):
    runner, out = CliRunner(), tmp_path / "out"
    fuse_input(stack, out, device="cpu")
    export = str(out / "fused.png")
    again = ["fuse", "--from-export", export, "--device", "cpu", "-o", str(tmp_path / "again")]
    done = runner.invoke(app, again)
    assert done.exit_code == 0, done.output
    assert "every pixel is that of the export" in done.output
    np.testing.assert_array_equal(fused(tmp_path / "again"), fused(out))
    for more, words in (
        (["--frames", "3"], "says how itself"),
        (["--no-align"], "says how itself"),
        (["--scene", "0"], "says how itself"),
        (["--model", "published"], "made with other weights"),
        ([str(tmp_path / "nowhere")], "cannot be read"),
    ):
        refused = runner.invoke(app, [*again, *more])
        assert refused.exit_code == 2
        (line,) = refused.stderr.strip().splitlines()
        assert words in line
    nothing = runner.invoke(app, ["fuse", "-o", str(tmp_path / "x")])
    assert "name the INPUT" in nothing.stderr


def test_nothing_is_written_over_what_is_read(stack, tmp_path):
    out = tmp_path / "out"
    fuse_input(stack, out, device="cpu")
    with pytest.raises(Exception, match="would be overwritten"):
        repeat_export(out / "fused.png", out, device="cpu")


@pytest.fixture
def make_capture():
    from app.captures.capture import Capture
    from app.captures.capture_record import CaptureRecord
    from app.captures.recorder import FrameTag, Recorder
    from app.captures.results import write_results
    from drivers.camera import Frame
    from models.wearif.fusion import fuse

    def make(folder):
        record = CaptureRecord(
            microscope="bench", objective="20x", na=0.4, magnification=20, pixel_um=0.2, sweep={}
        )
        recorder = Recorder(folder, record)
        noise = np.random.default_rng(1).integers(0, 256, (COUNT, *SHAPE, 3), np.uint8)
        for index, image in enumerate(noise):
            recorder.record(Frame(image, index, 0, 1_000_000 * index, 500, "camera", 2.5))
        recorder.close({index: FrameTag(2.0 * index, 0.1, used=True) for index in range(COUNT)})
        capture = Capture(folder)
        write_results(folder, fuse(capture, load_model(), capture.z_um), capture)
        return capture

    return make
