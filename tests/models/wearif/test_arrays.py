"""The functions for NumPy arrays, and the examples in their documentation."""

import doctest
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import models.wearif as wearif
from models.wearif import arrays, fuse, heights, load_model, stream, weight_maps
from models.wearif.frames import FusionError
from models.wearif.fusion import fuse as fuse_frames
from models.wearif.weights import WeightsError

PAGE = Path(__file__).parents[3] / "docs" / "api.md"


@pytest.fixture(scope="module")
def model():
    return load_model()


def stack(count=3, shape=(40, 56), dtype=np.uint8):
    values = np.random.default_rng(5).random((count, *shape))
    if np.dtype(dtype).kind == "f":
        return values.astype(dtype)
    return (values * np.iinfo(dtype).max).astype(dtype)


def test_the_examples_of_the_functions_hold():
    runner, shared = doctest.DocTestRunner(), {}
    # The module's own example, which makes the frames, has the shortest name.
    for example in sorted(doctest.DocTestFinder().find(arrays), key=lambda test: len(test.name)):
        example.globs = shared
        runner.run(example, clear_globs=False)
    assert runner.failures == 0
    assert runner.tries > 20


def test_the_examples_of_the_page_hold():
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert failed == 0
    assert tried > 5


def test_each_of_the_five_functions_has_an_example_but_the_one_of_weights():
    assert set(wearif.__all__) == {"fuse", "heights", "load_model", "stream", "weight_maps"}
    for name in set(wearif.__all__) - {"load_model"}:
        assert ">>> " in getattr(wearif, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'unknown'"):
        _ = wearif.unknown


def test_the_package_is_imported_without_torch():
    code = "import sys, models.wearif, models.wearif.brightness; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=280)


@pytest.mark.parametrize("shape", [(40, 56), (40, 56, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64, np.float16])
def test_frames_of_every_kind_give_their_like(model, shape, dtype):
    frames = stack(shape=shape, dtype=dtype)
    fusion = fuse(frames, model=model)
    floats = np.dtype(dtype).kind == "f"
    assert fusion.fused.shape == shape
    assert fusion.fused.dtype == (np.float32 if floats else dtype)
    maps = list(weight_maps(fusion, frames))
    assert np.allclose(sum(maps), 1, atol=1e-5)
    one = stack(1, shape, dtype)
    assert np.allclose(fuse(one, model=model).fused, one[0], atol=1e-4 if floats else 0)


def test_arrays_and_lists_and_streams_give_what_the_program_gives(model):
    frames = stack(4, dtype=np.uint16)
    expected = fuse_frames(frames, model, [0, 1, 2, 3])
    live = stream(model)
    for frame in frames:
        live.add(frame)
    for fusion in (
        fuse(frames, [0, 1, 2, 3], model=model),
        fuse(list(frames), [0, 1, 2, 3], model="wearif"),
        live.finish([0, 1, 2, 3]),
    ):
        assert (fusion.fused == expected.fused).all()
        assert (heights(fusion) == expected.height).all()


def test_a_stream_of_floats_shows_floats_and_takes_nothing_else(model):
    live = stream(model)
    live.add(stack(1, dtype=float)[0])
    assert live.preview().dtype == np.float32
    with pytest.raises(FusionError, match="frame 1: uint8 pixels"):
        live.add(stack(1)[0])
    assert len(live) == 1
    assert np.allclose(live.finish().fused, stack(1, dtype=float)[0], atol=1e-4)


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ([], "no frame"),
        (np.zeros((40, 56), np.uint8), r"\(40, 56\) is no stack"),
        (iter([1]), "list_iterator is no stack; give a sequence, or use stream"),
        (np.zeros((2, 40, 56), np.int64), "frame 0: int64"),
        (np.zeros((2, 40, 56), bool), "frame 0: bool"),
        (np.zeros((2, 40, 56, 4), np.uint8), r"frame 0: shape \(40, 56, 4\)"),
        (np.zeros((2, 0, 56)), "frame 0: shape"),
        (np.full((2, 40, 56), 255.0), "frame 0: values from 255 to 255; floats"),
        (np.full((2, 40, 56), np.nan), "frame 0: values from nan"),
        (np.full((2, 40, 56), -0.1), "frame 0: values from -0.1"),
        ([np.zeros((8, 9)), np.zeros((8, 9), np.uint16)], "frame 1: uint16 pixels, unlike"),
        ([np.zeros((8, 9), np.uint8), np.zeros((9, 8), np.uint8)], "frame 1: 8x9"),
    ],
)
def test_what_cannot_be_fused_is_named(model, frames, said):
    with pytest.raises(FusionError, match=said):
        fuse(frames, model=model)


def test_what_does_not_fit_the_fusion_is_named(model):
    fusion = fuse(stack(), model=model)
    with pytest.raises(FusionError, match="2 frames, but 3 were fused"):
        weight_maps(fusion, stack(2))
    with pytest.raises(FusionError, match="3 frames"):
        fuse(stack(), z_um=[1, 2], model=model)
    with pytest.raises(ValueError, match="between 0 and 1"):
        heights(fusion, 2)
    with pytest.raises(FusionError, match="published cannot stream"):
        stream("published")
    with pytest.raises(WeightsError, match="no such model"):
        fuse(stack(), model="no such model")


def test_heights_that_cannot_be_believed_are_holes(model):
    fusion = fuse(stack(), model=model)
    assert np.isfinite(heights(fusion)).all()
    holes = np.isnan(heights(fusion, 0.9))
    assert (holes == (fusion.confidence < 0.9)).all()
