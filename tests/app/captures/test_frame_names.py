"""z in the names of files, and in the files."""

from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from app.captures.frame_names import z_numbers, z_of
from app.captures.open_stack import open_stack


@pytest.mark.parametrize(
    ("name", "z_um"),
    [
        ("particle_z12.5um", 12.5),
        ("z=-3um x", -3.0),
        ("Z_0,75 mm", 750.0),
        ("scan z 250nm", 0.25),
        ("z007", None),
        ("size12um", None),
        ("jazz12um", None),
        ("z12umbra", None),
    ],
)
def test_lengths_in_names(name, z_um):
    assert z_of(name) == (None if z_um is None else pytest.approx(z_um))


@given(st.lists(st.integers(0, 9999), min_size=1, unique=True))
def test_numbers_without_unit_give_the_order(numbers):
    found = z_numbers([f"2024_z-{number:04d}" for number in numbers])
    assert found is None or list(found) == numbers
    assert z_numbers([f"t{9 - i}_z{number}" for i, number in enumerate(numbers)]) == tuple(numbers)


def test_equal_numbers_do_not():
    assert z_numbers(["a_z1", "b_z1"]) is None


def test_frames_are_ordered_by_the_z_in_their_names(tmp_path, picture, save):
    for stamp, z in enumerate((4.0, -1.5, 2.0)):
        save(tmp_path / f"1530{stamp}_z{z}um.png", picture(stamp))
    stack = open_stack(tmp_path)
    assert stack.z_um == (-1.5, 2.0, 4.0)
    for read, stamp in zip(stack, (1, 2, 0), strict=True):
        np.testing.assert_array_equal(read, picture(stamp))


def test_numbered_z_goes_before_a_clock(tmp_path, picture, save):
    for stamp, z in enumerate((3, 1, 2)):
        save(tmp_path / f"1530{stamp}_z{z:03d}.png", picture(stamp))
    stack = open_stack(tmp_path)
    assert stack.z_um is None
    np.testing.assert_array_equal(stack[0], picture(1))


def exif(z_um: float, exposure: tuple[int, int]) -> bytes:
    """Build an Exif block: ImageDescription, and ExposureTime in the Exif directory."""
    text = f"z = {z_um} um".encode() + b"\0"
    text += bytes(-len(text) % 2)
    sub_at = 8 + 2 + 2 * 12 + 4 + len(text)
    return (
        struct.pack("<2sHI", b"II", 42, 8)
        + struct.pack("<H", 2)
        + struct.pack("<HHII", 270, 2, len(text), 8 + 2 + 2 * 12 + 4)
        + struct.pack("<HHII", 34665, 4, 1, sub_at)
        + struct.pack("<I", 0)
        + text
        + struct.pack("<HHHIII", 1, 33434, 5, 1, sub_at + 18, 0)
        + struct.pack("<II", *exposure)
    )


def save_jpeg(path, frame, block):
    data = cv2.imencode(".jpg", frame)[1].tobytes()
    body = b"Exif\0\0" + block
    segment = struct.pack(">HH", 0xFFE1, len(body) + 2) + body
    path.write_bytes(data[:2] + segment + data[2:])


def test_z_and_exposure_from_exif(tmp_path, picture):
    for index, z_um in enumerate((7.5, 0.5, 4.0)):
        save_jpeg(tmp_path / f"{index}.jpg", picture(index), exif(z_um, (1, 40)))
    stack = open_stack(tmp_path)
    assert stack.z_um == (0.5, 4.0, 7.5)
    assert stack.exposure_ms == (25.0, 25.0, 25.0)


def test_z_from_the_ome_xml_of_single_files(tmp_path, picture):
    for index, z_um in enumerate((3.0, 1.0)):
        tifffile.imwrite(
            tmp_path / f"{index}.ome.tif",
            picture(index),
            photometric="rgb",
            metadata={
                "axes": "YXS",
                "PhysicalSizeX": 0.5,
                "Plane": {"PositionZ": [z_um], "PositionZUnit": ["µm"]},
            },
        )
    stack = open_stack(tmp_path)
    assert stack.z_um == (1.0, 3.0)
    assert stack.pixel_um == 0.5
    np.testing.assert_array_equal(stack[0], picture(1))


def test_damaged_exif_tells_nothing(tmp_path, picture):
    block = exif(1.0, (1, 0))
    for cut in range(0, len(block), 7):
        save_jpeg(tmp_path / "0.jpg", picture(0), block[:cut] + b"\xff" * (len(block) - cut))
        assert len(open_stack(tmp_path)) == 1
