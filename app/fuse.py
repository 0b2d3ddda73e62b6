"""`wearif fuse`: from a stack on disk to results on disk."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape

from app.captures.alignment import AlignedStack, Alignment
from app.captures.fusion_settings import BY_DEFAULT, FusionSettings
from app.captures.layout import RESULT_NAMES
from app.captures.open_stack import open_stack
from app.captures.origin import Origin
from app.captures.prepared import Prepared, prepare
from app.captures.results import ResultError, check_output, write_results
from app.captures.retouch_record import Edits, load_edits
from app.captures.selection import Selection, select_sharpest
from app.captures.stack import FrameFormat, Stack, StackError
from models.wearif.fusion import fuse
from models.wearif.retouch import retouch
from models.wearif.weights import load_model

OnProgress = Callable[[str, int, int], None]
"""Called with what is done (reading, aligning, fusing or writing), the steps done and in all."""


@dataclass(frozen=True, slots=True)
class FuseReport:
    """What `fuse_input` has done."""

    files: tuple[Path, ...]
    """The results."""
    model: str
    format: FrameFormat
    frames: tuple[int, ...]
    """Numbers of the fused frames in the input, counted from 0."""
    frames_in_input: int
    height_unit: str
    """``µm``, or ``frame`` where nobody knows z."""
    alignment: Alignment | None
    """How the frames lay on one another; None where nobody asked."""
    moved_px: float | None
    """How far they lay off; None where nobody knows."""
    brightness: tuple[float, ...] | None
    """Of each fused frame, as a multiple of the fused image's; None where the light was steady."""
    edits: tuple[int, int]
    """How many frames the operator excluded, and how many were painted with."""
    timings_s: dict[str, float]

    def __str__(self) -> str:
        took = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in self.timings_s.items())
        heights = "µm" if self.height_unit == "µm" else "frame numbers (z is not known)"
        lie = self.alignment or (
            "not aligned"
            if self.moved_px is None
            else f"moved by up to {self.moved_px:.1f} px, as when they were painted with"
        )
        count = f"{len(self.frames)} of {self.frames_in_input} frames"
        return "\n".join(
            (
                f"Fused {count}, {self.format}, with the model {self.model}: {took}",
                f"Frames: {lie}",
                *self._lit(),
                *self._edited(),
                f"Heights are in {heights}",
                *map(str, self.files),
            )
        )

    def _lit(self) -> tuple[str, ...]:
        if self.brightness is None:
            return ()
        low, high = min(self.brightness), max(self.brightness)
        return (f"Brightness: {low:.2f} to {high:.2f} of the fused image's, evened out",)

    def _edited(self) -> tuple[str, ...]:
        excluded, painted = self.edits
        if not excluded and not painted:
            return ()
        return (f"Edits of the capture: {excluded} frames excluded, {painted} painted with",)

    def __rich__(self) -> str:
        return escape(str(self))


