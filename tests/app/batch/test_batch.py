"""The command `wearif batch`, in processes of its own, which are killed."""

import csv
import os
import socket
import subprocess
import sys
import time
from random import Random

import psutil
import pytest
import s3fs
from typer.testing import CliRunner

from app.batch.receipt import RECEIPT
from app.batch.tally import FAILURES, SUMMARY
from app.cli import app
from app.fuse import fuse_input

TIMEOUT_S = 400
"""Far more than it takes: each worker loads torch, and other programs may keep the disk busy."""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(4 * TIMEOUT_S)]


def command(*arguments):
    return [sys.executable, "-m", "app.cli", "batch", *map(str, arguments)]


def batch(*arguments, **environment):
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
        env={**os.environ, **environment},
    )


def states(out):
    with (out / SUMMARY).open(encoding="utf-8", newline="") as file:
        return {row["source"].rpartition("/")[2]: row["state"] for row in csv.DictReader(file)}


def kill(process):
    """Kill a program with SIGKILL, and make sure that its workers end as well."""
    below = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    _gone, alive = psutil.wait_procs(below, timeout=60)
    assert not alive


def test_one_bad_stack_does_not_stop_the_others(archive, tmp_path, same_results, save_stack):
    (archive / "b/one/002.png").write_bytes(b"no picture")
    out = tmp_path / "out"
    told = batch(archive, tmp_path / "gone", "-o", out, "--workers", 2)
    assert told.returncode == 1, told.stderr
    assert states(out) == {"a": "fused", "one": "failed", "two": "fused", "gone": "failed"}
    failures = (out / FAILURES).read_text(encoding="utf-8")
    assert "002.png" in failures
    assert "gone: cannot be read" in failures
    assert "002.png" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (out / "b/one" / RECEIPT).exists()
    for name in ("a", "b/two"):
        fuse_input(archive / name, tmp_path / "alone" / name, device="cpu")
        same_results(out / name, tmp_path / "alone" / name)

    save_stack(archive / "mended").rename(archive / "b/mended")
    (archive / "b/one/002.png").write_bytes((archive / "b/one/001.png").read_bytes())
    told = batch(archive, "-o", out, "--workers", 1)
    assert told.returncode == 0, told.stderr
    assert states(out) == {"a": "there", "two": "there", "one": "fused", "mended": "fused"}
    assert not (out / FAILURES).exists()


def test_killed_at_any_moment_it_ends_the_same(tmp_path, same_results, save_stack):
    count, out = 8, tmp_path / "out"
    for number in range(count):
        save_stack(tmp_path / "in" / f"s{number}", seed=number, frames=6, size=(160, 200))
    out.mkdir()
    (out / SUMMARY).write_text("of an earlier run")
    moments = Random(3)
    for wanted in (1, 4):
        process = subprocess.Popen(
            command(tmp_path / "in", "-o", out, "--workers", 2), stderr=subprocess.PIPE
        )
        end_s = time.monotonic() + TIMEOUT_S
        while len(list(out.glob(f"*/{RECEIPT}"))) < wanted:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < end_s
            time.sleep(0.005)
        time.sleep(moments.uniform(0, 0.3))
        kill(process)
        process.stderr.close()
    assert (out / SUMMARY).read_text() == "of an earlier run"
    there = {path.parent.name for path in out.glob(f"*/{RECEIPT}")}
    assert batch(tmp_path / "in", "-o", out, "--workers", 2).returncode == 0
    assert {name for name, state in states(out).items() if state == "there"} == there
    assert len(states(out)) == count
    assert not list(out.rglob("*.part"))
    for number in range(count):
        fuse_input(tmp_path / "in" / f"s{number}", tmp_path / "alone" / str(number), device="cpu")
        same_results(out / f"s{number}", tmp_path / "alone" / str(number))


def test_a_worker_that_is_killed_costs_nothing(tmp_path, save_stack):
    count, out = 12, tmp_path / "out"
    for number in range(count):
        save_stack(tmp_path / "in" / f"s{number}", seed=number, frames=8, size=(200, 240))
    process = subprocess.Popen(
        command(tmp_path / "in", "-o", out, "--workers", 2), stderr=subprocess.PIPE
    )
    end_s = time.monotonic() + TIMEOUT_S
    while not list(out.glob(f"*/{RECEIPT}")):
        assert time.monotonic() < end_s
        time.sleep(0.005)
    below = psutil.Process(process.pid).children()
    worker = next(child for child in below if "spawn_main" in " ".join(child.cmdline()))
    worker.kill()
    _out, told = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, told.decode()
    # What the worker had just finished is found there by the next one.
    assert set(states(out).values()) <= {"fused", "there"}
    assert len(states(out)) == count
    assert len(list(out.glob(f"*/{RECEIPT}"))) == count


def test_what_cannot_be_begun_is_told_in_one_line(archive, tmp_path):
    (tmp_path / "file").touch()
    for arguments, said in (
        (("-o", tmp_path / "file"), "file"),
        (("-o", tmp_path / "out", "--model", "unknown"), "unknown: no such model"),
        (("-o", "nonsense://x"), "nonsense://x"),
    ):
        told = CliRunner().invoke(app, ["batch", str(archive), *map(str, arguments)])
        assert told.exit_code == 2, told.output
        last = told.output.strip().splitlines()[-1]
        assert last.startswith("wearif batch: ")
        assert said in last


def test_a_scheduler_that_does_not_answer_is_told_in_one_line(archive, tmp_path):
    told = batch(archive, "-o", tmp_path / "out", "--scheduler", f"tcp://127.0.0.1:{free_port()}")
    assert told.returncode == 2, told.stderr
    assert told.stderr.strip().splitlines()[-1].startswith("wearif batch: tcp://127.0.0.1")
    assert "Traceback" not in told.stderr


def test_it_works_on_a_cluster_that_is_there(archive, tmp_path):
    port = free_port()
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", f"tcp://127.0.0.1:{port}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    programs = [
        subprocess.Popen([*scheduler, "--port", str(port), "--no-dashboard"], **quiet),
        subprocess.Popen([*worker, "--nthreads", "1", "--no-nanny", "--no-dashboard"], **quiet),
    ]
    try:
        wait_for_port(port)
        told = batch(archive, "-o", tmp_path / "out", "--scheduler", f"tcp://127.0.0.1:{port}")
        assert told.returncode == 0, told.stderr
    finally:
        for program in reversed(programs):
            program.kill()
            program.wait()
    assert set(states(tmp_path / "out").values()) == {"fused"}


def test_object_storage_is_read_and_written(archive, tmp_path):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    program = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    environment = {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "FSSPEC_S3_ENDPOINT_URL": address,
    }
    try:
        wait_for_port(port)
        fs = s3fs.S3FileSystem(key="key", secret="secret", endpoint_url=address)
        fs.mkdir("archive")
        fs.mkdir("results")
        fs.put(str(archive), "archive/", recursive=True)
        told = batch("s3://archive", "-o", "s3://results/again", "--workers", 1, **environment)
        assert told.returncode == 0, told.stderr
        fs.invalidate_cache()
        assert len([path for path in fs.find("results") if path.endswith(RECEIPT)]) == 3
        told = batch("s3://archive", "-o", "s3://results/again", "--workers", 1, **environment)
        assert told.returncode == 0, told.stderr
        assert fs.cat("results/again/" + SUMMARY).decode().count(",there,") == 3
    finally:
        program.kill()
        program.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    end_s = time.monotonic() + TIMEOUT_S
    while time.monotonic() < end_s:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing answers on port {port}")
