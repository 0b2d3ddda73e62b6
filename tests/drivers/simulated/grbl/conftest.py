"""An emulated Grbl on a fake clock."""

from __future__ import annotations

import re

import pytest

from drivers.simulated.faults import FaultScript
from drivers.simulated.grbl_controller import GrblController
from drivers.simulated.motion import StageMotion, Tremor
from drivers.simulated.settings import SimulationSettings

SECOND = 1_000_000_000
SETTINGS = SimulationSettings(latency_ms=4.0, jitter_ms=0.0, tremor_um=0.0)


class Board:
    """A controller on a fake clock."""

    def __init__(self, faults: FaultScript | None = None, homed: bool = True) -> None:
        x, y, z = SETTINGS.travel_um
        self.motion = StageMotion(
            SETTINGS.start_um, (0.0, 0.0, 0.0), ((0, x), (0, y), (0, z)), Tremor(0.0, 1)
        )
        self.controller = GrblController(self.motion, SETTINGS)
        self.t_ns = SECOND
        self.controller.plug_in(FaultScript(), self.t_ns)
        self.greeting = self.wait(0.1)
        if homed:
            self.send("$H\n")
            assert self.wait(20.0) == ["ok"]
        self.controller.inject(faults or FaultScript(), self.t_ns)

    def send(self, text: str | bytes) -> None:
        data = text if isinstance(text, bytes) else text.encode("latin-1")
        self.controller.receive(data, self.t_ns)

    def wait(self, seconds: float) -> list[str]:
        """Let time pass event by event; return the lines that came, without empty ones."""
        end_ns = self.t_ns + round(seconds * SECOND)
        received = b""
        while (due_ns := self.controller.next_event_ns()) is not None and due_ns <= end_ns:
            self.t_ns = max(due_ns, self.t_ns)
            received += self.controller.take(self.t_ns)
        self.t_ns = end_ns
        return [line for line in received.decode("latin-1").split("\r\n") if line]

    def ask(self, line: str) -> list[str]:
        self.send(line + "\n")
        return self.wait(0.05)

    def status(self) -> str:
        self.send("?")
        replies = self.wait(0.01)
        assert len(replies) == 1, replies
        return replies[0]

    def state(self) -> str:
        return re.split(r"[|<]", self.status())[1]

    def mpos(self) -> tuple[float, float, float]:
        match = re.search(r"MPos:(-?\d+\.\d{3}),(-?\d+\.\d{3}),(-?\d+\.\d{3})\|", self.status())
        assert match is not None
        return float(match[1]), float(match[2]), float(match[3])

    def z_um(self) -> float:
        return self.motion.position_at(self.t_ns)[2]


@pytest.fixture(scope="session")
def make_board() -> type[Board]:
    """Makes boards of their own for every test, and for every example of a property."""
    return Board
