from hypothesis import given
from hypothesis import strategies as st

from drivers import prior_codec as codec

SHAPES = (
    codec.acknowledged,
    codec.whole,
    codec.decimal,
    codec.motion,
    codec.positions,
    codec.limit_switches,
    codec.refusal,
)
UNITS = st.integers(-99_999_999, 99_999_999)


@given(st.text())
def test_no_line_breaks_a_reader(line):
    for shape in SHAPES:
        shape(line)
    codec.until_end()(line)


@given(UNITS, UNITS, UNITS)
def test_positions_are_read_as_they_are_written(x, y, z):
    assert codec.positions(f"{x},{y},{z}") == (x, y, z)


@given(st.sampled_from(["R", "E,4", "E,18", "END", "", "1,2", "1,2,3,4", "1,2,x", "PROSCAN"]))
def test_an_end_of_move_or_error_answers_no_query(line):
    readers = (codec.acknowledged, codec.whole, codec.decimal, codec.motion, codec.positions)
    assert [reader(line) for reader in readers] == [None] * len(readers)


@given(UNITS, UNITS, UNITS)
def test_a_position_is_not_taken_for_another_answer(x, y, z):
    line = f"{x},{y},{z}"
    assert codec.whole(line) is None
    assert codec.motion(line) is None
    assert codec.limit_switches(line) is None


@given(st.integers(0, 999))
def test_error_lines_name_their_number(number):
    for line in (f"E,{number}", f"E{number}"):
        assert str(number) in (codec.refusal(line) or "")


@given(st.lists(st.text(alphabet="ABC =/0123", min_size=1)))
def test_a_description_ends_with_end(lines):
    gather = codec.until_end()
    assert [gather(line) for line in lines] == [None] * len(lines)
    assert gather("END") == lines


@given(st.integers(0, 0x3F))
def test_each_switch_of_a_mask_is_named_once(mask):
    assert len(codec.limit_texts(mask)) == mask.bit_count()


def test_the_switches_of_z_are_the_third_pair():
    assert codec.limit_texts(0x10) == ["+Z"]
    assert codec.limit_texts(codec.limit_switches("20") or 0) == ["-Z"]


@given(st.floats(0.001, 1e5), st.floats(1.0, 1e5))
def test_the_percentage_never_exceeds_the_speed_unless_it_is_the_slowest(speed, full):
    percent = codec.percent_of(speed, full)
    assert 1 <= percent <= 100
    assert percent == 1 or percent * full / 100 <= speed * (1 + 1e-6)
    assert percent == 100 or (percent + 1) * full / 100 > speed * (1 - 1e-6)


def test_moves_are_spelled_as_in_the_manual():
    assert codec.go_xy(100, -200) == "G,100,-200"
    assert codec.go_z(-5) == "V,-5"
    assert codec.go_xyz(1, 2, 3) == "G,1,2,3"
