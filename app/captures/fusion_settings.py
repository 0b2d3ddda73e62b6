"""How a stack is to be fused: what the command line, the window and a batch can ask for."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.captures.part import WHOLE, Part

MAX_STEP_UM: Final = 1e6
"""No stage goes further than a metre."""


class FusionSettings(BaseModel):
    """The same settings make the same results of the same stack; each record of results has them.

    Raises
    ------
    pydantic.ValidationError
        A value is out of its range, or there is no setting of that name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    model: str = "wearif"
    """A shipped model, or the path of a .safetensors file."""
    frames: int = Field(default=0, ge=0)
    """Keep only this many of the sharpest frames; 0 keeps all."""
    z_step_um: float | None = None
    """The distance of two frames of the input along z, negative for a sweep downwards; takes the
    place of what the input says. Not 0, and no more than `MAX_STEP_UM`."""
    align: bool | None = None
    """Whether to move the frames onto one in their midst, where they are measured to lie off it;
    the results are then in its geometry. Frames that lie well stay as they are. None: yes, unless
    frames were painted with; those lie as they lay then."""
    equalise: bool = True
    """Whether to even out a lamp that fades or a camera that exposes by itself, where that is
    measured."""
    part: Part = WHOLE
    """Which stack of an input that holds several."""
    retouched: bool = True
    """Whether to do what the operator changed about a capture's fusion: to leave frames out, and
    to take parts from one frame. Frames that are painted with are kept, sharp or not."""

    @field_validator("z_step_um")
    @classmethod
    def _check_step(cls, step_um: float | None) -> float | None:
        if step_um is not None and not 0 < abs(step_um) <= MAX_STEP_UM:
            raise ValueError(f"frames cannot lie {step_um:g} µm apart")
        return step_um


BY_DEFAULT: Final = FusionSettings()
"""Nothing asked for."""
