"""A simulated Grbl board on a TCP port, for a driver to talk to as if through a serial cable."""

from __future__ import annotations

import select
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from drivers.simulated.faults import FaultScript
from drivers.simulated.grbl_controller import GrblController
from drivers.simulated.motion import MonotonicClock, StageMotion
from drivers.simulated.settings import SimulationSettings

_IDLE_S = 0.5


class GrblFirmware:
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
        self._controller = GrblController(motion, simulation)
        self._faults = faults or FaultScript()
        self._clock = clock
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._listener: socket.socket | None = None
        self._wake: socket.socket | None = None
        self._woken: socket.socket | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where a driver finds it, in pyserial's form."""
        if self._listener is None:
            raise RuntimeError("the simulated stage has not been started")
        return f"socket://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def received_realtime(self) -> list[tuple[int, int]]:
        """Each realtime byte received so far, with its `time.monotonic_ns`."""
        with self._lock:
            return list(self._controller.received_realtime)

    def start(self) -> None:
        """Listen on a free port."""
        self._stopping.clear()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="simulated Grbl", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Close the port; harmless when not started."""
        self._stopping.set()
        self._rouse()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        for end in (self._listener, self._wake, self._woken):
            if end is not None:
                end.close()
        self._listener = self._wake = self._woken = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def inject(self, faults: FaultScript) -> None:
        """Let things go wrong from now on, on this and later connections."""
        with self._lock:
            self._faults = faults
            self._controller.inject(faults, self._clock())
        self._rouse()

    def _rouse(self) -> None:
        if self._wake is not None:
            self._wake.send(b".")

    def _serve(self) -> None:
        assert self._listener is not None
        assert self._woken is not None
        while not self._stopping.is_set():
            ready, _, _ = select.select([self._listener, self._woken], [], [], _IDLE_S)
            if self._woken in ready:
                self._woken.recv(64)
            if self._listener in ready:
                line, _ = self._listener.accept()
                # A client that goes away without a word is no fault of the board.
                with line, suppress(ConnectionError):
                    self._converse(line, self._woken)

    def _converse(self, line: socket.socket, woken: socket.socket) -> None:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._controller.plug_in(self._faults, self._clock())
        while not self._stopping.is_set():
            ready, _, _ = select.select([line, woken], [], [], self._patience_s())
            if woken in ready:
                woken.recv(64)
            received = line.recv(4096) if line in ready else None
            if received == b"":
                return
            with self._lock:
                t_ns = self._clock()
                sent = self._controller.take(t_ns)
                if received:
                    self._controller.receive(received, t_ns)
                broken = self._controller.line_broken
            if sent:
                line.sendall(sent)
            if broken:
                return

    def _patience_s(self) -> float:
        """Return how long nothing needs to be done unless bytes arrive."""
        with self._lock:
            due_ns = self._controller.next_event_ns()
        if due_ns is None:
            return _IDLE_S
        return min(max((due_ns - self._clock()) / 1e9, 0.0), _IDLE_S)
