"""How the emulated Grbl jogs, cancels and reports on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.simulated.grbl_controller import GrblController
from drivers.simulated.settings import SimulationSettings

SECOND = 1_000_000_000
SETTINGS = SimulationSettings(latency_ms=4.0, jitter_ms=0.0, tremor_um=0.0)


def test_jog_moves_at_the_speed_asked_for(make_board) -> None:
    board = make_board()
    # 36 units/min of 100 µm are 60 µm/s.
    assert board.ask("$J=G53 G21 G90 Z-5 F36") == ["ok"]
    before = board.z_um()
    assert board.state() == "Jog"
    assert "|FS:36,0" in board.status()
    board.wait(0.98)
    assert before - board.z_um() == pytest.approx(60.0, abs=0.1)
    assert board.ask("$I") == ["error:8"]
    assert board.ask("G90") == ["error:9"]
    board.wait(20)
    assert board.state() == "Idle"
    assert board.mpos() == (-1.0, -1.0, -5.0)
    assert board.z_um() == pytest.approx(500.0)


@pytest.mark.parametrize(("feed", "um_per_s"), [(0.1, 1 / 0.6), (3000, 500.0)])
def test_feed_is_silently_kept_within_limits(make_board, feed: float, um_per_s: float) -> None:
    board = make_board()
    assert board.ask(f"$J=G91 Z-8 F{feed}") == ["ok"]
    board.wait(0.5)
    before = board.z_um()
    board.wait(0.2)
    assert before - board.z_um() == pytest.approx(0.2 * um_per_s, rel=1e-3)


def test_slowest_axis_limits_a_diagonal(make_board) -> None:
    board = make_board()
    assert board.ask("$J=G91 X-3 Z-4 F100000") == ["ok"]
    board.wait(0.5)
    # z may do 300 units/min and has 4/5 of the way: 375 along the path.
    assert "|FS:375,0" in board.status()


def test_jog_without_an_axis_goes_to_zero(make_board) -> None:
    board = make_board()
    assert board.ask("$J=G91 F600") == ["ok"]
    board.wait(20)
    assert board.mpos() == (0.0, 0.0, 0.0)


def test_jog_in_inches(make_board) -> None:
    board = make_board()
    assert board.ask("$J=G91 G20 Z-0.1 F10") == ["ok"]
    board.wait(20)
    assert board.mpos()[2] == pytest.approx(-3.54)


@pytest.mark.parametrize("stop", [b"\x85", b"!"])
def test_cancel_decelerates_and_forgets_what_was_planned(make_board, stop: bytes) -> None:
    board = make_board()
    board.ask("$J=G90 Z-9 F60")
    board.ask("$J=G90 Z-2 F60")
    board.wait(1)
    at_stop = board.z_um()
    board.send(stop)
    board.send("$J=G90 Z-1 F60\n")
    board.wait(0.5)
    # 100 µm/s at 5000 µm/s² come to rest within 1 µm.
    assert at_stop - board.z_um() == pytest.approx(1.0, abs=0.05)
    assert board.state() == "Idle"
    board.wait(5)
    assert at_stop - board.z_um() == pytest.approx(1.0, abs=0.05), "a jog sent too early moves"
    assert board.ask("$J=G91 Z1 F60") == ["ok"]
    assert board.state() == "Jog"


def test_status_is_sampled_before_it_arrives(make_board) -> None:
    board = make_board()
    board.ask("$J=G90 Z-9 F60")
    board.wait(1)
    board.send("?")
    asked_um = board.z_um()
    assert board.wait(0.0039) == []
    (report,) = board.wait(0.0002)
    reported = float(report.split("|")[1].split(",")[2]) * 100 + 1000
    # 4 ms at 100 µm/s are 0.4 µm; the position is read after three tenths of it.
    assert asked_um - reported == pytest.approx(0.12, abs=0.051)


def test_latency_trembles_by_the_seed(make_board) -> None:
    def arrivals(seed: int) -> list[int]:
        settings = replace(SETTINGS, seed=seed, jitter_ms=2.0)
        motion = make_board().motion
        controller = GrblController(motion, settings)
        times = []
        for n in range(20):
            controller.receive(b"G21\n", n * SECOND)
            due_ns = controller.next_event_ns()
            assert due_ns is not None
            times.append(due_ns - n * SECOND)
            controller.take(due_ns)
        return times

    assert arrivals(1) == arrivals(1) != arrivals(2)
    assert min(arrivals(1)) >= 4_000_000
    assert max(arrivals(1)) > 5_000_000
