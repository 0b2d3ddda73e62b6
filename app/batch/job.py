"""One stack of a batch: fetched, fused and delivered by a worker."""

from __future__ import annotations

import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import cv2
import torch
from filelock import FileLock, Timeout

from app.batch.location import Location, LocationError, stamp_of
from app.batch.receipt import RECEIPT, Receipt, read_receipt
from app.batch.stacks import input_files
from app.captures.fusion_record import FusionRecord
from app.captures.fusion_settings import FusionSettings
from app.captures.layout import FUSION, RECORD, RESULT_NAMES
from app.captures.reason import reason
from app.captures.results import ResultError
from app.captures.stack import StackError
from app.fuse import fuse_input
from models.wearif.fusion import FusionError
from models.wearif.weights import WeightsError, load_model

LOCK: Final = ".batch.lock"
LOCK_S: Final = 600.0
"""How long to wait for a worker whose command has ended; few stacks take longer."""
State = Literal["fused", "there", "failed"]
"""``there``: its results were complete before."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker has to know."""

    source: str
    """Path or URL of the stack, as the worker sees it."""
    result: str
    """Path or URL of the folder of its results."""
    settings: FusionSettings
    weights_sha256: str
    """Of the model that is meant; a worker that has another under its name must not use it."""
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a stack."""

    source: str
    result: str
    state: State
    reason: str = ""
    """Why it failed, in one line."""
    frames: int = 0
    seconds: float = 0.0
    """Of the worker's time."""
    worker: str = ""
    """The computer."""
    bytes_read: int = 0
    bytes_written: int = 0


def run_job(job: Job) -> Outcome:
    """Fuse a stack unless that was done before; what goes wrong with it is told, not raised."""
    started_s = time.monotonic()
    # As many workers as processors: each has one for itself.
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        results = Location(job.result)
        with _alone(results):
            state, receipt, bytes_read = _run(job, results)
    except (StackError, ResultError, FusionError, WeightsError, LocationError, OSError) as error:
        return failed(job, reason(error), time.monotonic() - started_s)
    written = sum(result.bytes for result in receipt.results) if state == "fused" else 0
    seconds = time.monotonic() - started_s
    return Outcome(
        *(job.source, job.result, state, "", receipt.frames),
        *(seconds, socket.gethostname(), bytes_read, written),
    )


def failed(job: Job, why: str, seconds: float = 0.0) -> Outcome:
    """Return the outcome of a job that failed."""
    return Outcome(
        job.source, job.result, "failed", why, seconds=seconds, worker=socket.gethostname()
    )


def _run(job: Job, results: Location) -> tuple[State, Receipt, int]:
    source = Location(job.source)
    files = input_files(source)
    stamp = stamp_of(files)
    before = read_receipt(results)
    if before and before.answers(stamp, job.settings, job.weights_sha256):
        if _complete(results, before):
            return "there", before, 0
    elif before and before.source != job.source:
        raise ResultError(f"{results}: holds the results of {before.source}; choose another folder")
    if results.read(RECORD) is not None:
        raise ResultError(
            f"{results}: is a capture with a fusion of its own; choose another folder"
        )
    _check_weights(job)
    results.remove(RECEIPT)
    with _at_hand(source) as path, _folder(results) as folder:
        fuse_input(path, folder, job.settings, device=job.device)
        record = FusionRecord.model_validate_json((folder / FUSION).read_bytes())
        if results.local is None:
            results.deliver(folder / name for name in RESULT_NAMES)
    receipt = Receipt(
        source=job.source,
        source_stamp=stamp,
        settings=job.settings,
        weights_sha256=job.weights_sha256,
        frames=len(record.frames),
        results=record.results,
    )
    results.write(RECEIPT, receipt.model_dump_json(indent=1).encode())
    return "fused", receipt, sum(file.size for file in files)


def _complete(results: Location, receipt: Receipt) -> bool:
    """Say whether all results are still there, by their sizes."""
    sizes = {item.name: item.size for item in results.items()}
    return FUSION in sizes and all(sizes.get(r.file) == r.bytes for r in receipt.results)


def _check_weights(job: Job) -> None:
    own = load_model(job.settings.model).weights_sha256
    if own != job.weights_sha256:
        raise WeightsError(
            f"{job.settings.model}: {socket.gethostname()} has other weights of that name "
            f"({str(own)[:12]} instead of {job.weights_sha256[:12]}); install the same version"
        )


@contextmanager
def _alone(results: Location) -> Iterator[None]:
    """Keep other workers from the same results: those of a command that has just been ended.

    Object storage knows no locks; there each file is replaced as a whole.
    """
    folder = results.local
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK, timeout=LOCK_S)
    try:
        lock.acquire()
    except Timeout as error:
        raise ResultError(f"{folder}: another worker is writing to it") from error
    except NotImplementedError:
        # Some network drives know no locks either.
        yield
        return
    try:
        yield
    finally:
        lock.release()
        # Where another worker already waits with it, Windows keeps it; the results are there.
        with suppress(OSError):
            (folder / LOCK).unlink(missing_ok=True)


@contextmanager
def _at_hand(source: Location) -> Iterator[Path]:
    """Give the path of a stack, copied to this computer for the time if it lies elsewhere."""
    if source.local is not None:
        yield source.local
        return
    with tempfile.TemporaryDirectory(prefix="wearif-") as scratch:
        whole = source.is_folder()
        folder = Path(scratch) / source.name if whole else Path(scratch)
        source.fetch(input_files(source), folder)
        yield folder if whole else folder / source.name


@contextmanager
def _folder(results: Location) -> Iterator[Path]:
    """Give a folder to write results to, the location itself where it is on this computer."""
    if results.local is not None:
        yield results.local
        return
    with tempfile.TemporaryDirectory(prefix="wearif-") as scratch:
        yield Path(scratch)
