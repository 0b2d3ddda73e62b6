"""`wearif batch`: from any number of stacks to as many results."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.batch.job import Job, Outcome
from app.batch.location import Location
from app.batch.pool import open_pool, run_jobs
from app.batch.stacks import FoundStack, find_stacks
from app.batch.tally import Tally, write_tally
from app.captures.fusion_settings import FusionSettings
from models.wearif.weights import load_model


def run_batch(
    named: Sequence[str],
    out: str,
    settings: FusionSettings,
    *,
    workers: int = 1,
    scheduler: str = "",
    memory: str = "auto",
    device: str = "cpu",
    on_tally: Callable[[Tally], None] | None = None,
) -> Tally:
    """Fuse all stacks in what is named, but those whose results are complete.

    Parameters
    ----------
    named : sequence of str
        See `find_stacks`.
    out : str
        Path or URL of the folder of all results.
    settings : FusionSettings
        The same for all.
    workers, scheduler, memory
        See `open_pool`.
    device : str
        Where each worker computes, see `load_model`.
    on_tally : callable, optional
        Called at the start and after each stack.

    Returns
    -------
    Tally
        With the outcome of each stack; also written to the folder of all results, however the
        batch ends.

    Raises
    ------
    LocationError
        There is no such location for the results, or it cannot be written to.
    PoolError
        There are no workers.
    WeightsError
        There is no such model.
    """
    folder = Location(out)
    weights = load_model(settings.model).weights_sha256
    if settings.model.endswith(".safetensors"):
        settings = settings.model_copy(update={"model": str(Location(settings.model))})
    stacks = find_stacks(named)
    tally = Tally(len(stacks))
    tell = on_tally or (lambda _tally: None)
    tell(tally)
    # Whether results can be written is found out before a long night, not after it.
    # The table of an earlier run stays until there is another one.
    folder.check_writable()
    try:
        for stack in stacks:
            if stack.fault:
                tally.add(Outcome(stack.source, "", "failed", stack.fault))
        jobs = [
            _job(stack, folder, settings, weights, device) for stack in stacks if not stack.fault
        ]
        if jobs:
            with open_pool(min(workers, len(jobs)), scheduler, memory) as client:
                for outcome in run_jobs(client, jobs):
                    tally.add(outcome)
                    tell(tally)
    finally:
        write_tally(folder, tally.outcomes)
    return tally


def _job(
    stack: FoundStack, folder: Location, settings: FusionSettings, weights: str | None, device: str
) -> Job:
    result = (folder / stack.result).url
    return Job(stack.source, result, settings, str(weights), device)