def fuse_input(
    source: Path,
    out_dir: Path,
    settings: FusionSettings = BY_DEFAULT,
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
) -> FuseReport:
    """Read a stack, align it, fuse it, write the results.

    Frames are read one at a time, up to six times; memory does not grow with their
    number, apart from the small score maps that the published model keeps.

    Parameters
    ----------
    source : Path
        Whatever `open_stack` opens.
    out_dir : Path
        Made if it is missing; earlier results in it are replaced.
    settings : FusionSettings
        How; the record of the results has them.
    device : str
        Where to compute, see `load_model`.
    on_progress : callable, optional
        Called after each step.

    Raises
    ------
    StackError
        The input or the edits cannot be read, or frames would be moved that were painted with.
    WeightsError
        There is no such model or device.
    FusionError
        The frames cannot be fused.
    ResultError
        The results cannot be written; what the operating system refuses from the outset is found
        out before the fusion starts.
    """
    tell = on_progress or _say_nothing
    started_s = time.monotonic()
    _check_not_own_input(source, out_dir)
    network = load_model(settings.model, device)
    whole = open_stack(source, settings.part)
    chosen_count = min(settings.frames, len(whole)) or len(whole)
    edits = load_edits(whole) if settings.retouched else Edits.none(whole)
    painted = edits.painted(whole)
    check_output(out_dir, whole.format, chosen_count)
    chosen = _choose(whole, settings.frames, edits, tell)
    selected = _selected(source, whole, chosen, settings, edits)
    read_s = time.monotonic()
    align = not painted if settings.align is None else settings.align
    prepared = _prepare(selected, tell, align=align, equalise=settings.equalise)
    stack, alignment = prepared.stack, prepared.alignment
    if painted and alignment is not None and alignment.needed:
        raise StackError(
            f"{source}: was retouched on frames as they lie; fuse without aligning or retouching"
        )
    aligned_s = time.monotonic()
    fusion = fuse(
        stack,
        network,
        stack.z_um,
        lambda done, total: tell("fusing", done, total),
        prepared.brightness,
    )
    fusion = retouch(fusion, stack, edits.choice_among(chosen), stack.z_um)
    fused_s = time.monotonic()
    record = write_results(
        out_dir,
        fusion,
        stack,
        Origin(
            source=source,
            frames=chosen,
            warps=prepared.warps,
            excluded=sorted(edits.excluded),
            painted=painted,
            choice=edits.choice,
            settings=settings,
            measured=prepared.brightness is not None,
            timings_s={
                "reading": read_s - started_s,
                "aligning": aligned_s - read_s,
                "fusing": fused_s - aligned_s,
            },
        ),
        lambda done, total: tell("writing", done, total),
    )
    return FuseReport(
        files=tuple(out_dir / name for name in RESULT_NAMES),
        model=fusion.model,
        format=whole.format,
        frames=chosen,
        frames_in_input=len(whole),
        height_unit=fusion.height_unit,
        alignment=alignment,
        moved_px=prepared.moved_px,
        brightness=prepared.brightness,
        edits=(len(edits.excluded), len(painted)),
        timings_s=record.timings_s,
    )


def _choose(whole: Stack, frames: int, edits: Edits, tell: OnProgress) -> tuple[int, ...]:
    """Choose the sharpest of the frames that the operator kept, and those painted with."""
    kept = edits.kept(len(whole))
    sharpest = select_sharpest(
        Selection(whole, kept), frames, lambda done, total: tell("reading", done, total)
    )
    painted = {frame.index for frame in edits.painted(whole)} & set(kept)
    return tuple(sorted(painted.union(kept[place] for place in sharpest)))


def _selected(
    source: Path, whole: Stack, chosen: Sequence[int], settings: FusionSettings, edits: Edits
) -> Stack:
    """Return the chosen frames, at the z asked for, and as they lay when they were painted with."""
    step_um = settings.z_step_um
    z_um = None if step_um is None else [index * step_um for index in chosen]
    selected = Selection(whole, chosen, z_um)
    if edits.warps is None or not edits.painted(whole):
        return selected
    if settings.align is False:
        raise StackError(f"{source}: was retouched on moved frames; they cannot be left alone")
    return AlignedStack(selected, [edits.warps[index] for index in chosen])


def _prepare(stack: Stack, tell: OnProgress, *, align: bool, equalise: bool) -> Prepared:
    return prepare(
        stack,
        align=align,
        equalise=equalise,
        on_progress=lambda done, total: tell("aligning", done, total),
    )


def _check_not_own_input(source: Path, out_dir: Path) -> None:
    # Not Path.resolve, which fails on links that lead in circles.
    real = os.path.realpath(source)
    if any(real == os.path.realpath(out_dir / name) for name in RESULT_NAMES):
        raise ResultError(f"{source}: would be overwritten by the results; choose another folder")


def _say_nothing(_what: str, _done: int, _total: int) -> None:
    """Stand in for a listener."""
