"""Stacks made ready to learn from, once for all their showings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from models.training.losses import FusionLoss, loss_for
from models.training.settings import TrainSettings
from models.training.stack_source import Sample, Showing
from models.wearif.model import StreamingWearIF, WearIF
from models.wearif.streaming import FocusFeatures


@dataclass(frozen=True, slots=True)
class Lesson:
    """A stack with all that does not depend on the network's weights.

    Parameters
    ----------
    luma : Tensor
        (N, 1, H, W) in 0..1.
    features : FocusFeatures or None
        What the default model measures in the frames; the published one measures nothing.
    loss : FusionLoss
        Knows what the fused image should be like.
    """

    luma: Tensor
    features: FocusFeatures | None
    loss: FusionLoss

    @classmethod
    def of(cls, model: WearIF, luma: Tensor, loss: FusionLoss) -> Self:
        """Prepare a stack for the models of one kind."""
        features = model.features(luma) if isinstance(model, StreamingWearIF) else None
        return cls(luma, features, loss)

    def fused_by(self, model: WearIF) -> Tensor:
        """Return the fused luma, differentiable by the model's weights: (1, 1, H, W)."""
        if isinstance(model, StreamingWearIF) and self.features is not None:
            return model.fuse_features(self.features, self.luma)[0]
        return model.fuse_luma(self.luma)[0]

    def loss_of(self, model: WearIF) -> Tensor:
        """Return the loss of the image that the model fuses, a scalar."""
        return self.loss(self.fused_by(model))


class Lessons:
    """Prepares stacks and keeps the latest ones: a stack is shown several times.

    Parameters
    ----------
    settings : TrainSettings
    model : WearIF
        Of the kind that learns; its weights do not matter.
    device : torch.device
    """

    def __init__(self, settings: TrainSettings, model: WearIF, device: torch.device) -> None:
        self._settings = settings
        self._model = model
        self._device = device
        self._capacity = settings.block if settings.reuse > 1 else 1
        self._kept: dict[int, Lesson] = {}

    def of(self, showing: Showing) -> Lesson:
        """Return the lesson of a showing's stack."""
        if showing.slot not in self._kept:
            while len(self._kept) >= self._capacity:
                del self._kept[next(iter(self._kept))]
            self._kept[showing.slot] = self._prepare(showing.sample)
        return self._kept[showing.slot]

    def _prepare(self, sample: Sample) -> Lesson:
        luma = torch.from_numpy(sample.luma)[:, None].to(self._device)
        truth = None
        if sample.truth is not None:
            truth = torch.from_numpy(sample.truth)[None, None].to(self._device)
        loss = loss_for(self._settings.loss, luma, truth, self._settings.loss_terms)
        return Lesson.of(self._model, luma, loss)
