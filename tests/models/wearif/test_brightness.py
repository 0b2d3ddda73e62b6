from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.wearif.brightness import Brightness
from models.wearif.fusion import fuse
from models.wearif.weights import load_model

TRACED = Path(__file__).resolve().parents[3] / "../shared/stacks/traced"


def defocused(count=7, size=(192, 256), seed=0):
    """Frames of a rough surface, sharp in the middle one, with a little noise."""
    rng = np.random.default_rng(seed)
    surface = 120 + 30 * cv2.GaussianBlur(rng.normal(0, 4, (*size, 3)), (0, 0), 1.2)
    frames = []
    for k in range(count):
        soft = cv2.GaussianBlur(surface, (0, 0), 0.3 + 1.5 * abs(k - count // 2))
        frames.append(soft + rng.normal(0, 1, surface.shape))
    return np.array(frames)


def counts(frame):
    return np.clip(np.rint(frame), 0, 255).astype(np.uint8)


def followed(frames, white=255.0):
    brightness = Brightness()
    return [brightness.follow(frame, white) for frame in frames]


def test_in_steady_light_every_frame_counts_as_it_is():
    assert followed(map(counts, defocused())) == [1.0] * 7


@settings(deadline=None, max_examples=25)
@given(
    factor=st.floats(0.6, 0.95) | st.floats(1.05, 1.4),
    place=st.integers(1, 5),
    bits=st.sampled_from([8, 12, 16]),
)
def test_one_brighter_or_darker_frame_is_measured_and_the_next_is_as_before(factor, place, bits):
    frames = defocused()
    frames[place] *= factor
    white = 2**bits - 1
    scaled = np.rint(np.clip(frames / 255, 0, 1) * white)
    levels = followed(scaled.astype(np.uint8 if bits == 8 else np.uint16), white)
    assert levels[place] == pytest.approx(factor, rel=0.01)
    assert levels[:place] + levels[place + 1 :] == [1.0] * 6


def test_a_lamp_that_stays_brighter_is_followed():
    frames = defocused()
    frames[3:] *= 1.2
    assert followed(map(counts, frames)) == pytest.approx([1, 1, 1, 1.2, 1.2, 1.2, 1.2], rel=0.01)


def test_a_dark_thing_over_half_of_the_field_is_not_the_lamp():
    frames = defocused()
    frames[4, :, :128] *= 0.5
    assert followed(map(counts, frames)) == [1.0] * 7


@pytest.mark.parametrize(
    "frames",
    [
        [np.full((192, 256), value, np.uint8) for value in (0, 255, 0)],
        [np.full((192, 256), value, np.uint8) for value in (3, 9, 3)],
        [np.full((40, 40), value, np.uint8) for value in (100, 120, 100)],
        [np.full((1, 1, 3), value, np.uint8) for value in (100, 120, 100)],
    ],
    ids=["black and white", "almost black", "few blocks", "one pixel"],
)
def test_where_nobody_can_tell_frames_count_as_they_are(frames):
    assert followed(frames) == [1.0] * 3


@pytest.mark.parametrize("factor", [0.85, 1.1, 1.2])
@pytest.mark.parametrize("place", [0, 2, 3])
def test_a_brighter_frame_does_not_print_through(factor, place):
    model = load_model()
    steady = defocused()
    whole = fuse([counts(frame) for frame in steady], model)
    steady[place] *= factor
    frames = [counts(frame) for frame in steady]
    fusion = fuse(frames, model)
    difference = fusion.fused.astype(int) - whole.fused
    assert np.abs(difference).mean() < 0.6
    assert np.percentile(np.abs(difference), 99) <= 4
    assert fusion.brightness[place] == pytest.approx(factor, rel=0.01)
    maps = [fusion.weight_map(k, frame) for k, frame in enumerate(frames)]
    np.testing.assert_allclose(np.sum(maps, axis=0), 1, atol=1e-5)


@pytest.mark.skipif(not TRACED.is_dir(), reason="no path-traced stacks beside the repository")
def test_the_lamps_of_rendered_stacks_are_steady():
    for folder in sorted(TRACED.iterdir()):
        frames = [cv2.imread(str(path)) for path in sorted(folder.glob("[0-9][0-9][0-9].png"))]
        assert followed(frames) == [1.0] * len(frames), folder.name
