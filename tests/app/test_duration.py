import pytest

from app.duration import duration


@pytest.mark.parametrize(("seconds", "said"), [(0.4, "0 s"), (600, "10 min"), (36_000, "10.0 h")])
def test_times_are_told_as_exactly_as_it_matters(seconds, said):
    assert duration(seconds) == said
