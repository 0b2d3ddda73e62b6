"""A camera whose pictures were made beforehand: for measuring what the window does with them."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.camera import CameraCaps, CameraSettings, CameraStatistics, Frame, FrameSink
from drivers.errors import ConnectionLost
from drivers.simulated.microscope import SimulatedMicroscope

PICTURES: Final = 24
SPREAD_UM: Final = 60.0
"""From the lowest picture to the highest."""
BELOW_UM: Final = 10.0
"""How far below the best focus the lowest picture lies."""
BUFFER_S: Final = 0.5
"""How late the sink may be before pictures are lost."""


class ReadyCamera:
    """A `drivers.camera.Camera` that costs next to nothing, at any frame rate and size.

    It shows the simulated slide at the height nearest to where the stage really is.

    Parameters
    ----------
    simulation : SimulatedMicroscope
        Its own camera's pictures are enlarged to the size wanted.
    width, height : int
    fps : float
    """

    def __init__(
        self, simulation: SimulatedMicroscope, width: int, height: int, fps: float
    ) -> None:
        self._simulation = simulation
        self._size = width, height
        self._fps = fps
        self._heights_um: NDArray[np.float64] = np.empty(0)
        self._pictures: list[NDArray[np.uint8]] = []
        self._settings = replace(simulation.camera.settings, fps=fps, region=None)
        self._statistics = CameraStatistics(0, 0, 0)
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        """See `Camera.name`."""
        return "camera with ready pictures"

    @property
    def caps(self) -> CameraCaps:
        """See `Camera.caps`."""
        width, height = self._size
        return replace(self._simulation.camera.caps, width=width, height=height, whole=None)

    @property
    def settings(self) -> CameraSettings:
        """See `Camera.settings`."""
        return self._settings

    def open(self) -> None:
        """Make the pictures."""
        truth = self._simulation.truth
        x_um, y_um = (side / 2 for side in self._simulation.settings.travel_um[:2])
        lowest_um = truth.best_focus_z(x_um, y_um) - BELOW_UM
        self._heights_um = np.linspace(lowest_um, lowest_um + SPREAD_UM, PICTURES)
        self._pictures = [
            np.asarray(cv2.resize(truth.picture(x_um, y_um, z_um), self._size), np.uint8)
            for z_um in self._heights_um.tolist()
        ]

    def close(self) -> None:
        """See `Camera.close`."""
        self.stop()
        self._pictures = []

    def configure(self, wanted: CameraSettings) -> CameraSettings:
        """Take exposure and gain, which change nothing; the rate stays."""
        self._settings = replace(
            self._settings, exposure_ms=wanted.exposure_ms, gain_db=wanted.gain_db
        )
        return self._settings

    def start(self, sink: FrameSink, *, every_frame: bool) -> None:
        """See `Camera.start`; pictures wait for a slow sink for `BUFFER_S`."""
        if not self._pictures:
            raise ConnectionLost(self.name, "start", "not open", "Connect the camera first.")
        self._ended.clear()
        self._statistics = CameraStatistics(0, 0, 0)
        patience_s = BUFFER_S if every_frame else 0.0
        self._thread = threading.Thread(
            target=self._run, args=(sink, patience_s), name="ready camera", daemon=True
        )
        self._thread.start()

    def stop(self) -> CameraStatistics:
        """See `Camera.stop`."""
        self._ended.set()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        return self._statistics

    def statistics(self) -> CameraStatistics:
        """See `Camera.statistics`."""
        return self._statistics

    def _run(self, sink: FrameSink, patience_s: float) -> None:
        began_s, index, before = time.monotonic(), 0, -1
        while not self._ended.wait(max(0.0, began_s + index / self._fps - time.monotonic())):
            late_s = time.monotonic() - began_s - index / self._fps
            if late_s > patience_s + 1 / self._fps:
                index += int((late_s - patience_s) * self._fps)
            sink(self._frame(index, index - before - 1))
            past = self._statistics
            lost = past.lost + index - before - 1
            self._statistics = CameraStatistics(past.delivered + 1, lost, 0)
            before, index = index, index + 1

    def _frame(self, index: int, lost_before: int) -> Frame:
        t_ns = time.monotonic_ns()
        z_um = self._simulation.truth.z_at(t_ns)
        nearest = int(np.abs(self._heights_um - z_um).argmin())
        exposure_ms = self._settings.exposure_ms
        picture = self._pictures[nearest]
        return Frame(picture, index, lost_before, t_ns, 20_000, "camera", exposure_ms)
