"""Synthetic stacks on disk: whole, repeatable, and of the kind that evaluation reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli import app
from models.evaluation.stack_folder import read_stack

ARGUMENTS = ["draw", "--count", "2", "--frames", "4", "--size", "64", "48"]


def drawn(out: Path, *more: str) -> list[Path]:
    result = CliRunner().invoke(app, [*ARGUMENTS, "-o", str(out), *more])
    assert result.exit_code == 0, result.output
    return sorted(out.iterdir())


def test_drawn_stacks_are_read_back_with_all_that_is_true_about_them(tmp_path: Path) -> None:
    for folder in drawn(tmp_path):
        stack = read_stack(folder)
        assert len(stack.frames) == 4
        assert stack.size == (48, 64)
        assert stack.truth is not None
        assert stack.labels is not None
        assert stack.height_um is not None
        assert stack.z_um == tuple(sorted(stack.z_um or ()))
        # The truth is what the frames show: it differs from the best of them by blur and noise.
        distances = [np.abs(frame.astype(float) - stack.truth).mean() for frame in stack.frames]
        assert min(distances) < 40


def test_the_same_seed_draws_the_same_stack(tmp_path: Path) -> None:
    first, second = drawn(tmp_path / "a"), drawn(tmp_path / "b")
    for one, other in zip(first, second, strict=True):
        assert one.name == other.name
        for file in sorted(one.glob("*.png")):
            assert file.read_bytes() == (other / file.name).read_bytes()


def test_other_seeds_draw_other_stacks(tmp_path: Path) -> None:
    one, other = drawn(tmp_path / "a"), drawn(tmp_path / "b", "--seed", "2")
    assert {folder.name[:4] for folder in (*one, *other)} == {"0000", "0001", "0002", "0003"}
    assert (one[0] / "000.png").read_bytes() != (other[0] / "000.png").read_bytes()


@pytest.mark.parametrize("size", [("16", "48"), ("64", "16")])
def test_frames_too_small_are_refused_in_one_line(tmp_path: Path, size: tuple[str, str]) -> None:
    arguments = ["draw", "-o", str(tmp_path / "out"), "--size", *size]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("wearif draw: frames of")
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    result = CliRunner().invoke(app, ["draw", "-o", str(blocked), "--count", "1", "--frames", "3"])
    assert result.exit_code == 2
    assert str(blocked) in result.stderr
