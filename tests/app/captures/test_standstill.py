"""Videos whose stage stood still at the ends."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.captures.open_stack import open_stack
from app.trials.sample_files import write_video


def view(z: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(5).integers(0, 256, (360, 480, 3), np.uint8)
    sharp = cv2.GaussianBlur(noise, (0, 0), 2.0 + abs(z - 5))
    grain = np.random.default_rng(seed).normal(0, 3, sharp.shape)
    return np.clip(6 * (sharp.astype(float) - 128) + 128 + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", ["a.avi", "a.mp4"])
def test_repeated_frames_at_the_ends_are_left_out(tmp_path, name):
    way = [0.0] * 8 + list(np.arange(0.0, 11.0)) + [10.0] * 5
    stack = open_stack(write_video(tmp_path / name, [view(z, i) for i, z in enumerate(way)]))
    assert 11 <= len(stack) <= 13
    first, last = view(0.0, 99).astype(int), view(10.0, 98).astype(int)
    assert np.abs(stack[0] - first).mean() < 12
    assert np.abs(stack[len(stack) - 1] - last).mean() < 12


def test_a_stage_that_always_moves_loses_nothing(tmp_path):
    way = np.arange(0.0, 11.0)
    stack = open_stack(write_video(tmp_path / "a.avi", [view(z, i) for i, z in enumerate(way)]))
    assert len(stack) == 11


def test_a_stage_that_never_moves_loses_nothing(tmp_path):
    stack = open_stack(write_video(tmp_path / "a.avi", [view(3.0, i) for i in range(9)]))
    assert len(stack) == 9
