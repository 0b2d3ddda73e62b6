"""What every camera can do: the `Camera` protocol and the values that it speaks in.

Images are grey or RGB whatever the sensor delivers: the mosaic of a colour sensor is turned into
RGB by its driver, so that recorder, fusion and window know two kinds of images only.
"""

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
class WhiteBalance:
    """Factors by which a camera multiplies its three colours."""

    red: float
    green: float
    blue: float


@dataclass(frozen=True, slots=True)
class Region:
    """The part of the sensor that is read out, in pixels as delivered: binned ones are larger."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class CameraCaps:
    """What a camera can do as it is set now; another pixel format, binning or region changes it."""

    width: int
    """Of the images as they are delivered."""
    height: int
    colour: bool
    bits: int
    """Significant bits per channel: 8, 10, 12 or 16."""
    pixel_um: float | None
    """Pitch of the sensor's pixels, not binned; None where the camera does not tell."""
    exposure_ms: tuple[float, float]
    gain_db: tuple[float, float]
    max_fps: float
    white_balance: tuple[float, float] | None = None
    """Smallest and largest of its factors; None where the camera has none."""
    black_level: tuple[float, float] | None = None
    """In the camera's own steps; None where it cannot be set."""
    pixel_formats: tuple[str, ...] = ()
    """Those that can be chosen; empty where there is no choice."""
    max_binning: int = 1
    """Most pixels of a side that are put together into one."""
    whole: Region | None = None
    """The largest region; None where always the whole sensor is read out."""
    notes: tuple[str, ...] = ()
    """Plain sentences on what the operator should know: what the camera does not do or tell."""


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """What the operator may choose.

    None leaves a thing as it is; where a camera returns it, the camera has no such thing.
    """

    exposure_ms: float
    gain_db: float
    fps: float
    white_balance: WhiteBalance | None = None
    black_level: float | None = None
    pixel_format: str | None = None
    """The camera's own name, such as ``"Mono12"``; cannot change while it runs, as all below."""
    binning: int | None = None
    """Pixels of a side that are put together into one; 1 for none."""
    region: Region | None = None

    @property
    def shape(self) -> tuple[str | None, int | None, Region | None]:
        """What decides the size and kind of the images."""
        return self.pixel_format, self.binning, self.region


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
        """Set what is not None; allowed while grabbing but for what changes the images' shape.

        Returns
        -------
        CameraSettings
            What the camera really took (it rounds).

        Raises
        ------
        LimitExceeded
            A value lies outside `caps`; nothing was set.
        Rejected
            The camera has no such setting, or runs and the images would change their shape.
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
