"""How much more several workers do than one: ``python -m app.batch.speed``.

Stacks are drawn, then fused by one worker and by several in turns, on this computer. What a hundred
workers would do is calculated from what is measured, not measured: see `Speeds.with_workers`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from distributed import Client, as_completed

from app.batch.job import Job, Outcome
from app.batch.pool import open_pool, run_jobs
from app.captures.fusion_settings import FusionSettings
from app.draw import draw
from models.training.synthetic import StackShape
from models.wearif.weights import load_model


@dataclass(frozen=True, slots=True)
class Speeds:
    """What was measured."""

    workers: int
    """How many were compared with one."""
    alone: tuple[float, ...]
    """Stacks per second by one worker, round by round."""
    together: tuple[float, ...]
    """The same by all of them."""
    stack_s: float
    """Median time of a worker over one stack, while it was alone."""
    task_s: float
    """What handing out one empty task and taking back its answer takes, with many under way: the
    time of the one scheduler, which all workers share."""
    stack_mb: float
    """Read and written for one stack."""

    @property
    def ratio(self) -> float:
        """How many times as much all workers do as one; the median of the rounds."""
        pairs = zip(self.together, self.alone, strict=True)
        return median(many / one for many, one in pairs)

    def with_workers(self, count: int) -> float:
        """Return the stacks per second that so many workers would do.

        ``min(count / (stack_s + task_s), 1 / task_s)``: each takes as long as one did alone, until
        the scheduler is busy all the time. That holds for workers with a processor of their own as
        fast as this one, and for storage that serves all of them as fast as this disk serves one;
        `demand_mb_per_s` says what it would have to.
        """
        return min(count / (self.stack_s + self.task_s), 1 / self.task_s)

    def demand_mb_per_s(self, count: int) -> float:
        """Return what so many workers would read and write, in MB/s."""
        return self.with_workers(count) * self.stack_mb

    def __str__(self) -> str:
        busy = self.with_workers(100) * self.task_s
        return "\n".join(
            (
                f"1 worker:    {_rates(self.alone)} stacks/s",
                f"{self.workers} workers:   {_rates(self.together)} stacks/s",
                f"ratio:       {self.ratio:.2f}, the median of {len(self.alone)} rounds",
                f"a stack:     {self.stack_s:.3f} s of a worker, {self.stack_mb:.2f} MB",
                f"a task:      {1e3 * self.task_s:.2f} ms of the scheduler",
                f"100 workers: {self.with_workers(100):.1f} stacks/s, calculated",
                f"             the scheduler would be busy {100 * busy:.0f} % of the time",
                f"             it hands out {1 / self.task_s:.0f} stacks/s at most",
                f"             storage would have to serve {self.demand_mb_per_s(100):.0f} MB/s",
            )
        )


def measure(
    folder: Path, workers: int, shape: StackShape, stacks: int, rounds: int, tasks: int
) -> Speeds:
    """Draw stacks and fuse them; in each round by one worker and by all of them.

    Parameters
    ----------
    folder : Path
        For stacks and results.
    workers : int
        How many are compared with one.
    shape : StackShape
        Of the stacks.
    stacks : int
        How many are fused each time.
    rounds : int
        How often.
    tasks : int
        Empty ones, for the time of the scheduler.
    """
    sources = draw(folder / "stacks", shape, stacks, 0, _say_nothing).folders
    sha = str(load_model().weights_sha256)
    alone, together, times, sizes = [], [], [], []
    with open_pool(1) as one, open_pool(workers) as many:
        # Their first stack loads the program and the model.
        for name, client, count in (("a", one, 1), ("b", many, workers)):
            _fuse(client, sources[:1] * (2 * count), folder / "first" / name, sha)
        for number in range(rounds):
            rate, outcomes = _fuse(one, sources, folder / f"one{number}", sha)
            alone.append(rate)
            times += [outcome.seconds for outcome in outcomes]
            sizes += [outcome.bytes_read + outcome.bytes_written for outcome in outcomes]
            together.append(_fuse(many, sources, folder / f"many{number}", sha)[0])
        task_s = _empty_task_s(many, tasks)
    return Speeds(
        workers, tuple(alone), tuple(together), median(times), task_s, median(sizes) / 1e6
    )


def _fuse(
    client: Client, sources: Sequence[Path], results: Path, sha: str
) -> tuple[float, list[Outcome]]:
    """Fuse stacks; return how many per second, and what came of each."""
    settings = FusionSettings()
    jobs = [
        Job(str(source), str(results / str(number)), settings, sha)
        for number, source in enumerate(sources)
    ]
    started_s = time.perf_counter()
    outcomes = list(run_jobs(client, jobs))
    took_s = time.perf_counter() - started_s
    for outcome in outcomes:
        if outcome.state != "fused":
            raise RuntimeError(f"{outcome.source}: {outcome.reason or outcome.state}")
    return len(outcomes) / took_s, outcomes


def _empty_task_s(client: Client, count: int) -> float:
    """Return the time of the scheduler for one task."""
    started_s = time.perf_counter()
    futures = client.map(_nothing, range(count), pure=False)
    for _future in as_completed(futures):
        pass
    return (time.perf_counter() - started_s) / count


def _nothing(number: int) -> int:
    return number


def _rates(rates: Sequence[float]) -> str:
    return ", ".join(f"{rate:.2f}" for rate in rates)


def _say_nothing(_what: str, _done: int, _total: int) -> None:
    """Stand in for a listener."""


def main(
    workers: Annotated[int, typer.Option(min=2, help="Compared with one.")] = 2,
    stacks: Annotated[int, typer.Option(min=1, help="Fused each time.")] = 8,
    frames: Annotated[int, typer.Option(min=3, help="In each stack.")] = 30,
    size: Annotated[
        tuple[int, int], typer.Option(metavar="WIDTH HEIGHT", help="Pixels of the frames.")
    ] = (910, 512),
    rounds: Annotated[int, typer.Option(min=1, help="One worker, then all, so often.")] = 3,
    tasks: Annotated[int, typer.Option(min=1, help="Empty ones, for the scheduler.")] = 1000,
) -> None:
    """Measure what several workers do on this computer, and calculate what a hundred would."""
    shape = StackShape(height=size[1], width=size[0], frames=(frames, frames))
    with tempfile.TemporaryDirectory(prefix="wearif-") as folder:
        typer.echo(measure(Path(folder), workers, shape, stacks, rounds, tasks))


if __name__ == "__main__":
    typer.run(main)
