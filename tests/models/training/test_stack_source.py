import numpy as np
import pytest

from models.training.draws import MixedDraw, SyntheticDraw
from models.training.stack_source import DrawnStacks, Sample, Seed
from models.training.synthetic import StackShape

SHAPE = StackShape(32, 40, (3, 4))


def source(workers: int = 0) -> DrawnStacks:
    return DrawnStacks(SyntheticDraw(SHAPE), seed=(5,), workers=workers, reuse=2, block=3)


def test_an_iteration_always_gets_the_same_stack() -> None:
    forward = [source().showing(i).sample.luma for i in (0, 4, 8)]
    one = source()
    for iteration in (8, 4, 0):
        np.testing.assert_array_equal(one.showing(iteration).sample.luma, forward[iteration // 4])


def test_a_block_is_shown_whole_in_every_turn() -> None:
    stacks = source()
    showings = [stacks.showing(i) for i in range(12)]
    slots = [showing.slot for showing in showings]
    assert slots[:3] == [0, 1, 2]
    assert sorted(slots[3:6]) == [0, 1, 2]
    assert sorted(slots[6:9]) == sorted(slots[9:]) == [3, 4, 5]
    brightness = {s.slot: round(float(s.sample.luma.mean()), 5) for s in showings}
    assert len(set(brightness.values())) == 6
    assert all(round(float(s.sample.luma.mean()), 5) == brightness[s.slot] for s in showings)


def of_brightness(level: float):
    def draw(seed: Seed) -> Sample:
        return Sample(np.full((3, 32, 32), level, np.float32), None)

    return draw


@pytest.mark.parametrize(("share", "least", "most"), [(0.25, 15, 35), (1.0, 100, 100)])
def test_two_kinds_are_mixed_in_the_given_share(share: float, least: int, most: int) -> None:
    draw = MixedDraw(of_brightness(0), of_brightness(1), share)
    drawn = [draw((1, i)).luma[0, 0, 0] for i in range(100)]
    assert least <= sum(drawn) <= most
    assert drawn == [draw((1, i)).luma[0, 0, 0] for i in range(100)]


@pytest.mark.slow
def test_workers_draw_the_same_stacks() -> None:
    alone = source()
    with source(workers=1) as helped:
        for iteration in range(7):
            np.testing.assert_array_equal(
                helped.showing(iteration).sample.luma, alone.showing(iteration).sample.luma
            )
