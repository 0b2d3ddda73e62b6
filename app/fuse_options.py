"""The options of `wearif fuse` that `wearif batch` takes as well: how a stack is fused."""

from __future__ import annotations

from typing import Annotated

import typer


def _step(step_um: float | None) -> float | None:
    # Imported late: help is to come without the libraries that read stacks.
    from app.captures.fusion_settings import MAX_STEP_UM

    if step_um is not None and not 0 < abs(step_um) <= MAX_STEP_UM:
        raise typer.BadParameter(f"frames cannot lie {step_um:g} µm apart")
    return step_um


Model = Annotated[str, typer.Option(help="wearif, published, or a .safetensors file of your own.")]
Frames = Annotated[
    int, typer.Option(min=0, help="Keep only this many of the sharpest frames; 0 keeps all.")
]
ZStep = Annotated[
    float | None,
    typer.Option(
        help="Distance of the frames along z in µm; goes before what the input says.",
        callback=_step,
    ),
]
Align = Annotated[
    bool | None,
    typer.Option(
        "--align/--no-align",
        help="Lay frames that are measured to drift, grow or turn onto one of them, or not; "
        "done unless frames were painted with.",
    ),
]
Equalise = Annotated[
    bool,
    typer.Option(
        "--equalise/--no-equalise",
        help="Even out a lamp that fades or a camera that exposes by itself, or not.",
    ),
]
Scene = Annotated[
    int | None, typer.Option(min=0, help="Which position or series of a file of several.")
]
Channel = Annotated[int | None, typer.Option(min=0, help="Which channel of a file of several.")]
TimePoint = Annotated[
    int | None, typer.Option("--time", min=0, help="Which point of time of a file of several.")
]
Device = Annotated[
    str, typer.Option(help="cpu, cuda, or auto: a graphics card if there is one to use.")
]
Retouched = Annotated[
    bool,
    typer.Option(
        "--retouched/--untouched",
        help="Do what was excluded and retouched in the review of a capture, or leave it.",
    ),
]
