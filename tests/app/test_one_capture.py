"""`wearif capture` on the simulated microscope."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.captures.capture import Capture
from app.captures.layout import FUSED
from app.cli import app
from app.profiles import load_profile, save_profile


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_one_command_captures_what_lies_under_the_objective(tmp_path: Path) -> None:
    profile = load_profile("simulated")
    small = profile.simulation.model_copy(update={"width": 192, "height": 128})
    path = tmp_path / "small.toml"
    save_profile(profile.model_copy(update={"simulation": small}), path)
    captures = tmp_path / "captures"
    result = CliRunner().invoke(app, ["capture", str(captures), "--microscope", str(path)])
    assert result.exit_code == 0, result.output
    for said in ("autofocus", "sharpest at", "glass at", "frames from", "done"):
        assert said in result.output
    (folder,) = captures.iterdir()
    assert str(folder) in result.output
    assert (folder / FUSED).is_file()
    z_um = Capture(folder).z_um
    assert z_um is not None
    assert len(z_um) >= 5


def test_a_profile_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["capture", str(tmp_path), "--microscope", "nobody"])
    assert result.exit_code != 0
    assert "nobody" in result.output
