"""The camera of a Micro-Manager configuration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from drivers.camera import CameraCaps, CameraSettings, CameraStatistics, FrameSink, Region
from drivers.camera_limits import check_settings
from drivers.errors import DeviceError, Rejected
from drivers.micromanager_core import LOAD_S, MicroManagerCore
from drivers.micromanager_images import MicroManagerRun, has_colour
from drivers.opened_camera import OpenedCamera

BUFFER_MIB: Final = 256
"""Images that wait for a busy computer in the core's own buffer. When it runs over the core forgets
what is in it; the gap shows in the images' numbers."""
EXPOSURE_MS: Final = (0.01, 10_000.0)
"""Where the camera tells no limits."""
_EXPOSURE: Final = "Exposure"
_BINNING: Final = "Binning"
_PIXEL_TYPE: Final = "PixelType"
_HIGHEST_FPS: Final = 1000.0

_NOTES: Final = (
    "Micro-Manager sets no frame rate: the camera runs as fast as exposure and read-out let it.",
    "The gain is left as Micro-Manager's configuration sets it: it has no unit there.",
    "Images are stamped by the computer when they arrive, not by the camera.",
)


class MicroManagerCamera(OpenedCamera[MicroManagerRun]):
    """A `drivers.camera.Camera` behind Micro-Manager: its default camera.

    The frame rate in its settings is that of the last run, once there has been one.

    Parameters
    ----------
    core : MicroManagerCore
        May be the one of a `drivers.micromanager_stage.MicroManagerStage`.
    """

    def __init__(self, core: MicroManagerCore) -> None:
        super().__init__()
        self._core = core
        self._device = ""
        self._whole: Region | None = None

    @property
    def name(self) -> str:
        """The device as errors and the window name it."""
        return f"camera {self._device or '?'} in {self._core.name}"

    def open(self) -> None:
        """Load the configuration and look at its camera; see `drivers.camera.Camera.open`.

        Raises
        ------
        ConnectionLost
            The configuration cannot be loaded.
        Rejected
            It names no camera, or one whose images are neither grey nor RGB.
        """
        with self._lifecycle:
            self.close()
            self._core.open()
            try:
                self._device = self._core.call(
                    self.name, "open", lambda core: core.getCameraDevice()
                )
                if not self._device:
                    raise Rejected(
                        self.name,
                        "open",
                        "the configuration names no default camera",
                        "Choose one under Core: Camera in Micro-Manager's configuration.",
                    )
                # The core claims all of that memory at once.
                self._core.call(
                    self.name,
                    "open",
                    lambda core: core.setCircularBufferMemoryFootprint(BUFFER_MIB),
                    timeout_s=LOAD_S,
                )
                self._whole = self._core.call(self.name, "open", _whole)
                self._core.call(self.name, "open", self._learn)
                if self._taken is not None:
                    self.configure(self._taken)
            except BaseException:
                self._let_go()
                raise

    def configure(self, wanted: CameraSettings) -> CameraSettings:
        """Set what is not None; see `drivers.camera.Camera.configure`.

        Raises
        ------
        LimitExceeded
            A value lies outside `caps`; nothing was set.
        Rejected
            Micro-Manager has no such setting, or the camera runs and its images would change.
        """
        with self._lifecycle:
            now, caps = self.settings, self.caps
            fastest = min(_HIGHEST_FPS, 1000 / wanted.exposure_ms)
            # It runs as fast as it can: a wish for more is no reason to refuse the rest.
            wanted = replace(wanted, fps=min(wanted.fps, fastest))
            check_settings(
                self.name,
                replace(caps, max_fps=fastest),
                now,
                wanted,
                running=self._run is not None,
            )
            self._core.call(self.name, "configure", lambda core: self._set(core, now, wanted))
            self._taken = self.settings
            return self.settings

    def start(self, sink: FrameSink, *, every_frame: bool) -> None:
        """Run freely and hand each frame to ``sink``; see `drivers.camera.Camera.start`.

        Raises
        ------
        Rejected
            The camera runs already, or does not start.
        """
        with self._lifecycle:
            settings = self.settings
            if self._run is not None:
                raise Rejected(self.name, "start", "the camera runs already", "Stop it first.")
            self._core.call(
                self.name, "start", lambda core: core.startContinuousSequenceAcquisition(0.0)
            )
            self._run = MicroManagerRun(
                self.name,
                self._core,
                sink=sink,
                every_frame=every_frame,
                settings=lambda: self._settings or settings,
            )
            self._run.start()

    def stop(self) -> CameraStatistics:
        """End the run; see `drivers.camera.Camera.stop`.

        Raises
        ------
        ConnectionLost
            The camera went away during the run; the frames delivered so far stay valid.
        DeviceError
            The sink failed, which ended the run.
        """
        with self._lifecycle:
            run = self._run
            if run is None:
                return self._statistics
            # The images first: what is in the buffer when it stops is lost.
            run.end()
            self._statistics, self._run = run.statistics, None
            try:
                self._core.call(self.name, "stop", _stop)
            except DeviceError as error:
                run.trouble = run.trouble or error
            if run.fps is not None and self._settings is not None:
                self._settings = replace(self._settings, fps=run.fps)
            if run.trouble is not None:
                raise run.trouble
            return self._statistics

    def _set(self, core: Any, now: CameraSettings, wanted: CameraSettings) -> None:  # noqa: ANN401
        if wanted.pixel_format not in (None, now.pixel_format):
            core.setProperty(self._device, _PIXEL_TYPE, wanted.pixel_format)
        if wanted.binning not in (None, now.binning):
            core.setProperty(self._device, _BINNING, str(wanted.binning))
            self._whole = _whole(core)
        if wanted.region not in (None, now.region):
            part = wanted.region
            core.setROI(part.left, part.top, part.width, part.height)
        core.setExposure(wanted.exposure_ms)
        core.waitForDevice(self._device)
        self._learn(core, wanted.fps)

    def _learn(self, core: Any, wanted_fps: float | None = None) -> None:  # noqa: ANN401
        """Find out how the camera is set."""
        device = self._device
        colour = has_colour(self.name, core)
        exposure_ms = core.getExposure()
        fastest = min(_HIGHEST_FPS, 1000 / exposure_ms) if exposure_ms > 0 else _HIGHEST_FPS
        binnings = _choices(core, device, _BINNING)
        left, top, width, height = core.getROI()
        self._settings = CameraSettings(
            exposure_ms=exposure_ms,
            gain_db=0.0,
            fps=min(wanted_fps or fastest, fastest),
            pixel_format=_read(core, device, _PIXEL_TYPE),
            binning=int(_read(core, device, _BINNING) or 1),
            region=Region(left, top, width, height),
        )
        self._caps = CameraCaps(
            width=core.getImageWidth(),
            height=core.getImageHeight(),
            colour=colour,
            bits=core.getImageBitDepth(),
            pixel_um=None,
            exposure_ms=_exposure_limits(core, device),
            gain_db=(0.0, 0.0),
            max_fps=fastest,
            pixel_formats=_choices(core, device, _PIXEL_TYPE),
            max_binning=max((int(each) for each in binnings), default=1),
            whole=self._whole,
            notes=_NOTES,
        )

    def _release(self) -> None:
        if self._caps is not None:
            self._let_go()

    def _let_go(self) -> None:
        self._caps = self._settings = None
        self._core.close()


def _stop(core: Any) -> None:  # noqa: ANN401
    if core.isSequenceRunning():
        core.stopSequenceAcquisition()


def _whole(core: Any) -> Region:  # noqa: ANN401
    """Read out the whole sensor, and return how much that is."""
    core.clearROI()
    return Region(*core.getROI())


def _read(core: Any, device: str, name: str) -> str | None:  # noqa: ANN401
    return str(core.getProperty(device, name)) if core.hasProperty(device, name) else None


def _choices(core: Any, device: str, name: str) -> tuple[str, ...]:  # noqa: ANN401
    if not core.hasProperty(device, name) or core.isPropertyReadOnly(device, name):
        return ()
    return tuple(core.getAllowedPropertyValues(device, name))


def _exposure_limits(core: Any, device: str) -> tuple[float, float]:  # noqa: ANN401
    if not (core.hasProperty(device, _EXPOSURE) and core.hasPropertyLimits(device, _EXPOSURE)):
        return EXPOSURE_MS
    return (
        max(EXPOSURE_MS[0], core.getPropertyLowerLimit(device, _EXPOSURE)),
        core.getPropertyUpperLimit(device, _EXPOSURE),
    )
