"""The live picture on its way from the camera's thread to the window's."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from app.window.latest import Latest
from app.window.picture import Pixels, to_screen
from drivers.camera import Frame

RATE_WINDOW = 30
"""Frames over which the frame rate is averaged."""


@dataclass(frozen=True, slots=True, eq=False)
class LivePicture:
    """The newest frame, ready for the screen."""

    pixels: Pixels
    fps: float
    """Measured on the camera's own time stamps."""


class LiveFeed:
    """Turns frames into pictures on a thread of its own; of several waiting only the newest.

    `put` may be called from the camera's thread: it leaves the frame and returns.
    """

    def __init__(self) -> None:
        self.bits = 8
        self._frames: Latest[Frame] = Latest()
        self._pictures: Latest[LivePicture] = Latest()
        self._times_ns: deque[int] = deque(maxlen=RATE_WINDOW)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live picture", daemon=True)
        self._thread.start()

    def put(self, frame: Frame) -> None:
        """Leave a frame."""
        if self._times_ns and frame.t_mid_ns <= self._times_ns[-1]:
            self._times_ns.clear()
        self._times_ns.append(frame.t_mid_ns)
        self._frames.put(frame)

    def take(self) -> LivePicture | None:
        """Return the newest picture, once."""
        return self._pictures.take()

    def close(self, timeout_s: float) -> bool:
        """End the thread; False if that took longer than allowed."""
        self._ended.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._ended.is_set():
            frame = self._frames.wait(0.2)
            if frame is not None:
                self._pictures.put(LivePicture(to_screen(frame.image, self.bits), self._fps()))

    def _fps(self) -> float:
        times_ns = tuple(self._times_ns)
        if len(times_ns) < 2:
            return 0.0
        return (len(times_ns) - 1) * 1e9 / (times_ns[-1] - times_ns[0])
