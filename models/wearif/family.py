"""What the two models of the family share: their configuration and what they can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Literal

from torch import Tensor, nn

ModelName = Literal["published", "wearif"]

DOWNSCALE = 4
"""Full to low resolution: 910x512 to 228x128 in the paper (sec. 3.2)."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What has to be known to build a network before its weights can be loaded."""

    name: ModelName
    channels: int

    @classmethod
    def of(cls, name: ModelName) -> ModelConfig:
        """Return the shipped configuration of one of the two models."""
        return cls(name, channels=24 if name == "published" else 12)

    def as_dict(self) -> dict[str, str | int]:
        """Return the fields as they are stored beside the weights."""
        return asdict(self)


class WearIF(nn.Module, ABC):
    """What both models can do."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.weights_sha256: str | None = None
        """Of the file that the weights were loaded from; None where there is no file."""

    @abstractmethod
    def fuse_luma(self, luma: Tensor) -> tuple[Tensor, Tensor]:
        """Fuse one stack, differentiably.

        Parameters
        ----------
        luma : Tensor
            (N, 1, H, W) in 0..1.

        Returns
        -------
        fused : Tensor
            (1, 1, H, W).
        weights : Tensor
            (N, 1, H, W), >= 0, sum 1 over N (eq. 1).
        """
