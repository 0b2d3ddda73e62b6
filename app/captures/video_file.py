"""A stack as a video file, one frame of the sweep per video frame."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from app.captures.part import check_count
from app.captures.reason import reason
from app.captures.stack import FrameFormat, StackError, check_index, check_same, check_size
from app.captures.standstill import Standstill

VIDEO_SUFFIXES = frozenset(
    {".avi", ".mp4", ".mov", ".mkv", ".m4v", ".mpg", ".mpeg", ".webm", ".wmv"}
)
_NEAR = 16
"""Frames that are sooner decoded than sought: about a group of pictures."""


class VideoFile:
    """Frames of a video, RGB, without those at its ends where the stage stood still.

    Reading forward decodes each frame once. A jump seeks and then looks for the time stamp that
    the frame had when they were counted; where the container seeks past it, or has no time stamps
    to tell frames by, the file is read from its start.

    FFmpeg's libraries come with PyAV: those in OpenCV 5.0 crash on uncompressed AVI files whose
    rows lie bottom up, as ImageJ and Video for Windows write them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._container = _open(path)
        self._decoder = _frames(self._container)
        self._next = 0
        first = self._count_frames()
        self._format = FrameFormat.of(first)
        self._restart()

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    @property
    def format(self) -> FrameFormat:
        """What all frames have in common."""
        return self._format

    @property
    def z_um(self) -> None:
        """Videos do not tell."""
        return

    @property
    def pixel_um(self) -> None:
        """Videos do not tell."""
        return

    @property
    def exposure_ms(self) -> None:
        """Videos do not tell."""
        return

    def __len__(self) -> int:
        return len(self._moving)

    def __getitem__(self, index: int) -> NDArray[Any]:
        """Read one frame; see `Stack`."""
        check_index(index, len(self))
        index = self._moving[index]
        with self._lock:
            if not self._next <= index <= self._next + _NEAR:
                self._seek(index)
            frame = self._decode_until(index)
            if frame is None:
                self._restart()
                frame = self._decode_until(index)
        if frame is None:
            raise StackError(f"{self._path}: frame {index} cannot be decoded any more")
        image = frame.to_ndarray(format="rgb24")
        check_same(FrameFormat.of(image), f"frame {index}", self._format)
        return image

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[index] for index in range(len(self)))

    def _count_frames(self) -> NDArray[Any]:
        """Walk through the file: the count in a container's header is often a guess."""
        first: NDArray[Any] | None = None
        times: list[int | None] = []
        standstill = Standstill()
        for frame in self._decoder:
            image = frame.to_ndarray(format="rgb24")
            first = image if first is None else first
            standstill.add(image, len(times))
            times.append(_time(frame))
            check_count(len(times), self._path)
        if first is None:
            raise StackError(f"{self._path}: the video holds no frame that can be decoded")
        self._moving = standstill.moving(len(times))
        numbers = {time: number for number, time in enumerate(times) if time is not None}
        self._numbers = numbers if len(numbers) == len(times) else {}
        self._times = tuple(numbers) if self._numbers else ()
        return first

    def _decode_until(self, index: int) -> VideoFrame | None:
        """Decode forward to a frame; None if it does not come."""
        for frame in self._decoder:
            number = self._number(frame)
            self._next = number + 1
            if number >= index:
                return frame if number == index else None
        return None

    def _number(self, frame: VideoFrame) -> int:
        """Tell which frame this is, by its time or by those before it."""
        time = _time(frame)
        return self._next if time is None else self._numbers.get(time, self._next)

    def _seek(self, index: int) -> None:
        """Jump to a frame, or shortly before it; stay where time stamps do not tell frames."""
        if not self._times:
            return
        try:
            self._container.seek(self._times[index], stream=self._container.streams.video[0])
        except av.FFmpegError:
            return
        self._decoder = _frames(self._container)

    def _restart(self) -> None:
        self._container.close()
        self._container = _open(self._path)
        self._decoder = _frames(self._container)
        self._next = 0


def _open(path: Path) -> InputContainer:
    """Open a video by what is in it, and nothing that it may name."""
    fault = f"{path}: the file is not a video that can be decoded here"
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    try:
        container = av.open(
            str(path.absolute()),
            options={"protocol_whitelist": "file"},
            metadata_errors="replace",  # A title may be in any encoding, or damaged.
        )
    except av.FFmpegError as error:
        raise StackError(fault) from error
    streams = container.streams.video
    # A stream of an unknown codec has neither a context nor a size.
    if not streams or getattr(streams[0], "codec_context", None) is None:
        container.close()
        raise StackError(fault)
    stream = streams[0]
    stream.thread_type = "AUTO"
    check_size(path, stream.height, stream.width, 3)
    return container


def _frames(container: InputContainer) -> Iterator[VideoFrame]:
    """Decode what can be decoded; the end of a truncated file is its end."""
    try:
        for packet in container.demux(container.streams.video[0]):
            yield from _decoded(packet)
    except av.FFmpegError:
        return


def _decoded(packet: Packet[VideoStream]) -> list[VideoFrame]:
    try:
        return packet.decode()
    except av.FFmpegError:
        return []  # A damaged packet: as players do, go on with the next.


def _time(frame: VideoFrame) -> int | None:
    """Return the time stamp; AVI files have those of decoding only."""
    return frame.dts if frame.pts is None else frame.pts
