import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from models.wearif.fusion import FusionError, StreamingFusion, fuse
from models.wearif.model import ModelConfig, build_model
from models.wearif.weights import load_model


def shaken(name):
    """A model whose every weight is random, so that nothing holds by symmetry alone."""
    torch.manual_seed(7)
    model = build_model(ModelConfig.of(name))
    for parameter in model.parameters():
        parameter.data += 0.02 * torch.randn_like(parameter)
    return model.eval()


MODELS = {name: shaken(name) for name in ("wearif", "published")}
both = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())


def stack(count, height, width, *, colour=True, dtype=np.uint8, seed=0):
    rng = np.random.default_rng(seed)
    shape = (count, height, width, 3) if colour else (count, height, width)
    return rng.integers(0, np.iinfo(dtype).max, shape, endpoint=True, dtype=dtype)


def stepped_stack(steps=6, size=(96, 160)):
    """A textured staircase: each column band is sharp in one frame and ever softer elsewhere."""
    rng = np.random.default_rng(3)
    truth = ndimage.gaussian_filter(rng.normal(0, 1, size), 0.7)
    truth = np.clip(128 + 60 * truth / truth.std(), 0, 255)
    band = np.arange(size[1]) * steps // size[1]
    frames = []
    for k in range(steps):
        layers = [truth] + [ndimage.gaussian_filter(truth, 1.2 * d) for d in range(1, steps)]
        distance = np.abs(band - k)
        frames.append(np.choose(distance[None, :].repeat(size[0], 0), layers))
    return np.round(np.array(frames)).astype(np.uint8), truth, band


@both
@settings(max_examples=12, deadline=None)
@given(
    count=st.integers(1, 5),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    colour=st.booleans(),
    dtype=st.sampled_from([np.uint8, np.uint16]),
)
def test_weight_maps_add_up_to_one_at_every_pixel(model, count, height, width, colour, dtype):
    frames = stack(count, height, width, colour=colour, dtype=dtype)
    fusion = fuse(frames, model)
    maps = np.array([fusion.weight_map(k, frame) for k, frame in enumerate(frames)])
    assert maps.shape == (count, height, width)
    assert maps.min() >= 0
    np.testing.assert_allclose(maps.sum(axis=0), 1, atol=1e-5)
    assert fusion.fused.shape == frames[0].shape
    assert fusion.fused.dtype == dtype


@both
@pytest.mark.parametrize("colour", [True, False], ids=["rgb", "grey"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_one_frame_fuses_to_itself(model, colour, dtype):
    frames = stack(1, 33, 47, colour=colour, dtype=dtype)
    fused = fuse(frames, model).fused
    # The published model goes through YCbCr and back; one count is its rounding.
    np.testing.assert_allclose(fused.astype(int), frames[0].astype(int), atol=1)


@both
def test_equal_frames_fuse_to_themselves(model):
    frame = stack(1, 40, 40)[0]
    fused = fuse(np.array([frame] * 4), model).fused
    np.testing.assert_allclose(fused.astype(int), frame.astype(int), atol=1)


@both
@pytest.mark.parametrize("value", [0, 255])
def test_flat_frames_stay_flat(model, value):
    frames = np.full((3, 20, 20, 3), value, np.uint8)
    assert np.array_equal(fuse(frames, model).fused, frames[0])


def test_frames_given_one_by_one_fuse_to_the_last_bit_as_a_stack():
    model = MODELS["wearif"]
    frames = stack(5, 50, 70)
    whole = fuse(frames, model)
    streaming = StreamingFusion(model)
    for frame in frames:
        streaming.add(frame)
        streaming.preview()
    live = streaming.finish()
    assert np.array_equal(live.fused, whole.fused)
    assert np.array_equal(live.height, whole.height)


def test_a_finished_result_does_not_change_when_frames_are_added():
    streaming = StreamingFusion(MODELS["wearif"])
    frames = stack(3, 30, 30)
    streaming.add(frames[0])
    streaming.add(frames[1])
    early = streaming.finish()
    before = early.weight_map(1, frames[1])
    streaming.add(frames[2])
    assert np.array_equal(early.weight_map(1, frames[1]), before)
    assert early.frame_count == 2


@pytest.mark.parametrize("name", ["wearif", "published"])
def test_shipped_weights_find_the_sharp_band(name):
    frames, truth, band = stepped_stack()
    fusion = fuse(frames, load_model(name))

    def error(image):
        return np.sqrt(np.mean((image - truth) ** 2))

    best_single = min(error(frame) for frame in frames)
    assert error(fusion.fused) < 0.6 * best_single
    assert error(fusion.fused) < 0.6 * error(frames.mean(axis=0))
    middle = np.abs(np.arange(160) * len(frames) / 160 - band - 0.5) < 0.25
    near = np.abs(fusion.height - band)[:, middle] < 0.75
    assert near.mean() > 0.9


def test_heights_are_in_the_unit_of_z():
    frames, _, _ = stepped_stack()
    z_um = [10.0, 12.0, 14.0, 17.0, 20.0, 23.0]
    model = load_model("wearif")
    by_number = fuse(frames, model)
    by_z = fuse(frames, model, z_um)
    assert by_number.height_unit == "frame"
    assert by_z.height_unit == "µm"
    np.testing.assert_allclose(by_z.height, np.interp(by_number.height, range(6), z_um), atol=1e-4)


def test_frames_of_twelve_bits_are_told_from_sixteen():
    frames, _, _ = stepped_stack()
    fusion8 = fuse(frames, MODELS["wearif"])
    fusion12 = fuse(frames.astype(np.uint16) * 16, MODELS["wearif"])
    np.testing.assert_allclose(fusion12.fused / 16, fusion8.fused, atol=2)


@both
@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([], "no frame"),
        ([np.zeros((4, 4), np.uint8), np.zeros((4, 5), np.uint8)], "frame 1: 5x4 grey uint8"),
        ([np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint16)], "frame 1: 4x4 grey uint16"),
        ([np.zeros((4, 4), np.float32)], "float32"),
        ([np.zeros((4, 4, 2), np.uint8)], "neither"),
        ([np.zeros((0, 4), np.uint8)], "neither"),
    ],
    ids=["none", "size", "depth", "float", "channels", "empty"],
)
def test_what_cannot_be_fused_is_refused_in_words(model, frames, words):
    with pytest.raises(FusionError, match=words):
        fuse(frames, model)


def test_progress_counts_to_the_end():
    frames = stack(3, 16, 16)
    seen = []
    fuse(frames, MODELS["wearif"], on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    seen.clear()
    fuse(frames, MODELS["published"], on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (6, 6)
