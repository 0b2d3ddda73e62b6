"""Byte ports: a serial one, or its likeness over TCP behind an adapter or a simulation."""

from __future__ import annotations

import select
import socket
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import serial

READ_TIMEOUT_S: Final = 0.05
"""Also how soon a reader notices that the port is being closed."""
WRITE_TIMEOUT_S: Final = 1.0
OPEN_TIMEOUT_S: Final = 5.0
_CHUNK: Final = 4096


class Port(Protocol):
    """Bytes in, bytes out; every method raises `OSError` when the other end is gone."""

    def receive(self) -> bytes:
        """Wait for the first bytes and take what came with them; empty after `READ_TIMEOUT_S`."""
        ...

    def send(self, data: bytes) -> None:
        """Hand bytes over; returns when the operating system has taken them."""
        ...

    def close(self) -> None:
        """Release the port; nobody may be receiving meanwhile."""
        ...


def open_port(url: str, baud: int, *, dtr: bool) -> Port:
    """Open a port.

    Parameters
    ----------
    url : str
        ``"socket://host:port"``, or whatever `serial.serial_for_url` takes: ``"COM3"``,
        ``"/dev/ttyUSB0"``, ``"rfc2217://host:port"``.
    baud : int
        Means nothing to a socket.
    dtr : bool
        The level of the control lines DTR and RTS. Opening a port with them raised resets an
        Arduino, and with RTS alone holds an ESP32 in reset; some boards with native USB stay
        silent without them.

    Raises
    ------
    OSError, ValueError
        There is no such port, or another program holds it.
    """
    if url.startswith("socket://"):
        parts = urlsplit(url)
        return TcpPort(parts.hostname or "", parts.port or 0)
    return SerialPort(url, baud, dtr=dtr)


class SerialPort:
    """A serial port, held for this program alone."""

    def __init__(self, url: str, baud: int, *, dtr: bool) -> None:
        self._serial: Any = serial.serial_for_url(
            url,
            baudrate=baud,
            timeout=READ_TIMEOUT_S,
            write_timeout=WRITE_TIMEOUT_S,
            exclusive=True,
            do_not_open=True,
        )
        self._serial.dtr = dtr
        self._serial.rts = dtr
        self._serial.open()

    def receive(self) -> bytes:
        """Wait for the first bytes and take what came with them."""
        received: bytes = self._serial.read(max(1, self._serial.in_waiting))
        return received

    def send(self, data: bytes) -> None:
        """Hand bytes over."""
        self._serial.write(data)

    def close(self) -> None:
        """Release the port."""
        self._serial.close()


class TcpPort:
    """A TCP connection that stands in for a serial port.

    pyserial's own reads byte by byte, which costs milliseconds each in a busy program, and lets
    Nagle's algorithm hold a stop byte back until the line before it is acknowledged (RFC 1122,
    4.2.3.4).
    """

    def __init__(self, host: str, number: int) -> None:
        self._socket = socket.create_connection((host, number), timeout=OPEN_TIMEOUT_S)
        self._socket.settimeout(WRITE_TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def receive(self) -> bytes:
        """Wait for the first bytes and take what came with them."""
        readable, _, _ = select.select([self._socket], [], [], READ_TIMEOUT_S)
        if not readable:
            return b""
        received = self._socket.recv(_CHUNK)
        if not received:
            raise ConnectionResetError("the other side has closed the connection")
        return received

    def send(self, data: bytes) -> None:
        """Hand bytes over."""
        self._socket.sendall(data)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()
