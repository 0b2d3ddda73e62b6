import subprocess
import sys

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli import app


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_help_names_every_command(run):
    result = run("--help")
    assert result.exit_code == 0
    for command in ("fuse", "demo", "train"):
        assert command in result.output


def test_a_microscope_named_before_the_command_is_not_passed_over(run, tmp_path):
    result = run("--microscope", "Lab 2", "capture", str(tmp_path))
    assert result.exit_code == 2
    assert result.stderr == "wearif capture: --microscope comes after the command\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "nowhere"),
        (["--model", "nosuch"], "nosuch"),
    ],
    ids=["input", "model"],
)
def test_bad_input_is_one_line_and_status_2(run, tmp_path, options, words):
    source = tmp_path / "nowhere"
    if options:
        source.mkdir()
        (source / "000.png").write_bytes(_one_pixel_png())
    result = run("fuse", str(source), "-o", str(tmp_path / "out"), *options)
    assert result.exit_code == 2
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("wearif fuse: ")
    assert words in lines[0]


@pytest.mark.slow
def test_a_demo_with_nowhere_to_record_is_one_line_and_status_2(run, tmp_path):
    (tmp_path / "file").touch()
    result = run("demo", "-o", str(tmp_path / "file"))
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 1
    assert str(tmp_path / "file") in result.stderr


def test_a_training_setting_out_of_range_is_named(run, tmp_path):
    result = run("train", "-o", str(tmp_path), "--model", "nosuch")
    assert result.exit_code == 2
    assert "model" in result.stderr


@pytest.mark.slow
def test_fusing_never_imports_qt(tmp_path):
    (tmp_path / "000.png").write_bytes(_one_pixel_png())
    code = (
        "import sys\n"
        "from app.cli import app as command\n"
        f"arguments = ['fuse', {str(tmp_path)!r}, '-o', {str(tmp_path / 'out')!r}]\n"
        "command(arguments, standalone_mode=False)\n"
        "sys.exit([m for m in sys.modules if m.startswith(('PySide6', 'pyqtgraph'))] or 0)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=280, check=False
    )
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "out" / "fused.png").exists()


def _one_pixel_png():
    return cv2.imencode(".png", np.zeros((1, 1), np.uint8))[1].tobytes()
