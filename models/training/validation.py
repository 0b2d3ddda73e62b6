"""How well a model fuses stacks that it never trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.evaluation.metrics import psnr
from models.training.losses import FusionLoss, loss_for
from models.training.real_stacks import RealDraw, RealStack
from models.training.settings import TrainSettings
from models.training.synthetic import StackShape, SyntheticStack, draw_stack
from models.wearif.model import WearIF
from models.wearif.sharpness import laplacian_energy, log_sharpness

_VALIDATION_SEED = 4_051_977
_STACKS_PER_COUNT = 6
_REAL_STACKS = 8
# Small frames: many different slides say more than many pixels of a few.
_HEIGHT, _WIDTH = 160, 240


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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a validation found.

    Parameters
    ----------
    scores, baseline : dict of int to Score
        Of the model and of soft focus weighting on synthetic stacks, by number of frames.
    real_loss : float or None
        Mean loss on real stacks, where there are any.
    merit : float
        One number to choose weights by, larger for better ones: the mean of the decibels, or,
        where all learning is from real stacks, the loss on these with its sign turned.
    """

    scores: dict[int, Score]
    baseline: dict[int, Score]
    real_loss: float | None
    merit: float

    @property
    def score(self) -> Score:
        """The model's mean over all stacks."""
        return Score.mean(list(self.scores.values()))

    @property
    def baseline_score(self) -> Score:
        """Soft focus weighting's mean over all stacks."""
        return Score.mean(list(self.baseline.values()))


class ValidationSet:
    """The same stacks in every training: six for each number of frames, and real ones if given.

    Batch normalisation that was trained on short stacks has to hold for long ones. The stacks are
    drawn at first use and kept.

    Parameters
    ----------
    settings : TrainSettings
    device : torch.device
    real_stacks : sequence of RealStack
        Not learned from.
    """

    def __init__(
        self, settings: TrainSettings, device: torch.device, real_stacks: Sequence[RealStack] = ()
    ) -> None:
        self._settings = settings
        self._device = device
        self._real_stacks = real_stacks
        self._height = min(settings.height, _HEIGHT)
        self._width = min(settings.width, _WIDTH)

    @cached_property
    def stacks(self) -> dict[int, list[SyntheticStack]]:
        """The synthetic stacks by their number of frames."""
        return {
            count: [
                draw_stack((_VALIDATION_SEED, count, i), self._shape((count, count)))
                for i in range(_STACKS_PER_COUNT)
            ]
            for count in self._settings.validation_frames
        }

    @cached_property
    def baseline(self) -> dict[int, Score]:
        """The score of soft focus weighting by number of frames."""
        return {
            count: Score.mean([_score(soft_focus(_tensor(s.luma)), s) for s in stacks])
            for count, stacks in self.stacks.items()
        }

    def judge(self, model: WearIF) -> Verdict:
        """Score a model, which is run as in use."""
        scores = {
            count: Score.mean([_score(self.fused(model, s), s) for s in stacks])
            for count, stacks in self.stacks.items()
        }
        real_loss = self._loss_on_real(model)
        mean = Score.mean(list(scores.values()))
        merit = (mean.whole_db + mean.on_particles_db) / 2
        if real_loss is not None and self._settings.mix == 1:
            merit = -real_loss
        return Verdict(scores, self.baseline, real_loss, merit)

    @torch.inference_mode()
    def fused(self, model: WearIF, stack: SyntheticStack) -> Tensor:
        """Return the fused luma of a stack, (1, 1, H, W)."""
        with _in_use(model):
            return model.fuse_luma(_tensor(stack.luma).to(self._device))[0].cpu()

    @torch.inference_mode()
    def _loss_on_real(self, model: WearIF) -> float | None:
        if not self._real:
            return None
        with _in_use(model):
            return fmean(loss(model.fuse_luma(luma)[0]).item() for luma, loss in self._real)

    @cached_property
    def _real(self) -> list[tuple[Tensor, FusionLoss]]:
        if not self._real_stacks:
            return []
        draw = RealDraw(self._real_stacks, self._shape(self._settings.frames))
        seeds = [(_VALIDATION_SEED, i) for i in range(_REAL_STACKS)]
        lumas = [_tensor(draw(seed).luma).to(self._device) for seed in seeds]
        terms = self._settings.loss_terms
        return [(luma, loss_for(self._settings.loss, luma, None, terms)) for luma in lumas]

    def _shape(self, frames: tuple[int, int]) -> StackShape:
        return StackShape(self._height, self._width, frames)


@torch.inference_mode()
def soft_focus(luma: Tensor, exponent: float = 8.0) -> Tensor:
    """Fuse without a network: weights are the local Laplacian energy to the power `exponent`.

    (N, 1, H, W) in 0..1 -> (1, 1, H, W).
    """
    weights = functional.softmax(
        exponent * log_sharpness(laplacian_energy(luma, 0.8), 3.0, 1e-3), dim=0
    )
    return (weights * luma).sum(dim=0, keepdim=True)


@contextmanager
def _in_use(model: WearIF) -> Iterator[None]:
    """Run a model as in use, not as in training."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


def _tensor(luma: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(luma)[:, None]


def _score(fused: Tensor, stack: SyntheticStack) -> Score:
    image = fused[0, 0].clamp(0, 1).numpy()
    # A slide may happen to be bare.
    seen = stack.on_particles if stack.on_particles.any() else np.isfinite(image)
    return Score(psnr(image, stack.truth, peak=1.0), psnr(image[seen], stack.truth[seen], peak=1.0))
