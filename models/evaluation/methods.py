"""The methods of one comparison: models, baselines, and pictures that other programs made."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from models.evaluation.baselines import BASELINES, Baseline
from models.evaluation.errors import EvaluationError
from models.evaluation.stack_folder import EvaluationStack, read_fused
from models.wearif.fusion import FusionError, fuse
from models.wearif.model import PublishedWearIF, StreamingWearIF
from models.wearif.weights import load_model

Kind = Literal["model", "baseline", "picture"]


@dataclass(frozen=True, slots=True)
class MethodResult:
    """What a method makes of a stack."""

    image: NDArray[Any]
    """Shape of a frame; uint8 or the frames' type."""
    height_um: NDArray[np.float32] | None = None
    """(H, W), on the scale of the stack's z; None where the method or the stack has none."""
    cpu_s: float | None = None
    """User and system time of all threads, frames in memory; None for pictures."""


class Method(Protocol):
    """Something that turns a stack into one image."""

    @property
    def name(self) -> str:
        """What it is called in tables and file names."""
        ...

    @property
    def kind(self) -> Kind:
        """What sort of method it is."""
        ...

    def apply(self, stack: EvaluationStack) -> MethodResult | None:
        """Return the outcome, or None where there is none for this stack.

        Raises
        ------
        EvaluationError
            The stack cannot be fused, or a picture of it cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class BaselineMethod:
    """A method without a network."""

    name: str
    baseline: Baseline
    kind: Literal["baseline"] = "baseline"

    def apply(self, stack: EvaluationStack) -> MethodResult:
        """Fuse the stack."""
        started_s = time.process_time()
        image = self.baseline(stack.frames)
        return MethodResult(image, cpu_s=time.process_time() - started_s)


@dataclass(frozen=True, slots=True)
class ModelMethod:
    """A trained network."""

    name: str
    model: PublishedWearIF | StreamingWearIF
    kind: Literal["model"] = "model"

    def apply(self, stack: EvaluationStack) -> MethodResult:
        """Fuse the stack."""
        started_s = time.process_time()
        try:
            fusion = fuse(stack.frames, self.model, stack.z_um)
        except FusionError as error:
            raise EvaluationError(f"{stack.name}: {self.name} cannot fuse it: {error}") from error
        cpu_s = time.process_time() - started_s
        height_um = fusion.height if fusion.height_unit == "µm" else None
        return MethodResult(fusion.fused, height_um, cpu_s)


@dataclass(frozen=True, slots=True)
class PictureMethod:
    """Pictures on disk: one file for one stack, or a folder with a picture per stack.

    In a folder the picture of the stack ``S`` is ``S.png``, ``S/NAME.png`` or ``S/fused.png``,
    whichever is there first, NAME being the method's.
    """

    name: str
    path: Path
    kind: Literal["picture"] = "picture"

    def apply(self, stack: EvaluationStack) -> MethodResult | None:
        """Read the picture of the stack."""
        found = self.picture_of(stack.name)
        return None if found is None else MethodResult(read_fused(found, stack.frames[0]))

    def picture_of(self, stack_name: str) -> Path | None:
        """Return the file that shows a stack, or None."""
        if self.path.is_file():
            return self.path
        here = self.path / stack_name
        candidates = (self.path / f"{stack_name}.png", here / f"{self.name}.png")
        return next((file for file in (*candidates, here / "fused.png") if file.is_file()), None)


def baseline_method(name: str) -> BaselineMethod:
    """Return a baseline by name.

    Raises
    ------
    EvaluationError
        There is none of that name.
    """
    if name not in BASELINES:
        raise EvaluationError(f"{name}: no such method; there are {', '.join(BASELINES)}")
    return BaselineMethod(name, BASELINES[name])


def model_method(model: str) -> ModelMethod:
    """Load a model by the name of a shipped one or the path of its weights.

    Raises
    ------
    WeightsError
        There is no such model.
    """
    return ModelMethod(Path(model).stem, load_model(model))
