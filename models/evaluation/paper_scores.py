"""Stacks that the paper's tables are run on, and how a fused image of one is scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.evaluation.levels import eight_bit, grey_levels
from models.evaluation.metrics import fmi, q_cb, q_g, q_y, scd
from models.evaluation.paper_variants import PAPER_METRICS
from models.evaluation.stack_folder import EvaluationStack
from models.evaluation.truth_scores import truth_scores
from models.training.synthetic import StackShape, draw_stack

WHOLE, ON_PARTICLES = "PSNR", "PSNR on particles"
COLUMNS = (*PAPER_METRICS, WHOLE, ON_PARTICLES)

Scores = dict[str, float]
"""By column; stacks without truth have no PSNR."""

_TEST_SEED = 7_219_603


@cache
def synthetic_stacks(count: int, shape: StackShape) -> tuple[EvaluationStack, ...]:
    """Return a test set: the same stacks always, of other seeds than training's, 8 bit, grey."""
    drawn = (draw_stack((_TEST_SEED, i), shape) for i in range(count))
    return tuple(
        EvaluationStack(
            name=f"synthetic {i}",
            frames=tuple(eight_bit_luma(stack.luma)),
            z_um=tuple(stack.z_um.tolist()),
            truth=eight_bit_luma(stack.truth),
            labels=stack.on_particles.astype(np.uint8),
        )
        for i, stack in enumerate(drawn)
    )


def middle_in_grey(stack: EvaluationStack, height: int, width: int) -> EvaluationStack:
    """Return the luma of the middle of a stack, at most ``height`` x ``width`` pixels."""
    rows, columns = (
        slice((side - kept) // 2, (side - kept) // 2 + kept)
        for side, kept in zip(stack.size, np.minimum(stack.size, (height, width)), strict=True)
    )

    def part(image: NDArray[Any]) -> NDArray[np.uint8]:
        return grey_levels(eight_bit(image[rows, columns], stack.white)).astype(np.uint8)

    return replace(
        stack,
        frames=tuple(part(frame) for frame in stack.frames),
        truth=None if stack.truth is None else part(stack.truth),
        height_um=None if stack.height_um is None else stack.height_um[rows, columns],
        labels=None if stack.labels is None else stack.labels[rows, columns],
    )


def score(image: NDArray[np.uint8], stack: EvaluationStack) -> Scores:
    """Score a fused image against the stack's frames, and against its truth if there is one.

    Parameters
    ----------
    image : ndarray of shape (H, W), uint8
    stack : EvaluationStack
        Grey.
    """
    sources, fused = np.stack(stack.frames).astype(np.float64), image.astype(np.float64)
    scores = {
        "FMI": fmi(sources, fused),
        "Qg": q_g(sources, fused),
        "Qy": q_y(sources, fused),
        "Qcb": q_cb(sources, fused),
        "SCD": scd(sources, fused),
    }
    against_truth = truth_scores(image, stack)
    if against_truth is not None:
        scores[WHOLE] = against_truth.psnr_db
        if against_truth.psnr_particles_db is not None:
            scores[ON_PARTICLES] = against_truth.psnr_particles_db
    return scores


def mean_scores(scores: Sequence[Scores]) -> Scores:
    """Return the means of the columns that all of them have."""
    return {
        column: fmean(each[column] for each in scores)
        for column in COLUMNS
        if all(column in each for each in scores)
    }


def eight_bit_luma(luma: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return luma of 0..1 as whole grey levels."""
    levels: NDArray[np.uint8] = np.rint(luma.clip(0, 1) * 255).astype(np.uint8)
    return levels
