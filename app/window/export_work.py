"""Writes what the operator wants exported of what is under review; knows no Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.captures.export.plan import (
    Content,
    ExportPlan,
    check_export,
    check_not_stack,
    plan_export,
)
from app.captures.fusion_record import Matrix
from app.captures.fusion_settings import FusionSettings
from app.captures.shape_history import Shapes
from app.window.subject import Subject

if TYPE_CHECKING:
    from app.captures.export.products import Taste

RESULTS: Final = frozenset[Content]({"results"})
_IN_RESULTS: Final = frozenset[Content]({"results", "png", "weights", "height"})


@dataclass(frozen=True, slots=True, eq=False)
class ExportWish:
    """What the operator wants exported."""

    folder: Path
    contents: frozenset[Content] = RESULTS
    shapes: Shapes = ()
    """What is drawn on the fused image."""
    taste: Taste | None = None
    """How it is to look; needed for all but the results themselves."""
    replace: bool = False
    """Whether files that are there already may be replaced."""


def plan_of(
    subject: Subject, folder: Path, contents: frozenset[Content], shapes: Shapes
) -> ExportPlan:
    """Return which files an export would write."""
    profiles = sum(shape.kind == "profile" for shape in shapes)
    return plan_export(folder, contents, subject.stack.format, len(subject.used), profiles)


def write_export(
    subject: Subject, wish: ExportWish, on_progress: Callable[[int, int], None]
) -> int:
    """Write an export; returns the number of its files.

    Raises
    ------
    ResultError
        A file cannot be written, is there and may not be replaced, or would lie in the stack.
    StackError
        A frame cannot be read.
    """
    from app.captures.export.exportable import Exportable
    from app.captures.export.products import export_files
    from app.captures.origin import Origin
    from app.captures.results import write_results

    check_not_stack(wish.folder, subject.path)
    plan = plan_of(subject, wish.folder, wish.contents, wish.shapes)
    check_export(wish.folder, [file.path.name for file in plan.files], replace=wish.replace)
    origin = Origin(
        source=subject.path,
        frames=subject.used.indices,
        warps=_warps(subject),
        excluded=sorted(subject.edits.excluded),
        painted=subject.edits.painted(subject.stack),
        choice=subject.edits.choice,
        settings=FusionSettings(
            model=subject.fusion.model, align=subject.prepared.warps is not None
        ),
        measured=subject.prepared.brightness is not None,
    )
    others = wish.contents
    if "results" in wish.contents:
        write_results(wish.folder, subject.fusion, subject.used, origin, on_progress)
        others = wish.contents - _IN_RESULTS
    if others and wish.taste is not None:
        taste = replace(wish.taste, on_progress=lambda _name, done, total: on_progress(done, total))
        exported = Exportable.of(subject.fusion, subject.used, origin, wish.shapes)
        export_files(exported, wish.folder, others, taste)
    return len(plan.files)


def _warps(subject: Subject) -> list[Matrix] | None:
    warps = subject.prepared.warps
    return None if warps is None else [warps[index] for index in subject.used.indices]
