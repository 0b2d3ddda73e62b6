"""How well a model fuses synthetic stacks that it never trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.evaluation.metrics import psnr
from models.training.synthetic import StackShape, SyntheticStack, draw_stack
from models.wearif.model import WearIF
from models.wearif.sharpness import laplacian_energy, log_sharpness

_VALIDATION_SEED = 4_051_977
_STACKS_PER_COUNT = 2


@dataclass(frozen=True, slots=True)
class Score:
    """Peak signal-to-noise ratio of the fused luma against the truth, dB."""

    whole_db: float
    on_particles_db: float

    @classmethod
    def mean(cls, scores: Sequence[Score]) -> Score:
        """Return the mean of the decibels."""
        return cls(
            fmean(score.whole_db for score in scores),
            fmean(score.on_particles_db for score in scores),
        )

    def __str__(self) -> str:
        return f"{self.whole_db:.2f} / {self.on_particles_db:.2f} dB"


@dataclass(frozen=True)
class ValidationSet:
    """The same stacks for every training: a few for each number of frames.

    Parameters
    ----------
    height, width : int
        Pixels of a frame.
    frame_counts : tuple of int
        Batch normalisation that was trained on short stacks has to hold for long ones.
    """

    height: int
    width: int
    frame_counts: tuple[int, ...]

    @cached_property
    def stacks(self) -> dict[int, list[SyntheticStack]]:
        """The stacks by their number of frames."""
        return {
            count: [
                draw_stack(
                    (_VALIDATION_SEED, count, i),
                    StackShape(self.height, self.width, (count, count)),
                )
                for i in range(_STACKS_PER_COUNT)
            ]
            for count in self.frame_counts
        }

    def score(self, model: WearIF, device: torch.device) -> dict[int, Score]:
        """Return the model's mean score by number of frames, running in evaluation mode."""
        was_training = model.training
        model.eval()
        try:
            return {
                count: Score.mean([_score(_fused(model, s, device), s) for s in stacks])
                for count, stacks in self.stacks.items()
            }
        finally:
            model.train(was_training)

    @cached_property
    def baseline(self) -> dict[int, Score]:
        """The score of soft focus weighting by number of frames."""
        return {
            count: Score.mean([_score(soft_focus(_tensor(s.luma)), s) for s in stacks])
            for count, stacks in self.stacks.items()
        }


@torch.inference_mode()
def soft_focus(luma: Tensor, exponent: float = 8.0) -> Tensor:
    """Fuse without a network: weights are the local Laplacian energy to the power `exponent`.

    (N, 1, H, W) in 0..1 -> (1, 1, H, W).
    """
    weights = functional.softmax(
        exponent * log_sharpness(laplacian_energy(luma, 0.8), 3.0, 1e-3), dim=0
    )
    return (weights * luma).sum(dim=0, keepdim=True)


@torch.inference_mode()
def _fused(model: WearIF, stack: SyntheticStack, device: torch.device) -> Tensor:
    return model.fuse_luma(_tensor(stack.luma).to(device))[0].cpu()


def _tensor(luma: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(luma)[:, None]


def _score(fused: Tensor, stack: SyntheticStack) -> Score:
    image = fused[0, 0].clamp(0, 1).numpy()
    seen = stack.on_particles
    return Score(psnr(image, stack.truth, peak=1.0), psnr(image[seen], stack.truth[seen], peak=1.0))
