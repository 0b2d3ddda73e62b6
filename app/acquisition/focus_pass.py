"""One run along z whose frames are measured while they come in, and not kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion
from app.acquisition.position_log import PositionLog
from app.acquisition.sweep import run_to_z
from app.acquisition.worker import Work, Worker
from app.acquisition.z_tagging import FrameTime, TaggingError, ZTrack, fit_cruise
from drivers.camera import Frame
from drivers.stage import PositionSample

Value = TypeVar("Value")

UNSURE = 5.0
"""So many times later than usual, an answer is left out."""

FrameQueue = Callable[[str, Callable[[Frame], None]], Work[Frame]]
"""Makes what measures the frames: a thread by default."""


@dataclass(frozen=True, slots=True, eq=False)
class FocusPass(Generic[Value]):
    """What one run has seen."""

    times: tuple[FrameTime, ...]
    values: tuple[Value, ...]
    """One for each of ``times``."""
    samples: tuple[PositionSample, ...]

    def z_um(self, lag_s: float = 0.0, backlash_um: float = 0.0) -> NDArray[np.float64]:
        """Return where each frame was taken, interpolated between the positions read.

        Good enough to find one's way, also while the stage accelerates.

        Parameters
        ----------
        lag_s : float
            How late the read-back is.
        backlash_um : float
            On the way down the stage stands that much above its motor.

        Raises
        ------
        TaggingError
            Fewer than two positions were read.
        """
        if len(self.samples) < 2:
            raise TaggingError(
                f"The stage's position was read only {len(self.samples)} times during a run; two "
                "are needed. Check the line to the stage."
            )
        half_ns = np.array([sample.t_sigma_ns for sample in self.samples], np.float64)
        # An answer that came late, to a computer that was held up, says little of when it was so.
        sure = half_ns <= UNSURE * np.median(half_ns)
        t_ns = np.array([sample.t_ns for sample in self.samples], np.float64)[sure]
        z_um = np.array([sample.z_um for sample in self.samples])[sure]
        at_ns = np.array([time.t_mid_ns for time in self.times], np.float64) + lag_s * 1e9
        went_down = z_um[-1] < z_um[0]
        return np.asarray(np.interp(at_ns, t_ns, z_um) + (backlash_um if went_down else 0.0))

    def track(
        self, speed_um_per_s: float, acceleration_um_per_s2: float, resolution_um: float
    ) -> tuple[ZTrack, tuple[float, float]]:
        """Return the line through the positions at constant speed, and between which z that is.

        Raises
        ------
        TaggingError
            Too few positions were read at constant speed.
        """
        ends_um = [sample.z_um for sample in self.samples] or [0.0]
        ramp_um = speed_um_per_s**2 / (2 * acceleration_um_per_s2)
        cruise_um = min(ends_um) + ramp_um, max(ends_um) - ramp_um
        return fit_cruise(self.samples, cruise_um, speed_um_per_s, resolution_um), cruise_um


def run_pass(
    microscope: Microscope,
    motion: Motion,
    to_um: float,
    speed_um_per_s: float,
    measure: Callable[[Frame], Value],
    *,
    queue: FrameQueue = Worker,
) -> FocusPass[Value]:
    """Run from where the stage stands to z, measuring each frame.

    Parameters
    ----------
    measure : callable
        Gets each frame, on a thread of its own; may call `Motion.end_sweep`.
    queue : callable
        Makes that thread.

    Raises
    ------
    MoveStopped
        The run was cancelled.
    DeviceError
        The stage or the camera failed; the stage stands still.
    Exception
        Whatever ``measure`` raised.
    """
    times: list[FrameTime] = []
    values: list[Value] = []

    def take(frame: Frame) -> None:
        # Measured before it is noted: a failure leaves as many times as values.
        value = measure(frame)
        times.append(FrameTime(frame.index, frame.t_mid_ns, frame.t_sigma_ns))
        values.append(value)

    positions = PositionLog()
    worker = queue("focus meter", take)
    try:
        run_to_z(
            microscope, motion, to_um, speed_um_per_s, on_frame=worker.put, positions=positions
        )
    finally:
        worker.finish()
    if worker.failure is not None:
        raise worker.failure
    return FocusPass(tuple(times), tuple(values), positions.samples())


@contextmanager
def frequent_frames(microscope: Microscope, most_fps: float) -> Iterator[None]:
    """Have as many frames per second as the exposure allows; in the end the settings are back.

    Parameters
    ----------
    microscope : Microscope
    most_fps : float
        More are of no use.
    """
    camera = microscope.camera
    settings = camera.settings
    fps = min(most_fps, camera.caps.max_fps, 1000 / settings.exposure_ms)
    try:
        camera.configure(replace(settings, fps=fps))
        yield
    finally:
        camera.configure(settings)


def merged(
    passes: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return several curves, each of z and value, as one in the order of z."""
    z_um = np.concatenate([z for z, _ in passes])
    values = np.concatenate([value for _, value in passes])
    order = np.argsort(z_um, kind="stable")
    return z_um[order], values[order]
