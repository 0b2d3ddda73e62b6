from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from app.captures.capture import Capture
from app.captures.capture_record import read_record
from app.captures.image_file import read_image
from app.captures.layout import FRAMES_LOG, RESULT_NAMES
from app.demo import DemoReport, run_demo
from app.profiles import MicroscopeProfile, SimulationProfile, load_profile

ROOT = Path(__file__).parents[2]
PATIENCE_S = 500.0


def small_profile() -> MicroscopeProfile:
    """Slower than the shipped one, so that a busy machine reads positions enough as well."""
    shipped = load_profile("simulated")
    small = SimulationProfile(width=400, height=256)
    camera = shipped.camera.model_copy(update={"fps": 12.0})
    return shipped.model_copy(update={"simulation": small, "camera": camera})


def check(report: DemoReport, written: str) -> None:
    assert report.lost == 0
    assert 5 < report.used < report.recorded
    # It is known how sure z is: less so where a busy machine read positions late.
    sigma_um = max(entry.z_sigma_um or 0.0 for entry in Capture(report.folder).entries)
    assert report.z_error_um <= max(report.depth_of_field_um / 10, 3 * sigma_um)
    assert abs(report.autofocus_error_um) < report.depth_of_field_um / 2
    assert report.fused.psnr_db > report.best_single.psnr_db
    assert report.fused.ssim > report.best_single.ssim
    assert 0 < report.fusion_after_sweep_s < report.fusion_s < report.total_s
    assert {path.name for path in report.folder.iterdir()} >= set(RESULT_NAMES)
    assert len(Capture(report.folder)) == report.used
    for words in ("z error (RMS)", "autofocus error", "PSNR", str(report.folder)):
        assert words in written


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_demo_from_home_to_report(tmp_path: Path) -> None:
    screen = io.StringIO()
    report = run_demo(
        tmp_path, seed=2, console=Console(file=screen, width=200), profile=small_profile()
    )
    check(report, screen.getvalue())


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_shipped_demo(tmp_path: Path) -> None:
    screen = io.StringIO()
    check(run_demo(tmp_path, console=Console(file=screen, width=200)), screen.getvalue())


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_in_mid_sweep_every_acknowledged_frame_is_readable(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app.cli", "demo", "--out", str(tmp_path)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        folder = wait_for_frames(tmp_path, process, count=8)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)
    acknowledged = (folder / FRAMES_LOG).read_bytes().split(b"\n")[:-1]
    assert len(acknowledged) >= 8
    shapes = {read_image(folder / json.loads(line)["file"]).shape for line in acknowledged}
    assert shapes == {(512, 910, 3)}
    record = read_record(folder)
    assert record.state == "interrupted"
    assert len(record.frames) == len(acknowledged)
    assert len(Capture(folder)) == len(acknowledged)


def wait_for_frames(root: Path, process: subprocess.Popen[bytes], count: int) -> Path:
    """Return the capture's folder once so many frames are acknowledged in it."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the demo ended before it could be killed"
        for log in root.glob(f"*/{FRAMES_LOG}"):
            if log.read_bytes().count(b"\n") >= count:
                return log.parent
        time.sleep(0.01)
    raise AssertionError("the demo recorded nothing")


@pytest.mark.timeout(600)
def test_the_demo_needs_no_qt() -> None:
    script = (
        "import sys, app.demo, app.acquisition.capture_run, drivers.simulated.microscope\n"
        "print([name for name in sys.modules if 'PySide6' in name or 'pyqtgraph' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    assert done.stdout.strip() == "[]"
