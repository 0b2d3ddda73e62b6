"""The workers of a batch: processes of this computer, or those of a cluster of Dask."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Final

from distributed import Client, Future, KilledWorker, LocalCluster, as_completed

from app.batch.job import Job, Outcome, failed, run_job
from app.captures.reason import reason
from app.versions import program_version

CONNECT_S: Final = 15
"""How long to wait for a scheduler."""
WORKERS_S: Final = 120
"""How long to wait for the first of its workers: a cluster may just be starting."""
AHEAD: Final = 4
"""Jobs for each worker that wait in the scheduler: none idles, and its memory stays small."""


class PoolError(Exception):
    """There are no workers to be had; the message is one line that says why."""


@contextmanager
def open_pool(workers: int, scheduler: str = "", memory: str = "auto") -> Iterator[Client]:
    """Connect to workers; those of this computer end with the block.

    Parameters
    ----------
    workers : int
        How many processes to start here; not used with a scheduler.
    scheduler : str, optional
        The address of a running scheduler, such as ``tcp://10.0.0.1:8786``.
    memory : str, optional
        What each process started here may use, such as ``4GB``: beyond it, it is started again and
        its stack fails. ``auto`` is this computer's memory, shared evenly.

    Raises
    ------
    PoolError
        The scheduler does not answer, has no workers, or these have another WearIF.
    """
    if scheduler:
        try:
            client = Client(scheduler, timeout=CONNECT_S)
        except (OSError, ValueError) as error:
            raise PoolError(f"{scheduler}: no scheduler answers: {reason(error)}") from error
        with client:
            _check_workers(client, scheduler)
            yield client
        return
    try:
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            memory_limit=memory,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.ERROR,
            host="127.0.0.1",
        )
    except ValueError as error:
        raise PoolError(f"cannot start workers: {reason(error)}") from error
    with cluster, Client(cluster) as client:
        yield client


def worker_count(client: Client) -> int:
    """Return how many jobs can run at the same time, at present."""
    return sum(client.nthreads().values())


def run_jobs(client: Client, jobs: Iterable[Job]) -> Iterator[Outcome]:
    """Run jobs, and give their outcomes as they come; a worker that dies takes none along.

    A job whose workers died four times (Dask's ``allowed-failures``) has failed.
    """
    waiting = iter(jobs)
    running: dict[Future[Outcome], Job] = {}
    ended = as_completed()

    def submit() -> None:
        wanted = max(1, AHEAD * worker_count(client)) - len(running)
        for job in islice(waiting, max(0, wanted)):
            future = client.submit(run_job, job, pure=False)
            running[future] = job
            ended.add(future)

    submit()
    for future in ended:
        job = running.pop(future)
        yield _outcome(future, job)
        future.release()
        submit()


def _outcome(future: Future[Outcome], job: Job) -> Outcome:
    if future.status == "finished":
        outcome: Outcome = future.result()
        return outcome
    if future.status == "cancelled":
        return failed(job, "the scheduler has gone")
    error = future.exception()
    if isinstance(error, KilledWorker):
        return failed(job, "its worker died again and again, as it does without enough memory")
    return failed(job, f"{type(error).__name__}: {reason(error)}")


def _check_workers(client: Client, scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=WORKERS_S)
    except TimeoutError as error:
        raise PoolError(f"{scheduler}: there are no workers") from error
    try:
        found = client.run(program_version)
    except ImportError as error:
        raise PoolError(f"{scheduler}: a worker has no WearIF: {reason(error)}") from error
    others = {version for version in found.values() if version != program_version()}
    if others:
        raise PoolError(
            f"{scheduler}: workers have WearIF {', '.join(sorted(others))}, "
            f"here it is {program_version()}"
        )
