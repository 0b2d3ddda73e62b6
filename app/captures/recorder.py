"""Write a capture to disk while the sweep runs."""

from __future__ import annotations

import io
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffWriter

from app.captures.capture_record import CaptureRecord, FrameEntry, write_record
from app.captures.layout import FRAMES, FRAMES_LOG, POSITIONS_LOG, RECORD
from app.captures.reason import reason
from app.captures.stack import FrameFormat
from app.captures.whole_file import whole_file
from drivers.camera import Frame
from drivers.stage import PositionSample

OnRecorded = Callable[[Frame, int], None]
"""Called from the recorder's thread with a frame that lies on disk and how many do."""


class RecorderError(Exception):
    """Frames cannot be recorded; the message is one line that names the file and the reason."""


@dataclass(frozen=True, slots=True)
class FrameTag:
    """What became known about a frame after the sweep."""

    z_um: float | None
    z_sigma_um: float | None
    used: bool
    """Whether the frame belongs to the stack."""


class Recorder:
    """Writes frames losslessly, in a thread of its own, and loses none silently.

    Each frame becomes one uncompressed TIFF under a temporary name, is renamed, and is then
    acknowledged by a line in ``frames.jsonl``. If the program dies at any moment, every
    acknowledged frame can be read.

    Parameters
    ----------
    folder : Path
        The capture's folder; must not exist yet.
    record : CaptureRecord
        What is known before the sweep; its state is ``recording``.
    on_recorded : callable, optional
        Called from the recorder's thread after each acknowledgement; must return quickly.
    queue_frames : int
        How many frames may wait to be written.
    timeout_s : float
        How long `record` waits for the disk when the queue is full.

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
        queue_frames: int = 32,
        timeout_s: float = 5.0,
    ) -> None:
        self._folder = folder
        self._record = record
        self._on_recorded = on_recorded
        self._queue_frames = queue_frames
        self._timeout_s = timeout_s
        self._entries: list[FrameEntry] = []
        self._headers: dict[FrameFormat, bytes] = {}
        self._changed = threading.Condition()
        self._waiting: deque[Frame | PositionSample] = deque()
        self._frames_waiting = 0
        self._closing = False
        self._closed: CaptureRecord | None = None
        self._ended = False
        self._error: RecorderError | None = None
        with _naming(folder):
            (folder / FRAMES).mkdir(parents=True)
            write_record(folder, record)
            self._frames_log = (folder / FRAMES_LOG).open("xb")
            self._positions_log = (folder / POSITIONS_LOG).open("xb")
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
        """How many frames wait to be written."""
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
        with self._changed:
            in_time = self._changed.wait_for(
                lambda: self._frames_waiting < self._queue_frames or self._ended, self._timeout_s
            )
            self._check_alive()
            if not in_time:
                raise RecorderError(
                    f"{self._folder}: the disk is too slow: {self._frames_waiting} frames still "
                    f"wait after {self._timeout_s:g} s, frame {frame.index} is not recorded"
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
        """Write what waits, then the final record with the z of each frame.

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
        entries = tuple(_tagged(entry, (tags or {}).get(entry.index)) for entry in self._entries)
        record = self._record.model_copy(
            update={
                "state": "failed" if error else state,
                "frames": entries,
                "lost": sum(entry.lost_before for entry in entries) if lost is None else lost,
            }
        )
        try:
            with _naming(self._folder / RECORD):
                write_record(self._folder, record)
        except RecorderError as record_error:
            # What failed first explains the rest.
            raise error or record_error from record_error
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
                f"written within {timeout_s:g} s"
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
            with _naming(self._folder), self._frames_log, self._positions_log:
                while (item := self._next()) is not None:
                    if isinstance(item, PositionSample):
                        self._write_position(item)
                    else:
                        self._write_frame(item)
        except RecorderError as error:
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _next(self) -> Frame | PositionSample | None:
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait(1.0)
            return self._waiting.popleft() if self._waiting else None

    def _write_frame(self, frame: Frame) -> None:
        name = f"{FRAMES}/{frame.index:04d}.tif"
        path = self._folder / name
        with _naming(path), whole_file(path) as part:
            self._write_image(part, frame.image)
        entry = FrameEntry(
            index=frame.index,
            file=name,
            t_mid_ns=frame.t_mid_ns,
            t_sigma_ns=frame.t_sigma_ns,
            exposure_ms=frame.exposure_ms,
            lost_before=frame.lost_before,
        )
        line = entry.model_dump_json(exclude={"z_um", "z_sigma_um", "used"})
        with _naming(self._folder / FRAMES_LOG):
            self._frames_log.write(line.encode() + b"\n")
            self._frames_log.flush()
        self._entries.append(entry)
        with self._changed:
            self._frames_waiting -= 1
            self._changed.notify_all()
        if self._on_recorded is not None:
            self._on_recorded(frame, len(self._entries))

    def _write_image(self, part: Path, image: NDArray[Any]) -> None:
        frame_format = FrameFormat.of(image)
        if frame_format not in self._headers:
            self._headers[frame_format] = _tiff_header(image)
        with part.open("wb") as file:
            file.write(self._headers[frame_format])
            file.write(np.ascontiguousarray(image).data)

    def _write_position(self, sample: PositionSample) -> None:
        with _naming(self._folder / POSITIONS_LOG):
            self._positions_log.write(json.dumps(asdict(sample)).encode() + b"\n")
            self._positions_log.flush()


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Say which file it was that the operating system refused."""
    try:
        yield
    except OSError as error:
        raise RecorderError(f"{path}: cannot be written: {reason(error)}") from error


def _tiff_header(image: NDArray[Any]) -> bytes:
    """Return all that precedes the pixels in a TIFF file of images like this one.

    Written once per format and put before each frame's bytes: writing pixels through a plain file
    names the reason when the disk is full, which NumPy's ``tofile`` does not.
    """
    buffer = io.BytesIO()
    with TiffWriter(buffer) as writer:
        place = writer.write(
            shape=image.shape,
            dtype=image.dtype,
            photometric="rgb" if image.ndim == 3 else "minisblack",
            metadata=None,
            returnoffset=True,
        )
    if place is None or place[0] + place[1] != len(buffer.getvalue()):
        raise RuntimeError("the TIFF writer does not put the pixels last")
    return buffer.getvalue()[: place[0]]


def _tagged(entry: FrameEntry, tag: FrameTag | None) -> FrameEntry:
    return entry if tag is None else entry.model_copy(update=asdict(tag))
