"""What tests of several drivers judge by, however busy the machine is."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from drivers.stage import PositionSample

SpeedOf = Callable[[Sequence[PositionSample]], float]
_READING_MS = 1.0


@pytest.fixture(scope="session")
def speed_of() -> SpeedOf:
    """Fits the speed along z in µm/s.

    A read-back counts by how sure its time is, as z tagging has it: on a busy machine some are
    answered much later than they were asked for.
    """
    return _speed_of


def _speed_of(samples: Sequence[PositionSample]) -> float:
    t_s = np.array([sample.t_ns - samples[0].t_ns for sample in samples]) / 1e9
    sure = 1 / (_READING_MS + np.array([sample.t_sigma_ns for sample in samples]) / 1e6)
    return float(np.polyfit(t_s, [sample.z_um for sample in samples], 1, w=sure)[0])


@pytest.fixture
def byte_ms() -> Iterator[Callable[[], float]]:
    """Measures how long one byte takes to another thread: what the machine itself takes."""
    here, there = socket.socketpair()
    arrived_ns: list[int] = []
    came = threading.Semaphore(0)

    def read() -> None:
        while there.recv(1):
            arrived_ns.append(time.monotonic_ns())
            came.release()

    def measure() -> float:
        sent_ns = time.monotonic_ns()
        here.send(b".")
        came.acquire()
        return (arrived_ns[-1] - sent_ns) / 1e6

    reader = threading.Thread(target=read)
    reader.start()
    yield measure
    here.close()
    reader.join()
    there.close()
