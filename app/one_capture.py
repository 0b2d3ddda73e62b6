"""`wearif capture`: one stack where the stage stands, of the thickest particle in view."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.acquisition.capture_run import CaptureRun
from app.acquisition.events import (
    CaptureEvent,
    Finished,
    Focused,
    Phase,
    PhaseEntered,
    Planned,
    Ranged,
)
from app.acquisition.microscope import open_microscope
from app.profiles import load_profile
from app.scan import reference
from models.wearif.weights import load_streaming_model


class CaptureError(Exception):
    """There is no complete capture; the message says why, and where what was recorded lies."""


def capture_once(
    captures: Path,
    microscope: str,
    *,
    z_range_um: tuple[float, float] | None,
    home: bool,
    tell: Callable[[str], None],
) -> Finished:
    """Focus, find from the glass to the top of the thickest particle in view, sweep and fuse.

    Parameters
    ----------
    captures : Path
        The capture becomes a folder in it.
    microscope : str
        A profile's name or file.
    z_range_um : tuple of float, optional
        What to sweep instead.
    home : bool
        Whether the stage may find its reference switches where it has not yet.
    tell : callable
        Gets a line for each thing that happens.

    Raises
    ------
    CaptureError, ScanError
        It did not get through; the stage is not homed and may not be.
    ProfileError, DeviceError
        There is no such profile; a device failed.
    """
    model = load_streaming_model()
    with open_microscope(load_profile(microscope)) as opened:
        reference(opened, home, tell)
        run = CaptureRun(
            opened, captures, lambda event: _tell(event, tell), model=model, z_range_um=z_range_um
        )
        try:
            finished = run.run()
        except KeyboardInterrupt:
            run.cancel()
            tell("Stopped. What was recorded is kept.")
            raise
    if finished.phase is not Phase.DONE:
        kept = "" if finished.folder is None else f" What was recorded is in {finished.folder}."
        raise CaptureError(f"{finished.error or 'The capture was stopped.'}{kept}")
    return finished


def _tell(event: CaptureEvent, tell: Callable[[str], None]) -> None:
    match event:
        case PhaseEntered(phase):
            tell(f"{phase.value} ...")
        case Focused(result):
            tell(f"  sharpest at {result.best_z_um:.1f} µm")
        case Ranged(field):
            tell(f"  glass at {field.substrate_um:.1f} µm, top at {field.thickest_um:.1f} µm")
        case Planned(plan):
            tell(
                f"  {plan.expected_frames} frames from {plan.z_from_um:.1f} to "
                f"{plan.z_to_um:.1f} µm, {plan.duration_s:.1f} s"
            )
            for note in plan.notes:
                tell(f"  {note}")
        case _:
            pass
