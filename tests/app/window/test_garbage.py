"""Full collections pass over what was loaded before."""

import gc
import weakref

import pytest

from app.window.garbage import set_aside


class Knot:
    """Refers to itself: only a collection takes it away."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def everything_is_looked_at_again():
    yield
    gc.unfreeze()


def test_what_is_loaded_is_passed_over_until_the_next_time():
    knot = Knot()
    seen = weakref.ref(knot)
    set_aside()
    assert gc.get_freeze_count() > 1000
    del knot
    gc.collect()
    assert seen() is not None
    set_aside()
    assert seen() is None


def test_what_comes_later_is_collected():
    set_aside()
    seen = weakref.ref(Knot())
    gc.collect()
    assert seen() is None
