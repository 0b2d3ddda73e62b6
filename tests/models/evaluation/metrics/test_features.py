import numpy as np
import pytest

from models.evaluation.metrics.features import FEATURES
from models.evaluation.metrics.meyer import scaling_filter, wavelet_tiles


def test_the_gradient_is_horizontal():
    image = np.add.outer(100 * np.arange(4.0), np.arange(5.0) ** 2)
    np.testing.assert_allclose(FEATURES["gradient"](image)[2], [1, 2, 4, 6, 7])


def test_the_dct_of_a_constant_is_one_number():
    coefficients = FEATURES["dct"](np.full((4, 9), 10.0))
    assert coefficients[0, 0] == pytest.approx(10 * 6)
    assert np.abs(coefficients.ravel()[1:]).max() < 1e-12


def test_an_edge_is_one_pixel_wide():
    image = np.zeros((20, 30))
    image[:, 11:] = 200
    edges = FEATURES["edge"](image)
    assert set(np.unique(edges)) == {0, 1}
    np.testing.assert_array_equal(edges.sum(axis=1), 1)
    np.testing.assert_array_equal(FEATURES["edge"](np.ascontiguousarray(image.T)), edges.T)


def test_a_constant_image_has_no_edges():
    assert not FEATURES["edge"](np.full((8, 8), 255.0)).any()


def test_weak_gradients_are_no_edges():
    image = np.zeros((20, 30))
    image[:, 11:] = 200
    image[:, 22:] += 5
    assert not FEATURES["edge"](image)[:, 20:].any()


def test_meyers_filter_is_orthonormal_to_its_even_shifts():
    taps = scaling_filter()
    assert taps.shape == (102,)
    assert taps.sum() == pytest.approx(np.sqrt(2), abs=1e-5)
    products = [taps[: 102 - shift] @ taps[shift:] for shift in range(0, 40, 2)]
    np.testing.assert_allclose(products, [1] + [0] * 19, atol=1e-5)


def test_the_wavelet_keeps_the_energy_of_an_image_within_its_frame():
    image = np.zeros((300, 302))
    image[120:180, 130:170] = np.random.default_rng(0).uniform(0, 255, (60, 40))
    assert np.sum(wavelet_tiles(image) ** 2) == pytest.approx(np.sum(image**2), rel=1e-4)


def test_details_lie_beside_and_below_the_approximation():
    alternating_columns = np.broadcast_to((-1.0) ** np.arange(40), (50, 40))
    energy = wavelet_tiles(alternating_columns) ** 2
    assert energy.shape == (2 * 75, 2 * 70)
    assert energy[75:, :70].sum() > 0.9 * energy.sum()
    energy = wavelet_tiles(alternating_columns.T) ** 2
    assert energy[:70, 75:].sum() > 0.9 * energy.sum()
