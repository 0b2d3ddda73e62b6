from __future__ import annotations

import threading

from app.acquisition.worker import QueueFullError, Worker


def test_items_are_done_in_order_on_one_other_thread() -> None:
    seen: list[tuple[int, int]] = []
    worker: Worker[int] = Worker("w", lambda item: seen.append((item, threading.get_ident())))
    for item in range(200):
        worker.put(item)
    worker.finish()
    assert [item for item, _ in seen] == list(range(200))
    assert {ident for _, ident in seen}.isdisjoint({threading.get_ident()})
    assert worker.failure is None


def test_a_failure_is_told_at_once_and_the_rest_passed_over() -> None:
    seen: list[int] = []
    told: list[Exception] = []

    def work(item: int) -> None:
        if item == 2:
            raise OSError("disk full")
        seen.append(item)

    worker: Worker[int] = Worker("w", work, on_failure=told.append)
    for item in range(5):
        worker.put(item)
    worker.finish()
    assert seen == [0, 1]
    assert [str(error) for error in told] == ["disk full"]
    assert worker.failure is told[0]


def test_overflow_is_a_failure_not_a_silent_drop() -> None:
    gate = threading.Event()
    told: list[Exception] = []
    worker: Worker[int] = Worker(
        "recorder", lambda _: assert_opens(gate), capacity=3, on_failure=told.append
    )
    for item in range(10):
        worker.put(item)
    gate.set()
    worker.finish()
    assert len(told) == 1
    assert isinstance(worker.failure, QueueFullError)
    assert "recorder fell" in str(worker.failure)


def assert_opens(gate: threading.Event) -> None:
    assert gate.wait(30)
