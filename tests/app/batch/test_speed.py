import pytest

from app.batch.speed import Speeds


def speeds(stack_s, task_s):
    return Speeds(
        workers=2,
        alone=(1.0, 2.0, 1.0),
        together=(1.9, 3.0, 3.0),
        stack_s=stack_s,
        task_s=task_s,
        stack_mb=50,
    )


def test_rounds_are_compared_one_by_one():
    assert speeds(1, 0.001).ratio == pytest.approx(1.9)


def test_workers_add_up_until_the_scheduler_is_busy():
    slow = speeds(2, 0.001)
    assert slow.with_workers(100) == pytest.approx(100 / 2.001)
    assert slow.demand_mb_per_s(100) == pytest.approx(50 * 100 / 2.001)
    quick = speeds(0.01, 0.001)
    assert quick.with_workers(5) == pytest.approx(5 / 0.011)
    assert quick.with_workers(100) == quick.with_workers(1000) == 1000
    assert "calculated" in str(slow)
    assert "50.0 stacks/s" in str(slow)
