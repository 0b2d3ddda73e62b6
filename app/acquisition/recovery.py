"""Makes captures whole whose program died while it recorded."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from app.acquisition.frame_tags import frame_tags
from app.acquisition.position_log import PositionLog
from app.acquisition.z_tagging import FrameTime, in_range
from app.captures.capture_lock import CaptureLock
from app.captures.capture_record import (
    CaptureRecord,
    FrameEntry,
    recorded_positions,
    stored_record,
    whole_lines,
    write_record,
)
from app.captures.companion import write_companion
from app.captures.image_file import read_image
from app.captures.layout import FRAMES, FRAMES_LOG, RECORD
from app.captures.reason import reason
from app.captures.recorder import FrameTag, tagged
from app.captures.stack import FrameFormat, StackError
from app.captures.whole_file import PART_SUFFIX
from drivers.stage import PositionSample

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordedSweep:
    """The steady part of a sweep as its record tells it.

    No more of the plan is read: each version of the program writes down a little more of it.
    """

    z_from_um: float
    z_to_um: float
    cruise_from_um: float
    cruise_to_um: float
    speed_um_per_s: float


class RecoveryError(Exception):
    """A capture cannot be made whole; the message is one line: the folder, why, what to do."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was done for one capture."""

    folder: Path
    frames: int
    """In the record now."""
    used: int
    """In the stack."""
    with_z: int
    """Of those in the stack."""
    unreadable: tuple[str, ...]
    """Files of acknowledged frames that are missing or damaged."""
    removed: tuple[str, ...]
    """Files that were not complete or that nobody had acknowledged."""

    def __str__(self) -> str:
        lines = [f"{self.folder}: {self.frames} frames, {self.used} in the stack"]
        if self.with_z < self.used:
            lines.append(f"the z of {self.used - self.with_z} frames is not known")
        if self.unreadable:
            lines.append(f"cannot be read any more: {', '.join(self.unreadable)}")
        if self.removed:
            lines.append(f"removed as incomplete: {', '.join(self.removed)}")
        return "; ".join(lines)


def recover_capture(folder: Path) -> Recovery | None:
    """Complete the record of an interrupted capture; harmless for any other.

    Frames get their z from the positions recorded with them, files that are not complete are
    removed, and the companion file is written. May itself be interrupted, and repeated.

    Parameters
    ----------
    folder : Path
        The capture's.

    Returns
    -------
    Recovery or None
        None where the capture is whole already.

    Raises
    ------
    RecoveryError
        The capture is being recorded right now, or cannot be read or written.
    """
    try:
        if stored_record(folder).state != "recording":
            return None
        lock = CaptureLock(folder)
        lock.acquire()
        try:
            # Whoever held the lock until now may just have closed the capture.
            record = stored_record(folder)
            return _complete(folder, record) if record.state == "recording" else None
        finally:
            lock.release()
    except OSError as error:
        raise RecoveryError(f"{folder}: cannot be recovered: {reason(error)}") from error
    except StackError as error:
        raise RecoveryError(f"cannot be recovered: {error}") from error


def recover_all(captures: Path) -> tuple[Recovery, ...]:
    """Recover every interrupted capture below a folder, those of slide scans included.

    What cannot be recovered, or is being recorded by another program, is logged and left alone.

    Parameters
    ----------
    captures : Path
        Need not exist.
    """
    recovered: list[Recovery] = []
    for record in sorted([*captures.glob(f"*/{RECORD}"), *captures.glob(f"*/*/{RECORD}")]):
        try:
            recovery = recover_capture(record.parent)
        except RecoveryError as error:
            _log.warning("%s", error)
            continue
        if recovery is not None:
            recovered.append(recovery)
    return tuple(recovered)


def _complete(folder: Path, record: CaptureRecord) -> Recovery:
    logged = _logged_frames(folder)
    entries, unreadable, frame_format = _readable(folder, logged)
    tags = _tags(record, entries, _positions(folder))
    entries = [tagged(entry, tags.get(entry.index)) for entry in entries]
    removed = _remove_leftovers(folder, {entry.file for entry in logged})
    whole = record.model_copy(
        update={
            "state": "interrupted",
            "frames": tuple(entries),
            "lost": sum(entry.lost_before for entry in logged),
        }
    )
    if frame_format is not None:
        write_companion(folder, whole, frame_format)
    # Last: until it is there, the capture counts as interrupted and is recovered once more.
    write_record(folder, whole)
    used = [entry for entry in entries if entry.used]
    with_z = sum(entry.z_um is not None for entry in used)
    return Recovery(folder, len(entries), len(used), with_z, tuple(unreadable), tuple(removed))


def _logged_frames(folder: Path) -> list[FrameEntry]:
    """Read what was acknowledged; what a power cut left of later lines is passed over."""
    entries: list[FrameEntry] = []
    for line in whole_lines(folder / FRAMES_LOG):
        try:
            entries.append(FrameEntry.model_validate_json(line))
        except ValidationError:
            _log.warning("%s: a damaged line is passed over", folder / FRAMES_LOG)
    return entries


def _positions(folder: Path) -> tuple[PositionSample, ...]:
    try:
        return recorded_positions(folder)
    except StackError as error:
        _log.warning("%s", error)
        return ()


def _readable(
    folder: Path, entries: list[FrameEntry]
) -> tuple[list[FrameEntry], list[str], FrameFormat | None]:
    """Keep the frames whose files are as large as that of the first one that can be read.

    Frames are not compressed, so that all files of a capture are of one size.
    """
    kept: list[FrameEntry] = []
    unreadable: list[str] = []
    frame_format: FrameFormat | None = None
    size_bytes = 0
    for entry in entries:
        path = folder / entry.file
        try:
            if frame_format is None:
                frame_format = FrameFormat.of(read_image(path))
                size_bytes = path.stat().st_size
            whole = path.stat().st_size == size_bytes
        except (StackError, OSError):
            whole = False
        if whole:
            kept.append(entry)
        else:
            unreadable.append(entry.file)
    return kept, unreadable, frame_format


def _tags(
    record: CaptureRecord, entries: list[FrameEntry], samples: tuple[PositionSample, ...]
) -> dict[int, FrameTag]:
    """Decide and tag as during the sweep; nothing where the record does not tell how."""
    try:
        plan = TypeAdapter(RecordedSweep).validate_python(record.sweep)
    except ValidationError:
        return {}
    if record.z_reading is None:
        return {}
    lag_s = record.z_reading.lag_ms / 1000
    positions = PositionLog()
    for sample in samples:
        positions.append(sample)
    positions.close()
    used: set[int] = set()
    for entry in entries:
        around = positions.around(entry.t_mid_ns + round(lag_s * 1e9), 0.0)
        if around and in_range(*around, entry.t_mid_ns, plan, lag_s):
            used.add(entry.index)
    times = [FrameTime(entry.index, entry.t_mid_ns, entry.t_sigma_ns) for entry in entries]
    return frame_tags(times, samples, plan, record.z_reading, used)


def _remove_leftovers(folder: Path, acknowledged: set[str]) -> list[str]:
    """Remove files that were being written, and frames whose time nobody knows."""
    removed: list[str] = []
    for path in sorted([*folder.glob(f"*{PART_SUFFIX}"), *(folder / FRAMES).iterdir()]):
        name = path.relative_to(folder).as_posix()
        if path.suffix == PART_SUFFIX or (path.suffix == ".tif" and name not in acknowledged):
            path.unlink()
            removed.append(name)
    return removed
