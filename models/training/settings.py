"""What a training is asked to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.training.losses import LOSS_TERMS, LossName, LossTerm
from models.training.synthetic import StackShape
from models.wearif.family import ModelConfig, ModelName
from models.wearif.picks import SHIPPED, Picks


class TrainSettings(BaseModel):
    """One training run. The defaults train the default model on two cores."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    out: Path = Field(description="Folder for checkpoint, weights, model card and curve")
    model: ModelName = "wearif"
    picks: Picks = Field(default=SHIPPED, description="Which reading of the published model")
    loss: LossName = "supervised"
    loss_terms: tuple[LossTerm, ...] = Field(
        default=LOSS_TERMS, min_length=1, description="Of the published loss (eq. 2, Table 5)"
    )
    start_from: Path | None = Field(default=None, description="Weights to fine-tune")
    iterations: int = Field(default=30_000, ge=1, description="One stack each")
    height: int = Field(default=256, ge=32, description="Pixels; real stacks are cropped to it")
    width: int = Field(default=455, ge=32, description="Pixels; real stacks are cropped to it")
    frames: tuple[int, int] = Field(default=(8, 32), description="Fewest and most in a stack")
    seed: int = Field(default=0, ge=0)
    learning_rate: float = Field(default=1e-3, gt=0)
    warm_up: int = Field(default=200, ge=0, description="Iterations until the full learning rate")
    clip: float = Field(default=1.0, gt=0, description="Largest norm of the gradient")
    averaging: float = Field(
        default=0.999, ge=0, lt=1, description="Decay of the running mean of the weights; 0 is off"
    )
    norm_momentum: float = Field(
        default=0.02, gt=0, le=1, description="Of batch normalisation's running statistics"
    )
    norm_frozen_from: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="Share of the iterations after which batch normalisation uses its running "
        "statistics in training as it will in use, whatever the number of frames",
    )
    mix: float = Field(
        default=1.0, gt=0, le=1, description="Share of real stacks, where there are any"
    )
    workers: int = Field(default=1, ge=0, description="Processes that draw stacks")
    reuse: int = Field(default=3, ge=1, description="How often each stack is shown")
    block: int = Field(default=16, ge=1, description="Stacks in memory to choose from")
    checkpoint_every: int = Field(default=500, ge=1)
    validate_every: int = Field(default=500, ge=1)
    validation_frames: tuple[int, ...] = Field(default=(8, 16, 32), min_length=1)
    patience: int = Field(
        default=0, ge=0, description="Validations without improvement until the end; 0 is off"
    )
    device: Literal["auto", "cpu", "cuda"] = "auto"
    mixed_precision: bool = Field(default=True, description="bfloat16 in the network, on a GPU")

    @model_validator(mode="after")
    def _frames_make_stacks(self) -> Self:
        _ = self.shape
        return self

    @property
    def shape(self) -> StackShape:
        """The stacks' size."""
        return StackShape(self.height, self.width, self.frames)

    @property
    def config(self) -> ModelConfig:
        """What the model is built from."""
        return replace(ModelConfig.of(self.model), picks=self.picks)

    @property
    def torch_device(self) -> torch.device:
        """Where to compute; "auto" takes a GPU where there is one."""
        if self.device == "auto":
            return torch.device("cuda" if torch.cuda.is_available() else "cpu")
        return torch.device(self.device)

    def deciding(self) -> dict[str, Any]:
        """Return the settings that the result depends on, ready for JSON.

        A training may go on with other workers, elsewhere, or with checkpoints more often.
        """
        return self.model_dump(
            mode="json", exclude={"out", "workers", "checkpoint_every", "device"}
        )
