from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.acquisition.events import FrameRecorded, Phase
from app.acquisition.fields import Field, FieldsError
from app.acquisition.microscope import Microscope, mount_simulation
from app.acquisition.scan_events import (
    FieldEntered,
    FieldEvent,
    FieldFinished,
    ScanEvent,
    ScanFinished,
)
from app.acquisition.slide_scan import SlideScan, new_scan
from app.captures.capture import Capture
from app.captures.capture_record import read_record
from app.captures.image_file import read_image
from app.captures.layout import FUSED, OVERVIEW
from app.captures.recorder_error import RecorderError
from app.captures.scan_record import read_scan
from app.profiles import MicroscopeProfile, save_profile
from drivers.simulated.microscope import SimulatedMicroscope
from drivers.simulated.settings import SimulationSettings
from drivers.stage import StagePhase
from models.wearif.model import StreamingWearIF

pytestmark = pytest.mark.slow

TILT = (0.004, -0.003)
PLACES = (
    Field("a", 18_000, 9_000),
    Field("b", 22_000, 9_000),
    Field("c", 22_000, 11_000),
    Field("d", 18_000, 11_000),
)


@pytest.fixture(scope="module")
def tilted(profile: MicroscopeProfile) -> Iterator[Microscope]:
    """A microscope with a slide that lies askew and shows something else everywhere."""
    settings = SimulationSettings(
        seed=1,
        width=192,
        height=128,
        pixel_um=profile.pixel_um,
        slide_fields=(1.7, 1.6),
        tilt=TILT,
    )
    with mount_simulation(profile, SimulatedMicroscope(settings)) as microscope:
        microscope.stage.home().wait(60)
        yield microscope


@pytest.fixture
def ready(tilted: Microscope) -> Microscope:
    tilted.stage.move_to(x_um=20_000, y_um=10_000, z_um=450).wait(60)
    return tilted


class Log:
    def __init__(self, react: Callable[[ScanEvent], None] | None = None) -> None:
        self.events: list[ScanEvent] = []
        self._react = react

    def __call__(self, event: ScanEvent) -> None:
        self.events.append(event)
        if self._react is not None:
            self._react(event)

    @property
    def entered(self) -> list[str]:
        return [event.field.name for event in self.events if isinstance(event, FieldEntered)]


@pytest.mark.timeout(400)
def test_a_scan_is_stopped_and_taken_up(
    ready: Microscope, model: StreamingWearIF, tmp_path: Path
) -> None:
    def stop_in_the_second(event: ScanEvent) -> None:
        match event:
            case FieldEvent(1, FrameRecorded(_, count, _, _)) if count == 5:
                scan.cancel()
            case _:
                pass

    folder = tmp_path / "scan"
    new_scan(folder, ready, PLACES)
    log = Log(stop_in_the_second)
    scan = SlideScan(ready, folder, log, model=model)
    finished = scan.run()
    assert finished.phase is Phase.CANCELLED
    assert finished.error is None
    assert log.events[-1] is finished
    assert log.entered == ["a", "b"]
    assert ready.stage.state().phase is StagePhase.IDLE
    assert [field.state for field in read_scan(folder).fields] == ["done", *["pending"] * 3]
    first = (folder / "a" / FUSED).read_bytes()

    log = Log()
    finished = SlideScan(ready, folder, log, model=model).run()
    assert finished.phase is Phase.DONE, finished.error
    assert log.entered == ["b", "c", "d"]
    assert (folder / "a" / FUSED).read_bytes() == first
    record = read_scan(folder)
    assert record == finished.record
    assert [field.state for field in record.fields] == ["done"] * 4
    assert finished.overview == folder / OVERVIEW
    assert read_image(folder / OVERVIEW).ndim == 3

    assert ready.simulation is not None
    truth = ready.simulation.truth
    pictures = []
    for field, place in zip(record.fields, PLACES, strict=True):
        assert field.best_z_um == pytest.approx(truth.best_focus_z(place.x_um, place.y_um), abs=4)
        assert field.folder is not None
        assert Capture(folder / field.folder).record.state == "complete"
        pictures.append(read_image(folder / field.folder / FUSED).astype(float))
    for one, other in pairwise(pictures):
        assert np.abs(one - other).mean() > 2, "each field shows something else"

    progress = [event for event in log.events if isinstance(event, FieldFinished)]
    assert [(event.finished, event.total) for event in progress] == [(2, 4), (3, 4), (4, 4)]
    assert progress[0].left_s > progress[1].left_s > progress[2].left_s == 0


def test_fields_out_of_reach_are_told_before_anything_moves(
    ready: Microscope, model: StreamingWearIF, tmp_path: Path
) -> None:
    new_scan(tmp_path / "scan", ready, [*PLACES, Field("far", 50_000, 0)])
    before = ready.stage.position()
    finished = SlideScan(ready, tmp_path / "scan", Log(), model=model).run()
    assert finished == ScanFinished(Phase.FAILED, finished.record, None, finished.error)
    assert isinstance(finished.error, FieldsError)
    after = ready.stage.position()
    assert (after.x_um, after.y_um, after.z_um) == (before.x_um, before.y_um, before.z_um)


def test_a_scan_does_not_overwrite_another(ready: Microscope, tmp_path: Path) -> None:
    new_scan(tmp_path / "scan", ready, PLACES)
    with pytest.raises(RecorderError, match="scan: cannot be made: File exists"):
        new_scan(tmp_path / "scan", ready, PLACES)


@pytest.mark.timeout(400)
def test_a_scan_whose_program_is_killed_is_taken_up(
    profile: MicroscopeProfile, tmp_path: Path
) -> None:
    save_profile(profile, tmp_path / "small.toml")
    (tmp_path / "fields.csv").write_text("name,x_um,y_um\na,20000,10000\nb,20100,10000\n")
    folder = tmp_path / "scan"
    command = [sys.executable, "-m", "app.cli", "scan", str(folder)]
    command += ["--microscope", str(tmp_path / "small.toml")]
    command += ["--fields", str(tmp_path / "fields.csv")]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    said = [program.stdout.readline()]
    while not said[-1].startswith("b at") and said[-1]:
        said.append(program.stdout.readline())
    assert said[-1], said
    while not list((folder / "b" / "frames").glob("*.tif")):
        assert program.poll() is None
    program.send_signal(signal.SIGKILL)
    program.communicate()
    assert [field.state for field in read_scan(folder).fields] == ["done", "pending"]

    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "a at" not in done.stdout
    assert "2 of 2" in done.stdout
    record = read_scan(folder)
    assert [field.folder for field in record.fields] == ["a", "b_2"]
    assert read_record(folder / "b").state == "interrupted"
    assert (folder / OVERVIEW).exists()
