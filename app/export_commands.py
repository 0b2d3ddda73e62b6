"""`wearif export`."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from app.captures.export.plan import KINDS, PRESETS, Content, Preset
from app.captures.export.report_words import ReportLanguage
from app.cli_fail import fail
from app.command_panels import ON_DISK
from app.progress_bar import progress_bar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.captures.export.exportable import Exportable

export_commands = typer.Typer()


@export_commands.command(rich_help_panel=ON_DISK)
def export(
    results: Annotated[
        Path,
        typer.Argument(metavar="RESULTS", help="A capture, or a folder that `wearif fuse` filled."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the files.")],
    preset: Annotated[
        Preset | None,
        typer.Option(help="For a report, for other programs, or everything that there is."),
    ] = None,
    what: Annotated[
        list[str] | None,
        typer.Option("--what", "-w", help=f"May be repeated: {', '.join(KINDS)}."),
    ] = None,
    source: Annotated[
        Path | None, typer.Option(help="Where the stack lies, if not where it was fused.")
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X0,Y0,X1,Y1",
            help="Follow the height along a line, in pixels from the upper left; may be repeated.",
        ),
    ] = None,
    drawn: Annotated[
        bool,
        typer.Option("--drawn/--bare", help="Draw what was measured beside the scale bar, or not."),
    ] = True,
    language: Annotated[ReportLanguage, typer.Option(help="Of the report.")] = "en",
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace files that are there already.")
    ] = False,
) -> None:
    """Write a fusion's results for people and for other programs."""
    from app.captures.results import ResultError
    from app.captures.stack import StackError
    from app.export import export_results, parse_line

    try:
        contents = _contents(what or (), preset, lines=bool(line))
        with progress_bar() as on_progress:
            report = export_results(
                results,
                out,
                contents,
                marker=_mark,
                source=source,
                lines=[parse_line(text) for text in line or ()],
                drawn=drawn,
                language=language,
                replace_files=replace,
                on_progress=on_progress,
            )
    except (StackError, ResultError) as error:
        fail("export", error)
    Console().print(report, soft_wrap=True, highlight=False)


def _contents(what: Collection[str], preset: Preset | None, *, lines: bool) -> set[Content]:
    """Gather what is wanted; a picture for a report where nothing is said."""
    from app.captures.results import ResultError

    known: dict[str, Content] = {kind: kind for kind in KINDS}
    unknown = [kind for kind in what if kind not in known]
    if unknown:
        raise ResultError(f"{unknown[0]}: no such kind of file; there are {', '.join(KINDS)}")
    contents = {known[kind] for kind in what}
    if lines:
        contents.add("profiles")
    if preset is not None or not contents:
        contents.update(PRESETS[preset or "report"])
    return contents


def _mark(exported: Exportable) -> NDArray[np.uint8]:
    """Draw scale bar and measurements as the window does; that alone takes Qt, but no screen."""
    from app.window.offscreen import marked_offscreen

    picture: NDArray[np.uint8] = marked_offscreen(exported)
    return picture
