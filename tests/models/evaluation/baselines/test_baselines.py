from statistics import fmean

import numpy as np
import pytest

from models.evaluation.baselines import BASELINES
from models.evaluation.metrics import psnr
from models.training.synthetic import StackShape, draw_stack

every_baseline = pytest.mark.parametrize("fuse", BASELINES.values(), ids=BASELINES.keys())
every_focus_method = pytest.mark.parametrize("name", [name for name in BASELINES if name != "mean"])


@pytest.fixture(scope="module")
def synthetic():
    """A dozen stacks: frames in grey and truth, 8 bit, and where particles are."""
    stacks = [draw_stack(seed, StackShape(96, 128, (8, 8))) for seed in range(12)]
    return [
        (
            [np.rint(255 * luma).clip(0, 255).astype(np.uint8) for luma in stack.luma],
            255 * stack.truth,
            stack.on_particles,
        )
        for stack in stacks
        if stack.on_particles.any()
    ]


@pytest.fixture(scope="module")
def two_halves():
    """A texture in colour: the left half sharp in one frame, the right half in the other."""
    rng = np.random.default_rng(0)
    texture = rng.integers(0, 256, (80, 120, 3), dtype=np.uint8)
    flat = np.broadcast_to(texture.mean(axis=(0, 1)).astype(np.uint8), texture.shape)
    left, right = texture.copy(), texture.copy()
    left[:, 60:], right[:, :60] = flat[:, 60:], flat[:, :60]
    return [left, right], texture


@every_focus_method
def test_synthetic_particles_come_out_nearer_to_the_truth_than_the_mean(synthetic, name):
    # Over many stacks: where noise is strong and blur weak, the mean is hard to beat.
    gains_db = [
        psnr(BASELINES[name](frames)[seen], truth[seen])
        - psnr(BASELINES["mean"](frames)[seen], truth[seen])
        for frames, truth, seen in synthetic
    ]
    assert fmean(gains_db) > 0


@every_focus_method
def test_each_half_comes_from_the_frame_that_shows_it(two_halves, name):
    frames, texture = two_halves
    fused = BASELINES[name](frames)
    inner = np.s_[25:-25, 15:40], np.s_[25:-25, 80:105]
    # The guided filter's wide base and the averaged tops of the transforms keep some of the flat.
    for half in inner:
        assert psnr(fused[half], texture[half]) > 18
        correlation = np.corrcoef(fused[half].ravel(), texture[half].ravel())[0, 1]
        assert correlation > 0.97


@every_baseline
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(70, 45), (45, 70, 3), (1, 1), (3, 64, 3)], ids=str)
def test_one_frame_comes_back_as_it_is(fuse, dtype, shape):
    top = np.iinfo(dtype).max
    frame = np.random.default_rng(0).integers(0, top, shape, dtype, endpoint=True)
    fused = fuse([frame])
    assert fused.dtype == dtype
    # Transforms in single precision are exact to a part in ten million of white.
    np.testing.assert_allclose(fused.astype(float), frame, atol=1 if dtype == np.uint16 else 0)


@every_baseline
@pytest.mark.parametrize("value", [0, 77, 255])
def test_a_constant_stack_stays_constant(fuse, value):
    frames = [np.full((40, 50, 3), value, np.uint8)] * 3
    np.testing.assert_array_equal(fuse(frames), frames[0])


@every_baseline
def test_16_bit_gives_what_8_bit_gives_in_finer_steps(fuse, two_halves):
    frames = [frame[..., 1] for frame in two_halves[0]]
    coarse = fuse(frames).astype(float)
    fine = fuse([frame.astype(np.uint16) * 257 for frame in frames])
    assert fine.dtype == np.uint16
    assert np.abs(fine / 257 - coarse).max() <= 0.51


@every_baseline
def test_the_frames_are_left_as_they_were(fuse, two_halves):
    frames, _ = two_halves
    before = [frame.copy() for frame in frames]
    fuse(frames)
    np.testing.assert_array_equal(frames, before)


@every_baseline
def test_a_coloured_stack_without_colour_is_the_grey_one(fuse, synthetic):
    frames, *_ = synthetic[0]
    grey = fuse(frames)
    coloured = fuse([np.repeat(frame[..., None], 3, axis=2) for frame in frames])
    np.testing.assert_allclose(coloured, np.repeat(grey[..., None], 3, axis=2), atol=1)


@every_baseline
@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([], "no frame"),
        ([np.zeros((4, 4)), np.zeros((4, 4))], "float64"),
        ([np.zeros((4, 4, 2), np.uint8)], "neither"),
        ([np.zeros((4, 4), np.uint8), np.zeros((4, 5), np.uint8)], "frame 1"),
        ([np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint16)], "frame 1"),
    ],
    ids=["none", "float", "two channels", "other size", "other type"],
)
def test_what_cannot_be_fused_is_refused(fuse, frames, words):
    with pytest.raises(ValueError, match=words):
        fuse(frames)
