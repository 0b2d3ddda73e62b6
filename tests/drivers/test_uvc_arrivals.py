from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.uvc_arrivals import Arrival, Arrivals

MS = 1_000_000
PERIOD = 33 * MS


def judged(times_ns: list[int]) -> list[Arrival]:
    arrivals = Arrivals()
    told = [each for t_ns in times_ns for each in arrivals.add(t_ns)]
    return told + list(arrivals.flush())


def regular(count: int) -> list[int]:
    return [10**9 + index * PERIOD for index in range(count)]


def test_regular_frames_lose_nothing() -> None:
    told = judged(regular(40))
    assert [each.t_ns for each in told] == regular(40)
    assert all(each.lost_before == 0 for each in told)
    assert told[-1].sigma_ns < told[0].sigma_ns


@pytest.mark.parametrize("missing", [1, 2, 7])
def test_a_gap_with_nothing_after_it_is_a_loss(missing: int) -> None:
    times = regular(40)
    del times[20 : 20 + missing]
    told = judged(times)
    assert [each.lost_before for each in told] == [0] * 20 + [missing] + [0] * (19 - missing)
    # Which of them were lost is not known, so neither is when this one was taken.
    assert told[20].sigma_ns >= missing * PERIOD
    assert told[22].sigma_ns < MS


@pytest.mark.parametrize("late", [1, 2, 4])
def test_frames_that_come_in_a_burst_were_only_late(late: int) -> None:
    times = regular(40)
    end_ns = times[20 + late]
    for place in range(late):
        times[20 + place] = end_ns - (late - place) * MS
    told = judged(times)
    assert sum(each.lost_before for each in told) == 0
    assert [each.t_ns for each in told] == regular(40)
    assert all(told[20 + place].sigma_ns > 20 * MS for place in range(late))


def test_late_and_lost() -> None:
    """The driver keeps 2 frames of 5 that were taken while the computer was busy."""
    times = regular(40)
    burst = [times[25] - 2 * MS, times[25] - MS, times[25]]
    told = judged(times[:20] + burst + times[26:])
    assert sum(each.lost_before for each in told) == 3
    assert len(told) == 37


def test_a_new_frame_rate_is_learnt() -> None:
    slow = [regular(40)[-1] + (index + 1) * 2 * PERIOD for index in range(60)]
    told = judged(regular(40) + slow)
    assert all(each.lost_before == 0 for each in told[-40:])


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.booleans(), min_size=30, max_size=120),
    st.integers(0, 2**32 - 1),
    st.integers(0, 4 * MS),
)
def test_every_frame_is_told_once_and_lost_ones_are_counted(
    kept: list[bool], seed: int, jitter_ns: int
) -> None:
    """After a start without loss, with jitter, and every frame at the end."""
    random_ = random.Random(seed)
    kept = [True] * 12 + [keep or index % 3 != 0 for index, keep in enumerate(kept)] + [True] * 3
    times = [
        10**9 + index * PERIOD + random_.randint(0, jitter_ns)
        for index, keep in enumerate(kept)
        if keep
    ]
    told = judged(times)
    assert len(told) == len(times)
    assert sum(each.lost_before for each in told) == kept.count(False)
    for before, after in itertools.pairwise(told):
        assert before.t_ns < after.t_ns
        assert after.sigma_ns > 0
