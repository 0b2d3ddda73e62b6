"""A training in the terminal: how far, how long yet, how the loss goes."""

from __future__ import annotations

import math
import time
from collections import deque
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from models.training.progress import Progress

_BLOCKS = "▁▂▃▄▅▆▇█"
_CURVE_WIDTH = 60
_RECENT = 100


class TrainView:
    """Shows each iteration below the validations so far; without a terminal, validations alone.

    Parameters
    ----------
    console : Console
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=2, transient=True)
        self._losses = LossCurve(_CURVE_WIDTH)
        self._times: deque[tuple[int, float]] = deque(maxlen=_RECENT)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, now: Progress) -> None:
        """Take note of an iteration."""
        self._times.append((now.iteration, time.monotonic()))
        self._losses.add(now.loss)
        if now.verdict is not None:
            real = now.verdict.real_loss
            self._console.print(
                f"iteration {now.iteration}: {now.verdict.score} whole / on particles "
                f"(soft focus weighting {now.verdict.baseline_score})"
                + ("" if real is None else f", loss on real stacks {real:.4f}")
                + (", best so far" if now.best_iteration == now.iteration else ""),
                highlight=False,
                soft_wrap=True,
            )
        if self._console.is_terminal:
            self._live.update(self._picture(now))

    def _picture(self, now: Progress) -> Group:
        line = Table.grid(padding=(0, 2))
        line.add_row(
            f"iteration {now.iteration} of {now.iterations}",
            ProgressBar(total=now.iterations, completed=now.iteration, width=30),
            self._time_left(now),
        )
        return Group(line, f"loss {now.loss:.5f}  {self._losses}")

    def _time_left(self, now: Progress) -> str:
        (first, started), (last, ended) = self._times[0], self._times[-1]
        if last == first:
            return ""
        per_iteration_s = (ended - started) / (last - first)
        left_s = round(per_iteration_s * (now.iterations - now.iteration))
        hours, minutes, seconds = left_s // 3600, left_s // 60 % 60, left_s % 60
        return f"{hours}:{minutes:02}:{seconds:02} left, {per_iteration_s:.2f} s/iteration"


class LossCurve:
    """The whole course of the loss in one line of text, however long it grows.

    Each character is the mean over a share of the iterations, drawn by its logarithm. When the line
    is full, neighbours are joined.

    Parameters
    ----------
    width : int
        Characters at most, even.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._means: list[float] = []
        self._each = 1
        self._sum = 0.0
        self._count = 0

    def add(self, loss: float) -> None:
        """Add the next loss; what is no positive number is left out."""
        if not (math.isfinite(loss) and loss > 0):
            return
        self._sum += math.log(loss)
        self._count += 1
        if self._count < self._each:
            return
        self._means.append(self._sum / self._count)
        self._sum, self._count = 0.0, 0
        if len(self._means) == self._width:
            pairs = zip(self._means[::2], self._means[1::2], strict=True)
            self._means = [(a + b) / 2 for a, b in pairs]
            self._each *= 2

    def __str__(self) -> str:
        if not self._means:
            return ""
        low, high = min(self._means), max(self._means)
        step = (high - low) / (len(_BLOCKS) - 1) or 1.0
        return "".join(_BLOCKS[round((mean - low) / step)] for mean in self._means)
