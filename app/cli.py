"""The command `wearif` and its sub-commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.batch_commands import batch_commands
from app.cli_fail import fail
from app.command_panels import MICROSCOPE, ON_DISK, TRYING
from app.export_commands import export_commands
from app.fuse_options import (
    Align,
    Channel,
    Device,
    Equalise,
    Frames,
    Model,
    Retouched,
    Scene,
    TimePoint,
    ZStep,
)
from app.microscope_commands import microscope_commands
from app.model_commands import model_commands
from app.progress_bar import progress_bar
from app.slide_commands import slide_commands

DEFAULT = "wearif"
"""The model that fuses unless another one is named."""
DEFAULT_MICROSCOPE = "simulated"
"""What the window shows unless another one is named."""

app = typer.Typer(
    name="wearif",
    help="Capture and fuse focus stacks of ferrograms.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)


app.add_typer(model_commands)
app.add_typer(slide_commands)
app.add_typer(batch_commands)
app.add_typer(export_commands)
app.add_typer(microscope_commands)


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    microscope: Annotated[
        str | None,
        typer.Option(
            help="Microscope profile: a name or a .toml file.", show_default=DEFAULT_MICROSCOPE
        ),
    ] = None,
) -> None:
    """Open the window, unless a command is given."""
    if context.invoked_subcommand is not None:
        if microscope is not None:
            # The command would quietly take the simulated one.
            fail(context.invoked_subcommand, ValueError("--microscope comes after the command"))
        return
    # Qt is heavy and needs libraries that the other commands do without.
    from app.window.application import run_window

    sys.exit(run_window(microscope or DEFAULT_MICROSCOPE))


@app.command(rich_help_panel=ON_DISK)
def fuse(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")],
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="INPUT",
            help="A capture, a folder of images, an OME-Zarr, a TIFF, CZI, ND2, LIF or video file.",
        ),
    ] = None,
    from_export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Make again what a PNG, TIFF, JPEG, report or other export was made from, exactly "
            "so; INPUT only where the stack lies elsewhere now, --model only where its weights do.",
        ),
    ] = None,
    frames: Frames = 0,
    model: Model = DEFAULT,
    z_step: ZStep = None,
    align: Align = None,
    equalise: Equalise = True,
    scene: Scene = None,
    channel: Channel = None,
    time_point: TimePoint = None,
    device: Device = "auto",
    retouched: Retouched = True,
) -> None:
    """Fuse a focus stack into one all-in-focus image."""
    from app.captures.fusion_settings import FusionSettings
    from app.captures.part import Part
    from app.captures.results import ResultError
    from app.captures.stack import StackError
    from app.fuse import fuse_input
    from models.wearif.fusion import FusionError
    from models.wearif.weights import WeightsError

    if from_export is not None:
        asked = (z_step, align, scene, channel, time_point)
        told = frames > 0 or any(each is not None for each in asked)
        if told or not (retouched and equalise):
            fail("fuse", StackError(f"{from_export}: says how itself; leave the options out"))
        _fuse_again(from_export, out, source, "" if model == DEFAULT else model, device)
        return
    if source is None:
        fail("fuse", StackError("name the INPUT, or an export by --from-export"))
    try:
        with progress_bar() as on_progress:
            report = fuse_input(
                source,
                out,
                FusionSettings(
                    model=model,
                    frames=frames,
                    z_step_um=z_step,
                    align=align,
                    equalise=equalise,
                    part=Part(scene, channel, time_point),
                    retouched=retouched,
                ),
                device=device,
                on_progress=on_progress,
            )
    except (StackError, ResultError, FusionError, WeightsError) as error:
        fail("fuse", error)
    Console().print(report, soft_wrap=True, highlight=False)


def _fuse_again(export: Path, out: Path, source: Path | None, weights: str, device: str) -> None:
    from app.captures.results import ResultError
    from app.captures.stack import StackError
    from app.repeat import RepeatError, repeat_export
    from models.wearif.fusion import FusionError
    from models.wearif.weights import WeightsError

    try:
        with progress_bar() as on_progress:
            report = repeat_export(
                export,
                out,
                source=source,
                model=weights,
                device=device,
                on_progress=on_progress,
            )
    except (RepeatError, StackError, ResultError, FusionError, WeightsError) as error:
        fail("fuse", error)
    Console().print(report, soft_wrap=True, highlight=False)


@app.command(rich_help_panel=TRYING)
def demo(
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for captures; the captures folder if not given."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which slide to put under the microscope.")] = 1,
) -> None:
    """Capture and fuse a slide on the simulated microscope: no hardware, no screen."""
    from app.captures.layout import default_captures_folder
    from app.demo import DemoError, run_demo
    from drivers.errors import DeviceError
    from models.wearif.weights import WeightsError

    try:
        run_demo(out or default_captures_folder(), seed=seed, console=Console())
    except (DemoError, DeviceError, WeightsError) as error:
        fail("demo", error)


@app.command(rich_help_panel=MICROSCOPE)
def devices(
    port: Annotated[
        list[str] | None,
        typer.Option(
            help="Ask on this port only: COM3, /dev/ttyUSB0, socket://host:port; may be repeated."
        ),
    ] = None,
    write: Annotated[
        str,
        typer.Option(metavar="NAME", help="Write a profile of what was found, to start from."),
    ] = "",
    probe: Annotated[
        str, typer.Option(metavar="PORT", help="Test the stage controller on this port.")
    ] = "",
    controller: Annotated[
        str,
        typer.Option(
            help="What it is: grbl, zaber, prior, asi, tango, or the file that declares it."
        ),
    ] = "",
    microscope: Annotated[
        str,
        typer.Option(help="The profile that describes the axes of the stage to be tested."),
    ] = "",
    move: Annotated[
        float,
        typer.Option(
            metavar="UM", help="In the test, also run z so far and back, after asking; 0 does not."
        ),
    ] = 0.0,
) -> None:
    """List stages and cameras, or test a stage controller; nothing moves without being asked."""
    from app.devices import DevicesError, show_devices
    from app.profiles import ProfileError
    from app.stage_probe import ProbeError, probe_stage, stage_to_probe
    from drivers.errors import DeviceError

    try:
        if not probe:
            show_devices(port or (), write, typer.echo)
            return
        if bool(controller) == bool(microscope):
            raise DevicesError("--probe needs --controller or --microscope, and one of them only")
        stage = stage_to_probe(probe, controller, microscope)
        probe_stage(stage, typer.echo, move_um=move, confirm=typer.confirm)
    except (DeviceError, DevicesError, ProbeError, ProfileError) as error:
        fail("devices", error)


def main() -> None:
    """Entry point of the console command."""
    app()


if __name__ == "__main__":
    main()
