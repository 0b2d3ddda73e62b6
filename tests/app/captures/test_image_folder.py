"""Folders of images: what comes back, what is no frame, and how bad files are named."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from app.captures.frame_names import natural_key
from app.captures.image_folder import ImageFolder
from app.captures.open_stack import open_stack
from app.captures.stack import FrameFormat, Stack, StackError

SHAPES = st.tuples(st.integers(1, 24), st.integers(1, 24), st.sampled_from([1, 3])).map(
    lambda s: s if s[2] == 3 else s[:2]
)


def error_of(path: Path) -> str:
    """What opening and reading all frames says, which must be one line."""
    with pytest.raises(StackError) as caught:
        for _frame in open_stack(path):
            pass
    text = str(caught.value)
    assert "\n" not in text
    return text


@settings(max_examples=40, deadline=None)
@given(
    shape=SHAPES,
    dtype=st.sampled_from([np.uint8, np.uint16]),
    suffix=st.sampled_from([".png", ".tif"]),
    count=st.integers(1, 3),
)
def test_lossless_formats_return_the_very_pixels(picture, save, shape, dtype, suffix, count):
    frames = [picture(i, shape, dtype) for i in range(count)]
    with tempfile.TemporaryDirectory() as name:
        for i, frame in enumerate(frames):
            save(Path(name) / f"{i:03d}{suffix}", frame)
        stack: Stack = open_stack(Path(name))
        assert len(stack) == count
        assert stack.format == FrameFormat.of(frames[0])
        for read, frame in zip(stack, frames, strict=True):
            assert read.dtype == dtype
            np.testing.assert_array_equal(read, frame)


def test_bmp_is_lossless_and_jpeg_close(tmp_path, picture, save):
    frame = picture(1, (16, 20, 3))
    save(tmp_path / "0.bmp", frame)
    smooth = np.repeat(np.arange(0, 240, 12, np.uint8)[None, :, None], 16, 0) + np.zeros(
        3, np.uint8
    )
    smooth[..., 0] = 10  # little red: a swap of channels would show
    save(tmp_path / "1.jpg", smooth)
    stack = open_stack(tmp_path)
    np.testing.assert_array_equal(stack[0], frame)
    assert np.abs(stack[1].astype(int) - smooth).max() < 30


def test_grey_jpeg_stays_grey(tmp_path, save):
    save(tmp_path / "0.jpeg", np.full((8, 9), 77, np.uint8))
    assert open_stack(tmp_path)[0].shape == (8, 9)


def test_alpha_is_dropped(tmp_path, picture):
    rgba = picture(1, (5, 6, 4))
    (tmp_path / "0.png").write_bytes(
        cv2.imencode(".png", cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA))[1].tobytes()
    )
    tifffile.imwrite(tmp_path / "1.tif", rgba, photometric="rgb", extrasamples=["unassalpha"])
    stack = open_stack(tmp_path)
    np.testing.assert_array_equal(stack[0], rgba[..., :3])
    np.testing.assert_array_equal(stack[1], rgba[..., :3])


def test_palettes_are_applied(tmp_path):
    image_module = pytest.importorskip("PIL.Image")
    indices = np.arange(12, dtype=np.uint8).reshape(3, 4)
    colours = np.random.default_rng(0).integers(0, 256, (256, 3), dtype=np.uint8)
    paletted = image_module.fromarray(indices, "L")
    paletted.putpalette(colours.tobytes())
    paletted.save(tmp_path / "0.png")
    tifffile.imwrite(
        tmp_path / "1.tif",
        indices,
        photometric="palette",
        colormap=(colours.T.astype(np.uint16) * 257),
    )
    stack = open_stack(tmp_path)
    np.testing.assert_array_equal(stack[0], colours[indices])
    np.testing.assert_array_equal(stack[1], colours[indices])


@pytest.mark.parametrize("bits", ["1", "L;4", "LA"])
def test_unusual_grey_pngs_become_grey(tmp_path, bits):
    image_module = pytest.importorskip("PIL.Image")
    grey = np.array([[0, 255], [255, 0]], np.uint8)
    image = image_module.fromarray(grey, "L")
    image = image.convert(bits[:2].strip(";") if bits != "L;4" else "L")
    image.save(tmp_path / "0.png", **({"bits": 4} if bits == "L;4" else {}))
    np.testing.assert_array_equal(open_stack(tmp_path)[0], grey)


def test_natural_order_and_what_is_no_frame(tmp_path, picture, save):
    for number in (10, 9, 1):
        save(tmp_path / f"f{number}.png", picture(number))
    for other in ("truth.png", "fused.png", ".f2.png", "._f3.png"):
        save(tmp_path / other, picture(99, (3, 3)))
    (tmp_path / "notes.txt").write_text("no frame")
    (tmp_path / "f4.png").mkdir()
    stack = open_stack(tmp_path)
    assert len(stack) == 3
    for read, number in zip(stack, (1, 9, 10), strict=True):
        np.testing.assert_array_equal(read, picture(number))


def test_an_unnumbered_first_frame_is_kept(tmp_path, picture, save):
    for name in ("Image.png", "Image (1).png", "Image (2).png"):
        save(tmp_path / name, picture(1))
    assert len(open_stack(tmp_path)) == 3


def test_frames_without_any_numbers_are_all_kept(tmp_path, picture, save):
    for name in ("bottom.png", "middle.png", "top.png"):
        save(tmp_path / name, picture(1))
    assert len(open_stack(tmp_path)) == 3


@given(st.lists(st.integers(0, 10**6), min_size=1, unique=True))
def test_natural_order_is_numeric_order(numbers):
    names = sorted((f"frame {n} z.png" for n in numbers), key=natural_key)
    assert names == [f"frame {n} z.png" for n in sorted(numbers)]


@pytest.mark.parametrize(
    ("meta", "z_um", "pixel_um"),
    [
        ({"z_um": [1, 2.5], "pixel_um": 0.3, "other": "x"}, (1.0, 2.5), 0.3),
        ({"z_um": [1, 2, 3]}, None, None),
        ({"pixel_um": None}, None, None),
        ({"z_um": ["a", "b"]}, None, None),
        ([1, 2], None, None),
    ],
)
def test_z_comes_from_meta_json(tmp_path, picture, save, meta, z_um, pixel_um):
    for i in range(2):
        save(tmp_path / f"{i}.png", picture(i))
    (tmp_path / "meta.json").write_text(json.dumps(meta))
    stack = open_stack(tmp_path)
    assert (stack.z_um, stack.pixel_um) == (z_um, pixel_um)


def test_a_name_in_any_script_is_read(tmp_path, picture, save):
    folder = tmp_path / "磨粒 Ö"
    folder.mkdir()
    save(folder / "кадр 0.png", picture(0))
    np.testing.assert_array_equal(open_stack(folder)[0], picture(0))
    assert open_stack(folder).name == "磨粒 Ö"


def test_missing_path(tmp_path):
    assert error_of(tmp_path / "nowhere") == (
        f"{tmp_path}/nowhere: cannot be read: No such file or directory"
    )


def test_empty_folder(tmp_path):
    assert error_of(tmp_path) == (f"{tmp_path}: the folder holds no PNG, TIFF, JPEG or BMP images")


def test_a_single_image_is_no_stack(tmp_path, picture, save):
    assert "single image" in error_of(save(tmp_path / "a.png", picture(0)))


def test_an_unknown_kind_of_file(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    assert (
        error_of(path)
        == f"{path}: is neither a folder of images nor a TIFF, CZI, ND2, LIF or video file"
    )


def test_mixed_sizes_depths_and_colours(tmp_path, picture, save):
    save(tmp_path / "000.png", picture(0, (6, 8, 3)))
    save(tmp_path / "001.png", picture(0, (6, 8, 3)))
    save(tmp_path / "003.png", picture(0, (48, 64, 3)))
    said = f"{tmp_path / '003.png'} is 64x48 RGB 8 bit, but 000.png is 8x6 RGB 8 bit"
    assert error_of(tmp_path) == said
    save(tmp_path / "003.png", picture(0, (6, 8)))
    assert (
        error_of(tmp_path)
        == f"{tmp_path / '003.png'} is 8x6 grey 8 bit, but 000.png is 8x6 RGB 8 bit"
    )
    save(tmp_path / "003.png", picture(0, (6, 8, 3), np.uint16))
    assert (
        error_of(tmp_path)
        == f"{tmp_path / '003.png'} is 8x6 RGB 16 bit, but 000.png is 8x6 RGB 8 bit"
    )


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif"])
def test_a_truncated_image_is_never_half_a_picture(tmp_path, picture, save, suffix, capfd):
    whole = save(tmp_path / f"0{suffix}", picture(0, (40, 50, 3))).read_bytes()
    for length in {1, 3, 30, 40, 200, len(whole) // 2, len(whole) - 100, len(whole) - 1}:
        (tmp_path / f"0{suffix}").write_bytes(whole[:length])
        text = error_of(tmp_path)
        assert text.startswith(f"{tmp_path}/0{suffix}: ")
    assert capfd.readouterr().err == ""


def test_a_jpeg_with_a_preview_is_truncated_all_the_same(tmp_path, picture, save):
    """The preview's end marker must not be taken for the picture's."""
    picture_bytes = save(tmp_path / "0.jpg", picture(0, (40, 50, 3))).read_bytes()
    preview = save(tmp_path / "0.jpg", picture(1, (8, 8, 3))).read_bytes()
    segment = b"\xff\xe1" + (len(preview) + 2).to_bytes(2, "big") + preview
    with_preview = picture_bytes[:2] + segment + picture_bytes[2:]
    (tmp_path / "0.jpg").write_bytes(with_preview)
    assert open_stack(tmp_path)[0].shape == (40, 50, 3)
    (tmp_path / "0.jpg").write_bytes(with_preview[:-200])
    assert error_of(tmp_path) == f"{tmp_path}/0.jpg: the file is truncated"


def test_a_damaged_png(tmp_path, picture, save, capfd):
    path = save(tmp_path / "0.png", picture(0, (40, 50, 3)))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert error_of(tmp_path) == f"{path}: the file is damaged (a checksum does not match)"
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"this is no picture\n" * 9, "is not a PNG, TIFF, JPEG or BMP image"),
        (b"", "is empty"),
    ],
)
def test_text_and_nothing_named_png(tmp_path, content, fault, capfd):
    (tmp_path / "0.png").write_bytes(content)
    assert error_of(tmp_path) == f"{tmp_path}/0.png: the file {fault}"
    assert capfd.readouterr().err == ""


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM"]))
def test_arbitrary_bytes_fail_in_one_line(content, start):
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "0.png").write_bytes(start + content)
        error_of(Path(name))


def test_float_images_are_refused_with_the_reason(tmp_path):
    tifffile.imwrite(tmp_path / "0.tif", np.zeros((4, 5), np.float32))
    assert error_of(tmp_path) == (
        f"{tmp_path}/0.tif: holds float32 values; save the frames as 8 or 16 bit"
    )


def test_a_multi_page_tiff_among_images(tmp_path):
    tifffile.imwrite(tmp_path / "0.tif", np.zeros((7, 4, 5), np.uint8), photometric="minisblack")
    assert "holds 7 frames; open the file itself" in error_of(tmp_path)


def test_unreadable_files_and_folders(ordinary_user_folder, picture, save):
    path = save(ordinary_user_folder / "0.png", picture(0))
    path.chmod(0)
    assert error_of(ordinary_user_folder) == f"{path}: cannot be read: Permission denied"
    ordinary_user_folder.joinpath("closed").mkdir(0)
    assert error_of(ordinary_user_folder / "closed").endswith("cannot be read: Permission denied")


def test_frames_are_counted_from_zero_upwards_only(tmp_path, picture, save):
    save(tmp_path / "0.png", picture(0))
    stack = ImageFolder(tmp_path)
    for index in (-1, 1):
        with pytest.raises(IndexError):
            stack[index]


def test_images_that_imagej_saved_tell_their_scale(tmp_path, picture):
    for index in range(3):
        tifffile.imwrite(
            tmp_path / f"{index}.tif",
            picture(index),
            photometric="rgb",
            imagej=True,
            resolution=(2, 2),
            metadata={"unit": "um"},
        )
    stack = open_stack(tmp_path)
    assert (len(stack), stack.z_um, stack.pixel_um) == (3, None, 0.5)
