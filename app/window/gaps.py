"""Measures how long the window's thread is away while a capture fuses live, and what it shows.

python -m app.window.gaps                            the simulated microscope
python -m app.window.gaps --ready 910x512 --fps 30   with pictures made beforehand
python -m app.window.gaps --ready 2448x2048 --fps 15

The simulated camera computes its pictures, which takes the processor from whatever is measured;
pictures made beforehand leave only the window, the recorder and the fusion.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot

import app.window.qt_environment  # noqa: F401 - before anything else of Qt
from app.acquisition.events import Phase
from app.acquisition.microscope import Microscope, open_microscope
from app.profiles import load_profile
from app.window.application import make_application
from app.window.main_window import MainWindow
from app.window.picture import Pixels
from app.window.picture_canvas import PictureCanvas
from app.window.ready_camera import ReadyCamera
from app.window.screens import open_live, wait_until

EVERY_MS: Final = 10
EDGES_MS: Final = (0, 12, 16, 20, 30, 50, 100, 200, 500, 1000, 1e9)
IDLE_S: Final = 5.0
"""How long the live picture is watched before the sweep."""
HALF_UM: Final = 60.0
"""With ready pictures, how far above and below the present z is swept."""
SCENE: Final = {"width": 612, "height": 512}
"""Ready pictures are enlarged from this: at full size the simulation would take minutes."""


@dataclass(slots=True)
class Gaps:
    """Times between the ticks of a timer that should come every `EVERY_MS`."""

    gaps_ms: list[float] = field(default_factory=list)
    """By the clock on the wall: other programs on the machine are part of it."""
    work_ms: list[float] = field(default_factory=list)
    """What the window's thread itself computed in each gap."""
    queued_ms: list[float] = field(default_factory=list)
    """How long in each gap it was ready to run and had no processor; Linux only, else 0."""

    def percentile(self, percent: float) -> float:
        """Return a gap, ms, than which so many per cent are not longer."""
        return float(np.percentile(self.gaps_ms, percent))

    @property
    def own_ms(self) -> list[float]:
        """The gaps without the time for which the thread had no processor."""
        return [
            max(gap - wait, 0.0) for gap, wait in zip(self.gaps_ms, self.queued_ms, strict=True)
        ]

    @property
    def share(self) -> float:
        """Of one processor that the window's thread used, 0..1."""
        return sum(self.work_ms) / sum(self.gaps_ms)

    def __str__(self) -> str:
        head = (
            f"{len(self.gaps_ms)} gaps, median {self.percentile(50):.1f} ms, "
            f"99 % within {self.percentile(99):.1f} ms, longest {max(self.gaps_ms):.1f} ms; "
            f"without waiting for a processor: 99 % within "
            f"{np.percentile(self.own_ms, 99):.1f} ms, longest {max(self.own_ms):.1f} ms; "
            f"the thread's own work: {self.share:.0%} of a processor, "
            f"99 % within {np.percentile(self.work_ms, 99):.1f} ms, most {max(self.work_ms):.1f} ms"
        )
        counts = [np.histogram(each, EDGES_MS)[0] for each in self._columns()]
        lines = [head, "          ms     gaps   no wait     work"]
        for (low, high), wall, own, work in zip(pairwise(EDGES_MS), *counts, strict=True):
            name = f"{low:.0f} to {high:.0f}" if high < 1e9 else f"above {low:.0f}"
            lines.append(f"{name:>12} {wall:8d} {own:9d} {work:8d}")
        return "\n".join(lines)

    def _columns(self) -> tuple[list[float], list[float], list[float]]:
        return self.gaps_ms, self.own_ms, self.work_ms


class GapMeter(QObject):
    """A timer in the window's thread that writes down when it really fires."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.gaps = Gaps()
        self._before: tuple[int, int, int] | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def stop(self) -> Gaps:
        """Measure no more."""
        self._timer.stop()
        return self.gaps

    @Slot()
    def _tick(self) -> None:
        now = time.monotonic_ns(), time.thread_time_ns(), _queued_ns()
        if self._before is not None:
            lists = self.gaps.gaps_ms, self.gaps.work_ms, self.gaps.queued_ms
            for kept, late, early in zip(lists, now, self._before, strict=True):
                kept.append((late - early) / 1e6)
        self._before = now


class ShownCounter(QObject):
    """Counts the pictures that a canvas has painted: what was really shown, each of them once."""

    def __init__(self, canvas: PictureCanvas) -> None:
        super().__init__(canvas)
        self.count = 0
        self._canvas = canvas
        self._last: Pixels | None = None
        canvas.viewport().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """See Qt's documentation."""
        picture = self._canvas.picture
        if event.type() is QEvent.Type.Paint and picture is not self._last:
            self.count += 1
            self._last = picture
        return False


