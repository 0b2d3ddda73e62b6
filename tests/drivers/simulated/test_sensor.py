from dataclasses import replace

import numpy as np
import pytest

from drivers.simulated.focal_volume import FULL_SCALE
from drivers.simulated.sensor import Sensor
from drivers.simulated.settings import SimulationSettings

SETTINGS = SimulationSettings(width=96, height=64, vignetting=0.0)
SHAPE = (64, 96, 3)


def light(radiance: float) -> np.ndarray:
    return np.full(SHAPE, radiance * FULL_SCALE, np.float32)


def linear(picture: np.ndarray) -> float:
    return float(np.mean((picture / 255.0) ** 2))


@pytest.mark.parametrize("radiance", [0.05, 0.25, 0.81])
def test_noise_is_that_of_photons_and_read_out(radiance: float) -> None:
    sensor = Sensor(SETTINGS)
    stack = np.array([sensor.expose(light(radiance), 4.0, 0.0, i) for i in range(40)], float)
    electrons = radiance * SETTINGS.full_well
    deviation = np.sqrt(electrons + SETTINGS.read_noise**2)
    # d(255 √(e/w)) = 255 / (2 √(e·w)) de; rounding to whole numbers adds 1/12.
    expected = np.hypot(127.5 / np.sqrt(electrons * SETTINGS.full_well) * deviation, 12**-0.5)
    assert stack.std(axis=0).mean() == pytest.approx(expected, rel=0.05)
    assert stack.mean() == pytest.approx(255 * np.sqrt(radiance), abs=0.3)
    assert not np.array_equal(stack[0], stack[1])


def test_same_picture_same_noise() -> None:
    one, twin = (Sensor(SETTINGS).expose(light(0.3), 4.0, 0.0, 7) for _ in range(2))
    np.testing.assert_array_equal(one, twin)


def test_exposure_and_gain_scale_the_light() -> None:
    sensor = Sensor(replace(SETTINGS, noise=False))
    base = linear(sensor.expose(light(0.2), 4.0, 0.0, 0))
    assert linear(sensor.expose(light(0.2), 8.0, 0.0, 0)) == pytest.approx(2 * base, rel=0.02)
    assert linear(sensor.expose(light(0.2), 4.0, 6.0, 0)) == pytest.approx(1.995 * base, rel=0.02)
    assert sensor.expose(light(0.9), 400.0, 0.0, 0).min() == 255


def test_gain_amplifies_noise_where_exposure_does_not() -> None:
    sensor = Sensor(SETTINGS)
    exposed = sensor.expose(light(0.1), 16.0, 0.0, 0)
    amplified = sensor.expose(light(0.1), 4.0, 12.04, 0)
    assert exposed.mean() == pytest.approx(amplified.mean(), abs=1)
    assert amplified.std() > 1.7 * exposed.std()


def test_corners_are_darker_by_the_vignetting() -> None:
    picture = Sensor(replace(SETTINGS, vignetting=0.2)).picture(light(0.5)).astype(float)
    assert (picture[0, 0, 0] / picture[32, 48, 0]) ** 2 == pytest.approx(0.8, abs=0.02)
