"""BaslerCamera hands over every frame, or says how many are missing."""

from __future__ import annotations

import itertools
import queue
import threading
import time

import numpy as np
import pytest

from drivers.basler import BaslerCamera
from drivers.basler_grab import BlockCounter
from drivers.camera import Frame
from drivers.errors import DeviceError, Rejected

PATIENCE_S = 20.0


def test_every_frame_arrives_in_order(camera: BaslerCamera, grab) -> None:
    before_ns = time.monotonic_ns()
    frames = grab(camera, 20)
    assert [frame.index for frame in frames] == list(range(20))
    assert all(frame.lost_before == 0 for frame in frames)
    for frame in frames:
        assert frame.image.shape == (48, 64)
        assert frame.image.dtype == np.uint8
        assert not frame.image.flags.writeable
        assert frame.exposure_ms == pytest.approx(2.0)
        assert frame.clock == "host"
        assert frame.t_sigma_ns > 0
    times = [frame.t_mid_ns for frame in frames]
    assert before_ns - 2_000_000 < times[0]
    assert times[-1] < time.monotonic_ns()
    assert all(a < b for a, b in itertools.pairwise(times))


def test_pictures_are_not_overwritten_by_later_ones(camera: BaslerCamera, grab) -> None:
    frames = grab(camera, 5)  # the emulation's test picture scrolls
    assert len({frame.image.tobytes() for frame in frames}) == 5


def test_statistics_count_from_each_start(camera: BaslerCamera, grab) -> None:
    grab(camera, 5)
    frames: queue.Queue[Frame] = queue.Queue()
    camera.start(frames.put, every_frame=True)
    assert frames.get(timeout=PATIENCE_S).index == 0
    statistics = camera.stop()
    assert statistics.delivered == 1 + frames.qsize()
    assert (statistics.lost, statistics.incomplete) == (0, 0)
    assert camera.statistics() == statistics
    assert camera.stop() == statistics


def test_damaged_pictures_are_counted_and_leave_a_gap(camera: BaslerCamera, eventually) -> None:
    frames: queue.Queue[Frame] = queue.Queue()
    camera.start(frames.put, every_frame=True)
    first = frames.get(timeout=PATIENCE_S)
    camera._camera.ForceFailedBufferCount.Value = 3
    camera._camera.ForceFailedBuffer.Execute()
    eventually(lambda: camera.statistics().incomplete == 3)
    count = camera.statistics().delivered
    eventually(lambda: camera.statistics().delivered > count)
    statistics = camera.stop()
    assert (statistics.lost, statistics.incomplete) == (3, 3)
    rest = [frames.get_nowait() for _ in range(frames.qsize())]
    gaps = [frame.lost_before for frame in rest if frame.lost_before]
    assert gaps == [3]
    for before, after in itertools.pairwise([first, *rest]):
        assert after.index == before.index + after.lost_before + 1


def test_a_live_view_skips_what_it_cannot_show(camera: BaslerCamera, eventually) -> None:
    frames: list[Frame] = []

    def slow(frame: Frame) -> None:
        frames.append(frame)
        time.sleep(0.1)

    camera.start(slow, every_frame=False)
    eventually(lambda: len(frames) >= 4)
    statistics = camera.stop()
    assert frames[-1].index > 2 * len(frames)
    assert all(frame.lost_before == 0 for frame in frames)
    assert statistics.lost == 0


def test_starting_twice_is_refused(camera: BaslerCamera) -> None:
    camera.start(lambda _: None, every_frame=True)
    with pytest.raises(Rejected, match="runs already"):
        camera.start(lambda _: None, every_frame=True)
    camera.stop()


def test_the_sink_is_not_called_after_stop(camera: BaslerCamera, eventually) -> None:
    frames: list[Frame] = []
    camera.start(frames.append, every_frame=True)
    eventually(lambda: len(frames) > 2)
    camera.stop()
    count = len(frames)
    assert not any(thread.name.startswith("grab") for thread in threading.enumerate())
    assert len(frames) == count


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failing_sink_is_told_at_stop(camera: BaslerCamera, grab, eventually) -> None:
    def fail(_: Frame) -> None:
        raise RuntimeError("disk full")

    camera.start(fail, every_frame=True)
    eventually(lambda: camera.statistics().delivered == 1)
    with pytest.raises(DeviceError, match="disk full"):
        camera.stop()
    assert len(grab(camera, 1)) == 1


@pytest.mark.parametrize(
    ("block_ids", "indices"),
    [
        ([0, 1, 2, 5, 6], [0, 1, 2, 5, 6]),
        ([1, 2, 4], [0, 1, 3]),
        ([65534, 65535, 1, 2], [0, 1, 2, 3]),
        ([65533, 2], [0, 4]),
        ([2**64 - 1] * 3, [0, 1, 2]),
        ([0, 0, 0], [0, 1, 2]),
        ([2**40, 2**40 + 2], [0, 2]),
    ],
)
def test_block_numbers_become_indices(block_ids: list[int], indices: list[int]) -> None:
    blocks = BlockCounter()
    assert [blocks.advance(block_id) for block_id in block_ids] == indices
