import numpy as np
import pytest

from models.evaluation.metrics import fmi, fmi_per_source
from models.evaluation.metrics.features import FEATURES


def slow_value(a, f):
    """One 3x3 window by the definition: cumulative distributions and their mixed differences."""
    a, f = a.T.ravel(), f.T.ravel()
    if (a == f).all() or (np.ptp(a) == 0 and np.ptp(f) == 0):
        return 1.0
    if np.ptp(a) == 0 or np.ptp(f) == 0:
        return 0.0
    p, q = ((x - x.min()) / (x - x.min()).sum() for x in (a, f))
    k = np.arange(1, 10)
    deviations = [np.sqrt(x @ k**2 - (x @ k) ** 2) for x in (p, q)]
    correlation = np.corrcoef(p, q)[0, 1]
    p_end, q_end = np.cumsum(p), np.cumsum(q)[:, None]
    bound = np.minimum(q_end, p_end) if correlation >= 0 else np.maximum(q_end + p_end - 1, 0)
    spread = correlation * deviations[0] * deviations[1]
    share = spread / (bound - q_end * p_end).sum() if abs(spread) > 1e-12 else 0
    mass = np.diff(np.diff(np.pad(bound, ((1, 0), (1, 0))), axis=0), axis=1)
    joint = share * mass + (1 - share) * np.outer(q, p)

    def entropy(x):
        x = x[np.abs(x) > 1e-15]
        return -np.sum(x * np.log2(np.abs(x)))

    both = entropy(p) + entropy(q)
    return 2 * (both - entropy(joint)) / both if both > 0 else 0.0


def slow_fmi(source, fused, feature):
    a, f = FEATURES[feature](source), FEATURES[feature](fused)
    rows, columns = a.shape
    return np.mean(
        [
            slow_value(a[y : y + 3, x : x + 3], f[y : y + 3, x : x + 3])
            for y in range(rows - 2)
            for x in range(columns - 2)
        ]
    )


@pytest.fixture
def stack():
    """Three frames with texture, flat and saturated parts, and a fused image equal to parts."""
    rng = np.random.default_rng(0)
    sources = rng.integers(0, 256, (3, 14, 17)).astype(float)
    sources[0, :, :6] = 255
    sources[1, 5:10] = rng.integers(0, 2, (5, 17))
    fused = sources.mean(axis=0).round()
    fused[:6, 8:] = sources[2, :6, 8:]
    fused[8:, :5] = 255
    return sources, fused


@pytest.mark.parametrize("feature", ["none", "gradient", "dct", "edge"])
def test_it_is_what_its_definition_says(stack, feature):
    sources, fused = stack
    expected = [slow_fmi(source, fused, feature) for source in sources]
    values = fmi_per_source(sources, fused, feature=feature)
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-10)


def test_mirrored_windows_need_the_lower_bound():
    rng = np.random.default_rng(1)
    source = rng.integers(0, 256, (12, 12)).astype(float)
    assert fmi(source[None], 255 - source) == pytest.approx(
        slow_fmi(source, 255 - source, "none"), abs=1e-10
    )


def test_options_follow_from_the_values_per_source(stack):
    sources, fused = stack
    values = fmi_per_source(sources, fused)
    assert fmi(sources, fused) == pytest.approx(values.mean())
    assert fmi(sources, fused, factor=1) == pytest.approx(values.mean() / 2)
    assert fmi(sources, fused, aggregation="sum", factor=1) == pytest.approx(values.sum() / 2)


@pytest.mark.parametrize("feature", FEATURES)
def test_a_copy_is_perfect(stack, feature):
    image = stack[0][2]
    assert fmi(image[None], image, feature=feature) == 1


def test_brightness_and_gain_do_not_matter():
    rng = np.random.default_rng(2)
    sources, fused = rng.uniform(0, 200, (2, 20, 20)), rng.uniform(0, 200, (20, 20))
    assert fmi(sources / 2 + 30, fused) == pytest.approx(fmi(sources, fused), abs=1e-9)


@pytest.mark.parametrize("feature", FEATURES)
def test_two_constants_agree_and_one_says_nothing_of_texture(feature):
    texture = np.random.default_rng(3).integers(0, 256, (120, 120)).astype(float)
    dark, bright = np.full_like(texture, 0.1), np.full_like(texture, 255)
    value = fmi(dark[None], bright, feature=feature)
    # The transforms differ where the level itself lies: their first coefficients.
    assert value == pytest.approx(1, abs=1e-3 if feature == "dct" else 1e-9)
    if feature not in ("edge", "wavelet"):
        assert fmi(dark[None], texture, feature=feature) < 0.01


def test_windows_of_a_wide_image_all_count():
    rng = np.random.default_rng(4)
    source, fused = rng.uniform(0, 255, (5, 3000)), rng.uniform(0, 255, (5, 3000))
    rows = [fmi(source[None, y : y + 3], fused[y : y + 3]) for y in range(3)]
    assert fmi(source[None], fused) == pytest.approx(np.mean(rows), abs=1e-12)
