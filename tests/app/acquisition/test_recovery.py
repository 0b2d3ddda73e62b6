"""Killing the program that records, at any moment, and making whole what it left."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app.acquisition.recovery import RecoveryError, recover_all, recover_capture
from app.captures.capture import Capture
from app.captures.capture_record import CaptureRecord, read_record, stored_record
from app.captures.image_file import read_image
from app.captures.layout import COMPANION, RECORD
from app.captures.recorder import Recorder
from app.cli import app
from drivers.camera import Frame

RECORDING = """
import sys, time, zlib
from dataclasses import asdict
from pathlib import Path
import numpy as np
from app.acquisition.sweep_plan import SweepPlan
from app.captures.capture_record import CaptureRecord, ZReading
from app.captures.recorder import Recorder
from drivers.camera import Frame
from drivers.stage import PositionSample

def say(frame, count):
    sys.stdout.write(f"{frame.index} {zlib.crc32(frame.image.tobytes())}\\n")
    sys.stdout.flush()

plan = SweepPlan(
    z_from_um=100.0, z_to_um=1e9, start_um=90.0, end_um=1e9 + 10, cruise_from_um=95.0,
    cruise_to_um=1e9 + 5, step_um=1.0, speed_um_per_s=1000.0, fps=1000.0, exposure_ms=0.1,
    gain_db=0.0, depth_of_field_um=2.0, wave_um=1.5, geometric_um=0.5, motion_blur_um=0.1,
    longest_exposure_ms=1.0, run_up_um=10.0, run_down_um=10.0, expected_frames=10**6,
    duration_s=1e6, size_bytes=1, memory_bytes=1, notes=(),
)
record = CaptureRecord(
    microscope="m", objective="o", na=0.4, magnification=20.0, pixel_um=0.5,
    sweep={**asdict(plan), "notes": []}, z_reading=ZReading(resolution_um=0.1),
)
recorder = Recorder(Path(sys.argv[1]), record, on_recorded=say)
values = np.random.default_rng()
print("ready", flush=True)
for index in range(10**6):
    # At 1000 um/s frames and positions lie 1 ms and 1 um apart, from z = 90 um on.
    t_ns = index * 10**6
    recorder.record_position(
        PositionSample(t_ns - 1000, t_ns + 1000, 0.0, 0.0, 90.0 + index, moving=True)
    )
    image = values.integers(0, 255, (96, 128, 3), dtype=np.uint8)
    recorder.record(Frame(image, index, 0, t_ns, 1000, "host", 0.1))
