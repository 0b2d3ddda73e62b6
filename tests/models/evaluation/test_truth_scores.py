import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evaluation.metrics import psnr, ssim
from models.evaluation.stack_folder import EvaluationStack
from models.evaluation.truth_scores import (
    height_scores,
    particles_and_rim,
    ssim_map,
    truth_scores,
)

SIZE = (60, 80)


@pytest.fixture
def stack():
    """A texture with one square particle of 20 pixels, 5 µm high."""
    truth = np.random.default_rng(0).integers(60, 200, (*SIZE, 3), dtype=np.uint8)
    labels = np.zeros(SIZE, np.uint16)
    labels[20:40, 30:50] = 7
    height = np.where(labels > 0, 5, 0).astype(np.float32)
    return EvaluationStack("synthetic", (truth,), (0.0,), truth, height, labels)


def test_particles_and_rim_by_hand(stack):
    particles, rim = particles_and_rim(stack.labels)
    assert particles.sum() == 400
    # Straight sides out to 10 pixels, and quarters of a disc at the corners: no pixel on both.
    assert not (particles & rim).any()
    assert rim[30, 20]
    assert not rim[30, 19]
    assert rim[19 - 6, 29 - 6]
    assert not rim[19 - 7, 29 - 7]


def test_errors_count_where_they_are(stack):
    wrong = stack.truth.copy()
    wrong[25, 35] += 30
    particle = truth_scores(wrong, stack)
    assert particle.psnr_particles_db == pytest.approx(10 * np.log10(255**2 / (900 / 400)))
    assert particle.psnr_db == pytest.approx(10 * np.log10(255**2 / (900 / 4800)))
    assert particle.psnr_rim_db == np.inf
    assert particle.ssim_particles < particle.ssim < 1

    wrong = stack.truth.copy()
    wrong[15, 35] += 30
    halo = truth_scores(wrong, stack)
    assert halo.psnr_particles_db == np.inf
    assert halo.psnr_rim_db < halo.psnr_db
    assert halo.ssim_rim < halo.ssim


def test_the_truth_itself_is_perfect(stack):
    scores = truth_scores(stack.truth, stack)
    assert scores.psnr_db == scores.psnr_particles_db == scores.psnr_rim_db == np.inf
    assert (scores.ssim, scores.ssim_particles, scores.ssim_rim) == pytest.approx((1, 1, 1))


def test_images_of_16_bit_are_scored_in_8(stack):
    frame = stack.truth.astype(np.uint16) * 257
    frame[0, 0] = 65535
    fine = EvaluationStack("fine", (frame,), truth=stack.truth)
    assert truth_scores(stack.truth.astype(np.uint16) * 257 + 100, fine).psnr_db == np.inf


def test_without_truth_or_labels_less_is_scored(stack):
    blind = EvaluationStack("blind", stack.frames)
    assert truth_scores(stack.truth, blind) is None
    assert height_scores(np.zeros(SIZE), blind) is None
    unlabelled = truth_scores(stack.truth, EvaluationStack("x", stack.frames, truth=stack.truth))
    assert unlabelled.psnr_db == np.inf
    assert unlabelled.psnr_particles_db is unlabelled.ssim_rim is None
    nothing = EvaluationStack(
        "glass", stack.frames, None, stack.truth, stack.height_um, np.zeros(SIZE, np.uint16)
    )
    assert truth_scores(stack.truth, nothing).psnr_particles_db is None
    assert height_scores(stack.height_um, nothing) is None


def test_frames_smaller_than_the_window_have_no_ssim():
    truth = np.zeros((8, 90, 3), np.uint8)
    tiny = EvaluationStack("tiny", (truth,), None, truth, None, np.ones((8, 90), np.uint8))
    scores = truth_scores(truth, tiny)
    assert scores.psnr_particles_db == np.inf
    assert scores.ssim is scores.ssim_particles is None


@settings(max_examples=20, deadline=None)
@given(st.integers(11, 40), st.integers(11, 40), st.integers(0, 99))
def test_the_map_averages_to_the_ssim_of_the_lumas(rows, columns, seed):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 256, (2, rows, columns), dtype=np.uint8)
    similarity = ssim_map(a, b)
    assert similarity.shape == (rows - 10, columns - 10)
    assert similarity.mean() == pytest.approx(ssim(a, b), abs=1e-9)


def test_height_errors_keep_the_offset(stack):
    measured = stack.height_um + 2
    measured[20:22, 30:50] += 3  # a tenth of the particle
    measured[:10] = 99  # not on a particle
    scores = height_scores(measured, stack)
    assert scores.mean_um == pytest.approx(0.9 * 2 + 0.1 * 5)
    assert scores.p95_um == pytest.approx(5)
    assert scores.bias_um == pytest.approx(2)
    assert height_scores(None, stack) is None


def test_whole_image_psnr_is_over_all_colours(stack):
    image = stack.truth.copy()
    image[..., 2] += 9
    assert truth_scores(image, stack).psnr_db == psnr(image, stack.truth)
    assert psnr(image, stack.truth) == pytest.approx(10 * np.log10(255**2 / 27))
