"""Where a fusion came from: what its record and the recipe for making it again say."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import tifffile
import torch

from app.captures.capture import Capture
from app.captures.fusion_record import FusedFrame, FusionRecord, Matrix, PaintedFrame
from app.captures.fusion_settings import FusionSettings
from app.captures.pixel_digest import PixelDigest
from app.captures.recipe import Recipe, capture_card, choice_text
from app.captures.selection import Selection
from app.captures.stack import Stack
from app.versions import program_version
from models.wearif.choice import Choice
from models.wearif.fusion import Fusion


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """What a fusion came from, as far as the fusion itself does not know."""

    source: Path | None = None
    """Where the input lies; a capture knows it by itself."""
    frames: Sequence[int] | None = None
    """Numbers of the fused frames in the input; None: all, in order."""
    warps: Sequence[Matrix] | None = None
    """What took the fused image's pixels to those of each frame; None: the frames were as they
    are."""
    excluded: Sequence[int] = ()
    """Numbers of frames that the operator kept out."""
    painted: Sequence[PaintedFrame] = ()
    """What the operator retouched."""
    choice: Choice | None = None
    """The same pixel by pixel, in numbers of the input; None where nothing was."""
    settings: FusionSettings | None = None
    """What was asked for; None: nothing, the frames were fused as they came from the camera."""
    measured: bool = False
    """Whether the frames' brightness was measured before they were fused."""
    timings_s: Mapping[str, float] = field(default_factory=dict)


def record_of(fusion: Fusion, stack: Stack, origin: Origin) -> FusionRecord:
    """Return what ``fusion.json`` says, before any file of results was written."""
    numbers = origin.frames or range(len(stack))
    z_um = stack.z_um or (None,) * len(stack)
    exposures_ms = stack.exposure_ms or (None,) * len(stack)
    warps = origin.warps or (None,) * len(stack)
    return FusionRecord(
        input=stack.name,
        model=fusion.model,
        weights_sha256=fusion.weights_sha256,
        frames=tuple(
            FusedFrame(index=index, z_um=z, exposure_ms=exposed, warp=warp, brightness=brightness)
            for index, z, exposed, warp, brightness in zip(
                numbers, z_um, exposures_ms, warps, fusion.brightness, strict=True
            )
        ),
        excluded=tuple(origin.excluded),
        painted=tuple(origin.painted),
        height_unit=fusion.height_unit,
        pixel_um=stack.pixel_um,
        settings=origin.settings or FusionSettings(model=fusion.model, align=False),
        brightness="measured" if origin.measured else "followed",
        timings_s={name: round(seconds, 3) for name, seconds in origin.timings_s.items()},
        versions=versions(),
        results=(),
    )


def recipe_of(fusion: Fusion, stack: Stack, origin: Origin) -> Recipe:
    """Return what it takes to make a fusion again; reads each fused frame once.

    Raises
    ------
    StackError
        A frame cannot be read.
    """
    source = origin.source or _folder_of(stack)
    record = record_of(fusion, stack, origin)
    return Recipe(
        source=None if source is None else str(source.resolve()),
        frames_sha256=PixelDigest.of(stack).sha256,
        fused_sha256=PixelDigest.of([fusion.fused]).sha256,
        choice_png=None if origin.choice is None else choice_text(origin.choice),
        fusion=record,
        capture=capture_card(source),
    )


def versions() -> dict[str, str]:
    """Return the versions of what pixels depend on."""
    return {
        "wearif": program_version(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "tifffile": tifffile.__version__,
        "torch": str(torch.__version__),
    }


def _folder_of(stack: Stack) -> Path | None:
    if isinstance(stack, Selection):
        stack = stack.whole
    return stack.folder if isinstance(stack, Capture) else None
