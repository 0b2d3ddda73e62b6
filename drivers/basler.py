"""Basler cameras, by Basler's own library pypylon.

The library is large and loads slowly, and a computer without such a camera need not have it: it is
imported when a camera is looked for.
"""

from __future__ import annotations

import threading
import warnings
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from drivers.basler_clock import FrameClock, latch_clock
from drivers.basler_formats import COLOUR_FORMATS
from drivers.basler_grab import FETCH_MS, GrabRun
from drivers.basler_nodes import BaslerNodes
from drivers.camera import CameraSettings, CameraStatistics, FrameSink
from drivers.camera_limits import check_settings
from drivers.errors import ConnectionLost, DeviceError, Rejected
from drivers.opened_camera import OpenedCamera

SWEEP_BUFFERS: Final = 64
"""Two seconds at 30 frames per second for a computer that is busy with something else."""
SWEEP_BUFFER_BYTES: Final = 512 * 2**20


@dataclass(frozen=True, slots=True)
class CameraAddress:
    """A camera that is there to be opened."""

    serial: str
    model: str

    @property
    def name(self) -> str:
        """The camera as errors and the window name it."""
        return f"camera Basler {self.model} ({self.serial})"


def list_cameras(device_class: str | None = None) -> tuple[CameraAddress, ...]:
    """Look for cameras on all buses.

    Parameters
    ----------
    device_class : str, optional
        Look at one kind of bus only, such as ``"BaslerUsb"``, which is faster.

    Raises
    ------
    ConnectionLost
        pypylon is not installed, or fails.
    """
    pylon, genicam = _load_pylon()
    filters = []
    if device_class is not None:
        info = pylon.DeviceInfo()
        info.SetDeviceClass(device_class)
        filters.append(info)
    try:
        found = pylon.TlFactory.GetInstance().EnumerateDevices(filters)
    except genicam.GenericException as error:
        raise ConnectionLost("camera Basler", "look for cameras", str(error)) from error
    return tuple(CameraAddress(f.GetSerialNumber(), f.GetModelName()) for f in found)


