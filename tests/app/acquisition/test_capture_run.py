from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from app.acquisition.capture_run import CaptureRun
from app.acquisition.events import (
    CaptureEvent,
    Finished,
    Focused,
    FrameRecorded,
    FusionGrew,
    Phase,
    PhaseEntered,
    Planned,
    Ranged,
)
from app.acquisition.microscope import Microscope
from app.acquisition.recorded_sweep import UnfusedError
from app.acquisition.sweep_plan import PlanError
from app.captures.capture import Capture
from app.captures.capture_record import read_record
from app.captures.image_file import read_image
from app.captures.layout import FRAMES, RESULT_NAMES
from app.captures.recorder_error import RecorderError
from app.profiles import MicroscopeProfile
from drivers.errors import Alarm, ConnectionLost, MoveStopped
from drivers.simulated.faults import CameraFaults, FaultScript
from drivers.stage import StagePhase
from models.wearif.fusion import StreamingFusion
from models.wearif.model import StreamingWearIF

RANGE_UM = (405.0, 460.0)
LONG_UM = (405.0, 560.0)
"""Seconds are left of such a sweep when something happens in the middle."""


class Log:
    """Keeps all events, and reacts to them."""

    def __init__(self, react: Callable[[CaptureEvent], None] | None = None) -> None:
        self.events: list[CaptureEvent] = []
        self._react = react

    def __call__(self, event: CaptureEvent) -> None:
        self.events.append(event)
        if self._react is not None:
            self._react(event)

    @property
    def phases(self) -> list[Phase]:
        return [event.phase for event in self.events if isinstance(event, PhaseEntered)]

    def of(self, kind: type[FrameRecorded | FusionGrew]) -> list[CaptureEvent]:
        return [event for event in self.events if isinstance(event, kind)]


def test_a_whole_run(microscope: Microscope, model: StreamingWearIF, tmp_path: Path) -> None:
    assert microscope.simulation is not None
    log = Log()
    settings = microscope.camera.settings
    finished = CaptureRun(microscope, tmp_path, log, model=model, z_range_um=RANGE_UM).run()
    assert finished.error is None
    assert finished.phase is Phase.DONE
    assert log.phases == [Phase.APPROACH, Phase.SWEEP, Phase.CATCH_UP, Phase.EXPORT, Phase.DONE]
    assert log.events[-1] is finished
    assert microscope.camera.settings == settings

    assert finished.folder is not None
    assert finished.folder.parent == tmp_path
    assert {path.name for path in finished.folder.iterdir()} >= set(RESULT_NAMES)
    capture = Capture(finished.folder)
    assert capture.record.state == "complete"
    assert capture.record.lost == 0
    plan = next(event.plan for event in log.events if isinstance(event, Planned))
    # Where positions were read late it is less sure which frames lie in the range.
    unsure_s = max(sample.t_sigma_ns for sample in capture.positions()) / 1e9
    assert abs(len(capture) - plan.expected_frames) <= 2 + 2 * plan.fps * unsure_s
    assert len(capture.record.frames) > len(capture), "run-up and run-down are kept, unused"
    assert capture.pixel_um == microscope.pixel_um

    # The fused image and the used frames agree.
    assert finished.fusion is not None
    assert finished.fusion.frame_count == len(capture)
    assert finished.fusion.height_unit == "µm"
    recorded = log.of(FrameRecorded)
    assert [e.count for e in recorded if isinstance(e, FrameRecorded)] == list(
        range(1, len(capture.record.frames) + 1)
    )
    grown = [e for e in log.of(FusionGrew) if isinstance(e, FusionGrew)]
    assert grown[-1].fused_count == len(capture)
    assert np.array_equal(grown[-1].fused, finished.fusion.fused)
    assert all(a.fused_count < b.fused_count for a, b in pairwise(grown))

    # z is right, at its own word.
    truth = microscope.simulation.truth
    errors_um = np.array([e.z_um - truth.z_at(e.t_mid_ns) for e in capture.entries])  # type: ignore[operator]
    sigma_um = max(entry.z_sigma_um or 0.0 for entry in capture.entries)
    assert np.sqrt(np.mean(errors_um**2)) < max(plan.depth_of_field_um / 10, 3 * sigma_um)
    assert len(capture.positions()) > 10


