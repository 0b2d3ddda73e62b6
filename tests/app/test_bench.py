import json

import cv2
import pytest
import torch
from typer.testing import CliRunner

from app.bench import BenchError, bench
from app.cli import app

TINY = ("--size", "64x48", "--frames", "1", "--threads", "1", "--seconds", "0")


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(app, ["bench", *arguments])


@pytest.mark.slow
def test_both_models_are_printed_by_default(run):
    result = run(*TINY)
    assert result.exit_code == 0, result.output
    for words in ("wearif, 64x48 RGB, 1 thread", "published, 64x48", "network", "GFLOP/s", "Live:"):
        assert words in result.stdout


def test_json_and_markdown_say_the_same_to_programs_and_papers(run):
    options = (*TINY, "--model", "wearif")
    stored = json.loads(run(*options, "--json").stdout)
    assert [(each["model"], each["width"], each["threads"]) for each in stored] == [
        ("wearif", 64, 1)
    ]
    assert run(*options, "--markdown").stdout.startswith("### wearif, 64x48 RGB, 1 thread\n")


def test_threads_are_as_before_afterwards():
    before = torch.get_num_threads(), cv2.getNumThreads()
    speeds = bench(["wearif"], ["24x16"], frames=1, seconds=0, threads=before[0] + 1)
    assert speeds[0].threads == before[0] + 1
    assert (torch.get_num_threads(), cv2.getNumThreads()) == before


@pytest.mark.parametrize("size", ["big", "0x10", "10x", "-3x4"])
def test_what_is_no_size_is_refused(size):
    with pytest.raises(BenchError, match="WIDTHxHEIGHT"):
        bench(["wearif"], [size])


def test_what_cannot_be_measured_is_one_line_and_status_2(run):
    result = run("--model", "nosuch")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1
    assert "nosuch" in result.stderr
