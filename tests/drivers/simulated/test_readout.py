from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivers.camera import CameraSettings, Region, WhiteBalance
from drivers.simulated.readout import caps_of, default_settings, read_out, settle
from drivers.simulated.settings import SimulationSettings

SIMULATION = SimulationSettings(width=163, height=97)
DEFAULT = default_settings(SIMULATION)


def picture() -> np.ndarray:
    return np.random.default_rng(1).integers(20, 120, (97, 163, 3)).astype(np.uint8)


def test_by_default_nothing_is_changed() -> None:
    assert read_out(picture(), DEFAULT) is not None
    np.testing.assert_array_equal(read_out(picture(), DEFAULT), picture())
    np.testing.assert_array_equal(read_out(picture(), CameraSettings(4, 0, 30)), picture())


def test_white_balance_multiplies_the_light_and_the_black_level_adds() -> None:
    settings = replace(DEFAULT, white_balance=WhiteBalance(4.0, 1.0, 0.25), black_level=5.0)
    expected = picture() * np.array([2.0, 1.0, 0.5]) + 5
    np.testing.assert_allclose(read_out(picture(), settings), expected.clip(0, 255), atol=0.51)


@pytest.mark.parametrize("binning", [2, 3, 4])
def test_binned_pixels_are_means(binning: int) -> None:
    settings = settle(SIMULATION, DEFAULT, replace(DEFAULT, binning=binning, region=None))
    image = read_out(picture(), settings)
    caps = caps_of(SIMULATION, settings)
    assert image.shape == (caps.height, caps.width, 3) == (97 // binning, 163 // binning, 3)
    expected = picture()[binning : 2 * binning, :binning].mean((0, 1))
    np.testing.assert_allclose(image[1, 0], expected, atol=0.51)


def test_a_region_is_cut_out() -> None:
    settings = settle(SIMULATION, DEFAULT, replace(DEFAULT, region=Region(10, 20, 30, 40)))
    np.testing.assert_array_equal(read_out(picture(), settings), picture()[20:60, 10:40])


def test_grey() -> None:
    image = read_out(picture(), replace(DEFAULT, pixel_format="Mono8"))
    assert image.shape == (97, 163)
    assert not caps_of(SIMULATION, replace(DEFAULT, pixel_format="Mono8")).colour