@pytest.mark.slow
def test_autofocus_chooses_the_range(
    microscope: Microscope, model: StreamingWearIF, tmp_path: Path
) -> None:
    log = Log()
    finished = CaptureRun(microscope, tmp_path, log, model=model).run()
    assert finished.phase is Phase.DONE
    assert log.phases[0] is Phase.AUTOFOCUS
    focus = next(event.result for event in log.events if isinstance(event, Focused))
    field = next(event.field for event in log.events if isinstance(event, Ranged))
    plan = next(event.plan for event in log.events if isinstance(event, Planned))
    assert (plan.z_from_um, plan.z_to_um) == (field.bottom_um, field.top_um)
    assert field.bottom_um < focus.best_z_um < field.top_um


def test_cancelling_keeps_what_was_captured(
    microscope: Microscope, model: StreamingWearIF, tmp_path: Path
) -> None:
    def cancel_after_some(event: CaptureEvent) -> None:
        if isinstance(event, FrameRecorded) and event.count == 14:
            run.cancel()

    log = Log(cancel_after_some)
    run = CaptureRun(microscope, tmp_path, log, model=model, z_range_um=LONG_UM)
    finished = run.run()
    assert finished.phase is Phase.CANCELLED
    assert finished.error is None
    assert finished.folder is not None
    assert microscope.stage.state().phase is StagePhase.IDLE
    plan = next(event.plan for event in log.events if isinstance(event, Planned))
    assert microscope.stage.position().z_um < plan.z_to_um
    capture = Capture(finished.folder)
    assert capture.record.state == "cancelled"
    assert 14 <= len(capture.record.frames) < plan.total_frames
    assert finished.fusion is not None
    assert finished.fusion.frame_count == len(capture)
    assert (finished.folder / "fused.png").exists()


def test_cancelling_before_anything_was_recorded_leaves_nothing(
    microscope: Microscope, model: StreamingWearIF, tmp_path: Path
) -> None:
    def cancel_at_once(event: CaptureEvent) -> None:
        if isinstance(event, Planned):
            run.cancel()

    log = Log(cancel_at_once)
    run = CaptureRun(microscope, tmp_path, log, model=model, z_range_um=RANGE_UM)
    finished = run.run()
    assert finished == Finished(Phase.CANCELLED, None, None)
    assert list(tmp_path.iterdir()) == []
    assert microscope.stage.position().z_um == pytest.approx(500, abs=0.3)


def test_cancelling_the_catch_up_gives_up_the_fusion_and_keeps_the_frames(
    microscope: Microscope, model: StreamingWearIF, tmp_path: Path
) -> None:
    caught_up = threading.Event()

    def cancel_while_catching_up(event: CaptureEvent) -> None:
        # The first preview waits for the end of the sweep: the fuser lags by all frames.
        if isinstance(event, PhaseEntered) and event.phase is Phase.CATCH_UP:
            run.cancel()
            caught_up.set()

    log = Log(cancel_while_catching_up)
    run = CaptureRun(microscope, tmp_path, log, model=model, z_range_um=RANGE_UM)
    finished = run.run()
    assert caught_up.is_set()
    assert finished.phase is Phase.CANCELLED
    assert finished.folder is not None
    capture = Capture(finished.folder)
    assert capture.record.state == "complete"
    if finished.fusion is not None:  # a fast computer had nothing left to give up
        assert finished.fusion.frame_count == len(capture)


@pytest.mark.slow
def test_an_alarm_keeps_the_frames_and_is_reported(
    profile: MicroscopeProfile,
    simulate: Callable[..., Microscope],
    model: StreamingWearIF,
    tmp_path: Path,
) -> None:
    with simulate(profile) as microscope:
        microscope.stage.home().wait(60)

        def alarm_later(event: CaptureEvent) -> None:
            if isinstance(event, FrameRecorded) and event.count == 8:
                assert microscope.simulation is not None
                microscope.simulation.firmware.inject(FaultScript(alarm_at_s=((0.0, 1),)))

        run = CaptureRun(microscope, tmp_path, Log(alarm_later), model=model, z_range_um=LONG_UM)
        finished = run.run()
        assert finished.phase is Phase.FAILED
        assert isinstance(finished.error, Alarm)
        assert finished.folder is not None
        record = read_record(finished.folder)
        assert record.state == "failed"
        assert len(record.frames) >= 8
        for entry in record.frames:
            read_image(finished.folder / entry.file)


