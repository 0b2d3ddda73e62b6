"""What it takes to make a fused image again, to the last bit; results and exports carry it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Literal, Self

import cv2
import numpy as np
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from app.captures.capture_record import CaptureLabels, CaptureRecord, read_record
from app.captures.fusion_record import FusionRecord
from app.captures.layout import RECORD
from app.captures.stack import StackError
from models.wearif.choice import Choice

RECIPE_NAME = "WearIF recipe"
"""Under which keyword, tag or annotation files carry it."""


class CaptureCard(BaseModel):
    """What is known about the capture that was fused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    uuid: str
    created: AwareDatetime
    labels: CaptureLabels
    microscope: str
    objective: str
    na: float
    magnification: float
    sweep: dict[str, JsonValue]
    """The sweep plan."""
    recorded: int
    """Frames, those of run-up and run-down included."""
    lost: int
    """Frames that the camera lost."""

    @classmethod
    def of(cls, record: CaptureRecord) -> Self:
        """Take from a capture's record what does not grow with its frames."""
        return cls(
            uuid=str(record.uuid),
            created=record.created,
            labels=record.labels,
            microscope=record.microscope,
            objective=record.objective,
            na=record.na,
            magnification=record.magnification,
            sweep=record.sweep,
            recorded=len(record.frames),
            lost=record.lost,
        )


class Recipe(BaseModel):
    """From what, by what and how a fused image was made."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    schema_version: Literal[1] = 1
    source: str | None
    """Where the stack lay; None where nobody knew."""
    frames_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    """Of the frames that were fused, as they were fused: chosen, in order, warped."""
    fused_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    """Of the fused image."""
    choice_png: str | None = None
    """The frame that the operator wants at each pixel: one more than its number in the source, 0
    where the fusion decides; a 16-bit grey PNG in Base64."""
    fusion: FusionRecord
    capture: CaptureCard | None = None

    @property
    def frames(self) -> tuple[int, ...]:
        """Numbers of the fused frames in the source."""
        return tuple(frame.index for frame in self.fusion.frames)

    @property
    def z_um(self) -> tuple[float, ...] | None:
        """The z of the fused frames; None if any is not known."""
        known = [frame.z_um for frame in self.fusion.frames if frame.z_um is not None]
        return tuple(known) if len(known) == len(self.fusion.frames) else None

    @property
    def brightness(self) -> tuple[float, ...] | None:
        """By what frames were divided, where it was measured beforehand; None: as they came."""
        if self.fusion.brightness != "measured":
            return None
        return tuple(frame.brightness for frame in self.fusion.frames)

    def choice(self, shape: tuple[int, int]) -> Choice:
        """Return what was painted, in numbers of the source.

        Raises
        ------
        StackError
            It cannot be decoded, or is of another size than the frames.
        """
        if self.choice_png is None:
            return np.zeros(shape, np.uint16)
        fault = f"the recipe's mask is no picture of {shape[1]}x{shape[0]} pixels of 16 bit"
        try:
            data = np.frombuffer(base64.b64decode(self.choice_png), np.uint8)
            choice = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
        except (ValueError, cv2.error) as error:
            raise StackError(fault) from error
        if choice is None or choice.dtype != np.uint16 or choice.shape != shape:
            raise StackError(fault)
        return np.asarray(choice, np.uint16)


def choice_text(choice: Choice) -> str | None:
    """Return a choice as a recipe holds it; None where nothing was painted."""
    if not choice.any():
        return None
    _done, data = cv2.imencode(".png", choice)
    return base64.b64encode(data.tobytes()).decode("ascii")


def capture_card(source: Path | None) -> CaptureCard | None:
    """Read what is known about a capture; None for any other stack."""
    if source is None or not (source / RECORD).is_file():
        return None
    return CaptureCard.of(read_record(source))
