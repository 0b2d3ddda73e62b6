"""Zaber's own client on the emulated chain: what it accepts is the protocol."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.served_controller import ServedController
from drivers.simulated.served_line import ServedLine, TcpLine
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.zaber_controller import ZaberController

zaber_motion = pytest.importorskip("zaber_motion")
zaber_ascii = pytest.importorskip("zaber_motion.ascii")

SETTINGS = SimulationSettings(
    latency_ms=1.0, jitter_ms=0.2, tremor_um=0.0, start_um=(500.0, 500.0, 950.0)
)


@pytest.fixture
def axes() -> SeparateAxes:
    return SeparateAxes(SETTINGS)


def serve(axes: SeparateAxes, line: ServedLine) -> ServedController:
    return ServedController(ZaberController(axes, SETTINGS), line=line)


@pytest.fixture
def connection(axes: SeparateAxes) -> Iterator[zaber_ascii.Connection]:
    with serve(axes, TcpLine()) as served:
        host, _, port = served.url.removeprefix("socket://").partition(":")
        with zaber_ascii.Connection.open_tcp(host, int(port)) as connection:
            yield connection


def test_it_finds_homes_moves_reads_and_stops(
    connection: zaber_ascii.Connection, axes: SeparateAxes
) -> None:
    devices = connection.detect_devices(identify_devices=False)
    assert [device.device_address for device in devices] == [1, 2, 3]
    z = devices[2].get_axis(1)
    assert z.warnings.get_flags() == {"WR"}
    z.home()
    assert z.get_position() == 0
    assert z.warnings.get_flags() == set()
    z.move_absolute(4000)
    assert z.get_position() == 4000
    z.move_relative(-500)
    assert z.get_position() == 3500
    assert axes.commanded_at(1 << 62)[2] == pytest.approx(1000 - 3500 * 0.05)
    z.move_velocity(3277)
    assert z.is_busy()
    z.stop()
    assert not z.is_busy()
    z.move_absolute(20_000, wait_until_idle=False)
    z.stop()
    assert 3500 < z.get_position() < 20_000
    assert z.settings.get("limit.max") == 20_000
    z.settings.set("maxspeed", 3277)
    assert z.settings.get("maxspeed") == 3277
    connection.get_device(1).all_axes.home()


def test_it_understands_refusals(connection: zaber_ascii.Connection) -> None:
    axis = connection.get_device(3).get_axis(1)
    with pytest.raises(zaber_motion.CommandFailedException, match="BADDATA"):
        axis.move_absolute(-5)
    with pytest.raises(zaber_motion.CommandFailedException, match="BADCOMMAND"):
        axis.generic_command("fly")


def test_it_asks_all_that_identifies_a_device_before_it_looks_into_its_database(
    connection: zaber_ascii.Connection, tmp_path: Path
) -> None:
    """The database is online; from a file that is not there it can go no further than this."""
    zaber_motion.Library.set_device_db_source(
        zaber_motion.DeviceDbSourceType.FILE, str(tmp_path / "none.sqlite")
    )
    try:
        with pytest.raises(zaber_motion.DeviceDbFailedException):
            connection.get_device(3).identify()
    finally:
        zaber_motion.Library.set_device_db_source(zaber_motion.DeviceDbSourceType.WEB_SERVICE)


def test_it_checks_our_checksums_and_hears_our_alerts(
    connection: zaber_ascii.Connection,
) -> None:
    connection.enable_alerts()
    connection.generic_command("set comm.checksum 1")
    axis = connection.get_device(3).get_axis(1)
    axis.home()
    assert axis.get_position() == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a pty")
def test_it_opens_the_pty_like_a_serial_port(axes: SeparateAxes) -> None:
    from drivers.simulated.pty_line import PtyLine

    with (
        serve(axes, PtyLine()) as served,
        zaber_ascii.Connection.open_serial_port(served.url) as connection,
    ):
        assert len(connection.detect_devices(identify_devices=False)) == 3
