import os
import stat
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.evaluation.errors import EvaluationError
from models.evaluation.peer_timing import (
    PEERS,
    peer_command,
    peer_timings,
    table,
    take_turns,
)

ROOT = Path(__file__).resolve().parents[3]

needs_sh = pytest.mark.skipif(os.name != "posix", reason="the stand-in for a peer is a sh script")


@pytest.fixture
def stack(tmp_path):
    folder = tmp_path / "stack"
    folder.mkdir()
    for index in range(2):
        picture = np.random.default_rng(index).integers(0, 256, (32, 40, 3), dtype=np.uint8)
        (folder / f"{index:03d}.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    return folder


def _install(folder, name, script):
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize("name", PEERS)
def test_peers_get_the_frames_and_where_to_write(name):
    command = peer_command(name, [Path("a.tif"), Path("b.tif")], Path("out.tif"))
    assert command[0] == name
    assert "--output=out.tif" in command
    assert command[-2:] == ["a.tif", "b.tif"]


def test_everybody_takes_a_turn_before_anybody_takes_the_next():
    turns = []

    def measure(name):
        turns.append(name)
        return float(len(turns))

    timings = take_turns({name: lambda name=name: measure(name) for name in "ab"}, repeats=2)
    assert turns == list("ababab")
    assert [timing.cpu_s for timing in timings] == [(3.0, 5.0), (4.0, 6.0)]
    assert "| b | 5.00 | 4.00-6.00 | 1.25 |" in table(timings)


@needs_sh
@pytest.mark.slow
def test_a_peer_on_the_path_is_measured_as_a_process(stack, tmp_path, monkeypatch):
    _install(tmp_path / "bin", "enfuse", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    timings = {timing.name: timing for timing in peer_timings(stack, repeats=1)}
    assert "focus-stack" not in timings
    assert timings["enfuse"].median_s > 0
    assert timings["WearIF, wearif"].median_s > 0


@needs_sh
@pytest.mark.slow
def test_a_peer_that_fails_is_said_in_one_line(stack, tmp_path, monkeypatch):
    _install(tmp_path / "bin", "enfuse", "echo no such switch >&2; exit 3")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(EvaluationError, match="enfuse ended with status 3: no such switch"):
        peer_timings(stack, repeats=1)


@pytest.mark.slow
def test_a_stack_that_is_not_there_is_one_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "models.evaluation.peer_timing", str(tmp_path / "nowhere")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "nowhere" in done.stderr
