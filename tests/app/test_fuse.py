"""From a stack on disk to results on disk."""

from __future__ import annotations

import json
import weakref
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

from app.captures.fusion_settings import FusionSettings
from app.captures.layout import RESULT_NAMES
from app.captures.open_stack import open_stack
from app.captures.results import ResultError, write_results
from app.captures.stack import FrameFormat, StackError
from app.fuse import fuse_input
from models.wearif.fusion import fuse
from models.wearif.weights import WeightsError, load_model

COUNT = 6


def focus_stack(dtype: type = np.uint8) -> list[np.ndarray]:
    """A texture whose columns come into focus one after the other, in six frames."""
    height, width = 48, 96
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    texture = cv2.GaussianBlur(noise, (0, 0), 0.7).astype(np.float64)
    frames = []
    for i in range(COUNT):
        blurred = [cv2.GaussianBlur(texture, (0, 0), 0.01 + abs(i - j)) for j in range(COUNT)]
        strips = [
            blurred[j][:, j * width // COUNT : (j + 1) * width // COUNT] for j in range(COUNT)
        ]
        frames.append(np.hstack(strips))
    scale = np.iinfo(dtype).max / 255
    return [
        np.rint(np.clip(frame * scale, 0, np.iinfo(dtype).max)).astype(dtype) for frame in frames
    ]


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder of images with known z."""
    folder = tmp_path / "stack"
    folder.mkdir()
    for i, frame in enumerate(focus_stack()):
        cv2.imwrite(str(folder / f"{i:03d}.png"), frame[..., ::-1])
    (folder / "meta.json").write_text(json.dumps({"z_um": [2.0 * i for i in range(COUNT)]}))
    return folder


def test_a_folder_becomes_results(folder, tmp_path):
    told = []
    report = fuse_input(folder, tmp_path / "out", on_progress=lambda *step: told.append(step))
    assert [path.name for path in report.files] == list(RESULT_NAMES)
    assert all(path.is_file() for path in report.files)
    assert report.frames == tuple(range(COUNT))
    assert (report.model, report.height_unit) == ("wearif", "µm")
    assert told == [
        *(("fusing", i + 1, COUNT) for i in range(COUNT)),
        *(("writing", i + 1, COUNT) for i in range(COUNT)),
    ]
    record = json.loads((tmp_path / "out" / "fusion.json").read_text())
    assert record["weights_sha256"] == load_model("wearif").weights_sha256
    assert record["input"] == "stack"
    assert set(record["timings_s"]) == {"reading", "aligning", "fusing", "writing"}

    height = tifffile.imread(tmp_path / "out" / "height.tif")
    strips = height.reshape(48, COUNT, -1)[:, :, 4:-4].mean(axis=(0, 2))
    assert np.all(np.diff(strips) > 0)  # each strip is sharp in a later frame

    text = str(report)
    assert text.startswith("Fused 6 of 6 frames, 96x48 RGB 8 bit, with the model wearif: ")
    assert str(tmp_path / "out" / "weights.tif") in text


def test_every_kind_of_input_gives_the_same_image(folder, tmp_path):
    with tifffile.TiffWriter(tmp_path / "stack.tif") as tif:
        for frame in focus_stack():
            tif.write(frame, photometric="rgb", metadata=None)
    video = cv2.VideoWriter(
        str(tmp_path / "stack.mkv"), cv2.VideoWriter.fourcc(*"FFV1"), 25.0, (96, 48)
    )
    for frame in focus_stack():
        video.write(frame[..., ::-1])
    video.release()
    images = []
    for source in (folder, tmp_path / "stack.tif", tmp_path / "stack.mkv"):
        out = tmp_path / f"results of {source.name}"
        fuse_input(source, out)
        images.append(open_image(out / "fused.png"))
    np.testing.assert_array_equal(images[0], images[1])
    # FFV1 keeps YUV without loss, RGB only nearly.
    assert np.abs(images[0].astype(int) - images[2]).mean() < 4


def test_16_bit_stays_16_bit(tmp_path):
    with tifffile.TiffWriter(tmp_path / "stack.tif") as tif:
        for frame in focus_stack(np.uint16):
            tif.write(frame, photometric="rgb", metadata=None)
    fuse_input(tmp_path / "stack.tif", tmp_path / "out")
    fused = open_image(tmp_path / "out" / "fused.png")
    assert fused.dtype == np.uint16
    assert len(np.unique(fused & 0xFF)) > 200  # not 8 bit in disguise


def test_fewer_frames_and_a_given_step(folder, tmp_path):
    report = fuse_input(folder, tmp_path / "out", FusionSettings(frames=3, z_step_um=0.5))
    assert len(report.frames) == 3
    assert report.frames_in_input == COUNT
    record = json.loads((tmp_path / "out" / "fusion.json").read_text())
    assert [(f["index"], f["z_um"]) for f in record["frames"]] == [
        (i, 0.5 * i) for i in report.frames
    ]
    assert record["settings"] == {
        "model": "wearif",
        "frames": 3,
        "z_step_um": 0.5,
        "align": None,
        "equalise": True,
        "part": {"scene": None, "channel": None, "time": None},
        "retouched": True,
    }
    assert record["brightness"] == "followed"
    assert len(open_stack(tmp_path / "out" / "weights.tif")) == 3


def test_exposures_that_the_input_tells_are_recorded(folder, tmp_path):
    fuse_input(folder, tmp_path / "out")
    frames = json.loads((tmp_path / "out" / "fusion.json").read_text())["frames"]
    assert {frame["exposure_ms"] for frame in frames} == {None}
    meta = {"z_um": [2.0 * i for i in range(COUNT)], "exposure_ms": 4.5}
    (folder / "meta.json").write_text(json.dumps(meta))
    fuse_input(folder, tmp_path / "out", FusionSettings(frames=2))
    frames = json.loads((tmp_path / "out" / "fusion.json").read_text())["frames"]
    assert [frame["exposure_ms"] for frame in frames] == [4.5, 4.5]


def drifted(folder: Path) -> Path:
    """Frames that have been moved three pixels to the side from one to the next."""
    noise = np.random.default_rng(0).integers(0, 256, (160, 200), dtype=np.uint8)
    texture = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 1.5), None, 0, 255, cv2.NORM_MINMAX)
    for i in range(3):
        cv2.imwrite(str(folder / f"{i:03d}.png"), texture[16:-16, 16 + 3 * i : 176 + 3 * i])
    return folder


def test_frames_that_drifted_are_aligned_and_it_is_recorded(tmp_path):
    (tmp_path / "stack").mkdir()
    told = []
    source, out = drifted(tmp_path / "stack"), tmp_path / "out"
    report = fuse_input(source, out, on_progress=lambda *s: told.append(s))
    assert told[:3] == [("aligning", i + 1, 3) for i in range(3)]
    assert "Frames: aligned: frames moved by up to 3.0 px" in str(report)
    frames = json.loads((out / "fusion.json").read_text())["frames"]
    shifts = [-3 * (i - 1) for i in range(3)]
    for frame, shift in zip(frames, shifts, strict=True):
        np.testing.assert_allclose(frame["warp"], [[1, 0, shift], [0, 1, 0]], atol=0.05)
    middle = open_image(source / "001.png")
    assert np.abs(open_image(out / "fused.png").astype(int) - middle)[8:-8, 8:-8].max() <= 8

    report = fuse_input(source, out, FusionSettings(align=False))
    assert "Frames: not aligned" in str(report)
    record = json.loads((out / "fusion.json").read_text())
    assert [frame["warp"] for frame in record["frames"]] == [None] * 3
    assert set(record["timings_s"]) == {"reading", "aligning", "fusing", "writing"}


def test_a_lamp_that_fades_is_evened_out_and_recorded(tmp_path):
    source = tmp_path / "stack"
    source.mkdir()
    noise = np.random.default_rng(0).integers(60, 180, (192, 224), dtype=np.uint8)
    for index, gain in enumerate((1.2, 1.1, 1.0, 0.9, 0.8)):
        frame = cv2.GaussianBlur(noise, (0, 0), 0.5 + abs(index - 2))
        cv2.imwrite(str(source / f"{index}.png"), np.rint(frame * gain).astype(np.uint8))
    report = fuse_input(source, tmp_path / "out")
    assert "Brightness: 0.80 to 1.20 of the fused image's, evened out" in str(report)
    record = json.loads((tmp_path / "out" / "fusion.json").read_text())
    levels = [frame["brightness"] for frame in record["frames"]]
    assert levels == pytest.approx([1.2, 1.1, 1.0, 0.9, 0.8], rel=0.01)
    assert record["brightness"] == "measured"
    fuse_input(source, tmp_path / "out", FusionSettings(equalise=False))
    record = json.loads((tmp_path / "out" / "fusion.json").read_text())
    assert record["brightness"] == "followed"


def test_one_frame_that_was_knocked_aside_shows_double_unless_aligned(tmp_path):
    """The limit of fusing frame by frame: a shifted frame is sharp, too, and counts as such."""
    source = tmp_path / "stack"
    source.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (192, 224, 3), dtype=np.uint8)
    truth = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 1.5), None, 0, 255, cv2.NORM_MINMAX)
    for i in range(7):
        frame = truth if i == 3 else cv2.GaussianBlur(truth, (0, 0), abs(i - 3))
        cv2.imwrite(str(source / f"{i}.png"), np.roll(frame, 4, 1) if i == 2 else frame)

    def error(align: bool) -> float:
        fuse_input(source, tmp_path / "out", FusionSettings(align=align))
        fused = open_image(tmp_path / "out" / "fused.png")[..., ::-1]
        return float(np.abs(fused.astype(int) - truth)[8:-8, 8:-8].mean())

    assert error(align=True) < 0.4 * error(align=False)


def test_a_frame_that_the_lamp_made_brighter_is_recorded_as_such(tmp_path):
    source = tmp_path / "stack"
    source.mkdir()
    noise = np.random.default_rng(0).integers(60, 160, (192, 224), dtype=np.uint8)
    for i in range(5):
        frame = cv2.GaussianBlur(noise, (0, 0), 0.5 + abs(i - 2)).astype(float)
        cv2.imwrite(str(source / f"{i}.png"), np.rint(frame * (1.2 if i == 3 else 1)))
    fuse_input(source, tmp_path / "out")
    frames = json.loads((tmp_path / "out" / "fusion.json").read_text())["frames"]
    assert [frame["brightness"] for frame in frames] == pytest.approx([1, 1, 1, 1.2, 1], rel=0.01)


def test_the_published_model(folder, tmp_path):
    report = fuse_input(folder, tmp_path / "out", FusionSettings(model="published"))
    assert report.model == "published"
    weights = tifffile.imread(tmp_path / "out" / "weights.tif")
    assert np.abs(weights.astype(int).sum(axis=0) - 65535).max() <= COUNT


def test_results_may_lie_beside_the_frames_and_be_made_again(folder):
    first = fuse_input(folder, folder)
    image = open_image(folder / "fused.png")
    second = fuse_input(folder, folder)
    assert first.frames == second.frames
    np.testing.assert_array_equal(open_image(folder / "fused.png"), image)


def test_what_cannot_be_fused_leaves_nothing(folder, tmp_path):
    out = tmp_path / "out"
    (folder / "004.png").write_bytes((folder / "004.png").read_bytes()[:-30])
    with pytest.raises(StackError, match=r"004\.png: the file is truncated"):
        fuse_input(folder, out)
    with pytest.raises(StackError, match="nowhere: cannot be read"):
        fuse_input(tmp_path / "nowhere", out)
    with pytest.raises(WeightsError, match="no such model"):
        fuse_input(folder, out, FusionSettings(model="best"))
    with pytest.raises(WeightsError, match="cannot compute on the device gpu"):
        fuse_input(folder, out, device="gpu")
    assert list(out.iterdir()) == []


def test_the_output_is_tried_before_the_long_work(folder, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ResultError, match="out: cannot be written: File exists"):
        fuse_input(folder, tmp_path / "out", on_progress=lambda *_step: pytest.fail("too late"))


def test_results_never_overwrite_their_input(folder, tmp_path):
    fuse_input(folder, tmp_path / "out")
    with pytest.raises(ResultError, match=r"weights\.tif: would be overwritten"):
        fuse_input(tmp_path / "out" / "weights.tif", tmp_path / "out")


class Watched:
    """A stack that knows how many of its frames are still in memory."""

    name, z_um, pixel_um, exposure_ms = "watched", None, None, None
    format = FrameFormat(32, 32, True, np.dtype(np.uint8))

    def __init__(self, count: int):
        self._count = count
        self._alive: weakref.WeakSet[Pixels] = weakref.WeakSet()
        self.most_alive = 0

    def __len__(self):
        return self._count

    def __getitem__(self, index):
        frame = np.random.default_rng(index).integers(0, 255, (32, 32, 3), np.uint8).view(Pixels)
        self._alive.add(frame)
        self.most_alive = max(self.most_alive, len(self._alive))
        return frame

    def __iter__(self):
        return (self[index] for index in range(self._count))


class Pixels(np.ndarray):
    """An array that a set can hold."""

    __hash__ = object.__hash__

    def __eq__(self, other):
        return self is other


def test_frames_do_not_pile_up_in_memory(tmp_path):
    stack = Watched(24)
    write_results(tmp_path, fuse(stack, load_model()), stack)
    assert stack.most_alive <= 3


def open_image(path: Path) -> np.ndarray:
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert image is not None
    return image[..., ::-1]
