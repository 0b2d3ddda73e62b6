"""How fast a model fuses, stage by stage, beside what the machine could do at best."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.flop_counter import FlopCounterMode

from models.evaluation.machine import Machine, MachineRates, clock_of
from models.evaluation.stopwatch import Part, Stopwatch, synchroniser
from models.wearif.brightness import Brightness
from models.wearif.frame_tensor import FrameTensors
from models.wearif.fusion import StreamingFusion, fuse
from models.wearif.lean import LeanMDFFEN
from models.wearif.model import PublishedWearIF, StreamingWearIF
from models.wearif.network import MDFFEN
from models.wearif.peak import PeakTracker
from models.wearif.published_fusion import PublishedFusion
from models.wearif.streaming import FocusNetwork

NETWORK, FINISH = "network", "finish"
_CONVERT, _FEATURES, _REFINE = "convert", "features", "refine"
_ADD, _PEAK = "weigh and add up", "peak"

_COMMON = (
    Part(_CONVERT, FrameTensors, "to_tensor"),
    Part(_CONVERT, Brightness, "follow"),
    Part(_PEAK, PeakTracker, "add"),
)
_STREAMING = (
    Part(_FEATURES, StreamingWearIF, "features"),
    Part(NETWORK, FocusNetwork, "forward"),
    Part(_REFINE, StreamingWearIF, "score_features"),
    Part(_ADD, StreamingFusion, "add"),
    *_COMMON,
)
_PUBLISHED = (
    Part(_FEATURES, PublishedWearIF, "score"),
    Part(_FEATURES, PublishedWearIF, "gather"),
    Part(NETWORK, LeanMDFFEN, "forward"),
    Part(NETWORK, MDFFEN, "forward"),
    Part(_REFINE, PublishedWearIF, "raw_weight"),
    Part(_ADD, PublishedFusion, "weigh"),
    *_COMMON,
)
ORDER = (_CONVERT, _FEATURES, NETWORK, _REFINE, _ADD, _PEAK, FINISH)
"""Of the stages in tables; all are per frame but the last, which comes once."""

LEAST_RUNS, MOST_RUNS = 3, 30


@dataclass(frozen=True, slots=True)
class Spread:
    """Times of the same thing, in seconds."""

    median_s: float
    least_s: float
    most_s: float

    @classmethod
    def of(cls, times_s: Sequence[float]) -> Spread:
        """Summarise one time per run."""
        return cls(median(times_s), min(times_s), max(times_s))


@dataclass(frozen=True, slots=True)
class StageSpeed:
    """One stage; per frame, but for the one that finishes."""

    stage: str
    wall: Spread
    cpu: Spread
    gflop_per_s: float | None
    """None where nothing is counted; see `MachineRates` for the clock."""
    gbyte_per_s: float | None
    """Of the bytes that cannot be done without; see `Lap.least_bytes`."""


@dataclass(frozen=True, slots=True)
class Speed:
    """A model's speed at one size, and the machine's in the same minute."""

    model: str
    width: int
    height: int
    frames: int
    runs: int
    device: str
    threads: int
    network_gflop: float
    """Of one frame; a multiplication and an addition count 2."""
    machine: MachineRates
    """Medians over the runs."""
    stages: tuple[StageSpeed, ...]

    def cpu_s(self, frames: int) -> float:
        """CPU time of a whole fusion of so many frames."""
        return sum(s.cpu.median_s * (1 if s.stage == FINISH else frames) for s in self.stages)

    @property
    def frame_wall_s(self) -> float:
        """Time from a frame to the next at full speed."""
        return sum(s.wall.median_s for s in self.stages if s.stage != FINISH)

    @property
    def live_fps(self) -> float | None:
        """The highest frame rate that is followed; None for a model that needs the whole stack."""
        return None if self.model == "published" else 1 / self.frame_wall_s


def measure_speed(
    model: PublishedWearIF | StreamingWearIF,
    width: int,
    height: int,
    *,
    frames: int = 3,
    seconds: float = 3.0,
    on_run: Callable[[], None] | None = None,
) -> Speed:
    """Fuse again and again, and measure the machine between the runs.

    Parameters
    ----------
    model : WearIF
        On the device to be measured.
    width, height : int
        Of the frames, which are RGB of 8 bit.
    frames : int
        How many make a stack.
    seconds : float
        How long to go on; at least `LEAST_RUNS` and at most `MOST_RUNS` runs are made, after one
        frame that does not count.
    on_run : callable, optional
        Called after each run.
    """
    device = next(model.parameters()).device
    machine = Machine(device)
    stack = _stack(width, height, frames)
    fuse(stack[:1], model)
    machine.measure()
    watches: list[Stopwatch] = []
    rates: list[MachineRates] = []
    until_s = time.monotonic() + seconds
    while len(watches) < LEAST_RUNS or (len(watches) < MOST_RUNS and time.monotonic() < until_s):
        rates.append(machine.measure())
        watches.append(_timed_run(model, stack, device))
        if on_run is not None:
            on_run()
    gflop = network_gflop(model, width, height)
    clock = clock_of(device)
    return Speed(
        model=model.config.name,
        width=width,
        height=height,
        frames=frames,
        runs=len(watches),
        device=str(device),
        threads=torch.get_num_threads(),
        network_gflop=gflop,
        machine=MachineRates(
            median(rate.gflop_per_s for rate in rates), median(rate.gbyte_per_s for rate in rates)
        ),
        stages=tuple(
            _stage_speed(stage, watches, frames, gflop, clock)
            for stage in ORDER
            if stage in watches[0].laps
        ),
    )


def network_gflop(model: PublishedWearIF | StreamingWearIF, width: int, height: int) -> float:
    """Count the network's work on one frame, in 1e9 additions and multiplications."""
    luma = torch.zeros(1, 1, height, width, device=next(model.parameters()).device)
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        model.score(luma)
    return counter.get_total_flops() / 1e9


def _timed_run(
    model: PublishedWearIF | StreamingWearIF,
    stack: Sequence[NDArray[Any]],
    device: torch.device,
) -> Stopwatch:
    watch = Stopwatch(synchroniser(device))
    parts = _STREAMING if isinstance(model, StreamingWearIF) else _PUBLISHED
    # What belongs to no part is what comes before the first frame and after the last.
    with watch.watching(parts), watch.stage(FINISH):
        fuse(stack, model)
    return watch


def _stage_speed(
    stage: str, watches: Sequence[Stopwatch], frames: int, gflop: float, clock: str
) -> StageSpeed:
    times = 1 if stage == FINISH else frames
    laps = [watch.laps[stage] for watch in watches]
    wall = Spread.of([lap.wall_s / times for lap in laps])
    cpu = Spread.of([lap.cpu_s / times for lap in laps])
    rated_s = (cpu if clock == "CPU" else wall).median_s
    # A part that is called once for the whole stack has its frames in hands that nobody counts.
    # And what the network takes is arithmetic.
    each_frame = laps[0].calls >= frames and stage not in (FINISH, NETWORK)
    least_bytes = laps[0].least_bytes / frames if each_frame else 0
    return StageSpeed(
        stage,
        wall,
        cpu,
        gflop_per_s=gflop / rated_s if stage == NETWORK and rated_s else None,
        gbyte_per_s=least_bytes / 1e9 / rated_s if least_bytes and rated_s else None,
    )


def _stack(width: int, height: int, frames: int) -> list[NDArray[np.uint8]]:
    """Noise that comes into focus and goes out of it; the time does not depend on the picture."""
    noise = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    middle = (frames - 1) / 2
    return [
        np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.7 + abs(index - middle)))
        for index in range(frames)
    ]
