"""Frames that do not lie on one another."""

from __future__ import annotations

import weakref

import cv2
import numpy as np
import pytest

from app.captures.alignment import align_stack
from app.captures.similarity import Similarity
from app.captures.stack import FrameFormat, Stack
from models.evaluation.metrics import psnr
from models.wearif.fusion import fuse
from models.wearif.weights import load_model

HEIGHT, WIDTH = 256, 320
MARGIN = 32


class InMemory:
    """A stack of given frames."""

    name, pixel_um, z_um, exposure_ms = "frames", None, None, None

    def __init__(self, frames: list[np.ndarray]) -> None:
        self._frames = frames
        self.format = FrameFormat.of(frames[0])

    def __len__(self):
        return len(self._frames)

    def __getitem__(self, index):
        return self._frames[index]

    def __iter__(self):
        return iter(self._frames)


def scene(seed: int = 0, colours: int = 1) -> np.ndarray:
    """Texture of several sizes, 0..1, with room to move."""
    shape = (HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN, colours)
    rng = np.random.default_rng(seed)
    texture = np.zeros(shape, np.float32)
    for sigma, share in ((1.8, 0.5), (3.0, 0.3), (10.0, 0.2)):
        noise = cv2.GaussianBlur(rng.normal(size=shape).astype(np.float32), (0, 0), sigma)
        noise = noise.reshape(shape)
        texture += share * noise / noise.std()
    return np.clip(0.5 + 0.2 * texture, 0, 1)


def defocused(sharp: np.ndarray, index: int, count: int) -> np.ndarray:
    """Let each of as many strips be sharp in one frame, and the others blurred by the distance."""
    _height, width = sharp.shape[:2]
    where = np.linspace(-0.5, count - 0.5, width)
    blurred = [
        sharp if not blur else cv2.GaussianBlur(sharp, (0, 0), 0.8 * blur).reshape(sharp.shape)
        for blur in range(count)
    ]
    nearest = np.abs(np.clip(np.rint(where), 0, count - 1) - index).astype(int)
    return np.stack([blurred[blur][:, x] for x, blur in enumerate(nearest)], axis=1)


def seen(
    picture: np.ndarray, motion: Similarity, dtype: type = np.uint8, noise: float = 0.004
) -> np.ndarray:
    """Take a frame of a scene that has moved; motion takes the scene's points to the frame's."""
    height, width = picture.shape[:2]
    moved = cv2.warpAffine(
        picture, motion.matrix(height, width), (width, height), flags=cv2.INTER_LANCZOS4
    )
    frame = moved[MARGIN:-MARGIN, MARGIN:-MARGIN]
    grain = np.random.default_rng(int(1e3 * abs(motion.shift))).normal(0, noise, frame.shape)
    most = np.iinfo(dtype).max
    return np.rint(np.clip(frame + grain, 0, 1) * most).astype(dtype)


def drifting(count: int, drift_px: complex, growth: float) -> list[Similarity]:
    """Move at constant speed, the middle frame not at all."""
    way = (np.arange(count) - count // 2) / max(count - 1, 1)
    return [Similarity(1 + growth * at, drift_px * at) for at in way]


def stack_of(
    motions: list[Similarity], dtype: type = np.uint8, colours: int = 1, noise: float = 0.004
) -> InMemory:
    sharp = scene(colours=colours)
    count = len(motions)
    return InMemory(
        [seen(defocused(sharp, i, count), motion, dtype, noise) for i, motion in enumerate(motions)]
    )


def farthest_miss(found: Similarity, true: Similarity) -> float:
    return found.after(true.inverse()).reach(HEIGHT, WIDTH)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("colours", [1, 3])
def test_drift_and_breathing_are_recovered(dtype, colours):
    motions = drifting(7, 9 - 5j, 0.02)
    aligned, alignment = align_stack(stack_of(motions, dtype, colours))
    misses = [farthest_miss(*pair) for pair in zip(alignment.warps, motions, strict=True)]
    assert max(misses) < 0.1
    assert alignment.moved_px == pytest.approx(
        max(m.reach(HEIGHT, WIDTH) for m in motions), abs=0.1
    )
    assert alignment.doubtful == ()
    assert aligned[0].dtype == dtype
    assert aligned[0].shape == aligned.format.shape


def test_jumps_and_a_turn_are_recovered():
    rng = np.random.default_rng(3)
    jumps = rng.uniform(-8, 8, (6, 2)) @ (1, 1j)
    motions = [Similarity(np.exp(0.002j * (i - 3)), jumps[i]) for i in range(6)]
    _aligned, alignment = align_stack(stack_of(motions))
    back = motions[alignment.reference].inverse()
    misses = [
        farthest_miss(found, true.after(back))
        for found, true in zip(alignment.warps, motions, strict=True)
    ]
    assert max(misses) < 0.15


def test_frames_that_lie_well_are_left_alone():
    stack = stack_of([Similarity()] * 8)
    aligned, alignment = align_stack(stack)
    assert aligned is stack
    assert alignment.matrices(stack.format) is None
    assert str(alignment) == "frames lie within 0.1 px of each other"


def test_growing_haloes_are_no_change_of_size():
    sharp = scene()
    blurs = [0.5 + 0.7 * i for i in range(8)]
    frames = [
        seen(cv2.GaussianBlur(sharp, (0, 0), blur)[..., None], Similarity()) for blur in blurs
    ]
    stack = InMemory(frames)
    assert align_stack(stack)[0] is stack


def noise_only() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (HEIGHT, WIDTH), np.uint8) for _ in range(5)]


