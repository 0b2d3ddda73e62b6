"""What goes wrong in the middle of a sweep, and what becomes of the stage, frames and operator.

``pytest -v tests/app/acquisition/test_safety.py`` prints what happened as a table.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from shutil import disk_usage

import pytest

from app.acquisition.capture_run import CaptureRun
from app.acquisition.events import CaptureEvent, Finished, FrameRecorded, Phase, Planned
from app.acquisition.microscope import Microscope
from app.acquisition.recovery import recover_capture
from app.acquisition.sweep_plan import SweepPlan
from app.captures.capture_record import read_record
from app.captures.image_file import read_image
from app.captures.recorder import RESERVE_BYTES
from app.profiles import MicroscopeProfile
from app.window.control import MicroscopeControl
from app.window.control_state import Closed, ControlEvent, Link
from app.window.trouble import describe
from drivers.simulated.faults import CameraFaults, FaultScript
from drivers.simulated.microscope import SimulatedMicroscope
from drivers.stage import StagePhase
from models.wearif.fusion import StreamingFusion
from models.wearif.model import StreamingWearIF

pytestmark = pytest.mark.slow

RANGE_UM = (405.0, 560.0)
FAULT_AT = 8
"""How many frames lie on disk when things go wrong."""
SHORT_UM = (410.0, 430.0)


@dataclass
class Bench:
    """A microscope to do harm to, and what its operator gets to see."""

    microscope: Microscope
    model: StreamingWearIF
    captures: Path
    monkeypatch: pytest.MonkeyPatch
    plan: SweepPlan | None = None
    recorded: list[int] = field(default_factory=list)

    @property
    def simulation(self) -> SimulatedMicroscope:
        assert self.microscope.simulation is not None
        return self.microscope.simulation

    def sweep(self, fault: Callable[[Bench], None]) -> Finished:
        """Run a capture in which a fault strikes after some frames."""

        def listen(event: CaptureEvent) -> None:
            if isinstance(event, Planned):
                self.plan = event.plan
            if isinstance(event, FrameRecorded):
                self.recorded.append(event.frame.index)
                if event.count == FAULT_AT:
                    fault(self)

        run = CaptureRun(
            self.microscope, self.captures, listen, model=self.model, z_range_um=RANGE_UM
        )
        return run.run()

    def stage_rests(self) -> bool:
        """Whether the stage truly stands still; the tremor does not count."""
        now_ns = time.monotonic_ns()
        truth = self.simulation.truth
        return abs(truth.z_at(now_ns) - truth.z_at(now_ns - 10**8)) < 0.2

    def wait_for_rest(self, timeout_s: float) -> float:
        """Return where the stage came to rest."""
        end_s = time.monotonic() + timeout_s
        while not self.stage_rests():
            assert time.monotonic() < end_s, "the stage still moves"
            time.sleep(0.05)
        return self.simulation.truth.z_at(time.monotonic_ns())

    def all_recorded_are_readable(self, folder: Path) -> bool:
        files = {entry.index: entry.file for entry in read_record(folder).frames}
        shapes = {read_image(folder / files[index]).shape for index in self.recorded}
        return len(self.recorded) >= FAULT_AT and shapes == {(128, 192, 3)}

    def reconnect(self) -> None:
        """Do what the window's button does, in the same process."""
        self.simulation.firmware.inject(FaultScript())
        self.simulation.camera.faults = CameraFaults()
        self.microscope.stage.close()
        self.microscope.camera.close()
        self.microscope.connect()
        self.microscope.stage.home().wait(60)
        self.microscope.stage.move_to(z_um=400).wait(30)

    def sweeps_again(self) -> bool:
        run = CaptureRun(
            self.microscope,
            self.captures / "again",
            lambda _event: None,
            model=self.model,
            z_range_um=SHORT_UM,
        )
        return run.run().phase is Phase.DONE


class Stage(Enum):
    """What becomes of the stage."""

    STOPPED = "stopped short of the sweep's end"
    BOUNDED = "out of reach; the firmware ends the move at the sweep's end"
    ARRIVED = "not concerned; it ends at the sweep's end"


@dataclass(frozen=True)
class Case:
    """One fault and what has to come of it."""

    fault: str
    strike: Callable[[Bench], None]
    told: str
    """What happened: a pattern to find in what the operator reads."""
    remedy: str
    """What to do: likewise."""
    stage: Stage = Stage.STOPPED


