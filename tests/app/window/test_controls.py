"""The parts of the window that know no Qt."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.acquisition.events import FrameRecorded, FusionGrew, Phase, PhaseEntered, Planned
from app.acquisition.live_fusion import Growth
from app.acquisition.sweep_plan import SweepPlan
from app.captures.selection import Selection
from app.captures.stack import FrameFormat
from app.orientation import Orientation
from app.window.camera_work import patch
from app.window.capture_progress import CaptureProgress
from app.window.jog import AXES, Aim, Point, target, to_centre
from app.window.latest import Latest
from app.window.picture import height_span, height_to_screen, significant_bits, to_screen
from app.window.stopper import Stopper
from app.window.subject import Subject
from app.window.task_thread import TaskThread
from app.window.trouble import describe
from app.window.weight_maps import WeighedFrame, WeightMaps
from drivers.errors import LimitExceeded
from drivers.stage import AxisCaps, PositionSample, StageCaps, StagePhase, StageState
from models.wearif.fusion import Glance, fuse
from models.wearif.weights import load_model

TIMEOUT_S = 200
GLANCE = Glance(np.zeros((4, 4), np.float32), np.zeros((4, 4), np.float32))
AXIS = AxisCaps(-100, 100, 1, 1000, 5000, 0.1)
CAPS = StageCaps(AXIS, AXIS, AXIS, can_home=True, poll_hz=40)


def test_a_box_holds_only_the_newest():
    box = Latest()
    box.put(1)
    box.put(2)
    assert box.take() == 2
    assert box.take() is None
    assert box.wait(0.01) is None


@given(st.builds(Point, *[st.floats(-100, 100)] * 3), st.builds(Point, *[st.floats(-1e4, 1e4)] * 3))
def test_a_step_never_leads_out_of_the_limits(start, step):
    aim = target(start, step, CAPS)
    wanted = start + step
    assert all(AXIS.contains(aim.point[axis]) for axis in AXES)
    if not aim.held:
        assert all(aim.point[axis] == wanted[axis] for axis in AXES)


@given(st.builds(Point, *[st.floats(-100, 100)] * 3), st.builds(Aim, *[st.floats(-100, 100)] * 3))
def test_the_objective_is_on_no_way_lower_than_at_both_ends(start, aim):
    legs, at = aim.legs(start), start
    for leg in legs:
        moves = [axis for axis in AXES if leg[axis] is not None]
        if moves != ["z"]:
            assert "z" not in moves
            assert at.z_um == max(start.z_um, aim.z_um)
        values = (at[axis] if leg[axis] is None else leg[axis] for axis in AXES)
        at = Point(*values)
    assert at == Point(aim.x_um, aim.y_um, aim.z_um)


def test_an_axis_that_stays_is_not_moved():
    assert Aim(z_um=5.0).legs(Point()) == (Aim(z_um=5.0),)
    assert Aim(x_um=5.0).legs(Point()) == (Aim(x_um=5.0),)
    assert Aim().legs(Point()) == ()


def test_an_aim_outside_the_limits_is_refused_by_the_name_of_its_axis():
    assert Aim(100.0, -100.0, 0.0).refusal(CAPS) == ""
    refusal = Aim(101.0, 0.0, -101.0).refusal(CAPS)
    assert "x 101.0" in refusal
    assert "z -101.0" in refusal
    assert "y" not in refusal.split()


def test_the_middle_of_the_picture_needs_no_step_to_be_centred():
    as_mounted = Orientation()
    assert to_centre((49.5, 29.5), (60, 100), 0.5, as_mounted) == Point()
    assert to_centre((99.5, 29.5), (60, 100), 0.5, as_mounted) == Point(x_um=25.0)
    assert to_centre((49.5, 59.5), (60, 100), 0.5, as_mounted) == Point(y_um=15.0)


def test_a_turned_camera_s_point_is_centred_along_the_stage_s_axes():
    right = (99.5, 29.5)
    assert to_centre(right, (60, 100), 0.5, Orientation(90)) == Point(y_um=25.0)
    assert to_centre(right, (60, 100), 0.5, Orientation(180)) == Point(x_um=-25.0)
    assert to_centre(right, (60, 100), 0.5, Orientation(0, mirrored=True)) == Point(x_um=-25.0)


@given(st.integers(0, 909), st.integers(0, 511))
def test_the_piece_of_substrate_lies_inside_the_image(column, row):
    part = patch((column, row), 910, 512)
    assert 0 <= part.left <= column < part.left + part.width <= 910
    assert 0 <= part.top <= row < part.top + part.height <= 512


def test_progress_is_folded_from_events():
    frame = np.zeros((4, 4), np.uint8)
    progress = CaptureProgress()
    for event, now_s in (
        (PhaseEntered(Phase.SWEEP), 1.0),
        (FrameRecorded(None, 3, 12, 1), 1.5),
        (FusionGrew(Growth(frame, 2, frame, GLANCE)), 2.0),
    ):
        progress = progress.after(event, now_s)
    assert (progress.recorded, progress.lost, progress.fused) == (3, 1, 2)
    assert progress.fraction == 0.25
    assert progress.waiting == 1
    assert progress.after(PhaseEntered(Phase.DONE), 3.0).fraction == 1.0


PLAN = SweepPlan(
    z_from_um=0,
    z_to_um=20,
    start_um=0,
    end_um=20,
    cruise_from_um=0,
    cruise_to_um=20,
    step_um=1,
    speed_um_per_s=10,
    fps=10,
    exposure_ms=1,
    gain_db=0,
    depth_of_field_um=2,
    wave_um=1.5,
    geometric_um=0.5,
    motion_blur_um=0.1,
    longest_exposure_ms=1,
    run_up_um=0,
    run_down_um=0,
    expected_frames=20,
    duration_s=2.0,
    size_bytes=1,
    memory_bytes=1,
    notes=(),
)


def test_the_time_left_is_that_of_the_slower_of_sweep_and_fusion():
    def after(*events):
        progress = CaptureProgress()
        for event, now_s in events:
            progress = progress.after(event, now_s)
        return progress

    def grown(count):
        return FusionGrew(Growth(frame, count, frame, GLANCE))

    frame = np.zeros((4, 4), np.uint8)
    begun = ((Planned(PLAN), 9.0), (PhaseEntered(Phase.SWEEP), 10.0))
    assert after(*begun).seconds_left(10.5) == 1.5
    swept = (*begun, (FrameRecorded(None, 20, 20, 0), 12.0))
    # A fusion that keeps up is done soon after the sweep.
    quick = after(*swept, (grown(1), 11.0), (grown(18), 12.0))
    assert quick.seconds_left(12.0) < 0.2
    # One that lags is not, though the sweep is over.
    slow = after(*swept, (grown(1), 11.0), (grown(5), 13.0))
    assert slow.seconds_left(13.0) == pytest.approx(15 * 2 / 5)
    catching_up = slow.after(PhaseEntered(Phase.CATCH_UP), 13.0)
    assert catching_up.seconds_left(13.0) == slow.seconds_left(13.0)
    assert slow.after(PhaseEntered(Phase.EXPORT), 13.0).seconds_left(13.0) is None


def test_stop_is_never_swallowed_while_a_stop_is_under_way():
    began, go_on, stops = threading.Event(), threading.Event(), []

    def halt():
        stops.append(None)
        began.set()
        go_on.wait(TIMEOUT_S)
        if len(stops) == 2:
            done.set()

    done = threading.Event()
    stopper = Stopper(halt)
    stopper.stop()
    assert began.wait(TIMEOUT_S)
    stopper.stop()
    go_on.set()
    assert done.wait(TIMEOUT_S)
    assert stopper.close(TIMEOUT_S)


def test_tasks_go_on_after_one_failed():
    errors, done = [], threading.Event()
    tasks = TaskThread("test", errors.append)
    tasks.submit(lambda: 1 / 0)
    tasks.submit(done.set)
    assert done.wait(TIMEOUT_S)
    assert isinstance(errors[0], ZeroDivisionError)
    assert tasks.close(TIMEOUT_S)


def test_trouble_says_what_happened_where_the_stage_is_and_what_to_do():
    here = PositionSample(0, 1, 1.0, 2.0, 12.34, moving=False)
    stage = StageState(StagePhase.IDLE, True, here)
    error = LimitExceeded("stage GRBL on COM3", "move z to 9 µm", "above 5 µm", "Go lower.")
    trouble = describe(error, "Moving", stage)
    assert trouble.title == "Moving failed: move z to 9 µm: above 5 µm."
    assert trouble.stage == "The stage stands still at z 12.3 µm."
    assert trouble.remedy == "Go lower."
    assert "stage GRBL on COM3" in trouble.details


@pytest.mark.parametrize(("bits", "peak"), [(10, 1023), (12, 4095), (16, 65535)])
def test_deep_pixels_fill_the_range_of_the_screen(bits, peak):
    image = np.array([[0, peak]], np.uint16)
    assert significant_bits(image) == bits
    assert to_screen(image, bits).tolist() == [[0, 255]]


def test_heights_are_spread_over_the_colours():
    height = np.linspace(10, 20, 10_000, dtype=np.float32).reshape(100, 100)
    low, high = height_span(height)
    assert 10 <= low < 10.2
    assert 19.8 < high <= 20
    shown = height_to_screen(height, (low, high))
    assert (shown.min(), shown.max()) == (0, 255)
    assert height_span(np.full((8, 8), 3, np.float32)) == (2.5, 3.5)


class MemoryStack:
    """Four frames of which each is sharp in one quarter."""

    name = "memory"
    pixel_um = 0.5
    z_um = (0.0, 1.0, 2.0, 3.0)
    format = FrameFormat(64, 64, colour=False, dtype=np.dtype(np.uint8))

    def __init__(self):
        noise = np.random.default_rng(1).integers(0, 255, (64, 64), np.uint8)
        self._frames = []
        for index in range(4):
            frame = np.full((64, 64), 128, np.uint8)
            rows = slice(16 * index, 16 * index + 16)
            frame[rows] = noise[rows]
            self._frames.append(frame)

    def __len__(self):
        return len(self._frames)

    def __getitem__(self, index):
        return self._frames[index]


@pytest.fixture(scope="module")
def subject():
    stack = MemoryStack()
    return Subject.of(stack, fuse(stack, load_model(), stack.z_um))


def test_a_frame_s_pixels_come_first_and_its_weights_second(subject):
    told, complete = [], threading.Event()

    def tell(event):
        told.append(event)
        if maps.complete:
            complete.set()

    maps = WeightMaps(subject, tell)
    maps.ask(3)
    maps.start()
    assert complete.wait(TIMEOUT_S)
    frames = [event for event in told if isinstance(event, WeighedFrame)]
    assert [frame.index for frame in frames] == [3, 3]
    assert frames[0].weights is None
    assert maps.close(TIMEOUT_S)
    for column, row in ((5, 8), (40, 30)):
        z_um, weights = zip(*maps.curve(column, row), strict=True)
        assert z_um == subject.stack.z_um
        assert sum(weights) == pytest.approx(1, abs=4 / 510)
    np.testing.assert_allclose(
        frames[1].weights / 255, subject.fusion.weight_map(3, subject.stack[3]), atol=1 / 255
    )


def test_a_frame_that_cannot_be_read_is_told(subject):
    failed = threading.Event()
    stack = _Unreadable()
    broken = replace(subject, stack=stack, used=Selection(stack, range(len(stack))))
    maps = WeightMaps(broken, lambda event: failed.set() if isinstance(event, OSError) else None)
    maps.start()
    assert failed.wait(TIMEOUT_S)
    assert maps.close(TIMEOUT_S)


class _Unreadable(MemoryStack):
    def __getitem__(self, index):
        raise OSError(f"{Path('gone')}: frame {index}")
