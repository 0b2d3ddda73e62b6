from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.acquisition.focus_measure import pooled_focus, tile_focus
from app.acquisition.peak import find_peak


def gaussian(z: np.ndarray, centre: float, width: float) -> np.ndarray:
    return np.exp(-((z - centre) ** 2) / (2 * width**2))


@settings(deadline=None)
@given(
    centre=st.floats(-60, 60),
    width=st.floats(8, 25),
    height=st.floats(0.5, 100),
    floor=st.floats(0, 10),
    seed=st.integers(0, 2**32 - 1),
)
def test_peak_of_a_noisy_gaussian_is_found_between_its_samples(
    centre: float, width: float, height: float, floor: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    z = np.sort(np.arange(-120, 120, 5.0) + rng.uniform(-1, 1, 48))
    focus = floor + height * (gaussian(z, centre, width) + rng.normal(0, 0.01, z.size))
    peak = find_peak(z, focus)
    assert peak.z_um == pytest.approx(centre, abs=0.2 * width)
    assert peak.at_end is None
    assert peak.signal_to_noise > 20


def test_error_is_of_the_size_of_sigma() -> None:
    z = np.arange(-60, 60, 2.5)
    pulls = []
    for seed in range(80):
        rng = np.random.default_rng(seed)
        focus = gaussian(z, 3.3, 12) + rng.normal(0, 0.01, z.size)
        peak = find_peak(z, focus)
        pulls.append((peak.z_um - 3.3) / peak.sigma_um)
    # The floor is estimated from the tails, which biases the width but not the centre.
    assert 0.3 < np.std(pulls) < 3


@pytest.mark.parametrize(("centre", "end"), [(-100, "lower"), (100, "upper"), (0, None)])
def test_a_curve_that_still_rises_names_its_end(centre: float, end: str | None) -> None:
    z = np.arange(-60, 61, 5.0)
    assert find_peak(z, gaussian(z, centre, 40)).at_end == end


def test_noise_alone_has_neither_prominence_nor_signal() -> None:
    z = np.arange(-60, 61, 2.0)
    peak = find_peak(z, 1 + np.random.default_rng(0).normal(0, 0.005, z.size))
    assert peak.prominence < 0.05
    assert peak.signal_to_noise < 6


def test_flat_curve_without_noise() -> None:
    z = np.arange(0, 30, 2.0)
    peak = find_peak(z, np.ones_like(z))
    assert peak.prominence == 0
    assert peak.confidence == 0


def texture(seed: int = 0, shape: tuple[int, int] = (256, 384)) -> np.ndarray:
    return np.random.default_rng(seed).uniform(60, 180, shape).astype(np.uint8)


def test_focus_falls_with_blur_and_ignores_brightness() -> None:
    import cv2

    sharp = texture()
    measures = [tile_focus(cv2.GaussianBlur(sharp, (0, 0), s), 8).mean() for s in (1, 2, 4)]
    assert measures[0] > measures[1] > measures[2] > 0
    dim = (cv2.GaussianBlur(sharp, (0, 0), 2) // 2).astype(np.uint8)
    assert tile_focus(dim, 8).mean() == pytest.approx(measures[1], rel=0.05)


def test_bits_and_colour_do_not_change_the_measure() -> None:
    grey = texture()
    rgb = np.repeat(grey[..., None], 3, axis=2)
    twelve = (grey.astype(np.uint32) * 4095 // 255).astype(np.uint16)
    expected = tile_focus(grey, 8)
    assert tile_focus(rgb, 8) == pytest.approx(expected, rel=0.05)
    assert tile_focus(twelve, 12) == pytest.approx(expected, rel=0.05)


def test_tiles_are_local() -> None:
    image = np.full((256, 384), 120, np.uint8)
    image[:64, :96] = texture(shape=(64, 96))
    tiles = tile_focus(image, 8, tiles=(4, 4))
    assert tiles[0, 0] > 0
    assert tiles[2:, 2:].max() == 0


def test_clipped_glints_are_left_out() -> None:
    image = np.full((256, 384), 120, np.uint8)
    image[100:120, 100:120] = 255
    assert tile_focus(image, 8).max() < 0.05 * tile_focus(texture(), 8).max()


def test_one_glint_does_not_move_the_pooled_peak() -> None:
    z = np.arange(0, 100, 5.0)
    tiles = np.repeat(gaussian(z, 40, 10)[:, None], 96, axis=1)
    tiles[:, 7] = 500 * gaussian(z, 85, 5)
    pooled = pooled_focus(tiles.reshape(len(z), 8, 12))
    assert find_peak(z, pooled).z_um == pytest.approx(40, abs=1)


def test_noise_of_frames_at_one_place_is_no_peak() -> None:
    z_um = np.array([*np.arange(400.0, 480.0, 8.0), 480.0, 480.0, 480.0])
    focus = np.full(len(z_um), 1.0)
    focus[-3:] += (2e-5, 3e-5, 1e-5)
    assert find_peak(z_um, focus).prominence < 0.01
