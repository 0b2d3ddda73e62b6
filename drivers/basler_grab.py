"""One run of a Basler camera: the thread that fetches its images and counts those that are lost.

The thread is a plain one of our own. A thread of pylon's, or a daemon thread inside pylon, aborts
the interpreter at exit; this one ends by itself when the main thread has.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from drivers.basler_clock import FrameClock
from drivers.basler_formats import to_image
from drivers.camera import CameraSettings, CameraStatistics, Frame, FrameSink
from drivers.clock_map import ArrivalJitter
from drivers.errors import ConnectionLost, DeviceError

FETCH_MS: Final = 200
"""How long one fetch waits; also how soon the run notices that it shall end."""
LEAST_SILENCE_S: Final = 2.0
"""A dead link does not always say so: a silence of this length, and of five frames, does."""
_NO_BLOCK_ID: Final = 2**64 - 1
_UNPLUGGED: Final = "the camera has been unplugged or has lost its power"
_LAST_16_BIT: Final = 65535


class BlockCounter:
    """Turns the camera's block numbers into a count of the images exposed, from 0."""

    def __init__(self) -> None:
        self._last_id: int | None = None
        self.index = -1

    def advance(self, block_id: int) -> int:
        """Take in the next block number and return the index of its image.

        GigE Vision 1 counts from 1 to 65535 and begins again at 1; cameras without block numbers
        say always the same one.
        """
        last_id, self._last_id = self._last_id, block_id
        step = 1
        if last_id is not None and block_id != _NO_BLOCK_ID and block_id != last_id:
            is_wrapped = block_id < last_id <= _LAST_16_BIT
            step = block_id - last_id + (_LAST_16_BIT if is_wrapped else 0)
        self.index += max(1, step)
        return self.index


class GrabRun:
    """Fetches images from a grabbing camera until told to end.

    Parameters
    ----------
    device : str
        The device as errors name it.
    camera : pylon.InstantCamera
        Grabbing.
    pylon_error : type
        Base of pylon's exceptions.
    fetch : callable
        Returns the next grab result; None or an invalid one after `FETCH_MS`.
    sink : callable
        Gets each frame.
    every_frame : bool
        Whether skipped images count as lost.
    pixel_format : str
    clock : FrameClock
        For cameras that stamp their images.
    readout_ns : int
        Between the end of the exposure and that of the read-out.
    settings : callable
        Returns the present settings of the camera.
    is_removed : callable
        Whether the camera has been reported as gone.
    """

    def __init__(
        self,
        device: str,
        *,
        fetch: Callable[[], Any],
        pylon_error: type[Exception],
        sink: FrameSink,
        every_frame: bool,
        pixel_format: str,
        clock: FrameClock,
        readout_ns: int,
        settings: Callable[[], CameraSettings],
        is_removed: Callable[[], bool],
    ) -> None:
        self._device = device
        self._fetch = fetch
        self._pylon_error = pylon_error
        self._sink = sink
        self._every_frame = every_frame
        self._pixel_format = pixel_format
        self._clock = clock
        self._readout_ns = readout_ns
        self._settings = settings
        self._is_removed = is_removed
        self._jitter = ArrivalJitter()
        self._blocks = BlockCounter()
        self._last_good = -1
        self._skipped = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"grab {device}")
        self.statistics = CameraStatistics(0, 0, 0)
        self.trouble: DeviceError | None = None
        """Why the run ended before it was told to."""

    def start(self) -> None:
        """Begin to fetch."""
        self._thread.start()

    def end(self) -> None:
        """Fetch no more; the sink is not called after this returns."""
        self._ending.set()
        self._thread.join()
        if self.trouble is None and self._is_removed():
            self.trouble = self._lost(_UNPLUGGED)

    def _run(self) -> None:
        heard_s = time.monotonic()
        while not self._ending.is_set() and threading.main_thread().is_alive():
            if self._is_removed():
                self.trouble = self._lost(_UNPLUGGED)
                return
            try:
                frame, heard = self._next()
            except self._pylon_error as error:
                self.trouble = self._lost(str(error))
                return
            now_s = time.monotonic()
            if heard:
                heard_s = now_s
            elif now_s - heard_s > self._longest_silence_s():
                self.trouble = self._lost(f"no image for {now_s - heard_s:.1f} s")
                return
            if frame is not None:
                self._deliver(frame)

    def _next(self) -> tuple[Frame | None, bool]:
        """Fetch one image; None if there was none, or a damaged one, and whether one came."""
        fetched = self._fetch()
        if fetched is None:
            return None, False
        with fetched as result:
            if not result.IsValid():
                return None, False
            arrived_ns = time.monotonic_ns()
            index = self._blocks.advance(result.BlockID)
            if not self._every_frame:
                self._skipped += result.NumberOfSkippedImages
            if not result.GrabSucceeded():
                self._count(incomplete=1)
                return None, True
            # A copy: the buffer goes back to the camera at the end of this block.
            array, tick = result.Array, result.TimeStamp
        return self._frame(to_image(array, self._pixel_format), index, tick, arrived_ns), True

    def _frame(self, image: Any, index: int, tick: int, arrived_ns: int) -> Frame:  # noqa: ANN401
        exposure_ms = self._settings().exposure_ms
        exposure_ns = round(exposure_ms * 1e6)
        if tick:
            t_mid_ns, sigma_ns = self._clock.mid_exposure(tick, arrived_ns, exposure_ns)
        else:
            self._jitter.add(arrived_ns)
            # The fastest image is there when it has been exposed and read out.
            t_mid_ns = arrived_ns - self._readout_ns - exposure_ns // 2
            sigma_ns = self._jitter.sigma_ns()
        lost_before = index - self._last_good - 1 if self._every_frame else 0
        self._last_good = index
        return Frame(
            image=image,
            index=index,
            lost_before=lost_before,
            t_mid_ns=t_mid_ns,
            t_sigma_ns=sigma_ns,
            clock="camera" if tick else "host",
            exposure_ms=exposure_ms,
        )

    def _deliver(self, frame: Frame) -> None:
        self._count(delivered=1)
        try:
            self._sink(frame)
        except Exception as error:
            self.trouble = DeviceError(
                self._device, "deliver a frame", repr(error), "This is a fault of the program."
            )
            raise

    def _count(self, *, delivered: int = 0, incomplete: int = 0) -> None:
        delivered += self.statistics.delivered
        incomplete += self.statistics.incomplete
        lost = max(incomplete, self._blocks.index + 1 - delivered - self._skipped)
        self.statistics = CameraStatistics(delivered, lost, incomplete)

    def _longest_silence_s(self) -> float:
        settings = self._settings()
        return max(LEAST_SILENCE_S, 5 / settings.fps + settings.exposure_ms / 1000)

    def _lost(self, answer: str) -> ConnectionLost:
        return ConnectionLost(
            self._device,
            "fetch the next image",
            answer,
            "The frames so far are kept. Check the cable, then connect the camera again.",
        )
