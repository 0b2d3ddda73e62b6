"""What ``fusion.json`` says about a fusion's results."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from app.captures.fusion_settings import FusionSettings
from app.captures.inner_path import InnerPath

Matrix = tuple[tuple[float, float, float], tuple[float, float, float]]
"""An affine map of (x, y, 1) to (x, y)."""


class FusedFrame(BaseModel):
    """One frame that went into the fusion; in the order of the pages of the weights."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    index: int = Field(ge=0)
    """Its number in the input, counted from 0."""
    z_um: float | None = None
    exposure_ms: float | None = None
    """As the input tells; None where it does not."""
    warp: Matrix | None = None
    """Takes (x, y, 1) of a fused pixel to the frame's pixel (x, y), both counted from the centre
    of the upper left one; None: the frame was fused as it was."""
    brightness: float = Field(default=1.0, gt=0)
    """As a multiple of the fused image's; the frame was divided by it."""


class PaintedFrame(BaseModel):
    """A frame that the operator wants somewhere, whatever the fusion says."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    index: int = Field(ge=0)
    """Its number in the input, counted from 0."""
    z_um: float | None = None
    pixels: int = Field(gt=0)
    """Where it is wanted; blending makes it felt a few pixels farther."""


class ResultFile(BaseModel):
    """One file of results."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: InnerPath
    bytes: int
    sha256: str


class FusionRecord(BaseModel):
    """From what, by what and how the results were made."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    schema_version: Literal[2] = 2
    created: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    input: str
    """The stack's name."""
    model: str
    weights_sha256: str | None
    frames: tuple[FusedFrame, ...]
    excluded: tuple[int, ...] = ()
    """Numbers of frames that the operator kept out."""
    painted: tuple[PaintedFrame, ...] = ()
    """What the operator retouched."""
    height_unit: Literal["µm", "frame"]
    pixel_um: float | None
    """The side of a pixel at the object."""
    settings: FusionSettings
    """What was asked for."""
    brightness: Literal["followed", "measured"] = "followed"
    """Whether the frames' was measured before they were fused, or followed from one to the next."""
    timings_s: dict[str, float]
    versions: dict[str, str]
    results: tuple[ResultFile, ...]

    @model_validator(mode="before")
    @classmethod
    def _from_version_1(cls, told: object) -> object:
        # Its settings were any dict: what was not among them had not been done.
        if not isinstance(told, dict) or told.get("schema_version") != 1:
            return told
        known = told.get("settings")
        known = known if isinstance(known, dict) else {}
        kept = {name: known[name] for name in FusionSettings.model_fields if name in known}
        return {
            **told,
            "schema_version": 2,
            "settings": {"model": told.get("model"), "align": False, **kept},
            "brightness": known.get("brightness", "followed"),
        }
