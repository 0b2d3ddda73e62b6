"""Simple microscope cameras: USB Video Class, by OpenCV's `VideoCapture`.

Such a camera numbers and stamps nothing that OpenCV hands on, and does part of what it is told:
what it did not take stands in `CameraCaps.notes`. Anything else that `VideoCapture` opens, such
as the stream of a network camera, works as well.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers import uvc_controls
from drivers.camera import CameraCaps, CameraSettings, CameraStatistics, FrameSink, WhiteBalance
from drivers.camera_limits import check_settings
from drivers.errors import ConnectionLost, Rejected
from drivers.opened_camera import OpenedCamera
from drivers.uvc_arrivals import Arrivals
from drivers.uvc_find import SILENCE_S, find_camera, open_capture
from drivers.uvc_find import UvcAddress as UvcAddress
from drivers.uvc_find import list_cameras as list_cameras
from drivers.uvc_notes import uvc_notes
from drivers.uvc_run import UvcRun

EXPOSURE_MS: Final = (0.1, 1000.0)
"""V4L2 counts in 0.1 ms, the others end at a second; the camera's own limits are not told."""
GAIN: Final = (0.0, 1023.0)
BALANCE: Final = (0.1, 8.0)
_MEASURED_FRAMES: Final = 20
_HIGHEST_FPS: Final = 1000.0
_NEUTRAL: Final = WhiteBalance(1.0, 1.0, 1.0)


