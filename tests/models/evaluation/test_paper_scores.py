import cv2
import numpy as np
import pytest

from models.evaluation.frame_counts import (
    compare_frame_counts,
    sharpest_frames,
    spread_frames,
)
from models.evaluation.paper_scores import (
    COLUMNS,
    mean_scores,
    middle_in_grey,
    score,
    synthetic_stacks,
)
from models.evaluation.stack_folder import EvaluationStack
from models.training.synthetic import StackShape, draw_stack

SHAPE = StackShape(48, 64, (5, 5))


def test_the_test_set_is_always_the_same_and_not_trainings():
    first, second = synthetic_stacks(2, SHAPE)
    again = synthetic_stacks.__wrapped__(2, SHAPE)
    np.testing.assert_array_equal(again[0].frames, first.frames)
    assert not np.array_equal(first.frames, second.frames)
    trained = np.rint(draw_stack((0, 1, 0), SHAPE).luma * 255)
    assert not np.array_equal(np.stack(first.frames), trained)


def test_the_truth_itself_scores_highest_against_the_truth():
    (stack,) = synthetic_stacks(1, SHAPE)
    best = score(stack.truth, stack)
    mean = score(np.mean(stack.frames, axis=0).astype(np.uint8), stack)
    assert tuple(best) == COLUMNS
    assert best["PSNR"] == np.inf
    assert mean["PSNR"] < 60


def test_means_leave_out_what_some_stacks_lack():
    with_truth = dict.fromkeys(COLUMNS, 1.0)
    without = {column: 0.0 for column in COLUMNS if "PSNR" not in column}
    assert mean_scores([with_truth, without]) == dict.fromkeys(without, 0.5)


@pytest.mark.parametrize("size", [(20, 30), (100, 30), (200, 200)])
def test_the_middle_is_cut_out_of_everything_alike(size):
    rng = np.random.default_rng(2)
    frames = tuple(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8) for _ in range(3))
    labels = rng.integers(0, 5, (60, 80), dtype=np.uint16)
    cut = middle_in_grey(EvaluationStack("x", frames, truth=frames[1], labels=labels), *size)
    height, width = min(60, size[0]), min(80, size[1])
    assert cut.size == (height, width)
    np.testing.assert_array_equal(cut.truth, cut.frames[1])
    top, left = (60 - height) // 2, (80 - width) // 2
    np.testing.assert_array_equal(cut.labels, labels[top : top + height, left : left + width])
    grey = cv2.cvtColor(frames[0], cv2.COLOR_RGB2GRAY)[top : top + height, left : left + width]
    assert np.abs(cut.frames[0].astype(int) - grey).max() <= 1


def sweep(count):
    """Frames of texture that is strongest in the middle of the sweep."""
    rng = np.random.default_rng(6)
    texture = rng.normal(0, 1, (24, 24))
    strength = 40 - 3 * np.abs(np.arange(count) - count // 2)
    frames = tuple((128 + s * texture).clip(0, 255).astype(np.uint8) for s in strength)
    return EvaluationStack("sweep", frames, z_um=tuple(float(k) for k in range(count)))


def test_the_sharpest_frames_are_kept_in_z_order():
    assert sharpest_frames(sweep(11), 5).z_um == (3.0, 4.0, 5.0, 6.0, 7.0)


def test_spread_frames_reach_from_end_to_end():
    assert spread_frames(sweep(11), 5).z_um == (0.0, 2.0, 5.0, 8.0, 10.0)


@pytest.mark.slow
def test_both_shipped_models_are_compared_on_few_and_many_frames():
    results = compare_frame_counts(StackShape(32, 48, (60, 60)), stacks=1)
    assert {(each.model, each.frames) for each in results} == {
        (model, frames)
        for model in ("published", "wearif")
        for frames in ("32 sharpest", "32 spread", "all 60")
    }
    for each in results:
        assert 0 < each.scores["Qg"] < 1
        assert each.scores["PSNR"] > 10
