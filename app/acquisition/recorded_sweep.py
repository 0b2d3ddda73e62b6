"""One sweep whose frames go to disk first and are fused second, while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from app.acquisition.frame_tags import frame_tags, z_reading
from app.acquisition.frame_watch import FrameWatch, camera_silent
from app.acquisition.live_fusion import LiveFusion, OnGrown
from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion, also
from app.acquisition.position_log import PositionLog
from app.acquisition.sweep import run_sweep
from app.acquisition.sweep_plan import SweepPlan
from app.acquisition.z_tagging import FrameTime
from app.captures.capture_record import CaptureLabels, CaptureRecord
from app.captures.image_file import read_image
from app.captures.layout import frame_file
from app.captures.reason import reason
from app.captures.recorder import FrameTag, Recorder
from app.captures.recorder_error import RecorderError
from drivers.camera import CameraStatistics, Frame
from drivers.errors import ConnectionLost, DeviceError, MoveStopped
from drivers.stage import PositionSample
from models.wearif.fusion import Fusion
from models.wearif.model import StreamingWearIF

STALLED_S = 10.0
"""A disk that has written nothing for so long is given up ..."""
STALLED_AFTER_FAILURE_S = 1.0
"""... and one that has failed already, sooner."""
SILENT_S = 0.5
"""Added to three frame periods: a camera that owes more at the end of a sweep was silent."""

OnRecorded = Callable[[Frame, int, int], None]
"""Called with a frame that lies on disk, how many do, and how many the camera has lost."""


class UnfusedError(Exception):
    """The frames of a sweep are on disk, and could not be fused while they came in.

    Parameters
    ----------
    folder : Path
        Where they are.
    frames : int
        How many.
    cause : Exception
        What ended the fusion.
    """

    def __init__(self, folder: Path, frames: int, cause: Exception) -> None:
        self.cause = cause
        super().__init__(
            f"The frames could not be fused ({reason(cause)}). All {frames} are safe in {folder}: "
            "open the capture and fuse it again."
        )


class RecordedSweep:
    """The recorder, the fuser and the position log of one sweep.

    Parameters
    ----------
    microscope : Microscope
        Its stage stands where the run-up begins.
    plan : SweepPlan
    folder : Path
        Of the capture; must not exist yet.
    motion : Motion
        Cancelled when frames cannot be recorded.
    model : StreamingWearIF
    labels : CaptureLabels
        What the capture's record says of it.
    on_recorded, on_grown : callable
        Told about frames and previews, from threads of the sweep.

    Raises
    ------
    RecorderError
        The folder cannot be made or written to.
    """

    def __init__(
        self,
        microscope: Microscope,
        plan: SweepPlan,
        folder: Path,
        motion: Motion,
        model: StreamingWearIF,
        *,
        labels: CaptureLabels,
        on_recorded: OnRecorded,
        on_grown: OnGrown,
    ) -> None:
        self._microscope = microscope
        self._folder = folder
        self._plan = plan
        self._motion = motion
        self._on_recorded = on_recorded
        self._positions = PositionLog()
        self._times: list[FrameTime] = []
        self._passed_on = 0
        self._written = threading.Condition()
        self._failure: Exception | None = None
        self._lost: int | None = None
        self._recorder = Recorder(
            folder, _record_of(microscope, plan, labels), on_recorded=self._frame_recorded
        )
        self._live = LiveFusion(
            model,
            plan,
            self._positions,
            lag_s=self._lag_s,
            read=lambda index: read_image(folder / frame_file(index)),
            on_grown=on_grown,
        )

    @property
    def recorded(self) -> int:
        """How many frames lie on disk."""
        return self._recorder.recorded

    def end_steady(self) -> None:
        """Say that the stage is about to be stopped; later frames do not count."""
        self._live.end_steady(time.monotonic_ns())

    def abandon_fusion(self) -> None:
        """Fuse no more of the frames that wait."""
        self._live.abandon()

    def run(self) -> Exception | None:
        """Sweep; return what ended it early, if anything did."""
        unsubscribe = self._microscope.stage.subscribe(self._position_read)
        watch = FrameWatch(self._microscope.camera.name, 1 / self._plan.fps, self._fail)
        try:
            with watch:
                statistics = run_sweep(
                    self._microscope,
                    self._plan,
                    self._motion,
                    on_frame=lambda frame: self._frame_taken(frame, watch),
                    positions=self._positions,
                )
            self._lost = statistics.lost
        except DeviceError as error:
            return self._failure or error
        finally:
            unsubscribe()
        return self._failure or self._silence_at_the_end(statistics)

    def finish(self, error: BaseException | None) -> Fusion | None:
        """Write and fuse what waits, tag every frame, and close the capture's record.

        Parameters
        ----------
        error : BaseException, optional
            What ended the sweep early.

        Returns
        -------
        Fusion or None
            None where no frame was at constant speed, or the fusion was abandoned.

        Raises
        ------
        RecorderError
            Not every frame could be written.
        UnfusedError
            The fusion failed; the frames are safe.
        """
        self._wait_until_written()
        self._live.finish()
        tags = self._tags()
        self._recorder.close(tags, state=_state(error), lost=self._lost)
        if self._live.failure is not None:
            raise UnfusedError(self._folder, self.recorded, self._live.failure)
        if self._live.abandoned or not self._live.used:
            return None
        z_um = [z for index in self._live.used if (z := tags[index].z_um) is not None]
        return self._live.fusion.finish(z_um if len(z_um) == len(self._live.used) else None)

    @property
    def _lag_s(self) -> float:
        return self._microscope.profile.stage.z_lag_ms / 1000

    def _silence_at_the_end(self, statistics: CameraStatistics) -> ConnectionLost | None:
        """Notice that the last frames of a sweep are missing; the watch had no time to.

        Frames that the camera knows to be lost are no silence; nor is the time after the move,
        when a slow camera still hands over what it has.
        """
        moving = [sample for sample in self._positions.samples() if sample.moving]
        if not moving:
            return None
        first_ns = self._times[0].t_mid_ns if self._times else moving[0].t_ns
        exposures = statistics.delivered + statistics.lost
        silent_s = (moving[-1].t_ns - first_ns) * 1e-9 - exposures / self._plan.fps
        if silent_s <= 3 / self._plan.fps + SILENT_S:
            return None
        return camera_silent(self._microscope.camera.name, silent_s, len(self._times))

    def _frame_taken(self, frame: Frame, watch: FrameWatch) -> None:
        """Queue a frame for the disk; on the camera's thread."""
        watch.frame_came()
        if self._failure is not None:
            return
        try:
            self._recorder.record(frame)
        except RecorderError as error:
            self._fail(error)
        else:
            self._times.append(FrameTime(frame.index, frame.t_mid_ns, frame.t_sigma_ns))

    def _position_read(self, sample: PositionSample) -> None:
        """Queue a position for the disk; on the stage's thread."""
        # A recorder that has failed says so to the next frame too, whose thread may wait for the
        # stage to stop; the stage's own may not.
        with suppress(RecorderError):
            self._recorder.record_position(sample)

    def _fail(self, error: Exception) -> None:
        self._failure = error
        also(error, self._motion.cancel)

    def _frame_recorded(self, frame: Frame, count: int) -> None:
        """Pass on a frame that lies on disk; on the recorder's thread."""
        self._on_recorded(frame, count, frame.index + 1 - count)
        self._live.add(frame)
        with self._written:
            self._passed_on += 1
            self._written.notify_all()

    def _wait_until_written(self) -> None:
        patience_s = STALLED_AFTER_FAILURE_S if self._failure else STALLED_S
        with self._written:
            before = -1
            while before < self._passed_on < len(self._times):
                before = self._passed_on
                self._written.wait(patience_s)

    def _tags(self) -> dict[int, FrameTag]:
        samples = self._positions.samples()
        return frame_tags(
            self._times, samples, self._plan, z_reading(self._microscope), set(self._live.used)
        )


def _record_of(microscope: Microscope, plan: SweepPlan, labels: CaptureLabels) -> CaptureRecord:
    objective = microscope.objective
    return CaptureRecord(
        labels=labels,
        microscope=microscope.profile.name,
        objective=objective.name,
        na=objective.na,
        magnification=objective.magnification,
        pixel_um=microscope.pixel_um,
        sweep={**asdict(plan), "notes": list(plan.notes)},
        z_reading=z_reading(microscope),
    )


def _state(error: BaseException | None) -> Literal["complete", "cancelled", "failed"]:
    if error is None:
        return "complete"
    return "cancelled" if isinstance(error, MoveStopped) else "failed"