"""


def kill_while_recording(folder: Path, frames: int, after_s: float = 0.0) -> dict[int, int]:
    """Let a program record, kill it, and return the checksums that it has acknowledged."""
    program = subprocess.Popen(
        [sys.executable, "-c", RECORDING, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    said = [program.stdout.readline() for _ in range(frames)]
    time.sleep(after_s)
    program.send_signal(signal.SIGKILL)
    said += program.stdout.readlines()
    assert program.wait(30) == -signal.SIGKILL
    program.stdout.close()
    return dict(map(int, line.split()) for line in said if line.endswith("\n"))


def snapshot(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): zlib.crc32(path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("seed", range(5))
def test_a_capture_killed_at_a_random_moment_is_made_whole(tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "captures" / "killed"
    chance = random.Random(seed)
    checksums = kill_while_recording(folder, chance.randrange(30), chance.uniform(0, 0.1))
    assert stored_record(folder).state == "recording"

    (recovery,) = recover_all(tmp_path / "captures")
    record = read_record(folder)
    assert stored_record(folder).state == record.state == "interrupted"
    assert recovery.unreadable == ()
    assert recovery.frames == len(record.frames)
    read = {
        entry.index: zlib.crc32(read_image(folder / entry.file).tobytes())
        for entry in record.frames
    }
    assert checksums.items() <= read.items()
    assert not list(folder.rglob("*.part"))
    assert {path.name for path in (folder / "frames").glob("*.tif")} == {
        Path(entry.file).name for entry in record.frames
    }
    for entry in record.frames:
        # A frame counts from z = 100 um on, where a later position is known too.
        assert entry.used == (10 <= entry.index < len(record.frames))
        if entry.used:
            assert entry.z_um == pytest.approx(90 + entry.index, abs=0.05)
    if recovery.used:
        stack = Capture(folder)
        assert stack.z_um is not None
        assert (folder / COMPANION).exists()

    before = snapshot(folder)
    assert recover_capture(folder) is None
    assert recover_all(tmp_path / "captures") == ()
    assert snapshot(folder) == before


def test_recovery_that_was_itself_interrupted_is_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "killed"
    kill_while_recording(folder, 5)

    def lose_power(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr("app.acquisition.recovery.write_record", lose_power)
        with pytest.raises(KeyboardInterrupt):
            recover_capture(folder)
    assert stored_record(folder).state == "recording"
    first = recover_capture(folder)
    assert first is not None
    assert first.frames > 0
    assert stored_record(folder).state == "interrupted"


def test_a_capture_of_an_older_version_is_made_whole_too(tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    kill_while_recording(folder, 30)
    record = json.loads((folder / RECORD).read_bytes())
    # What plans, readings and records have been given since the first version.
    for name in ("wave_um", "geometric_um", "longest_exposure_ms", "memory_bytes"):
        del record["sweep"][name]
    record["z_reading"] = {"resolution_um": 0.1, "lag_ms": 0.0}
    del record["labels"]
    record["sweep"]["a_field_of_a_later_version"] = 1
    (folder / RECORD).write_text(json.dumps(record))
    recovery = recover_capture(folder)
    assert recovery is not None
    assert recovery.frames >= 30
    assert recovery.with_z == recovery.used >= 15
    entry = read_record(folder).frames[15]
    assert entry.z_um == pytest.approx(90 + entry.index, abs=0.05)


def new_recorder(folder: Path) -> Recorder:
    record = CaptureRecord(microscope="m", objective="o", na=0.4, magnification=20.0, sweep={})
    return Recorder(folder, record)


def frame(index: int) -> Frame:
    return Frame(np.full((8, 8), index, np.uint8), index, 0, index, 1, "host", 1.0)


def test_a_capture_under_way_is_left_alone(tmp_path: Path) -> None:
    recorder = new_recorder(tmp_path / "now")
    recorder.record(frame(0))
    with pytest.raises(RecoveryError, match="now: cannot be recovered: it is being recorded"):
        recover_capture(tmp_path / "now")
    assert recover_all(tmp_path) == ()
    recorder.record(frame(1))
    assert len(recorder.close().frames) == 2
    assert recover_capture(tmp_path / "now") is None
    assert not (tmp_path / "now" / "recording.lock").exists()


def test_what_a_power_cut_damaged_is_told_and_the_rest_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    recorder = new_recorder(folder)
    for index in range(4):
        recorder.record(frame(index))
    recorder.close()
    record = stored_record(folder)
    text = record.model_copy(update={"state": "recording", "frames": ()}).model_dump_json()
    (folder / RECORD).write_text(text)
    (folder / "frames" / "0001.ome.tif").write_bytes(b"")
    (folder / "frames" / "0009.ome.tif").write_bytes(b"not acknowledged")
    (folder / "capture.json.part").write_text("{")
    with (folder / "frames.jsonl").open("ab") as log:
        log.write(b"\0\0\0\n{")
    recovery = recover_capture(folder)
    assert recovery is not None
    assert recovery.unreadable == ("frames/0001.ome.tif",)
    assert recovery.removed == ("capture.json.part", "frames/0009.ome.tif")
    assert [entry.index for entry in read_record(folder).frames] == [0, 2, 3]
    assert str(recovery) == (
        f"{folder}: 3 frames, 3 in the stack; the z of 3 frames is not known; cannot be read any "
        "more: frames/0001.ome.tif; removed as incomplete: capture.json.part, frames/0009.ome.tif"
    )


def test_the_command(tmp_path: Path) -> None:
    kill_while_recording(tmp_path / "captures" / "killed", 2)
    for given in (tmp_path / "captures", tmp_path / "captures" / "killed"):
        done = CliRunner().invoke(app, ["recover", str(given)])
        assert done.exit_code == 0, done.output
    first = CliRunner().invoke(app, ["recover", str(tmp_path / "captures")])
    assert "nothing to recover" in first.output
    missing = CliRunner().invoke(app, ["recover", str(tmp_path / "nowhere")])
    assert missing.exit_code == 2
    assert "nowhere: there is no such folder" in missing.output
