"""Recording: what lies on disk whatever happens to the program or the disk."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import tifffile

from app.captures.capture import Capture
from app.captures.capture_record import CaptureRecord, read_record
from app.captures.frame_file import FrameWriter
from app.captures.open_stack import open_stack
from app.captures.recorder import FrameTag, Recorder
from app.captures.recorder_error import RecorderError
from app.captures.stack import StackError
from drivers.camera import Frame
from drivers.stage import PositionSample


def new_record() -> CaptureRecord:
    return CaptureRecord(
        microscope="bench",
        objective="20x",
        na=0.4,
        magnification=20.0,
        pixel_um=0.17,
        sweep={"speed_um_per_s": 50.0, "from_um": 0.0},
    )


def frame(index: int, image: np.ndarray, lost_before: int = 0) -> Frame:
    return Frame(
        image=image,
        index=index,
        lost_before=lost_before,
        t_mid_ns=1_000_000 * index,
        t_sigma_ns=500,
        clock="camera",
        exposure_ms=2.5,
    )


def record_all(recorder: Recorder, frames: Iterable[Frame]) -> None:
    for one in frames:
        recorder.record(one)


def sample(z_um: float) -> PositionSample:
    return PositionSample(10, 20, 0.0, 0.0, z_um, moving=True)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(12, 16), (12, 16, 3)])
def test_what_is_recorded_is_what_is_read(tmp_path, picture, dtype, shape):
    announced = []
    recorder = Recorder(
        tmp_path / "captures" / "one",
        new_record(),
        on_recorded=lambda f, count: announced.append((f.index, count)),
    )
    images = [picture(i, shape, dtype) for i in range(5)]
    for i, image in enumerate(images):
        recorder.record(frame(i, image))
        recorder.record_position(sample(float(i)))
    record = recorder.close({i: FrameTag(2.0 * i, 0.1, used=True) for i in range(5)})

    assert announced == [(i, i + 1) for i in range(5)]
    assert recorder.recorded == 5
    assert (record.state, record.lost) == ("complete", 0)
    assert read_record(recorder.folder) == record
    stack = open_stack(recorder.folder)
    assert isinstance(stack, Capture)
    assert stack.name == "one"
    assert stack.pixel_um == 0.17
    assert stack.z_um == (0.0, 2.0, 4.0, 6.0, 8.0)
    assert stack.positions() == tuple(sample(float(i)) for i in range(5))
    for read, image in zip(stack, images, strict=True):
        assert read.dtype == dtype
        np.testing.assert_array_equal(read, image)


def test_frames_are_files_that_any_program_opens(tmp_path, picture):
    recorder = Recorder(tmp_path / "c", new_record())
    # A camera may hand over a view into a larger buffer.
    view = picture(1, (24, 16, 3), np.uint16)[::2, ::2]
    recorder.record(frame(7, view))
    recorder.close()
    path = tmp_path / "c" / "frames" / "0007.ome.tif"
    np.testing.assert_array_equal(tifffile.imread(path), view)
    with tifffile.TiffFile(path) as tif:
        assert tif.pages.first.photometric == tifffile.PHOTOMETRIC.RGB


def test_the_stack_is_the_used_frames_by_increasing_z(tmp_path, picture):
    """A sweep downwards, with one frame of the run-up and lost frames."""
    recorder = Recorder(tmp_path / "c", new_record())
    for index, lost in ((0, 0), (1, 0), (4, 2), (5, 0)):
        recorder.record(frame(index, picture(index), lost))
    tags = {
        0: FrameTag(None, None, used=False),
        1: FrameTag(30.0, 0.1, used=True),
        4: FrameTag(20.0, 0.1, used=True),
        5: FrameTag(10.0, 0.1, used=True),
    }
    record = recorder.close(tags, state="cancelled")
    assert record.lost == 2
    stack = Capture(tmp_path / "c")
    assert stack.record.state == "cancelled"
    assert stack.z_um == (10.0, 20.0, 30.0)
    assert [entry.index for entry in stack.entries] == [5, 4, 1]
    np.testing.assert_array_equal(stack[0], picture(5))


def test_without_tags_z_is_unknown_and_the_camera_may_know_more_losses(tmp_path, picture):
    recorder = Recorder(tmp_path / "c", new_record())
    for index in range(3):
        recorder.record(frame(index, picture(index)))
    assert recorder.close({1: FrameTag(1.0, 0.1, used=True)}, lost=9).lost == 9
    stack = Capture(tmp_path / "c")
    assert stack.z_um is None
    assert [entry.index for entry in stack.entries] == [0, 1, 2]


def test_frames_that_come_after_the_patience_are_not_forgotten(tmp_path, picture, monkeypatch):
    recorder = Recorder(tmp_path / "c", new_record())
    may_write, write = threading.Event(), FrameWriter.write

    def write_later(*args):
        may_write.wait(30)
        write(*args)

    monkeypatch.setattr(FrameWriter, "write", write_later)
    for index in range(3):
        recorder.record(frame(index, picture(index)))
    with pytest.raises(RecorderError, match="too slow: 3 frames"):
        recorder.close(timeout_s=0.05)
    may_write.set()
    recorder._thread.join(30)
    stack = Capture(tmp_path / "c")
    assert stack.record.state == "interrupted"
    assert len(stack) == 3


def test_closing_twice_is_harmless_and_recording_afterwards_is_not(tmp_path, picture):
    recorder = Recorder(tmp_path / "c", new_record())
    recorder.record(frame(0, picture(0)))
    assert recorder.close() == recorder.close()
    with pytest.raises(RecorderError, match="the recorder has ended"):
        recorder.record(frame(1, picture(1)))
    with pytest.raises(RecorderError, match="the recorder has ended"):
        recorder.record_position(sample(0.0))


def test_a_folder_that_exists_is_not_recorded_into(tmp_path):
    Recorder(tmp_path / "c", new_record()).close()
    with pytest.raises(RecorderError, match="c: cannot be written: File exists"):
        Recorder(tmp_path / "c", new_record())


def test_a_full_queue_blocks_and_then_says_so(tmp_path, picture):
    release = threading.Event()
    recorder = Recorder(
        tmp_path / "c",
        new_record(),
        on_recorded=lambda _frame, _count: release.wait(60) and None,
        queue_frames=2,
        timeout_s=0.2,
    )
    with pytest.raises(RecorderError) as caught:
        record_all(recorder, (frame(index, picture(index)) for index in range(10)))
    recorded = int(re.findall(r"frame (\d+) is not recorded", str(caught.value))[0])
    assert "the disk is too slow" in str(caught.value)
    assert recorded <= 3  # one being written, two waiting
    release.set()
    wait_until(lambda: recorder.recorded == recorded)
    recorder.record(frame(recorded + 1, picture(0)))  # room again
    assert len(recorder.close().frames) == recorded + 1


def test_a_disk_that_never_answers_does_not_hang_the_program(tmp_path, picture):
    release = threading.Event()
    recorder = Recorder(
        tmp_path / "c", new_record(), on_recorded=lambda _frame, _count: release.wait(60) and None
    )
    recorder.record(frame(0, picture(0)))
    recorder.record(frame(1, picture(1)))
    try:
        with pytest.raises(RecorderError, match=r"frames were not written within 0\.1 s"):
            recorder.close(timeout_s=0.1)
        assert read_record(tmp_path / "c").state == "interrupted"
    finally:
        release.set()


def test_a_file_that_cannot_be_written_is_named(tmp_path, picture):
    recorder = Recorder(tmp_path / "c", new_record(), queue_frames=4)
    recorder.record(frame(0, picture(0)))
    wait_until(lambda: recorder.recorded == 1)
    (tmp_path / "c" / "frames" / "0001.ome.tif").mkdir()
    recorder.record(frame(1, picture(1)))
    wanted = (
        f"{tmp_path}/c/frames/0001.ome.tif: cannot be written: Is a directory. The frames "
        "recorded before are safe. Check the disk and its free space, or choose another folder."
    )
    with pytest.raises(RecorderError) as caught:
        record_all(recorder, (frame(index, picture(1)) for index in range(2, 1000)))
    assert str(caught.value) == wanted
    with pytest.raises(RecorderError) as caught:
        recorder.close()
    assert str(caught.value) == wanted
    assert not list((tmp_path / "c" / "frames").glob("*.part"))
    record = read_record(tmp_path / "c")
    assert record.state == "failed"
    assert [entry.index for entry in record.frames] == [0]


@pytest.mark.parametrize(
    ("reserve_bytes", "fault"),
    [
        (-(10**9), r"\.tif: cannot be written: No space left on device"),
        (100_000, "the disk is full: frame [0-9]+ would leave less than 0 MB"),
    ],
    ids=["the system says so", "counted beforehand"],
)
def test_a_full_disk_is_reported_and_what_was_acknowledged_stays(
    tiny_disk, picture, reserve_bytes, fault
):
    acknowledged = []
    recorder = Recorder(
        tiny_disk / "c",
        new_record(),
        on_recorded=lambda f, _count: acknowledged.append(f.index),
        queue_frames=4,
        reserve_bytes=reserve_bytes,
    )
    with pytest.raises(RecorderError, match=fault) as caught:
        record_all(recorder, (frame(i, picture(i, (200, 300, 3))) for i in range(100)))
    assert "choose another folder" in str(caught.value)
    with pytest.raises(RecorderError, match=fault):
        recorder.close()
    assert not list(tiny_disk.glob("**/*.part"))
    stack = Capture(tiny_disk / "c")
    assert 4 <= len(acknowledged) <= 5  # 180 kB each
    assert stack.record.state == "failed" if reserve_bytes > 0 else "interrupted"
    for index, read in zip(acknowledged, stack, strict=True):
        np.testing.assert_array_equal(read, picture(index, (200, 300, 3)))


KILLED = """
import sys, zlib
from pathlib import Path
import numpy as np
from app.captures.capture_record import CaptureRecord
from app.captures.recorder import Recorder
from drivers.camera import Frame

