"""The log that is kept beside the weights."""

from __future__ import annotations

import math
import platform
from datetime import datetime
from pathlib import Path

import torch

from models.training.progress import Progress


class TrainingLog:
    """One line per event, appended; each sitting adds its own.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def begins(self, iteration: int, device: torch.device, ranks: int) -> None:
        """Note where and from which iteration on this sitting works."""
        self._add(
            f"begins at iteration {iteration} on {machine(device)}"
            f"{f', {ranks} processes' if ranks > 1 else ''}, torch {torch.__version__}"
        )

    def validated(self, now: Progress, rate: float, seconds_per_iteration: float) -> None:
        """Note what a validation found."""
        if now.verdict is None:
            return
        real = "" if now.verdict.real_loss is None else f"  real {now.verdict.real_loss:.5f}"
        self._add(
            f"iteration {now.iteration} of {now.iterations}  "
            f"loss {'-' if math.isnan(now.loss) else f'{now.loss:.5f}'}  "
            f"whole/particles {now.verdict.score}  soft focus {now.verdict.baseline_score}{real}  "
            f"best {now.best_iteration}  rate {rate:.2e}  {seconds_per_iteration:.3f} s/iteration  "
            f"{now.seconds / 3600:.2f} h"
        )

    def ends(self, iteration: int, why: str) -> None:
        """Note the end."""
        self._add(f"ends after iteration {iteration}: {why}")

    def _add(self, text: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S%z}  {text}\n")


def machine(device: torch.device) -> str:
    """Describe what computes."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{platform.machine()} CPU, {torch.get_num_threads()} threads"
