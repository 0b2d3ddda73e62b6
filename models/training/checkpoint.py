"""The state of a training on disk: enough to go on as if it had never stopped."""

from __future__ import annotations

import json
import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

_FORMAT = 2


class CheckpointError(Exception):
    """A checkpoint cannot be used; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything that changes while training.

    Chance needs no state: stacks, order and flips follow from the seed and the iteration.

    Parameters
    ----------
    iteration : int
        Iterations done.
    seconds : float
        Time spent on them.
    trainee : dict
        Weights being trained, their running average, Adam's moments.
    stopping : dict
        The best weights so far, and how long ago they were.
    losses : list of float
        Since the last point of the curve.
    curve : list of dict
        The learning curve so far.
    """

    iteration: int
    seconds: float
    trainee: dict[str, Any]
    stopping: dict[str, Any]
    losses: list[float]
    curve: list[dict[str, float]]

    def save(self, path: Path, settings: dict[str, Any]) -> None:
        """Write so that a kill or a power cut leaves either the old or the new file whole."""
        partial = path.with_name(f"{path.name}.partial")
        content = {name: getattr(self, name) for name in self.__slots__}
        with partial.open("wb") as file:
            torch.save({"format": _FORMAT, "settings": json.dumps(settings), **content}, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _keep_name(path.parent)

    @classmethod
    def load(cls, path: Path, settings: dict[str, Any]) -> Checkpoint:
        """Read a checkpoint that was written under the same settings.

        Raises
        ------
        CheckpointError
            The file is damaged, of another format, or belongs to other settings.
        """
        try:
            content = torch.load(path, map_location="cpu", weights_only=True)
            if content["format"] != _FORMAT:
                raise CheckpointError(f"{path}: checkpoint format {content['format']} is unknown")
            written = json.loads(content["settings"])
            state = {name: content[name] for name in cls.__slots__}
        except (
            *(OSError, RuntimeError, KeyError, TypeError, ValueError, EOFError),
            pickle.UnpicklingError,
        ) as error:
            raise CheckpointError(
                f"{path}: not a training checkpoint ({type(error).__name__}); "
                "delete it to start anew"
            ) from error
        differing = sorted(k for k in settings if written.get(k) != settings[k])
        if differing:
            changes = ", ".join(f"{k} {written.get(k)} -> {settings[k]}" for k in differing)
            raise CheckpointError(
                f"{path}: written under other settings ({changes}); go on with the old ones, "
                "or train into another folder"
            )
        return cls(**state)


def _keep_name(folder: Path) -> None:
    """Have the folder's new entry on disk too, where the system lets folders be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