@pytest.mark.parametrize(
    "frames",
    [
        noise_only(),
        [np.zeros((HEIGHT, WIDTH), np.uint8)] * 4,
        [np.full((HEIGHT, WIDTH, 3), 40000, np.uint16)] * 4,
        [
            np.zeros((HEIGHT, WIDTH), np.uint8),
            *noise_only()[:1],
            np.zeros((HEIGHT, WIDTH), np.uint8),
        ],
        [np.full((1, 1), 7, np.uint8)] * 3,
        [noise_only()[0][:60], noise_only()[1][:60]],
        [noise_only()[0][:64, :64], noise_only()[1][:64, :64]],
    ],
    ids=["noise", "black", "flat", "nearly black", "one pixel", "low", "small"],
)
def test_nothing_to_go_by_is_left_alone(frames):
    stack = InMemory(frames)
    aligned, _alignment = align_stack(stack)
    assert aligned is stack


def test_one_frame_lies_on_itself():
    stack = stack_of([Similarity()])
    aligned, alignment = align_stack(stack)
    assert aligned is stack
    assert alignment.warps == (Similarity(),)


def test_two_frames():
    motions = drifting(2, 4 + 2j, 0.01)
    _aligned, alignment = align_stack(stack_of(motions))
    assert alignment.reference == 1
    assert farthest_miss(alignment.warps[0], motions[0]) < 0.1


def test_jitter_of_a_fraction_of_a_pixel_is_recovered():
    jitter = 0.25 * np.random.default_rng(1).normal(size=(9, 2)) @ (1, 1j)
    motions = [Similarity(shift=shift) for shift in jitter]
    _aligned, alignment = align_stack(stack_of(motions))
    off = Similarity(shift=jitter[alignment.reference])
    misses = [
        farthest_miss(found.after(off), true)
        for found, true in zip(alignment.warps, motions, strict=True)
    ]
    assert max(misses) < 0.15


def test_the_reference_lies_in_the_midst_of_the_frames():
    motions = [Similarity()] * 7
    motions[3] = Similarity(shift=5 - 3j)
    _aligned, alignment = align_stack(stack_of(motions))
    assert alignment.reference in (2, 4)
    assert farthest_miss(alignment.warps[3], motions[3]) < 0.1


def test_a_scene_that_changes_is_not_torn_along():
    motions = [Similarity()] * 6
    frames = list(stack_of(motions))
    other = seen(scene(seed=9), Similarity())
    stack = InMemory([*frames[:3], other, *frames[3:]])
    _aligned, alignment = align_stack(stack)
    assert alignment.moved_px < 0.1 * HEIGHT


def test_the_middle_frame_keeps_its_pixels_and_no_rim_is_black():
    stack = stack_of(drifting(5, 12 + 6j, 0.03), np.uint16, 3)
    aligned, alignment = align_stack(stack)
    np.testing.assert_array_equal(aligned[alignment.reference], stack[alignment.reference])
    for frame in aligned:
        for rim in (frame[:2], frame[-2:], frame[:, :2], frame[:, -2:]):
            assert abs(rim.mean() / frame.mean() - 1) < 0.25
    with pytest.raises(IndexError):
        aligned[5]


@pytest.mark.parametrize("drift_px", [2 + 1j, 4 - 3j])
def test_fused_images_gain_by_it(drift_px):
    sharp = scene(colours=3)
    stack = stack_of(drifting(8, drift_px, 0.005), colours=3)
    truth = seen(sharp, Similarity(), noise=0.0)
    aligned, _alignment = align_stack(stack)

    def score(frames: Stack) -> float:
        inside = np.s_[8:-8, 8:-8]
        return psnr(fuse(frames, load_model()).fused[inside], truth[inside])

    assert score(aligned) > score(stack) + 3


class Watched(InMemory):
    """A stack that knows how many of its frames are still in memory."""

    def __init__(self, frames: list[np.ndarray]) -> None:
        super().__init__(frames)
        self._alive: weakref.WeakSet[Pixels] = weakref.WeakSet()
        self.most_alive = 0

    def __getitem__(self, index):
        frame = self._frames[index].copy().view(Pixels)
        self._alive.add(frame)
        self.most_alive = max(self.most_alive, len(self._alive))
        return frame

    def __iter__(self):
        return (self[index] for index in range(len(self)))


class Pixels(np.ndarray):
    """An array that a set can hold."""

    __hash__ = object.__hash__

    def __eq__(self, other):
        return self is other


def test_frames_are_read_one_at_a_time():
    stack = Watched(list(stack_of(drifting(8, 6 + 0j, 0.0))))
    told = []
    aligned, _alignment = align_stack(stack, lambda *step: told.append(step))
    assert told == [(i + 1, 8) for i in range(8)]
    for _frame in aligned:
        pass
    assert stack.most_alive <= 2
