"""Stacks in one TIFF file."""

from __future__ import annotations

import io
import tempfile
import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from app.captures.open_stack import open_stack
from app.captures.stack import StackError


def error_of(path: Path) -> str:
    """What opening and reading all frames says, which must be one line."""
    with pytest.raises(StackError) as caught:
        for _frame in open_stack(path):
            pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def photometric(frame: np.ndarray) -> str:
    return "rgb" if frame.ndim == 3 else "minisblack"


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 5),
    size=st.tuples(st.integers(1, 20), st.integers(2, 20)),
    colour=st.booleans(),
    dtype=st.sampled_from([np.uint8, np.uint16]),
    layout=st.sampled_from(["pages", "planar", "deflate", "tiled", "big-endian", "bigtiff"]),
)
def test_multi_page_round_trip(picture, count, size, colour, dtype, layout):
    shape = (*size, 3) if colour else size
    frames = [picture(i, shape, dtype) for i in range(count)]
    byteorder = ">" if layout == "big-endian" else "<"
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "stack.tif"
        with tifffile.TiffWriter(path, byteorder=byteorder, bigtiff=layout == "bigtiff") as tif:
            for frame in frames:
                planar = layout == "planar" and colour
                tif.write(
                    np.moveaxis(frame, -1, 0) if planar else frame,
                    planarconfig="separate" if planar else None,
                    photometric=photometric(frame),
                    compression="zlib" if layout == "deflate" else None,
                    tile=(16, 16) if layout == "tiled" else None,
                    metadata=None,
                )
        stack = open_stack(path)
        assert len(stack) == count
        assert stack.z_um is None
        for read, frame in zip(stack, frames, strict=True):
            assert read.dtype == np.dtype(dtype)
            assert read.dtype.isnative
            np.testing.assert_array_equal(read, frame)


@settings(max_examples=30, deadline=None)
@given(
    count=st.integers(1, 4),
    colour=st.booleans(),
    dtype=st.sampled_from([np.uint8, np.uint16]),
    compression=st.sampled_from([5, 8, 32773]),  # LZW, deflate, PackBits
)
def test_what_other_libraries_compress(picture, count, colour, dtype, compression):
    frames = [picture(i, (9, 11, 3) if colour else (9, 11), dtype) for i in range(count)]
    bgr = [np.ascontiguousarray(f[..., ::-1]) if colour else f for f in frames]
    done, data = cv2.imencodemulti(".tif", bgr, [cv2.IMWRITE_TIFF_COMPRESSION, compression])
    assert done
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "стек.tif"
        path.write_bytes(data.tobytes())
        stack = open_stack(path)
        assert len(stack) == count
        for read, frame in zip(stack, frames, strict=True):
            np.testing.assert_array_equal(read, frame)


def test_ome_planes_give_z_and_pixel(tmp_path, picture):
    frames = np.stack([picture(i, (6, 8)) for i in range(3)])
    tifffile.imwrite(
        tmp_path / "a.ome.tif",
        frames,
        metadata={
            "axes": "ZYX",
            "PhysicalSizeX": 250.0,
            "PhysicalSizeXUnit": "nm",
            "PhysicalSizeZ": 9.0,
            "Plane": {"PositionZ": [1.0, 2.5, 7.0], "PositionZUnit": ["µm"] * 3},
        },
    )
    stack = open_stack(tmp_path / "a.ome.tif")
    assert stack.z_um == (1.0, 2.5, 7.0)
    assert stack.pixel_um == pytest.approx(0.25)
    np.testing.assert_array_equal(stack[1], frames[1])


def test_ome_step_gives_z(tmp_path, picture):
    frames = np.stack([picture(i) for i in range(3)])
    tifffile.imwrite(
        tmp_path / "a.ome.tif",
        frames,
        photometric="rgb",
        metadata={"axes": "ZYXS", "PhysicalSizeZ": 0.002, "PhysicalSizeZUnit": "mm"},
    )
    stack = open_stack(tmp_path / "a.ome.tif")
    assert stack.z_um == pytest.approx((0.0, 2.0, 4.0))
    np.testing.assert_array_equal(stack[2], frames[2])


@pytest.mark.parametrize(
    ("unit", "z_um", "pixel_um"),
    [
        ("micron", (0.0, 0.5, 1.0), 0.25),
        ("\\u00B5m", (0.0, 0.5, 1.0), 0.25),
        ("mm", (0.0, 500.0, 1000.0), 250.0),
        ("pixel", None, None),
        ("", None, None),
    ],
)
def test_imagej_spacing_and_resolution(tmp_path, picture, unit, z_um, pixel_um):
    frames = np.stack([picture(i, (6, 8), np.uint16) for i in range(3)])
    tifffile.imwrite(
        tmp_path / "a.tif",
        frames,
        imagej=True,
        resolution=(4.0, 4.0),
        metadata={"spacing": 0.5, "unit": unit, "axes": "ZYX"},
    )
    stack = open_stack(tmp_path / "a.tif")
    assert stack.z_um == z_um
    assert stack.pixel_um == pixel_um
    np.testing.assert_array_equal(stack[2], frames[2])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_imagej_stacks_with_one_page_and_bare_pixels(tmp_path, picture, dtype):
    """What ImageJ writes beyond 4 GB: one page, then the pixels of all frames, big-endian."""
    frames = np.stack([picture(i, (6, 8), dtype) for i in range(4)])
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path, byteorder=">") as tif:
        tif.write(
            frames[0],
            photometric="minisblack",
            description="ImageJ=1.53k\nimages=4\nslices=4\nunit=um\nspacing=2.0\n",
            metadata=None,
            rowsperstrip=6,
        )
    with path.open("ab") as file:
        file.write(frames[1:].astype(frames.dtype.newbyteorder(">")).tobytes())
    stack = open_stack(path)
    assert len(stack) == 4
    assert stack.z_um == (0.0, 2.0, 4.0, 6.0)
    for read, frame in zip(stack, frames, strict=True):
        np.testing.assert_array_equal(read, frame)
    path.write_bytes(path.read_bytes()[:-1])
    assert error_of(path) == f"{path}: the file is truncated (4 frames expected)"


