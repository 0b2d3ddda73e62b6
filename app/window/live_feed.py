"""The live picture on its way from the camera's thread to the window's."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Final

from app.acquisition.frame_report import FrameReport, contrast_limits, report_on
from app.window.latest import Latest
from app.window.live_view import ViewSettings, render
from app.window.picture import Pixels, to_screen
from drivers.camera import Frame

RATE_WINDOW: Final = 30
"""Frames over which the frame rate is averaged."""
REPORT_PERIOD_S: Final = 0.2
"""Exposure and focus are measured five times a second: more nobody reads."""


@dataclass(frozen=True, slots=True, eq=False)
class LivePicture:
    """The newest frame, ready for the screen."""

    pixels: Pixels
    fps: float
    """Measured on the camera's own time stamps."""
    report: FrameReport | None
    """What the frame says about exposure and focus; None where it was not measured."""


class LiveFeed:
    """Turns frames into pictures on a thread of its own; of several waiting only the newest.

    `put` may be called from the camera's thread: it leaves the frame and returns.
    """

    def __init__(self) -> None:
        self.bits = 8
        self.view = ViewSettings()
        self._newest: Frame | None = None
        self._frames: Latest[Frame] = Latest()
        self._pictures: Latest[LivePicture] = Latest()
        self._times_ns: deque[int] = deque(maxlen=RATE_WINDOW)
        self._limits: tuple[int, int] | None = None
        self._t_report_s = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live picture", daemon=True)
        self._thread.start()

    @property
    def newest(self) -> Frame | None:
        """The last frame that came, whether or not it was shown."""
        return self._newest

    def put(self, frame: Frame) -> None:
        """Leave a frame."""
        if self._times_ns and frame.t_mid_ns <= self._times_ns[-1]:
            self._times_ns.clear()
        self._times_ns.append(frame.t_mid_ns)
        self._newest = frame
        self._frames.put(frame)

    def take(self) -> LivePicture | None:
        """Return the newest picture, once."""
        return self._pictures.take()

    def forget(self) -> None:
        """Keep no frame of a camera that is gone."""
        self._newest = None
        self._frames.take()

    def close(self, timeout_s: float) -> bool:
        """End the thread; False if that took longer than allowed."""
        self._ended.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._ended.is_set():
            frame = self._frames.wait(0.2)
            if frame is not None:
                self._pictures.put(self._picture(frame))

    def _picture(self, frame: Frame) -> LivePicture:
        report = None
        now_s = time.monotonic()
        if now_s - self._t_report_s >= REPORT_PERIOD_S:
            self._t_report_s = now_s
            report = report_on(frame.image, self.bits, frame.exposure_ms)
            self._limits = contrast_limits(report.histogram)
        pixels = render(to_screen(frame.image, self.bits), self.view, self._limits)
        return LivePicture(pixels, self._fps(), report)

    def _fps(self) -> float:
        times_ns = tuple(self._times_ns)
        if len(times_ns) < 2:
            return 0.0
        return (len(times_ns) - 1) * 1e9 / (times_ns[-1] - times_ns[0])
