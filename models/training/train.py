"""The training loop."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable
from contextlib import ExitStack
from copy import deepcopy
from pathlib import Path
from statistics import fmean

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.training.checkpoint import Checkpoint
from models.training.losses import loss_for
from models.training.model_card import write_card
from models.training.settings import Progress, TrainReport, TrainSettings
from models.training.stack_source import Sample, StackSource, SyntheticSource
from models.training.validation import Score, ValidationSet
from models.wearif.model import ModelConfig, WearIF, build_model
from models.wearif.weights import load_model, save_model

SYNTHETIC_DATA = (
    "synthetic ferrogram stacks drawn by `models.training.synthetic`: layered defocus with "
    "occlusion, four kinds of light, camera noise"
)


class TrainingError(Exception):
    """Training cannot go on; the message says where and why."""


def train(
    settings: TrainSettings,
    on_progress: Callable[[Progress], None] | None = None,
    source: StackSource | None = None,
    data: str = SYNTHETIC_DATA,
) -> TrainReport:
    """Train a model, or go on with a training that was interrupted.

    A checkpoint in the output folder is taken up; the result then equals that of an uninterrupted
    run (bit by bit on a CPU with the same number of threads).

    Parameters
    ----------
    settings : TrainSettings
    on_progress : callable, optional
        Called after every iteration; an exception from it ends the training.
    source : StackSource, optional
        Stacks to learn from; by default synthetic ones.
    data : str
        For the model card: what `source` holds.

    Raises
    ------
    TrainingError
        The loss became infinite or not a number.
    CheckpointError
        There is a checkpoint of other settings in the output folder, or a damaged one.
    OSError
        The output folder cannot be written.
    """
    settings.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_sources:
        if source is None:
            source = open_sources.enter_context(
                SyntheticSource(
                    settings.seed, settings.shape, settings.workers, settings.reuse, settings.block
                )
            )
        run = _Run(settings, source, data)
        run.resume()
        run.go(on_progress or (lambda _: None))
        return run.report()


class _Run:
    """A training under way."""

    def __init__(self, settings: TrainSettings, source: StackSource, data: str) -> None:
        self._settings = settings
        self._source = source
        self._data = data
        self._device = settings.torch_device
        self._model = _new_model(settings).to(self._device)
        self._averaged = deepcopy(self._model).requires_grad_(requires_grad=False)
        self._optimiser = torch.optim.Adam(self._model.parameters(), lr=settings.learning_rate)
        self._validation = ValidationSet(
            settings.height, settings.width, settings.validation_frames
        )
        self._iteration = 0
        self._seconds = 0.0
        self._losses: list[float] = []
        self._curve: list[dict[str, float]] = []

    @property
    def _checkpoint_path(self) -> Path:
        return self._settings.out / "checkpoint.pt"

    def resume(self) -> None:
        """Take up the checkpoint in the output folder, if there is one."""
        if not self._checkpoint_path.exists():
            return
        kept = Checkpoint.load(self._checkpoint_path, self._settings.deciding())
        self._model.load_state_dict(kept.model)
        self._averaged.load_state_dict(kept.averaged)
        self._optimiser.load_state_dict(kept.optimiser)
        self._iteration, self._seconds = kept.iteration, kept.seconds
        self._losses, self._curve = kept.losses, kept.curve

    def go(self, on_progress: Callable[[Progress], None]) -> None:
        """Run to the last iteration."""
        settings = self._settings
        if self._iteration == 0:
            on_progress(Progress(0, settings.iterations, math.nan, *self._validate()))
        while self._iteration < settings.iterations:
            started = time.monotonic()
            loss = self._step(self._source.sample(self._iteration))
            self._losses.append(loss)
            self._iteration += 1
            self._seconds += time.monotonic() - started
            scores = self._validate() if self._is_due(settings.validate_every) else (None, None)
            if self._is_due(settings.checkpoint_every):
                self._save()
            on_progress(Progress(self._iteration, settings.iterations, loss, *scores))

    def report(self) -> TrainReport:
        """Write weights, model card and curve."""
        settings = self._settings
        scores = self._validation.score(self._result, self._device)
        baseline = self._validation.baseline
        weights = settings.out / f"{settings.model}.safetensors"
        card = write_card(settings, self._iteration, self._seconds, scores, baseline, self._data)
        save_model(self._result, weights, card)
        return TrainReport(
            weights=weights,
            card=weights.with_suffix(".md"),
            curve=self._write_curve(),
            iterations=self._iteration,
            seconds=self._seconds,
            scores=scores,
            baseline=baseline,
        )

    @property
    def _result(self) -> WearIF:
        return self._averaged if self._settings.averaging else self._model

    def _is_due(self, every: int) -> bool:
        return self._iteration % every == 0 or self._iteration == self._settings.iterations

    def _step(self, sample: Sample) -> float:
        settings = self._settings
        luma = torch.from_numpy(sample.luma)[:, None].to(self._device)
        truth = None if sample.truth is None else _image(sample.truth).to(self._device)
        loss_of = loss_for(settings.loss, luma, truth, settings.loss_terms)
        frozen = self._iteration >= settings.norm_frozen_from * settings.iterations
        _set_training(self._model, norm_frozen=frozen)
        for group in self._optimiser.param_groups:
            group["lr"] = settings.learning_rate * rate(settings, self._iteration)
        fused, _ = self._model.fuse_luma(luma)
        loss = loss_of(fused)
        if not torch.isfinite(loss):
            raise TrainingError(
                f"training {settings.model} in {settings.out}: the loss is {loss.item()} in "
                f"iteration {self._iteration}; go on from the checkpoint with a lower learning rate"
            )
        self._optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self._model.parameters(), settings.clip)
        self._optimiser.step()
        _average(self._averaged, self._model, settings.averaging, self._iteration)
        return loss.item()

    def _validate(self) -> tuple[Score, Score]:
        scores = self._validation.score(self._result, self._device)
        mean = Score.mean(list(scores.values()))
        baseline = Score.mean(list(self._validation.baseline.values()))
        self._curve.append(
            {
                "iteration": self._iteration,
                "loss": fmean(self._losses) if self._losses else math.nan,
                "whole_db": mean.whole_db,
                "on_particles_db": mean.on_particles_db,
                "soft_focus_whole_db": baseline.whole_db,
                "soft_focus_on_particles_db": baseline.on_particles_db,
            }
        )
        self._losses.clear()
        self._write_curve()
        return mean, baseline

    def _save(self) -> None:
        Checkpoint(
            iteration=self._iteration,
            seconds=self._seconds,
            model=self._model.state_dict(),
            averaged=self._averaged.state_dict(),
            optimiser=self._optimiser.state_dict(),
            losses=self._losses,
            curve=self._curve,
        ).save(self._checkpoint_path, self._settings.deciding())

    def _write_curve(self) -> Path:
        path = self._settings.out / "curve.csv"
        partial = path.with_name(f"{path.name}.partial")
        with partial.open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, self._curve[0])
            table.writeheader()
            table.writerows(self._curve)
        partial.replace(path)
        return path


def rate(settings: TrainSettings, iteration: int) -> float:
    """Return the share of the full learning rate: linear warm-up, then half a cosine to 0."""
    if iteration < settings.warm_up:
        return (iteration + 1) / settings.warm_up
    left = max(1, settings.iterations - settings.warm_up)
    return 0.5 * (1 + math.cos(math.pi * (iteration - settings.warm_up) / left))


def _new_model(settings: TrainSettings) -> WearIF:
    if settings.start_from is not None:
        model: WearIF = load_model(str(settings.start_from))
        if model.config.name != settings.model:
            raise TrainingError(
                f"{settings.start_from}: weights of the model {model.config.name}, "
                f"which cannot be trained as {settings.model}"
            )
    else:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            model = build_model(ModelConfig.of(settings.model))
    for norm in _norms(model):
        norm.momentum = settings.norm_momentum
    return model


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


def _image(pixels: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(pixels)[None, None]
