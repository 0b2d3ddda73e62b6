"""The emulated Zaber chain on a fake clock."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.simulated.faults import FaultScript
from drivers.simulated.separate_axes import SeparateAxes
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.zaber_controller import CHAIN, ZaberController
from drivers.simulated.zaber_device import ZaberDevice
from drivers.simulated.zaber_message import checksum

SECOND = 1_000_000_000
SETTINGS = SimulationSettings(
    latency_ms=4.0, jitter_ms=0.0, tremor_um=0.0, backlash_um=(0.0, 0.0, 0.0)
)
# 100 µm/s are 2000 microsteps/s of 0.05 µm; in data times 1.6384.
V100 = 3277
ONE = (ZaberDevice(("x", "y", "z"), device_id=30342),)


class Chain:
    """A controller on a fake clock."""

    def __init__(
        self,
        faults: FaultScript | None = None,
        *,
        homed: bool = True,
        devices: tuple[ZaberDevice, ...] = CHAIN,
    ) -> None:
        self.axes = SeparateAxes(SETTINGS)
        self.controller = ZaberController(self.axes, SETTINGS, devices)
        self.t_ns = SECOND
        self.controller.plug_in(FaultScript(), self.t_ns)
        if homed:
            self.ask("/home")
            self.wait(30.0)
        self.controller.inject(faults or FaultScript(), self.t_ns)

    def wait(self, seconds: float) -> list[str]:
        end_ns = self.t_ns + round(seconds * SECOND)
        received = b""
        while (due_ns := self.controller.next_event_ns()) is not None and due_ns <= end_ns:
            self.t_ns = max(due_ns, self.t_ns)
            received += self.controller.take(self.t_ns)
        self.t_ns = end_ns
        return [line for line in received.decode("latin-1").split("\r\n") if line]

    def ask(self, line: str) -> list[str]:
        self.controller.receive(line.encode("latin-1") + b"\n", self.t_ns)
        return self.wait(0.005)

    def z_um(self) -> float:
        return self.axes.position_at(self.t_ns)[2]


def test_power_up_knows_no_position() -> None:
    chain = Chain(homed=False)
    assert chain.ask("/") == [f"@0{n} 0 OK IDLE WR 0" for n in (1, 2, 3)]
    assert chain.ask("/3 warnings") == ["@03 0 OK IDLE WR 01 WR"]
    assert chain.ask("/3 1 get pos") == ["@03 1 OK IDLE WR 0"]
    assert chain.ask("/3 warnings clear") == ["@03 0 OK IDLE WR 01 WR"]
    assert chain.ask("/3 1 set pos 100") == ["@03 1 OK IDLE WH 0"]
    assert chain.ask("/3 1 get pos") == ["@03 1 OK IDLE WH 100"]


def test_homing_gives_a_reference_at_the_end_away_from_the_slide() -> None:
    chain = Chain(homed=False)
    assert chain.ask("/3 home") == ["@03 0 OK BUSY WR 0"]
    assert chain.ask("/3 1 get pos")[0].startswith("@03 1 OK BUSY WR -")
    chain.wait(30.0)
    assert chain.ask("/3 1 get pos") == ["@03 1 OK IDLE -- 0"]
    assert chain.z_um() == pytest.approx(1000.0)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/3", ["@03 0 OK IDLE -- 0"]),
        ("/03 1 07", ["@03 1 07 OK IDLE -- 0"]),
        ("noise/3 1 7 get resolution", ["@03 1 07 OK IDLE -- 64"]),
        ("/3 1 -- get pos", []),
        ("/4 get pos", []),
        ("3 get pos", []),
        ("", []),
        ("/3 0 05 get deviceid:3B", ["@03 0 05 OK IDLE -- 50105"]),
        ("/3 0 05 get deviceid:3C", []),
        ("/3 2 get pos", ["@03 2 RJ IDLE -- BADAXIS"]),
        ("/3 1 get deviceid", ["@03 1 RJ IDLE -- DEVICEONLY"]),
        ("/3 fly", ["@03 0 RJ IDLE -- BADCOMMAND"]),
        ("/3 get", ["@03 0 RJ IDLE -- BADCOMMAND"]),
        ("/3 get nothing", ["@03 0 RJ IDLE -- BADCOMMAND"]),
        ("/3 set deviceid 5", ["@03 0 RJ IDLE -- BADCOMMAND"]),
        ("/3 set resolution 5", ["@03 0 RJ IDLE -- BADCOMMAND"]),
        ("/3 set maxspeed", ["@03 0 RJ IDLE -- BADDATA"]),
        ("/3 set maxspeed 0", ["@03 0 RJ IDLE -- BADDATA"]),
        ("/3 set maxspeed 9999999", ["@03 0 RJ IDLE -- BADDATA"]),
        ("/3 set accel x", ["@03 0 RJ IDLE -- BADDATA"]),
        ("/3 move abs", ["@03 0 RJ IDLE -- BADDATA"]),
        ("/3 move abs 10.5", ["@03 0 RJ IDLE -- BADDATA"]),
        ("/3 move abs -1", ["@03 0 RJ IDLE -- BADDATA"]),
        ("/3 move abs 20001", ["@03 0 RJ IDLE -- BADDATA"]),
        ("/3 move rel -1", ["@03 0 RJ IDLE -- BADDATA"]),
        ("/3 move", ["@03 0 RJ IDLE -- BADCOMMAND"]),
        ("/3 move up", ["@03 0 RJ IDLE -- BADCOMMAND"]),
        ("/3 move vel 9999999", ["@03 0 RJ IDLE -- BADDATA"]),
        ("/3 get limit.max", ["@03 0 OK IDLE -- 20000"]),
        ("/1 get limit.max", ["@01 0 OK IDLE -- 40000"]),
        ("/3 " + "x" * 80, []),
    ],
)
def test_answers(line: str, answer: list[str]) -> None:
    assert Chain().ask(line) == answer


def test_bounded_run_at_a_speed_of_its_own() -> None:
    chain = Chain()
    assert chain.ask(f"/3 1 move abs 10000 {V100}") == ["@03 1 OK BUSY -- 0"]
    chain.wait(1.0)
    before = chain.z_um()
    (reply,) = chain.ask("/3 1 get pos")
    assert reply.startswith("@03 1 OK BUSY -- ")
    # Positions count downwards from the home sensor at 1000 µm.
    assert 1000 - int(reply.split()[-1]) * 0.05 == pytest.approx(before, abs=0.3)
    chain.wait(0.995)
    assert before - chain.z_um() == pytest.approx(100.0, abs=0.1)
    chain.wait(10)
    assert chain.ask("/3 1 get pos") == ["@03 1 OK IDLE -- 10000"]
    assert chain.z_um() == pytest.approx(500.0)


def test_set_speed_and_acceleration_are_used() -> None:
    chain = Chain()
    chain.ask(f"/3 set maxspeed {V100}")
    assert chain.ask("/3 get maxspeed") == [f"@03 0 OK IDLE -- {V100}"]
    # 100 µm/s² are 2000 microsteps/s²; the data value is 0.33 and 1 is the smallest: 305 µm/s².
    chain.ask("/3 set accel 1")
    chain.ask("/3 1 move rel 20000")
    chain.wait(5)
    start = chain.z_um()
    chain.wait(1)
    assert start - chain.z_um() == pytest.approx(100.0, abs=0.1)
    chain.ask("/3 stop")
    chain.wait(5)
    assert start - 100 - chain.z_um() == pytest.approx(100**2 / (2 * 305) + 0.5, abs=0.6)


def test_endless_run_ends_at_the_limit_or_at_the_stop() -> None:
    chain = Chain()
    chain.ask(f"/3 1 move vel {V100}")
    chain.wait(1)
    assert chain.ask("/3 1 stop") == ["@03 1 OK BUSY NI 0"]
    chain.wait(1)
    (reply,) = chain.ask("/3 1 get pos")
    assert reply.startswith("@03 1 OK IDLE NI ")
    assert int(reply.split()[-1]) == pytest.approx(2010, abs=40)
    assert chain.ask("/3 warnings clear") == ["@03 0 OK IDLE -- 01 NI"]
    chain.ask(f"/3 1 move vel {4 * V100}")
    chain.wait(20)
    assert chain.ask("/3 1 get pos") == ["@03 1 OK IDLE -- 20000"]


def test_axes_move_for_themselves() -> None:
    chain = Chain(devices=ONE)
    assert chain.ask("/1 get pos") == ["@01 0 OK IDLE -- 0 0 0"]
    chain.ask("/1 1 move abs 30000")
    chain.ask("/1 3 move abs 100")
    chain.wait(0.5)
    assert chain.ask("/1 3") == ["@01 3 OK IDLE -- 0"]
    assert chain.ask("/1 1") == ["@01 1 OK BUSY -- 0"]
    assert chain.ask("/1") == ["@01 0 OK BUSY -- 0"]
    assert chain.ask("/1 0 stop") == ["@01 0 OK BUSY NI 0"]
    chain.wait(1)
    assert chain.ask("/1 get pos")[0].endswith(" 0 100")


def test_a_new_move_interrupts_the_one_under_way() -> None:
    chain = Chain()
    chain.ask("/3 move abs 20000")
    chain.wait(0.2)
    assert chain.ask("/3 move abs 1000") == ["@03 0 OK BUSY NI 0"]
    assert chain.ask("/3 set pos 5") == ["@03 0 RJ BUSY NI STATUSBUSY"]
    chain.wait(20)
    assert chain.ask("/3 get pos") == ["@03 0 OK IDLE NI 1000"]


def test_checksums_and_alerts_once_switched_on() -> None:
    chain = Chain()
    chain.ask("/3 set comm.checksum 1")
    chain.ask("/3 set comm.alert 1")
    (reply,) = chain.ask("/3 1 get pos")
    text, _, claimed = reply[1:].rpartition(":")
    assert claimed == checksum(text)
    chain.ask("/3 1 move abs 100")
    assert chain.wait(5) == [f"!03 1 IDLE --:{checksum('03 1 IDLE --')}"]


def test_faults() -> None:
    def running(script: FaultScript) -> Chain:
        chain = Chain()
        chain.ask(f"/3 1 move abs 20000 {V100}")
        chain.wait(0.5)
        chain.controller.inject(script, chain.t_ns)
        chain.wait(0.5)
        return chain

    chain = running(FaultScript(stall_at_s=(0.1,)))
    assert chain.ask("/3") == ["@03 0 OK IDLE FS 0"]
    assert chain.ask("/1") == ["@01 0 OK IDLE -- 0"]
    chain.ask("/3 warnings clear")
    assert chain.ask("/3 move abs 100") == ["@03 0 OK BUSY -- 0"]

    assert running(FaultScript(limit_at_s=(0.1,))).ask("/3") == ["@03 0 OK IDLE WL 0"]

    chain = running(FaultScript(alarm_at_s=((0.1, "FV"),)))
    assert chain.ask("/3 warnings clear") == ["@03 0 OK IDLE FV 01 FV"]
    assert chain.ask("/3 move abs 100") == ["@03 0 RJ IDLE FV DRIVERDISABLED"]
    chain.ask("/3 driver enable")
    assert chain.ask("/3 move abs 100") == ["@03 0 OK BUSY -- 0"]

    chain = running(FaultScript(reset_at_s=(0.1,)))
    assert chain.ask("/3 get pos") == ["@03 0 OK IDLE WR 0"]

    chain = running(FaultScript(drop_stops=frozenset({1})))
    assert chain.ask("/3 stop") == []
    assert chain.ask("/3 stop") == ["@03 0 OK BUSY NI 0"]

    chain = Chain(FaultScript(homing_fails=True))
    chain.ask("/3 home")
    chain.wait(20)
    assert chain.ask("/3") == ["@03 0 OK IDLE FS 0"]


def test_reconnecting_finds_everything_as_it_was() -> None:
    chain = Chain()
    chain.ask("/3 move abs 5000")
    chain.controller.plug_in(FaultScript(), chain.t_ns)
    chain.wait(20)
    assert chain.ask("/3 get pos") == ["@03 0 OK IDLE -- 5000"]


@settings(max_examples=50)
@given(st.binary(max_size=120))
def test_no_bytes_upset_it(data: bytes) -> None:
    chain = Chain(homed=False)
    chain.controller.receive(data + b"\n", chain.t_ns)
    chain.wait(30.0)
    assert len(chain.ask("/")) == 3
