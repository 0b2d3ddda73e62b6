"""`wearif batch`: archives, fused again."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Annotated, Self

import typer
from rich.console import Console
from rich.table import Table

from app.cli_fail import fail
from app.command_panels import ON_DISK
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

if TYPE_CHECKING:
    from app.batch.tally import Tally

SOME_FAILED = 1
"""Exit status when at least one stack was not fused."""
LINE_EVERY_S = 10.0
"""How often a log that is not a screen is told."""
MOST_SHOWN = 20
"""Failures on screen; the file has them all."""

batch_commands = typer.Typer()


@batch_commands.command(rich_help_panel=ON_DISK)
def batch(
    named: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Captures, folders of images, stack files, or folders that hold any of these, at "
            "any depth; paths, patterns, or URLs such as s3://bucket/folder.",
        ),
    ],
    out: Annotated[
        str, typer.Option("--out", "-o", help="Folder for all results: a path or a URL.")
    ],
    model: Model = "wearif",
    frames: Frames = 0,
    z_step: ZStep = None,
    align: Align = None,
    equalise: Equalise = True,
    scene: Scene = None,
    channel: Channel = None,
    time_point: TimePoint = None,
    retouched: Retouched = True,
    device: Device = "cpu",
    workers: Annotated[
        int, typer.Option(min=0, help="Processes of this computer; 0 is one for each processor.")
    ] = 0,
    memory: Annotated[
        str, typer.Option(help="Most that each of these may use, such as 4GB; auto shares it out.")
    ] = "auto",
    scheduler: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="Work on a running cluster of Dask: tcp://host:8786."),
    ] = "",
) -> None:
    """Fuse any number of stacks; results that are complete are left as they are.

    Stopped or killed at any moment, the same command goes on where it was. Exit status 0: all
    results are there; 1: some stacks failed, see failures.txt; 2: nothing could be done.
    """
    try:
        from app.batch.location import LocationError
        from app.batch.pool import PoolError
        from app.batch.run import run_batch
    except ModuleNotFoundError as error:
        if error.name not in {"dask", "distributed", "fsspec"}:
            raise
        fail("batch", ModuleNotFoundError(f"needs {error.name}: pip install 'wearif[batch]'"))
    from app.captures.fusion_settings import FusionSettings
    from app.captures.part import Part
    from models.wearif.weights import WeightsError

    settings = FusionSettings(
        model=model,
        frames=frames,
        z_step_um=z_step,
        align=align,
        equalise=equalise,
        part=Part(scene, channel, time_point),
        retouched=retouched,
    )
    try:
        with _Telling() as telling:
            tally = run_batch(
                named,
                out,
                settings,
                workers=workers or os.cpu_count() or 1,
                scheduler=scheduler,
                memory=memory,
                device=device,
                on_tally=telling.show,
            )
    except (LocationError, PoolError, WeightsError) as error:
        fail("batch", error)
    _show(tally, out)
    if tally.of("failed"):
        raise typer.Exit(SOME_FAILED)


class _Telling:
    """Tells how far the batch is: one line that changes on a screen, now and then one in a log."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._status = self._console.status("looking for stacks")
        self._told_s = 0.0

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._status.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._status.stop()

    def show(self, tally: Tally) -> None:
        """Tell."""
        if self._console.is_terminal:
            self._status.update(str(tally))
        elif time.monotonic() - self._told_s > LINE_EVERY_S:
            self._told_s = time.monotonic()
            self._console.print(str(tally), soft_wrap=True, highlight=False)


def _show(tally: Tally, out: str) -> None:
    from app.batch.tally import FAILURES, SUMMARY
    from app.duration import duration

    console = Console()
    table = Table("stacks", "fused", "there before", "failed", "frames", "time", "a minute")
    fused = [outcome for outcome in tally.outcomes if outcome.state == "fused"]
    table.add_row(
        *(str(tally.total), str(len(fused)), str(tally.of("there")), str(tally.of("failed"))),
        *(str(sum(each.frames for each in fused)), duration(tally.seconds)),
        f"{60 * len(fused) / max(tally.seconds, 1e-9):.1f}",
    )
    console.print(table)
    failures = [outcome for outcome in tally.outcomes if outcome.state == "failed"]
    for outcome in failures[:MOST_SHOWN]:
        # What failed names the place by itself.
        named = outcome.reason if outcome.source in outcome.reason else ""
        told = named or f"{outcome.source}: {outcome.reason}"
        Console(stderr=True).print(told, soft_wrap=True, highlight=False, markup=False)
    names = SUMMARY if not failures else f"{SUMMARY} and {FAILURES}"
    console.print(f"See {names} in {out}", soft_wrap=True, highlight=False, markup=False)
