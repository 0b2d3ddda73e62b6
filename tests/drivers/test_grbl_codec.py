from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.grbl_codec import (
    AlarmReport,
    Banner,
    ErrorReply,
    Event,
    Feedback,
    Message,
    Ok,
    Setting,
    StatusReport,
    Unknown,
    jog,
    parse,
)

REPORT = "<Jog|MPos:-1.234,0.000,-10.500|FS:60,0|Pn:XZ|WCO:0.500,0.000,-1.000>"

LINES: dict[str, Event] = {
    "ok": Ok(),
    "error:22": ErrorReply(22),
    "ALARM:9": AlarmReport(9),
    "Grbl 1.1h ['$' for help]": Banner("Grbl", "1.1h"),
    "GrblHAL 1.1f ['$' or '$HELP' for help]": Banner("grblHAL", "1.1f"),
    "\ufffd\x00Grbl 1.1h ['$' for help]": Banner("Grbl", "1.1h"),
    "\ufffd\ufffdALARM:1": AlarmReport(1),
    "[MSG:Reset to continue]": Message("Reset to continue"),
    "[VER:1.1h.20190830:]": Feedback("VER", "1.1h.20190830:"),
    "$110=500.000": Setting(110, "500.000"),
    ">G20:ok": Unknown(">G20:ok"),
    "": Unknown(""),
    "okok": Unknown("okok"),
    "error:": Unknown("error:"),
    "<Idle|MPos:0.000,0.000,0.000|FS:0,0>": StatusReport("Idle", machine=(0.0, 0.0, 0.0), feed=0.0),
    REPORT: StatusReport(
        "Jog",
        machine=(-1.234, 0.0, -10.5),
        work_offset=(0.5, 0.0, -1.0),
        feed=60.0,
        pins="XZ",
    ),
    "<Hold:1|WPos:1.000,2.000,3.000|F:0|H:1,7>": StatusReport(
        "Hold", substate=1, work=(1.0, 2.0, 3.0), feed=0.0, homed=True
    ),
    "<Alarm:11|MPos:0.000,0.000,0.000,5.000|Bf:35,1023|FS:0,0|H:0>": StatusReport(
        "Alarm", substate=11, machine=(0.0, 0.0, 0.0), feed=0.0, homed=False
    ),
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_known_by_its_shape(line: str) -> None:
    assert parse(line) == LINES[line]


@pytest.mark.parametrize(
    "line",
    [
        "<Idle,MPos:0.000,0.000,0.000,WPos:0.000,0.000,0.000>",  # Grbl 0.9
        "<Idle|MPos:0.000,0.000|FS:0,0>",
        "<Idle|MPos:0.00,0.000,0.000|FS:0,0>",
        "<Idle|MPos:0.000,0.0.0,0.000|FS:0,0>",
        "<Idle|MPos:nan,0.000,0.000|FS:0,0>",
        "<Idle|MPos:1.000,2.000,3.000FS:0,0>",
        "<Idle|MPos:1.0<Idle|MPos:1.000,2.000,3.000|FS:0,0>",
        "<Idle|MPos:1.000,2.000,3.000|MPos:1.000,2.000,3.000>",
        "<Idle|MPos:1.000,2.000,3.000|WPos:1.000,2.000,3.000>",
        "<Idle|FS:0,0>",
        "<Ilde|MPos:0.000,0.000,0.000|FS:0,0>",
        "<Idle|MPos:0.000,0.000,0.000|FS:x,0>",
        "<Idle|MPos:0.000,0.000,0.000|WCO:0.000,0.000>",
    ],
)
def test_a_damaged_report_is_no_report(line: str) -> None:
    assert parse(line) == Unknown(line)


@given(st.text())
def test_any_text_is_an_event(line: str) -> None:
    assert isinstance(parse(line), Event)


@given(st.sampled_from(sorted(LINES)), st.integers(0, 100), st.text(max_size=4))
def test_any_damage_is_an_event_and_reports_stay_sound(line: str, at: int, noise: str) -> None:
    at = min(at, len(line))
    for damaged in (line[:at] + noise + line[at:], line[:at] + noise + line[at + 1 :]):
        event = parse(damaged)
        assert isinstance(event, Event)
        if isinstance(event, StatusReport):
            place = event.machine or event.work
            assert place is not None
            assert all(map(math.isfinite, place))


@given(st.integers(0, len(REPORT) - 1))
def test_a_truncated_report_is_unknown(length: int) -> None:
    assert isinstance(parse(REPORT[:length]), Unknown)


coordinates = st.integers(-9_999_999, 9_999_999).map(lambda thousandths: thousandths / 1000)


@given(coordinates, coordinates, coordinates, st.sampled_from(["Idle", "Jog", "Home", "Alarm:1"]))
def test_positions_survive_the_wire(x: float, y: float, z: float, state: str) -> None:
    event = parse(f"<{state}|MPos:{x:.3f},{y:.3f},{z:.3f}|FS:0,0>")
    assert isinstance(event, StatusReport)
    assert event.machine == (x, y, z)


@pytest.mark.parametrize(
    ("state", "moving"),
    [("Idle", False), ("Jog", True), ("Run", True), ("Home", True), ("Hold:0", False),
     ("Hold:1", True), ("Door:1", False), ("Door:2", True), ("Alarm", False)],
)  # fmt: skip
def test_which_states_move(state: str, moving: bool) -> None:
    event = parse(f"<{state}|MPos:0.000,0.000,0.000>")
    assert isinstance(event, StatusReport)
    assert event.moving is moving


def test_a_jog_is_absolute_in_machine_coordinates_with_units_and_speed() -> None:
    assert jog({"z": -1.5}, 60) == "$J=G53 G21 G90 Z-1.5000 F60.000"
    assert jog({"y": 2, "x": 1}, 1) == "$J=G53 G21 G90 X1.0000 Y2.0000 F1.000"


def test_the_longest_jog_fits_into_grbls_line_buffer() -> None:
    assert len(jog({"x": -1234.5678, "y": -1234.5678, "z": -1234.5678}, 123456.789)) < 79


@pytest.mark.parametrize(
    ("targets", "feed"),
    [({}, 60.0), ({"z": math.nan}, 60.0), ({"z": 1.0}, 0.0), ({"z": 1.0}, math.inf)],
)
def test_a_jog_without_axis_or_speed_is_never_made(targets: dict, feed: float) -> None:
    with pytest.raises(ValueError, match="a jog needs"):
        jog(targets, feed)
