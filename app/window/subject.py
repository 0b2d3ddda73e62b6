"""What is under review: a stack, its fusion, and what the operator changed about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from app.captures.alignment import AlignedStack
from app.captures.prepared import Prepared, prepare
from app.captures.retouch_record import Edits
from app.captures.selection import Selection
from app.captures.stack import Stack
from app.window.picture import Pixels, height_span, height_to_screen, significant_bits, to_screen

if TYPE_CHECKING:
    from models.wearif.box import Box
    from models.wearif.fusion import Fusion
    from models.wearif.retouch import Retouched

MODEL: Final = "wearif"
"""The model that fuses where the operator has not asked for another."""

OnProgress = Callable[[str, int, int], None]
"""Called with what is being done, the steps done and the steps in all; may raise to end it."""


class OpeningEnded(Exception):
    """The operator does not want to see the stack any more."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A fused stack as it is shown; edits make another one of it."""

    prepared: Prepared
    """All frames, and what was found out about them before they were fused."""
    stack: Stack
    """All frames, laid on one another: what is shown, painted with and weighed."""
    used: Selection
    """Those that were fused."""
    edits: Edits
    retouched: Retouched
    bits: int
    """Significant bits of the frames, for the screen."""
    fused: Pixels
    height: Pixels
    """0..255 over `span`."""
    confidence: Pixels
    """255 where a height can be believed, 0 where it cannot."""
    span: tuple[float, float]
    """Heights at the ends of the colours, in the fusion's unit."""
    path: Path | None = None
    """Where the stack lies."""
    measured: bool = True
    """Whether somebody has found out how the frames lie, or does not want to know."""

    @classmethod
    def of(
        cls,
        stack: Stack | Prepared,
        fusion: Fusion,
        edits: Edits | None = None,
        used: Selection | None = None,
        path: Path | None = None,
        *,
        measured: bool = True,
    ) -> Subject:
        """Get everything ready; takes a moment, so not for the window's thread.

        Parameters
        ----------
        stack : Stack or Prepared
        fusion : Fusion
            Of the frames in ``used``, before retouching.
        edits : Edits, optional
            What the operator has changed.
        used : Selection, optional
            All frames where nothing is said.
        path : Path, optional
            Where the stack lies.
        measured : bool
            Whether somebody has found out how the frames lie, or does not want to know.
        """
        from models.wearif.retouch import Retouched

        prepared = stack if isinstance(stack, Prepared) else Prepared(stack)
        stack = prepared.stack
        edits = edits or Edits.none(stack)
        used = used or Selection(stack, range(len(stack)))
        retouched = Retouched.of(fusion, used, edits.choice_among(used.indices), used.z_um)
        bits = significant_bits(fusion.fused)
        span = height_span(retouched.fusion.height)
        return cls(
            prepared,
            stack,
            used,
            edits,
            retouched,
            bits,
            to_screen(retouched.fusion.fused, bits),
            height_to_screen(retouched.fusion.height, span),
            confidence_to_screen(retouched.fusion.confidence),
            span,
            path,
            measured,
        )

    @property
    def fusion(self) -> Fusion:
        """The results, with the operator's edits in them."""
        return self.retouched.fusion

    @property
    def base(self) -> Fusion:
        """The results without what was painted."""
        return self.retouched.before

    @property
    def source(self) -> Stack:
        """All frames as they lie on disk."""
        return self.prepared.source

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of all pictures."""
        return self.height.shape[0], self.height.shape[1]

    @property
    def heights(self) -> NDArray[np.float32]:
        """(H, W) in `height_unit`."""
        return self.fusion.height

    @property
    def never_in_focus(self) -> float:
        """Share of the pixels whose height nobody knows, 0..1."""
        return float(np.count_nonzero(self.confidence == 0) / self.confidence.size)

    def place_of(self, index: int) -> int | None:
        """Return the number of one of the stack's frames in the fusion; None if excluded."""
        return None if index in self.edits.excluded else self.used.indices.index(index)

    def z_words(self, index: int) -> str:
        """Say at which z a frame was taken; empty where nobody knows."""
        z_um = self.stack.z_um
        return f"z {z_um[index]:.2f} µm" if z_um is not None else ""

    def edited(self, edits: Edits, retouched: Retouched, box: Box) -> Subject:
        """Return it with other edits, which change results within a box."""
        fusion = retouched.fusion
        fused, height, confidence = (
            each.copy() for each in (self.fused, self.height, self.confidence)
        )
        cut = box.slices
        fused[cut] = to_screen(fusion.fused[cut], self.bits)
        height[cut] = height_to_screen(fusion.height[cut], self.span)
        confidence[cut] = confidence_to_screen(fusion.confidence[cut])
        return replace(
            self,
            edits=edits,
            retouched=retouched,
            fused=fused,
            height=height,
            confidence=confidence,
        )


