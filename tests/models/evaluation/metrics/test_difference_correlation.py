import numpy as np
import pytest

from models.evaluation.metrics import scd, scd_per_source


def r(x, y):
    return np.corrcoef(x.ravel(), y.ravel())[0, 1]


@pytest.fixture
def stack():
    rng = np.random.default_rng(0)
    sources = rng.integers(0, 256, (4, 15, 17)).astype(float)
    return sources, sources[:, :, ::-1].max(axis=0) + sources.mean(axis=0)


def test_two_frames_give_the_original(stack):
    (a, b), fused = stack[0][:2], stack[1]
    original = r(fused - b, a) + r(fused - a, b)
    assert scd(stack[0][:2], fused, aggregation="sum") == pytest.approx(original, abs=1e-12)
    for difference in ("mean_of_others", "sum_of_others", "each_other"):
        value = scd(stack[0][:2], fused, difference=difference)
        assert value == pytest.approx(original / 2, abs=1e-12)


def test_each_difference_is_what_it_is_called(stack):
    sources, fused = stack
    rest = [np.delete(sources, i, axis=0) for i in range(4)]
    taken = {
        "mean_of_others": [others.mean(axis=0) for others in rest],
        "sum_of_others": [others.sum(axis=0) for others in rest],
        "itself": list(sources),
        "mean_of_all": [sources.mean(axis=0)] * 4,
    }
    for difference, images in taken.items():
        expected = [r(fused - each, own) for each, own in zip(images, sources, strict=True)]
        values = scd_per_source(sources, fused, difference=difference)
        np.testing.assert_allclose(values, expected, rtol=0, atol=1e-12)
    pairs = [[r(fused - other, own) for other in rest[i]] for i, own in enumerate(sources)]
    values = scd_per_source(sources, fused, difference="each_other")
    np.testing.assert_allclose(values, np.mean(pairs, axis=1), rtol=0, atol=1e-12)


def test_a_single_frame_is_correlated_with_the_fused_image(stack):
    sources, fused = stack
    for difference in ("mean_of_others", "sum_of_others", "each_other"):
        value = scd(sources[:1], fused, difference=difference)
        assert value == pytest.approx(r(fused, sources[0]), abs=1e-12)


def test_a_constant_image_is_correlated_with_nothing(stack):
    a, b = stack[0][:2]
    # The fused image is frame a: nothing is left of it beside b.
    np.testing.assert_allclose(scd_per_source(np.stack([a, b]), a), [r(a - b, a), 0], atol=1e-12)
    constant = np.full_like(a, 0.1)
    values = scd_per_source(np.stack([a, constant]), b)
    np.testing.assert_allclose(values, [r(b, a), 0], atol=1e-12)
    assert scd(np.stack([constant, constant]), b) == 0
