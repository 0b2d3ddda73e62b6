import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from drivers.simulated.faults import FaultScript
from drivers.simulated.grbl_firmware import GrblFirmware
from drivers.simulated.motion import StageMotion, Tremor
from drivers.simulated.settings import SimulationSettings

SETTINGS = SimulationSettings(latency_ms=2.0, jitter_ms=0.5)


@pytest.fixture
def firmware() -> Iterator[GrblFirmware]:
    x, y, z = SETTINGS.travel_um
    motion = StageMotion(
        SETTINGS.start_um, SETTINGS.backlash_um, ((0, x), (0, y), (0, z)), Tremor(0.02, 1)
    )
    with GrblFirmware(motion, SETTINGS) as board:
        yield board


def plug_in(firmware: GrblFirmware) -> socket.socket:
    parts = urlsplit(firmware.url)
    assert parts.scheme == "socket"
    assert parts.port is not None
    return socket.create_connection(("127.0.0.1", parts.port), timeout=20)


def read_until(line: socket.socket, ending: bytes) -> bytes:
    received = b""
    while ending not in received:
        chunk = line.recv(4096)
        assert chunk, f"closed after {received!r}"
        received += chunk
    return received


def test_conversation_over_the_socket(firmware: GrblFirmware) -> None:
    with plug_in(firmware) as line:
        assert b"Grbl 1.1h" in read_until(line, b"unlock]\r\n")
        line.sendall(b"$H\n")
        read_until(line, b"ok\r\n")
        line.sendall(b"?")
        assert read_until(line, b">\r\n").startswith(b"<Idle|MPos:-1.000,-1.000,-1.000|")
        line.sendall(b"$J=G91 Z-8 F60\n")
        read_until(line, b"ok\r\n")
        sent_ns = time.monotonic_ns()
        line.sendall(b"\x85")
        state = b"Jog"
        while state == b"Jog":
            line.sendall(b"?")
            state = read_until(line, b">\r\n").split(b"|")[0].strip(b"<")
        assert state == b"Idle"
    (cancel_ns,) = [t_ns for byte, t_ns in firmware.received_realtime if byte == 0x85]
    assert sent_ns < cancel_ns < time.monotonic_ns()


def test_reconnecting_powers_the_board_up_again(firmware: GrblFirmware) -> None:
    with plug_in(firmware) as line:
        read_until(line, b"unlock]\r\n")
        line.sendall(b"$X\n")
        read_until(line, b"ok\r\n")
    with plug_in(firmware) as line:
        read_until(line, b"unlock]\r\n")
        line.sendall(b"?")
        assert read_until(line, b">\r\n").startswith(b"<Alarm|")


def test_broken_line_and_injected_faults(firmware: GrblFirmware) -> None:
    with plug_in(firmware) as line:
        read_until(line, b"unlock]\r\n")
        firmware.inject(FaultScript(lines_at_s=((0.0, b"garbage\r\n"),), close_at_s=0.05))
        read_until(line, b"garbage\r\n")
        assert line.recv(100) == b""


def test_closing_ends_the_conversation(firmware: GrblFirmware) -> None:
    with plug_in(firmware) as line:
        read_until(line, b"unlock]\r\n")
        firmware.close()
        assert line.recv(100) == b""
    firmware.close()
    with pytest.raises(RuntimeError, match="not been started"):
        _ = firmware.url
