"""What controllers do not say plainly: that they rest, and that they have restarted."""

from hypothesis import given
from hypothesis import strategies as st

from drivers.serial_stage.busy_flag import GRACE_S, BusyFlag
from drivers.serial_stage.zero_watch import SLACK_UM, ZeroWatch


def test_a_flag_that_drops_for_a_moment_does_not_end_a_move() -> None:
    flag = BusyFlag()
    assert flag.moving(busy=True, now_s=1.0)
    assert flag.moving(busy=False, now_s=1.0 + GRACE_S / 2)
    assert flag.moving(busy=True, now_s=1.0 + GRACE_S * 0.6)
    assert flag.moving(busy=False, now_s=1.0 + GRACE_S * 1.5)
    assert not flag.moving(busy=False, now_s=1.0 + GRACE_S * 1.7)


def test_a_flag_that_rises_late_does_not_hide_a_move() -> None:
    flag = BusyFlag()
    assert not flag.moving(busy=False, now_s=1.0)
    flag.rise(2.0)
    assert flag.moving(busy=False, now_s=2.0 + GRACE_S / 2)


def test_a_fall_to_zero_is_a_restart() -> None:
    watch = ZeroWatch()
    assert not watch.fell((0.0, 0.0, 0.0), 0.0, 0.0)
    assert not watch.fell((5.0, -300.0, 0.0), 1.0, 0.0)
    assert watch.fell((0.0, 0.0, 0.0), 2.0, 20.0)
    assert not watch.fell((0.0, 0.0, 0.0), 3.0, 20.0)


@given(st.floats(0.1, 1e4), st.floats(1.0, 1e4), st.floats(0.01, 5.0))
def test_a_run_to_zero_is_none(speed: float, ahead_um: float, gap_s: float) -> None:
    watch = ZeroWatch()
    reachable_um = min(ahead_um, SLACK_UM + speed * gap_s * 0.99)
    watch.fell((0.0, 0.0, reachable_um), 10.0, speed)
    assert not watch.fell((0.0, 0.0, 0.0), 10.0 + gap_s, speed)