def stage_fault(**faults: object) -> Callable[[Bench], None]:
    return lambda bench: bench.simulation.firmware.inject(FaultScript(**faults))  # type: ignore[arg-type]


def camera_fault(**faults: int) -> Callable[[Bench], None]:
    def strike(bench: Bench) -> None:
        bench.simulation.camera.faults = CameraFaults(**faults)  # type: ignore[arg-type]

    return strike


def fill_the_disk(bench: Bench) -> None:
    left = disk_usage(bench.captures).free - RESERVE_BYTES - 200_000
    with (bench.captures / "filler").open("wb") as file:
        file.write(bytes(left))


def break_the_fuser(bench: Bench) -> None:
    def fail(_fusion: StreamingFusion, _frame: object) -> None:
        raise MemoryError("no memory left")

    bench.monkeypatch.setattr(StreamingFusion, "add", fail)


RECONNECT = "Check the cable and the power, then connect again"
HOME = "Look at the stage, then home it"
CASES = (
    Case(
        "serial cable pulled",
        stage_fault(close_at_s=0.0),
        "the other side has closed the connection",
        RECONNECT,
        stage=Stage.BOUNDED,
    ),
    Case(
        "firmware reset",
        stage_fault(reset_at_s=(0.0,)),
        "the controller restarted .* the position is lost",
        HOME,
    ),
    Case("alarm", stage_fault(alarm_at_s=((0.0, 2),)), r"ALARM:2 \(a motion would have left", HOME),
    Case("limit switch hit", stage_fault(limit_at_s=(0.0,)), "a limit switch was hit", HOME),
    Case(
        "controller falls silent",
        stage_fault(silent_at_s=0.0),
        "no answer to [0-9]+ questions",
        RECONNECT,
        stage=Stage.BOUNDED,
    ),
    Case(
        "flood of garbage",
        stage_fault(flood_at_s=((0.0, 20.0),)),
        "no answer to [0-9]+ questions|garbage|cannot be",
        "[Cc]heck the cable",
        stage=Stage.BOUNDED,
    ),
    Case(
        "camera unplugged",
        camera_fault(unplugged_at=0),
        "simulated camera: .*no frame for",
        "Check the camera's cable and power, then connect again",
    ),
    Case(
        "camera stalls",
        camera_fault(stalls_at=0),
        "simulated camera: .*no frame for",
        "Check the camera's cable and power, then connect again",
    ),
    Case(
        "disk full",
        fill_the_disk,
        "the disk is full: frame [0-9]+ would leave less than",
        "Free some space or choose another folder",
    ),
    Case(
        "exception in the fuser",
        break_the_fuser,
        r"could not be fused \(no memory left\). All [0-9]+ are safe in",
        "open the capture and fuse it again",
        stage=Stage.ARRIVED,
    ),
)


@pytest.fixture(scope="module")
def connected(
    profile: MicroscopeProfile, simulate: Callable[..., Microscope]
) -> Iterator[Microscope]:
    """One microscope for all faults: each has to leave it usable."""
    with simulate(profile) as microscope:
        microscope.stage.home().wait(60)
        yield microscope


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Room for a capture beside what the recorder leaves free."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=192m", "none", str(folder)]
    if (
        sys.platform != "linux"
        or subprocess.run(command, check=False, capture_output=True).returncode
    ):
        pytest.skip("mounting a small disk needs the superuser")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def bench(
    connected: Microscope,
    model: StreamingWearIF,
    small_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Bench:
    connected.stage.move_to(z_um=400).wait(30)
    return Bench(connected, model, small_disk, monkeypatch)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.fault)
def test_a_fault_in_mid_sweep(case: Case, bench: Bench, safety_row: Callable[..., None]) -> None:
    finished = bench.sweep(case.strike)
    stage_state = bench.microscope.stage.state()

    rest_um = bench.wait_for_rest(20)
    assert bench.plan is not None
    assert stage_state.phase is not StagePhase.MOVING
    assert bench.plan.start_um - 3 < rest_um < bench.plan.end_um + 1
    if case.stage is Stage.STOPPED:
        assert rest_um < bench.plan.z_to_um

    assert finished.phase is Phase.FAILED
    assert finished.error is not None
    trouble = describe(finished.error, "Capture", stage_state)
    told = f"{trouble.title} {trouble.remedy}"
    assert re.search(case.told, f"{finished.error}"), told
    assert re.search(case.remedy, told), told

    assert finished.folder is not None
    record = read_record(finished.folder)
    assert record.state == ("complete" if case.stage is Stage.ARRIVED else "failed")
    assert bench.all_recorded_are_readable(finished.folder)

    bench.monkeypatch.undo()
    (bench.captures / "filler").unlink(missing_ok=True)
    bench.reconnect()
    assert bench.sweeps_again()
    frames = f"{len(record.frames)} of {len(bench.recorded)} acknowledged"
    safety_row(case.fault, case.stage.value, f"{finished.error}", frames, "yes")


