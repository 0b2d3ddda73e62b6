"""Two hundred things that nobody would do, while things go wrong; and how the window keeps up."""

import pytest

from app.window.gaps import measure_capture
from app.window.monkey import run_monkey

MOST_WORK_MS = 250
"""That the window's thread may compute at a stretch; opening the review is the longest."""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_window_bears_a_monkey(qapp, seed):
    assert run_monkey(seed, 60) == 60


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_window_keeps_up_with_a_capture(desk):
    gaps = measure_capture(desk.window)
    print(f"\n{gaps}")
    assert len(gaps.gaps_ms) > 100
    work = sorted(gaps.work_ms)
    # Wall times are the machine's, work is the window's own.
    assert work[int(0.99 * len(work))] < 50
    assert work[-1] < MOST_WORK_MS
