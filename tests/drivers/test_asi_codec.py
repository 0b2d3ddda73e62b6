import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import asi_codec as codec

TENTHS = st.integers(-9_999_999, 9_999_999).map(lambda n: n / 10)


@given(st.text())
def test_no_line_breaks_a_reader(line):
    for shape in (codec.refusal, codec.acknowledged, codec.busy, codec.version):
        shape(line)
    codec.numbers(3)(line)
    codec.values("XYZ")(line)


@given(TENTHS, TENTHS, TENTHS)
def test_positions_are_read_as_they_are_written(x, y, z):
    assert codec.numbers(3)(f":A {x} {y} {z} ") == (x, y, z)
    assert codec.numbers(3)(f":A {x:.0f} {y:.0f} {z:.0f}") is not None


@given(TENTHS, TENTHS)
def test_a_shorter_answer_is_not_taken_for_three_positions(x, y):
    assert codec.numbers(3)(f":A {x} {y}") is None
    assert codec.numbers(3)(":A") is None


@given(st.dictionaries(st.sampled_from("XYZF"), TENTHS, min_size=1))
def test_both_ways_of_answering_a_query_are_understood(values):
    text = " ".join(f"{letter}={value}" for letter, value in values.items())
    assert codec.values(values)(f":A {text}") == values
    assert codec.values(values)(f":{text} A") == values
    assert codec.values([*values, "W"])(f":A {text}") is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (":X=0.040000 A", {"X": 0.04}),
        (":A Z=-110.000", {"Z": -110.0}),
        (":X=50 Y=50 Z=50 A", {"X": 50.0, "Y": 50.0, "Z": 50.0}),
        (":A X=83 Y=78 Z=59", {"X": 83.0, "Y": 78.0, "Z": 59.0}),
    ],
)
def test_the_examples_of_the_manual_are_read(line, expected):
    assert codec.values(expected)(line) == expected


@given(st.integers(1, 99))
def test_errors_are_refusals_save_that_of_a_halted_command(number):
    text = codec.refusal(f":N-{number}")
    assert (text is None) == (number == 21)
    assert codec.acknowledged(f":N-{number}") is None


def test_an_acknowledgement_is_bare():
    assert codec.acknowledged(":A ") is True
    assert codec.acknowledged(":A 1") is None


def test_busy_and_idle():
    assert codec.busy("B") is True
    assert codec.busy("N") is False
    assert codec.busy(":A") is None


def test_requests_are_spelled_as_in_the_manual():
    assert codec.ask_for("SL", "XZ") == "SL X? Z?"
    assert codec.assign("S", {"Z": 0.0142}, 6) == "S Z=0.014200"
    assert codec.assign("M", {"X": 12345.0, "Z": -0.5}, 2) == "M X=12345.00 Z=-0.50"


@given(st.integers(0, 255))
def test_closed_switches_are_named(status):
    text = codec.switch_text("Z", status)
    assert ("upper" in (text or "")) == bool(status & 64)
    assert ("lower" in (text or "")) == bool(status & 128)


def test_the_version_is_told_from_other_answers():
    assert codec.version(":A Version: USB-9.2p") == "USB-9.2p"
    assert codec.version(":A v3.35 ") == "v3.35"
    assert codec.version(":A") is None
    assert codec.version(":A 12 13") is None
    assert codec.version("R") is None
