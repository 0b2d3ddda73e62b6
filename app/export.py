"""`wearif export`: the results of a fusion as files for people and other programs."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.markup import escape

from app.captures.export.exportable import Exportable, open_results
from app.captures.export.plan import Content, check_export, check_not_stack, plan_export
from app.captures.export.products import Marker, Taste, export_files, profile_lines
from app.captures.export.report_words import ReportLanguage
from app.captures.measurements import Shape
from app.captures.results import ResultError
from app.captures.stack import FrameFormat
from app.fuse import OnProgress

Line = tuple[float, float, float, float]
"""x and y of a line's ends, in pixels from the upper left corner."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What `export_results` has written."""

    files: tuple[Path, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.files))

    def __rich__(self) -> str:
        return escape(str(self))


def export_results(
    results: Path,
    out_dir: Path,
    contents: Collection[Content],
    *,
    marker: Marker,
    source: Path | None = None,
    lines: Sequence[Line] = (),
    drawn: bool = True,
    language: ReportLanguage = "en",
    replace_files: bool = False,
    on_progress: OnProgress | None = None,
) -> ExportReport:
    """Write what is wanted of a fusion's results.

    Parameters
    ----------
    results : Path
        A capture, or any folder with results.
    out_dir : Path
        Made if it is missing.
    contents : collection of str
    marker : callable
        Draws scale bar and measurements into the fused image.
    source : Path, optional
        Where the stack lies, if not where it lay.
    lines : sequence of tuples
        Along which the height is followed, besides those drawn in the window.
    drawn : bool
        Whether to draw what was measured.
    language : str
        Of the report.
    replace_files : bool
        Whether files of the same names may be replaced.
    on_progress : callable, optional
        Called with a file's name, the steps done and in all.

    Raises
    ------
    StackError
        The results or the stack cannot be read.
    ResultError
        A file cannot be written, is there already, or there is nothing to write.
    """
    if os.path.realpath(out_dir) == os.path.realpath(results):
        raise ResultError(f"{out_dir}: holds the results themselves; choose another folder")
    exported = open_results(results, source)
    told = exported.recipe.source
    for place in (source, None if told is None else Path(told)):
        check_not_stack(out_dir, place)
    shapes = (exported.shapes if drawn else ()) + tuple(_profile(line, exported) for line in lines)
    exported = replace(exported, shapes=shapes)
    image = FrameFormat.of(exported.fused)
    count = len(exported.recipe.frames)
    plan = plan_export(out_dir, contents, image, count, len(profile_lines(exported)))
    if not plan.files:
        raise ResultError(f"{results}: there is nothing to export: no line was drawn or given")
    names = [file.path.name for file in plan.files]
    check_export(out_dir, names, replace=replace_files)
    taste = Taste(marker, language, on_progress or (lambda _what, _done, _total: None))
    return ExportReport(export_files(exported, out_dir, contents, taste))


def parse_line(text: str) -> Line:
    """Read ``X0,Y0,X1,Y1``.

    Raises
    ------
    ResultError
        These are not four numbers.
    """
    try:
        x0, y0, x1, y1 = (float(word) for word in text.split(","))
    except ValueError as error:
        raise ResultError(f"{text}: a line is four numbers, such as 10,20,300,40") from error
    return x0, y0, x1, y1


def _profile(line: Line, exported: Exportable) -> Shape:
    rows, columns = exported.height.shape
    x0, y0, x1, y1 = line
    inside = all(0 <= x <= columns for x in (x0, x1)) and all(0 <= y <= rows for y in (y0, y1))
    if not inside or (x0, y0) == (x1, y1):
        raise ResultError(
            f"the line {x0:g} {y0:g} {x1:g} {y1:g} does not lie in a picture of {columns}x{rows}"
        )
    return Shape(kind="profile", points=((x0, y0), (x1, y1)))
