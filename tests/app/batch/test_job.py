"""One stack, as a worker takes it; on a disk and in a file system of fsspec's that is none."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import fsspec
import numpy as np
import pytest
import tifffile
import torch

from app.batch.job import Job, run_job
from app.batch.location import Location
from app.batch.receipt import RECEIPT
from app.captures.fusion_record import FusionRecord
from app.captures.fusion_settings import FusionSettings
from app.captures.layout import FUSION, HEIGHT, RECORD, RESULT_NAMES, WEIGHTS
from app.fuse import fuse_input
from models.wearif.weights import load_model

SETTINGS = FusionSettings()
WEIGHTS_FILE = Path(__file__).parents[3] / "resources/weights/wearif.safetensors"


@pytest.fixture(autouse=True)
def threads():
    counts = torch.get_num_threads(), cv2.getNumThreads()
    yield
    torch.set_num_threads(counts[0])
    cv2.setNumThreads(counts[1])
    fsspec.filesystem("memory").store.clear()


@pytest.fixture(scope="module")
def sha():
    return load_model().weights_sha256


def test_the_results_are_those_of_the_command_for_one_stack(archive, tmp_path, sha, same_results):
    outcome = run_job(Job(str(archive / "a"), str(tmp_path / "out"), SETTINGS, sha))
    assert (outcome.state, outcome.frames, outcome.reason) == ("fused", 4, "")
    assert outcome.bytes_read > 0
    fuse_input(archive / "a", tmp_path / "alone", device="cpu")
    same_results(tmp_path / "out", tmp_path / "alone")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*RESULT_NAMES, RECEIPT}


def test_frames_that_drift_are_aligned_unless_that_is_not_wanted(tmp_path, sha):
    noise = np.random.default_rng(0).integers(0, 256, (160, 200), dtype=np.uint8)
    texture = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 1.5), None, 0, 255, cv2.NORM_MINMAX)
    (tmp_path / "stack").mkdir()
    for i in range(3):
        frame = texture[16:-16, 16 + 3 * i : 176 + 3 * i]
        cv2.imwrite(str(tmp_path / "stack" / f"{i}.png"), frame)
    for settings, moved in ((SETTINGS, True), (FusionSettings(align=False), False)):
        out = tmp_path / f"moved {moved}"
        assert run_job(Job(str(tmp_path / "stack"), str(out), settings, sha)).state == "fused"
        record = FusionRecord.model_validate_json((out / FUSION).read_bytes())
        assert [frame.warp is not None for frame in record.frames] == [moved] * 3


def test_in_a_file_system_that_is_no_disk_the_results_are_the_same(
    archive, tmp_path, sha, same_results
):
    far = Location("memory://archive/a")
    far.deliver(sorted((archive / "a").iterdir()))
    job = Job(far.url, "memory://results/a", SETTINGS, sha)
    assert run_job(job).state == "fused"
    assert run_job(job).state == "there"
    results = Location(job.result)
    results.fetch(results.files(), tmp_path / "fetched")
    fuse_input(archive / "a", tmp_path / "alone", device="cpu")
    same_results(tmp_path / "fetched", tmp_path / "alone")
    far.write("003.png", (archive / "a/002.png").read_bytes())
    assert run_job(job).state == "fused"


def test_a_file_elsewhere_is_fused(tmp_path, sha):
    tifffile.imwrite(tmp_path / "s.tif", np.zeros((3, 32, 40), np.uint8), photometric="minisblack")
    Location("memory://files").deliver([tmp_path / "s.tif"])
    outcome = run_job(Job("memory://files/s.tif", "memory://results/s.tif", SETTINGS, sha))
    assert (outcome.state, outcome.frames) == ("fused", 3), outcome.reason


def test_complete_results_are_left_and_anything_else_is_fused_again(archive, tmp_path, sha):
    out = tmp_path / "out"
    job = Job(str(archive / "a"), str(out), SETTINGS, sha)
    states = [run_job(job).state]
    before = (out / FUSION).stat().st_mtime_ns
    states.append(run_job(job).state)
    assert states == ["fused", "there"]
    assert (out / FUSION).stat().st_mtime_ns == before

    def again():
        first, second = run_job(job).state, run_job(job).state
        assert second == "there"
        return first

    (out / HEIGHT).unlink()
    assert again() == "fused"
    (out / RECEIPT).write_bytes((out / RECEIPT).read_bytes()[:40])
    assert again() == "fused"
    (out / WEIGHTS).write_bytes(b"cut")
    assert again() == "fused"
    (archive / "a/003.png").write_bytes((archive / "a/001.png").read_bytes())
    assert again() == "fused"
    fewer = Job(job.source, job.result, FusionSettings(frames=2), sha)
    assert run_job(fewer).frames == 2
    assert again() == "fused"


def test_an_archive_that_was_moved_is_not_fused_again(archive, tmp_path, sha):
    job = Job(str(archive / "a"), str(tmp_path / "out"), SETTINGS, sha)
    run_job(job)
    (archive / "a").rename(archive / "c")
    moved = Job(str(archive / "c"), job.result, SETTINGS, sha)
    assert run_job(moved).state == "there"


def test_weights_that_were_moved_fuse_nothing_again(archive, tmp_path, sha):
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        shutil.copy(WEIGHTS_FILE, tmp_path / folder)

    def fused_by(folder):
        settings = FusionSettings(model=str(tmp_path / folder / WEIGHTS_FILE.name))
        return run_job(Job(str(archive / "a"), str(tmp_path / "out"), settings, sha)).state

    assert fused_by("first") == "fused"
    assert fused_by("second") == "there"


@pytest.mark.parametrize("case", ["other source", "capture", "weights", "no stack", "damaged"])
def test_what_fails_is_told_and_replaces_nothing(archive, tmp_path, sha, case):
    out = tmp_path / "out"
    job = Job(str(archive / "a"), str(out), SETTINGS, sha)
    assert run_job(job).state == "fused"
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    source, weights, said = str(archive / "b/one"), sha, "holds the results of"
    if case == "capture":
        (out / RECORD).touch()
        (archive / "a/000.png").touch()
        source, said = job.source, "is a capture with a fusion of its own"
    if case == "weights":
        source, weights, said = job.source, "0" * 64, "has other weights"
    if case == "no stack":
        source, said = str(archive / "gone"), "gone: cannot be read"
    if case == "damaged":
        (archive / "a/002.png").write_bytes(b"no picture")
        source, said = job.source, "002.png"
    outcome = run_job(Job(source, job.result, SETTINGS, weights))
    assert outcome.state == "failed"
    assert said in outcome.reason
    assert "\n" not in outcome.reason
    after = {path.name: path.read_bytes() for path in out.iterdir() if path.name != RECORD}
    if case == "damaged":
        # No longer complete, so fused again once the frame is mended.
        assert before.pop(RECEIPT)
    assert after == before


def test_results_that_another_worker_writes_are_waited_for(archive, tmp_path, sha):
    job = Job(str(archive / "a"), str(tmp_path / "out"), SETTINGS, sha)
    with ThreadPoolExecutor(2) as workers:
        outcomes = list(workers.map(run_job, (job, job)))
    assert sorted(outcome.state for outcome in outcomes) == ["fused", "there"]


def test_a_worker_takes_one_processor(archive, tmp_path, sha):
    torch.set_num_threads(2)
    run_job(Job(str(archive / "a"), str(tmp_path / "out"), SETTINGS, sha))
    assert torch.get_num_threads() == 1
