"""Runs one planned sweep: the stage goes up at constant speed while the camera runs freely."""

from __future__ import annotations

from app.acquisition.microscope import Microscope
from app.acquisition.motion import Motion, also
from app.acquisition.position_log import PositionLog
from app.acquisition.sweep_plan import SweepPlan
from drivers.camera import CameraStatistics, FrameSink


def approach(microscope: Microscope, plan: SweepPlan, motion: Motion) -> None:
    """Set the camera and bring the stage to where the run-up begins.

    Raises
    ------
    MoveStopped
        The run was cancelled.
    DeviceError
        The stage or the camera failed; the stage stands still.
    """
    microscope.camera.configure(plan.camera_settings)
    motion.go_to_z(plan.start_um)


def run_sweep(
    microscope: Microscope,
    plan: SweepPlan,
    motion: Motion,
    *,
    on_frame: FrameSink,
    positions: PositionLog,
) -> CameraStatistics:
    """Sweep from where `approach` has left the stage.

    Parameters
    ----------
    on_frame : callable
        Gets each frame from the camera's thread, and must only queue it.
    positions : PositionLog
        Gets each position read, and is closed when the sweep is over.

    Returns
    -------
    CameraStatistics
        What the camera delivered and lost.

    Raises
    ------
    MoveStopped
        The sweep was cancelled; the frames so far are valid.
    DeviceError
        The stage or the camera failed; the stage has been stopped, the frames so far are valid.
    """
    return run_to_z(
        microscope,
        motion,
        plan.end_um,
        plan.speed_um_per_s,
        on_frame=on_frame,
        positions=positions,
    )


def run_to_z(
    microscope: Microscope,
    motion: Motion,
    to_um: float,
    speed_um_per_s: float,
    *,
    on_frame: FrameSink,
    positions: PositionLog,
) -> CameraStatistics:
    """Run up or down to z at constant speed while the camera grabs.

    Parameters, return value and errors are those of `run_sweep`.
    """
    unsubscribe = microscope.stage.subscribe(positions.append)
    try:
        microscope.camera.start(on_frame, every_frame=True)
        try:
            motion.sweep_z(to_um, speed_um_per_s)
        except BaseException as error:
            also(error, microscope.camera.stop)
            raise
        return microscope.camera.stop()
    finally:
        unsubscribe()
        positions.close()
