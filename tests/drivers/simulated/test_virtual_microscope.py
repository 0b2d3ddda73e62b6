from __future__ import annotations

import pytest

from drivers.camera import Frame
from drivers.errors import LimitExceeded, MoveStopped, ReplyTimeout
from drivers.simulated.settings import SimulationSettings
from drivers.simulated.virtual_camera import UsbTiming
from drivers.simulated.virtual_microscope import VirtualMicroscope
from drivers.simulated.virtual_stage import SerialTiming
from drivers.simulated.virtual_time import VirtualTime
from drivers.stage import PositionSample, StagePhase

WORLD = SimulationSettings(width=64, height=64, start_um=(20_000.0, 10_000.0, 500.0))


def test_time_runs_events_in_order_and_only_while_somebody_waits() -> None:
    time = VirtualTime()
    seen: list[str] = []
    begin = time.now_ns
    time.at(begin + 2000, lambda: seen.append("second"))
    time.at(begin + 1000, lambda: seen.append("first"))
    assert seen == []
    assert time.wait(lambda: len(seen) == 2, 1.0)
    assert seen == ["first", "second"]
    assert time.now_ns == begin + 2000
    assert not time.wait(lambda: False, 0.5)
    assert time.now_ns == begin + 2000 + 500_000_000


def test_an_event_cannot_wait_for_another() -> None:
    time = VirtualTime()
    time.at(time.now_ns, lambda: time.sleep(1))
    with pytest.raises(RuntimeError, match="cannot wait"):
        time.sleep(1)


def test_a_move_takes_its_time_and_is_read_back_on_the_way() -> None:
    world = VirtualMicroscope(WORLD)
    samples: list[PositionSample] = []
    end = world.stage.subscribe(samples.append)
    began_ns = world.time.now_ns
    world.stage.sweep_z(600.0, 100.0).wait(10)
    took_s = (world.time.now_ns - began_ns) / 1e9
    # 100 µm at 100 µm/s, the ramps, and up to two polls until the rest is seen.
    assert 1.02 < took_s < 1.1
    assert len(samples) == pytest.approx(took_s * world.stage.caps.poll_hz, abs=3)
    assert any(sample.moving for sample in samples)
    assert not samples[-1].moving
    assert samples[-1].z_um == pytest.approx(600.0)
    assert world.stage.position().z_um == pytest.approx(600.0)
    end()
    count = len(samples)
    world.stage.move_to(z_um=590.0).wait(10)
    assert len(samples) == count


def test_positions_are_as_old_as_the_line_makes_them() -> None:
    serial = SerialTiming(latency_ms=10, jitter_ms=0, sampled_at=0.5, stale_ms=20)
    world = VirtualMicroscope(WORLD, serial)
    samples: list[PositionSample] = []
    world.stage.subscribe(samples.append)
    world.stage.sweep_z(700.0, 100.0).wait(10)
    middle = samples[len(samples) // 2]
    assert middle.t_answered_ns - middle.t_asked_ns == 10_000_000
    behind_um = world.truth.z_at(middle.t_ns) - middle.z_um
    assert behind_um == pytest.approx(0.020 * 100, abs=0.2)


def test_limits_are_kept() -> None:
    world = VirtualMicroscope(WORLD)
    with pytest.raises(LimitExceeded, match="the limits are 0 and 1000"):
        world.stage.move_to(z_um=1001.0)
    with pytest.raises(LimitExceeded, match="it keeps"):
        world.stage.sweep_z(600.0, 1e6)
    assert world.stage.highest_um == 500.0


def test_a_stop_from_a_frame_ends_the_move_soon() -> None:
    world = VirtualMicroscope(WORLD)
    world.camera.open()

    def stop(frame: Frame) -> None:
        if frame.index == 5:
            world.stage.stop()

    world.camera.start(stop, every_frame=True)
    move = world.stage.sweep_z(900.0, 100.0)
    with pytest.raises(MoveStopped):
        move.wait(10)
    assert world.stage.state().phase is StagePhase.IDLE
    assert 500 < world.truth.z_at(world.time.now_ns) < 560


def test_a_move_that_takes_too_long_is_stopped() -> None:
    world = VirtualMicroscope(WORLD)
    with pytest.raises(ReplyTimeout, match="not there after"):
        world.stage.sweep_z(900.0, 10.0).wait(0.5)
    here_um = world.stage.position().z_um
    world.time.sleep(1)
    assert world.stage.position().z_um == here_um


def test_frames_come_late_by_the_bus_and_are_stamped_by_the_clock_map() -> None:
    world = VirtualMicroscope(WORLD, usb=UsbTiming(transfer_ms=6, jitter_ms=10, processing_ms=0))
    world.camera.open()
    frames: list[Frame] = []
    world.camera.start(frames.append, every_frame=True)
    world.time.sleep(10)
    assert world.camera.stop().delivered == len(frames) == pytest.approx(300, abs=2)
    late_ms = []
    for frame in frames[100:]:
        exposure = world.camera.exposures[frame.index]
        middle_ns = (exposure.t_start_ns + exposure.t_end_ns) / 2
        late_ms.append((frame.t_mid_ns - middle_ns) / 1e6)
    # The shortest delay stays in the stamps; the jitter, many times larger than this, does not.
    assert min(late_ms) > 5.5
    assert max(late_ms) < 8.0


def test_the_same_seed_gives_the_same_course() -> None:
    courses = []
    for _ in range(2):
        world = VirtualMicroscope(WORLD)
        samples: list[PositionSample] = []
        world.stage.subscribe(samples.append)
        world.stage.move_to(z_um=560.0).wait(10)
        courses.append(samples)
    assert courses[0] == courses[1]


def test_without_a_slide_there_is_no_truth_about_it() -> None:
    with pytest.raises(LookupError, match="no slide"):
        VirtualMicroscope(WORLD).truth.height_map(0, 0)
