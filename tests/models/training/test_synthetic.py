import dataclasses
from typing import get_args

import cv2
import numpy as np
import pytest

from models.evaluation.metrics import psnr
from models.training.particles import Kind
from models.training.slides import draw_slide
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
        assert 0.1 < np.diff(stack.z_um).mean() / stack.optics.dof_um < 1.1
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
    gains = []
    for stack in stacks:
        distance = np.abs(stack.z_um[:, None, None] - stack.height_um)
        nearest = np.take_along_axis(stack.luma, distance.argmin(axis=0)[None], axis=0)[0]
        seen = stack.on_particles
        sharp = psnr(nearest[seen], stack.truth[seen], peak=1.0)
        gains.append(sharp - psnr(stack.luma.mean(axis=0)[seen], stack.truth[seen], peak=1.0))
    # Of a surface without texture, the mean shows the same with less noise.
    assert np.median(gains) > 4
    assert min(gains) > -3


def test_every_light_is_drawn() -> None:
    lights = {draw_stack((9, i), SMALL).light for i in range(40)}
    assert lights == {"reflected", "dark", "bichromatic", "transmitted"}


def test_every_kind_of_particle_is_drawn() -> None:
    slides = [
        draw_slide(np.random.default_rng(i), 96, 128, pixel_um=0.5, relief_um=20.0)
        for i in range(40)
    ]
    assert {p.kind for slide in slides for p in slide.particles} == set(get_args(Kind))


def test_a_quarter_of_the_slides_has_no_empty_glass() -> None:
    slides = [
        draw_slide(np.random.default_rng(i), 32, 32, pixel_um=0.5, relief_um=20.0)
        for i in range(200)
    ]
    grounds = [slide.ground_um for slide in slides if slide.ground_um is not None]
    assert 0.17 < len(grounds) / len(slides) < 0.3
    for ground_um in grounds:
        assert ground_um.min() > 0
        assert ground_um.max() <= 20.0


def test_brightness_drifts_by_a_few_per_cent_at_most() -> None:
    drawn = (draw_stack((13, i), SMALL) for i in range(24))
    stacks = [stack for stack in drawn if 0.2 < stack.truth.mean() < 0.8]
    drift = [np.ptp(s.luma.mean(axis=(1, 2))) / s.luma.mean() for s in stacks]
    assert max(drift) < 0.3
    assert np.median(drift) > 0.002


def test_noise_is_that_of_a_good_camera() -> None:
    """Path-traced glass shows 0.9 grey levels of noise, stills of metal and wafers about 0.5."""
    kernel = np.outer([1, -2, 1], [1, -2, 1]).astype(np.float32) / 6
    noise = []
    for i in range(30):
        stack = draw_stack((14, i), StackShape(64, 64, (12, 12)))
        detail = cv2.filter2D(stack.luma[-1], -1, kernel).reshape(4, 16, 4, 16)
        # The quietest quarter of a frame shows noise alone.
        noise.append(255 * np.quantile(detail.std(axis=(1, 3)), 0.25))
    assert 0.4 < np.median(noise) < 1.3
    assert max(noise) < 8


@pytest.mark.parametrize("wrong", [{"height": 8}, {"frames": (2, 5)}, {"frames": (9, 5)}], ids=str)
def test_shapes_that_make_no_stack_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="frames"):
        dataclasses.replace(SHAPE, **wrong)
