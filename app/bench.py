"""`wearif bench`: how fast the models fuse on this machine, and how far that is from its limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import cv2
import torch
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from models.evaluation.speed import Speed, measure_speed
from models.evaluation.speed_tables import TITLES, cells, heading, summary
from models.wearif.weights import load_model

DEFAULT_MODELS = ("wearif", "published")
DEFAULT_SIZES = ("910x512", "2448x2048")

OnProgress = Callable[[str, int, int], None]
"""Called with what is done, the steps done and the steps in all."""


class BenchError(Exception):
    """What was asked for cannot be measured."""


def bench(
    models: Sequence[str] = DEFAULT_MODELS,
    sizes: Sequence[str] = DEFAULT_SIZES,
    *,
    frames: int = 3,
    seconds: float = 3.0,
    threads: int = 0,
    device: str = "cpu",
    on_progress: OnProgress | None = None,
) -> list[Speed]:
    """Measure every model at every size.

    Parameters
    ----------
    models : sequence of str
        Shipped models or .safetensors files.
    sizes : sequence of str
        ``WIDTHxHEIGHT`` in pixels.
    frames : int
        How many make the stack that is fused again and again.
    seconds : float
        How long that goes on for each model and size, if it is not too slow for that.
    threads : int
        How many compute; 0 leaves it to the libraries.
    device : str
        As `load_model` takes it.
    on_progress : callable, optional
        Called before each measurement and at the end.

    Raises
    ------
    BenchError
        A size cannot be read.
    WeightsError
        There is no such model or device.
    """
    measured = [_size(text) for text in sizes]
    loaded = [load_model(name, device) for name in models]
    speeds: list[Speed] = []
    total = len(measured) * len(loaded)
    with _threads(threads):
        for width, height in measured:
            for model in loaded:
                if on_progress is not None:
                    on_progress(f"{model.config.name} {width}x{height}", len(speeds), total)
                speeds.append(measure_speed(model, width, height, frames=frames, seconds=seconds))
    if on_progress is not None:
        on_progress("done", total, total)
    return speeds


def show(speeds: Sequence[Speed], console: Console) -> None:
    """Print the tables."""
    for speed in speeds:
        table = Table(title=heading(speed), title_justify="left", box=SIMPLE, pad_edge=False)
        for index, title in enumerate(TITLES):
            table.add_column(title, justify="right" if index else "left", no_wrap=True)
        for line in cells(speed):
            table.add_row(*line)
        console.print(table)
        for sentence in summary(speed):
            console.print(sentence, highlight=False)
        console.print()


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)[xX](\d+)", text.strip())
    if found is None or 0 in (size := (int(found[1]), int(found[2]))):
        raise BenchError(f"{text}: not a size; give WIDTHxHEIGHT in pixels, such as 910x512")
    return size


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads(), cv2.getNumThreads()
    if count:
        torch.set_num_threads(count)
        cv2.setNumThreads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        cv2.setNumThreads(before[1])
