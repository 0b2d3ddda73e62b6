"""Micro-Manager's own demonstration devices, compiled, behind our stage."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from drivers.errors import ConnectionLost, LimitExceeded, MoveStopped, Rejected
from drivers.micromanager_axes import MicroManagerAxes, MicroManagerSettings
from drivers.micromanager_core import MicroManagerCore
from drivers.micromanager_speed import SpeedProperty
from drivers.micromanager_stage import MicroManagerStage
from drivers.serial_stage.settings import AxisSettings
from drivers.stage import StagePhase

adapters = pytest.importorskip("mm_test_adapters")
pytest.importorskip("pymmcore_plus")

FOLDER = Path(adapters.device_adapter_path())
MOVING = """
Property,Core,Initialize,0
Device,Camera,DemoCamera,DCam
Device,Z,NotificationTester,NTAsyncStage
Device,XY,NotificationTester,NTAsyncXYStage
Property,Core,Initialize,1
Property,Core,Camera,Camera
Property,Core,Focus,Z
Property,Z,UpdateInterval_s,0.005
"""
RANGE = AxisSettings(lower_um=-100.0, upper_um=100.0)
PACE = SpeedProperty("SlewTimePerStep_s", um_per_s=0.1, is_pace=True)
"""The time for one step of 0.1 µm."""


def settings(z=RANGE, z_speed=None):
    return MicroManagerSettings(x=RANGE, y=RANGE, z=z, z_speed=z_speed, poll_hz=50.0)


@pytest.fixture
def demo():
    stage = MicroManagerStage(MicroManagerCore(FOLDER / "MMConfig_demo.cfg", FOLDER), settings())
    stage.connect()
    yield stage
    stage.close()


@pytest.fixture
def moving(tmp_path):
    """A z stage that takes its time, with a property for its pace."""
    configuration = tmp_path / "moving.cfg"
    configuration.write_text(MOVING)
    stage = MicroManagerStage(MicroManagerCore(configuration, FOLDER), settings(z_speed=PACE))
    stage.connect()
    yield stage
    stage.close()


def test_the_demonstration_stage_moves(demo):
    demo.move_to(x_um=10.0, y_um=-20.0, z_um=30.0).wait(10)
    here = demo.position()
    assert (here.x_um, here.y_um, here.z_um) == pytest.approx((10, -20, 30), abs=0.5)
    assert demo.state().phase is StagePhase.IDLE
    assert "Z and XY" in demo.name
    assert "MMConfig_demo.cfg" in demo.name


def test_a_stage_without_a_speed_says_that_it_cannot_sweep(demo):
    with pytest.raises(Rejected, match="no property that is known to set its speed"):
        demo.sweep_z(20.0, 10.0)
    assert demo.position().z_um == 0.0


def test_limits_hold(demo):
    with pytest.raises(LimitExceeded):
        demo.move_to(z_um=100.5)
    assert demo.position().z_um == 0.0


def test_limits_have_to_be_known():
    core = MicroManagerCore(FOLDER / "MMConfig_demo.cfg", FOLDER)
    stage = MicroManagerStage(core, settings(z=AxisSettings(lower_um=0.0)))
    with pytest.raises(Rejected, match="limits of z"):
        stage.connect()
    assert stage.state().phase is StagePhase.DISCONNECTED


def test_nothing_is_homed(demo):
    with pytest.raises(Rejected, match="Home the stage in Micro-Manager"):
        demo.home()


def test_a_sweep_keeps_its_speed_and_is_read_while_it_runs(moving):
    samples = []
    moving.subscribe(samples.append)
    moving.move_to(z_um=-5.0, speed_um_per_s=100.0).wait(10)
    samples.clear()
    move = moving.sweep_z(15.0, 20.0)
    assert moving.state().phase is StagePhase.MOVING or move.done()
    move.wait(20)
    assert moving.position().z_um == pytest.approx(15.0, abs=0.5)
    way = [s for s in samples if s.moving and -4 < s.z_um < 14]
    assert len(way) >= 10
    # The demonstration device counts steps, not time: on a busy machine it falls behind at times.
    t_s, z_um = np.array([(s.t_ns / 1e9, s.z_um) for s in way]).T
    speeds = (z_um[5:] - z_um[:-5]) / (t_s[5:] - t_s[:-5])
    assert np.median(speeds) == pytest.approx(20.0, rel=0.15)


def test_the_direction_and_the_offset_are_the_profiles(tmp_path):
    configuration = tmp_path / "moving.cfg"
    configuration.write_text(MOVING)
    down = AxisSettings(direction=-1, offset_um=50.0, lower_um=0.0, upper_um=100.0)
    core = MicroManagerCore(configuration, FOLDER)
    stage = MicroManagerStage(core, settings(z=down, z_speed=PACE))
    stage.connect()
    try:
        assert stage.position().z_um == 50.0
        stage.move_to(z_um=60.0).wait(10)
        there = core.call("test", "read", lambda mm: mm.getPosition())
        assert there == pytest.approx(-10.0, abs=0.5)
    finally:
        stage.close()


def test_stop_from_another_thread_halts_a_sweep(moving):
    move = moving.sweep_z(90.0, 10.0)
    reports = []
    stopper = threading.Timer(0.3, lambda: reports.append(moving.stop()))
    stopper.start()
    with pytest.raises(MoveStopped):
        move.wait(30)
    stopper.join()
    (report,) = reports
    assert report.position.z_um < 60.0
    assert not report.position.moving
    time.sleep(0.2)
    assert moving.position().z_um == report.position.z_um


def test_stop_goes_past_a_call_that_hangs(moving, monkeypatch):
    move = moving.sweep_z(90.0, 10.0)
    release = threading.Event()
    hang = threading.Thread(
        target=lambda: moving._core.call("test", "hang", lambda _: release.wait(20), timeout_s=30)
    )
    hang.start()
    halt = MicroManagerAxes.halt

    def halt_and_release(axes, core):
        halt(axes, core)
        release.set()

    monkeypatch.setattr(MicroManagerAxes, "halt", halt_and_release)
    report = moving.stop()
    hang.join()
    assert move.done()
    # Only the stop lets the other call return before its own 20 s are over.
    assert report.t_on_wire_ns - report.t_called_ns < 10e9
    assert report.position.z_um < 60.0


def test_no_motion_begins_while_stopping(moving, monkeypatch):
    moving.sweep_z(90.0, 10.0)
    halt, may_halt = MicroManagerAxes.halt, threading.Event()
    monkeypatch.setattr(
        MicroManagerAxes, "halt", lambda axes, core: may_halt.is_set() and halt(axes, core)
    )
    stopper = threading.Thread(target=moving.stop)
    stopper.start()
    deadline_s = time.monotonic() + 5
    while moving.state().phase is not StagePhase.STOPPING:
        assert time.monotonic() < deadline_s, "the stop never began"
        time.sleep(0.005)
    with pytest.raises(Rejected, match="in motion"):
        moving.move_to(x_um=5.0)
    may_halt.set()
    stopper.join()
    assert moving.state().phase is StagePhase.IDLE


def test_one_move_at_a_time(moving):
    move = moving.sweep_z(90.0, 10.0)
    with pytest.raises(Rejected, match="in motion"):
        moving.move_to(x_um=5.0)
    moving.stop()
    assert move.done()


def test_closing_stops(moving):
    moving.sweep_z(90.0, 10.0)
    moving.close()
    assert moving.state().phase is StagePhase.DISCONNECTED
    with pytest.raises(ConnectionLost):
        moving.position()
    moving.connect()
    assert moving.state().phase is StagePhase.IDLE
    moving.move_to(z_um=1.0).wait(10)


def test_a_speed_property_that_is_not_there_is_named(tmp_path):
    core = MicroManagerCore(FOLDER / "MMConfig_demo.cfg", FOLDER)
    stage = MicroManagerStage(core, settings(z_speed=SpeedProperty("Speed")))
    with pytest.raises(Rejected, match="'Position'"):
        stage.connect()


def test_a_configuration_that_does_not_load_says_why(tmp_path):
    broken = tmp_path / "broken.cfg"
    broken.write_text("Device,Z,NoSuchLibrary,Stage\n")
    stage = MicroManagerStage(MicroManagerCore(broken, FOLDER), settings())
    with pytest.raises(ConnectionLost, match="NoSuchLibrary"):
        stage.connect()
    with pytest.raises(ConnectionLost, match=r"gone\.cfg"):
        MicroManagerCore(tmp_path / "gone.cfg", FOLDER).open()
