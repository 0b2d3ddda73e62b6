import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.training.real_stacks import RealDraw, RealStack, UnfitStackError, held_out
from models.training.synthetic import StackShape

HEIGHT, WIDTH = 50, 60


def numbered_frames(count: int) -> list[NDArray[np.uint8]]:
    """Frame k is k at its first pixel of every row and grows along the rows."""
    return [np.add.outer(np.zeros(HEIGHT), np.arange(WIDTH)).astype(np.uint8) + k * WIDTH
            for k in range(count)]  # fmt: skip


@given(
    count=st.integers(3, 4),
    wanted=st.tuples(st.integers(3, 6), st.integers(0, 3)).map(lambda w: (w[0], w[0] + w[1])),
    side=st.integers(32, 80),
    seed=st.integers(0, 1000),
)
def test_a_sample_is_a_crop_of_frames_in_even_steps(
    count: int, wanted: tuple[int, int], side: int, seed: int
) -> None:
    frames = numbered_frames(count)
    sample = RealDraw([RealStack("s", lambda: frames)], StackShape(side, side, wanted))((seed,))
    assert sample.truth is None
    number, height, width = sample.luma.shape
    assert min(wanted[0], count) <= number <= min(wanted[1], count)
    assert (height, width) == (min(side, HEIGHT), min(side, WIDTH))
    indices = (sample.luma * 255 // WIDTH).round().astype(int)[:, 0, 0]
    steps = np.diff(indices)
    assert (steps == steps[0]).all()
    assert 1 <= steps[0] <= 3
    assert sample.luma.flags.c_contiguous


def test_a_sample_follows_from_its_seed() -> None:
    frames = list(np.random.default_rng(0).integers(0, 256, (9, 50, 60, 3), np.uint8))
    draw = RealDraw([RealStack("s", lambda: frames)], StackShape(32, 32, (3, 5)))
    np.testing.assert_array_equal(draw((7,)).luma, draw((7,)).luma)
    samples = [draw((seed,)).luma for seed in range(12)]
    assert len({sample[0].tobytes() for sample in samples}) == 12
    assert {len(sample) for sample in samples} == {3, 4, 5}


def test_every_stack_is_drawn_from() -> None:
    stacks = [
        RealStack(str(level), lambda level=level: [np.full((40, 40), level, np.uint8)] * 3)
        for level in (0, 51, 102)
    ]
    draw = RealDraw(stacks, StackShape(32, 32, (3, 3)))
    seen = {round(float(draw((seed,)).luma[0, 0, 0]), 2) for seed in range(30)}
    assert seen == {0.0, 0.2, 0.4}


@pytest.mark.parametrize(("top", "white"), [(4095, 4095), (1000, 1023), (65_535, 65_535)])
def test_sixteen_bit_frames_reach_from_0_to_1(top: int, white: int) -> None:
    frames = [np.full((40, 40), top, np.uint16)] * 3
    sample = RealDraw([RealStack("s", lambda: frames)], StackShape(32, 32, (3, 3)))((0,))
    assert sample.luma.max() == pytest.approx(top / white)


def test_every_fifth_stack_is_held_out_where_there_are_enough() -> None:
    stacks = [RealStack(str(i), list) for i in range(11)]
    learned, validated = held_out(stacks)
    assert [stack.name for stack in validated] == ["4", "9"]
    assert {stack.name for stack in learned} == {str(i) for i in range(11)} - {"4", "9"}
    assert held_out(stacks[:4]) == (stacks[:4], stacks[:4])


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([np.zeros((40, 40), np.uint8)] * 2, "2 frames"),
        ([np.zeros((20, 90), np.uint8)] * 3, "90x20"),
    ],
    ids=["few", "small"],
)
def test_stacks_that_teach_nothing_are_named(frames: list[NDArray[np.uint8]], words: str) -> None:
    with pytest.raises(UnfitStackError, match=rf"lab: .*{words}"):
        RealStack("lab", lambda: frames).check()
