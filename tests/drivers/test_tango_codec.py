import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.tango_codec import (
    decimals,
    parse_letters,
    parse_numbers,
    parse_whole,
    parse_wholes,
    set_value,
)

lines = st.one_of(st.text(), st.binary().map(lambda data: data.decode("ascii", errors="replace")))


@given(lines, st.integers(1, 4))
def test_no_line_raises(line: str, count: int) -> None:
    parse_numbers(line, count)
    parse_wholes(line, count)
    parse_whole(line)
    parse_letters(line, count)
    decimals(line)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=4), st.integers(1, 4))
def test_positions_come_through(values: list[float], count: int) -> None:
    line = " ".join(f"{value:.4f}" for value in values)
    found = parse_numbers(line, count)
    if len(values) < count:
        assert found is None
    else:
        assert found == pytest.approx(values, abs=5e-5)
        assert decimals(line) == 4


@given(st.floats(-1e6, 1e6))
def test_a_set_value_can_be_read_again(value: float) -> None:
    word, axis, text = set_value("moa", "z", value, 5).split()
    assert (word, axis) == ("!moa", "z")
    assert float(text) == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_nothing_endless_is_sent(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        set_value("moa", "z", value, 5)


def test_answers_are_told_apart_by_their_shape() -> None:
    assert parse_letters("@@M-.", 3) == "@@M-"
    assert parse_letters("@M", 3) is None
    assert parse_letters("0", 1) is None
    assert parse_whole("0") == 0
    assert parse_whole("12.5") is None
    assert parse_numbers("1.0 2.0", 3) is None
    assert parse_numbers("@@@", 1) is None
    assert parse_wholes("3 3 3 0", 3) == (3, 3, 3, 0)
    assert parse_wholes("3.0 3 3", 3) is None
