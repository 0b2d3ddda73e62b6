"""How fast the recorder is, beside what the disk can do: ``python -m app.captures.recorder_speed``.

`dd` writes as many bytes as the frames have and waits for the disk (``conv=fsync``). The recorder
gets the same bytes, first as fast as it takes them, then at the camera's pace, when no frame may
come late.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from app.captures.capture_record import CaptureRecord
from app.captures.recorder import Recorder
from drivers.camera import Frame

CAMERA_FRAMES = 16
"""Buffers that a camera driver keeps of its own; a frame that would need more is dropped."""


@dataclass(frozen=True, slots=True)
class PacedRun:
    """What became of frames that came at a camera's pace."""

    recorded: int
    dropped: int
    waiting: int
    """The most frames that ever waited to be acknowledged."""
    slowest_s: float
    """The longest time from a frame's arrival to its acknowledgement."""


def dd_bytes_per_s(folder: Path, frame_bytes: int, count: int) -> float:
    """Return how fast ``dd`` writes, from its first byte to the end of its sync."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        target = Path(place) / "dd.bin"
        command = ["dd", "if=/dev/zero", f"of={target}", f"bs={frame_bytes}", f"count={count}"]
        began_s = time.monotonic()
        subprocess.run([*command, "conv=fsync"], check=True, capture_output=True)
        return frame_bytes * count / (time.monotonic() - began_s)


def flat_out_bytes_per_s(folder: Path, image: NDArray[np.uint8], count: int) -> float:
    """Return how fast the recorder records frames that are all there, to its last sync."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        began_s = time.monotonic()
        recorder = Recorder(Path(place) / "capture", _record(), timeout_s=60.0)
        for index in range(count):
            recorder.record(_frame(image, index))
        recorder.close(timeout_s=600.0)
        return image.nbytes * count / (time.monotonic() - began_s)


def paced(folder: Path, image: NDArray[np.uint8], count: int, fps: float) -> PacedRun:
    """Record at a camera's pace.

    A frame is dropped where the recorder has kept the camera's thread waiting for longer than
    the camera's own buffers last.
    """
    arrived_s: dict[int, float] = {}
    latencies_s: list[float] = []
    lock = threading.Lock()

    def acknowledged(frame: Frame, _count: int) -> None:
        with lock:
            latencies_s.append(time.monotonic() - arrived_s[frame.index])

    dropped = waiting = 0
    with tempfile.TemporaryDirectory(dir=folder) as place:
        recorder = Recorder(
            Path(place) / "capture",
            _record(),
            on_recorded=acknowledged,
            timeout_s=60.0,
        )
        began_s = time.monotonic()
        for index in range(count):
            due_s = began_s + index / fps
            now_s = time.monotonic()
            if now_s < due_s:
                time.sleep(due_s - now_s)
            elif now_s - due_s > CAMERA_FRAMES / fps:
                dropped += 1
                continue
            with lock:
                arrived_s[index] = due_s
            recorder.record(_frame(image, index))
            waiting = max(waiting, recorder.waiting)
        recorded = len(recorder.close(timeout_s=600.0).frames)
    return PacedRun(recorded, dropped, waiting, max(latencies_s))


def main(
    folder: Annotated[Path, typer.Argument(help="On the disk to measure.")] = Path(),
    size: Annotated[str, typer.Option(help="Of the frames.")] = "2448x2048",
    count: Annotated[int, typer.Option(min=2, help="Frames of each run.")] = 300,
    rounds: Annotated[
        int, typer.Option(min=1, help="Of which the median counts, where others use the disk too.")
    ] = 3,
    fps: Annotated[float, typer.Option(min=0.1, help="The camera's pace.")] = 30.0,
) -> None:
    """Measure `dd`, the recorder flat out, and the recorder at a camera's pace; print Markdown."""
    matched = re.fullmatch(r"(\d+)x(\d+)", size)
    if matched is None:
        raise typer.BadParameter(f"{size}: give it as 2448x2048")
    width, height = map(int, matched.groups())
    image = np.random.default_rng(1).integers(0, 256, (height, width), dtype=np.uint8)
    # Taken in turns, so that what else goes on is fair to both.
    pairs = [
        (dd_bytes_per_s(folder, image.nbytes, count), flat_out_bytes_per_s(folder, image, count))
        for _ in range(rounds)
    ]
    dd, flat_out = (median(values) for values in zip(*pairs, strict=True))
    run = paced(folder, image, count, fps)
    typer.echo(
        f"| {count} frames of {width}x{height} Mono8 | MB/s | frames/s |\n| --- | --- | --- |\n"
        f"| dd, synced at the end | {dd / 1e6:.0f} | {dd / image.nbytes:.1f} |\n"
        f"| recorder flat out, every frame acknowledged | {flat_out / 1e6:.0f} | "
        f"{flat_out / image.nbytes:.1f} |\n"
        f"| camera at {fps:g} frames/s | {fps * image.nbytes / 1e6:.0f} | {fps:g} |\n\n"
        f"At {fps:g} frames/s: {run.recorded} recorded, {run.dropped} dropped; at most "
        f"{run.waiting} waited; acknowledged after at most {run.slowest_s * 1000:.0f} ms."
    )


def _record() -> CaptureRecord:
    return CaptureRecord(microscope="speed", objective="none", na=0.4, magnification=20.0, sweep={})


def _frame(image: NDArray[np.uint8], index: int) -> Frame:
    return Frame(image, index, 0, index, 1, "host", 1.0)


if __name__ == "__main__":
    typer.run(main)
