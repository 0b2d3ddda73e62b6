"""Where a simulated controller can be reached: over TCP here, on a pty in `pty_line`."""

from __future__ import annotations

import select
import socket
from contextlib import suppress
from typing import Final, Protocol

_CHUNK: Final = 4096


class Conversation(Protocol):
    """One client at the other end."""

    def fileno(self) -> int:
        """Return the descriptor to wait on for bytes."""
        ...

    def receive(self) -> bytes:
        """Take what has arrived; empty when the client has gone."""
        ...

    def send(self, data: bytes) -> None:
        """Send what the line takes; the rest is lost, as on a serial line that nobody reads."""
        ...

    def cut(self) -> None:
        """Break the connection, as when the cable is pulled."""
        ...

    def end(self) -> None:
        """Let go of a client that has gone."""
        ...


class ServedLine(Protocol):
    """A place that clients connect to, one at a time."""

    @property
    def url(self) -> str:
        """Where a driver finds it, in pyserial's form; valid while open."""
        ...

    def open(self) -> None:
        """Begin to listen."""
        ...

    def wait(self, rouse: socket.socket, timeout_s: float) -> Conversation | None:
        """Wait for a client; None after ``timeout_s``, or when ``rouse`` has bytes."""
        ...

    def close(self) -> None:
        """Stop listening; harmless when not open."""
        ...


class TcpLine:
    """A free port on 127.0.0.1."""

    def __init__(self) -> None:
        self._listener: socket.socket | None = None

    @property
    def url(self) -> str:
        """Where a driver finds it, in pyserial's form.

        Raises
        ------
        RuntimeError
            It is not open.
        """
        if self._listener is None:
            raise RuntimeError("the simulated stage has not been started")
        return f"socket://127.0.0.1:{self._listener.getsockname()[1]}"

    def open(self) -> None:
        """Begin to listen."""
        self._listener = socket.create_server(("127.0.0.1", 0))

    def wait(self, rouse: socket.socket, timeout_s: float) -> Conversation | None:
        """Wait for a client."""
        assert self._listener is not None
        ready, _, _ = select.select([self._listener, rouse], [], [], timeout_s)
        return TcpConversation(self._listener.accept()[0]) if self._listener in ready else None

    def close(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None


class TcpConversation:
    """One TCP connection."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.settimeout(0)

    def fileno(self) -> int:
        """Return the descriptor to wait on for bytes."""
        return self._line.fileno()

    def receive(self) -> bytes:
        """Take what has arrived; empty when the client has gone."""
        # A client that goes away without a word is no fault of the controller.
        with suppress(ConnectionError):
            return self._line.recv(_CHUNK)
        return b""

    def send(self, data: bytes) -> None:
        """Send what the line takes; a client that has gone is noticed by `receive`."""
        with suppress(BlockingIOError, ConnectionError):
            self._line.send(data)

    def cut(self) -> None:
        """Break the connection."""
        self._line.close()

    def end(self) -> None:
        """Let go of a client that has gone."""
        self._line.close()
