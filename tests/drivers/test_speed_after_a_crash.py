"""A session that dies in a slow sweep must not make the next one creep."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from drivers.asi import AsiDialect
from drivers.errors import DeviceError
from drivers.serial_stage.dialect import Dialect
from drivers.serial_stage.settings import AxisSettings, StageSettings
from drivers.serial_stage.stage import SerialStage
from drivers.simulated.asi_controller import AsiController
from drivers.simulated.faults import FaultScript
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.served_controller import EmulatedController, ServedController
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.tango_controller import TangoController
from drivers.simulated.zaber_controller import ZaberController
from drivers.simulated.zaber_device import ZaberDevice
from drivers.tango import TangoDialect
from drivers.zaber import ZaberDialect

PATIENCE_S = 60.0
FULL_UM_PER_S = 2000.0
SLOW_UM_PER_S = 10.0
SIMULATION = SimulationSettings(
    latency_ms=2.0,
    jitter_ms=0.5,
    tremor_um=0.0,
    backlash_um=(0.0, 0.0, 0.0),
    start_um=(400.0, 400.0, 300.0),
    max_speed_um_per_s=(20_000.0, 20_000.0, FULL_UM_PER_S),
    acceleration_um_per_s2=(200_000.0, 200_000.0, 20_000.0),
)
OLD_ZABER = tuple(ZaberDevice((name,), firmware="6.28") for name in ("x", "y", "z"))
STEPS = (
    AxisSettings(1.0, address="1 1"),
    AxisSettings(1.0, address="2 1"),
    AxisSettings(0.05, direction=-1, offset_um=1000.0, address="3 1"),
)
SCREWS = (
    AxisSettings(offset_um=10.0, lower_um=10.0, upper_um=39_900.0),
    AxisSettings(offset_um=10.0, lower_um=10.0, upper_um=19_900.0),
    AxisSettings(direction=-1, offset_um=990.0, lower_um=10.0, upper_um=990.0),
)
MOUNTED = (
    AxisSettings(offset_um=400.0, lower_um=100.0, upper_um=39_900.0),
    AxisSettings(offset_um=400.0, lower_um=100.0, upper_um=19_900.0),
    AxisSettings(offset_um=300.0, lower_um=100.0, upper_um=900.0),
)
KINDS: dict[str, tuple[Callable[[SeparateAxes], EmulatedController], type, tuple]] = {
    "zaber": (lambda axes: ZaberController(axes, SIMULATION, OLD_ZABER), ZaberDialect, STEPS),
    "tango": (lambda axes: TangoController(axes, SIMULATION), TangoDialect, SCREWS),
    "asi": (lambda axes: AsiController(axes, SIMULATION), AsiDialect, MOUNTED),
}


def open_stage(url: str, kind: str, *, told: bool) -> SerialStage:
    _, speak, (x, y, z) = KINDS[kind]
    if told:
        x, y = (replace(each, full_speed_um_per_s=20_000.0) for each in (x, y))
        z = replace(z, full_speed_um_per_s=FULL_UM_PER_S)
    settings = StageSettings(url, x=x, y=y, z=z, poll_hz=50.0, connect_timeout_s=2.0)
    dialect: Dialect = speak(settings)
    stage = SerialStage(settings, dialect)
    stage.connect()
    return stage


def crash_in_a_sweep(server: ServedController, axes: SeparateAxes, kind: str) -> None:
    """Leave the controller as a program that was killed leaves it: nothing is put back."""
    stage = open_stage(server.url, kind, told=True)
    if not stage.state().referenced:
        stage.home().wait(PATIENCE_S)
    stage.move_to(z_um=700.0).wait(PATIENCE_S)
    move = stage.sweep_z(500.0, SLOW_UM_PER_S)
    deadline_s = time.monotonic() + PATIENCE_S
    while axes.position_at(time.monotonic_ns())[2] > 699.0:
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    server.inject(FaultScript(close_at_s=0.0))
    with suppress(DeviceError):
        move.wait(PATIENCE_S)
    stage.close()
    server.inject(FaultScript())


def fastest_um_per_s(axes: SeparateAxes, began_ns: int) -> float:
    """How fast z went since: the simulation knows where it was at any time."""
    times_ns = np.arange(began_ns, time.monotonic_ns(), 5_000_000)
    z_um = np.array([axes.position_at(int(t_ns))[2] for t_ns in times_ns])
    return float(np.abs(np.diff(z_um)).max() / 0.005)


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_next_session_moves_at_full_speed(kind: str) -> None:
    axes = SeparateAxes(SIMULATION)
    with ServedController(KINDS[kind][0](axes)) as server:
        crash_in_a_sweep(server, axes, kind)
        stage = open_stage(server.url, kind, told=True)
        try:
            assert stage.caps.z.max_speed_um_per_s == pytest.approx(FULL_UM_PER_S, rel=0.01)
            began_ns = time.monotonic_ns()
            stage.move_to(z_um=200.0).wait(PATIENCE_S)
            assert fastest_um_per_s(axes, began_ns) == pytest.approx(FULL_UM_PER_S, rel=0.02)
        finally:
            stage.close()


@pytest.mark.parametrize("kind", ["zaber", "tango"])
def test_where_the_profile_does_not_tell_the_operator_is_told(kind: str) -> None:
    axes = SeparateAxes(SIMULATION)
    with ServedController(KINDS[kind][0](axes)) as server:
        stage = open_stage(server.url, kind, told=False)
        try:
            assert any("full_speed_um_per_s of x, y, z" in note for note in stage.caps.notes)
        finally:
            stage.close()


def test_an_asi_homes_at_its_usual_speed_after_a_crash() -> None:
    axes = SeparateAxes(SIMULATION)
    with ServedController(AsiController(axes, SIMULATION)) as server:
        stage = open_stage(server.url, "asi", told=False)
        try:
            stage.move_to(x_um=420.0, speed_um_per_s=20.0).wait(PATIENCE_S)
            began_ns = time.monotonic_ns()
            # 40 mm to the switch: at the speed of the move before it would take half an hour.
            stage.home().wait(PATIENCE_S)
            assert time.monotonic_ns() - began_ns < PATIENCE_S * 1e9
        finally:
            stage.close()
