"""Where training takes its stacks from: an endless, reproducible supply of synthetic ones."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from types import TracebackType
from typing import Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.synthetic import StackShape, draw_stack

_TRAINING, _ORDER, _FLIP = 1, 2, 3


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


class StackSource(Protocol):
    """Gives each iteration its stack, always the same one."""

    def sample(self, iteration: int) -> Sample:
        """Return the stack of an iteration, counted from 0; may wait until it is made."""
        ...


class SyntheticSource:
    """Synthetic stacks, made ahead by worker processes and each shown a few times, flipped.

    The stack of an iteration follows from seed and iteration alone: stacks come in blocks, each
    block is gone through `reuse` times in changing order, and meanwhile the next one is made.

    Parameters
    ----------
    seed : int
    shape : StackShape
    workers : int
        Processes that make stacks; 0 makes them in the caller's.
    reuse : int
        How often each stack is shown.
    block : int
        Stacks in a block; memory holds two blocks.
    """

    def __init__(
        self, seed: int, shape: StackShape, workers: int = 1, reuse: int = 3, block: int = 24
    ) -> None:
        self._seed = seed
        self._shape = shape
        self._reuse = reuse
        self._block = block
        self._made: dict[int, Callable[[], Sample]] = {}
        # Spawned, not forked: a fork copies torch's threads in mid-work.
        self._pool = (
            ProcessPoolExecutor(workers, get_context("spawn"), initializer=_use_one_thread)
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

    def sample(self, iteration: int) -> Sample:
        """Return the stack of an iteration, counted from 0."""
        block, step = divmod(iteration, self._block * self._reuse)
        self._request(block)
        order = self._order(block, step // self._block)
        slot = block * self._block + int(order[step % self._block])
        return self._flipped(self._made[slot](), iteration)

    def _request(self, block: int) -> None:
        first = block * self._block
        stop = first + self._block * (1 if self._pool is None else 2)
        for slot in [slot for slot in self._made if not first <= slot < stop]:
            del self._made[slot]
        for slot in range(first, stop):
            if slot not in self._made:
                self._made[slot] = self._order_stack((self._seed, _TRAINING, slot))

    def _order_stack(self, seed: tuple[int, ...]) -> Callable[[], Sample]:
        if self._pool is not None:
            future: Future[Sample] = self._pool.submit(_draw_sample, seed, self._shape)
            return future.result
        return _Lazy(seed, self._shape)

    def _order(self, block: int, turn: int) -> NDArray[np.int64]:
        if turn == 0:
            # As they come: the first turn need not wait for the whole block.
            return np.arange(self._block)
        return np.random.default_rng((self._seed, _ORDER, block, turn)).permutation(self._block)

    def _flipped(self, sample: Sample, iteration: int) -> Sample:
        upside, mirrored = np.random.default_rng((self._seed, _FLIP, iteration)).random(2) < 0.5
        turn = (slice(None, None, -1 if upside else 1), slice(None, None, -1 if mirrored else 1))
        truth = None if sample.truth is None else np.ascontiguousarray(sample.truth[turn])
        return Sample(np.ascontiguousarray(sample.luma[:, *turn]), truth)


class _Lazy:
    """A stack that is made on first use."""

    def __init__(self, seed: tuple[int, ...], shape: StackShape) -> None:
        self._recipe = (seed, shape)
        self._sample: Sample | None = None

    def __call__(self) -> Sample:
        if self._sample is None:
            self._sample = _draw_sample(*self._recipe)
        return self._sample


def _draw_sample(seed: tuple[int, ...], shape: StackShape) -> Sample:
    stack = draw_stack(seed, shape)
    return Sample(stack.luma, stack.truth)


def _use_one_thread() -> None:
    cv2.setNumThreads(1)
