import dataclasses

import numpy as np
import pytest

from models.evaluation.metrics import psnr
from models.training.synthetic import StackShape, SyntheticStack, draw_stack

SHAPE = StackShape(96, 128, (6, 9))


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


def test_neighbouring_frames_lie_about_half_a_depth_of_field_apart(
    stacks: list[SyntheticStack],
) -> None:
    for stack in stacks:
        step = np.diff(stack.z_um).mean() / stack.optics.dof_um
        assert 0.25 < step < 0.85
        assert (np.diff(stack.z_um) > 0).all()


def test_the_sweep_covers_the_relief(stacks: list[SyntheticStack]) -> None:
    for stack in stacks:
        assert stack.z_um[0] < 0
        # Bumps may rise above the drawn relief by a few per cent.
        assert stack.height_um.max() < stack.z_um[-1] + 0.5 * stack.optics.dof_um


def test_frames_in_focus_are_nearer_to_the_truth_than_their_mean(
    stacks: list[SyntheticStack],
) -> None:
    for stack in stacks:
        distance = np.abs(stack.z_um[:, None, None] - stack.height_um)
        nearest = np.take_along_axis(stack.luma, distance.argmin(axis=0)[None], axis=0)[0]
        seen = stack.on_particles
        sharp = psnr(nearest[seen], stack.truth[seen], peak=1.0)
        blurred = psnr(stack.luma.mean(axis=0)[seen], stack.truth[seen], peak=1.0)
        assert sharp > blurred + 1.5


def test_every_light_is_drawn() -> None:
    small = StackShape(32, 32, (3, 3))
    lights = {draw_stack((9, i), small).light for i in range(40)}
    assert lights == {"reflected", "dark", "bichromatic", "transmitted"}


@pytest.mark.parametrize("wrong", [{"height": 8}, {"frames": (2, 5)}, {"frames": (9, 5)}], ids=str)
def test_shapes_that_make_no_stack_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="frames"):
        dataclasses.replace(SHAPE, **wrong)
