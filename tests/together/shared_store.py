"""Two processes and three ways to call share one quota through one SQLite file.

    python -m tests.together.shared_store

One process is a LangChain program, the other a LlamaIndex program; both make plain calls as
well. Each has a router of its own, made from the same file, whose `store` is all they share.
They ask for more than the accounts give in a day, and do not wait.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freetier import QuotaExhausted, Router
from freetier.testing import FakeProvider, Fleet, Limit

MODEL = "bravo-9b"
A_DAY = 40
ACCOUNTS = 2
ASKED = 75
"""Calls of each process: together nearly twice as many as there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of it.

    Attributes:
        told: By program: how many calls were answered, and how many were told when.
        admitted: By account, in the fleet's books.
        refused: Calls that a provider refused.
        counted: By account, in the store, as a third process reads it.
    """

    told: dict[str, dict[str, int]]
    admitted: Counter[str]
    refused: int
    counted: Counter[str]


def shared(folder: Path) -> Found:
    """Run both programs at the same time over one file in a folder."""
    limits = [Limit(A_DAY, "day")]
    with Fleet(FakeProvider("north", accounts=ACCOUNTS, models=[MODEL], limits=limits)) as fleet:
        accounts, keys = fleet.config(limits=True)["accounts"], {}
        for number, account in enumerate(accounts):
            keys[f"NORTH_KEY_{number}"] = fleet.key(account["id"])
            account["auth"] = {"api_key": f"${{NORTH_KEY_{number}}}"}
        config = {"accounts": accounts, "store": f"sqlite:///{folder / 'quota.db'}"}
        file = folder / "freetier.json"
        file.write_text(json.dumps(config), encoding="utf-8")
        environ = {**os.environ, **{name: str(key) for name, key in keys.items()}}

        children = {name: _started(name, file, environ) for name in PROGRAMS}
        for child in children.values():
            child.stdout.readline()  # it is ready
        told = {}
        for child in children.values():
            child.stdin.write("go\n")
            child.stdin.flush()
        for name, child in children.items():
            told[name] = json.loads(child.communicate(timeout=120)[0])
        with Router.from_file(file, environ=environ) as third:
            counted = Counter({row.account: row.used for row in third.quota_status()})
        return Found(
            told=told,
            admitted=Counter(entry.account for entry in fleet.books.admitted()),
            refused=len(fleet.books.refused()),
            counted=counted,
        )


def _started(name: str, file: Path, environ: dict[str, str]) -> Any:
    command = [sys.executable, "-m", "tests.together.shared_store", name, str(file)]
    return subprocess.Popen(
        command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _ready() -> None:
    """Say that everything is imported, and begin when the other one is as far."""
    print("ready", flush=True)
    sys.stdin.readline()


def langchain_program(router: Router) -> Counter[str]:
    """Ask in a batch of threads, and plainly."""
    from freetier_langchain import FreeTierChatModel

    _ready()
    model = FreeTierChatModel(model=MODEL, router=router, max_wait=0)
    questions = [f"Question {n}?" for n in range(ASKED)]
    answers: list[Any] = model.batch(
        questions[::2], config={"max_concurrency": 6}, return_exceptions=True
    )
    with ThreadPoolExecutor(4) as pool:
        answers += pool.map(lambda question: _plainly(router, question), questions[1::2])
    return Counter(map(_word, answers))


def llamaindex_program(router: Router) -> Counter[str]:
    """Ask in tasks, and plainly."""
    from freetier_llamaindex import FreeTierLLM

    _ready()
    llm = FreeTierLLM(MODEL, router=router, max_wait=0)

    async def ask() -> list[Any]:
        asked = [llm.acomplete(f"Question {n}?") for n in range(0, ASKED, 2)]
        plain = [asyncio.to_thread(_plainly, router, f"Question {n}?") for n in range(1, ASKED, 2)]
        return await asyncio.gather(*asked, *plain, return_exceptions=True)

    return Counter(map(_word, asyncio.run(ask())))


PROGRAMS = {"langchain": langchain_program, "llamaindex": llamaindex_program}


def _plainly(router: Router, question: str) -> object:
    try:
        return router.complete(question, model=MODEL, max_wait=0)
    except QuotaExhausted as error:
        return error


def _word(answer: object) -> str:
    if isinstance(answer, QuotaExhausted):
        return "told when"
    if isinstance(answer, BaseException):
        raise answer
    return "answered"


def main() -> None:
    """Be one of the two programs, or run both and print what came of it."""
    if sys.argv[1:]:
        name, file = sys.argv[1:]
        with Router.from_file(file) as router:
            print(json.dumps(PROGRAMS[name](router)))
        return
    with tempfile.TemporaryDirectory() as folder:
        found = shared(Path(folder))
    for name, told in found.told.items():
        print(f"{name:10} {told}")
    print(f"admitted by the providers: {dict(found.admitted)}, refused: {found.refused}")
    print(f"counted in the store:      {dict(found.counted)}")


if __name__ == "__main__":
    main()
