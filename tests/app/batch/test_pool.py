"""Handing out jobs, on workers that are threads of this process."""

import subprocess
import sys

COUNT = 40
CODE = f"""
from distributed import Client, LocalCluster
from app.batch.job import Job
from app.batch.pool import run_jobs
from app.captures.fusion_settings import FusionSettings

jobs = [Job(f"memory://none/{{n}}", "memory://results/" + str(n), FusionSettings(), "0")
        for n in range({COUNT})]
cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=False,
                       dashboard_address="127.0.0.1:0")
with cluster, Client(cluster) as client:
    outcomes = list(run_jobs(client, iter(jobs)))
assert sorted(o.source for o in outcomes) == sorted(j.source for j in jobs), len(outcomes)
assert {{o.state for o in outcomes}} == {{"failed"}}
assert all("cannot be read" in o.reason for o in outcomes)
"""


def test_many_more_jobs_than_workers_all_end():
    # A process of its own: Dask's event loop outlives its cluster.
    told = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=False, timeout=110
    )
    assert told.returncode == 0, told.stderr
