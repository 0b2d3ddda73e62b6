"""The operator's hand: shares, results and weights follow it, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.wearif.box import Box
from models.wearif.choice import REACH
from models.wearif.frames import FusionError
from models.wearif.fusion import fuse
from models.wearif.retouch import Retouched, guidance_of, patch, retouch, shares
from models.wearif.weights import load_model

SHAPE = (96, 128)
COUNT = 4
Z_UM = (1.0, 3.0, 5.5, 8.0)


def frames_of(colour=True, dtype=np.uint8):
    """Each quarter of a texture is sharp in one frame."""
    rng = np.random.default_rng(5)
    shape = (*SHAPE, 3) if colour else SHAPE
    texture = cv2.GaussianBlur(rng.random(shape), (0, 0), 0.8)
    texture = (texture - texture.min()) / np.ptp(texture)
    quarter = np.arange(SHAPE[1]) * COUNT // SHAPE[1]
    frames = []
    for k in range(COUNT):
        frame = np.empty(shape)
        for q in range(COUNT):
            soft = cv2.GaussianBlur(texture, (0, 0), 0.05 + 1.5 * abs(q - k))
            frame[:, quarter == q] = soft[:, quarter == q]
        frames.append(np.rint(frame * np.iinfo(dtype).max).astype(dtype))
    return frames


MODELS = {name: load_model(name) for name in ("wearif", "published")}
FRAMES = frames_of()
FUSIONS = {name: fuse(FRAMES, model, Z_UM) for name, model in MODELS.items()}
both = pytest.mark.parametrize("fusion", FUSIONS.values(), ids=FUSIONS.keys())


def painted(index, top=30, left=20, bottom=70, right=80):
    choice = np.zeros(SHAPE, np.uint16)
    choice[top:bottom, left:right] = index + 1
    return choice


def core(choice):
    """Pixels around which the same frame, or none, is chosen as far as a choice reaches."""
    kernel = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    return cv2.dilate(choice, kernel) == cv2.erode(choice, kernel)


@both
def test_what_is_painted_is_taken_from_the_frame_and_the_rest_stays(fusion):
    choice = painted(3)
    found = retouch(fusion, FRAMES, choice, Z_UM)
    inside, outside = core(choice) & (choice > 0), core(choice) & (choice == 0)
    assert inside.any()
    assert outside.any()
    np.testing.assert_array_equal(found.fused[inside], FRAMES[3][inside])
    np.testing.assert_allclose(found.height[inside], Z_UM[3], atol=1e-4)
    np.testing.assert_allclose(found.confidence[inside], 1, atol=1e-5)
    for name in ("fused", "height", "confidence"):
        np.testing.assert_array_equal(getattr(found, name)[outside], getattr(fusion, name)[outside])
    assert not np.array_equal(found.fused, fusion.fused)


@both
def test_weights_follow_and_still_add_up_to_one(fusion):
    choice = painted(3)
    choice[10:40, 60:120] = 1
    found = retouch(fusion, FRAMES, choice, Z_UM)
    maps = np.stack([found.weight_map(k, FRAMES[k]) for k in range(COUNT)])
    np.testing.assert_allclose(maps.sum(axis=0), 1, atol=1e-4)
    assert maps.min() >= 0
    for k in (0, 3):
        inside = core(choice) & (choice == k + 1)
        assert inside.any()
        np.testing.assert_allclose(maps[k][inside], 1, atol=1e-5)
    untouched = core(choice) & (choice == 0)
    before = np.stack([fusion.weight_map(k, FRAMES[k]) for k in range(COUNT)])
    np.testing.assert_array_equal(maps[:, untouched], before[:, untouched])


def test_the_retouched_image_is_the_sum_of_the_frames_with_the_retouched_weights():
    found = retouch(FUSIONS["wearif"], FRAMES, painted(0, 10, 40, 60, 110), Z_UM)
    total = sum(found.weight_map(k, FRAMES[k])[..., None] * FRAMES[k] for k in range(COUNT))
    # The fused image was rounded once before it was retouched, and once after.
    assert np.abs(total - found.fused).max() <= 1.05


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    top=st.integers(0, SHAPE[0] - 2),
    left=st.integers(0, SHAPE[1] - 2),
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
)
def test_what_a_pixel_gets_does_not_depend_on_the_box_that_is_computed(seed, top, left, size):
    rng = np.random.default_rng(seed)
    small = rng.integers(0, COUNT + 1, (6, 8), dtype=np.uint16)
    choice = cv2.resize(small, SHAPE[::-1], interpolation=cv2.INTER_NEAREST)
    fusion = FUSIONS["wearif"]
    guidance = guidance_of(fusion)
    box = Box(top, left, min(SHAPE[0], top + size[0]), min(SHAPE[1], left + size[1]))
    part, whole = shares(choice, guidance, box), shares(choice, guidance, Box(0, 0, *SHAPE))
    total = np.zeros(box.shape)
    for index, share in part.items():
        np.testing.assert_allclose(share, whole[index][box.slices], atol=1e-5)
        total += share
    assert total.max(initial=0) <= 1 + 1e-5
    for index in set(whole) - set(part):
        assert not whole[index][box.slices].any()
    found = patch(fusion, FRAMES, part, Z_UM, box)
    all_of_it = retouch(fusion, FRAMES, choice, Z_UM)
    assert np.abs(found.fused.astype(int) - all_of_it.fused[box.slices]).max() <= 1
    np.testing.assert_allclose(found.height, all_of_it.height[box.slices], atol=1e-3)


def test_the_transition_follows_an_edge_that_is_seen():
    edge = np.full(SHAPE, 40, np.uint8)
    edge[:, 64:] = 220
    fusion = replace(FUSIONS["wearif"], fused=edge)
    # Painted three pixels short of the edge.
    choice = painted(1, 0, 0, SHAPE[0], 61)
    share = shares(choice, guidance_of(fusion), Box(0, 0, *SHAPE))[1][48]
    flat = shares(choice, np.full(SHAPE, 0.5, np.float32), Box(0, 0, *SHAPE))[1][48]
    assert share[63] - share[64] > 3 * (flat[63] - flat[64])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("colour", [False, True])
def test_frames_of_all_kinds_are_taken(colour, dtype):
    frames = frames_of(colour, dtype)
    fusion = fuse(frames, MODELS["wearif"])
    choice = painted(2)
    found = retouch(fusion, frames, choice)
    inside = core(choice) & (choice > 0)
    assert found.fused.dtype == dtype
    np.testing.assert_array_equal(found.fused[inside], frames[2][inside])
    np.testing.assert_allclose(found.height[inside], 2, atol=1e-5)


def test_a_frame_is_brought_to_the_brightness_of_the_fused_image():
    fusion = replace(FUSIONS["wearif"], brightness=(1.0, 1.0, 1.0, 2.0))
    choice = painted(3)
    inside = core(choice) & (choice > 0)
    found = retouch(fusion, FRAMES, choice, Z_UM).fused[inside].astype(int)
    assert np.abs(found - FRAMES[3][inside] / 2).max() <= 0.5


def test_an_empty_choice_changes_nothing():
    fusion = FUSIONS["wearif"]
    assert retouch(fusion, FRAMES, np.zeros(SHAPE, np.uint16), Z_UM) is fusion


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    boxes=st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 280), st.integers(1, 90), st.integers(0, 2)),
        min_size=1,
        max_size=4,
    ),
)
def test_retouching_bit_by_bit_is_retouching_at_once(seed, boxes):
    """On a picture of several pieces, with choices that come and go."""
    rng = np.random.default_rng(seed)
    frames = [cv2.resize(frame, (400, 320)) for frame in FRAMES[:2]]
    plain = np.zeros((320, 400), np.float32)
    fusion = replace(
        FUSIONS["wearif"],
        fused=rng.integers(0, 256, (320, 400, 3), np.uint8),
        height=plain,
        confidence=plain,
        brightness=(1.0, 1.1),
    )
    guidance = guidance_of(fusion)
    choice = np.zeros((320, 400), np.uint16)
    done = Retouched.of(fusion, frames, choice, Z_UM[:2])
    for top, left, size, value in boxes:
        box = Box(top, left, min(320, top + size), min(400, left + size))
        choice[box.slices] = value
        done = done.changed(frames, choice, Z_UM[:2], guidance, box.grown(REACH, choice.shape))
    at_once = Retouched.of(fusion, frames, choice, Z_UM[:2])
    np.testing.assert_array_equal(done.fusion.fused, at_once.fusion.fused)
    np.testing.assert_array_equal(done.fusion.height, at_once.fusion.height)
    np.testing.assert_array_equal(done.fusion.confidence, at_once.fusion.confidence)
    assert done.given.keys() == at_once.given.keys()


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (np.zeros((8, 9), np.uint16), "9x8 pixels for frames of 128x96"),
        (np.full(SHAPE, COUNT + 1, np.uint16), "frame 4 of 4"),
    ],
)
def test_a_choice_of_another_stack_is_refused(choice, words):
    with pytest.raises(FusionError, match=words):
        retouch(FUSIONS["wearif"], FRAMES, choice, Z_UM)
