"""Write a capture to disk while the sweep runs."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from app.captures.capture_lock import CaptureLock
from app.captures.capture_record import CaptureRecord, FrameEntry, write_record
from app.captures.companion import write_companion
from app.captures.durable import sync_folder
from app.captures.frame_store import FrameStore
from app.captures.layout import FRAMES, RECORD
from app.captures.recorder_error import RecorderError, naming
from app.captures.stack import FrameFormat
from drivers.camera import Frame
from drivers.stage import PositionSample

RESERVE_BYTES = 128 * 1024**2
"""Left free on the disk, so that a capture that fills it can still be closed."""

QUEUE_BYTES = 1024**3
"""Frames that may wait in memory: disks that other programs use pause for seconds."""
FRAMES_AT_ONCE = 32
"""Synced together at most; more gain nothing and are acknowledged later."""

OnRecorded = Callable[[Frame, int], None]
"""Called from the recorder's thread with a frame that lies on disk and how many do."""


@dataclass(frozen=True, slots=True)
class FrameTag:
    """What became known about a frame after the sweep."""

    z_um: float | None
    z_sigma_um: float | None
    used: bool
    """Whether the frame belongs to the stack."""


class Recorder:
    """Writes frames losslessly, in a thread of its own, and loses none silently.

    Each frame becomes one uncompressed OME-TIFF under a temporary name. Whatever has come in
    while the disk was busy is written, synced, renamed and synced again together, and then
    acknowledged by lines in ``frames.jsonl``, which is synced too. If the program dies or the
    power fails at any moment, every acknowledged frame can be read.

    Parameters
    ----------
    folder : Path
        The capture's folder; must not exist yet.
    record : CaptureRecord
        What is known before the sweep; its state is ``recording``.
    on_recorded : callable, optional
        Called from the recorder's thread after each acknowledgement; must return quickly.
    queue_frames : int, optional
        How many frames may wait to be acknowledged; by default what fits into `QUEUE_BYTES`.
    timeout_s : float
        How long `record` waits for the disk when the queue is full.
    reserve_bytes : int
        What to leave free on the disk.

    Raises
    ------
    RecorderError
        The folder cannot be made or written to.
    """

    def __init__(
        self,
        folder: Path,
        record: CaptureRecord,
        *,
        on_recorded: OnRecorded | None = None,
        queue_frames: int | None = None,
        timeout_s: float = 5.0,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> None:
        self._folder = folder
        self._record = record
        self._on_recorded = on_recorded
        self._queue_frames = queue_frames
        self._timeout_s = timeout_s
        self._entries: list[FrameEntry] = []
        self._format: FrameFormat | None = None
        self._changed = threading.Condition()
        self._waiting: deque[Frame | PositionSample] = deque()
        self._frames_waiting = 0
        self._closing = False
        self._closed: CaptureRecord | None = None
        self._ended = False
        self._error: RecorderError | None = None
        self._lock = CaptureLock(folder)
        with naming(folder):
            (folder / FRAMES).mkdir(parents=True)
            self._lock.acquire()
            write_record(folder, record)
            sync_folder(folder.parent)
        self._store = FrameStore(
            folder, record.uuid, record.pixel_um, reserve_bytes, self._acknowledged
        )
        self._thread = threading.Thread(target=self._write_all, name="recorder", daemon=True)
        self._thread.start()

    @property
    def folder(self) -> Path:
        """The capture's folder."""
        return self._folder

    @property
    def recorded(self) -> int:
        """How many frames lie on disk."""
        return len(self._entries)

    @property
    def waiting(self) -> int:
        """How many frames wait to be acknowledged."""
        return self._frames_waiting

    def record(self, frame: Frame) -> None:
        """Hand over a frame to be written; its pixels must not change any more.

        Blocks while the queue is full.

        Raises
        ------
        RecorderError
            An earlier frame could not be written, or the disk has been too slow for the whole
            time-out; this frame is not recorded.
        """
        most = self._queue_frames or max(4, QUEUE_BYTES // frame.image.nbytes)
        with self._changed:
            in_time = self._changed.wait_for(
                lambda: self._frames_waiting < most or self._ended, self._timeout_s
            )
            self._check_alive()
            if not in_time:
                raise RecorderError(
                    f"{self._folder}: the disk is too slow: {self._frames_waiting} frames still "
                    f"wait after {self._timeout_s:g} s, frame {frame.index} is not recorded. "
                    "Record to a faster disk, or lower the frame rate."
                )
            self._frames_waiting += 1
            self._waiting.append(frame)
            self._changed.notify_all()

    def record_position(self, sample: PositionSample) -> None:
        """Hand over a position of the stage to be written; never blocks.

        Raises
        ------
        RecorderError
            Something could not be written before.
        """
        with self._changed:
            self._check_alive()
            self._waiting.append(sample)
            self._changed.notify_all()

    def close(
        self,
        tags: Mapping[int, FrameTag] | None = None,
        *,
        state: Literal["complete", "cancelled", "failed"] = "complete",
        lost: int | None = None,
        timeout_s: float = 60.0,
    ) -> CaptureRecord:
        """Write what waits, then the companion file and the final record with each frame's z.

        Parameters
        ----------
        tags : mapping, optional
            By `drivers.camera.Frame.index`; frames without one stay in the stack without z.
        state : str
            How the sweep ended; ``failed`` is written instead where recording itself failed.
        lost : int, optional
            How many images the camera lost, where it knows better than the frames' gaps do.
        timeout_s : float
            How long to wait for the disk.

        Returns
        -------
        CaptureRecord
            As written; closing once more returns it again.

        Raises
        ------
        RecorderError
            Not every frame could be written, or the record could not.
        """
        if self._closed is not None:
            return self._closed
        error = self._finish_writing(timeout_s)
        if error and self._thread.is_alive():
            # More frames may still reach the disk: the log that counts them, not a record of what
            # there was by now, has to tell which.
            raise error
        entries = tuple(tagged(entry, (tags or {}).get(entry.index)) for entry in self._entries)
        record = self._record.model_copy(
            update={
                "state": "failed" if error else state,
                "frames": entries,
                "lost": sum(entry.lost_before for entry in entries) if lost is None else lost,
            }
        )
        try:
            with naming(self._folder / RECORD):
                write_record(self._folder, record)
                if self._format is not None:
                    write_companion(self._folder, record, self._format)
        except RecorderError as record_error:
            # What failed first explains the rest.
            raise error or record_error from record_error
        finally:
            self._lock.release()
        if error:
            raise error
        self._closed = record
        return record

    def _finish_writing(self, timeout_s: float) -> RecorderError | None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            return RecorderError(
                f"{self._folder}: the disk is too slow: {self._frames_waiting} frames were not "
                f"written within {timeout_s:g} s. Record to a faster disk."
            )
        if self._frames_waiting and not self._error:
            return RecorderError(f"{self._folder}: {self._frames_waiting} frames were not written")
        return self._error

    def _check_alive(self) -> None:
        if self._error:
            raise self._error
        if self._ended or self._closing:
            raise RecorderError(f"{self._folder}: the recorder has ended")

    def _write_all(self) -> None:
        try:
            with self._store:
                while items := self._next():
                    self._store.add_positions([i for i in items if isinstance(i, PositionSample)])
                    self._store.add([i for i in items if isinstance(i, Frame)])
        except RecorderError as error:
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _next(self) -> list[Frame | PositionSample]:
        """Take what waits, with `FRAMES_AT_ONCE` at most; nothing at the end."""
        items: list[Frame | PositionSample] = []
        frames = 0
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait(1.0)
            while self._waiting and frames < FRAMES_AT_ONCE:
                items.append(self._waiting.popleft())
                frames += isinstance(items[-1], Frame)
        return items

    def _acknowledged(self, frame: Frame, entry: FrameEntry) -> None:
        self._format = self._format or FrameFormat.of(frame.image)
        self._entries.append(entry)
        with self._changed:
            self._frames_waiting -= 1
            self._changed.notify_all()
        if self._on_recorded is not None:
            self._on_recorded(frame, len(self._entries))


def tagged(entry: FrameEntry, tag: FrameTag | None) -> FrameEntry:
    """Return what is known of a frame, with what the sweep as a whole has told."""
    return entry if tag is None else entry.model_copy(update=asdict(tag))