@pytest.mark.slow
def test_a_camera_that_goes_away_keeps_the_frames_and_is_reported(
    profile: MicroscopeProfile,
    simulate: Callable[..., Microscope],
    model: StreamingWearIF,
    tmp_path: Path,
) -> None:
    faults = CameraFaults(incomplete=frozenset({3, 4}), unplugged_at=10)
    with simulate(profile, None, faults) as microscope:
        microscope.stage.home().wait(60)
        run = CaptureRun(microscope, tmp_path, Log(), model=model, z_range_um=RANGE_UM)
        finished = run.run()
        assert finished.phase is Phase.FAILED
        assert isinstance(finished.error, ConnectionLost)
        assert microscope.stage.state().phase is StagePhase.IDLE
        assert finished.folder is not None
        record = read_record(finished.folder)
        assert record.state == "failed"
        assert [entry.index for entry in record.frames] == [0, 1, 2, 5, 6, 7, 8, 9]
        assert record.lost == 2


def test_stop_from_elsewhere_cancels_and_tells_why(
    microscope: Microscope, model: StreamingWearIF, tmp_path: Path
) -> None:
    def stop(event: CaptureEvent) -> None:
        if isinstance(event, FrameRecorded) and event.count == 10:
            microscope.stage.stop()

    run = CaptureRun(microscope, tmp_path, Log(stop), model=model, z_range_um=LONG_UM)
    finished = run.run()
    assert finished.phase is Phase.CANCELLED
    assert isinstance(finished.error, MoveStopped)
    assert finished.folder is not None
    assert read_record(finished.folder).state == "cancelled"


def test_torch_gets_its_threads_back(
    microscope: Microscope, model: StreamingWearIF, tmp_path: Path
) -> None:
    before = torch.get_num_threads()
    seen: list[int] = []
    run = CaptureRun(
        microscope,
        tmp_path,
        lambda _: seen.append(torch.get_num_threads()),
        model=model,
        z_range_um=(405.0, 430.0),
    )
    assert run.run().phase is Phase.DONE
    assert max(seen[:-2]) <= max(1, (os.cpu_count() or 2) - 1)
    assert torch.get_num_threads() == before


def test_frames_that_the_fusion_fails_on_stay_in_the_stack(
    microscope: Microscope,
    model: StreamingWearIF,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_fusion: StreamingFusion, _frame: object) -> None:
        raise MemoryError("no memory left")

    monkeypatch.setattr(StreamingFusion, "add", fail)
    run = CaptureRun(microscope, tmp_path, Log(), model=model, z_range_um=(405.0, 440.0))
    finished = run.run()
    assert finished.phase is Phase.FAILED
    assert isinstance(finished.error, UnfusedError)
    assert isinstance(finished.error.cause, MemoryError)
    assert finished.folder is not None
    assert len(Capture(finished.folder)) > 10


def test_a_failing_disk_stops_the_stage_first(
    microscope: Microscope, model: StreamingWearIF, tmp_path: Path
) -> None:
    def break_the_disk(event: CaptureEvent) -> None:
        if isinstance(event, FrameRecorded) and event.count == 6:
            folder = next(tmp_path.iterdir())
            shutil.rmtree(folder / FRAMES)

    log = Log(break_the_disk)
    run = CaptureRun(microscope, tmp_path, log, model=model, z_range_um=LONG_UM)
    finished = run.run()
    assert finished.phase is Phase.FAILED
    assert isinstance(finished.error, RecorderError)
    assert microscope.stage.state().phase is StagePhase.IDLE
    assert microscope.stage.position().z_um < 550


def test_a_broken_listener_does_not_break_the_capture(
    microscope: Microscope, model: StreamingWearIF, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: CaptureEvent) -> None:
        if isinstance(event, FrameRecorded) and event.count == 3:
            raise RuntimeError("no window")

    run = CaptureRun(microscope, tmp_path, Log(fail), model=model, z_range_um=(405.0, 430.0))
    assert run.run().phase is Phase.DONE
    assert "a listener of the capture failed on FrameRecorded" in caplog.text


def test_an_impossible_range_fails_before_anything_moves(
    microscope: Microscope, model: StreamingWearIF, tmp_path: Path
) -> None:
    run = CaptureRun(microscope, tmp_path, Log(), model=model, z_range_um=(900.0, 1200.0))
    finished = run.run()
    assert finished.phase is Phase.FAILED
    assert isinstance(finished.error, PlanError)
    assert microscope.stage.position().z_um == pytest.approx(500, abs=0.3)
