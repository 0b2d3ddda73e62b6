"""From test stacks on disk to tables and pictures on disk."""

import csv
import json

import cv2
import numpy as np
import pytest
import tifffile
from typer.testing import CliRunner

from app.cli import app
from app.evaluate import evaluate
from models.evaluation.baselines import BASELINES
from models.evaluation.stack_folder import read_picture
from models.training.synthetic import StackShape, draw_stack

METRICS = ("fmi", "q_g", "q_y", "q_cb", "scd")


def write_stack(folder, seed, *, truth=True):
    """Write a small synthetic stack the way test stacks lie on disk."""
    stack = draw_stack(seed, StackShape(48, 64, (4, 4)))
    folder.mkdir()
    for i, luma in enumerate(stack.luma):
        cv2.imwrite(str(folder / f"{i:03d}.png"), eight_bit(luma))
    if truth:
        cv2.imwrite(str(folder / "truth_na.png"), eight_bit(stack.truth))
        tifffile.imwrite(folder / "height.tif", stack.height_um)
        tifffile.imwrite(folder / "labels.tif", stack.on_particles.astype(np.uint16))
        (folder / "meta.json").write_text(json.dumps({"z_um": stack.z_um.tolist()}))
    return folder


def eight_bit(luma):
    return np.rint(255 * luma).clip(0, 255).astype(np.uint8)


@pytest.fixture
def known(tmp_path):
    return write_stack(tmp_path / "known", 1)


@pytest.fixture
def blind(tmp_path):
    return write_stack(tmp_path / "blind", 2, truth=False)


@pytest.fixture
def run(tmp_path):
    out = tmp_path / "out"
    return lambda *words: CliRunner().invoke(app, ["evaluate", *map(str, words), "-o", str(out)])


def table(folder):
    with (folder / "results.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_by_default_the_default_model_meets_every_baseline(run, known, blind, tmp_path):
    result = run(known, blind)
    assert result.exit_code == 0, result.stderr
    out = tmp_path / "out"
    lines = table(out)
    methods = ["wearif", *BASELINES]
    assert [(line["stack"], line["method"]) for line in lines] == [
        (stack, method) for stack in ("known", "blind") for method in methods
    ]
    for line in lines:
        assert all(np.isfinite(float(line[name])) for name in METRICS)
        assert float(line["cpu_s"]) >= 0
        assert bool(line["psnr_particles_db"]) == (line["stack"] == "known")
        heights_known = line["stack"] == "known" and line["method"] == "wearif"
        assert bool(line["height_mean_um"]) == heights_known
    report = (out / "results.md").read_text(encoding="utf-8")
    for heading in ("## known", "## blind", "## Mean ranks over 2 stacks"):
        assert heading in report
    for stack in ("known", "blind"):
        assert read_picture(out / stack / "sheet.png").shape[2] == 3
        for method in methods:
            assert read_picture(out / stack / f"{method}.png").shape == (48, 64)
        assert str(out / stack / "sheet.png") in result.stdout.replace("\n", "")


def test_only_what_is_named_is_run_and_metrics_can_be_left_out(run, known, tmp_path):
    assert run(known, "--method", "mean", "--no-metrics").exit_code == 0
    (line,) = table(tmp_path / "out")
    assert line["method"] == "mean"
    assert line["fmi"] == ""
    assert float(line["psnr_db"]) > 10


def test_a_model_can_be_a_file(run, known, tmp_path):
    from models.wearif.model import ModelConfig, build_model
    from models.wearif.weights import save_model

    save_model(build_model(ModelConfig.of("wearif")), tmp_path / "mine.safetensors", "untrained")
    chosen = ("--model", tmp_path / "mine.safetensors", "--method", "mean")
    assert run(known, *chosen, "--no-metrics").exit_code == 0
    assert [line["method"] for line in table(tmp_path / "out")] == ["mine", "mean"]


def test_pictures_of_other_programs_are_scored_beside(run, known, blind, tmp_path):
    peers = tmp_path / "peers"
    (peers / "blind").mkdir(parents=True)
    cv2.imwrite(str(peers / "known.png"), cv2.imread(str(known / "truth_na.png")))
    cv2.imwrite(str(peers / "blind" / "fused.png"), cv2.imread(str(blind / "001.png")))
    chosen = ("--method", "mean", "--no-metrics", "--compare-with", f"peer={peers}")
    assert run(known, blind, *chosen).exit_code == 0
    lines = table(tmp_path / "out")
    assert [line["method"] for line in lines] == ["mean", "peer"] * 2
    assert lines[1]["psnr_db"] == "inf"
    assert lines[1]["cpu_s"] == ""
    np.testing.assert_array_equal(
        read_picture(tmp_path / "out" / "blind" / "peer.png"), read_picture(blind / "001.png")
    )


def test_a_stack_that_a_peer_has_no_picture_of_is_passed_over(run, known, blind, tmp_path):
    peers = tmp_path / "peers"
    peers.mkdir()
    cv2.imwrite(str(peers / "known.png"), cv2.imread(str(known / "000.png")))
    chosen = ("--method", "mean", "--no-metrics", "--compare-with", f"peer={peers}")
    assert run(known, blind, *chosen).exit_code == 0
    assert [line["stack"] for line in table(tmp_path / "out")] == ["known", "known", "blind"]


def test_progress_counts_every_method_on_every_stack(known, blind, tmp_path):
    told = []
    evaluate(
        [known, blind],
        tmp_path / "out",
        methods=["mean", "soft-focus"],
        metrics=False,
        on_progress=lambda *step: told.append(step),
    )
    assert told == [
        ("known: mean", 0, 4),
        ("known: soft-focus", 1, 4),
        ("blind: mean", 2, 4),
        ("blind: soft-focus", 3, 4),
        ("done", 4, 4),
    ]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["nowhere"], "nowhere"),
        (["known", "known"], "two stacks"),
        (["empty"], "no numbered frames"),
        (["known", "--method", "nosuch"], "nosuch"),
        (["known", "--model", "nosuch"], "nosuch"),
        (["known", "--method", "mean", "--method", "mean"], "two methods"),
        (["known", "--compare-with", "peer"], "NAME=FOLDER"),
        (["known", "--compare-with", "a/b=known"], "NAME=FOLDER"),
        (["known", "--compare-with", "peer=nowhere"], "known.png"),
        (["known", "--compare-with", "sheet=known/000.png"], "sheet"),
        (["known", "blind", "--compare-with", "peer=known/000.png"], "one image for 2"),
        (["known", "--method", "mean", "--compare-with", "peer=small.png"], "small.png"),
    ],
)
def test_bad_input_is_one_line_and_status_2(run, known, blind, tmp_path, monkeypatch, words, named):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    cv2.imwrite("small.png", np.zeros((5, 5), np.uint8))
    result = run(*words, "--no-metrics")
    assert result.exit_code == 2
    assert result.stdout == ""
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert lines[-1].startswith("wearif evaluate: ")
    assert named in lines[-1]
    assert len(lines) == 1


def test_an_output_that_cannot_be_made_is_named(run, known, tmp_path):
    (tmp_path / "out").touch()
    result = run(known, "--method", "mean", "--no-metrics")
    assert result.exit_code == 2
    assert str(tmp_path / "out") in result.stderr