class UvcCamera(OpenedCamera[UvcRun]):
    """A `drivers.camera.Camera` behind OpenCV's `VideoCapture`.

    Parameters
    ----------
    source : str
        A number, a part of the camera's name, a device such as ``/dev/video0``, or the address of
        a stream; empty for the first camera found.
    """

    def __init__(self, source: str = "") -> None:
        super().__init__()
        self._source = source
        self._name = f"camera {source or 'UVC'}"
        self._capture: cv2.VideoCapture | None = None
        self._balance = _NEUTRAL
        self._balance_table: NDArray[np.uint8] | None = None

    @property
    def name(self) -> str:
        """The device as errors and the window name it."""
        return self._name

    def open(self) -> None:
        """Connect to the camera and see that images come; see `drivers.camera.Camera.open`.

        Raises
        ------
        ConnectionLost
            There is no such camera, somebody else uses it, or it sends nothing.
        """
        with self._lifecycle:
            self.close()
            self._name, target = find_camera(self._source)
            self._capture = open_capture(self._name, target)
            try:
                self._learn(self._taken)
            except BaseException:
                self._release()
                raise

    def configure(self, wanted: CameraSettings) -> CameraSettings:
        """Ask for what is not None; see `drivers.camera.Camera.configure`.

        White balance is done here, not in the camera. ``gain_db`` is in the camera's own steps.
        ``pixel_format`` is a mode such as ``"MJPG 1920x1080"``.

        Raises
        ------
        LimitExceeded
            A value lies outside `caps`; nothing was set.
        Rejected
            The camera has no such mode, or runs and would have to change it.
        ConnectionLost
            It is gone.
        """
        caps, run = self.caps, self._run
        mode = wanted.pixel_format
        if mode is not None and uvc_controls.is_mode(mode):
            # Which modes there are shows when one is tried.
            caps = replace(caps, pixel_formats=(mode,))
        # It runs as fast as it can: that is no reason to refuse the rest.
        wanted = replace(wanted, fps=min(wanted.fps, caps.max_fps))
        check_settings(self.name, caps, self.settings, wanted, running=run is not None)
        if run is None:
            with self._lifecycle:
                self._learn(wanted)
        else:
            run.between_frames(lambda: self._learn(wanted))
        self._taken = self.settings
        return self.settings

    def start(self, sink: FrameSink, *, every_frame: bool) -> None:
        """Run freely and hand each frame to ``sink``; see `drivers.camera.Camera.start`.

        Raises
        ------
        Rejected
            The camera runs already.
        ConnectionLost
            It is not open.
        """
        with self._lifecycle:
            if self._capture is None:
                raise self._not_open("start")
            if self._run is not None:
                raise Rejected(self.name, "start", "the camera runs already", "Stop it first.")
            self._run = UvcRun(
                self.name,
                fetch=self._fetch,
                sink=sink,
                every_frame=every_frame,
                settings=lambda: self.settings,
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
            run.end()
            self._statistics, self._run = run.statistics, None
            if run.fps is not None and self._settings is not None:
                self._settings = replace(self._settings, fps=run.fps)
            if run.trouble is not None:
                raise run.trouble
            return self._statistics

    def _learn(self, wanted: CameraSettings | None) -> None:
        """Ask for settings, and find out what the camera made of them."""
        capture = self._require_capture()
        self._set_mode(capture, wanted)
        if wanted is not None and not self._runs_at(wanted.fps):
            capture.set(cv2.CAP_PROP_FPS, wanted.fps)
        if wanted is not None and wanted.white_balance is not None:
            self._balance = wanted.white_balance
        exposure_ms = (
            None if wanted is None else uvc_controls.set_exposure(capture, wanted.exposure_ms)
        )
        gain = None if wanted is None else uvc_controls.set_gain(capture, wanted.gain_db)
        fixed_colours = uvc_controls.stop_white_balance(capture)
        fps = self._measured_fps(capture)
        self._balance_table = _balance_table(self._balance)
        self._settings = CameraSettings(
            # It cannot expose for longer than from image to image.
            exposure_ms=1000 / fps if exposure_ms is None else exposure_ms,
            gain_db=gain or 0.0,
            fps=fps,
            white_balance=self._balance,
            pixel_format=uvc_controls.read_mode(capture),
        )
        notes = uvc_notes(self._settings, wanted, exposure_ms, gain, fixed_colours=fixed_colours)
        self._caps = self._read_caps(capture, notes)

    def _set_mode(self, capture: cv2.VideoCapture, wanted: CameraSettings | None) -> None:
        mode = None if wanted is None else wanted.pixel_format
        if mode is None or mode == uvc_controls.read_mode(capture):
            return
        taken = uvc_controls.set_mode(capture, mode)
        if not taken.endswith(mode):
            raise Rejected(
                self.name, f"set the mode {mode}", f"it took {taken} instead", "Choose another one."
            )

    def _measured_fps(self, capture: cv2.VideoCapture) -> float:
        """Return the rate at which images really come; during a run that of the run."""
        run = self._run
        if run is not None:
            return run.fps or self.settings.fps
        arrivals = Arrivals()
        deadline_s = time.monotonic() + SILENCE_S
        for _ in range(_MEASURED_FRAMES):
            if not capture.grab():
                raise ConnectionLost(
                    self.name,
                    "fetch an image",
                    "none comes",
                    "Check the cable, and that no other program uses the camera.",
                )
            arrivals.add(time.monotonic_ns())
            if time.monotonic() > deadline_s:
                break
        if arrivals.period_ns:
            return min(_HIGHEST_FPS, 1e9 / arrivals.period_ns)
        told = capture.get(cv2.CAP_PROP_FPS)
        return float(told) if 0 < told < _HIGHEST_FPS else 1.0

    def _read_caps(self, capture: cv2.VideoCapture, notes: tuple[str, ...]) -> CameraCaps:
        told = capture.get(cv2.CAP_PROP_FPS)
        highest = max(self.settings.fps, told if told < _HIGHEST_FPS else 0.0)
        return CameraCaps(
            width=int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
            height=int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
            colour=True,
            bits=8,
            pixel_um=None,
            exposure_ms=EXPOSURE_MS,
            gain_db=GAIN,
            max_fps=highest,
            white_balance=BALANCE,
            notes=notes,
        )

    def _runs_at(self, fps: float) -> bool:
        return self._settings is not None and abs(self._settings.fps - fps) <= 0.05 * fps

    def _fetch(self) -> tuple[NDArray[Any], int] | None:
        capture = self._require_capture()
        deadline_s = time.monotonic() + SILENCE_S
        while capture.grab():
            arrived_ns = time.monotonic_ns()
            whole, image = capture.retrieve()
            if whole and image is not None and image.ndim == 3:
                return self._to_rgb(image), arrived_ns
            # Damaged on its way; the gap that it leaves is counted.
            if time.monotonic() > deadline_s:
                break
        return None

    def _to_rgb(self, image: NDArray[Any]) -> NDArray[Any]:
        rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        if self._balance_table is not None:
            rgb = cv2.LUT(rgb, self._balance_table)
        rgb.setflags(write=False)
        return rgb

    def _require_capture(self) -> cv2.VideoCapture:
        if self._capture is None:
            raise self._not_open("fetch an image")
        return self._capture

    def _release(self) -> None:
        if self._capture is not None:
            self._capture.release()
        self._capture = self._caps = self._settings = None


def _balance_table(balance: WhiteBalance) -> NDArray[np.uint8] | None:
    """Return a table (1, 256, 3) from a value to the balanced one; None if they are the same."""
    factors = np.array([balance.red, balance.green, balance.blue])
    if np.all(factors == 1.0):
        return None
    values = np.arange(256)[None, :, None] * factors
    table: NDArray[np.uint8] = np.rint(np.clip(values, 0, 255)).astype(np.uint8)
    return table
