"""GrblStage finds out what answers."""

from __future__ import annotations

import pytest

from drivers.errors import BadReply, ConnectionLost
from drivers.grbl import GrblStage
from drivers.grbl_axes import GrblSettings
from drivers.stage import StagePhase


def test_nothing_moves_and_nothing_is_written(peer, stage: GrblStage) -> None:
    assert peer.lines == ["$I", "$$"]
    assert peer.bytes == b""
    state = stage.state()
    assert (state.phase, state.referenced, state.alarm) == (StagePhase.IDLE, False, None)
    assert state.position is not None
    assert state.position.z_um == -10_000


def test_the_name_says_what_answered(peer, stage: GrblStage) -> None:
    assert stage.name == f"stage GRBL 1.1h on {peer.url}"
    assert stage.controller.numbers[112] == 600


def test_grblhal_that_is_homed_is_believed(peer) -> None:
    peer.answers["$I"] = ["[VER:1.1f.20240812:]", "[FIRMWARE:grblHAL]", "ok"]
    peer.extra = "|H:1,7"
    stage = GrblStage(GrblSettings(peer.url))
    stage.connect()
    assert stage.name.startswith("stage grblHAL 1.1f")
    assert stage.state().referenced
    stage.close()


def test_a_jog_left_behind_is_stopped(peer) -> None:
    peer.state = "Jog"
    stage = GrblStage(GrblSettings(peer.url))
    stage.connect()
    assert peer.state == "Idle"
    stage.close()


def test_work_positions_get_their_offset(peer) -> None:
    peer.template = "<{state}|WPos:{x:.3f},{y:.3f},{z:.3f}|FS:0,0|WCO:1.000,2.000,3.000>"
    stage = GrblStage(GrblSettings(peer.url))
    stage.connect()
    position = stage.position()
    assert (position.x_um, position.y_um, position.z_um) == (-9_000, -8_000, -7_000)
    stage.close()


def test_something_else_is_refused_and_quoted(peer) -> None:
    peer.template = "start echo:Marlin 2.1"
    stage = GrblStage(GrblSettings(peer.url, connect_timeout_s=0.6))
    with pytest.raises(BadReply, match=r"Marlin 2\.1"):
        stage.connect()
    assert stage.state().phase is StagePhase.DISCONNECTED


def test_an_old_version_is_refused_and_quoted(peer) -> None:
    peer.answers["$I"] = ["[0.9j.20160317:]", "ok"]
    stage = GrblStage(GrblSettings(peer.url))
    with pytest.raises(BadReply, match=r"not Grbl 1\.1"):
        stage.connect()


def test_silence_is_a_lost_connection(peer) -> None:
    peer.silent = True
    peer.deaf_to = b"\x18" * 9
    stage = GrblStage(GrblSettings(peer.url, connect_timeout_s=0.6))
    with pytest.raises(ConnectionLost, match="nothing answered"):
        stage.connect()


def test_a_controller_struck_dumb_by_an_alarm_is_reset(peer) -> None:
    peer.silent = True
    stage = GrblStage(GrblSettings(peer.url, connect_timeout_s=2.0))
    stage.connect()
    assert peer.bytes == b"\x18"
    assert not stage.state().referenced
    stage.close()


def test_nobody_there() -> None:
    stage = GrblStage(GrblSettings("socket://127.0.0.1:1"))
    with pytest.raises(ConnectionLost, match=r"127\.0\.0\.1:1"):
        stage.connect()
    stage.close()


def test_a_stage_that_is_not_connected_says_so() -> None:
    stage = GrblStage(GrblSettings("socket://127.0.0.1:1"))
    for attempt in (stage.home, stage.stop, stage.position, stage.unlock):
        with pytest.raises(ConnectionLost, match="not connected"):
            attempt()
    with pytest.raises(ConnectionLost):
        stage.move_to(z_um=0)
