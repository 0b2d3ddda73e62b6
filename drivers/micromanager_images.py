"""One run of a camera behind Micro-Manager: images out of the core's buffer, with their times."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivers.camera import CameraSettings, CameraStatistics, Frame, FrameSink
from drivers.clock_map import ArrivalJitter
from drivers.errors import ConnectionLost, DeviceError, Rejected
from drivers.micromanager_core import MicroManagerCore

AT_ONCE: Final = 8
"""Images fetched in one turn; the stage waits for its turn meanwhile."""
PAUSE_S: Final = 0.004
LEAST_SILENCE_S: Final = 2.0
_COLOURS: Final = 4
"""Components of what Micro-Manager calls RGB: blue, green, red and an empty one."""
_NS: Final = 1_000_000_000


class Fetched(NamedTuple):
    """One image as it comes from the core."""

    image: NDArray[Any]
    number: int | None
    """Counted by the camera's adapter; None where it does not."""
    received_ns: int
    """When the core had it, on the `time.monotonic_ns` scale."""


def has_colour(device: str, core: Any) -> bool:  # noqa: ANN401
    """Return whether images are RGB.

    Raises
    ------
    Rejected
        They are neither that nor grey of 8 to 16 bits.
    """
    components, size = core.getNumberOfComponents(), core.getBytesPerPixel()
    if (components, size) in ((1, 1), (1, 2)):
        return False
    if (components, size) in ((_COLOURS, 4), (_COLOURS, 8)):
        return True
    raise Rejected(
        device,
        "read the kind of images",
        f"{components} components in {size} bytes per pixel are neither grey nor RGB",
        "Choose another pixel type in Micro-Manager's configuration.",
    )


def to_image(array: NDArray[Any]) -> NDArray[Any]:
    """Return a grey or RGB image: pymmcore packs four components into one number."""
    parts = {4: np.uint8, 8: np.uint16}.get(array.dtype.itemsize)
    if parts is None:
        return array
    blue_green_red_nothing = array.view(parts).reshape(*array.shape, _COLOURS)
    return np.ascontiguousarray(blue_green_red_nothing[..., 2::-1])


def received_ns(stamp: str, clock_ns: int, monotonic_ns: int) -> int:
    """Return when the core had an image, on the `time.monotonic_ns` scale.

    Parameters
    ----------
    stamp : str
        The tag ``TimeReceivedByCore``: local time such as ``2026-11-22 16:42:43.505245``.
    clock_ns, monotonic_ns : int
        `time.time_ns` and `time.monotonic_ns` of one moment since.
    """
    # Without a zone it is taken for local time, which it is.
    moment = datetime.fromisoformat(stamp)
    return monotonic_ns - (clock_ns - round(moment.timestamp() * _NS))


class MicroManagerRun:
    """Fetches images until told to end.

    Parameters
    ----------
    device : str
        The device as errors name it.
    core : MicroManagerCore
        Its camera runs.
    sink : callable
        Gets each frame.
    every_frame : bool
        Whether all images are wanted, or always the newest.
    settings : callable
        Returns the camera's present settings.
    """

    def __init__(
        self,
        device: str,
        core: MicroManagerCore,
        *,
        sink: FrameSink,
        every_frame: bool,
        settings: Callable[[], CameraSettings],
    ) -> None:
        self._device = device
        self._core = core
        self._sink = sink
        self._every_frame = every_frame
        self._settings = settings
        self._jitter = ArrivalJitter()
        self._first: Fetched | None = None
        self._last: Fetched | None = None
        self._index = -1
        self._last_delivered = -1
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"grab {device}")
        self.statistics = CameraStatistics(0, 0, 0)
        self.trouble: DeviceError | None = None
        """Why the run ended before it was told to."""

    @property
    def fps(self) -> float | None:
        """The rate at which images have come; None as long as there are too few."""
        first, last = self._first, self._last
        if first is None or last is None or last.received_ns <= first.received_ns:
            return None
        return self._index * _NS / (last.received_ns - first.received_ns)

    def start(self) -> None:
        """Begin to fetch."""
        self._thread.start()

    def end(self) -> None:
        """Fetch no more; the sink is not called after this returns."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        heard_s = time.monotonic()
        while not self._ending.is_set() and threading.main_thread().is_alive():
            try:
                fetched = self._core.call(self._device, "fetch images", self._fetch)
            except DeviceError as error:
                self.trouble = self._lost(error.answer)
                return
            now_s = time.monotonic()
            if fetched:
                heard_s = now_s
            elif now_s - heard_s > self._longest_silence_s():
                self.trouble = self._lost(f"no image for {now_s - heard_s:.1f} s")
                return
            else:
                self._ending.wait(PAUSE_S)
            for image in fetched:
                self._take(image)

    def _fetch(self, core: Any) -> list[Fetched]:  # noqa: ANN401
        import pymmcore

        waiting = core.getRemainingImageCount()
        fetched = []
        for _ in range(waiting if not self._every_frame else min(waiting, AT_ONCE)):
            tags = pymmcore.Metadata()
            array = core.popNextImageMD(tags)
            clock_ns, monotonic_ns = time.time_ns(), time.monotonic_ns()
            stamp, number = _tag(tags, "TimeReceivedByCore"), _tag(tags, "ImageNumber")
            received = monotonic_ns if stamp is None else received_ns(stamp, clock_ns, monotonic_ns)
            counted = int(number) if number is not None and number.isdecimal() else None
            fetched.append(Fetched(array, counted, received))
        return fetched if self._every_frame else self._count_skipped(fetched)

    def _count_skipped(self, fetched: list[Fetched]) -> list[Fetched]:
        self._index += max(0, len(fetched) - 1)
        return fetched[-1:]

    def _take(self, fetched: Fetched) -> None:
        step = 1
        if self._last is not None and None not in (fetched.number, self._last.number):
            step = max(1, (fetched.number or 0) - (self._last.number or 0))
        self._index += step if self._every_frame else 1
        self._first = self._first or fetched
        self._last = fetched
        self._jitter.add(fetched.received_ns)
        self._deliver(self._frame(fetched))

    def _frame(self, fetched: Fetched) -> Frame:
        exposure_ms = self._settings().exposure_ms
        lost_before = self._index - self._last_delivered - 1 if self._every_frame else 0
        self._last_delivered = self._index
        return Frame(
            image=to_image(fetched.image),
            index=self._index,
            lost_before=lost_before,
            # The fastest image is there when it has been exposed; the read-out is not told.
            t_mid_ns=fetched.received_ns - round(exposure_ms * 1e6) // 2,
            t_sigma_ns=self._jitter.sigma_ns(),
            clock="host",
            exposure_ms=exposure_ms,
        )

    def _deliver(self, frame: Frame) -> None:
        counts = self.statistics
        self.statistics = CameraStatistics(
            counts.delivered + 1, counts.lost + frame.lost_before, counts.incomplete
        )
        try:
            self._sink(frame)
        except Exception as error:
            self.trouble = DeviceError(
                self._device, "deliver a frame", repr(error), "This is a fault of the program."
            )
            raise

    def _longest_silence_s(self) -> float:
        settings = self._settings()
        return max(LEAST_SILENCE_S, 5 / settings.fps + settings.exposure_ms / 1000)

    def _lost(self, answer: str) -> ConnectionLost:
        return ConnectionLost(
            self._device,
            "fetch images",
            answer,
            "Check the camera's cable and power, then connect again.",
        )


def _tag(tags: Any, name: str) -> str | None:  # noqa: ANN401
    return str(tags.GetSingleTag(name).GetValue()) if tags.HasTag(name) else None
