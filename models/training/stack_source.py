"""Where training takes its stacks from: an endless, reproducible supply, made ahead of use."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from types import TracebackType
from typing import Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray

Seed = tuple[int, ...]

_TRAINING, _ORDER = 1, 2


class StackSourceError(Exception):
    """Stacks cannot be had; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One stack to learn from.

    Parameters
    ----------
    luma : ndarray of shape (N, H, W), float32
        0 to 1, in z order.
    truth : ndarray of shape (H, W), float32, or None
        All in focus, 0 to 1; None where nobody knows it.
    """

    luma: NDArray[np.float32]
    truth: NDArray[np.float32] | None


class StackDraw(Protocol):
    """Draws stacks by lot; can be pickled, because other processes do it."""

    def __call__(self, seed: Seed) -> Sample:
        """Return the stack of a seed, always the same one."""
        ...


@dataclass(frozen=True, slots=True)
class Showing:
    """What one iteration learns from.

    Parameters
    ----------
    slot : int
        Number of the stack; the same number is the same stack.
    sample : Sample
    """

    slot: int
    sample: Sample


class StackSource(Protocol):
    """Gives each iteration its stack, always the same one."""

    def showing(self, iteration: int) -> Showing:
        """Return what an iteration, counted from 0, learns from; may wait until it is made."""
        ...


class DrawnStacks:
    """Stacks drawn ahead by worker processes, each shown a few times.

    The stack of an iteration follows from seed and iteration alone: stacks come in blocks, each
    block is gone through `reuse` times in changing order, and meanwhile the next one is made.

    Parameters
    ----------
    draw : StackDraw
    seed : tuple of int
    workers : int
        Processes that draw stacks; 0 draws them in the caller's.
    reuse : int
        How often each stack is shown.
    block : int
        Stacks in a block; memory holds two blocks.
    """

    def __init__(
        self, draw: StackDraw, seed: Seed, workers: int = 1, reuse: int = 3, block: int = 16
    ) -> None:
        self._draw = draw
        self._seed = seed
        self._reuse = reuse
        self._block = block
        self._made: dict[int, Callable[[], Sample]] = {}
        # Spawned, not forked: a fork copies torch's threads in mid-work.
        self._pool = (
            ProcessPoolExecutor(workers, get_context("spawn"), initializer=_become_worker)
            if workers
            else None
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the worker processes; stacks under way are finished first."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def showing(self, iteration: int) -> Showing:
        """Return what an iteration, counted from 0, learns from.

        Raises
        ------
        StackSourceError
            A worker process died.
        """
        block, step = divmod(iteration, self._block * self._reuse)
        order = self._order(block, step // self._block)
        slot = block * self._block + int(order[step % self._block])
        try:
            self._request(block)
            sample = self._made[slot]()
        except BrokenProcessPool as error:
            raise StackSourceError(
                "a process that draws stacks died, perhaps for want of memory; run the command "
                "again, if need be with fewer workers: the training goes on from its checkpoint"
            ) from error
        return Showing(slot, sample)

    def _request(self, block: int) -> None:
        first = block * self._block
        stop = first + self._block * (1 if self._pool is None else 2)
        for slot in [slot for slot in self._made if not first <= slot < stop]:
            del self._made[slot]
        for slot in range(first, stop):
            if slot not in self._made:
                self._made[slot] = self._order_stack((*self._seed, _TRAINING, slot))

    def _order_stack(self, seed: Seed) -> Callable[[], Sample]:
        if self._pool is None:
            return _Lazy(self._draw, seed)
        future: Future[Sample] = self._pool.submit(self._draw, seed)
        return future.result

    def _order(self, block: int, turn: int) -> NDArray[np.int64]:
        if turn == 0:
            # As they come: the first turn need not wait for the whole block.
            return np.arange(self._block)
        return np.random.default_rng((*self._seed, _ORDER, block, turn)).permutation(self._block)


class _Lazy:
    """A stack that is drawn on first use."""

    def __init__(self, draw: StackDraw, seed: Seed) -> None:
        self._draw = draw
        self._seed = seed
        self._sample: Sample | None = None

    def __call__(self) -> Sample:
        if self._sample is None:
            self._sample = self._draw(self._seed)
        return self._sample


def _become_worker() -> None:
    cv2.setNumThreads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Leave when the training is killed: nothing else would tell a waiting worker."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
