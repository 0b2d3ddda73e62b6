"""The model being trained, with its running average and its optimiser."""

from __future__ import annotations

import math
from copy import deepcopy
from typing import Any, cast

import torch
from torch import Tensor, nn

from models.training.lessons import Lesson
from models.training.settings import TrainSettings
from models.training.team import Team
from models.wearif.model import WearIF, build_model
from models.wearif.weights import load_model


class WrongWeightsError(Exception):
    """Weights to start from are those of another model."""


class Trainee:
    """Takes one step after another.

    Parameters
    ----------
    settings : TrainSettings
    team : Team
        Gradients and the statistics of batch normalisation are averaged over it in every step, so
        that all of its models stay the same.
    """

    def __init__(self, settings: TrainSettings, team: Team) -> None:
        self._settings = settings
        self._team = team
        self._model = new_model(settings).to(team.device)
        self._averaged = deepcopy(self._model).requires_grad_(requires_grad=False)
        if settings.mixed_precision and team.device.type == "cuda":
            _mix_precision(self._model)
        self._optimiser = torch.optim.Adam(self._model.parameters(), lr=settings.learning_rate)

    @property
    def result(self) -> WearIF:
        """The model to be used: the running average, where there is one."""
        return self._averaged if self._settings.averaging else self._model

    def state(self) -> dict[str, Any]:
        """Return everything that steps change."""
        return {
            "model": self._model.state_dict(),
            "averaged": self._averaged.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Take up what `state` returned."""
        self._model.load_state_dict(state["model"])
        self._averaged.load_state_dict(state["averaged"])
        self._optimiser.load_state_dict(state["optimiser"])

    def step(self, lesson: Lesson, iteration: int) -> float:
        """Learn from one stack (on each rank from another) and return the loss, the team's mean.

        A loss that is no number is returned like any other, and nothing is learned from it.
        """
        settings = self._settings
        _set_training(
            self._model, norm_frozen=iteration >= settings.norm_frozen_from * settings.iterations
        )
        self._optimiser.param_groups[0]["lr"] = settings.learning_rate * rate(settings, iteration)
        loss = lesson.loss_of(self._model)
        self._optimiser.zero_grad()
        torch.autograd.backward(loss)
        value = self._share(loss)
        if not math.isfinite(value):
            return value
        nn.utils.clip_grad_norm_(self._model.parameters(), settings.clip)
        self._optimiser.step()
        _average(self._averaged, self._model, settings.averaging, iteration)
        return value

    def _share(self, loss: Tensor) -> float:
        shared = loss.detach().float()
        gradients = [p.grad for p in self._model.parameters() if p.grad is not None]
        statistics = [b for b in self._model.buffers() if b.is_floating_point()]
        self._team.average([shared, *gradients, *statistics])
        return shared.item()


def rate(settings: TrainSettings, iteration: int) -> float:
    """Return the share of the full learning rate: linear warm-up, then half a cosine to 0."""
    if iteration < settings.warm_up:
        return (iteration + 1) / settings.warm_up
    left = max(1, settings.iterations - settings.warm_up)
    return 0.5 * (1 + math.cos(math.pi * (iteration - settings.warm_up) / left))


def new_model(settings: TrainSettings) -> WearIF:
    """Build the model, untrained or with the weights to start from.

    Raises
    ------
    WrongWeightsError
        The weights to start from belong to another model.
    WeightsError
        They cannot be read.
    """
    if settings.start_from is not None:
        model: WearIF = load_model(str(settings.start_from))
        if model.config.name != settings.model:
            raise WrongWeightsError(
                f"{settings.start_from}: weights of the model {model.config.name}, "
                f"which cannot be trained as {settings.model}"
            )
    else:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            model = build_model(settings.config)
    for norm in _norms(model):
        norm.momentum = settings.norm_momentum
    return model


def _mix_precision(model: WearIF) -> None:
    """Let the network's convolutions work in bfloat16.

    All around it, differences of nearly equal numbers need their digits. Unlike float16, bfloat16
    spans float32's range, so that gradients need no scaling.
    """
    network = cast("nn.Module", model.network)
    precise = network.forward

    def mixed(images: Tensor) -> Tensor:
        with torch.autocast("cuda", torch.bfloat16):
            maps: Tensor = precise(images)
        return maps.float()

    network.forward = mixed


def _set_training(model: WearIF, *, norm_frozen: bool) -> None:
    model.train()
    if norm_frozen:
        for norm in _norms(model):
            norm.eval()


def _norms(model: nn.Module) -> list[nn.BatchNorm2d]:
    return [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]


@torch.no_grad()
def _average(averaged: nn.Module, model: nn.Module, decay: float, iteration: int) -> None:
    """Move the running mean of weights and statistics towards the model's."""
    # While few iterations are done, the mean must not remember the untrained start.
    decay = min(decay, (1 + iteration) / (10 + iteration))
    for mean, value in zip(
        averaged.state_dict().values(), model.state_dict().values(), strict=True
    ):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - decay)
        else:
            mean.copy_(value)
