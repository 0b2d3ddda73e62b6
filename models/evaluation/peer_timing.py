"""CPU time of the default model beside that of other programs, on one stack, in one run.

``python -m models.evaluation.peer_timing STACK`` looks for enfuse and focus-stack on the path and
lets them and the model take turns. The other programs are measured as whole processes, which read
the frames from uncompressed TIFF and write one: there is nothing to decode. The model is measured
from frames in memory to the fused image, without the start of Python and torch, for an application
starts once; what that start takes is said beside it. Programs that wait for their own threads spend
CPU time on it, so ``--threads 1`` may give another order than as many as each takes by itself.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import cv2
import tifffile
import torch

from models.evaluation.errors import EvaluationError
from models.evaluation.stack_folder import read_stack
from models.wearif.fusion import fuse
from models.wearif.weights import DEFAULT_MODEL, load_model

Measure = Callable[[], float]
"""Fuses once and returns the CPU seconds, user and system, of all threads."""


@dataclass(frozen=True, slots=True)
class Timing:
    """CPU seconds of each repeat."""

    name: str
    cpu_s: tuple[float, ...]

    @property
    def median_s(self) -> float:
        """Median over the repeats."""
        return median(self.cpu_s)


def peer_command(name: str, files: Sequence[Path], out: Path, threads: int = 0) -> list[str]:
    """Return how a program is told to fuse, as its authors document it for focus stacks.

    enfuse: its manual page, contrast weight and hard mask; the number of its threads goes by the
    environment. focus-stack: its manual page, defaults; it aligns the frames and cannot be told not
    to.

    Parameters
    ----------
    name : str
        One of `PEERS`.
    files : sequence of Path
        The frames.
    out : Path
        Image to write.
    threads : int
        0 leaves it to the program.
    """
    inputs = list(map(str, files))
    if name == "enfuse":
        weights = ["--exposure-weight=0", "--saturation-weight=0", "--contrast-weight=1"]
        return [name, *weights, "--hard-mask", f"--output={out}", *inputs]
    limit = [f"--threads={threads}"] if threads else []
    return [name, *limit, "--no-opencl", f"--output={out}", *inputs]


PEERS = ("enfuse", "focus-stack")
_LONGEST_S = 600
"""A program that takes longer over one stack hangs, or is no peer."""


def take_turns(measures: dict[str, Measure], repeats: int) -> list[Timing]:
    """Measure one after the other, again and again, after a first turn that does not count."""
    for measure in measures.values():
        measure()
    times: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(repeats):
        for name, measure in measures.items():
            times[name].append(measure())
    return [Timing(name, tuple(each)) for name, each in times.items()]


def peer_timings(folder: Path, repeats: int, threads: int = 0) -> list[Timing]:
    """Measure the default model, the reading of the frames, and the peers on the path.

    Parameters
    ----------
    folder : Path
        The stack, as `read_stack` reads it.
    repeats : int
    threads : int
        How many the peers may use; 0 leaves it to them. Those of the model are torch's and
        OpenCV's own setting.

    Raises
    ------
    EvaluationError
        The stack cannot be read, or a peer fails.
    """
    stack = read_stack(folder)
    model = load_model(DEFAULT_MODEL)
    measures: dict[str, Measure] = {
        f"WearIF, {DEFAULT_MODEL}": lambda: _own_cpu_s(lambda: fuse(stack.frames, model)),
        "reading the frames (in none)": lambda: _own_cpu_s(lambda: read_stack(folder)),
        "start of Python and torch (in none)": lambda: _child_cpu_s(
            [sys.executable, "-c", "from models.wearif.weights import load_model; load_model()"],
            threads,
        ),
    }
    with tempfile.TemporaryDirectory() as scratch:
        files = [Path(scratch) / f"{index:03d}.tif" for index in range(len(stack.frames))]
        for file, frame in zip(files, stack.frames, strict=True):
            tifffile.imwrite(file, frame)
        out = Path(scratch) / "fused.tif"
        for name in filter(shutil.which, PEERS):
            command = peer_command(name, files, out, threads)
            measures[name] = lambda command=command: _child_cpu_s(command, threads)  # type: ignore[misc]
        return take_turns(measures, repeats)


def table(timings: Sequence[Timing]) -> str:
    """Return the timings as Markdown, with the ratio of each to the first."""
    rows = ["| | CPU s | from-to | times WearIF |", "| --- | ---: | ---: | ---: |"]
    rows += [
        f"| {timing.name} | {timing.median_s:.2f} | {min(timing.cpu_s):.2f}-{max(timing.cpu_s):.2f}"
        f" | {timing.median_s / timings[0].median_s:.2f} |"
        for timing in timings
    ]
    return "\n".join(rows)


def _own_cpu_s(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _child_cpu_s(command: Sequence[str], threads: int) -> float:
    # Not with what this package has set for itself: as somebody who types the command.
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)
    before = os.times()
    try:
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            env=environment,
            timeout=_LONGEST_S,
        )
    except subprocess.TimeoutExpired as error:
        raise EvaluationError(f"{command[0]} was stopped after {_LONGEST_S} s") from error
    after = os.times()
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise EvaluationError(f"{command[0]} ended with status {done.returncode}: {last}")
    user = after.children_user - before.children_user
    return user + after.children_system - before.children_system


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("stack", type=Path, help="folder of frames 000.png, 001.png, ...")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0, help="of each; 0: as each takes")
    chosen = parser.parse_args()
    if chosen.threads > 0:
        torch.set_num_threads(chosen.threads)
        cv2.setNumThreads(chosen.threads)
    try:
        timings = peer_timings(chosen.stack, max(1, chosen.repeats), max(0, chosen.threads))
    except EvaluationError as error:
        sys.exit(str(error))
    print(table(timings))
    for name in PEERS:
        if shutil.which(name) is None:
            print(f"{name}: not on the path, left out")


if __name__ == "__main__":
    main()
