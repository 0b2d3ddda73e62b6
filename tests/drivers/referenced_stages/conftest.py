"""Emulated controllers that home all axes and know whether they have: Zaber and TANGO."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from drivers.serial_stage.dialect import Dialect
from drivers.serial_stage.settings import AxisSettings, StageSettings
from drivers.serial_stage.stage import SerialStage
from drivers.simulated.faults import FaultScript
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.served_controller import EmulatedController, ServedController
from drivers.simulated.served_line import ServedLine
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.tango_controller import TangoController
from drivers.simulated.zaber_controller import ZaberController
from drivers.simulated.zaber_device import ZaberDevice
from drivers.stage import Move
from drivers.tango import TangoDialect
from drivers.zaber import ZaberDialect

PATIENCE_S = 60.0
SIMULATION = SimulationSettings(
    latency_ms=2.0,
    jitter_ms=0.5,
    tremor_um=0.0,
    backlash_um=(0.0, 0.0, 0.0),
    start_um=(400.0, 400.0, 950.0),
    max_speed_um_per_s=(20_000.0, 20_000.0, 2000.0),
    acceleration_um_per_s2=(200_000.0, 200_000.0, 20_000.0),
)


@dataclass(frozen=True)
class Kind:
    """One kind of controller, and how its axes lie."""

    emulate: Callable[[SeparateAxes], EmulatedController]
    speak: Callable[[StageSettings], Dialect]
    axes: tuple[AxisSettings, AxisSettings, AxisSettings]
    alarm: int | str
    name: str

    def settings(self, url: str) -> StageSettings:
        x, y, z = self.axes
        return StageSettings(url, x=x, y=y, z=z, poll_hz=50.0, connect_timeout_s=2.0)

    def stage(self, url: str) -> SerialStage:
        """Return a stage that speaks to this kind of controller, not connected yet."""
        settings = self.settings(url)
        return SerialStage(settings, self.speak(settings))


def zaber(chain: tuple[ZaberDevice, ...], addresses: tuple[str, str, str]) -> Kind:
    x, y, z = addresses
    return Kind(
        lambda axes: ZaberController(axes, SIMULATION, chain),
        ZaberDialect,
        (
            AxisSettings(1.0, address=x),
            AxisSettings(1.0, address=y),
            AxisSettings(0.05, direction=-1, offset_um=1000.0, address=z),
        ),
        "FV",
        "Zaber",
    )


KINDS = {
    "zaber chain": zaber(
        (ZaberDevice(("x",)), ZaberDevice(("y",)), ZaberDevice(("z",))), ("1 1", "2 1", "3 1")
    ),
    "zaber device": zaber((ZaberDevice(("x", "y", "z")),), ("", "", "")),
    "tango": Kind(
        lambda axes: TangoController(axes, SIMULATION),
        TangoDialect,
        (
            AxisSettings(offset_um=10.0, lower_um=10.0, upper_um=39_900.0),
            AxisSettings(offset_um=10.0, lower_um=10.0, upper_um=19_900.0),
            AxisSettings(direction=-1, offset_um=990.0, lower_um=10.0, upper_um=990.0),
        ),
        27,
        "TANGO",
    ),
}


class Bench:
    """An emulated controller and the axes that it really moves."""

    def __init__(self, kind: Kind, line: ServedLine | None = None) -> None:
        self.kind = kind
        self.axes = SeparateAxes(SIMULATION)
        self.server = ServedController(kind.emulate(self.axes), line=line)

    @staticmethod
    def until(condition: Callable[[], bool]) -> None:
        """Wait for something to happen."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline_s, "it never happened"
            time.sleep(0.005)

    def under_way(self, stage: SerialStage, to_um: float = 500.0) -> Move:
        """Begin a sweep downwards and see that it moves."""
        start_um = self.z_um
        move = stage.sweep_z(to_um, 40.0)
        self.until(lambda: self.z_um < start_um - 2.0)
        return move

    @property
    def place_um(self) -> tuple[float, float, float]:
        """Where the axes truly are."""
        return self.axes.position_at(time.monotonic_ns())

    @property
    def z_um(self) -> float:
        return self.place_um[2]

    @property
    def rests(self) -> bool:
        return self.axes.rests_at(time.monotonic_ns())

    def inject(self, faults: FaultScript) -> None:
        self.server.inject(faults)

    @contextmanager
    def connected(self) -> Iterator[SerialStage]:
        stage = self.kind.stage(self.server.url)
        stage.connect()
        try:
            yield stage
        finally:
            stage.close()


@pytest.fixture
def kinds() -> dict[str, Kind]:
    return KINDS


@pytest.fixture
def make_bench() -> Callable[..., Bench]:
    """Sets up a bench for a kind of controller, on a line of its own if given."""
    return lambda kind, line=None: Bench(KINDS[kind], line)


@pytest.fixture(params=["zaber chain", "tango"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    bench = Bench(KINDS[request.param])
    with bench.server:
        yield bench


@pytest.fixture
def stage(bench: Bench) -> Iterator[SerialStage]:
    with bench.connected() as stage:
        yield stage


@pytest.fixture
def homed(stage: SerialStage) -> SerialStage:
    stage.home().wait(PATIENCE_S)
    return stage