def test_previews_are_no_frames(tmp_path, picture):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tif:
        for i in range(3):
            tif.write(picture(i), photometric="rgb", metadata=None)
            tif.write(picture(9, (3, 4, 3)), photometric="rgb", subfiletype=1, metadata=None)
    stack = open_stack(tmp_path / "a.tif")
    assert len(stack) == 3
    np.testing.assert_array_equal(stack[2], picture(2))


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_bilevel_pages_become_0_and_255(tmp_path, compression):
    mask = np.arange(48).reshape(6, 8) % 3 == 0
    tifffile.imwrite(tmp_path / "a.tif", mask, photometric="minisblack", compression=compression)
    np.testing.assert_array_equal(open_stack(tmp_path / "a.tif")[0], mask * np.uint8(255))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_white_is_the_largest_value(tmp_path, picture, dtype):
    frame = picture(0, (6, 8), dtype)
    tifffile.imwrite(tmp_path / "a.tif", np.iinfo(dtype).max - frame, photometric="miniswhite")
    np.testing.assert_array_equal(open_stack(tmp_path / "a.tif")[0], frame)


@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.uint32])
def test_other_types_are_refused(tmp_path, dtype):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((2, 6, 8), dtype), photometric="minisblack")
    name = np.dtype(dtype).name
    assert error_of(path) == f"{path}: holds {name} values; save the frames as 8 or 16 bit"


def test_pages_of_other_sizes(tmp_path, picture):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as tif:
        tif.write(picture(0), photometric="rgb", metadata=None)
        tif.write(picture(0, (6, 9, 3)), photometric="rgb", metadata=None)
    assert error_of(path) == f"{path}: page 1 is 9x6 RGB 8 bit, but frame 0 is 8x6 RGB 8 bit"


def test_several_channels_or_stacks(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((3, 2, 6, 8), np.uint8), imagej=True, metadata={"axes": "ZCYX"})
    assert error_of(path) == f"{path}: holds 2 channels (0, 1); choose one with --channel"
    tifffile.imwrite(path, np.zeros((5, 3, 6, 8), np.uint8), ome=True, metadata={"axes": "TZYX"})
    assert error_of(path) == f"{path}: holds 5 times (0, 1, 2, 3, 4); choose one with --time"


def test_a_file_without_pages(tmp_path, capfd):
    path = tmp_path / "a.tif"
    path.write_bytes(b"II*\0\0\0\0\0")
    assert error_of(path).startswith(f"{path}: ")
    assert capfd.readouterr().err == ""


def test_no_tiff_at_all(tmp_path, capfd):
    path = tmp_path / "a.tif"
    for content in (b"", b"hello", b"II*\0"):
        path.write_bytes(content)
        assert error_of(path).startswith(f"{path}: not a sound TIFF file")
    assert capfd.readouterr().err == ""


def written(kind: str) -> bytes:
    frames = np.random.default_rng(0).integers(0, 255, (3, 30, 40, 3), dtype=np.uint8)
    if kind == "lzw":
        return cv2.imencodemulti(".tif", list(frames), [259, 5])[1].tobytes()
    buffer = io.BytesIO()
    if kind == "imagej":
        tifffile.imwrite(buffer, frames, imagej=True, metadata={"axes": "ZYXS"})
    else:
        with tifffile.TiffWriter(buffer) as tif:
            for frame in frames:
                compression = "zlib" if kind == "deflate" else None
                tif.write(frame, photometric="rgb", compression=compression, metadata=None)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["pages", "deflate", "imagej", "lzw"])
def test_a_truncated_file_never_opens_as_a_shorter_stack(tmp_path, kind, capfd):
    data = written(kind)
    path = tmp_path / "a.tif"
    path.write_bytes(data)
    assert len(list(open_stack(path))) == 3
    rng = np.random.default_rng(1)
    padding = 32  # behind the last directory lies nothing that counts
    for length in [*rng.integers(0, len(data) - padding, 60), len(data) - padding]:
        path.write_bytes(data[:length])
        assert error_of(path).startswith(f"{path}: ")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("kind", ["pages", "deflate", "imagej", "lzw"])
def test_a_damaged_file_opens_or_says_why_in_one_line(tmp_path, kind):
    data = written(kind)
    path = tmp_path / "a.tif"
    rng = np.random.default_rng(2)
    for _ in range(60):
        damaged = bytearray(data)
        for place in (*rng.integers(0, 400, 2), *rng.integers(0, len(data), 2)):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        said = ""
        shapes = set()
        try:
            for frame in open_stack(path):
                shapes.add(frame.shape)
        except StackError as error:
            said = str(error)
        assert "\n" not in said
        assert len(shapes) == 1 or said


def test_memory_does_not_grow_with_the_file(tmp_path):
    frame = np.zeros((256, 256, 3), np.uint8)
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as tif:
        for _ in range(60):
            tif.write(frame, photometric="rgb", metadata=None)
    tracemalloc.start()
    try:
        for _frame in open_stack(path):
            pass
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * frame.nbytes


def test_unreadable_file(ordinary_user_folder):
    path = ordinary_user_folder / "a.tif"
    tifffile.imwrite(path, np.zeros((4, 5), np.uint8))
    path.chmod(0)
    assert error_of(path) == f"{path}: cannot be read: Permission denied"
