"""What every camera can do: the `Camera` protocol and the values that it speaks in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8] | NDArray[np.uint16]
"""A picture: (H, W) grey or (H, W, 3) RGB, uint8 or uint16."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One camera image."""

    image: NDArray[Any]
    """(H, W) or (H, W, 3) RGB, uint8 or uint16 right-aligned; nobody writes to it."""
    index: int
    """Counts the images exposed since `Camera.start`, lost ones included."""
    lost_before: int
    """How many images the camera lost between the previous frame and this one."""
    t_mid_ns: int
    """Mid-exposure on the host's `time.monotonic_ns()` scale."""
    t_sigma_ns: int
    """How uncertain ``t_mid_ns`` is (one standard deviation)."""
    clock: Literal["camera", "host"]
    """Whose clock stamped it."""
    exposure_ms: float


@dataclass(frozen=True, slots=True)
class CameraCaps:
    """What a camera can do."""

    width: int
    height: int
    colour: bool
    bits: int
    """Significant bits per channel: 8, 10, 12 or 16."""
    pixel_um: float | None
    """Pitch of the sensor's pixels; None where the camera does not tell."""
    exposure_ms: tuple[float, float]
    gain_db: tuple[float, float]
    max_fps: float


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """What the operator may choose."""

    exposure_ms: float
    gain_db: float
    fps: float


@dataclass(frozen=True, slots=True)
class CameraStatistics:
    """What happened since `Camera.start`."""

    delivered: int
    lost: int
    """Images the camera exposed and nobody got: gaps in its block numbers, failed buffers."""
    incomplete: int
    """How many of the lost ones arrived damaged."""


FrameSink = Callable[[Frame], None]


class Camera(Protocol):
    """A free-running digital camera.

    Every method may be called from any thread. The sink is called from the camera's own thread
    and must return quickly.
    """

    @property
    def name(self) -> str:
        """The device as errors and the window name it."""
        ...

    @property
    def caps(self) -> CameraCaps:
        """What the camera can do; valid after `open`."""
        ...

    @property
    def settings(self) -> CameraSettings:
        """The values that the camera really uses; valid after `open`."""
        ...

    def open(self) -> None:
        """Connect to the camera.

        Raises
        ------
        ConnectionLost
            There is no such camera, or somebody else uses it.
        """
        ...

    def close(self) -> None:
        """Stop grabbing and release the camera; harmless when not open."""
        ...

    def configure(self, wanted: CameraSettings) -> CameraSettings:
        """Set exposure, gain and frame rate; allowed while grabbing.

        Returns
        -------
        CameraSettings
            What the camera really took (it rounds).

        Raises
        ------
        LimitExceeded
            A value lies outside `caps`.
        """
        ...

    def start(self, sink: FrameSink, *, every_frame: bool) -> None:
        """Run freely and hand each frame to ``sink``.

        Parameters
        ----------
        sink : callable
            Gets each `Frame`, from the camera's thread.
        every_frame : bool
            True for a sweep: frames queue up and a gap is counted. False for a live view:
            always the newest frame, older ones are skipped without being counted as lost.
        """
        ...

    def stop(self) -> CameraStatistics:
        """End the run; no call to the sink is under way once this returns.

        Raises
        ------
        ConnectionLost
            The camera went away during the run; the frames delivered so far stay valid.
        """
        ...

    def statistics(self) -> CameraStatistics:
        """Return the counts of the present or the last run."""
        ...