def confidence_to_screen(confidence: NDArray[np.float32]) -> Pixels:
    """Return a confidence map (H, W) in 0..1 as 0..255; only what nobody knows becomes 0."""
    steps = np.ceil(confidence * 255).clip(0, 255)
    return np.ascontiguousarray(steps, dtype=np.uint8)


def open_capture(folder: Path, fusion: Fusion) -> Subject:
    """Open a capture whose fusion is at hand.

    Raises
    ------
    StackError
        The capture cannot be read.
    """
    from app.captures.open_stack import open_stack

    return Subject.of(open_stack(folder), fusion, path=folder, measured=False)


def open_and_fuse(path: Path, on_progress: OnProgress, *, align: bool = True) -> Subject:
    """Open whatever the operator chose, and fuse it as it was edited.

    Frames are laid on one another first, as `prepare` does it; see `prepare_frames`. A capture that
    lies there with its results is not fused again unless its edits, its z or the files have changed
    since, or its frames were moved and ``align`` says that they shall not be.

    Raises
    ------
    StackError, FusionError, WeightsError
        The stack or its edits cannot be read or fused.
    OpeningEnded
        ``on_progress`` has raised it.
    """
    from app.captures.open_stack import open_stack
    from app.captures.retouch_record import load_edits
    from app.captures.stored_fusion import stored_fusion
    from models.wearif.weights import weights_sha256

    source = open_stack(path)
    edits = load_edits(source)
    kept = edits.kept(len(source))
    painted = bool(edits.choice.any())
    stored = stored_fusion(source, kept, weights_sha256(MODEL), align=align)
    if stored is not None and (not painted or stored.prepared.warps == edits.warps):
        prepared, measured = stored.prepared, stored.measured or not align
        used = Selection(prepared.stack, kept)
        return Subject.of(prepared, stored.fusion, edits, used, path, measured=measured)
    prepared = prepare_frames(source, edits, on_progress, align=align)
    used = Selection(prepared.stack, kept)
    fusion = fuse_frames(used, on_progress, brightness=prepared.brightness_of(kept))
    return Subject.of(prepared, fusion, edits, used, path)


def prepare_frames(
    source: Stack, edits: Edits, on_progress: OnProgress, *, align: bool = True
) -> Prepared:
    """Lay all frames on one another, also those left out; painted ones as they lay then.

    Parameters
    ----------
    source : Stack
        The frames as they lie on disk.
    edits : Edits
        What the operator has changed.
    on_progress : callable
    align : bool
        Whether frames may be moved that nobody has painted with.
    """
    painted = bool(edits.choice.any())
    stack = source
    if painted and edits.warps is not None:
        stack = AlignedStack(source, edits.warps)
    return prepare(
        stack,
        align=align and not painted,
        on_progress=lambda done, total: on_progress("aligning", done, total),
    )


def fuse_frames(
    used: Selection,
    on_progress: OnProgress,
    model: str = MODEL,
    brightness: Sequence[float] | None = None,
) -> Fusion:
    """Fuse frames; see `open_and_fuse`."""
    from models.wearif.fusion import fuse
    from models.wearif.weights import load_model

    on_progress("fusing", 0, len(used))
    return fuse(
        used,
        load_model(model),
        used.z_um,
        lambda done, total: on_progress("fusing", done, total),
        brightness,
    )
