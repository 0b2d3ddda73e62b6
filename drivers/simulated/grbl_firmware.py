"""A simulated Grbl board on a TCP port, for a driver to talk to as if through a serial cable."""

from __future__ import annotations

import time

from drivers.simulated.faults import FaultScript
from drivers.simulated.grbl_controller import GrblController
from drivers.simulated.motion import MonotonicClock, StageMotion
from drivers.simulated.served_controller import ServedController
from drivers.simulated.settings import SimulationSettings


class GrblFirmware(ServedController):
    """Serves one connection at a time on 127.0.0.1; connecting powers the board up.

    An Arduino resets when its port is opened, and so does this: it greets, and has lost its
    position.

    Parameters
    ----------
    motion : StageMotion
        What the board moves.
    simulation : SimulationSettings
        The board's settings.
    faults : FaultScript
        What goes wrong after each connection.
    clock : callable
        Returns ns; a real one, for sockets do not wait for another.
    """

    def __init__(
        self,
        motion: StageMotion,
        simulation: SimulationSettings,
        faults: FaultScript | None = None,
        clock: MonotonicClock = time.monotonic_ns,
    ) -> None:
        self._board = GrblController(motion, simulation)
        super().__init__(self._board, faults, clock=clock)

    @property
    def received_realtime(self) -> list[tuple[int, int]]:
        """Each realtime byte received so far, with its `time.monotonic_ns`."""
        with self._lock:
            return list(self._board.received_realtime)
