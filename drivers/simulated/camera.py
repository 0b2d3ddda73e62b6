"""A simulated camera that runs freely on its own clock and sees the stage move."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

import numpy as np

from drivers.camera import CameraCaps, CameraSettings, CameraStatistics, Frame, FrameSink
from drivers.camera_limits import check_settings
from drivers.errors import ConnectionLost
from drivers.simulated.exposure import Exposure, take_picture
from drivers.simulated.faults import CameraFaults
from drivers.simulated.motion import MonotonicClock, StageMotion
from drivers.simulated.readout import caps_of, default_settings, settle
from drivers.simulated.scene import Scene
from drivers.simulated.sensor import Sensor
from drivers.simulated.settings import SimulationSettings

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000


class SimulatedCamera:
    """A `drivers.camera.Camera` that looks at a simulated slide.

    Images are exposed exactly on schedule. They are rendered only when they are handed over:
    where that lags they come late, with the right stamps and pictures, and none is lost. Images
    are lost only when the sink keeps more than the buffer waiting.

    Parameters
    ----------
    settings : SimulationSettings
        Size, frame rate, noise, seed.
    motion : StageMotion
        Where the stage is at any time.
    scene : callable
        Returns the slide under the microscope; may take seconds the first time.
    sensor : Sensor
        Turns light into numbers.
    faults : CameraFaults
        What goes wrong.
    clock : callable
        Returns ns; a real one, as `time.monotonic_ns`.
    """

    def __init__(
        self,
        settings: SimulationSettings,
        motion: StageMotion,
        scene: Callable[[], Scene],
        sensor: Sensor,
        faults: CameraFaults | None = None,
        clock: MonotonicClock = time.monotonic_ns,
    ) -> None:
        self._simulation = settings
        self._motion = motion
        self._make_scene = scene
        self._sensor = sensor
        self.faults = faults or CameraFaults()
        self._clock = clock
        self._scene: Scene | None = None
        self._settings = default_settings(settings)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._stopped_ns = 0
        self._thread: threading.Thread | None = None
        self._statistics = CameraStatistics(0, 0, 0)
        self._unplugged = False

    @property
    def name(self) -> str:
        """The device as errors and the window name it."""
        return "simulated camera"

    @property
    def caps(self) -> CameraCaps:
        """What the camera can do."""
        return caps_of(self._simulation, self.settings)

    @property
    def settings(self) -> CameraSettings:
        """The values that the camera really uses."""
        with self._lock:
            return self._settings

    def open(self) -> None:
        """Connect; works out the focal volume of the slide, which takes some seconds."""
        self._scene = self._make_scene()
        self._unplugged = False

    def close(self) -> None:
        """Stop grabbing; harmless when not open."""
        self._end_run()
        self._scene = None

    def configure(self, wanted: CameraSettings) -> CameraSettings:
        """Set what is not None; see `drivers.camera.Camera.configure`.

        The frame rate is lowered where the exposure leaves no time for it.

        Raises
        ------
        LimitExceeded
            A value lies outside `caps`.
        Rejected
            The camera runs and the images would change their shape.
        """
        running = self._thread is not None
        check_settings(self.name, self.caps, self.settings, wanted, running=running)
        with self._lock:
            self._settings = settle(self._simulation, self._settings, wanted)
            return self._settings

    def start(self, sink: FrameSink, *, every_frame: bool) -> None:
        """Run freely and hand each frame to ``sink``, from the camera's thread.

        Raises
        ------
        ConnectionLost
            The camera is not open.
        RuntimeError
            It runs already.
        """
        if self._scene is None:
            raise ConnectionLost(self.name, "start", "not open", "Connect the camera first.")
        if self._thread is not None:
            raise RuntimeError("the simulated camera runs already")
        self._stopping.clear()
        self._statistics = CameraStatistics(0, 0, 0)
        run = self._deliver_every if every_frame else self._deliver_latest
        self._thread = threading.Thread(
            target=run, args=(self._scene, sink), name="simulated camera", daemon=True
        )
        self._thread.start()

    def stop(self) -> CameraStatistics:
        """End the run; no call to the sink is under way once this returns.

        Raises
        ------
        ConnectionLost
            The camera was unplugged during the run.
        """
        self._end_run()
        if self._unplugged:
            self._unplugged = False
            raise ConnectionLost(
                self.name, "grab", "the camera is gone", "Plug it in and connect again."
            )
        return self.statistics()

    def statistics(self) -> CameraStatistics:
        """Return the counts of the present or the last run."""
        with self._lock:
            return self._statistics

    def _end_run(self) -> None:
        self._stopped_ns = self._clock()
        self._stopping.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
            self._thread = None

    def _deliver_every(self, scene: Scene, sink: FrameSink) -> None:
        """Hand over all images; lose those that find the buffer full.

        Whether the buffer is full is worked out for an infinitely fast renderer: only the time
        that the sink takes counts.
        """
        schedule = _Schedule(self._clock(), self._simulation.transfer_ms)
        waiting: deque[Exposure] = deque()
        last_index = -1
        sink_free_ns = 0
        while (exposure := self._next(schedule, waiting)) is not None:
            if exposure.index in self.faults.incomplete:
                self._count(lost=1, incomplete=1)
                continue
            frame = self._render(scene, exposure, exposure.index - last_index - 1)
            last_index = exposure.index
            began_ns = self._clock()
            sink(frame)
            sink_ns = self._clock() - began_ns
            self._count(delivered=1)
            sink_free_ns = max(exposure.t_ready_ns, sink_free_ns) + sink_ns
            while schedule.peek(self.settings).t_ready_ns <= sink_free_ns:
                arrived = schedule.advance(self.settings)
                if len(waiting) < self._simulation.buffer_frames:
                    waiting.append(arrived)
                else:
                    self._count(lost=1)

    def _next(self, schedule: _Schedule, waiting: deque[Exposure]) -> Exposure | None:
        """Return the next image to hand over, once it is there; None at the end of the run.

        The run ends with the last image that was there when it was stopped, however late the
        renderer is.
        """
        exposure = waiting.popleft() if waiting else schedule.advance(self.settings)
        return exposure if self._await(exposure) else None

    def _deliver_latest(self, scene: Scene, sink: FrameSink) -> None:
        """Hand over the newest image each time, and skip those that it has overtaken."""
        schedule = _Schedule(self._clock(), self._simulation.transfer_ms)
        exposure = schedule.advance(self.settings)
        while self._await(exposure):
            now_ns = self._clock()
            while schedule.peek(self.settings).t_ready_ns <= now_ns:
                exposure = schedule.advance(self.settings)
            if exposure.index not in self.faults.incomplete:
                sink(self._render(scene, exposure, 0))
                self._count(delivered=1)
            exposure = schedule.advance(self.settings)

    def _await(self, exposure: Exposure) -> bool:
        """Wait until an image is there; False if the run ends first."""
        gone = self.faults.unplugged_at
        if gone is not None and exposure.index >= gone:
            self._unplugged = True
            return False
        stalled = self.faults.stalls_at
        if stalled is not None and exposure.index >= stalled:
            self._stopping.wait()
            return False
        while (left_ns := exposure.t_ready_ns - self._clock()) > 0:
            if self._stopping.wait(left_ns / _NS_PER_S):
                break
        return not self._stopping.is_set() or exposure.t_ready_ns <= self._stopped_ns

    def _render(self, scene: Scene, exposure: Exposure, lost_before: int) -> Frame:
        image = take_picture(exposure, self._motion, scene, self._sensor)
        sigma_ns = self._simulation.stamp_sigma_us * 1000
        stamps = np.random.default_rng((self._simulation.seed, 3, exposure.index))
        error_ns = int(stamps.normal(0, sigma_ns)) if sigma_ns else 0
        return Frame(
            image=image,
            index=exposure.index,
            lost_before=lost_before,
            t_mid_ns=(exposure.t_start_ns + exposure.t_end_ns) // 2 + error_ns,
            t_sigma_ns=round(sigma_ns),
            clock="camera",
            exposure_ms=exposure.settings.exposure_ms,
        )

    def _count(self, *, delivered: int = 0, lost: int = 0, incomplete: int = 0) -> None:
        with self._lock:
            past = self._statistics
            self._statistics = CameraStatistics(
                past.delivered + delivered, past.lost + lost, past.incomplete + incomplete
            )


class _Schedule:
    """When each image is exposed: one after the other, exactly at the frame rate."""

    def __init__(self, t_start_ns: int, transfer_ms: float) -> None:
        self._index = 0
        self._t_start_ns = t_start_ns
        self._transfer_ns = round(transfer_ms * _NS_PER_MS)

    def peek(self, settings: CameraSettings) -> Exposure:
        """Return the next exposure, if it is made with these settings."""
        end_ns = self._t_start_ns + round(settings.exposure_ms * _NS_PER_MS)
        ready_ns = end_ns + self._transfer_ns
        return Exposure(self._index, self._t_start_ns, end_ns, ready_ns, settings)

    def advance(self, settings: CameraSettings) -> Exposure:
        """Return the next exposure and go on to the one after it."""
        exposure = self.peek(settings)
        self._index += 1
        self._t_start_ns += round(_NS_PER_S / settings.fps)
        return exposure