class BaslerCamera(OpenedCamera[GrabRun]):
    """A `drivers.camera.Camera` by Basler.

    Parameters
    ----------
    serial : str, optional
        Serial number on the camera's label; None for the first camera found.
    pixel_formats : sequence of str
        GenICam names, best first; see `drivers.basler_formats`.
    device_class : str, optional
        Kind of bus, such as ``"BaslerUsb"``; None for all.
    """

    def __init__(
        self,
        serial: str | None = None,
        *,
        pixel_formats: Sequence[str] = COLOUR_FORMATS,
        device_class: str | None = None,
    ) -> None:
        super().__init__()
        self._serial = serial
        self._pixel_formats = tuple(pixel_formats)
        self._device_class = device_class
        self._address: CameraAddress | None = None
        self._camera: Any = None
        self._genicam: Any = None
        self._pylon: Any = None
        self._let_go: Callable[[], object] | None = None
        self._removed = threading.Event()
        self._nodes: BaslerNodes | None = None

    @property
    def name(self) -> str:
        """The device as errors and the window name it."""
        if self._address is not None:
            return self._address.name
        return "camera Basler" if self._serial is None else f"camera Basler ({self._serial})"

    def open(self) -> None:
        """Connect to the camera; see `drivers.camera.Camera.open`.

        Raises
        ------
        ConnectionLost
            There is no such camera, somebody else uses it, or pypylon is not installed.
        BadReply
            The camera lacks a parameter or pixel format that is needed.
        """
        with self._lifecycle:
            self.close()
            self._pylon, self._genicam = _load_pylon()
            try:
                self._open()
            except self._genicam.GenericException as error:
                self._release()
                raise ConnectionLost(
                    self.name,
                    "open",
                    str(error),
                    "Check cable and power, and that no other program uses the camera.",
                ) from error
            except DeviceError:
                self._release()
                raise

    def configure(self, wanted: CameraSettings) -> CameraSettings:
        """Set what is not None; see `drivers.camera.Camera.configure`.

        Raises
        ------
        LimitExceeded
            A value lies outside `caps`; nothing was set.
        ConnectionLost, Rejected
            The camera is gone, or refuses.
        """
        nodes = self._nodes
        if nodes is None:
            raise self._not_open("change the settings")
        running = self._run is not None
        check_settings(self.name, self.caps, self.settings, wanted, running=running)
        try:
            nodes.apply(wanted)
            self._settings = taken = nodes.settings()
            if not running:
                self._caps = nodes.caps()
        except self._genicam.GenericException as error:
            kind = ConnectionLost if self._removed.is_set() else Rejected
            raise kind(self.name, f"set {wanted}", str(error), "Check the camera.") from error
        self._taken = taken
        return taken

    def start(self, sink: FrameSink, *, every_frame: bool) -> None:
        """Run freely and hand each frame to ``sink``; see `drivers.camera.Camera.start`.

        Raises
        ------
        Rejected
            The camera runs already.
        ConnectionLost
            It is gone.
        """
        with self._lifecycle:
            nodes, pylon, camera = self._nodes, self._pylon, self._camera
            if nodes is None:
                raise self._not_open("start")
            if self._run is not None:
                raise Rejected(self.name, "start", "the camera runs already", "Stop it first.")
            strategy = (
                pylon.GrabStrategy_OneByOne if every_frame else pylon.GrabStrategy_LatestImageOnly
            )
            try:
                camera.MaxNumBuffer.Value = nodes.buffer_count(SWEEP_BUFFERS, SWEEP_BUFFER_BYTES)
                readout_ns = nodes.readout_ns()
                run = GrabRun(
                    self.name,
                    fetch=lambda: _fetch(pylon, camera),
                    pylon_error=self._genicam.GenericException,
                    sink=sink,
                    every_frame=every_frame,
                    pixel_format=nodes.pixel_format,
                    clock=FrameClock(nodes.ns_per_tick(), readout_ns, latch_clock(camera)),
                    readout_ns=readout_ns,
                    settings=lambda: self.settings,
                    is_removed=self._removed.is_set,
                )
                camera.StartGrabbing(strategy)
            except self._genicam.GenericException as error:
                raise ConnectionLost(
                    self.name, "start", str(error), "Connect the camera again."
                ) from error
            self._run = run
            run.start()

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
            self._statistics = run.statistics
            self._run = None
            trouble = run.trouble
            try:
                self._camera.StopGrabbing()
            except self._genicam.GenericException as error:
                trouble = trouble or ConnectionLost(self.name, "stop", str(error))
            if trouble is not None:
                raise trouble
            return self._statistics

    def _open(self) -> None:
        pylon = self._pylon
        wanted = pylon.DeviceInfo()
        if self._serial is not None:
            wanted.SetSerialNumber(self._serial)
        if self._device_class is not None:
            wanted.SetDeviceClass(self._device_class)
        camera = pylon.InstantCamera(pylon.TlFactory.GetInstance().CreateFirstDevice(wanted))
        self._camera = camera
        info = camera.GetDeviceInfo()
        self._address = CameraAddress(info.GetSerialNumber(), info.GetModelName())
        self._removed.clear()
        handler = _removal_handler(pylon, self._removed.set)
        camera.RegisterConfiguration(handler, pylon.RegistrationMode_Append, pylon.Cleanup_None)
        # Also at the end of the program: pylon keeps no reference to the handler, and would call
        # into freed memory if the camera outlived it. The finalizer keeps the reference.
        self._let_go = weakref.finalize(
            self, _let_go, camera, handler, self._genicam.GenericException
        )
        camera.Open()
        self._nodes = BaslerNodes(self.name, camera, self._pixel_formats)
        if self._taken is not None:
            # A camera that was unplugged has forgotten what it was told.
            self._nodes.apply(self._taken)
        self._caps = self._nodes.caps()
        self._settings = self._nodes.settings()

    def _release(self) -> None:
        self._camera = self._nodes = self._caps = self._settings = None
        if self._let_go is not None:
            self._let_go()


def _load_pylon() -> tuple[Any, Any]:
    try:
        with warnings.catch_warnings():
            # Its generated modules warn of themselves, and crash where warnings are errors.
            warnings.simplefilter("ignore", DeprecationWarning)
            from pypylon import genicam, pylon
    except ImportError as error:
        raise ConnectionLost(
            "camera Basler",
            "load Basler's library",
            str(error),
            "Install it with: pip install pypylon",
        ) from error
    return pylon, genicam


def _let_go(camera: Any, handler: Any, pylon_error: type[Exception]) -> None:  # noqa: ANN401
    """Release a camera in the only order that pylon survives."""
    for step in (
        camera.StopGrabbing,
        camera.Close,
        lambda: camera.DeregisterConfiguration(handler),
        camera.DestroyDevice,
    ):
        # A camera that is gone raises at each of these, and yet has to be let go of.
        with suppress(pylon_error):
            step()


def _fetch(pylon: Any, camera: Any) -> Any:  # noqa: ANN401
    """Return the next grab result of a camera; None if none came within `FETCH_MS`.

    pylon's own waiting in RetrieveResult was seen to forget its time-out on a camera that had
    fallen silent (pylon 12.4, its emulation), and never to return.
    """
    if not camera.GetGrabResultWaitObject().Wait(FETCH_MS):
        return None
    return camera.RetrieveResult(0, pylon.TimeoutHandling_Return)


def _removal_handler(pylon: Any, on_removed: Callable[[], None]) -> Any:  # noqa: ANN401
    """Return a pylon event handler that tells when the camera goes away, from pylon's thread."""

    class RemovalHandler(pylon.ConfigurationEventHandler):  # type: ignore[misc]
        def OnCameraDeviceRemoved(self, _camera: Any) -> None:  # noqa: N802, ANN401 - pylon's name
            on_removed()

    return RemovalHandler()
