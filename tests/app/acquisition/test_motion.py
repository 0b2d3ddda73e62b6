from __future__ import annotations

import threading

import pytest

from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion, also
from drivers.errors import ConnectionLost, LimitExceeded, MoveStopped
from drivers.stage import StagePhase


def test_moves_block_until_the_stage_is_there(microscope: Microscope) -> None:
    motion = Motion(microscope.stage)
    motion.go_to_z(520)
    assert microscope.stage.position().z_um == pytest.approx(520, abs=0.3)
    motion.sweep_z(530, 50)
    assert microscope.stage.position().z_um == pytest.approx(530, abs=0.3)


def test_approach_ends_without_backlash(microscope: Microscope) -> None:
    assert microscope.simulation is not None
    Motion(microscope.stage).approach_z(480, 10)
    here = microscope.stage.position()
    assert here.z_um == pytest.approx(480, abs=0.3)
    assert microscope.simulation.truth.z_at(here.t_ns) == pytest.approx(480, abs=0.3)


def test_cancel_from_another_thread_stops_the_stage_and_forbids_more(
    microscope: Microscope,
) -> None:
    motion = Motion(microscope.stage)
    moving = threading.Event()
    end = microscope.stage.subscribe(lambda sample: moving.set() if sample.moving else None)

    def cancel_once_it_moves() -> None:
        assert moving.wait(30)
        motion.cancel()

    canceller = threading.Thread(target=cancel_once_it_moves)
    canceller.start()
    with pytest.raises(MoveStopped):
        motion.sweep_z(900, 20)
    canceller.join(30)
    end()
    here_um = microscope.stage.position().z_um
    assert here_um < 600
    with pytest.raises(MoveStopped):
        motion.go_to_z(500)
    assert microscope.stage.position().z_um == here_um


def test_refused_moves_leave_the_stage_standing(microscope: Microscope) -> None:
    motion = Motion(microscope.stage)
    with pytest.raises(LimitExceeded):
        motion.go_to_z(5000)
    assert microscope.stage.state().phase is StagePhase.IDLE
    motion.go_to_z(501)


def test_a_failing_cleanup_is_noted_on_the_first_error() -> None:
    first = LimitExceeded("stage", "move", "no")

    def fail() -> None:
        raise ConnectionLost("camera", "stop", "gone")

    also(first, fail)
    assert first.__notes__ == ["camera: stop: gone"]