KILLED = Path(__file__).with_name("killed_sweep.py")


@pytest.mark.parametrize("frames", [3, 11, 29])
def test_the_program_killed_in_mid_sweep(
    connected: Microscope,
    profile: MicroscopeProfile,
    simulate: Callable[..., Microscope],
    tmp_path: Path,
    safety_row: Callable[..., None],
    frames: int,
) -> None:
    with simulate(profile) as there:
        there.stage.close()
        assert there.simulation is not None
        command = [sys.executable, str(KILLED), there.simulation.stage_url, str(tmp_path)]
        program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert program.stdout is not None
        said = [program.stdout.readline() for _ in range(frames)]
        program.send_signal(signal.SIGKILL)
        said += program.stdout.readlines()
        assert program.wait(30) == -signal.SIGKILL
        program.stdout.close()
        acknowledged = [int(line) for line in said if line.endswith("\n")]
        assert len(acknowledged) >= frames

        bench = Bench(there, None, tmp_path, None)  # type: ignore[arg-type]
        assert bench.wait_for_rest(20) < 600, "the sweep's end bounds the move"
        (folder,) = tmp_path.iterdir()
        recovery = recover_capture(folder)
        assert recovery is not None
        record = read_record(folder)
        assert record.state == "interrupted"
        assert set(acknowledged) <= {entry.index for entry in record.frames}
        for entry in record.frames:
            assert read_image(folder / entry.file).shape == (128, 192, 3)
        there.stage.connect()
        there.stage.home().wait(60)
    if frames == 29:
        readable = f"{len(record.frames)} of {len(acknowledged)} acknowledged"
        safety_row("process killed", Stage.BOUNDED.value, f"{recovery}", readable, "yes")


def test_the_window_closed_in_mid_sweep(
    profile: MicroscopeProfile,
    simulate: Callable[..., Microscope],
    tmp_path: Path,
    safety_row: Callable[..., None],
) -> None:
    made: list[Microscope] = []
    told: list[ControlEvent] = []

    def make() -> Microscope:
        made.append(simulate(profile))
        return made[-1]

    def wait_until(condition: Callable[[], bool], what: str) -> None:
        end_s = time.monotonic() + 120
        while not condition():
            assert time.monotonic() < end_s, f"waited in vain until {what}"
            time.sleep(0.01)

    control = MicroscopeControl(make, tmp_path, told.append)
    control.connect()
    wait_until(lambda: control.state.link is Link.READY, "connected")
    made[0].stage.move_to(z_um=405).wait(30)
    control.sweep.set_end(bottom=True)
    made[0].stage.move_to(z_um=560).wait(30)
    control.sweep.set_end(bottom=False)
    control.capture()
    wait_until(lambda: control.progress.recorded >= FAULT_AT, "frames were recorded")
    control.close(30.0)
    wait_until(lambda: any(isinstance(event, Closed) for event in told), "closed")
    bench = Bench(made[0], None, tmp_path, None)  # type: ignore[arg-type]
    assert bench.wait_for_rest(1) < 555, "stopped short of the range's end"
    (folder,) = tmp_path.iterdir()
    record = read_record(folder)
    assert record.state == "cancelled"
    assert len(record.frames) >= FAULT_AT
    for entry in record.frames:
        assert read_image(folder / entry.file).shape == (128, 192, 3)

    again = MicroscopeControl(make, tmp_path, told.append)
    again.connect()
    wait_until(lambda: again.state.link is Link.READY, "connected once more")
    again.close(30.0)
    wait_until(lambda: sum(isinstance(event, Closed) for event in told) == 2, "closed")
    readable = f"{len(record.frames)} of {len(record.frames)} acknowledged"
    safety_row("window closed", Stage.STOPPED.value, "nothing: it was asked for", readable, "yes")
