"""What is under review: a stack and its fusion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.captures.stack import Stack
from app.window.picture import Pixels, height_span, height_to_screen, significant_bits, to_screen

if TYPE_CHECKING:
    from models.wearif.fusion import Fusion

OnProgress = Callable[[str, int, int], None]
"""Called with what is being done, the steps done and the steps in all; may raise to end it."""


class OpeningEnded(Exception):
    """The operator does not want to see the stack any more."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A fused stack, with the pictures that do not change while it is reviewed."""

    stack: Stack
    fusion: Fusion
    bits: int
    """Significant bits of the frames, for the screen."""
    fused: Pixels
    height: Pixels
    """0..255 over `span`."""
    span: tuple[float, float]
    """Heights at the ends of the colours, in the fusion's unit."""

    @classmethod
    def of(cls, stack: Stack, fusion: Fusion) -> Subject:
        """Get everything ready; takes a moment, so not for the window's thread."""
        bits = significant_bits(fusion.fused)
        span = height_span(fusion.height)
        return cls(
            stack,
            fusion,
            bits,
            to_screen(fusion.fused, bits),
            height_to_screen(fusion.height, span),
            span,
        )

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of all pictures."""
        return self.height.shape[0], self.height.shape[1]

    @property
    def heights(self) -> NDArray[np.float32]:
        """(H, W) in `height_unit`."""
        return self.fusion.height

    def z_words(self, index: int) -> str:
        """Say at which z a frame was taken; empty where nobody knows."""
        z_um = self.stack.z_um
        return f"z {z_um[index]:.2f} µm" if z_um is not None else ""


def open_capture(folder: Path, fusion: Fusion) -> Subject:
    """Open a capture whose fusion is at hand.

    Raises
    ------
    StackError
        The capture cannot be read.
    """
    from app.captures.open_stack import open_stack

    return Subject.of(open_stack(folder), fusion)


def open_and_fuse(path: Path, on_progress: OnProgress) -> Subject:
    """Open whatever the operator chose, and fuse it.

    Raises
    ------
    StackError, FusionError, WeightsError
        The stack cannot be read or fused.
    OpeningEnded
        ``on_progress`` has raised it.
    """
    from app.captures.open_stack import open_stack
    from models.wearif.fusion import fuse
    from models.wearif.weights import load_model

    stack = open_stack(path)
    on_progress("fusing", 0, len(stack))
    fusion = fuse(
        stack, load_model(), stack.z_um, lambda done, total: on_progress("fusing", done, total)
    )
    return Subject.of(stack, fusion)
