"""`wearif demo`: the whole way from an unfocused slide to a fused image, without hardware.

The simulated microscope is driven through the same drivers as a real one. Because it knows the
truth, the demo can say how well every step has done.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from app.acquisition.autofocus import AutofocusResult
from app.acquisition.capture_run import CaptureRun
from app.acquisition.events import (
    CaptureEvent,
    Finished,
    Focused,
    Phase,
    PhaseEntered,
    Planned,
)
from app.acquisition.microscope import open_microscope
from app.acquisition.sweep_plan import SweepPlan
from app.captures.capture import Capture
from app.profiles import MicroscopeProfile, load_profile
from drivers.simulated.microscope import SimulatedMicroscope
from models.evaluation.metrics import psnr, ssim
from models.wearif.weights import load_streaming_model

HOMING_TIMEOUT_S = 60.0


class DemoError(Exception):
    """The demo did not get through; the message says where and why."""


@dataclass(frozen=True, slots=True)
class ImageQuality:
    """How close an image comes to the truth."""

    psnr_db: float
    ssim: float


@dataclass(frozen=True, slots=True)
class DemoReport:
    """How well the demo did, measured against the simulated microscope's truth."""

    folder: Path
    recorded: int
    used: int
    lost: int
    depth_of_field_um: float
    z_error_um: float
    """RMS distance of the used frames' z from where the stage truly was at mid-exposure."""
    autofocus_error_um: float
    """Of the best focus of the whole field; signed."""
    fusion_s: float
    """From the first frame to the result."""
    fusion_after_sweep_s: float
    """From the end of the sweep to the result."""
    total_s: float
    fused: ImageQuality
    best_single: ImageQuality
    """The best value of each measure that any used frame reaches."""


class _Stopwatch:
    """Listens to a run: shows its phases and notes when they began."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.entered_s: dict[Phase, float] = {}
        self.focus: AutofocusResult | None = None
        self.plan: SweepPlan | None = None

    def __call__(self, event: CaptureEvent) -> None:
        match event:
            case PhaseEntered(phase):
                self.entered_s[phase] = time.monotonic()
                if not phase.is_final:
                    self._console.print(f"{phase.value} ...", highlight=False)
            case Focused(result):
                self.focus = result
            case Planned(plan):
                self.plan = plan
                for note in plan.notes:
                    self._console.print(f"  {note}", highlight=False)
            case _:
                pass


def run_demo(
    captures_root: Path,
    *,
    seed: int = 1,
    console: Console | None = None,
    profile: MicroscopeProfile | None = None,
) -> DemoReport:
    """Home, focus, plan, sweep, record, fuse and judge a slide on the simulated microscope.

    Parameters
    ----------
    captures_root : Path
        The captures folder; the demo's capture becomes a folder in it.
    seed : int
        Which slide.
    console : Console, optional
        Where to tell; by default standard output.
    profile : MicroscopeProfile, optional
        Of a simulated microscope; by default the shipped one.

    Raises
    ------
    DemoError
        The capture did not get through.
    DeviceError
        The simulated microscope could not be reached or homed.
    """
    console = console or Console()
    began_s = time.monotonic()
    profile = profile or load_profile("simulated")
    simulation = profile.simulation.model_copy(update={"seed": seed})
    profile = profile.model_copy(update={"simulation": simulation})
    model = load_streaming_model()
    console.print(f"making slide {seed} ...", highlight=False)
    with open_microscope(profile) as microscope:
        if microscope.simulation is None:
            raise DemoError(f"{profile.name} is not a simulated microscope")
        console.print("home ...", highlight=False)
        microscope.stage.home().wait(HOMING_TIMEOUT_S)
        watch = _Stopwatch(console)
        finished = CaptureRun(microscope, captures_root, watch, model=model).run()
        report = _judge(microscope.simulation, finished, watch, time.monotonic() - began_s)
    console.print(_table(report))
    console.print(f"The files are in {report.folder}", soft_wrap=True, highlight=False)
    return report


def _judge(
    simulation: SimulatedMicroscope, finished: Finished, watch: _Stopwatch, total_s: float
) -> DemoReport:
    """Set what the run has found against what really was."""
    if finished.phase is not Phase.DONE:
        reason = finished.error or "it was cancelled"
        raise DemoError(f"the capture ended as {finished.phase.value}: {reason}") from (
            finished.error
        )
    if finished.folder is None or finished.fusion is None or not (watch.plan and watch.focus):
        raise DemoError("the capture ended without a result")
    capture = Capture(finished.folder)
    truth = simulation.truth
    errors_um = [
        entry.z_um - truth.z_at(entry.t_mid_ns)
        for entry in capture.entries
        if entry.z_um is not None
    ]
    x_um, y_um, _ = truth.position_at(capture.entries[0].t_mid_ns)
    sharp = truth.all_in_focus(x_um, y_um)
    singles = [_quality(frame, sharp) for frame in capture]
    swept_s, caught_up_s = watch.entered_s[Phase.CATCH_UP], watch.entered_s[Phase.EXPORT]
    return DemoReport(
        folder=finished.folder,
        recorded=len(capture.record.frames),
        used=len(capture),
        lost=capture.record.lost,
        depth_of_field_um=watch.plan.depth_of_field_um,
        z_error_um=float(np.sqrt(np.mean(np.square(errors_um)))),
        autofocus_error_um=watch.focus.best_z_um - truth.best_focus_z(x_um, y_um),
        fusion_s=caught_up_s - watch.entered_s[Phase.SWEEP],
        fusion_after_sweep_s=caught_up_s - swept_s,
        total_s=total_s,
        fused=_quality(finished.fusion.fused, sharp),
        best_single=ImageQuality(
            max(single.psnr_db for single in singles), max(single.ssim for single in singles)
        ),
    )


def _quality(image: NDArray[Any], truth: NDArray[np.uint8]) -> ImageQuality:
    return ImageQuality(psnr(image, truth), ssim(image, truth))


def _table(report: DemoReport) -> Table:
    table = Table("measured", "result")
    share = report.z_error_um / report.depth_of_field_um
    rows = {
        "frames": f"{report.recorded} recorded, {report.used} used, {report.lost} lost",
        "depth of field": f"{report.depth_of_field_um:.2f} µm",
        "z error (RMS)": f"{report.z_error_um:.3f} µm, {share:.1%} of the depth of field",
        "autofocus error": f"{report.autofocus_error_um:+.2f} µm",
        "fusion": f"{report.fusion_s:.1f} s, {report.fusion_after_sweep_s:.1f} s after the sweep",
        "fused image": _quality_text(report.fused),
        "best single frame": _quality_text(report.best_single),
        "all together": f"{report.total_s:.1f} s",
    }
    for what, result in rows.items():
        table.add_row(what, result)
    return table


def _quality_text(quality: ImageQuality) -> str:
    return f"PSNR {quality.psnr_db:.2f} dB, SSIM {quality.ssim:.4f}"
