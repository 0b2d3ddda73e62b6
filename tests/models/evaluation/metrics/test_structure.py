from itertools import combinations

import numpy as np
import pytest

from models.evaluation.metrics import q_y


def slow_q_y(sources, fused, max_branch=True):
    """The definition, window by window."""
    offset = np.arange(-3, 4)
    window = np.exp(-(offset[:, None] ** 2 + offset**2) / (2 * 1.5**2))
    window /= window.sum()

    def moments(x, y):
        mean_x, mean_y = (window * x).sum(), (window * y).sum()
        centred = (x - mean_x) * (y - mean_y)
        return mean_x, mean_y, (window * centred).sum()

    def ssim(x, y):
        mean_x, mean_y, covariance = moments(x, y)
        variances = moments(x, x)[2] + moments(y, y)[2]
        return 4 * mean_x * mean_y * covariance / ((mean_x**2 + mean_y**2) * variances)

    values = []
    for row in range(fused.shape[0] - 6):
        for column in range(fused.shape[1] - 6):
            at = np.s_[row : row + 7, column : column + 7]
            windows = [source[at] for source in sources]
            kept = np.array([ssim(each, fused[at]) for each in windows])
            variances = np.array([moments(each, each)[2] for each in windows])
            alike = np.mean([ssim(x, y) for x, y in combinations(windows, 2)])
            weighted = kept @ variances / variances.sum()
            values.append(weighted if alike >= 0.75 or not max_branch else kept.max())
    return np.mean(values)


@pytest.fixture
def stack():
    """Frames that resemble each other on the left and differ on the right."""
    rng = np.random.default_rng(1)
    base = rng.integers(20, 200, (14, 19))
    amplitude = np.where(np.arange(19) < 9, 10, 150)
    sources = base + (rng.random((3, 14, 19)) * amplitude).round()
    return sources, sources.mean(axis=0).round()


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("max_branch", [True, False])
def test_it_is_what_its_definition_says(stack, n, max_branch):
    sources, fused = stack
    expected = slow_q_y(sources[:n], fused, max_branch)
    assert q_y(sources[:n], fused, max_branch=max_branch) == pytest.approx(expected, abs=1e-10)


def test_both_branches_take_part(stack):
    sources, fused = stack
    left = q_y(sources[:, :, :9], fused[:, :9])
    assert left == q_y(sources[:, :, :9], fused[:, :9], max_branch=False)
    assert q_y(sources, fused) > q_y(sources, fused, max_branch=False) + 0.01


def test_a_tall_image_is_the_sum_of_its_bands():
    rng = np.random.default_rng(2)
    sources, fused = rng.uniform(0, 255, (2, 150, 9)), rng.uniform(0, 255, (150, 9))
    windows = [q_y(sources[:, row : row + 7], fused[row : row + 7]) for row in range(144)]
    assert q_y(sources, fused) == pytest.approx(np.mean(windows), abs=1e-10)


def test_copies_are_perfect(stack):
    image = stack[0][0]
    assert q_y(image[None], image) == pytest.approx(1, abs=1e-9)
    assert q_y(np.stack([image] * 3), image) == pytest.approx(1, abs=1e-9)


def test_constant_windows_are_compared_by_their_luminance():
    dark, bright = np.full((1, 9, 9), 50.0), np.full((9, 9), 100.0)
    assert q_y(dark, bright) == pytest.approx(2 * 50 * 100 / (50**2 + 100**2), abs=1e-12)


def test_texture_that_a_constant_frame_lacks_is_not_kept_from_it():
    texture = np.random.default_rng(3).uniform(0, 255, (9, 9))
    for level in (0.0, 0.1, 200.0, 255.0):
        assert q_y(np.full((1, 9, 9), level), texture) == pytest.approx(0, abs=1e-12)
