"""`python -m app.trials.fuzz`: open thousands of damaged and malicious files.

Each case has to end in frames or in one line that names the file: no crash, no other exception, no
hang beyond 10 s, no memory beyond 2 GiB, nothing half-written, nothing printed besides. Cases run
in processes of their own, so that one that dies takes nothing along.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Annotated

import typer

from app.trials.fuzz_worker import CaseOutcome

LONGEST_S = 10.0
MOST_MB = 2048.0
_PATIENCE_S = 120.0
"""Before a silent worker is killed: building a case, and a loaded machine, take their time."""


@dataclass(slots=True)
class _Worker:
    """One process and what it says."""

    process: subprocess.Popen[str]
    said: queue.Queue[str]

    @classmethod
    def start(cls) -> _Worker:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.trials.fuzz_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            # The cases write videos before any is read, and FFmpeg asks once how much to print.
            env={**os.environ, "OPENCV_FFMPEG_LOGLEVEL": "-8"},
        )
        said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=_pass_on, args=(process.stdout, said), daemon=True).start()
        return cls(process, said)

    def run(self, seed: int) -> CaseOutcome:
        """Run one case; a process that dies or stays silent is the outcome, too."""
        if self.process.stdin is None:
            raise RuntimeError("a worker without an input")
        try:
            self.process.stdin.write(f"{seed}\n")
            self.process.stdin.flush()
            while True:
                line = self.said.get(timeout=_PATIENCE_S)
                if not line:
                    return self._lost(seed, f"the process ended with {self.process.wait()}")
                known = json.loads(line)
                if "started" not in known:
                    return CaseOutcome(**known)
        except queue.Empty:
            return self._lost(seed, "hangs")
        except OSError as error:
            return self._lost(seed, f"the process is gone: {error}")

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        if self.process.stdin is not None:
            with suppress(OSError):  # what was not sent yet has nobody left to read it
                self.process.stdin.close()

    def _lost(self, seed: int, fault: str) -> CaseOutcome:
        self.stop()
        return CaseOutcome(seed, "?", read=False, text="", fault=fault, seconds=0.0, peak_mb=0.0)


def _pass_on(stream: IO[str] | None, said: queue.Queue[str]) -> None:
    if stream is not None:
        with stream:
            for line in stream:
                said.put(line)
    said.put("")


def judged(outcome: CaseOutcome) -> str:
    """Return what is wrong with an outcome; nothing where all is well."""
    if outcome.fault:
        return outcome.fault
    if outcome.seconds > LONGEST_S:
        return f"took {outcome.seconds:.1f} s"
    if outcome.peak_mb > MOST_MB:
        return f"took {outcome.peak_mb:.0f} MB"
    return ""


def fuzz(
    seeds: Sequence[int], workers: int, on_outcome: Callable[[CaseOutcome], None]
) -> list[CaseOutcome]:
    """Run cases in several processes.

    Parameters
    ----------
    seeds : sequence of int
        One case each.
    workers : int
        How many processes.
    on_outcome : callable
        Called with each outcome, from several threads.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for seed in seeds:
        waiting.put(seed)

    def run_all(_number: int) -> list[CaseOutcome]:
        worker = _Worker.start()
        done: list[CaseOutcome] = []
        while True:
            try:
                seed = waiting.get_nowait()
            except queue.Empty:
                worker.stop()
                return done
            outcome = worker.run(seed)
            done.append(outcome)
            on_outcome(outcome)
            if worker.process.poll() is not None:
                worker = _Worker.start()

    with ThreadPoolExecutor(workers) as pool:
        return [outcome for some in pool.map(run_all, range(workers)) for outcome in some]


def main(
    cases: Annotated[int, typer.Option(min=1, help="How many.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Of the first; the others follow.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="How many processes.")] = 2,
) -> None:
    """Open damaged and malicious files, and tell which of them do harm."""

    def tell(outcome: CaseOutcome) -> None:
        if wrong := judged(outcome):
            typer.echo(f"case {outcome.seed}: {outcome.what}: {wrong}")

    outcomes = fuzz(range(seed, seed + cases), workers, tell)
    read = Counter("read" if outcome.read else "one line" for outcome in outcomes)
    bad = [outcome for outcome in outcomes if judged(outcome)]
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    largest = max(outcomes, key=lambda outcome: outcome.peak_mb)
    typer.echo(f"{len(outcomes)} cases: {read['read']} read, {read['one line']} ended in a line")
    typer.echo(f"slowest: {slowest.seconds:.2f} s ({slowest.what})")
    typer.echo(f"most memory: {largest.peak_mb:.0f} MB ({largest.what})")
    typer.echo(f"{len(bad)} did harm")
    raise typer.Exit(bool(bad))


if __name__ == "__main__":
    typer.run(main)
