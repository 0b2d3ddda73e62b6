"""`wearif calibrate`, `capture` and `trial`: one microscope, and how well all works."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli_fail import fail
from app.command_panels import MICROSCOPE, TRYING

microscope_commands = typer.Typer()


@microscope_commands.command(rich_help_panel=MICROSCOPE)
def calibrate(
    microscope: Annotated[
        str, typer.Argument(metavar="PROFILE", help="A microscope profile: name or .toml file.")
    ],
    pairs: Annotated[
        int, typer.Option(min=2, help="Sweeps up and down at each of two speeds.")
    ] = 4,
    home: Annotated[
        bool, typer.Option("--home", help="Let the stage find its reference switches unasked.")
    ] = False,
) -> None:
    """Measure latency and backlash of z, the pixel and the camera's turn, for the profile.

    Put a slide with many sharp edges under the objective; it takes about a minute. The slide is
    moved by half a field to either side.
    """
    from app.acquisition.autofocus import AutofocusError
    from app.acquisition.calibration import CalibrationError
    from app.acquisition.sweep_plan import PlanError
    from app.acquisition.z_tagging import TaggingError
    from app.calibrate import CalibrateError, run_calibration
    from app.profiles import ProfileError
    from drivers.errors import DeviceError

    def may_home() -> bool:
        return home or typer.confirm(
            "The stage has to find its reference switches: it will drive to its ends. "
            "Is the way clear?"
        )

    try:
        run_calibration(microscope, typer.echo, may_home=may_home, pairs=pairs)
    except (AutofocusError, CalibrateError, CalibrationError, PlanError, TaggingError) as error:
        fail("calibrate", error)
    except (DeviceError, ProfileError) as error:
        fail("calibrate", error)


@microscope_commands.command(rich_help_panel=MICROSCOPE)
def capture(
    captures: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="For captures; the usual one by default."),
    ] = None,
    microscope: Annotated[
        str, typer.Option(help="Microscope profile: a name or a .toml file.")
    ] = "simulated",
    z_range: Annotated[
        tuple[float, float] | None,
        typer.Option("--range", metavar="BOTTOM TOP", help="µm, instead of finding them."),
    ] = None,
    home: Annotated[
        bool, typer.Option("--home", help="Let the stage find its reference switches first.")
    ] = False,
) -> None:
    """Capture where the stage stands: focus, sweep the thickest particle in view, and fuse."""
    from app.captures.layout import default_captures_folder
    from app.one_capture import CaptureError, capture_once
    from app.profiles import ProfileError
    from app.scan import ScanError
    from drivers.errors import DeviceError
    from models.wearif.weights import WeightsError

    try:
        finished = capture_once(
            captures or default_captures_folder(),
            microscope,
            z_range_um=z_range,
            home=home,
            tell=typer.echo,
        )
    except (CaptureError, DeviceError, ProfileError, ScanError, WeightsError) as error:
        fail("capture", error)
    typer.echo(f"The files are in {finished.folder}")


@microscope_commands.command(rich_help_panel=TRYING)
def trial(
    what: Annotated[
        Literal["tagging", "focus", "range", "pixel"],
        typer.Argument(
            help="tagging: the z of frames; focus: the autofocus; range: the automatic range; "
            "pixel: the side of a pixel, by moving the stage."
        ),
    ],
    runs: Annotated[
        int, typer.Option(min=1, help="How many sweeps, starts, fields or slides.")
    ] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 0,
) -> None:
    """Try a promise of the program many times on the simulated microscope, in virtual time."""
    from app.trials.focusing import try_focusing
    from app.trials.pixel import try_pixel
    from app.trials.ranging import try_ranging
    from app.trials.tagging import try_tagging

    def on_progress(what: str, done: int, total: int) -> None:
        typer.echo(f"{what}: {done} of {total}", err=True)

    match what:
        case "tagging":
            table = try_tagging(runs, seed, on_progress).table()
        case "focus":
            table = try_focusing(runs, seed, on_progress).table()
        case "range":
            table = try_ranging(runs, seed, on_progress).table()
        case "pixel":
            table = try_pixel(runs, seed, on_progress).table()
    typer.echo(table)
