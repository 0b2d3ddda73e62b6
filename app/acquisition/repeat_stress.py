"""Many captures in a row in one process: ``python -m app.acquisition.repeat_stress``.

A lab leaves the program open for days. Whatever one capture does not give back shows after some
hundred of them: memory, threads, open files.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Annotated

import numpy as np
import psutil
import typer

from app.acquisition.capture_run import CaptureRun
from app.acquisition.events import Phase
from app.acquisition.microscope import Microscope, open_microscope
from app.profiles import SimulationProfile, load_profile
from models.wearif.model import StreamingWearIF
from models.wearif.weights import load_streaming_model

WARM_UP = 0.2
"""Share of the captures that may still fill caches and allocate arenas."""
MOST_GROWTH_BYTES = 64 * 1024**2
"""Of memory over all captures after the warm-up: a frame kept by each would be more."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """What the process holds."""

    memory_bytes: int
    """Resident set."""
    threads: int
    handles: int
    """Open files, sockets and pipes."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How a footprint changed from capture to capture, after the warm-up."""

    captures: int
    first: Footprint
    last: Footprint
    memory_bytes_per_capture: float
    """Slope of a line through all of them."""

    @property
    def none(self) -> bool:
        """Whether nothing grew."""
        grown = self.memory_bytes_per_capture * self.captures
        return (
            self.last.threads <= self.first.threads
            and self.last.handles <= self.first.handles
            and grown < MOST_GROWTH_BYTES
        )


class StressError(Exception):
    """A capture failed; the message says which and why."""


def footprint() -> Footprint:
    """Measure this process."""
    gc.collect()
    process = psutil.Process()
    memory_bytes, threads = process.memory_info().rss, threading.active_count()
    if sys.platform == "win32":
        return Footprint(memory_bytes, threads, process.num_handles())
    return Footprint(memory_bytes, threads, process.num_fds())


def repeat(
    microscope: Microscope,
    model: StreamingWearIF,
    captures: int,
    z_range_um: tuple[float, float],
    on_capture: Callable[[int, Footprint], None],
) -> list[Footprint]:
    """Capture again and again, and measure after each.

    Parameters
    ----------
    microscope : Microscope
        Connected, with a referenced stage.
    model : StreamingWearIF
    captures : int
    z_range_um : tuple of float
        What each sweeps.
    on_capture : callable
        Called after each with its number, from 1, and the footprint.

    Raises
    ------
    StressError
        A capture did not get through.
    """
    footprints: list[Footprint] = []
    with tempfile.TemporaryDirectory() as place:
        for number in range(1, captures + 1):
            run = CaptureRun(
                microscope, Path(place), lambda _: None, model=model, z_range_um=z_range_um
            )
            finished = run.run()
            if finished.phase is not Phase.DONE or finished.folder is None:
                raise StressError(f"capture {number} of {captures} failed: {finished.error}")
            rmtree(finished.folder)
            del run, finished
            footprints.append(footprint())
            on_capture(number, footprints[-1])
    return footprints


def growth(footprints: Sequence[Footprint]) -> Growth:
    """Compare the footprints after the warm-up, at least two of them."""
    steady = footprints[min(int(len(footprints) * WARM_UP), len(footprints) - 2) :]
    memory = np.array([each.memory_bytes for each in steady], np.float64)
    slope = float(np.polyfit(np.arange(memory.size), memory, 1)[0])
    return Growth(len(steady), steady[0], steady[-1], slope)


def main(
    captures: Annotated[int, typer.Option(min=3, help="How many.")] = 300,
    width: Annotated[int, typer.Option(min=64, help="Pixels of the frames.")] = 192,
    height: Annotated[int, typer.Option(min=64, help="Pixels of the frames.")] = 128,
    fps: Annotated[float, typer.Option(min=1, help="Of the camera.")] = 60.0,
    range_um: Annotated[float, typer.Option(min=5, help="What each capture sweeps.")] = 25.0,
) -> None:
    """Capture again and again on the simulated microscope; fail where anything grows."""
    profile = load_profile("simulated")
    profile = profile.model_copy(
        update={
            "simulation": SimulationProfile(seed=1, width=width, height=height),
            "camera": profile.camera.model_copy(update={"fps": fps}),
        }
    )
    model = load_streaming_model()

    def show(number: int, now: Footprint) -> None:
        if number == 1 or number % max(1, captures // 15) == 0:
            megabytes = now.memory_bytes / 1024**2
            typer.echo(f"| {number} | {megabytes:.1f} | {now.threads} | {now.handles} |")

    typer.echo("| captures | memory, MiB | threads | handles |\n| --- | --- | --- | --- |")
    with open_microscope(profile) as microscope:
        microscope.stage.home().wait(60)
        footprints = repeat(microscope, model, captures, (410.0, 410.0 + range_um), show)
    found = growth(footprints)
    typer.echo(
        f"\nAfter the warm-up memory changed by {found.memory_bytes_per_capture / 1024:+.1f} KiB "
        f"per capture, threads by {found.last.threads - found.first.threads:+d}, handles by "
        f"{found.last.handles - found.first.handles:+d}: "
        f"{'nothing grows' if found.none else 'SOMETHING GROWS'}."
    )
    if not found.none:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
