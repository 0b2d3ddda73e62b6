"""Time stamps of Basler cameras.

pylon's emulation neither stamps its images nor has a clock to latch: here the clock is a stand-in.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any, Self

import pytest

from drivers.basler import BaslerCamera
from drivers.basler_clock import ClockLatch, FrameClock, latch_clock
from drivers.basler_grab import GrabRun
from drivers.camera import CameraSettings, Frame, Region

NS_PER_TICK = 8.0
"""A GigE camera of 125 MHz."""
MS = 1_000_000


class Node:
    """A GenICam parameter or command."""

    def __init__(self, value: Any = None, on_execute: Any = None) -> None:
        self.Value = value
        self.Execute = on_execute

    def IsReadable(self) -> bool:  # noqa: N802 - GenICam's name
        return self.Value is not None


class LatchingCamera:
    """A camera whose clock runs 50 ppm fast, is 1 s ahead, and can be latched under a name.

    A command takes effect in the middle of the time that it takes, give or take a fifth.
    """

    def __init__(self, latch: str, value: str) -> None:
        self.now_ns = 5_000_000_000
        self._random = random.Random(4)
        self._names = {latch: Node(on_execute=self._latch), value: Node(0)}
        self._value = self._names[value]

    def __getattr__(self, name: str) -> Node:
        return self._names.get(name, Node())

    def tick_at(self, t_ns: int) -> int:
        return round((t_ns * (1 + 50e-6) + 1e9) / NS_PER_TICK)

    def _latch(self) -> None:
        takes_ns = self._random.randrange(100_000, 2_000_000)
        at_ns = self.now_ns + round(takes_ns * self._random.uniform(0.3, 0.7))
        self._value.Value = self.tick_at(at_ns)
        self.now_ns += takes_ns


@pytest.mark.parametrize(
    ("latch", "value"),
    [
        ("TimestampLatch", "TimestampLatchValue"),
        ("GevTimestampControlLatch", "GevTimestampValue"),
    ],
)
def test_the_quickest_latch_is_taken(latch: str, value: str) -> None:
    camera = LatchingCamera(latch, value)
    taken = latch_clock(camera, lambda: camera.now_ns)
    assert taken is not None
    assert taken.sigma_ns < 500_000
    true_ns = (taken.tick * NS_PER_TICK - 1e9) / (1 + 50e-6)
    assert abs(taken.t_ns - true_ns) <= taken.sigma_ns


def test_a_camera_without_a_latch() -> None:
    assert latch_clock(LatchingCamera("Nonsense", "Nothing")) is None


def frames(
    camera: LatchingCamera, exposure_ns: int, way_ns: int, count: int
) -> Iterator[tuple[int, int, int]]:
    """Yield true start of exposure, stamp and arrival of images at 30 frames per second."""
    jitter = random.Random(3)
    for index in range(count):
        began_ns = camera.now_ns + 100 * MS + index * 33 * MS
        arrived_ns = began_ns + exposure_ns + way_ns + round(jitter.expovariate(1 / (2 * MS)))
        yield began_ns, camera.tick_at(began_ns), arrived_ns


def test_with_a_latch_the_way_of_the_images_is_known() -> None:
    camera = LatchingCamera("TimestampLatch", "TimestampLatchValue")
    latch = latch_clock(camera, lambda: camera.now_ns)
    clock = FrameClock(NS_PER_TICK, readout_ns=0, latch=latch)
    assert latch is not None
    told = [
        (began_ns, *clock.mid_exposure(tick, arrived_ns, 4 * MS))
        for began_ns, tick, arrived_ns in frames(camera, 4 * MS, 20 * MS, 300)
    ]
    began_ns, t_ns, sigma_ns = told[-1]
    # 10 s at 50 ppm would be off by 500 µs if the clocks' rates were taken to be the same.
    assert abs(t_ns - (began_ns + 2 * MS)) < 3 * sigma_ns
    assert latch.sigma_ns <= sigma_ns < 1 * MS


def test_without_one_the_fastest_image_counts_as_there_at_once() -> None:
    camera = LatchingCamera("TimestampLatch", "TimestampLatchValue")
    clock = FrameClock(NS_PER_TICK, readout_ns=15 * MS, latch=None)
    told = [
        (began_ns, *clock.mid_exposure(tick, arrived_ns, 4 * MS))
        for began_ns, tick, arrived_ns in frames(camera, 4 * MS, 20 * MS, 300)
    ]
    began_ns, t_ns, sigma_ns = told[-1]
    # 20 ms from the end of the exposure, of which 15 ms are known to be the read-out.
    assert t_ns - (began_ns + 2 * MS) == pytest.approx(5 * MS, abs=MS)
    assert sigma_ns < MS


@pytest.mark.parametrize("ahead_ns", [-10 * MS, 10_000 * MS])
def test_a_latch_that_contradicts_the_images_is_not_believed(ahead_ns: int) -> None:
    """Stamped at the end of the exposure, or by another clock."""
    camera = LatchingCamera("TimestampLatch", "TimestampLatchValue")
    tick = camera.tick_at(camera.now_ns)
    latch = ClockLatch(tick, camera.now_ns + 30 * MS - ahead_ns, 100_000)
    with_latch = FrameClock(NS_PER_TICK, 0, latch)
    without = FrameClock(NS_PER_TICK, 0, None)
    for _, tick, arrived_ns in frames(camera, 25 * MS, 5 * MS, 20):
        assert with_latch.mid_exposure(tick, arrived_ns, 25 * MS) == without.mid_exposure(
            tick, arrived_ns, 25 * MS
        )


class StampedResult:
    """A grab result of the emulation, with the stamp that a real camera would have put on it."""

    def __init__(self, result: Any, tick: int) -> None:
        self._result = result
        self.TimeStamp = tick

    def __getattr__(self, name: str) -> Any:
        return getattr(self._result, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._result.Release()


def test_stamped_images_are_timed_by_the_cameras_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real images in real time, on a thread that is held up now and then."""
    monkeypatch.setenv("PYLON_CAMEMU", "1")
    basler = BaslerCamera(device_class="BaslerCamEmu", pixel_formats=("Mono8",))
    basler.open()
    basler.configure(CameraSettings(2.0, 0.0, 90.0, region=Region(0, 0, 64, 48)))
    camera, pylon, genicam = basler._camera, basler._pylon, basler._genicam
    clock = LatchingCamera("TimestampLatch", "TimestampLatchValue")
    held_up = random.Random(1)
    began_ns: list[int] = []

    def fetch() -> StampedResult | None:
        if not camera.GetGrabResultWaitObject().Wait(200):
            return None
        came_ns = time.monotonic_ns()
        began_ns.append(came_ns - 6 * MS)
        # From the wire to the program it takes 0 to 5 ms: the stamp knows nothing of that.
        time.sleep(held_up.uniform(0, 0.005))
        result = camera.RetrieveResult(0, pylon.TimeoutHandling_Return)
        return StampedResult(result, clock.tick_at(began_ns[-1]))

    frames: list[Frame] = []
    t_ns = time.monotonic_ns()
    run = GrabRun(
        "camera",
        fetch=fetch,
        pylon_error=genicam.GenericException,
        sink=frames.append,
        every_frame=True,
        pixel_format="Mono8",
        clock=FrameClock(NS_PER_TICK, 0, ClockLatch(clock.tick_at(t_ns), t_ns, 200_000)),
        readout_ns=0,
        settings=lambda: basler.settings,
        is_removed=lambda: False,
    )
    camera.StartGrabbing(pylon.GrabStrategy_OneByOne)
    run.start()
    deadline_s = time.monotonic() + 20
    while len(frames) < 60 and time.monotonic() < deadline_s:
        time.sleep(0.01)
    run.end()
    basler.close()
    assert all(frame.clock == "camera" for frame in frames)
    errors_ms = [
        (frame.t_mid_ns - start_ns - MS) / 1e6
        for frame, start_ns in zip(frames, began_ns, strict=False)
    ]
    # Exposures of 2 ms began 6 ms before the image came.
    assert len(errors_ms) >= 60
    assert max(abs(error_ms) for error_ms in errors_ms[20:60]) < 1.0
    assert all(frame.t_sigma_ns >= 200_000 for frame in frames)


def test_the_hosts_clock_is_the_one_of_the_stage() -> None:
    camera = LatchingCamera("TimestampLatch", "TimestampLatchValue")
    before_ns = time.monotonic_ns()
    latch = latch_clock(camera)
    assert latch is not None
    assert before_ns <= latch.t_ns <= time.monotonic_ns()
