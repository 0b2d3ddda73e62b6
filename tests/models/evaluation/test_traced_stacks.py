"""Scores of independent programs and code on path-traced stacks, met by ours."""

from pathlib import Path

import pytest

from models.evaluation.baselines import BASELINES
from models.evaluation.stack_folder import read_picture, read_stack
from models.evaluation.truth_scores import truth_scores

TRACED = Path(__file__).resolve().parents[3] / "../shared/stacks/traced"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not TRACED.is_dir(), reason=f"no path-traced stacks in {TRACED}"),
]


def check(image, stack, psnr_db, psnr_particles_db, ssim, ssim_particles):
    scores = truth_scores(image, stack)
    assert scores.psnr_db == pytest.approx(psnr_db, abs=0.006)
    assert scores.psnr_particles_db == pytest.approx(psnr_particles_db, abs=0.006)
    assert scores.ssim == pytest.approx(ssim, abs=0.0011)
    assert scores.ssim_particles == pytest.approx(ssim_particles, abs=0.0011)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("0001_reflected", (34.03, 32.99, 0.960, 0.931)),
        ("0002_bichromatic", (33.12, 32.80, 0.964, 0.941)),
        ("0003_transmitted", (30.33, 30.33, 0.965, 0.960)),
        ("0004_reflected_drift", (34.31, 31.19, 0.953, 0.920)),
    ],
)
def test_the_frame_nearest_to_the_true_height(name, expected):
    stack = read_stack(TRACED / name)
    check(read_picture(TRACED / name / "oracle_nearest.png"), stack, *expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("0001_reflected", (33.70, 32.46, 0.964, 0.942)),
        ("0002_bichromatic", (31.86, 31.31, 0.958, 0.946)),
        ("0004_reflected_drift", (34.92, 30.82, 0.963, 0.930)),
    ],
)
def test_soft_focus_weighting(name, expected):
    stack = read_stack(TRACED / name)
    check(BASELINES["soft-focus"](stack.frames), stack, *expected)
