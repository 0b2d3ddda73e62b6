"""What a training reports, under way and at its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.training.validation import Score, Verdict


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known after an iteration.

    Parameters
    ----------
    iteration, iterations : int
        Done, and to do.
    loss : float
        Of this iteration.
    seconds : float
        Spent on iterations, over all sittings.
    verdict : Verdict or None
        After a validation.
    best_iteration : int
        Whose weights did best so far.
    """

    iteration: int
    iterations: int
    loss: float
    seconds: float
    verdict: Verdict | None = None
    best_iteration: int = 0


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a training made.

    Parameters
    ----------
    weights, card, curve : Path
        The best weights (safetensors), their model card (Markdown) and the learning curve (CSV).
    last : Path
        The weights of the last iteration.
    iterations : int
        Done.
    best_iteration : int
        Whose weights did best.
    seconds : float
        Over all sittings.
    scores, baseline : dict of int to Score
        Of the best weights and of soft focus weighting, by number of frames.
    """

    weights: Path
    card: Path
    curve: Path
    last: Path
    iterations: int
    best_iteration: int
    seconds: float
    scores: dict[int, Score]
    baseline: dict[int, Score]