def say(frame, count):
    sys.stdout.write(f"{frame.index} {zlib.crc32(frame.image.tobytes())}\\n")
    sys.stdout.flush()

record = CaptureRecord(microscope="m", objective="o", na=0.4, magnification=20.0, sweep={})
recorder = Recorder(Path(sys.argv[1]), record, on_recorded=say)
values = np.random.default_rng()
for index in range(100000):
    image = values.integers(0, 65535, (64, 80, 3), dtype=np.uint16)
    recorder.record(Frame(image, index, 0, index, 1, "host", 1.0))
"""


@pytest.mark.parametrize("frames_before", [1, 10, 40])
def test_every_acknowledged_frame_survives_a_kill(tmp_path, frames_before):
    folder = tmp_path / "c"
    program = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    said = [program.stdout.readline() for _ in range(frames_before)]
    program.send_signal(signal.SIGKILL)
    said += program.stdout.readlines()
    assert program.wait(30) == -signal.SIGKILL
    program.stdout.close()
    checksums = dict(map(int, line.split()) for line in said if line.endswith("\n"))

    stack = Capture(folder)
    assert stack.record.state == "interrupted"
    assert stack.z_um is None
    read = {
        entry.index: zlib.crc32(image.tobytes())
        for entry, image in zip(stack.entries, stack, strict=True)
    }
    assert len(checksums) >= frames_before
    assert checksums.items() <= read.items()
    # Those of one sync may have been acknowledged on disk and not yet announced.
    assert len(read) <= len(checksums) + 32


def interrupted(folder: Path, picture, count: int = 3) -> Path:
    """A capture whose program died after so many frames."""
    recorder = Recorder(folder, new_record())
    for index in range(count):
        recorder.record(frame(index, picture(index), lost_before=index))
    recorder.close()
    state = json.loads((folder / "capture.json").read_text())
    (folder / "capture.json").write_text(
        json.dumps({**state, "state": "recording", "frames": [], "lost": 0})
    )
    return folder


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_half_written_last_line_does_not_count(tmp_path, picture, cut):
    log = interrupted(tmp_path / "c", picture) / "frames.jsonl"
    log.write_bytes(log.read_bytes()[:-cut])
    stack = Capture(tmp_path / "c")
    assert (stack.record.state, stack.record.lost, len(stack)) == ("interrupted", 1, 2)


def test_a_damaged_line_is_named(tmp_path, picture):
    log = interrupted(tmp_path / "c", picture) / "frames.jsonl"
    log.write_bytes(b"{}\n" + log.read_bytes())
    with pytest.raises(StackError) as caught:
        Capture(tmp_path / "c")
    assert str(caught.value) == f"{log}: line 1: index: Field required"


def test_a_capture_without_frames(tmp_path, picture):
    with pytest.raises(StackError) as caught:
        open_stack(interrupted(tmp_path / "c", picture, count=0))
    assert str(caught.value) == f"{tmp_path}/c: the capture holds no frames (interrupted)"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('{"schema_version": 2}', "schema_version: Input should be 1"),
        ("no json", "Invalid JSON"),
        ("", "Invalid JSON"),
    ],
)
def test_a_record_that_is_none(tmp_path, content, fault):
    (tmp_path / "capture.json").write_text(content)
    with pytest.raises(StackError) as caught:
        open_stack(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/capture.json: {fault}")
    assert "\n" not in str(caught.value)


def test_no_frame_outside_of_the_folder_is_read(tmp_path, picture):
    log = interrupted(tmp_path / "c", picture) / "frames.jsonl"
    first = json.loads(log.read_text().splitlines()[0])
    (tmp_path / "0.tif").write_bytes((tmp_path / "c" / first["file"]).read_bytes())
    log.write_text(json.dumps(first | {"file": "../0.tif"}) + "\n" + log.read_text())
    with pytest.raises(StackError, match=r"line 1: file: .* no path inside the folder"):
        Capture(tmp_path / "c")


def test_unknown_fields_are_refused():
    with pytest.raises(ValueError, match="Extra inputs"):
        CaptureRecord.model_validate({**new_record().model_dump(), "objektive": "20x"})


def wait_until(condition, timeout_s: float = 100.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.005)
