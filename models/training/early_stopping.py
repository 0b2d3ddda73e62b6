"""The best weights so far, and when to stop waiting for better ones."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from models.wearif.model import WearIF


@dataclass(slots=True)
class EarlyStopping:
    """Keeps the weights of the best validation.

    Parameters
    ----------
    patience : int
        Validations without improvement until training ends; 0 waits for ever.
    """

    patience: int
    iteration: int = 0
    """Of the best validation."""
    merit: float = -math.inf
    waited: int = 0
    """Validations since the best one."""
    weights: dict[str, Any] = field(default_factory=dict)

    @property
    def ends(self) -> bool:
        """Whether training ends here."""
        return 0 < self.patience <= self.waited

    def judge(self, merit: float, model: WearIF, iteration: int) -> bool:
        """Take note of a validation; return whether it was the best so far."""
        if merit <= self.merit:
            self.waited += 1
            return False
        self.iteration, self.merit, self.waited = iteration, merit, 0
        self.weights = {name: value.clone() for name, value in model.state_dict().items()}
        return True

    def state(self) -> dict[str, Any]:
        """Return everything that validations change."""
        return {
            "iteration": self.iteration,
            "merit": self.merit,
            "waited": self.waited,
            "weights": self.weights,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Take up what `state` returned."""
        self.iteration, self.merit = state["iteration"], state["merit"]
        self.waited, self.weights = state["waited"], state["weights"]
