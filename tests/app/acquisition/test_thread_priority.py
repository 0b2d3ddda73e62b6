"""Which threads go before which."""

import os
import sys
import threading

import pytest

from app.acquisition.thread_priority import BEHIND, stand_back
from app.acquisition.worker import Worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has priorities")


def own_niceness():
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_a_worker_stands_back_and_its_owner_does_not():
    before, seen = own_niceness(), []
    for stands_back in (False, True):
        worker = Worker("test", lambda _item: seen.append(own_niceness()), stands_back=stands_back)
        worker.put(1)
        worker.finish()
    assert seen == [before, max(before, BEHIND)]
    assert own_niceness() == before


def test_threads_begun_by_one_that_stood_back_stand_back_too():
    seen = []

    def begin():
        stand_back()
        inner = threading.Thread(target=lambda: seen.append(own_niceness()))
        inner.start()
        inner.join()

    outer = threading.Thread(target=begin)
    outer.start()
    outer.join()
    assert seen[0] >= BEHIND


def test_a_program_that_is_nicer_already_stays_so():
    seen = []

    def begin():
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND + 5)
        stand_back()
        seen.append(own_niceness())

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
    assert seen == [BEHIND + 5]
