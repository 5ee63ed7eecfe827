"""A job in the worker processes of an existing engine, over one store."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from distributed import Client, LocalCluster

from freetier import Router
from freetier.testing import FakeProvider, Fleet, Limit, echo
from tests.contract.dask_job import run

PROMPTS = [f"prompt number {i}" for i in range(120)]
LIMIT = Limit(20, "second", kind="fixed")


class Job(NamedTuple):
    """What came of the job: the answers, the fleet, and the processes that did it."""

    texts: list[str]
    fleet: Fleet
    workers: set[int]


def _job(store: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    fleet = Fleet(FakeProvider("own", "generic", accounts=2, limits=[LIMIT], answer=echo))
    with fleet:
        config = fleet.config(limits=True) | {"store": store}
        for account in config["accounts"]:  # a router with keys in it would not travel
            name = f"JOB_{account['id'].replace('-', '_').upper()}"
            monkeypatch.setenv(name, account["auth"]["api_key"])  # the workers inherit it
            account["auth"]["api_key"] = f"${{{name}}}"
        path = folder / "freetier.yaml"
        path.write_text(json.dumps(config), "utf-8")
        cluster = LocalCluster(n_workers=3, threads_per_worker=1, dashboard_address=None)
        with cluster, Client(cluster) as client, Router.from_file(path) as router:
            texts = run(client, router, PROMPTS, model="own/m", parts=6)
            workers = set(client.run(os.getpid).values())
    return Job(texts, fleet, workers)


@pytest.mark.parametrize("kind", ["redis", "postgres"])
@pytest.mark.filterwarnings("default")  # Dask's own
def test_dask_workers_share_the_quota(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prompts by three worker processes on two accounts of twenty a second: no 429."""
    job = _job(request.getfixturevalue(f"{kind}_url"), tmp_path, monkeypatch)
    assert all(prompt in text for prompt, text in zip(PROMPTS, job.texts, strict=True))
    assert not job.fleet.books.refused()
    admitted = Counter(entry.account for entry in job.fleet.books.admitted())
    print(f"{kind}: {sum(admitted.values())} answered over 3 workers, {dict(admitted)}, 0 x 429")
    assert sum(admitted.values()) == len(PROMPTS)
    assert len(job.workers - {os.getpid()}) == 3


@pytest.mark.filterwarnings("default")
def test_without_a_shared_store_they_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: in memory each process counts alone, and the fleet refuses some."""
    job = _job("memory", tmp_path, monkeypatch)
    assert all(job.texts), "answered in the end all the same"
    assert job.fleet.books.refused()
