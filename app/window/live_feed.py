"""The live picture on its way from the camera's thread to the window's."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Final

from app.acquisition.frame_report import FrameReport, contrast_limits, report_on
from app.window.latest_work import LatestWork
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


class LiveFeed:
    """Turns frames into pictures, and now and then one into a report, on threads of its own.

    No picture waits for a report: one on a frame of five megapixels takes as long as the camera
    needs for the next. `put` may be called from the camera's thread: it leaves the frame and
    returns.
    """

    def __init__(self) -> None:
        self.bits = 8
        self.view = ViewSettings()
        self._newest: Frame | None = None
        self._times_ns: deque[int] = deque(maxlen=RATE_WINDOW)
        self._limits: tuple[int, int] | None = None
        self._t_report_s = 0.0
        self._pictures = LatestWork("live picture", self._picture)
        self._reports = LatestWork("live report", self._report, stands_back=True)

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
        self._pictures.put(frame)
        now_s = time.monotonic()
        if now_s - self._t_report_s >= REPORT_PERIOD_S:
            self._t_report_s = now_s
            self._reports.put(frame)

    def take(self) -> LivePicture | None:
        """Return the newest picture, once."""
        return self._pictures.take()

    def take_report(self) -> FrameReport | None:
        """Return what the last frame measured says about exposure and focus, once."""
        return self._reports.take()

    def forget(self) -> None:
        """Keep no frame of a camera that is gone."""
        self._newest = None
        for work in (self._pictures, self._reports):
            work.forget()

    def close(self, timeout_s: float) -> bool:
        """End the threads; False if that took longer than allowed."""
        works = self._pictures, self._reports
        for work in works:
            work.end()
        end_s = time.monotonic() + timeout_s
        ended = [work.join(max(0.0, end_s - time.monotonic())) for work in works]
        return all(ended)

    def _picture(self, frame: Frame) -> LivePicture:
        pixels = render(to_screen(frame.image, self.bits), self.view, self._limits)
        return LivePicture(pixels, self._fps())

    def _report(self, frame: Frame) -> FrameReport:
        report = report_on(frame.image, self.bits, frame.exposure_ms)
        self._limits = contrast_limits(report.histogram)
        return report

    def _fps(self) -> float:
        times_ns = tuple(self._times_ns)
        if len(times_ns) < 2:
            return 0.0
        return (len(times_ns) - 1) * 1e9 / (times_ns[-1] - times_ns[0])
