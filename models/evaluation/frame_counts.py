"""Fig. 11 of the paper: what more frames are worth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from models.evaluation.paper_scores import Scores, mean_scores, score, synthetic_stacks
from models.evaluation.stack_folder import EvaluationStack
from models.training.synthetic import StackShape
from models.wearif.fusion import fuse
from models.wearif.weights import available_models, load_model

FEWER, MORE = 32, 60
"""Frames of Fig. 11(a) and (b)."""
_STACKS = 4


@dataclass(frozen=True, slots=True)
class FrameCountScore:
    """Mean scores of a shipped model on some of the frames of long sweeps."""

    model: str
    frames: str
    scores: Scores


def compare_frame_counts(shape: StackShape, stacks: int = _STACKS) -> list[FrameCountScore]:
    """Fuse sweeps whole, and with fewer frames in the two ways one can have fewer.

    The paper keeps the 32 frames of largest Laplacian gradient (sec. 3.2), which leaves ends of
    the sweep out; 32 frames spread over the sweep leave no height out but step wider.

    Parameters
    ----------
    shape : StackShape
        With `MORE` frames.
    stacks : int
        How many sweeps.

    Returns
    -------
    list of FrameCountScore
        Scored against the truth and against all frames of the sweep, whichever were fused.
    """
    sweeps = synthetic_stacks(stacks, shape)
    choices = {
        f"{FEWER} sharpest": sharpest_frames,
        f"{FEWER} spread": spread_frames,
        f"all {MORE}": _all_frames,
    }
    return [
        FrameCountScore(
            name,
            choice,
            mean_scores(
                [score(fuse(of(sweep, FEWER).frames, model).fused, sweep) for sweep in sweeps]
            ),
        )
        for name, model in ((name, load_model(name)) for name in available_models())
        for choice, of in choices.items()
    ]


def sharpest_frames(stack: EvaluationStack, count: int) -> EvaluationStack:
    """Keep the frames of largest mean absolute Laplacian, in z order."""
    sharpness = [np.abs(cv2.Laplacian(frame, cv2.CV_32F)).mean() for frame in stack.frames]
    return _kept(stack, sorted(np.argsort(sharpness)[-count:].tolist()))


def spread_frames(stack: EvaluationStack, count: int) -> EvaluationStack:
    """Keep frames at even distances from the first to the last."""
    return _kept(stack, np.linspace(0, len(stack.frames) - 1, count).round().astype(int).tolist())


def _all_frames(stack: EvaluationStack, count: int) -> EvaluationStack:  # noqa: ARG001
    return stack


def _kept(stack: EvaluationStack, indices: list[int]) -> EvaluationStack:
    z_um = None if stack.z_um is None else tuple(stack.z_um[i] for i in indices)
    return replace(stack, frames=tuple(stack.frames[i] for i in indices), z_um=z_um)
