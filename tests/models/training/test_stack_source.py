import numpy as np
import pytest

from models.training.stack_source import SyntheticSource
from models.training.synthetic import StackShape

SHAPE = StackShape(32, 40, (3, 4))


def source(workers: int = 0) -> SyntheticSource:
    return SyntheticSource(seed=5, shape=SHAPE, workers=workers, reuse=2, block=3)


def test_an_iteration_always_gets_the_same_stack() -> None:
    forward = [source().sample(i).luma for i in (0, 4, 8)]
    one = source()
    for iteration in (8, 4, 0):
        np.testing.assert_array_equal(one.sample(iteration).luma, forward[iteration // 4])


def test_a_block_is_shown_whole_in_every_turn() -> None:
    stacks = source()
    brightness = [round(float(stacks.sample(i).truth.mean()), 5) for i in range(12)]
    first, second = set(brightness[:3]), set(brightness[6:9])
    assert len(first) == 3
    assert set(brightness[3:6]) == first
    assert set(brightness[9:]) == second
    assert not first & second


def test_luma_and_truth_are_flipped_together() -> None:
    stacks = source()
    for iteration in range(6):
        sample = stacks.sample(iteration)
        sharpest = sample.luma[np.argmax([frame.var() for frame in sample.luma])]
        likeness = [
            np.corrcoef(turned.ravel(), sample.truth.ravel())[0, 1]
            for turned in (sharpest, sharpest[::-1], sharpest[:, ::-1], sharpest[::-1, ::-1])
        ]
        assert np.argmax(likeness) == 0


@pytest.mark.slow
def test_workers_draw_the_same_stacks() -> None:
    alone = source()
    with source(workers=1) as helped:
        for iteration in range(7):
            np.testing.assert_array_equal(
                helped.sample(iteration).luma, alone.sample(iteration).luma
            )
