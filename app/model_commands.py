"""`wearif train`, `draw`, `evaluate` and `bench`: models, and what they are worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.cli_fail import fail
from app.command_panels import MODELS
from app.progress_bar import progress_bar

model_commands = typer.Typer()


@model_commands.command(rich_help_panel=MODELS)
def train(
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", help="Folder for weights, model card and curve; taken up again if cut."
        ),
    ],
    model: Annotated[str, typer.Option(help="wearif or published.")] = "wearif",
    loss: Annotated[
        str,
        typer.Option(
            help="supervised (on truth; mended where there is none), mended or published (both "
            "without truth)."
        ),
    ] = "supervised",
    stacks: Annotated[
        Path | None,
        typer.Option(
            help="A folder of real stacks to learn from: sub-folders of images, multi-page TIFFs, "
            "videos, captures. Every fifth is kept for validation."
        ),
    ] = None,
    mix: Annotated[
        float,
        typer.Option(help="Share of the real stacks, 0 to 1; the rest are synthetic ones."),
    ] = 1.0,
    size: Annotated[
        tuple[int, int],
        typer.Option(
            metavar="WIDTH HEIGHT", help="Pixels of the frames; real stacks are cropped to it."
        ),
    ] = (455, 256),
    iterations: Annotated[int, typer.Option(min=1, help="One stack each.")] = 30_000,
    learning_rate: Annotated[float, typer.Option(help="Full learning rate of Adam.")] = 1e-3,
    start_from: Annotated[
        Path | None, typer.Option(help="Weights to go on from, a .safetensors file.")
    ] = None,
    patience: Annotated[
        int,
        typer.Option(
            min=0, help="End after this many validations without improvement; 0 never does."
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Another seed is another training.")] = 0,
    workers: Annotated[int, typer.Option(min=0, help="Processes that draw stacks.")] = 1,
) -> None:
    """Train a model on synthetic stacks, on real ones, or on both."""
    from app.captures.stack import StackError
    from app.train import TrainInputError, speaks, train_model
    from models.training.checkpoint import CheckpointError
    from models.training.real_stacks import UnfitStackError
    from models.training.stack_source import StackSourceError
    from models.training.train import TrainingError
    from models.training.trainee import WrongWeightsError
    from models.wearif.weights import WeightsError

    options = {
        "out": out,
        "model": model,
        "loss": loss,
        "mix": mix,
        "width": size[0],
        "height": size[1],
        "iterations": iterations,
        "learning_rate": learning_rate,
        "start_from": start_from,
        "patience": patience,
        "seed": seed,
        "workers": workers,
    }
    try:
        report = train_model(options, stacks, Console(stderr=True, quiet=not speaks()))
    except OSError as error:
        fail("train", OSError(f"{error.filename or out}: cannot be written: {error.strerror}"))
    except (
        *(CheckpointError, StackError, StackSourceError, TrainInputError, TrainingError),
        *(UnfitStackError, WeightsError, WrongWeightsError),
    ) as error:
        fail("train", error)
    Console(quiet=not speaks()).print(
        f"weights     {report.weights}\nmodel card  {report.card}\ncurve       {report.curve}",
        highlight=False,
        soft_wrap=True,
    )


@model_commands.command(rich_help_panel=MODELS)
def draw(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the stacks.")],
    count: Annotated[int, typer.Option(min=1, help="How many stacks.")] = 8,
    frames: Annotated[int, typer.Option(min=3, help="Frames in each.")] = 32,
    size: Annotated[
        tuple[int, int], typer.Option(metavar="WIDTH HEIGHT", help="Pixels of the frames.")
    ] = (455, 256),
    seed: Annotated[int, typer.Option(min=0, help="Of the first; the others follow.")] = 0,
) -> None:
    """Draw synthetic ferrogram stacks with their truth, to try and to evaluate fusion on."""
    from app.captures.results import ResultError
    from app.draw import draw as draw_stacks
    from models.training.synthetic import StackShape

    try:
        shape = StackShape(height=size[1], width=size[0], frames=(frames, frames))
        with progress_bar() as on_progress:
            report = draw_stacks(out, shape, count, seed, on_progress)
    except (ResultError, ValueError) as error:
        fail("draw", error)
    Console().print(*report.folders, sep="\n", soft_wrap=True, highlight=False)


@model_commands.command(rich_help_panel=MODELS)
def evaluate(
    stacks: Annotated[
        list[Path],
        typer.Argument(
            metavar="STACK...",
            help="Folders of frames 000.png, 001.png, ...; beside them meta.json (z_um), "
            "truth_na.png or truth.png, height.tif and labels.tif, where known.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for tables and pictures.")],
    model: Annotated[
        list[str] | None,
        typer.Option(help="wearif, published, or a .safetensors file; may be repeated."),
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            help="A baseline, or all of them: all; may be repeated. Without any model or method: "
            "wearif and all baselines."
        ),
    ] = None,
    metrics: Annotated[
        bool,
        typer.Option("--metrics/--no-metrics", help="FMI, Q_g, Q_y, Q_cb and SCD; they take long."),
    ] = True,
    compare_with: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=PATH",
            help="Fused images of another program: an image, or a folder with STACK.png; "
            "may be repeated.",
        ),
    ] = None,
) -> None:
    """Compare models and other methods on stacks, against the truth where it is known."""
    from app.captures.results import ResultError
    from app.evaluate import evaluate as evaluate_stacks
    from models.evaluation.errors import EvaluationError
    from models.wearif.weights import WeightsError

    try:
        with progress_bar() as on_progress:
            report = evaluate_stacks(
                stacks,
                out,
                models=model or (),
                methods=method or (),
                compare_with=compare_with or (),
                metrics=metrics,
                on_progress=on_progress,
            )
    except (EvaluationError, ResultError, WeightsError) as error:
        fail("evaluate", error)
    Console().print(report, soft_wrap=True, highlight=False)


@model_commands.command(rich_help_panel=MODELS)
def bench(
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="wearif, published, or a .safetensors file; may be repeated. Both if not given."
        ),
    ] = None,
    size: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WIDTHxHEIGHT",
            help="Of the frames; may be repeated. 910x512 and 2448x2048 if not given.",
        ),
    ] = None,
    frames: Annotated[
        int, typer.Option(min=1, help="Of the stack that is fused again and again.")
    ] = 3,
    seconds: Annotated[
        float, typer.Option(min=0, help="How long to go on with each model and size.")
    ] = 3.0,
    threads: Annotated[int, typer.Option(min=0, help="0 leaves it to the libraries.")] = 0,
    device: Annotated[
        str, typer.Option(help="cpu, cuda, or auto: a graphics card if there is one to use.")
    ] = "cpu",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
) -> None:
    """Measure how fast this machine fuses, stage by stage, and how far that is from its limits."""
    from app.bench import DEFAULT_MODELS, DEFAULT_SIZES, BenchError, show
    from app.bench import bench as measure
    from models.evaluation.speed_tables import json_of, markdown_of
    from models.wearif.weights import WeightsError

    try:
        with progress_bar() as on_progress:
            speeds = measure(
                model or DEFAULT_MODELS,
                size or DEFAULT_SIZES,
                frames=frames,
                seconds=seconds,
                threads=threads,
                device=device,
                on_progress=on_progress,
            )
    except (BenchError, WeightsError) as error:
        fail("bench", error)
    if as_json or as_markdown:
        typer.echo(json_of(speeds) if as_json else markdown_of(speeds))
    else:
        show(speeds, Console())
