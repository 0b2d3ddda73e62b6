import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from models.wearif.fusion import FusionError, StreamingFusion, fuse
from models.wearif.model import ModelConfig, StreamingWearIF, build_model
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
def test_a_frame_that_is_another_one_the_second_time_has_no_more_than_all_of_a_pixel(model):
    dull, sharp = np.full((2, 40, 48), 90, np.uint8)
    sharp[::2, ::2] = 200
    share = fuse([dull, dull], model).weight_map(1, sharp)
    assert share.max() <= 1


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
    assert np.array_equal(live.confidence, whole.confidence)


def test_the_number_of_threads_changes_nothing():
    frames = stack(3, 301, 410)
    model = load_model()
    before = torch.get_num_threads()
    results = []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            cv2.setNumThreads(threads)
            results.append(fuse(frames, model))
    finally:
        torch.set_num_threads(before)
        cv2.setNumThreads(-1)
    for other in results[1:]:
        assert np.array_equal(other.fused, results[0].fused)
        assert np.array_equal(other.height, results[0].height)
        assert np.array_equal(other.confidence, results[0].confidence)


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


def test_confidence_is_full_where_a_frame_is_sharp_and_none_where_it_may_be_beyond_the_sweep():
    frames, _, band = stepped_stack()
    fusion = fuse(frames, load_model())
    assert fusion.confidence.shape == frames.shape[1:]
    assert fusion.confidence.dtype == np.float32
    inside = np.isin(np.arange(160) * 6 / 160 % 1 // 0.25, (1, 2))
    middle = fusion.confidence[:, inside & (band > 0) & (band < 5)]
    assert middle.mean() > 0.95
    ends = fusion.confidence[:, inside & ((band == 0) | (band == 5))]
    assert ends.mean() < 0.05


def test_nothing_is_known_of_the_height_where_no_frame_shows_anything():
    frames = np.random.default_rng(0).normal(128, 0.4, (9, 60, 80)).round().astype(np.uint8)
    fusion = fuse(frames, load_model())
    assert fusion.confidence.mean() < 0.05


def test_a_frame_that_is_refused_is_left_out_and_the_fusion_goes_on():
    frames = stack(3, 40, 50)
    streaming = StreamingFusion(MODELS["wearif"])
    streaming.add(frames[0])
    with pytest.raises(FusionError, match="frame 1: 50x40 grey"):
        streaming.add(frames[1][..., 0])
    for frame in frames[1:]:
        streaming.add(frame)
    assert np.array_equal(streaming.finish().fused, fuse(frames, MODELS["wearif"]).fused)


def test_frames_may_be_read_only_or_lie_in_memory_in_any_order():
    frames = stack(3, 40, 50)
    plain = fuse(frames, MODELS["wearif"])
    backwards = np.ascontiguousarray(frames[..., ::-1])[..., ::-1]
    columns_first = np.asfortranarray(frames)
    frames.flags.writeable = False
    for odd in (frames, backwards, columns_first):
        assert np.array_equal(fuse(odd, MODELS["wearif"]).fused, plain.fused)


def test_five_hundred_frames():
    """A hundred of each of five frames: their weights stay as they were."""
    five = stack(5, 64, 64)
    few, many = fuse(five, load_model()), fuse(np.tile(five, (100, 1, 1, 1)), load_model())
    assert many.frame_count == 500
    np.testing.assert_allclose(many.fused.astype(int), few.fused, atol=1)
    share = many.weight_map(0, five[0])
    np.testing.assert_allclose(share * 100, few.weight_map(0, five[0]), rtol=1e-3)
    assert np.isfinite(many.height).all()


@both
@pytest.mark.parametrize(
    "frames",
    [
        np.zeros((3, 24, 24, 3), np.uint8),
        np.full((3, 24, 24), 777, np.uint16),
        np.full((2, 1, 1), 3, np.uint8),
        stack(1, 1, 1),
        stack(2, 64, 64),
        stack(2, 1, 70, dtype=np.uint16),
    ],
    ids=["black", "constant", "one pixel", "one frame of one pixel", "two frames", "one row"],
)
def test_odd_stacks_fuse_to_something_between_their_frames(model, frames):
    fusion = fuse(frames, model, [float(k) for k in range(len(frames))])
    assert fusion.fused.dtype == frames.dtype
    # The published model fuses colour apart from brightness.
    if frames.ndim == 3 or isinstance(model, StreamingWearIF):
        assert np.all(fusion.fused >= frames.min(axis=0).astype(int) - 1)
        assert np.all(fusion.fused <= frames.max(axis=0).astype(int) + 1)
    assert np.all((fusion.height >= 0) & (fusion.height <= len(frames) - 1))
    assert np.all((fusion.confidence >= 0) & (fusion.confidence <= 1))
    assert fusion.brightness == (1.0,) * len(frames)


@pytest.mark.slow
def test_twelve_megapixels_show_no_seam_and_stay_what_they_are():
    rng = np.random.default_rng(0)
    texture = cv2.GaussianBlur(rng.integers(0, 256, (3000, 4000), dtype=np.uint8), (0, 0), 0.8)
    soft = cv2.GaussianBlur(texture, (0, 0), 3)
    left, right = texture.copy(), soft.copy()
    left[:, 2000:], right[:, 2000:] = soft[:, 2000:], texture[:, 2000:]
    fusion = fuse([left, right], load_model())
    error = np.abs(fusion.fused.astype(int) - texture)
    # Far from the border between the halves.
    error[:, 1900:2100] = 0
    assert np.percentile(error, 99.9) <= 2
    assert error.max(axis=1).max() <= 2 * np.median(error.max(axis=1)) + 4


# The peak of this address space: getrusage also counts what the parent took before the fork.
_PEAK_OF_FIVE_MEGAPIXELS = """
from pathlib import Path
import numpy as np
from models.wearif.fusion import StreamingFusion
from models.wearif.weights import load_model

def peak_kib():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("VmHWM"))

streaming = StreamingFusion(load_model())
frame = np.random.default_rng(0).integers(0, 256, (2048, 2448, 3), dtype=np.uint8)
for _ in range(9):
    streaming.add(frame)
    print(peak_kib())
streaming.finish()
print(peak_kib())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read as Linux counts it")
def test_memory_stays_within_bounds_and_does_not_grow_with_the_frames():
    command = [sys.executable, "-c", _PEAK_OF_FIVE_MEGAPIXELS]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    *adding_kib, finished_kib = map(int, said.split())
    assert finished_kib < 1.5 * 1024**2
    # One map of this size is 20 MiB: six kept ones would be 120.
    assert adding_kib[-1] - adding_kib[2] < 60 * 1024


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
        ([np.zeros((4, 4), np.float32)], "frame 0: float32 pixels; only uint8 and uint16"),
        ([np.full((4, 4, 3), np.nan)], "frame 0: float64 pixels; only uint8 and uint16"),
        ([np.zeros((4, 4), bool)], "frame 0: bool pixels"),
        ([np.zeros((4, 4, 4), np.uint8)], "neither"),
        ([np.zeros((4, 4, 2), np.uint8)], "neither"),
        ([np.zeros((0, 4), np.uint8)], "neither"),
    ],
    ids=["none", "size", "depth", "float", "nan", "bool", "alpha", "channels", "empty"],
)
def test_what_cannot_be_fused_is_refused_in_words(model, frames, words):
    with pytest.raises(FusionError, match=words):
        fuse(frames, model)


@both
@pytest.mark.parametrize(
    ("z_um", "words"),
    [
        ([0.0, 1.0], "2 values of z for 3 frames"),
        ([0.0, float("nan"), 2.0], "frame 1: its z is nan"),
        ([0.0, 1.0, float("inf")], "frame 2: its z is inf"),
    ],
)
def test_z_that_do_not_fit_are_refused_in_words(model, z_um, words):
    with pytest.raises(FusionError, match=words):
        fuse(stack(3, 8, 8), model, z_um)


def test_progress_counts_to_the_end():
    frames = stack(3, 16, 16)
    seen = []
    fuse(frames, MODELS["wearif"], on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    seen.clear()
    fuse(frames, MODELS["published"], on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (6, 6)


@pytest.mark.parametrize("longest_px", [16, 1000])
def test_a_glance_agrees_with_the_result(longest_px):
    frames = stack(5, 40, 48)
    streaming = StreamingFusion(MODELS["wearif"])
    for frame in frames:
        streaming.add(frame)
    glance, result = streaming.glance(longest_px), streaming.finish()
    few = slice(None, None, 3 if longest_px == 16 else 1)
    np.testing.assert_allclose(glance.weights, result.weight_map(4, frames[4])[few, few], atol=1e-5)
    assert glance.height.shape == glance.weights.shape
    assert 0 <= glance.height.min() <= glance.height.max() <= 4


def test_there_is_nothing_to_glance_at_before_the_first_frame():
    with pytest.raises(FusionError):
        StreamingFusion(MODELS["wearif"]).glance(100)
