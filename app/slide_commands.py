"""`wearif scan` and `wearif recover`: whole slides, and what was cut short."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from app.cli_fail import fail
from app.command_panels import MICROSCOPE, ON_DISK

slide_commands = typer.Typer()


@slide_commands.command(rich_help_panel=MICROSCOPE)
def scan(
    out: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="Folder of the scan; one that was cut short is taken up where it was.",
        ),
    ],
    microscope: Annotated[
        str, typer.Option(help="Microscope profile: a name or a .toml file.")
    ] = "simulated",
    grid: Annotated[
        tuple[int, int],
        typer.Option(metavar="COLUMNS ROWS", help="Fields side by side around the present place."),
    ] = (3, 3),
    overlap: Annotated[
        float, typer.Option(min=0, max=0.9, help="Of neighbours in the grid.")
    ] = 0.1,
    fields: Annotated[
        Path | None,
        typer.Option(help="A CSV file with the columns x_um, y_um and, if wanted, name."),
    ] = None,
    entry: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="X Y", help="µm, where a ferrogram's entry is: its usual places."),
    ] = None,
    direction: Annotated[
        Literal["+x", "-x", "+y", "-y"], typer.Option(help="From a ferrogram's entry to its exit.")
    ] = "+x",
    position: Annotated[
        list[float] | None,
        typer.Option(help="mm from the entry, instead of the usual places; may be repeated."),
    ] = None,
    home: Annotated[
        bool, typer.Option("--home", help="Let the stage find its reference switches first.")
    ] = False,
) -> None:
    """Capture many fields of a slide, unattended: focus, sweep and fuse each."""
    from app.acquisition.fields import FieldsError
    from app.captures.recorder_error import RecorderError
    from app.captures.stack import StackError
    from app.profiles import ProfileError
    from app.scan import ScanError, Wanted, run_scan
    from drivers.errors import DeviceError
    from models.wearif.weights import WeightsError

    console = Console()
    wanted = Wanted(fields, entry, direction, tuple(position or ()), grid, overlap)
    try:
        finished = run_scan(
            out,
            microscope,
            wanted,
            home=home,
            tell=lambda line: console.print(line, soft_wrap=True, highlight=False),
        )
    except (
        *(DeviceError, FieldsError, ProfileError, RecorderError, ScanError, StackError),
        WeightsError,
    ) as error:
        fail("scan", error)
    if finished.overview is not None:
        console.print(f"overview {finished.overview}", soft_wrap=True, highlight=False)


@slide_commands.command(rich_help_panel=ON_DISK)
def recover(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="FOLDER",
            help="A capture, or a folder of captures or slide scans; the captures folder if not "
            "given.",
        ),
    ] = None,
) -> None:
    """Make captures whole that a crash or a power cut has interrupted."""
    from app.acquisition.recovery import Recovery, RecoveryError, recover_all, recover_capture
    from app.captures.layout import RECORD, default_captures_folder

    place = folder or default_captures_folder()
    recovered: tuple[Recovery, ...]
    try:
        if not place.is_dir():
            raise RecoveryError(f"{place}: there is no such folder")
        if (place / RECORD).is_file():
            one = recover_capture(place)
            recovered = () if one is None else (one,)
        else:
            recovered = recover_all(place)
    except RecoveryError as error:
        fail("recover", error)
    lines = [str(each) for each in recovered] or [f"{place}: nothing to recover"]
    Console().print(*lines, sep="\n", soft_wrap=True, highlight=False)
