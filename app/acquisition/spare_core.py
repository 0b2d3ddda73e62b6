"""Keeps the fusion from taking the processor away from the devices."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def spare_core() -> Iterator[None]:
    """Let torch compute on all cores but one.

    The camera, the recorder and the stage need that one on time. On a busy computer it also is
    many times faster: torch's threads wait for each other by spinning, and the slowest of them
    is the one whose core somebody else uses. Threads begun inside inherit the number.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(max(1, min(before, (os.cpu_count() or 2) - 1)))
    try:
        yield
    finally:
        torch.set_num_threads(before)
