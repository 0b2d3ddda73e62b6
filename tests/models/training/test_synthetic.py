import dataclasses

import numpy as np
import pytest

from models.evaluation.metrics import psnr
from models.training.synthetic import StackShape, SyntheticStack, draw_stack

SHAPE = StackShape(96, 128, (6, 9))
SMALL = StackShape(32, 32, (8, 8))


@pytest.fixture(scope="module")
def stacks() -> list[SyntheticStack]:
    return [draw_stack((7, i), SHAPE) for i in range(12)]


def test_the_same_seed_draws_the_same_stack() -> None:
    first, second = draw_stack((1, 2), SHAPE), draw_stack((1, 2), SHAPE)
    np.testing.assert_array_equal(first.luma, second.luma)
    np.testing.assert_array_equal(first.truth, second.truth)
    assert first.optics == second.optics


def test_other_seeds_draw_other_stacks() -> None:
    assert draw_stack(1, SHAPE).truth.mean() != draw_stack(2, SHAPE).truth.mean()


def test_stacks_have_the_promised_form(stacks: list[SyntheticStack]) -> None:
    for stack in stacks:
        count = len(stack.luma)
        assert 6 <= count <= 9
        assert stack.luma.shape == (count, 96, 128)
        assert stack.luma.dtype == stack.truth.dtype == stack.height_um.dtype == np.float32
        assert stack.luma.min() >= 0
        assert stack.luma.max() <= 1
        assert stack.truth.shape == stack.height_um.shape == stack.on_particles.shape == (96, 128)
        np.testing.assert_array_equal(stack.on_particles, stack.height_um > 0)


def test_frames_follow_each_other_by_a_part_of_the_depth_of_field() -> None:
    for i in range(12):
        stack = draw_stack((8, i), StackShape(32, 32, (8, 24)))
        assert 8 <= len(stack.z_um) <= 24
        assert 0.2 < np.diff(stack.z_um).mean() / stack.optics.dof_um < 1.1
        assert (np.diff(stack.z_um) >= 0).all()


def test_steps_are_uneven_in_most_stacks() -> None:
    steps = [np.diff(draw_stack((8, i), SMALL).z_um) for i in range(20)]
    uneven = [step.std() > 0.01 * step.mean() for step in steps]
    assert 8 <= sum(uneven) < 20


def test_most_sweeps_cover_the_relief_and_some_miss_a_part() -> None:
    stacks = [draw_stack((11, i), SMALL) for i in range(60)]
    covered = [
        # Bumps may rise above the drawn relief by a few per cent.
        s.z_um[0] < 0 and s.height_um.max() < s.z_um[-1] + 0.5 * s.optics.dof_um
        for s in stacks
    ]
    assert 45 <= sum(covered) < 60


def test_frames_in_focus_are_nearer_to_the_truth_than_their_mean(
    stacks: list[SyntheticStack],
) -> None:
    for stack in stacks:
        distance = np.abs(stack.z_um[:, None, None] - stack.height_um)
        nearest = np.take_along_axis(stack.luma, distance.argmin(axis=0)[None], axis=0)[0]
        seen = stack.on_particles
        sharp = psnr(nearest[seen], stack.truth[seen], peak=1.0)
        blurred = psnr(stack.luma.mean(axis=0)[seen], stack.truth[seen], peak=1.0)
        assert sharp > blurred + 0.5


def test_every_light_is_drawn() -> None:
    lights = {draw_stack((9, i), SMALL).light for i in range(40)}
    assert lights == {"reflected", "dark", "bichromatic", "transmitted"}


@pytest.mark.parametrize("wrong", [{"height": 8}, {"frames": (2, 5)}, {"frames": (9, 5)}], ids=str)
def test_shapes_that_make_no_stack_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="frames"):
        dataclasses.replace(SHAPE, **wrong)
