"""Micro-Manager's core: one configuration of devices, one thread that talks to it.

The devices of a configuration often share a serial port, and many adapters were never tried from
two threads: every call takes its turn on one thread. A call that does not return fails its caller
after a time; only STOP goes past a call that hangs.

The core is pymmcore's, without the Python callbacks of pymmcore-plus: those run on threads of the
core, and abort the interpreter when it exits first. pymmcore-plus finds where Micro-Manager's
device adapters are installed.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from queue import PriorityQueue
from typing import Any, Final, TypeVar

from drivers.errors import ConnectionLost, DeviceError, Rejected, ReplyTimeout

T = TypeVar("T")

CALL_S: Final = 5.0
LOAD_S: Final = 60.0
"""Cameras take their time to initialise."""
PAST_A_HANGING_CALL_S: Final = 0.2
_CORE_ERRORS: Final = (RuntimeError, OSError, IndexError)
"""What pymmcore turns the core's own error into: devices, files, an empty image buffer."""
_URGENT: Final = 0
_IN_TURN: Final = 1
_LAST: Final = 2

Work = Callable[[Any], T]
"""Gets the ``pymmcore.CMMCore``."""


class MicroManagerCore:
    """A configuration that a stage and a camera share, loaded as long as one of them is open.

    Parameters
    ----------
    configuration : Path
        Micro-Manager's ``.cfg`` file.
    adapters : Path, optional
        Folder of the device adapters; by default where pymmcore-plus finds Micro-Manager.
    """

    def __init__(self, configuration: Path, adapters: Path | None = None) -> None:
        self._configuration = configuration
        self._adapters = adapters
        self._lifecycle = threading.Lock()
        self._users = 0
        self._core: Any = None
        self._queue: PriorityQueue[tuple[int, int, Future[Any] | None, Work[Any]]]
        self._order = itertools.count()
        self._thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        """The configuration as errors name it."""
        return f"Micro-Manager ({self._configuration.name})"

    def open(self) -> None:
        """Load the configuration, unless that has been done.

        Raises
        ------
        ConnectionLost
            Micro-Manager is not installed, or a device of the configuration does not answer.
        """
        with self._lifecycle:
            self._users += 1
            if self._users > 1:
                return
            try:
                self._load()
            except BaseException:
                self._users = 0
                raise

    def close(self) -> None:
        """Unload the devices when nobody else uses them."""
        with self._lifecycle:
            if self._users == 0:
                return
            self._users -= 1
            if self._users == 0:
                self._unload()

    def call(self, device: str, attempted: str, work: Work[T], *, timeout_s: float = CALL_S) -> T:
        """Let the core's thread do something in turn.

        Parameters
        ----------
        device, attempted : str
            For errors.
        work : callable
            Gets the core.
        timeout_s : float
            How long to wait; what has not begun by then is never done.

        Raises
        ------
        ReplyTimeout
            It did not return in time.
        Rejected
            Micro-Manager or the device refused.
        ConnectionLost
            The configuration is not loaded.
        """
        return self._result(device, attempted, self._put(_IN_TURN, device, work), timeout_s)

    def call_now(self, device: str, attempted: str, work: Work[T]) -> T:
        """Do something before all that waits, and past a call that hangs; see `call`."""
        future = self._put(_URGENT, device, work)
        try:
            return self._result(device, attempted, future, PAST_A_HANGING_CALL_S)
        except ReplyTimeout:
            if not future.cancelled():
                raise
        try:
            result: T = work(self._core)
        except _CORE_ERRORS as error:
            raise _refused(device, attempted, error) from error
        return result

    def _put(self, urgency: int, device: str, work: Work[T]) -> Future[T]:
        if self._core is None:
            raise ConnectionLost(
                device, "ask Micro-Manager", "no configuration is loaded", "Connect again."
            )
        future: Future[T] = Future()
        self._queue.put((urgency, next(self._order), future, work))
        return future

    def _result(self, device: str, attempted: str, future: Future[T], timeout_s: float) -> T:
        try:
            return future.result(timeout_s)
        except TimeoutError:
            future.cancel()
            raise ReplyTimeout(
                device,
                attempted,
                f"Micro-Manager did not return in {timeout_s:g} s",
                "Check the device's cable and power; restart the program if this goes on.",
            ) from None
        except _CORE_ERRORS as error:
            raise _refused(device, attempted, error) from error

    def _load(self) -> None:
        self._core = _make_core(self.name, self._adapters)
        self._queue = PriorityQueue()
        self._thread = threading.Thread(
            target=_serve, args=(self._core, self._queue), name=self.name, daemon=True
        )
        self._thread.start()
        path = str(self._configuration)
        try:
            self.call(
                self.name,
                f"load {path}",
                lambda core: core.loadSystemConfiguration(path),
                timeout_s=LOAD_S,
            )
        except DeviceError as error:
            self._unload()
            raise ConnectionLost(
                self.name,
                f"load {path}",
                error.answer,
                "Open the configuration in Micro-Manager to see which device is missing.",
            ) from error

    def _unload(self) -> None:
        core, self._core = self._core, None
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._queue.put((_LAST, next(self._order), None, lambda core: core.reset()))
        thread.join(CALL_S)
        del core


def _serve(core: Any, queue: PriorityQueue[tuple[int, int, Future[Any] | None, Work[Any]]]) -> None:  # noqa: ANN401
    while True:
        _, _, future, work = queue.get()
        if future is None:
            work(core)
            return
        if not future.set_running_or_notify_cancel():
            continue
        try:
            future.set_result(work(core))
        except Exception as error:  # noqa: BLE001  (handed to whoever waits for the result)
            future.set_exception(error)


def _make_core(device: str, adapters: Path | None) -> Any:  # noqa: ANN401
    try:
        import pymmcore
        from pymmcore_plus import find_micromanager
    except ImportError as error:
        raise ConnectionLost(
            device, "load pymmcore-plus", str(error), "Run: pip install 'wearif[micromanager]'."
        ) from error
    folder = str(adapters) if adapters is not None else find_micromanager()
    if not folder:
        raise ConnectionLost(
            device,
            "look for Micro-Manager's device adapters",
            "none are installed",
            "Run `mmcore install`, or name their folder in the profile.",
        )
    core = pymmcore.CMMCore()
    core.enableStderrLog(False)  # noqa: FBT003  (it has no other way)
    core.setDeviceAdapterSearchPaths([folder])
    return core


def _refused(device: str, attempted: str, error: Exception) -> Rejected:
    return Rejected(device, attempted, str(error).strip() or repr(error))
