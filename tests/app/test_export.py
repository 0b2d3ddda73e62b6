"""`wearif export` from the command line."""

from __future__ import annotations

import sys

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from app.captures.image_file import read_image
from app.cli import app
from app.fuse import fuse_input


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fused")
    stack = folder / "stack"
    stack.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (3, 120, 200, 3), np.uint8)
    for index, frame in enumerate(noise):
        cv2.imwrite(str(stack / f"{index}.png"), frame)
    (stack / "meta.json").write_text('{"z_um": [0, 2, 4], "pixel_um": 0.5}')
    fuse_input(stack, folder / "results", device="cpu")
    return folder / "results"


def export(*words):
    return CliRunner().invoke(app, ["export", *map(str, words)])


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_a_preset_is_written_with_a_scale_bar_and_without_a_screen(results, tmp_path):
    done = export(results, "-o", tmp_path / "out", "--preset", "report", "--language", "zh_CN")
    assert done.exit_code == 0, done.output
    assert names(tmp_path / "out") == {
        *("fused.jpg", "fused_marked.png", "fused_marked.jpg", "report.html"),
        *("measurements.csv", "measurements.json"),
    }
    plain, marked = read_image(results / "fused.png"), read_image(tmp_path / "out/fused_marked.png")
    changed = np.argwhere((plain != marked).any(axis=2))
    # The bar stands in the lower right corner.
    assert len(changed) > 100
    assert (changed >= (60, 100)).all()


def test_a_line_becomes_a_profile(results, tmp_path):
    out = tmp_path / "out"
    done = export(results, "-o", out, "--line", "10,10,150,100", "--line", "0,0,200,120")
    assert done.exit_code == 0, done.output
    assert names(out) == {f"profile_{n}.csv{end}" for n in (1, 2) for end in ("", ".recipe.json")}
    last = (out / "profile_2.csv").read_text().splitlines()[-1]
    assert float(last.split(",")[0]) == pytest.approx(np.hypot(200, 120) * 0.5, abs=1e-3)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--what", "poem"], "poem: no such kind of file"),
        (["--what", "profiles"], "no line was drawn or given"),
        (["--line", "1,2,3"], "a line is four numbers"),
        (["--line", "0,0,900,10"], "does not lie in a picture of 200x120"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(results, tmp_path, words, told):
    refused = export(results, "-o", tmp_path / "out", *words)
    assert refused.exit_code == 2
    (line,) = refused.stderr.strip().splitlines()
    assert line.startswith("wearif export: ")
    assert told in line
    assert not (tmp_path / "out").exists()


def test_nothing_is_replaced_unasked_nor_put_among_frames(results, tmp_path):
    words = (results, "-o", tmp_path, "--what", "png")
    assert export(*words).exit_code == 0
    assert "is there already" in export(*words).stderr
    assert export(*words, "--replace").exit_code == 0
    assert "holds the results" in export(results, "-o", results, "--what", "jpeg").stderr
    stack = results.parent / "stack"
    assert "holds the stack" in export(results, "-o", stack, "--what", "jpeg").stderr
    assert "cannot be read" in export(tmp_path, "-o", tmp_path / "x", "--what", "png").stderr


@pytest.mark.skipif(sys.platform == "win32", reason="making links takes rights there")
def test_a_folder_that_is_a_link_in_circles_is_named(results, tmp_path):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    refused = export(results, "-o", loop, "--what", "png")
    assert refused.exit_code == 2
    assert "loop" in refused.stderr