@dataclass(frozen=True, slots=True)
class Rate:
    """Pictures each second."""

    came: float
    """From the camera."""
    shown: float
    """On the screen."""

    def __str__(self) -> str:
        return f"{self.shown:.1f} of {self.came:.1f}/s"


def measure_capture(window: MainWindow) -> Gaps:
    """Capture with live fusion, from the press of the button until the review is open."""
    open_live(window)
    meter = GapMeter(window)
    window.actions_["capture"].trigger()
    page = window.review_page
    wait_until(window, lambda: page.subject is not None, "the review began")
    return meter.stop()


def measure_shown(window: MainWindow, microscope: Microscope) -> tuple[Rate, Rate]:
    """Count the live pictures that come and that are painted.

    Returns
    -------
    tuple of Rate
        While nothing else happens, and from the first to the last frame that a sweep records.
    """
    control, page = window.control, window.live_page
    open_live(window)
    control.sweep.set_half(HALF_UM)
    counters = [ShownCounter(each.canvas) for each in (page.live, page.fusion.frame)]

    def counts() -> tuple[float, int, int]:
        shown = sum(counter.count for counter in counters)
        return time.monotonic(), microscope.camera.statistics().delivered, shown

    before = counts()
    wait_until(window, lambda: time.monotonic() > before[0] + IDLE_S, "some pictures were shown")
    idle = _rate(before, counts())
    window.actions_["capture"].trigger()
    wait_until(window, lambda: control.progress.recorded > 0, "the first frame was recorded")
    before = counts()
    wait_until(
        window, lambda: control.progress.phase is not Phase.SWEEP, "the last frame was recorded"
    )
    return idle, _rate(before, counts())


def _rate(before: tuple[float, int, int], after: tuple[float, int, int]) -> Rate:
    seconds, came, shown = (late - early for late, early in zip(after, before, strict=True))
    return Rate(came / seconds, shown / seconds)


def _simulated() -> Microscope:
    return open_microscope(load_profile("simulated"))


def _ready(size: str, fps: float) -> Microscope:
    width, height = (int(side) for side in size.split("x"))
    profile = load_profile("simulated")
    camera = profile.camera.model_copy(update={"fps": fps})
    simulation = profile.simulation.model_copy(update=SCENE)
    microscope = open_microscope(
        profile.model_copy(update={"simulation": simulation, "camera": camera})
    )
    if microscope.simulation is not None:
        microscope.camera = ReadyCamera(microscope.simulation, width, height, fps)
    return microscope


def main() -> None:
    """Entry point of ``python -m app.window.gaps``."""
    parser = argparse.ArgumentParser(description="Measure how the window keeps up.")
    parser.add_argument("--ready", metavar="WxH", help="pictures made beforehand, of this size")
    parser.add_argument("--fps", type=float, default=30.0, help="of ready pictures")
    wanted = parser.parse_args()
    make_application()
    microscope = _ready(wanted.ready, wanted.fps) if wanted.ready else _simulated()
    with tempfile.TemporaryDirectory() as captures:
        window = MainWindow(lambda: microscope, Path(captures))
        window.resize(1366, 768)
        window.start()
        window.show()
        try:
            if wanted.ready:
                print(_measure_ready(window, microscope))
            else:
                print(measure_capture(window))
        finally:
            window.error_bar.hide()
            window.close()
            wait_until(window, lambda: window.closed, "the window was closed")


def _measure_ready(window: MainWindow, microscope: Microscope) -> Gaps:
    open_live(window)
    meter = GapMeter(window)
    idle, sweeping = measure_shown(window, microscope)
    print(f"live pictures shown: {idle}, during the sweep {sweeping}")
    progress = window.control.progress
    print(f"{progress.recorded} frames recorded, {progress.lost} lost")
    page = window.review_page
    wait_until(window, lambda: page.subject is not None, "the review began")
    return meter.stop()


def _queued_ns() -> int:
    """Return how long this thread has waited for a processor; see Linux's sched-stats."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1])
    except (OSError, IndexError):
        return 0


if __name__ == "__main__":
    main()
