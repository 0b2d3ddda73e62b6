import json

import cv2
import numpy as np
import pytest
import tifffile

from models.evaluation.errors import EvaluationError
from models.evaluation.stack_folder import read_fused, read_picture, read_stack

RED = np.zeros((12, 16, 3), np.uint8) + np.array([200, 30, 10], np.uint8)


def write(path, image):
    cv2.imwrite(str(path), image if image.ndim == 2 else image[..., ::-1])


@pytest.fixture
def folder(tmp_path):
    """Three frames whose brightness tells their number, and nothing else."""
    folder = tmp_path / "slide 7"
    folder.mkdir()
    for i in range(3):
        write(folder / f"{i:03d}.png", RED + np.uint8(10 * i))
    return folder


def test_frames_alone_are_a_stack(folder):
    stack = read_stack(folder)
    assert (stack.name, stack.size, stack.white) == ("slide 7", (12, 16), 255)
    assert [int(frame[0, 0, 0]) for frame in stack.frames] == [200, 210, 220]
    assert stack.z_um is stack.truth is stack.height_um is stack.labels is None


def test_frames_are_in_the_order_of_their_numbers(tmp_path):
    for number in (2, 10, 9):
        write(tmp_path / f"{number}.png", np.full((4, 4), number, np.uint8))
    write(tmp_path / "oracle_nearest.png", np.zeros((4, 4), np.uint8))
    assert [int(frame[0, 0]) for frame in read_stack(tmp_path).frames] == [2, 9, 10]


def test_what_lies_beside_the_frames_is_read(folder):
    height = np.arange(12 * 16, dtype=np.float32).reshape(12, 16)
    tifffile.imwrite(folder / "height.tif", height)
    tifffile.imwrite(folder / "labels.tif", (height > 20).astype(np.uint16))
    (folder / "meta.json").write_text(json.dumps({"z_um": [-1, 0.5, 3], "kind": "reflected"}))
    write(folder / "truth.png", RED)
    stack = read_stack(folder)
    assert stack.z_um == (-1, 0.5, 3)
    np.testing.assert_array_equal(stack.height_um, height)
    np.testing.assert_array_equal(stack.labels, height > 20)
    np.testing.assert_array_equal(stack.truth, RED)


def test_the_truth_through_the_aperture_goes_before_the_pinhole(folder):
    write(folder / "truth.png", RED)
    write(folder / "truth_na.png", RED + np.uint8(5))
    np.testing.assert_array_equal(read_stack(folder).truth, RED + np.uint8(5))


def test_a_side_file_that_says_nothing_of_z_is_no_fault(folder):
    (folder / "meta.json").write_text(json.dumps({"z_unit": None, "frames": 3}))
    assert read_stack(folder).z_um is None


def _remove_frames(folder):
    for file in folder.glob("*.png"):
        file.unlink()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_remove_frames, "no numbered frames"),
        (lambda f: write(f / "003.png", RED[:5]), "003.png"),
        (lambda f: (f / "001.png").write_bytes(b"not an image"), "001.png"),
        (lambda f: (f / "001.png").write_bytes(b""), "001.png"),
        (lambda f: (f / "meta.json").write_text('{"z_um": [1, 2]}'), "2 values of z for 3"),
        (lambda f: (f / "meta.json").write_text('{"z_um": "high"}'), "meta.json"),
        (lambda f: (f / "height.tif").write_bytes(b"not a TIFF"), "height.tif"),
        (lambda f: tifffile.imwrite(f / "labels.tif", np.zeros((3, 4))), "labels.tif"),
        (lambda f: write(f / "truth.png", RED[:5]), "truth.png"),
        (lambda f: write(f / "truth.png", RED[..., 0]), "truth.png"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_line(folder, spoil, words):
    spoil(folder)
    with pytest.raises(EvaluationError, match=words) as caught:
        read_stack(folder)
    assert len(str(caught.value).splitlines()) == 1


def test_a_missing_folder_or_picture_is_named(tmp_path):
    with pytest.raises(EvaluationError, match="nowhere"):
        read_stack(tmp_path / "nowhere")
    with pytest.raises(EvaluationError, match=r"nothing\.png"):
        read_picture(tmp_path / "nothing.png")


def test_pictures_of_another_depth_or_in_colour_come_to_the_frames_scale(tmp_path):
    grey = np.arange(12 * 16, dtype=np.uint8).reshape(12, 16)
    write(tmp_path / "fine.png", grey.astype(np.uint16) * 257)
    write(tmp_path / "colour.png", np.repeat(grey[..., None], 3, axis=2))
    np.testing.assert_array_equal(read_fused(tmp_path / "fine.png", grey), grey)
    np.testing.assert_array_equal(read_fused(tmp_path / "colour.png", grey), grey)
    # A camera of 12 bit: white is 4095, in its frames and in what is made of them.
    frame = grey.astype(np.uint16) * 16 + 15
    write(tmp_path / "twelve.png", frame)
    assert np.abs(read_fused(tmp_path / "twelve.png", frame).astype(int) - grey).max() <= 1
