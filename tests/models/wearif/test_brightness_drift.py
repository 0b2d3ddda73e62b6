"""Lamps that fade over a stack."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.evaluation.metrics import psnr
from models.wearif.brightness_drift import BrightnessDrift
from models.wearif.frames import FusionError
from models.wearif.fusion import fuse
from models.wearif.weights import load_model

HEIGHT, WIDTH, COUNT = 192, 256, 9


def scene(colours: int = 1) -> np.ndarray:
    """A bright ground with dark particles, 0..1."""
    rng = np.random.default_rng(1)
    picture = 0.6 + 0.05 * rng.normal(size=(HEIGHT, WIDTH)).astype(np.float32)
    for x, y in rng.integers(20, 170, (12, 2)):
        cv2.circle(picture, (int(x), int(y)), 9, 0.25, -1)
    return np.repeat(picture[..., None], colours, axis=2) if colours == 3 else picture


def stack(gains, dtype=np.uint8, colours: int = 1) -> list[np.ndarray]:
    """A tilted slide: each strip is sharp in one frame, and the lamp changes."""
    sharp = scene(colours)
    blurred = [sharp, *(cv2.GaussianBlur(sharp, (0, 0), 0.8 * i) for i in range(1, COUNT))]
    strips = np.arange(WIDTH) * COUNT // WIDTH
    white = np.iinfo(dtype).max
    frames = []
    for index, gain in enumerate(gains):
        defocus = np.abs(strips - index)
        frame = np.stack([blurred[blur][:, x] for x, blur in enumerate(defocus)], axis=1)
        frames.append(np.rint(np.clip(frame * gain, 0, 1) * white).astype(dtype))
    return frames


def levels_of(frames):
    drift = BrightnessDrift()
    for frame in frames:
        drift.add(frame)
    return drift.levels()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("colours", [1, 3])
def test_a_fading_lamp_is_found(dtype, colours):
    gains = np.linspace(1.1, 0.8, COUNT)
    levels = levels_of(stack(gains, dtype, colours))
    assert levels == pytest.approx(gains / np.median(gains), rel=0.006)
    assert np.median(levels) == pytest.approx(1.0)


def test_a_steady_lamp_is_left_alone():
    assert levels_of(stack(np.ones(COUNT))) is None


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [np.full((HEIGHT, WIDTH), 90, np.uint8)],
        [np.zeros((HEIGHT, WIDTH), np.uint8), np.full((HEIGHT, WIDTH), 255, np.uint8)],
        [np.full((4, 4), level, np.uint8) for level in (50, 100)],
    ],
    ids=["none", "one", "clipped", "small"],
)
def test_nobody_can_tell(frames):
    assert levels_of(frames) is None


def test_noise_is_no_drift():
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 255, (20, 20), np.uint8) for _ in range(5)]
    assert levels_of(frames) is None


@pytest.mark.parametrize("name", ["wearif", "published"])
def test_fused_images_gain_by_it(name):
    gains = np.linspace(1.15, 0.85, COUNT)
    frames, model = stack(gains), load_model(name)
    truth = np.rint(np.clip(scene(), 0, 1) * 255).astype(np.uint8)
    levels = levels_of(frames)
    equalised = fuse(frames, model, brightness=levels)
    assert equalised.brightness == levels
    scores = [psnr(fusion.fused, truth) for fusion in (fuse(frames, model), equalised)]
    assert scores[1] > scores[0] + 1
    total = sum(equalised.weight_map(i, frame) for i, frame in enumerate(frames))
    np.testing.assert_allclose(total, 1, atol=2e-3)


@pytest.mark.parametrize("brightness", [[1.0], [1.0, 0.0], [1.0, float("nan")]])
def test_what_cannot_be_a_brightness(brightness):
    with pytest.raises(FusionError):
        fuse([np.zeros((8, 8), np.uint8)] * 2, load_model(), brightness=brightness)
