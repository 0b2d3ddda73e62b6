"""GrblStage on the simulated firmware: real time, real motion, a real socket."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from drivers.errors import Alarm, ConnectionLost, LimitExceeded, MoveStopped, NotReferenced
from drivers.grbl import GrblStage
from drivers.grbl_axes import GrblAxis, GrblSettings
from drivers.grbl_stop import RESET_AFTER_S
from drivers.simulated.faults import FaultScript
from drivers.simulated.grbl_firmware import GrblFirmware
from drivers.simulated.motion import StageMotion, Tremor
from drivers.simulated.settings import SimulationSettings
from drivers.stage import PositionSample, StagePhase

PATIENCE_S = 60.0
SIMULATION = SimulationSettings(
    backlash_um=(0.0, 0.0, 0.0), tremor_um=0.0, start_um=(39_500.0, 19_500.0, 980.0)
)
JOG_CANCEL = 0x85


def eventually(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never happened"
        time.sleep(0.005)


@contextmanager
def powered(simulation: SimulationSettings = SIMULATION) -> Iterator[GrblFirmware]:
    ends = tuple((0.0, travel) for travel in simulation.travel_um)
    motion = StageMotion(
        simulation.start_um, simulation.backlash_um, ends, Tremor(simulation.tremor_um, 1)
    )
    with GrblFirmware(motion, simulation) as board:
        yield board


@contextmanager
def connected(
    firmware: GrblFirmware, simulation: SimulationSettings = SIMULATION
) -> Iterator[GrblStage]:
    axes = [
        GrblAxis(um_per_unit=unit, offset_um=offset)
        for unit, offset in zip(simulation.um_per_unit, simulation.offset_um, strict=True)
    ]
    grbl = GrblStage(GrblSettings(firmware.url, x=axes[0], y=axes[1], z=axes[2]))
    grbl.connect()
    try:
        yield grbl
    finally:
        grbl.close()


@pytest.fixture
def firmware() -> Iterator[GrblFirmware]:
    with powered() as board:
        yield board


@pytest.fixture
def stage(firmware: GrblFirmware) -> Iterator[GrblStage]:
    with connected(firmware) as grbl:
        yield grbl


@pytest.fixture
def homed(stage: GrblStage) -> GrblStage:
    stage.home().wait(PATIENCE_S)
    return stage


@pytest.fixture(scope="module")
def healthy() -> Iterator[GrblStage]:
    """A homed stage for tests that leave it well; homing takes seconds."""
    with powered() as board, connected(board) as grbl:
        grbl.home().wait(PATIENCE_S)
        yield grbl


def test_connecting_reads_the_limits_and_moves_nothing(stage: GrblStage) -> None:
    caps = stage.caps
    assert (caps.x.lower_um, caps.x.upper_um) == (0, SIMULATION.travel_um[0])
    assert (caps.z.lower_um, caps.z.upper_um) == (0, SIMULATION.travel_um[2])
    assert caps.z.max_speed_um_per_s == pytest.approx(SIMULATION.max_speed_um_per_s[2])
    assert caps.z.min_speed_um_per_s == pytest.approx(100 / 60)
    assert stage.state().phase is StagePhase.IDLE
    assert not stage.state().referenced
    with pytest.raises(NotReferenced):
        stage.move_to(z_um=500)


def test_homing_then_moving_to_a_place(healthy: GrblStage) -> None:
    assert healthy.state().referenced
    healthy.move_to(x_um=35_000, y_um=15_000, z_um=400).wait(PATIENCE_S)
    position = healthy.position()
    assert (position.x_um, position.y_um) == pytest.approx((35_000, 15_000), abs=1.5)
    assert position.z_um == pytest.approx(400, abs=0.2)
    assert not position.moving


def test_limits(healthy: GrblStage) -> None:
    for attempt in (
        lambda: healthy.move_to(z_um=-0.1),
        lambda: healthy.move_to(x_um=40_000.1),
        lambda: healthy.sweep_z(500, 1.0),
        lambda: healthy.sweep_z(500, 501.0),
    ):
        with pytest.raises(LimitExceeded):
            attempt()
    assert healthy.state().phase is StagePhase.IDLE


@pytest.mark.parametrize("speed", [2.0, 14.2, 100.0])
def test_a_sweep_keeps_its_speed(
    healthy: GrblStage, speed: float, speed_of: Callable[[list[PositionSample]], float]
) -> None:
    healthy.move_to(z_um=500).wait(PATIENCE_S)
    samples: list[PositionSample] = []
    end = healthy.subscribe(samples.append)
    healthy.sweep_z(500 - 2 * speed, speed).wait(PATIENCE_S)
    end()
    steady = [s for s in samples if s.moving and abs(s.z_um - 500) > 0.1 * speed]
    t_s = np.array([s.t_ns for s in steady]) / 1e9
    assert np.median(np.diff(t_s)) < 0.1  # 0.025 on a quiet machine
    slope = speed_of(steady)
    assert -slope == pytest.approx(speed, rel=0.05)
    residual = np.array([s.z_um for s in steady]) - slope * (t_s - t_s[0])
    assert np.median(np.abs(residual - np.median(residual))) < max(0.1, 0.02 * speed)
    assert healthy.position().z_um == pytest.approx(500 - 2 * speed, abs=0.2)


@pytest.mark.slow
def test_a_true_millimetre_is_too_coarse_and_the_advice_cures_it(
    speed_of: Callable[[list[PositionSample]], float],
) -> None:
    """5 µm/s: refused with a true unit, driven with the settings that the refusal names."""
    true_unit = replace(SIMULATION, um_per_unit=(1000.0, 1000.0, 1000.0))
    with powered(true_unit) as board, connected(board, true_unit) as stage:
        assert stage.caps.z.min_speed_um_per_s == pytest.approx(1000 / 60)
        assert stage.caps.z.resolution_um == 1.0
        stage.home().wait(PATIENCE_S)
        stage.move_to(z_um=500).wait(PATIENCE_S)
        with pytest.raises(LimitExceeded, match=r"16\.67") as caught:
            stage.sweep_z(510, 5.0)
        assert not stage.position().moving
        assert stage.caps.z.slower_by in str(caught.value)
        assert stage.caps.z.slower_by in stage.caps.notes[0]
    advised = {int(key): float(value) for key, value in re.findall(
        r"\$([0-9]+)=([0-9.]+) \(now", str(caught.value)
    )}  # fmt: skip
    unit_um = float(re.findall(r"um_per_unit to ([0-9.]+) for z", str(caught.value))[0])
    finer = replace(SIMULATION, um_per_unit=(1000.0, 1000.0, unit_um))
    assert advised == {
        key: value for key, value in finer.grbl_axis_settings().items() if key % 10 == 2
    }
    with powered(finer) as board, connected(board, finer) as stage:
        stage.home().wait(PATIENCE_S)
        stage.move_to(z_um=500).wait(PATIENCE_S)
        samples: list[PositionSample] = []
        end = stage.subscribe(samples.append)
        stage.sweep_z(510, 5.0).wait(PATIENCE_S)
        end()
    steady = [s for s in samples if s.moving and 501 < s.z_um < 509]
    assert speed_of(steady) == pytest.approx(5.0, rel=0.02)
    # Finer than a whole micrometre.
    assert len({round(s.z_um, 3) for s in steady}) > 20


def test_stop_halts_a_sweep(healthy: GrblStage) -> None:
    healthy.move_to(z_um=990).wait(PATIENCE_S)
    move = healthy.sweep_z(100, 300)
    eventually(lambda: healthy.position().z_um < 950)
    report = healthy.stop()
    with pytest.raises(MoveStopped):
        move.wait(PATIENCE_S)
    assert report.position.z_um > 100
    assert healthy.position().z_um == report.position.z_um
    assert healthy.state().referenced
    # And it can go on.
    healthy.move_to(z_um=500).wait(PATIENCE_S)


def test_stop_takes_a_lost_byte_in_its_stride(firmware: GrblFirmware, homed: GrblStage) -> None:
    firmware.inject(FaultScript(drop_stops=frozenset({1, 2})))
    homed.sweep_z(100, 200)
    eventually(lambda: homed.position().z_um < 990)
    report = homed.stop()
    # The second is lost too; a hold that goes with it ends the motion as well.
    assert report.attempts >= 2
    assert report.position.z_um > 100
    # After so long it had to use the reset, which forgets the position.
    took_s = (report.t_halted_ns - report.t_called_ns) / 1e9
    assert homed.state().referenced or took_s > RESET_AFTER_S


def test_stop_during_homing(stage: GrblStage) -> None:
    move = stage.home()
    eventually(lambda: stage.state().phase is StagePhase.HOMING)
    stage.stop()
    with pytest.raises(MoveStopped):
        move.wait(PATIENCE_S)
    assert not stage.state().referenced
    stage.home().wait(PATIENCE_S)
    assert stage.state().referenced


BUSY = "while True: pass"


@pytest.mark.slow
def test_stop_goes_to_the_wire_at_once_under_load(
    firmware: GrblFirmware,
    homed: GrblStage,
    byte_ms: Callable[[], float],
    record_property: Callable[[str, object], None],
) -> None:
    """With both ends of the line and two busy processes on the machine; 20 stops.

    They wait for nothing: at half of them the byte arrives as fast as any byte does.
    """
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(2)]
    handed_over_ms, received_ms, any_byte_ms = [], [], []
    try:
        for turn in range(20):
            homed.sweep_z(100 if turn % 2 == 0 else 900, 200)
            eventually(lambda: homed.state().phase is StagePhase.MOVING)
            any_byte_ms.append(byte_ms())
            known = sum(byte == JOG_CANCEL for byte, _ in firmware.received_realtime)
            report = homed.stop()
            cancels = [t for byte, t in firmware.received_realtime if byte == JOG_CANCEL]
            handed_over_ms.append((report.t_on_wire_ns - report.t_called_ns) / 1e6)
            received_ms.append((cancels[known] - report.t_called_ns) / 1e6)
            assert not report.position.moving
    finally:
        for process in busy:
            process.kill()
            process.wait()
    for name, values in (
        ("handed_over_ms", handed_over_ms),
        ("received_ms", received_ms),
        ("any_byte_ms", any_byte_ms),
    ):
        record_property(name, [round(value, 3) for value in sorted(values)])
        print(f"{name}: median {np.median(values):.3f}, worst {max(values):.3f}")
    assert np.median(handed_over_ms) < 20 + np.median(any_byte_ms)
    assert np.median(received_ms) < 20 + 2 * np.median(any_byte_ms)


def test_an_alarm_in_mid_sweep(firmware: GrblFirmware, homed: GrblStage) -> None:
    move = homed.sweep_z(100, 100)
    firmware.inject(FaultScript(alarm_at_s=((0.3, 1),)))
    with pytest.raises(Alarm, match="ALARM:1"):
        move.wait(PATIENCE_S)
    state = homed.state()
    assert (state.phase, state.referenced) == (StagePhase.ALARM, False)
    with pytest.raises(Alarm):
        homed.move_to(z_um=500)
    homed.unlock()
    with pytest.raises(NotReferenced):
        homed.move_to(z_um=500)
    homed.home().wait(PATIENCE_S)
    homed.move_to(z_um=500).wait(PATIENCE_S)


def test_homing_ends_an_alarm(firmware: GrblFirmware, homed: GrblStage) -> None:
    firmware.inject(FaultScript(alarm_at_s=((0.0, 1),)))
    eventually(lambda: homed.state().phase is StagePhase.ALARM)
    homed.home().wait(PATIENCE_S)
    assert homed.state().referenced


def test_stop_in_a_critical_alarm_needs_the_reset(firmware: GrblFirmware, homed: GrblStage) -> None:
    firmware.inject(FaultScript(alarm_at_s=((0.0, 1),)))
    eventually(lambda: homed.state().phase is StagePhase.ALARM)
    assert not homed.stop().position.moving


def test_homing_that_fails(firmware: GrblFirmware, stage: GrblStage) -> None:
    firmware.inject(FaultScript(homing_fails=True))
    with pytest.raises(Alarm, match="ALARM:9"):
        stage.home().wait(PATIENCE_S)
    assert not stage.state().referenced


def test_a_brown_out_loses_the_position(firmware: GrblFirmware, homed: GrblStage) -> None:
    move = homed.sweep_z(100, 100)
    firmware.inject(FaultScript(reset_at_s=(0.3,)))
    with pytest.raises(Alarm, match="restarted"):
        move.wait(PATIENCE_S)
    with pytest.raises(NotReferenced):
        homed.move_to(z_um=500)


def test_a_connection_that_breaks(firmware: GrblFirmware, homed: GrblStage) -> None:
    move = homed.sweep_z(100, 100)
    firmware.inject(FaultScript(close_at_s=0.3))
    with pytest.raises(ConnectionLost):
        move.wait(PATIENCE_S)
    assert homed.state().phase is StagePhase.DISCONNECTED
    firmware.inject(FaultScript())
    homed.connect()
    assert homed.state().phase is StagePhase.IDLE


def test_a_controller_that_falls_silent(firmware: GrblFirmware, homed: GrblStage) -> None:
    move = homed.sweep_z(100, 100)
    firmware.inject(FaultScript(silent_at_s=0.3))
    with pytest.raises(ConnectionLost):
        move.wait(PATIENCE_S)


def test_lost_and_garbled_reports_do_not_disturb_a_sweep(
    firmware: GrblFirmware, homed: GrblStage
) -> None:
    firmware.inject(
        FaultScript(
            drop_reply_every=5,
            lines_at_s=(
                (0.2, b"<Jog|MPos:-1.0\r\n"),
                (0.3, b"\xff\xfe\x00<>\r\n"),
                (0.4, b"[MSG:\r\n"),
            ),
        )
    )
    homed.sweep_z(700, 200).wait(PATIENCE_S)
    assert homed.position().z_um == pytest.approx(700, abs=0.2)
