"""What a machine can do at best: its own matrix product and its own copy."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch

from models.evaluation.stopwatch import synchroniser

_SIDE = {"cpu": 1536, "cuda": 8192}
"""Of the square matrices; much larger ones gain less than 5 %."""
_COPIED_BYTES = {"cpu": 64 * 2**20, "cuda": 2**30}
"""More than the caches of one core hold."""

Clock = Literal["CPU", "wall"]


@dataclass(frozen=True, slots=True)
class MachineRates:
    """Rates per second of the clock that suits the device.

    On processors it counts the CPU time of all threads, so that rates are those of one core and
    programs beside this one hardly disturb them; on graphics cards it is the wall clock.
    """

    gflop_per_s: float
    """Of a float32 matrix product."""
    gbyte_per_s: float
    """Read and written by a copy."""


def clock_of(device: torch.device) -> Clock:
    """Return which clock rates are taken by."""
    return "CPU" if device.type == "cpu" else "wall"


class Machine:
    """Measures a device; the memory it takes is reused."""

    def __init__(self, device: torch.device) -> None:
        side, floats = _SIDE[device.type], _COPIED_BYTES[device.type] // 4
        generator = torch.Generator(device).manual_seed(1)
        self._left = torch.rand(side, side, device=device, generator=generator)
        self._product = torch.empty_like(self._left)
        self._source = torch.ones(floats, device=device)
        self._target = torch.zeros_like(self._source)
        self._wait = synchroniser(device)
        self._clock = time.process_time if device.type == "cpu" else time.perf_counter

    def measure(self) -> MachineRates:
        """Measure once, in some 0.1 s."""
        product_s = self._seconds(lambda: torch.mm(self._left, self._left, out=self._product))
        copy_s = self._seconds(lambda: self._target.copy_(self._source))
        side = self._left.shape[0]
        return MachineRates(2e-9 * side**3 / product_s, 8e-9 * self._source.numel() / copy_s)

    def _seconds(self, work: Callable[[], object]) -> float:
        self._wait()
        started = self._clock()
        work()
        self._wait()
        return self._clock() - started
