"""Emulated controllers that count from where they were switched on: ASI and Prior."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from drivers.asi import AsiDialect
from drivers.prior import PriorDialect
from drivers.serial_stage.dialect import Dialect
from drivers.serial_stage.settings import AxisSettings, StageSettings
from drivers.serial_stage.stage import SerialStage
from drivers.simulated.asi_controller import AsiController
from drivers.simulated.faults import FaultScript
from drivers.simulated.prior_controller import PriorController
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.served_controller import ServedController
from drivers.simulated.settings import SimulationSettings
from drivers.stage import Move

PATIENCE_S = 60.0
SIMULATION = replace(
    SimulationSettings(latency_ms=2.0, jitter_ms=0.5, tremor_um=0.0),
    backlash_um=(0.0, 0.0, 0.0),
    start_um=(20_000.0, 10_000.0, 500.0),
)
AXES = (
    AxisSettings(offset_um=20_000.0, lower_um=100.0, upper_um=39_900.0),
    AxisSettings(offset_um=10_000.0, lower_um=100.0, upper_um=19_900.0),
    AxisSettings(offset_um=500.0, lower_um=200.0, upper_um=800.0),
)


@dataclass(frozen=True)
class Kind:
    """One kind of controller."""

    emulate: Callable[[SeparateAxes], AsiController | PriorController]
    speak: Callable[[StageSettings], Dialect]
    stranger: Callable[[StageSettings], Dialect]
    """Speaks another language."""
    refusal: str
    """What the controller says to a stranger."""
    switch: str
    """What its limit switch at the top is called."""
    axes: tuple[AxisSettings, AxisSettings, AxisSettings] = AXES

    def settings(self, url: str) -> StageSettings:
        x, y, z = self.axes
        return StageSettings(url, x=x, y=y, z=z, poll_hz=40.0)


def asi(*, tiger: bool = False) -> Kind:
    return Kind(
        lambda axes: AsiController(axes, SIMULATION, tiger=tiger),
        AsiDialect,
        PriorDialect,
        ":N-1",
        "upper limit switch of Z",
    )


def prior(*, late: bool = False, full_z: float | None = 500.0) -> Kind:
    """Return a Prior; ``late``: it says at its end that a move was begun."""
    full_speeds = (20_000.0, 20_000.0, full_z)
    x, y, z = (
        replace(axis, full_speed_um_per_s=speed)
        for axis, speed in zip(AXES, full_speeds, strict=True)
    )
    return Kind(
        lambda axes: PriorController(axes, SIMULATION, acknowledges_at_end=late),
        PriorDialect,
        AsiDialect,
        r"E,[45]",
        r"\+Z",
        (x, y, z),
    )


KINDS = {
    "asi": asi(),
    "tiger": asi(tiger=True),
    "prior": prior(),
    "late prior": prior(late=True),
    "prior of unknown speed": prior(full_z=None),
}


class Bench:
    """An emulated controller and the axes that it really moves."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.axes = SeparateAxes(SIMULATION)
        self.controller = kind.emulate(self.axes)
        self.server = ServedController(self.controller)

    @staticmethod
    def until(condition: Callable[[], bool]) -> None:
        """Wait for something to happen."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline_s, "it never happened"
            time.sleep(0.005)

    def under_way(self, stage: SerialStage) -> Move:
        """Begin a sweep upwards and see that it moves."""
        move = stage.sweep_z(700.0, 20.0)
        self.until(lambda: stage.position().z_um > 501.0)
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

    def heard(self, start: str) -> list[str]:
        """Return what the controller was told that begins so."""
        return [line for line, _ in self.controller.received if line.startswith(start)]

    @property
    def settings(self) -> StageSettings:
        return self.kind.settings(self.server.url)

    @contextmanager
    def connected(self) -> Iterator[SerialStage]:
        stage = SerialStage(self.settings, self.kind.speak(self.settings))
        stage.connect()
        try:
            yield stage
        finally:
            stage.close()


@pytest.fixture(params=["asi", "prior"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Stands for each kind; a test names others by indirect parameters."""
    bench = Bench(KINDS[request.param])
    with bench.server:
        yield bench


@pytest.fixture
def stage(bench: Bench) -> Iterator[SerialStage]:
    with bench.connected() as stage:
        yield stage
