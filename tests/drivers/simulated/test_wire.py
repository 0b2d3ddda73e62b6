"""The line's latency and faults on a fake clock."""

from __future__ import annotations

import pytest

from drivers.simulated.faults import FaultScript
from drivers.simulated.wire import NS_PER_S, Wire

MS = 1_000_000


class Sufferer:
    """Notes what is done to it, and when."""

    def __init__(self) -> None:
        self.suffered: list[tuple[str, int]] = []

    def power_up(self, t_ns: int) -> None:
        self.suffered.append(("reset", t_ns))

    def alarm(self, code: int | str, t_ns: int) -> None:
        self.suffered.append((f"alarm {code}", t_ns))

    def hit_limit(self, t_ns: int) -> None:
        self.suffered.append(("limit", t_ns))

    def stall(self, t_ns: int) -> None:
        self.suffered.append(("stall", t_ns))


def wire(script: FaultScript | None = None, *, jitter_ms: float = 0.0) -> Wire:
    made = Wire(10.0, jitter_ms, 1)
    made.inject(script or FaultScript(), Sufferer(), 0)
    return made


def ask(line: Wire, t_ns: int, reply: bytes) -> None:
    line.answer(t_ns, lambda _: [reply])


def drain(line: Wire) -> list[tuple[int, bytes]]:
    got = []
    while (due_ns := line.next_event_ns()) is not None:
        if data := line.take(due_ns):
            got.append((due_ns, data))
    return got


def test_a_request_is_handled_before_half_time_and_answered_after_the_latency() -> None:
    line = wire()
    looked: list[int] = []

    def handle(t_ns: int) -> list[bytes]:
        looked.append(t_ns)
        return [b"1", b"2"]

    line.answer(0, handle)
    assert drain(line) == [(10 * MS, b"12")]
    assert looked == [3 * MS]


def test_nothing_overtakes_anything() -> None:
    line = wire(jitter_ms=20.0)
    for n in range(50):
        ask(line, n * MS, b"%d " % n)
    got = drain(line)
    assert b"".join(data for _, data in got).split() == [b"%d" % n for n in range(50)]
    assert got[-1][0] > 60 * MS


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (FaultScript(drop_reply_every=3), b"abcd\nabcd\nabcd\nabcd\n"),
        (FaultScript(cut_reply_every=3), b"abcd\nabcd\nababcd\nabcd\nab"),
        (FaultScript(silent_at_s=0.0), b""),
        (FaultScript(silent_at_s=3.5), b"abcd\n" * 4),
        (
            FaultScript(lines_at_s=((1.5, b"!"), (2.5, b"?"))),
            b"abcd\nabcd\n!abcd\n?abcd\nabcd\nabcd\n",
        ),
    ],
)
def test_faults_of_the_line(script: FaultScript, expected: bytes) -> None:
    line = wire(script)
    for n in range(6):
        ask(line, n * NS_PER_S, b"abcd\n")
    assert b"".join(data for _, data in drain(line)) == expected


def test_lost_stops_are_counted_from_one() -> None:
    line = wire(FaultScript(drop_stops=frozenset({1, 3})))
    assert [line.loses_stop() for _ in range(4)] == [True, False, True, False]


def test_a_flood_is_as_much_as_the_line_carries() -> None:
    got = drain(wire(FaultScript(flood_at_s=((1.0, 0.5),))))
    assert got[0][0] == NS_PER_S
    assert got[-1][0] == pytest.approx(1.5 * NS_PER_S, abs=20 * MS)
    assert sum(len(data) for _, data in got) == pytest.approx(11_520 / 2, rel=0.01)


def test_faults_of_the_controller_come_in_their_order() -> None:
    victim, line = Sufferer(), Wire(10.0, 0.0, 1)
    line.inject(
        FaultScript(
            reset_at_s=(0.4,),
            alarm_at_s=((0.1, 3), (0.5, "FO")),
            limit_at_s=(0.3,),
            stall_at_s=(0.2,),
            close_at_s=0.6,
        ),
        victim,
        NS_PER_S,
    )
    assert not line.broken
    drain(line)
    names = ("alarm 3", "stall", "limit", "reset", "alarm FO")
    assert victim.suffered == [
        (name, NS_PER_S + n * 100 * MS) for n, name in enumerate(names, start=1)
    ]
    assert line.broken


def test_a_new_script_ends_the_old_one() -> None:
    line = wire(FaultScript(silent_at_s=0.0, close_at_s=1.0))
    line.take(0)
    line.inject(FaultScript(), Sufferer(), 1)
    ask(line, 1, b"back")
    assert drain(line)[0][1] == b"back"
    assert not line.broken
