from dataclasses import dataclass

import numpy as np
import pytest
import torch

from models.evaluation.stopwatch import Part, Stopwatch, synchroniser


@dataclass
class Clock:
    """Time that passes when somebody says so."""

    wall_s: float = 0.0
    cpu_s: float = 0.0

    def perf_counter(self):
        return self.wall_s

    def process_time(self):
        return self.cpu_s

    def spend(self, wall_s, cpu_s):
        self.wall_s += wall_s
        self.cpu_s += cpu_s


CLOCK = Clock()


class Inner:
    def work(self):
        CLOCK.spend(0.05, 0.01)

    def fail(self):
        raise KeyError("inner")


class Outer:
    def __init__(self):
        self.kept = np.zeros(100, np.float32)

    def work(self, frame, out=None):
        CLOCK.spend(0.02, 0.02)
        Inner().work()
        Inner().work()
        return frame + 1


@pytest.fixture
def watch(monkeypatch):
    monkeypatch.setattr("models.evaluation.stopwatch.time", CLOCK)
    return Stopwatch(synchroniser(torch.device("cpu")))


PARTS = (Part("outer", Outer, "work"), Part("inner", Inner, "work"), Part("inner", Inner, "fail"))


def test_time_goes_to_the_innermost_stage(watch):
    with watch.watching(PARTS), watch.stage("whole"):
        Outer().work(np.zeros(1))
    inner, outer, whole = (watch.laps[name] for name in ("inner", "outer", "whole"))
    assert (inner.calls, outer.calls, whole.calls) == (2, 1, 1)
    assert (inner.wall_s, inner.cpu_s) == pytest.approx((0.1, 0.02))
    assert (outer.wall_s, outer.cpu_s) == pytest.approx((0.02, 0.02))
    assert (whole.wall_s, whole.cpu_s) == pytest.approx((0.0, 0.0))


def test_least_bytes_are_arguments_result_and_twice_what_is_kept(watch):
    frame = torch.zeros(10, dtype=torch.float32)
    with watch.watching(PARTS):
        Outer().work(frame, out=frame)
    assert watch.laps["outer"].least_bytes == 40 + 40 + 2 * 400


def test_methods_are_put_back_even_after_an_error(watch):
    before = Inner.work, Inner.fail, Outer.work
    with pytest.raises(KeyError, match="inner"), watch.watching(PARTS):
        Inner().fail()
    assert (Inner.work, Inner.fail, Outer.work) == before
    assert watch.laps["inner"].calls == 1
