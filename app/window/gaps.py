"""Measures how long the window's thread is away while a capture fuses live.

python -m app.window.gaps
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Slot

import app.window.qt_environment  # noqa: F401 - before anything else of Qt
from app.acquisition.microscope import open_microscope
from app.profiles import load_profile
from app.window.application import make_application
from app.window.main_window import MainWindow
from app.window.screens import open_live, wait_until

EVERY_MS: Final = 10
EDGES_MS: Final = (0, 12, 16, 20, 30, 50, 100, 200, 500, 1000, 1e9)


@dataclass(slots=True)
class Gaps:
    """Times between the ticks of a timer that should come every `EVERY_MS`."""

    gaps_ms: list[float] = field(default_factory=list)
    """By the clock on the wall: other programs on the machine are part of it."""
    work_ms: list[float] = field(default_factory=list)
    """What the window's thread itself computed in each gap."""

    def percentile(self, percent: float) -> float:
        """Return a gap, ms, than which so many per cent are not longer."""
        return float(np.percentile(self.gaps_ms, percent))

    def __str__(self) -> str:
        head = (
            f"{len(self.gaps_ms)} gaps, median {self.percentile(50):.1f} ms, "
            f"99 % within {self.percentile(99):.1f} ms, longest {max(self.gaps_ms):.1f} ms; "
            f"the thread's own work: 99 % within {np.percentile(self.work_ms, 99):.1f} ms, "
            f"most {max(self.work_ms):.1f} ms"
        )
        walls, _ = np.histogram(self.gaps_ms, EDGES_MS)
        works, _ = np.histogram(self.work_ms, EDGES_MS)
        lines = [head, "          ms     gaps     work"]
        for (low, high), wall, work in zip(pairwise(EDGES_MS), walls, works, strict=True):
            name = f"{low:.0f} to {high:.0f}" if high < 1e9 else f"above {low:.0f}"
            lines.append(f"{name:>12} {wall:8d} {work:8d}")
        return "\n".join(lines)


class GapMeter(QObject):
    """A timer in the window's thread that writes down when it really fires."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.gaps = Gaps()
        self._before: tuple[int, int] | None = None
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
        now = time.monotonic_ns(), time.thread_time_ns()
        if self._before is not None:
            self.gaps.gaps_ms.append((now[0] - self._before[0]) / 1e6)
            self.gaps.work_ms.append((now[1] - self._before[1]) / 1e6)
        self._before = now


def measure_capture(window: MainWindow) -> Gaps:
    """Capture with live fusion, from the press of the button until the review is open."""
    open_live(window)
    meter = GapMeter(window)
    window.actions_["capture"].trigger()
    page = window.review_page
    wait_until(window, lambda: page.subject is not None, "the review began")
    return meter.stop()


def main() -> None:
    """Entry point of ``python -m app.window.gaps``."""
    make_application()
    with tempfile.TemporaryDirectory() as captures:
        window = MainWindow(lambda: open_microscope(load_profile("simulated")), Path(captures))
        window.resize(1366, 768)
        window.start()
        window.show()
        try:
            print(measure_capture(window))
        finally:
            window.error_bar.hide()
            window.close()
            wait_until(window, lambda: window.closed, "the window was closed")


if __name__ == "__main__":
    main()
