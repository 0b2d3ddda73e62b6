"""What the two models of the family share: their configuration and what they can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any, Literal

from torch import Tensor, nn

from models.wearif.picks import SHIPPED, Picks

ModelName = Literal["published", "wearif"]

DOWNSCALE = 4
"""Full to low resolution: 910x512 to 228x128 in the paper (sec. 3.2)."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What has to be known to build a network before its weights can be loaded.

    Parameters
    ----------
    name : {"published", "wearif"}
    channels : int
        Width of the network's layers.
    picks : Picks
        Which reading of the published network; the default model has no readings.
    """

    name: ModelName
    channels: int
    picks: Picks = SHIPPED

    @classmethod
    def of(cls, name: ModelName) -> ModelConfig:
        """Return the shipped configuration of one of the two models."""
        return cls(name, channels=24 if name == "published" else 16)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> ModelConfig:
        """Invert `as_dict`; picks that are not stored are the shipped ones.

        Raises
        ------
        TypeError
            A field is missing or unknown.
        """
        return cls(**{**stored, "picks": Picks(**stored.get("picks", {}))})

    def as_dict(self) -> dict[str, Any]:
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
