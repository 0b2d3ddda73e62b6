"""A stack as a video file, one frame of the sweep per video frame."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.captures.part import check_count
from app.captures.quiet_opencv import quiet_opencv
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

    Reading forward decodes each frame once. A jump seeks and then compares the time stamp with
    the one seen when the frames were counted; where the container seeks to another frame, or has
    no time stamps, the file is read from its start.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._capture = _open(path)
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
        with self._lock, quiet_opencv():
            if not self._next <= index <= self._next + _NEAR and not self._seek(index):
                self._restart()
            while self._next <= index:
                if not self._capture.grab():
                    raise StackError(f"{self._path}: frame {index} cannot be decoded any more")
                self._next += 1
            image = _retrieve(self._capture)
        if image is None:
            raise StackError(f"{self._path}: frame {index} cannot be decoded")
        check_same(FrameFormat.of(image), f"frame {index}", self._format)
        return image

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[index] for index in range(len(self)))

    def _count_frames(self) -> NDArray[Any]:
        """Walk through the file: the count in a container's header is often a guess."""
        first: NDArray[Any] | None = None
        times_ms: list[float] = []
        standstill = Standstill()
        with quiet_opencv():
            while self._capture.grab():
                image = _retrieve(self._capture)
                if image is not None:
                    first = image if first is None else first
                    standstill.add(image, len(times_ms))
                times_ms.append(self._capture.get(cv2.CAP_PROP_POS_MSEC))
        if first is None:
            raise StackError(f"{self._path}: the video holds no frame that can be decoded")
        check_count(len(times_ms), self._path)
        self._times_ms = np.asarray(times_ms)
        self._moving = standstill.moving(len(times_ms))
        steps = np.diff(self._times_ms)
        self._tolerance_ms = float(steps.min()) / 2 if steps.size else 0.0
        return first

    def _seek(self, index: int) -> bool:
        """Jump to a frame and grab it; say whether that worked."""
        if self._tolerance_ms <= 0:
            return False
        self._capture.set(cv2.CAP_PROP_POS_FRAMES, index)
        if not self._capture.grab():
            return False
        self._next = index + 1
        time_ms = self._capture.get(cv2.CAP_PROP_POS_MSEC)
        return abs(time_ms - float(self._times_ms[index])) < self._tolerance_ms

    def _restart(self) -> None:
        self._capture.release()
        self._capture = _open(self._path)
        self._next = 0


def _open(path: Path) -> cv2.VideoCapture:
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {reason(error)}") from error
    # FFmpeg writes to stderr by itself; OpenCV takes its verbosity from here alone.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    with quiet_opencv():
        # No other of OpenCV's readers: one takes names for patterns, one prints what it misses.
        capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    if not capture.isOpened():
        raise StackError(f"{path}: the file is not a video that can be decoded here")
    width, height = (
        int(capture.get(which)) for which in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
    )
    check_size(path, height, width, 3)
    return capture


def _retrieve(capture: cv2.VideoCapture) -> NDArray[Any] | None:
    done, image = capture.retrieve()
    if not done or image is None or image.size == 0:
        return None
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
