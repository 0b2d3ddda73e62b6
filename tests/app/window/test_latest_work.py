"""A thread that works on the newest item alone."""

import threading

from app.window.latest_work import LatestWork


def test_items_that_were_overtaken_are_forgotten():
    begun, goes_on, done = threading.Event(), threading.Event(), []
    finished = threading.Event()

    def work(item):
        begun.set()
        assert goes_on.wait(20)
        done.append(item)
        if item == 4:
            finished.set()
        return -item

    newest = LatestWork("test", work)
    newest.put(1)
    assert begun.wait(20)
    for item in (2, 3, 4):
        newest.put(item)
    goes_on.set()
    assert finished.wait(20)
    newest.end()
    assert newest.join(20)
    assert done == [1, 4]
    assert newest.take() == -4
    assert newest.take() is None


def test_a_thread_that_does_not_end_in_time_is_told_of():
    begun, goes_on = threading.Event(), threading.Event()

    def work(_item):
        begun.set()
        assert goes_on.wait(20)

    newest = LatestWork("test", work)
    newest.put(1)
    assert begun.wait(20)
    newest.end()
    assert not newest.join(0.01)
    goes_on.set()
    assert newest.join(20)
