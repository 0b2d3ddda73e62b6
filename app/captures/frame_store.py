"""The frames of one capture on their way to the disk, and the logs that acknowledge them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from shutil import disk_usage
from typing import BinaryIO, Self
from uuid import UUID

from app.captures.capture_record import FrameEntry
from app.captures.durable import start_writing, sync_folder
from app.captures.frame_file import FrameWriter
from app.captures.layout import FRAMES, FRAMES_LOG, POSITIONS_LOG, frame_file
from app.captures.recorder_error import RecorderError, naming
from app.captures.whole_file import PART_SUFFIX
from drivers.camera import Frame
from drivers.stage import PositionSample

SYNCS_AT_ONCE = 8
"""Syncs under way together share one commit of the file system's journal."""


class FrameStore:
    """Writes frames and positions, and acknowledges frames once a power cut cannot take them.

    A context manager: leaving closes the logs.

    Parameters
    ----------
    folder : Path
        The capture's; its folder of frames is there and empty.
    capture : UUID
        The capture's identity.
    pixel_um : float, optional
        The side of a pixel at the object.
    reserve_bytes : int
        What to leave free on the disk.
    on_acknowledged : callable
        Called with each frame that lies on disk and its entry.

    Raises
    ------
    RecorderError
        The logs cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        capture: UUID,
        pixel_um: float | None,
        reserve_bytes: int,
        on_acknowledged: Callable[[Frame, FrameEntry], None],
    ) -> None:
        self._folder = folder
        self._reserve_bytes = reserve_bytes
        self._on_acknowledged = on_acknowledged
        self._writer = FrameWriter(capture, pixel_um)
        self._syncs = ThreadPoolExecutor(SYNCS_AT_ONCE, thread_name_prefix="disk sync")
        with naming(folder):
            self._frames_log = (folder / FRAMES_LOG).open("xb")
            self._positions_log = (folder / POSITIONS_LOG).open("xb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with naming(self._folder), self._frames_log, self._positions_log, self._syncs:
            os.fsync(self._positions_log.fileno())

    def add_positions(self, samples: Sequence[PositionSample]) -> None:
        """Write positions; they are synced with the next frames.

        Raises
        ------
        RecorderError
            They cannot be written.
        """
        with naming(self._folder / POSITIONS_LOG):
            lines = (json.dumps(asdict(sample)).encode() + b"\n" for sample in samples)
            self._positions_log.writelines(lines)
            self._positions_log.flush()

    def add(self, frames: Sequence[Frame]) -> None:
        """Write frames and acknowledge them; those before one that fails are acknowledged too.

        One sync of the folder and one of the log serve all of them.

        Raises
        ------
        RecorderError
            A frame cannot be written, or the disk is full.
        """
        if not frames:
            return
        written: list[tuple[Frame, BinaryIO]] = []
        try:
            with naming(self._folder):
                room_bytes = disk_usage(self._folder).free - self._reserve_bytes
            for frame in frames:
                room_bytes -= frame.image.nbytes
                if room_bytes < 0:
                    raise RecorderError(self._disk_full(frame))
                written.append((frame, self._write_frame(frame)))
        finally:
            if written:
                self._acknowledge(written)

    def _disk_full(self, frame: Frame) -> str:
        return (
            f"{self._folder}: the disk is full: frame {frame.index} would leave less than "
            f"{self._reserve_bytes / 1e6:.0f} MB. The frames before it are safe. Free some space "
            "or choose another folder."
        )

    def _write_frame(self, frame: Frame) -> BinaryIO:
        part = self._part(frame)
        with naming(part.with_suffix("")):
            file = part.open("wb")
            try:
                self._writer.write(file, frame.image, frame.index)
                start_writing(file)
            except BaseException:
                _discard(part, file)
                raise
        return file

    def _acknowledge(self, written: Sequence[tuple[Frame, BinaryIO]]) -> None:
        """Bring frames and their names onto the disk itself, and only then say so in the log."""
        kept: list[Frame] = []
        synced = [self._syncs.submit(os.fsync, file.fileno()) for _frame, file in written]
        wait(synced)
        try:
            for (frame, file), sync in zip(written, synced, strict=True):
                path = self._folder / frame_file(frame.index)
                with naming(path):
                    sync.result()
                    file.close()
                    self._part(frame).replace(path)
                kept.append(frame)
        finally:
            for frame, file in written[len(kept) :]:
                _discard(self._part(frame), file)
            if kept:
                self._log(kept)

    def _log(self, frames: Sequence[Frame]) -> None:
        with naming(self._folder / FRAMES):
            sync_folder(self._folder / FRAMES)
        with naming(self._folder / POSITIONS_LOG):
            os.fsync(self._positions_log.fileno())
        entries = [_entry(frame) for frame in frames]
        with naming(self._folder / FRAMES_LOG):
            self._frames_log.writelines(_line(entry) for entry in entries)
            self._frames_log.flush()
            os.fsync(self._frames_log.fileno())
        for frame, entry in zip(frames, entries, strict=True):
            self._on_acknowledged(frame, entry)

    def _part(self, frame: Frame) -> Path:
        return self._folder / f"{frame_file(frame.index)}{PART_SUFFIX}"


def _entry(frame: Frame) -> FrameEntry:
    return FrameEntry(
        index=frame.index,
        file=frame_file(frame.index),
        t_mid_ns=frame.t_mid_ns,
        t_sigma_ns=frame.t_sigma_ns,
        exposure_ms=frame.exposure_ms,
        lost_before=frame.lost_before,
    )


def _line(entry: FrameEntry) -> bytes:
    return entry.model_dump_json(exclude={"z_um", "z_sigma_um", "used"}).encode() + b"\n"


def _discard(path: Path, file: BinaryIO) -> None:
    # What went wrong first is what the operator has to know.
    with suppress(OSError):
        file.close()
    with suppress(OSError):
        path.unlink(missing_ok=True)
