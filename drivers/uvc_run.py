"""One run of a UVC camera: one thread fetches and stamps images, another hands them on.

Two, so that a slow sink does not spoil the time stamps of the frames behind it.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

from drivers.camera import CameraSettings, CameraStatistics, Frame, FrameSink
from drivers.errors import ConnectionLost, DeviceError
from drivers.uvc_arrivals import Arrival, Arrivals

WAITING_BYTES: Final = 512 * 2**20
"""What may wait for the sink during a sweep."""
_ENOUGH_FRAMES: Final = 64
_REQUEST_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Image:
    image: NDArray[Any]
    exposure_ms: float


class UvcRun:
    """Fetches images until told to end, or until none comes any more.

    Parameters
    ----------
    device : str
        The device as errors name it.
    fetch : callable
        Waits for the next image and returns it with the `time.monotonic_ns` of its arrival; None
        if none came in time.
    sink : callable
        Gets each frame.
    every_frame : bool
        False to hand on only the newest.
    settings : callable
        Returns the present settings of the camera.
    """

    def __init__(
        self,
        device: str,
        *,
        fetch: Callable[[], tuple[NDArray[Any], int] | None],
        sink: FrameSink,
        every_frame: bool,
        settings: Callable[[], CameraSettings],
    ) -> None:
        self._device = device
        self._fetch = fetch
        self._sink = sink
        self._every_frame = every_frame
        self._settings = settings
        self._arrivals = Arrivals()
        self._undecided: deque[_Image] = deque()
        self._waiting: deque[Frame] = deque()
        self._changed = threading.Condition()
        self._requests: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._index = -1
        self._delivered = self._lost = self._overflowed = 0
        self._ending = threading.Event()
        self._over = False
        self._reader = threading.Thread(target=self._read, name=f"read {device}")
        self._giver = threading.Thread(target=self._give, name=f"grab {device}")
        self.trouble: DeviceError | None = None
        """Why the run ended before it was told to."""

    @property
    def statistics(self) -> CameraStatistics:
        """The counts so far; whole images only are ever seen, so none is incomplete."""
        with self._changed:
            return CameraStatistics(self._delivered, self._lost, 0)

    @property
    def fps(self) -> float | None:
        """Images per second as they really come; None as long as few have."""
        period_ns = self._arrivals.period_ns
        return None if not period_ns else 1e9 / period_ns

    def start(self) -> None:
        """Begin to fetch."""
        self._reader.start()
        self._giver.start()

    def end(self) -> None:
        """Fetch no more; the sink is not called after this returns."""
        self._ending.set()
        with self._changed:
            self._changed.notify_all()
        self._reader.join()
        self._giver.join()

    def between_frames(self, action: Callable[[], None]) -> None:
        """Do something with the camera while no image is being fetched; returns when done.

        Raises
        ------
        ConnectionLost
            The run has ended, or no image comes.
        """
        done = threading.Event()
        failures: list[Exception] = []

        def act() -> None:
            try:
                action()
            except DeviceError as error:
                failures.append(error)
            finally:
                done.set()

        with self._changed:
            if self._over:
                raise self._gone("change the settings", "no image comes any more")
            self._requests.put(act)
        if not done.wait(_REQUEST_S):
            raise self._gone("change the settings", "no image comes any more")
        if failures:
            raise failures[0]

    def _read(self) -> None:
        try:
            while not self._ending.is_set() and threading.main_thread().is_alive():
                self._serve_requests()
                fetched = self._fetch()
                if fetched is None:
                    if not self._ending.is_set():
                        self.trouble = self._gone("fetch the next image", "none comes any more")
                    break
                image, arrived_ns = fetched
                self._undecided.append(_Image(image, self._settings().exposure_ms))
                self._queue(self._arrivals.add(arrived_ns))
            self._queue(self._arrivals.flush())
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()
            self._serve_requests()

    def _serve_requests(self) -> None:
        while not self._requests.empty():
            self._requests.get()()

    def _queue(self, judged: tuple[Arrival, ...]) -> None:
        for arrival in judged:
            image = self._undecided.popleft()
            with self._changed:
                self._put(image, arrival)
                self._changed.notify_all()

    def _put(self, image: _Image, arrival: Arrival) -> None:
        self._index += 1 + arrival.lost_before
        if not self._every_frame:
            self._waiting.clear()
        else:
            self._lost += arrival.lost_before
            enough = min(_ENOUGH_FRAMES, max(2, WAITING_BYTES // max(1, image.image.nbytes)))
            if len(self._waiting) >= enough:
                self._lost += 1
                self._overflowed += 1 + arrival.lost_before
                return
        overflowed, self._overflowed = self._overflowed, 0
        frame = Frame(
            image=image.image,
            index=self._index,
            lost_before=arrival.lost_before + overflowed if self._every_frame else 0,
            # It comes when it has been exposed; the constant rest of its way is part of the lag
            # that a pair of sweeps, one up and one down, finds.
            t_mid_ns=arrival.t_ns - round(image.exposure_ms * 1e6 / 2),
            t_sigma_ns=arrival.sigma_ns,
            clock="host",
            exposure_ms=image.exposure_ms,
        )
        self._waiting.append(frame)

    def _give(self) -> None:
        while (frame := self._next()) is not None:
            try:
                self._sink(frame)
            except Exception as error:
                self.trouble = DeviceError(
                    self._device, "deliver a frame", repr(error), "This is a fault of the program."
                )
                self._ending.set()
                raise

    def _next(self) -> Frame | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._over or self._ending.is_set())
            if self._ending.is_set() or not self._waiting:
                return None
            self._delivered += 1
            return self._waiting.popleft()

    def _gone(self, attempted: str, answer: str) -> ConnectionLost:
        return ConnectionLost(
            self._device,
            attempted,
            answer,
            "The frames so far are kept. Check the cable, then connect the camera again.",
        )
