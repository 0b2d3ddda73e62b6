"""The recipe travels with every file, and comes back from it whole."""

from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.captures.export.jpeg_file import jpeg_bytes, jpeg_text
from app.captures.export.read_recipe import read_recipe
from app.captures.png_file import GreyScale, png_bytes, png_chunks, png_texts
from app.captures.stack import StackError

PICTURE = np.arange(60 * 80 * 3, dtype=np.uint8).reshape(60, 80, 3)
words = st.text(st.characters(codec="utf-8"), max_size=2000)


@given(words)
def test_png_texts_come_back(text):
    data = png_bytes(PICTURE, texts={"Title": "a title", "WearIF recipe": text})
    assert png_texts(data) == {"Title": "a title", "WearIF recipe": text}
    np.testing.assert_array_equal(decoded(data), PICTURE)


@given(words)
def test_jpeg_texts_come_back(text):
    data = jpeg_bytes(PICTURE, keyword="WearIF recipe", text=text)
    assert jpeg_text(data, "WearIF recipe") == text
    assert decoded(data).shape == PICTURE.shape


def test_a_long_text_takes_several_jpeg_comments():
    text = np.random.default_rng(0).bytes(200_000).hex()
    data = jpeg_bytes(PICTURE, keyword="k", text=text)
    assert data.count(b"k 2/") == 1
    assert jpeg_text(data, "k") == text
    cut = data.replace(b"k 2/", b"k 9/")
    assert jpeg_text(cut, "k") is None


def test_a_jpeg_that_announces_any_number_of_comments_takes_no_memory_for_them():
    data = jpeg_bytes(PICTURE, keyword="k", text="short")
    start = data.index(b"k 1/1 ") - 2
    (length,) = struct.unpack_from(">H", data, start)
    announced = b"k 1/99999999999999 "
    many = struct.pack(">H", length + len(announced) - len(b"k 1/1 ")) + announced
    swollen = data[:start] + many + data[start + 2 + len(b"k 1/1 ") :]
    assert jpeg_text(swollen, "k") is None


@given(st.binary(max_size=300))
def test_damaged_files_hold_no_text(data):
    assert isinstance(png_texts(b"\x89PNG\r\n\x1a\n" + data), dict)
    assert jpeg_text(b"\xff\xd8" + data, "k") is None


def test_pictures_tell_the_side_of_their_pixels():
    chunks = dict(png_chunks(png_bytes(PICTURE, pixel_um=0.5)))
    assert struct.unpack(">IIB", chunks[b"pHYs"]) == (2_000_000, 2_000_000, 1)
    assert chunks[b"sCAL"] == b"\x015e-07\x005e-07"
    jpeg = jpeg_bytes(PICTURE, pixel_um=0.5)
    assert struct.unpack(">BHH", jpeg[13:18]) == (2, 20_000, 20_000)


def test_greys_tell_what_they_mean():
    grey = np.zeros((4, 4), np.uint16)
    chunk = dict(png_chunks(png_bytes(grey, greys=GreyScale(1.5, 4.0, "um"))))[b"pCAL"]
    assert chunk == b"value\0" + struct.pack(">iiBB", 0, 65535, 0, 2) + b"um\x001.5\x002.5"


def test_a_file_of_others_has_no_recipe(tmp_path):
    for name, data in (("a.png", png_bytes(PICTURE)), ("b.jpg", jpeg_bytes(PICTURE)), ("c", b"x")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(StackError, match="does not tell how it was made"):
            read_recipe(tmp_path / name)
    with pytest.raises(StackError, match="cannot be read"):
        read_recipe(tmp_path / "missing.png")
    (tmp_path / "c.recipe.json").write_text('{"frames_sha256": 1}')
    with pytest.raises(StackError, match=r"c.recipe.json: its recipe is damaged"):
        read_recipe(tmp_path / "c")


def decoded(data):
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return image[..., ::-1]
