"""Where the time of a running program goes: to stages, each being some methods of some classes."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Part:
    """A method whose time belongs to a stage.

    Parameters
    ----------
    stage : str
        What the stage is called; several parts may share it.
    owner : type
        The class.
    method : str
    """

    stage: str
    owner: type
    method: str


@dataclass(slots=True)
class Lap:
    """What a stage took; grows with every call."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    """User and system time of all threads."""
    calls: int = 0
    least_bytes: int = 0
    """What the calls cannot do without reading or writing: arguments, results, and twice the sums
    that their object keeps from call to call."""


class Stopwatch:
    """Adds up the time of each stage, without that of the stages called from it.

    Parameters
    ----------
    synchronise : callable
        Waits until the device has done what it was told; called before each reading of the clock.
    """

    def __init__(self, synchronise: Callable[[], None]) -> None:
        self.laps: dict[str, Lap] = {}
        self._synchronise = synchronise
        self._running: list[str] = []
        self._last = (0.0, 0.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[Lap]:
        """Time the block."""
        self._charge()
        lap = self.laps.setdefault(name, Lap())
        self._running.append(name)
        try:
            yield lap
        finally:
            self._charge()
            self._running.pop()
            lap.calls += 1

    @contextmanager
    def watching(self, parts: Sequence[Part]) -> Iterator[None]:
        """Time every call of the parts while the block runs, in this thread."""
        originals = [getattr(part.owner, part.method) for part in parts]
        try:
            for part, original in zip(parts, originals, strict=True):
                setattr(part.owner, part.method, self._timed(part.stage, original))
            yield
        finally:
            for part, original in zip(parts, originals, strict=True):
                setattr(part.owner, part.method, original)

    def _timed(self, stage: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def timed(owner: object, *args: object, **kwargs: object) -> object:
            with self.stage(stage) as lap:
                result = method(owner, *args, **kwargs)
            lap.least_bytes += _nbytes([*args, *kwargs.values(), result]) + 2 * _state_bytes(owner)
            return result

        return timed

    def _charge(self) -> None:
        """Charge what has passed since the last reading to the stage that was running."""
        self._synchronise()
        now = time.perf_counter(), time.process_time()
        if self._running:
            lap = self.laps[self._running[-1]]
            lap.wall_s += now[0] - self._last[0]
            lap.cpu_s += now[1] - self._last[1]
        self._last = now


def _state_bytes(owner: object) -> int:
    return (
        0
        if isinstance(owner, nn.Module)
        else _nbytes(list(getattr(owner, "__dict__", {}).values()))
    )


def _nbytes(values: Sequence[object]) -> int:
    """Bytes of the arrays and tensors among the values and in their fields, each counted once."""
    found: dict[int, int] = {}
    for value in values:
        if isinstance(value, Tensor):
            found[value.data_ptr()] = value.numel() * value.element_size()
        elif isinstance(value, np.ndarray):
            found[id(value)] = value.nbytes
        elif is_dataclass(value):
            inner = [getattr(value, field.name) for field in fields(value)]
            found[id(value)] = _nbytes(inner)
    return sum(found.values())


def synchroniser(device: torch.device) -> Callable[[], None]:
    """Return what waits for a device; the processor needs no waiting for."""
    if device.type == "cuda":
        return functools.partial(torch.cuda.synchronize, device)
    return lambda: None
