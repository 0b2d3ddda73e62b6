"""A camera in virtual time, whose frames are stamped by its own clock and arrive when USB likes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from drivers.camera import CameraCaps, CameraSettings, CameraStatistics, Frame, FrameSink
from drivers.clock_map import ClockMap
from drivers.errors import ConnectionLost
from drivers.simulated.exposure import Exposure, take_picture
from drivers.simulated.motion import StageMotion
from drivers.simulated.scene import Scene
from drivers.simulated.sensor import Sensor
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.virtual_time import VirtualTime

_NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class UsbTiming:
    """How a camera's frames come into the computer."""

    max_fps: float = 60.0
    transfer_ms: float = 5.0
    """From the end of the exposure until the earliest arrival."""
    jitter_ms: float = 1.0
    """Standard deviation of what comes on top; half of a normal distribution."""
    clock_ppm: float = 20.0
    """How much the camera's crystal is fast."""
    processing_ms: float = 5.0
    """From a frame's arrival until the program has made of it what it does."""


class VirtualCamera:
    """A `drivers.camera.Camera` in virtual time.

    Parameters
    ----------
    time : VirtualTime
    settings : SimulationSettings
        Size, exposure, noise.
    timing : UsbTiming
    motion : StageMotion
        Where the stage is at any time.
    scene : callable, optional
        Returns the slide; without one all frames are black and cost nothing.
    sensor : Sensor
    """

    name = "virtual camera"

    def __init__(
        self,
        time: VirtualTime,
        settings: SimulationSettings,
        timing: UsbTiming,
        motion: StageMotion,
        scene: Callable[[], Scene] | None,
        sensor: Sensor,
    ) -> None:
        self._time = time
        self._timing = timing
        self._motion = motion
        self._make_scene = scene
        self._sensor = sensor
        self.caps = CameraCaps(
            width=settings.width,
            height=settings.height,
            colour=True,
            bits=8,
            pixel_um=settings.sensor_pixel_um,
            exposure_ms=(0.01, 1000.0),
            gain_db=(0.0, 24.0),
            max_fps=timing.max_fps,
        )
        self.settings = CameraSettings(settings.exposure_ms, 0.0, settings.fps)
        self._black = np.zeros((settings.height, settings.width, 3), np.uint8)
        self._random = np.random.default_rng((settings.seed, 5))
        self._clock = ClockMap(1.0)
        self._scene: Scene | None = None
        self._run: object | None = None
        self._sink: FrameSink | None = None
        self._latest_arrival_ns = 0
        self._statistics = CameraStatistics(0, 0, 0)
        self.exposures: list[Exposure] = []
        """When each image of the present or the last run truly was exposed, by its index."""

    def open(self) -> None:
        """Connect; works out the focal volume of the slide, which takes some seconds."""
        self._scene = self._make_scene() if self._make_scene is not None else None

    def close(self) -> None:
        """Stop grabbing."""
        self._run = None

    def configure(self, wanted: CameraSettings) -> CameraSettings:
        """Set exposure, gain and frame rate, the latter at most what both timings allow."""
        fps = min(wanted.fps, self._timing.max_fps, 1000 / wanted.exposure_ms)
        self.settings = replace(wanted, fps=fps)
        return self.settings

    def start(self, sink: FrameSink, *, every_frame: bool) -> None:
        """Run freely and hand over every frame, whatever is asked for.

        Raises
        ------
        ConnectionLost
            It runs already.
        """
        if self._run is not None:
            raise ConnectionLost(self.name, "start", "it runs already")
        del every_frame
        self._run, self._sink = object(), sink
        self._statistics = CameraStatistics(0, 0, 0)
        self.exposures = []
        self._expose(self._run, 0, self._time.now_ns)

    def stop(self) -> CameraStatistics:
        """End the run."""
        self._run = None
        return self._statistics

    def statistics(self) -> CameraStatistics:
        """Return the counts of the present or the last run."""
        return self._statistics

    def _expose(self, run: object, index: int, t_start_ns: int) -> None:
        """Let one image be taken, and the next after it."""
        if run is not self._run:
            return
        settings = self.settings
        end_ns = t_start_ns + round(settings.exposure_ms * 1e6)
        extra_ms = abs(float(self._random.normal(0.0, self._timing.jitter_ms)))
        ready_ns = end_ns + round((self._timing.transfer_ms + extra_ms) * 1e6)
        # Frames do not overtake each other on the bus.
        ready_ns = max(ready_ns, self._latest_arrival_ns + 1)
        self._latest_arrival_ns = ready_ns
        exposure = Exposure(index, t_start_ns, end_ns, ready_ns, settings)
        self.exposures.append(exposure)
        processed_ns = ready_ns + round(self._timing.processing_ms * 1e6)
        self._time.at(processed_ns, lambda: self._deliver(run, exposure))
        next_ns = t_start_ns + round(_NS_PER_S / settings.fps)
        self._time.at(next_ns, lambda: self._expose(run, index + 1, next_ns))

    def _deliver(self, run: object, exposure: Exposure) -> None:
        if run is not self._run or self._sink is None:
            return
        # As a Basler camera does it: stamped when read out, and mapped by the fastest arrivals.
        tick = round(exposure.t_end_ns * (1 + self._timing.clock_ppm * 1e-6))
        self._clock.add(tick, exposure.t_ready_ns)
        ready_ns, sigma_ns = self._clock.at(tick)
        image = self._black
        if self._scene is not None:
            image = take_picture(exposure, self._motion, self._scene, self._sensor)
        past = self._statistics
        self._statistics = CameraStatistics(past.delivered + 1, 0, 0)
        self._sink(
            Frame(
                image=image,
                index=exposure.index,
                lost_before=0,
                t_mid_ns=ready_ns - round(exposure.settings.exposure_ms * 1e6 / 2),
                t_sigma_ns=sigma_ns,
                clock="camera",
                exposure_ms=exposure.settings.exposure_ms,
            )
        )
