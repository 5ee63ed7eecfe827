"""An example: one job over the worker processes of Dask, all on one set of accounts.

    python -m tests.contract.dask_job CONFIG.yaml PROMPTS.txt

The configuration names a store that all workers reach (`store: redis://...` or
`postgresql://...`), so that their requests together stay within every limit. A router
travels to a worker as its configuration; keys stay in each worker's environment.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from distributed import Client

from freetier import Router


def answered(router: Router, prompts: Iterable[str], model: str) -> list[str]:
    """Answer one part of the prompts; this runs in a worker."""
    return [result.text for result in router.map(prompts, model=model, max_tokens=20)]


def run(client: Client, router: Router, prompts: list[str], *, model: str, parts: int) -> list[str]:
    """Answer all prompts over the workers, in order."""
    cut = [prompts[n::parts] for n in range(parts)]
    futures = [client.submit(answered, router, part, model) for part in cut]
    texts: list[str] = [""] * len(prompts)
    for n, part in enumerate(client.gather(futures)):
        texts[n::parts] = part
    return texts


def main() -> None:
    """Answer each line of a file."""
    config, prompts = sys.argv[1:]
    with Client(n_workers=4, threads_per_worker=1) as client:
        lines = Path(prompts).read_text("utf-8").splitlines()
        print("\n".join(run(client, Router.from_file(config), lines, model="", parts=4)))


if __name__ == "__main__":
    main()
