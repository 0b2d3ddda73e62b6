"""A simulated stage controller that drivers reach as if through a serial cable."""

from __future__ import annotations

import select
import socket
import threading
import time
from types import TracebackType
from typing import Final, Protocol, Self

from drivers.simulated.faults import FaultScript
from drivers.simulated.motion import MonotonicClock
from drivers.simulated.served_line import Conversation, ServedLine, TcpLine

_IDLE_S: Final = 0.5


class EmulatedController(Protocol):
    """A controller's firmware as a state machine; times are ns and never go backwards."""

    @property
    def line_broken(self) -> bool:
        """Whether the fault script has cut the connection."""
        ...

    def plug_in(self, faults: FaultScript, t_ns: int) -> None:
        """Begin a conversation: the port is opened and the fault script starts to run."""
        ...

    def inject(self, faults: FaultScript, t_ns: int) -> None:
        """Let things go wrong, counted from ``t_ns``; replaces an earlier script."""
        ...

    def receive(self, data: bytes, t_ns: int) -> None:
        """Take bytes from the line."""
        ...

    def take(self, t_ns: int) -> bytes:
        """Let time pass, and return what leaves by ``t_ns``."""
        ...

    def next_event_ns(self) -> int | None:
        """Return when something will be due, if anything will."""
        ...


class ServedController:
    """Serves one client at a time.

    Parameters
    ----------
    controller : EmulatedController
        What answers.
    faults : FaultScript
        What goes wrong after each connection.
    line : ServedLine
        Where; over TCP unless said otherwise.
    clock : callable
        Returns ns; a real one, for sockets do not wait for another.
    """

    def __init__(
        self,
        controller: EmulatedController,
        faults: FaultScript | None = None,
        line: ServedLine | None = None,
        clock: MonotonicClock = time.monotonic_ns,
    ) -> None:
        self._controller = controller
        self._faults = faults or FaultScript()
        self._line = line or TcpLine()
        self._clock = clock
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._wake: socket.socket | None = None
        self._woken: socket.socket | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where a driver finds it, in pyserial's form.

        Raises
        ------
        RuntimeError
            It has not been started.
        """
        return self._line.url

    def start(self) -> None:
        """Open the line and answer on it."""
        self._stopping.clear()
        self._line.open()
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(
            target=self._serve, args=(self._woken,), name="simulated stage", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Close the line; harmless when not started."""
        self._stopping.set()
        self._rouse()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._line.close()
        for end in (self._wake, self._woken):
            if end is not None:
                end.close()
        self._wake = self._woken = None

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

    def _serve(self, woken: socket.socket) -> None:
        while not self._stopping.is_set():
            conversation = self._line.wait(woken, _IDLE_S)
            if conversation is not None:
                self._converse(conversation, woken)
            elif select.select([woken], [], [], 0)[0]:
                woken.recv(64)

    def _converse(self, conversation: Conversation, woken: socket.socket) -> None:
        with self._lock:
            self._controller.plug_in(self._faults, self._clock())
        ends: list[Conversation | socket.socket] = [conversation, woken]
        while not self._stopping.is_set():
            ready, _, _ = select.select(ends, [], [], self._patience_s())
            if woken in ready:
                woken.recv(64)
            received = conversation.receive() if conversation in ready else None
            if received == b"":
                conversation.end()
                return
            with self._lock:
                t_ns = self._clock()
                sent = self._controller.take(t_ns)
                if received:
                    self._controller.receive(received, t_ns)
                broken = self._controller.line_broken
            if sent:
                conversation.send(sent)
            if broken:
                break
        conversation.cut()

    def _patience_s(self) -> float:
        """Return how long nothing needs to be done unless bytes arrive."""
        with self._lock:
            due_ns = self._controller.next_event_ns()
        if due_ns is None:
            return _IDLE_S
        return min(max((due_ns - self._clock()) / 1e9, 0.0), _IDLE_S)
