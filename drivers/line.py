"""One port that speaks in text lines, read by one thread and written by any."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from drivers.errors import ConnectionLost
from drivers.port import Port, open_port

LONGEST_LINE: Final = 4096
"""Bytes without a line end beyond which they are noise: a wrong baud rate, a wrong device."""

_logger = logging.getLogger(__name__)

LineListener = Callable[[str, int], None]
"""Gets each line without its line end, and its arrival on the `time.monotonic_ns()` scale."""


class Line:
    """The owner of one port.

    A reader thread splits what arrives into lines. Writing is open to every thread; the write
    lock is held for nothing but the write call, so that an urgent byte waits for nobody. The
    logger ``drivers.line`` tells the conversation at level DEBUG.

    Parameters
    ----------
    device : str
        The device as errors name it.
    url, baud, dtr
        As for `drivers.port.open_port`.
    on_line : callable
        Called from the reader thread with each line; must return quickly and not raise.
    on_lost : callable
        Called once, with a `ConnectionLost`, when the port goes away without being closed.
    send_end, receive_end : bytes
        What ends a line in each direction; stray CR and LF around what arrives are dropped.
    """

    def __init__(
        self,
        device: str,
        url: str,
        baud: int,
        *,
        on_line: LineListener,
        on_lost: Callable[[ConnectionLost], None],
        dtr: bool = False,
        send_end: bytes = b"\n",
        receive_end: bytes = b"\n",
    ) -> None:
        self._device = device
        self._url = url
        self._baud = baud
        self._dtr = dtr
        self._send_end = send_end
        self._receive_end = receive_end
        self._pending = b""
        self._on_line = on_line
        self._on_lost = on_lost
        self._port: Port | None = None
        self._writing = threading.Lock()
        self._closing = threading.Event()
        self._reporting = threading.Lock()
        self._lost: ConnectionLost | None = None
        self._reader: threading.Thread | None = None

    def open(self) -> None:
        """Open the port and start to read; a closed line is not opened again.

        Raises
        ------
        ConnectionLost
            There is no such port, or another program holds it.
        """
        try:
            self._port = open_port(self._url, self._baud, dtr=self._dtr)
        except (OSError, ValueError) as error:
            raise ConnectionLost(
                self._device,
                f"open {self._url}",
                str(error),
                "Check the cable and the port's name, and that no other program uses it.",
            ) from error
        self._reader = threading.Thread(
            target=self._read, args=(self._port,), name=f"read {self._url}", daemon=True
        )
        self._reader.start()

    def close(self) -> None:
        """Stop reading and release the port; harmless when not open."""
        self._closing.set()
        if self._reader is not None and self._reader is not threading.current_thread():
            self._reader.join()
        with self._writing:
            port, self._port = self._port, None
        if port is not None:
            port.close()

    @property
    def unfinished(self) -> str:
        """What has arrived since the last line end, for errors to quote."""
        return self._pending.decode("ascii", errors="replace")

    def write_line(self, text: str, guard: Callable[[], None] | None = None) -> int:
        """Write one line of ASCII text and its line end.

        Parameters
        ----------
        text : str
        guard : callable, optional
            Called when nothing can be written before this line any more; what it raises keeps the
            line from being written.

        Returns
        -------
        int
            When the line had been handed to the port, in `time.monotonic_ns()`.

        Raises
        ------
        ConnectionLost
            The port does not take it.
        """
        return self._write(text.encode("ascii") + self._send_end, guard)

    def write_now(self, data: bytes) -> int:
        """Write bytes as they are, ahead of everything that waits for an answer.

        Returns
        -------
        int
            When the bytes had been handed to the port, in `time.monotonic_ns()`.

        Raises
        ------
        ConnectionLost
            The port does not take them.
        """
        return self._write(data, None)

    def _write(self, data: bytes, guard: Callable[[], None] | None) -> int:
        try:
            with self._writing:
                if guard is not None:
                    guard()
                if self._port is None:
                    raise (self._lost or self._closed(data)).again()
                # Before it is sent, so that no answer is told before its question.
                _logger.debug("%s > %r", self._url, data)
                self._port.send(data)
                return time.monotonic_ns()
        except OSError as error:
            raise self._report_loss(f"write {data!r}", error).again() from error

    def _closed(self, data: bytes) -> ConnectionLost:
        return ConnectionLost(
            self._device, f"write {data!r}", "the port is closed", "Connect again."
        )

    def _read(self, port: Port) -> None:
        while not self._closing.is_set():
            try:
                received = self._pending + port.receive()
            except OSError as error:
                self._report_loss("read", error)
                return
            arrived_ns = time.monotonic_ns()
            *lines, rest = received.split(self._receive_end)
            self._pending = rest if len(rest) <= LONGEST_LINE else b""
            for line in lines:
                _logger.debug("%s < %r", self._url, line)
                self._on_line(line.decode("ascii", errors="replace").strip("\r\n\0 "), arrived_ns)

    def _report_loss(self, attempted: str, error: Exception) -> ConnectionLost:
        with self._reporting:
            first = self._lost is None
            if self._lost is None:
                self._lost = ConnectionLost(
                    self._device,
                    f"{attempted} on {self._url}",
                    str(error),
                    "Check the cable and the power, then connect again.",
                )
        if first and not self._closing.is_set():
            self._on_lost(self._lost)
        return self._lost
